//! Every word of a transcript that is for people, in English. Another language would be another of
//! these.

mod names;
mod summary;
mod verdict;

pub(super) use names::{
    answer, code_name, cue, kind, link, mark, month, phase, reason, reason_name, role,
};
pub(super) use summary::{HOW_TO_VERIFY, before, ending, figures, story};
pub(super) use verdict::verdict;

use super::{Became, HoldBegun, Line, Note, Outcome, Question, Then, Transcript, Waiver, Why};
use crate::cue::Role;
use crate::entry::{Timer, What};
use crate::limits;
use crate::message::{ConfirmItem, ErrorCode};
use crate::state::{HoldReason, LinkStatus};
use crate::time::Millis;

/// A stop that took longer than this from the tap to the relay is said to have come late, in
/// milliseconds. Its own device alarms then.
const LATE_MS: u64 = limits::STOP_NOT_SHOWN_MS;

impl Transcript {
    /// What a person typed as their name.
    pub(super) fn name(&self, role: Role) -> Option<&str> {
        let name = self.header.people.of(role).name.as_ref();
        name.map(crate::state::Name::as_str)
    }

    /// The entry with this place.
    pub(super) fn line(&self, seq: u64) -> Option<&Line> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.lines.get(index)
    }
}

/// What an entry says, in a few words.
pub(super) fn says(transcript: &Transcript, line: &Line) -> String {
    match &line.entry.what {
        What::Opened { .. } => "Opened the session".into(),
        What::Joined { .. } => "Joined".into(),
        What::Connected { .. } => "Came back on a new connection".into(),
        What::Link { status } => link_changed(*status).into(),
        What::Cue { cue, .. } => self::cue(*cue).into(),
        What::Thumb { down: true, .. } => "Thumb on the screen".into(),
        What::Thumb { down: false, .. } => "Thumb lifted".into(),
        What::Shown { .. } => about(transcript, "Screen showed", line),
        What::Acknowledged { .. } => {
            let of_hold = line.outcome.of.and_then(|seq| transcript.line(seq));
            let stops = of_hold.is_some_and(|line| {
                line.outcome.hold.is_some() || line.entry.what.tap().is_some_and(|tap| tap.stops)
            });
            let said = if stops { "Hands off" } else { "Seen" };
            about(transcript, said, line)
        }
        What::Confirmed { item, value } => confirmed(*item, *value).into(),
        What::Due { timer } => match timer {
            Timer::CheckIn => "Does this feel okay? (asked by the relay)",
            Timer::CheckInAgain => "Does this feel okay? (asked again)",
            Timer::NoAnswer => "No answer to the check-in",
        }
        .into(),
        What::Restarted => "The relay restarted".into(),
        What::Noted { .. } => note(line.note.as_ref()),
        What::Ended => "Ended the session".into(),
    }
}

fn about(transcript: &Transcript, said: &str, line: &Line) -> String {
    let Some(of) = line.outcome.of.and_then(|seq| transcript.line(seq)) else {
        return said.into();
    };
    format!("{said}: {} (entry {})", short(of), of.seq)
}

/// What a receipt is for, in a word or two.
fn short(line: &Line) -> &'static str {
    match &line.entry.what {
        What::Cue { cue, .. } => self::cue(*cue),
        What::Thumb { .. } => "thumb lifted",
        What::Due {
            timer: Timer::NoAnswer,
        } => "no answer",
        What::Due { .. } => "check-in",
        What::Link { .. } | What::Connected { .. } => "link lost",
        What::Restarted => "relay restarted",
        What::Confirmed { .. } => "warning sign",
        What::Opened { .. }
        | What::Joined { .. }
        | What::Shown { .. }
        | What::Acknowledged { .. }
        | What::Noted { .. }
        | What::Ended => "hold",
    }
}

const fn link_changed(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Here => "Link is up",
        LinkStatus::Late => "Link is late",
        LinkStatus::Lost => "Link lost",
        LinkStatus::Away => "Page hidden or screen locked",
        LinkStatus::Absent => "Was never here",
    }
}

pub(super) const fn confirmed(item: ConfirmItem, value: bool) -> &'static str {
    match (item, value) {
        (ConfirmItem::SetUp, true) => "Set-up list: all of it is so",
        (ConfirmItem::SetUp, false) => "Set-up list taken back",
        (ConfirmItem::WarningSigns, true) => "A warning sign applies",
        (ConfirmItem::WarningSigns, false) => "No warning sign applies",
    }
}

fn note(note: Option<&Note>) -> String {
    let about =
        |about: Option<u64>| about.map_or_else(String::new, |seq| format!(" on entry {seq}"));
    let (kind, text, seq) = match note {
        None | Some(Note::Hidden) => return "Private note, not shown here".into(),
        Some(Note::Shared { text, about }) => ("Note", text, *about),
        Some(Note::Own { text, about, .. }) => ("Private note", text, *about),
    };
    if text.trim().is_empty() {
        format!("Marker{}", about(seq))
    } else {
        format!("{kind}{}: {}", about(seq), clean(text))
    }
}

