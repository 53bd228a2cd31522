//! The types for the outcome of an entry. `fold.rs` computes it.

use serde::Serialize;

use tapcue_rules::cue::Role;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::HoldReason;
use tapcue_rules::time::Millis;

/// The outcome of an entry. Fields that do not apply to it are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The result in one word.
    pub result: Became,
    /// Why it changed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// The error code that its device got, if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// The place of the related entry: for a receipt, what was painted or acknowledged; for a repeat, the
    /// first one; for a second question, the open one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// How often its device sent it again.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeats: u32,
    /// When it was tapped, on the relay's clock, as far as the rules trust its device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tapped_at: Option<Millis>,
    /// The greatest error of that time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tap_uncertainty_ms: Option<u64>,
    /// From the tap to the relay, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// When the relay passed it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relayed_at: Option<Millis>,
    /// When the other screen painted it, on the relay's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_at: Option<Millis>,
    /// The greatest error of that time, in milliseconds; none if the time is the relay's own receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_uncertainty_ms: Option<u64>,
    /// When a person acknowledged it, by the relay's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Millis>,
    /// The hold that began with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldBegun>,
    /// The place of the entry that began the current hold, if this entry would have begun one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
    /// The check-in that began with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// The place of the entry that began the check-in which this answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    /// Whether it met the last condition: the session is live from here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What became of an entry, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It took effect.
    #[default]
    Taken,
    /// It arrived before, under the same id: one cue.
    Repeat,
    /// It changed nothing.
    Ignored,
    /// It was from before a hold and was not shown.
    Stale,
    /// It was refused.
    Refused,
}

impl Became {
    /// The name in JSON and CSV.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Became::Taken => "taken",
            Became::Repeat => "repeat",
            Became::Ignored => "ignored",
            Became::Stale => "stale",
            Became::Refused => "refused",
        }
    }
}

/// Why an entry changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The same tap twice: a bounce.
    SameTap,
    /// A ready, or a thumb, too soon after a hold began: a reflex.
    Reflex,
    /// A ready, or a thumb, before its screen had shown the hold long enough to be read.
    Unseen,
    /// Its own device's link was not up.
    LinkDown,
    /// A thumb that was put down, whose message arrived after the message of its lift.
    Overtaken,
    /// The state was so already, or there was nothing to apply it to.
    Already,
}

impl Why {
    /// The name in JSON and CSV.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Why::SameTap => "same_tap",
            Why::Reflex => "reflex",
            Why::Unseen => "unseen",
            Why::LinkDown => "link_down",
            Why::Overtaken => "overtaken",
            Why::Already => "already",
        }
    }
}

/// A hold, from the entry with which it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldBegun {
    /// The reason.
    pub reason: HoldReason,
    /// Who stopped, or whose link it was; null if no person caused it.
    pub by: Option<Role>,
    /// When it ended for any reason; null while it lasts.
    pub until: Option<Millis>,
    /// What followed it.
    pub then: Option<Then>,
    /// The time until the session was live again, in milliseconds, including other holds in between; null if
    /// it was not live again.
    pub live_again_after_ms: Option<u64>,
    /// How many stops it includes.
    pub stops: u32,
}

/// What followed a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Both said ready.
    Live,
    /// A hold for another reason took its place.
    Held,
    /// The session ended.
    Ended,
}

/// A check-in, from the entry that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Who asked; null for the relay.
    pub by: Option<Role>,
    /// When it was asked a second time.
    pub again_at: Option<Millis>,
    /// The outcome of the check-in.
    pub answer: Answer,
    /// How long the answer took, in milliseconds.
    pub after_ms: Option<u64>,
    /// The place of the entry that answered it.
    pub answered_by: Option<u64>,
}

/// The outcome of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Not answered yet.
    Open,
    /// The receiver gave a sign.
    Answered,
    /// Not answered, which led to a hold.
    None,
    /// Dropped, because something else began a hold or ended the session.
    Dropped,
}

impl Answer {
    /// The name in JSON and CSV.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Answer::Open => "open",
            Answer::Answered => "answered",
            Answer::None => "none",
            Answer::Dropped => "dropped",
        }
    }
}
