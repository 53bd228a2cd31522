//! The content of the screens: words, symbols and colours of cues and holds, and durations.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::limits::LOST_AFTER_MS;
use tapcue_rules::link::{Lamp, Stage};
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{Hold, HoldReason, ShownCue};
use tapcue_rules::time::Millis;

use super::big::Symbol;
use super::theme::Tone;
use crate::words::{CueWords, Words, fill};

/// The look of a cue: always a colour, a symbol and a word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) tone: Tone,
    pub(crate) symbol: Symbol,
    /// The word, short enough for large letters.
    pub(crate) big: &'static str,
    /// The text of the cue.
    pub(crate) says: &'static str,
}

/// The look of a cue.
pub(crate) const fn look(words: &'static Words, cue: Cue) -> Look {
    let CueWords { big, says, .. } = words.cue(cue);
    Look {
        tone: Tone::of(cue.traits().colour),
        symbol: Symbol::of(cue),
        big,
        says,
    }
}

/// The reason for a hold, in one line, addressed to `me`.
pub(crate) fn hold_reason(words: &Words, hold: &Hold, me: Role) -> &'static str {
    let of = &words.reasons;
    let by = |you, receiver, helper| {
        move |by: Role| match by {
            by if by == me => you,
            Role::Receiver => receiver,
            Role::Helper => helper,
        }
    };
    match (hold.reason, hold.by) {
        (HoldReason::Start, _) => of.not_live_yet,
        (HoldReason::Stop, Some(who)) => by(of.stop_you, of.stop_receiver, of.stop_helper)(who),
        (HoldReason::Stop, None) => of.stop_somebody,
        (HoldReason::LinkLost, Some(who)) => by(of.lost_you, of.lost_receiver, of.lost_helper)(who),
        (HoldReason::LinkLost, None) => of.relay_restarted,
        (HoldReason::Away, Some(who)) => by(of.away_you, of.away_receiver, of.away_helper)(who),
        (HoldReason::Away, None) => of.away_somebody,
        (HoldReason::NoAnswer, _) => of.no_answer,
        (HoldReason::Released, Some(who)) if who == me => of.released_you,
        (HoldReason::Released, _) => of.released_receiver,
    }
}

/// The age of a hold in words, and whether the stop came late.
pub(crate) fn hold_age(words: &Words, hold: &Hold, cue: Option<&ShownCue>, now: Millis) -> String {
    match (hold.tapped_at, late_ms(hold, cue)) {
        (Some(tapped), Some(_)) => fill(
            words.held.said_late,
            &[("time", &duration(now.since(tapped)))],
        ),
        (_, None) | (None, _) => ago(words, now.since(hold.since)),
    }
}

/// The age in words, from milliseconds.
pub(crate) fn ago(words: &Words, ms: u64) -> String {
    fill(words.held.ago, &[("time", &duration(ms))])
}

/// How long a stop was in flight to the relay, in milliseconds, if that is long enough to show.
#[must_use]
pub fn late_ms(hold: &Hold, cue: Option<&ShownCue>) -> Option<u64> {
    // A further stop does not change `since`. For the receiver's stop the cue has its time.
    let cue = cue.filter(|cue| cue.id == hold.id);
    let came = cue.map_or(hold.since, |cue| cue.at);
    let late = came.since(hold.tapped_at?);
    (late >= LOST_AFTER_MS).then_some(late)
}

/// Why the last cue got no further, if it did not.
pub(crate) const fn lamp_trouble(words: &Words, lamp: &Lamp) -> Option<&'static str> {
    let of = &words.links;
    match (lamp.stage, lamp.code) {
        (Stage::Waiting, _) => Some(of.waiting),
        (Stage::Expired, _) => Some(of.expired),
        (Stage::Refused, Some(ErrorCode::Held)) => Some(of.refused_held),
        (Stage::Refused, Some(ErrorCode::Stale)) => Some(of.refused_stale),
        (Stage::Refused, Some(ErrorCode::TooFast)) => Some(of.refused_too_fast),
        (Stage::Refused, Some(ErrorCode::Ended)) => Some(of.refused_ended),
        (Stage::Refused, _) => Some(of.refused),
        (Stage::Sent | Stage::Relayed | Stage::Shown | Stage::Acknowledged, _) => None,
    }
}

/// A duration that is easy to read: `0.4 s`, `12 s`, `3:05`, `1:02:03`.
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
}
