//! What the screens say: words, symbols and colours of cues and holds, durations.

use tapcue_shared::cue::{Cue, Role};
use tapcue_shared::limits::LOST_AFTER_MS;
use tapcue_shared::link::{Lamp, Stage};
use tapcue_shared::message::ErrorCode;
use tapcue_shared::state::{Hold, HoldReason, ShownCue};
use tapcue_shared::time::Millis;

use super::big::Symbol;
use super::theme::Tone;

/// A stop that was on its way to the relay for this long, in milliseconds, came late, and its screen
/// says so: as long as a link may be silent.
pub const LATE_MS: u64 = LOST_AFTER_MS;

/// How a cue looks: always a colour, a symbol and a word.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The colour.
    pub tone: Tone,
    /// The symbol.
    pub symbol: Symbol,
    /// The word, short enough for large letters.
    pub big: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// How a cue looks.
#[must_use]
pub const fn look(cue: Cue) -> Look {
    let (tone, symbol, big, says) = match cue {
        Cue::Stop => (Tone::Red, Symbol::Octagon, "STOP", "Stop"),
        Cue::Ready => (Tone::Green, Symbol::Tick, "READY", "Ready"),
        Cue::Slower => (Tone::Amber, Symbol::Chevrons, "SLOWER", "Slower"),
        Cue::MorePressure => (Tone::Blue, Symbol::Up, "MORE", "A little more pressure"),
        Cue::EaseUp => (Tone::Amber, Symbol::Down, "EASE UP", "Ease up now"),
        Cue::Stay => (Tone::Violet, Symbol::Bars, "STAY", "Stay there"),
        Cue::Left => (Tone::White, Symbol::Left, "LEFT", "Left side"),
        Cue::Right => (Tone::White, Symbol::Right, "RIGHT", "Right side"),
        Cue::Good => (Tone::Green, Symbol::Tick, "GOOD", "Feels good"),
        Cue::CheckIn => (
            Tone::White,
            Symbol::Question,
            "OKAY?",
            "Does this feel okay?",
        ),
    };
    Look {
        tone,
        symbol,
        big,
        says,
    }
}

/// A role's name at the beginning of a sentence.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Receiver => "Receiver",
        Role::Helper => "Helper",
    }
}

/// Why it is held, in one line, as `me` reads it.
#[must_use]
pub fn hold_reason(hold: &Hold, me: Role) -> String {
    let who = |by: Role| if by == me { "You" } else { role_name(by) };
    let whose = |by: Role| match by {
        by if by == me => "Your",
        Role::Receiver => "The receiver's",
        Role::Helper => "The helper's",
    };
    match (hold.reason, hold.by) {
        (HoldReason::Start, _) => "Not live yet".into(),
        (HoldReason::Stop, Some(by)) => format!("{} said stop", who(by)),
        (HoldReason::Stop, None) => "Somebody said stop".into(),
        (HoldReason::LinkLost, Some(by)) => format!("{} link was lost", whose(by)),
        (HoldReason::LinkLost, None) => "The relay was restarted".into(),
        (HoldReason::Away, Some(by)) => format!("{} screen was hidden or locked", whose(by)),
        (HoldReason::Away, None) => "A screen was hidden or locked".into(),
        (HoldReason::NoAnswer, _) => "The check-in was not answered".into(),
        (HoldReason::Released, Some(by)) if by == me => "You let go".into(),
        (HoldReason::Released, _) => "The receiver let go".into(),
    }
}

/// When it was said, as a person reads it: how long ago, and whether it came late.
#[must_use]
pub fn hold_age(hold: &Hold, cue: Option<&ShownCue>, now: Millis) -> String {
    match (hold.tapped_at, late_ms(hold, cue)) {
        (Some(tapped), Some(_)) => {
            format!("said {} ago, came late", duration(now.since(tapped)))
        }
        (_, None) | (None, _) => format!("{} ago", duration(now.since(hold.since))),
    }
}

/// How long a stop was on its way to the relay, in milliseconds, if that is long enough to be said.
#[must_use]
pub fn late_ms(hold: &Hold, cue: Option<&ShownCue>) -> Option<u64> {
    // A further stop does not move `since`; the receiver's stands in the cue as well.
    let cue = cue.filter(|cue| cue.id == hold.id);
    let came = cue.map_or(hold.since, |cue| cue.at);
    let late = came.since(hold.tapped_at?);
    (late >= LATE_MS).then_some(late)
}

/// Why the last cue went no further, if it did not.
#[must_use]
pub const fn lamp_trouble(lamp: &Lamp) -> Option<&'static str> {
    match (lamp.stage, lamp.code) {
        (Stage::Waiting, _) => Some("waiting for the link"),
        (Stage::Expired, _) => Some("not sent: no link in time"),
        (Stage::Refused, Some(ErrorCode::Held)) => Some("not shown: held"),
        (Stage::Refused, Some(ErrorCode::Stale)) => Some("not shown: tapped before the hold"),
        (Stage::Refused, Some(ErrorCode::TooFast)) => Some("not shown: too many at once"),
        (Stage::Refused, Some(ErrorCode::Ended)) => Some("not shown: the session is over"),
        (Stage::Refused, _) => Some("not shown: refused"),
        (Stage::Sent | Stage::Relayed | Stage::Shown | Stage::Acknowledged, _) => None,
    }
}

/// A duration a person reads at a glance: `0.4 s`, `12 s`, `3:05`, `1:02:03`.
#[must_use]
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..10 if ms < 1_000 => format!("0.{} s", ms / 100),
        0..60 => format!("{seconds} s"),
        _ => clock(ms),
    }
}

/// A running clock: `00:07`, `03:05`, `1:02:03`.
#[must_use]
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (h, m, s) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if h > 0 {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m:02}:{s:02}")
    }
}

/// What the receiver confirms before the first ready.
pub const RECEIVER_LIST: [&str; 5] = [
    "I lie comfortably, on something that does not move.",
    "My spine is neutral, my muscles are relaxed.",
    "I am warmed up, and there is no rush.",
    "Sharp pain means stop. Any doubt means stop.",
    "Stop is within reach without looking: space bar or Esc.",
];

/// What the helper confirms before the first ready.
pub const HELPER_LIST: [&str; 5] = [
    "My stance is stable: back straight, knees slightly bent.",
    "No direct pressure on bones or joints.",
    "Slow, controlled, gradual, with the receiver's breath.",
    "On stop I ease off and take my hands away. I do not snatch.",
    "I can see this screen and hear it. There is no rush.",
];

/// Signs that advise against going on, and for seeing a professional.
pub const WARNING_SIGNS: [&str; 4] = [
    "Numbness or tingling",
    "Pain that gets worse, or lingers for days",
    "Limited mobility",
    "A past fracture, a herniated disc, or arthritis",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_at_a_glance() {
        assert_eq!(duration(0), "0.0 s");
        assert_eq!(duration(420), "0.4 s");
        assert_eq!(duration(12_900), "12 s");
        assert_eq!(duration(185_000), "03:05");
        assert_eq!(clock(7_000), "00:07");
        assert_eq!(clock(3_723_000), "1:02:03");
    }

    #[test]
    fn no_two_cues_look_the_same() {
        for a in Cue::ALL {
            for b in Cue::ALL.into_iter().filter(|b| *b != a) {
                assert_ne!(look(a).big, look(b).big);
                assert_ne!(look(a).says, look(b).says);
            }
        }
    }
}
