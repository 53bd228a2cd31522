//! Names of things: for people, and the stable ones in JSON and CSV.

use crate::cue::{Cue, Role};
use crate::entry::What;
use crate::message::ErrorCode;
use crate::state::{HoldReason, LinkStatus, Phase};
use crate::transcript::{Answer, Band, MarkKind};

/// Who, with a capital.
pub(in crate::transcript) const fn role(by: Option<Role>) -> &'static str {
    match by {
        Some(Role::Receiver) => "Receiver",
        Some(Role::Helper) => "Helper",
        None => "Relay",
    }
}

/// What a cue says.
pub(in crate::transcript) const fn cue(cue: Cue) -> &'static str {
    match cue {
        Cue::Stop => "Stop",
        Cue::Ready => "Ready",
        Cue::Slower => "Slower",
        Cue::MorePressure => "A little more pressure",
        Cue::EaseUp => "Ease up now",
        Cue::Stay => "Stay there",
        Cue::Left => "Left side",
        Cue::Right => "Right side",
        Cue::Good => "Feels good",
        Cue::CheckIn => "Does this feel okay?",
    }
}

/// Why a session is held, in the middle of a sentence.
pub(in crate::transcript) const fn reason(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Start => "not live yet",
        HoldReason::Stop => "stop",
        HoldReason::LinkLost => "link lost",
        HoldReason::Away => "page hidden",
        HoldReason::NoAnswer => "no answer",
        HoldReason::Released => "thumb lifted",
    }
}

/// The same, as JSON and CSV name it.
pub(in crate::transcript) const fn reason_name(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Start => "start",
        HoldReason::Stop => "stop",
        HoldReason::LinkLost => "link_lost",
        HoldReason::Away => "away",
        HoldReason::NoAnswer => "no_answer",
        HoldReason::Released => "released",
    }
}

/// How a session stood.
pub(in crate::transcript) const fn phase(band: &Band) -> &'static str {
    match (band.phase, band.reason) {
        (Phase::Waiting, _) => "Waiting for the other",
        (Phase::Live, _) => "Live",
        (Phase::Ended, _) => "Ended",
        (Phase::Held, Some(HoldReason::Start) | None) => "Setting up",
        (Phase::Held, Some(HoldReason::Stop)) => "Held: stop",
        (Phase::Held, Some(HoldReason::LinkLost)) => "Held: link lost",
        (Phase::Held, Some(HoldReason::Away)) => "Held: page hidden",
        (Phase::Held, Some(HoldReason::NoAnswer)) => "Held: no answer",
        (Phase::Held, Some(HoldReason::Released)) => "Held: thumb lifted",
    }
}

/// How a link was.
pub(in crate::transcript) const fn link(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Here => "link up",
        LinkStatus::Late => "link late",
        LinkStatus::Lost => "link lost",
        LinkStatus::Away => "page hidden",
        LinkStatus::Absent => "not here yet",
    }
}

/// What a mark stands for.
pub(in crate::transcript) const fn mark(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Cue { cue: which } => cue(which),
        MarkKind::Thumb { down: true } => "Thumb on the screen",
        MarkKind::Thumb { down: false } => "Thumb lifted",
        MarkKind::HandsOff => "Hands off",
        MarkKind::Seen => "Seen",
        MarkKind::Confirmed => "Confirmed",
        MarkKind::CheckIn => "Check-in by the relay",
        MarkKind::Joined => "Joined",
        MarkKind::Connected => "Came back",
        MarkKind::Restarted => "Relay restarted",
        MarkKind::Ended => "End",
    }
}

/// What became of a check-in that was not answered.
pub(in crate::transcript) const fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Open => "not answered yet",
        Answer::Answered => "answered",
        Answer::None => "no answer",
        Answer::Dropped => "fell with a hold",
    }
}

/// The kind of an entry, as JSON and CSV name it.
pub(in crate::transcript) const fn kind(what: &What) -> &'static str {
    match what {
        What::Opened { .. } => "opened",
        What::Joined { .. } => "joined",
        What::Connected { .. } => "connected",
        What::Link { .. } => "link",
        What::Cue { .. } => "cue",
        What::Thumb { .. } => "thumb",
        What::Shown { .. } => "shown",
        What::Acknowledged { .. } => "acknowledged",
        What::Confirmed { .. } => "confirmed",
        What::Due { .. } => "due",
        What::Restarted => "restarted",
        What::Noted { .. } => "noted",
        What::Ended => "ended",
    }
}

/// An error code, as JSON and CSV name it.
pub(in crate::transcript) fn code_name(code: ErrorCode) -> String {
    let name = serde_json::to_value(code).unwrap_or_default();
    name.as_str().unwrap_or_default().into()
}

/// The name of a month, from 1.
pub(in crate::transcript) const fn month(number: usize) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[number.saturating_sub(1) % 12]
}