/// What became of an entry, in words; empty if it just happened.
pub(super) fn became(line: &Line) -> String {
    let outcome = &line.outcome;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(result(outcome));
    if outcome.repeats > 0 {
        let times = outcome.repeats + 1;
        parts.push(format!("sent {times} times, counted once"));
    }
    if let Some(age) = outcome.age_ms.filter(|age| *age > LATE_MS) {
        parts.push(format!("came {} after the tap", span(age)));
    }
    let from = outcome.relayed_at.unwrap_or(line.at);
    if let Some(at) = outcome.shown_at {
        let wrong = outcome.shown_uncertainty_ms;
        let wrong = wrong.map_or_else(String::new, |ms| format!(" ±{}", span(ms)));
        parts.push(format!("shown after {}{wrong}", span(at.since(from))));
    }
    if let Some(at) = outcome.acknowledged_at {
        parts.push(format!("acknowledged after {}", span(at.since(from))));
    }
    parts.extend(outcome.question.as_ref().map(asked));
    if let Some(seq) = outcome.answers {
        parts.push(format!("answers the check-in of entry {seq}"));
    }
    parts.extend(outcome.hold.as_ref().map(held));
    if let Some(seq) = outcome.within {
        parts.push(format!("within the hold of entry {seq}"));
    }
    if outcome.live {
        parts.push("both ready: live".into());
    }
    let mut words = parts.join("; ");
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

fn result(outcome: &Outcome) -> Option<String> {
    let words = match outcome.result {
        Became::Taken => return None,
        Became::Repeat => {
            let of = outcome.of.unwrap_or_default();
            return Some(format!("sent again: the same as entry {of}"));
        }
        Became::Stale => "from before a hold: not shown",
        Became::Refused => return Some(refused(outcome.code).into()),
        Became::Ignored => match outcome.why {
            Some(Why::SameTap) => "same tap twice: counted once",
            Some(Why::Reflex) => "too soon after the hold: a reflex, not counted",
            Some(Why::LinkDown) => "its link was not up: not counted",
            Some(Why::Overtaken) => "the thumb was lifted before this arrived: not counted",
            Some(Why::Already) | None => "changed nothing",
        },
    };
    Some(words.into())
}

const fn refused(code: Option<ErrorCode>) -> &'static str {
    match code {
        Some(ErrorCode::Held) => "refused: held",
        Some(ErrorCode::TooFast) => "refused: the one before was not acknowledged yet",
        Some(ErrorCode::NotAllowed) => "refused: not for this person, or not now",
        Some(ErrorCode::Ended | ErrorCode::Deleted) => "refused: the session was over",
        Some(ErrorCode::BadMessage) => "refused: not understood",
        Some(ErrorCode::Taken) => "refused: the place was taken",
        Some(
            ErrorCode::UnknownCode
            | ErrorCode::BadToken
            | ErrorCode::Stale
            | ErrorCode::TooLarge
            | ErrorCode::Unavailable
            | ErrorCode::Superseded
            | ErrorCode::ShuttingDown,
        )
        | None => "refused",
    }
}

fn asked(question: &Question) -> String {
    let again = if question.again_at.is_some() {
        "asked again, "
    } else {
        ""
    };
    let after = span(question.after_ms.unwrap_or_default());
    match question.answered_by {
        Some(seq) => format!("{again}answered after {after} by entry {seq}"),
        None => format!("{again}{}", answer(question.answer)),
    }
}

fn held(hold: &HoldBegun) -> String {
    let reason = reason(hold.reason);
    let by = match hold.by {
        Some(by) if hold.reason.is_stop() => format!(" by the {}", by.as_str()),
        Some(by) => format!(" ({})", by.as_str()),
        None => String::new(),
    };
    let stops = if hold.stops > 1 {
        format!(", {} stops", hold.stops)
    } else {
        String::new()
    };
    let on = match (hold.live_again_after_ms, hold.then) {
        (Some(ms), _) if hold.reason == HoldReason::Start => format!("live after {}", span(ms)),
        (Some(ms), _) => format!("live again after {}", span(ms)),
        (None, Some(Then::Held)) => "then held for another reason".into(),
        (None, Some(Then::Ended | Then::Live)) => "not live again".into(),
        (None, None) => "lasts".into(),
    };
    format!("held: {reason}{by}{stops}; {on}")
}

/// What the options leave out, in a sentence.
pub(super) const fn waiver(waiver: Waiver) -> &'static str {
    match waiver {
        Waiver::Rehearsal => "They waived the rehearsal: live without a rehearsed stop.",
        Waiver::Setup => {
            "They waived the set-up: live without the lists and the question on warning signs."
        }
        Waiver::CheckIns => "The relay did not check in by itself.",
    }
}

/// A duration: `120 ms`, `1.4 s`, `2:05 min`, `1:02:03 h`.
pub(super) fn span(ms: u64) -> String {
    let s = ms / 1_000;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{s}.{} s", ms % 1_000 / 100),
        60_000..3_600_000 => format!("{}:{:02} min", s / 60, s % 60),
        _ => format!("{}:{:02}:{:02} h", s / 3_600, s / 60 % 60, s % 60),
    }
}

/// A moment since the beginning: `1:23`, `1:02:03`.
pub(super) fn clock(ms: u64) -> String {
    let s = ms / 1_000;
    if s < 3_600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }
}

/// The same to the millisecond, always with hours: `0:01:23.456`.
pub(super) fn clock_ms(ms: u64) -> String {
    let s = ms / 1_000;
    let (h, m) = (s / 3_600, s / 60 % 60);
    format!("{h}:{m:02}:{:02}.{:03}", s % 60, ms % 1_000)
}

/// A date and time for people: `22 November 2026, 11:54`.
pub(super) fn moment(at: Millis, offset: super::civil::Offset) -> String {
    let time = super::civil::time_of_day(at, offset);
    format!("{}, {time}", day(at, offset))
}

/// A date for people.
pub(super) fn day(at: Millis, offset: super::civil::Offset) -> String {
    let (year, number, day) = super::civil::date(at, offset);
    format!("{day} {} {year}", month(number))
}

/// Text from a device without what a terminal would obey or what turns the reading direction.
pub(super) fn clean(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' => '\u{FFFD}',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}
