//! What became of an entry: the types. `fold.rs` finds it out.

use serde::Serialize;

use tapcue_rules::cue::Role;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::HoldReason;
use tapcue_rules::time::Millis;

/// What became of an entry. What does not apply to it is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// In one word.
    pub result: Became,
    /// Why it changed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// What its device was told, if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// The entry it is about, by its place: of a receipt what was painted or acknowledged, of a repeat
    /// the first of them, of a second question the open one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// How often its device sent it again.
    #[serde(skip_serializing_if = "is_zero")]
    pub repeats: u32,
    /// When it was tapped, on the relay's clock, as far as the rules believe its device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tapped_at: Option<Millis>,
    /// By how much that may be wrong, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tap_uncertainty_ms: Option<u64>,
    /// From the tap to the relay, in milliseconds: how late it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// When the relay passed it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relayed_at: Option<Millis>,
    /// When the other screen had painted it, on the relay's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_at: Option<Millis>,
    /// By how much that may be wrong, in milliseconds; none if the relay's own receipt is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_uncertainty_ms: Option<u64>,
    /// When a person acknowledged it, as the relay had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Millis>,
    /// The hold that began with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldBegun>,
    /// It would have begun a hold, but one was there: the entry with which that one began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
    /// The check-in that began with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// The entry with which the check-in began that this answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    /// It was what was missing: the session is live from here.
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
    /// It did what it says.
    #[default]
    Taken,
    /// It was here before, under the same id: one cue.
    Repeat,
    /// It changed nothing.
    Ignored,
    /// It was from before a hold, and was not shown.
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
    /// The same tap twice: bounced.
    SameTap,
    /// A ready, or a thumb, so soon after a hold began that it is a reflex.
    Reflex,
    /// A ready, or a thumb, before its screen had shown the hold for long enough to be meant.
    Unseen,
    /// Its own device's link was not up.
    LinkDown,
    /// A thumb's word that the word of its lifting had overtaken.
    Overtaken,
    /// Things were so already, or there was nothing for it to be about.
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
    /// Why.
    pub reason: HoldReason,
    /// Who stopped, or whose link it was; null when nobody caused it.
    pub by: Option<Role>,
    /// When it was over, one way or another; null while it lasts.
    pub until: Option<Millis>,
    /// What came after it.
    pub then: Option<Then>,
    /// How long it was until the session was live again, other holds in between included, in
    /// milliseconds; null if it was not live again.
    pub live_again_after_ms: Option<u64>,
    /// How many stops it saw.
    pub stops: u32,
}

/// What came after a hold.
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
    /// What became of it.
    pub answer: Answer,
    /// How long the answer took, in milliseconds.
    pub after_ms: Option<u64>,
    /// The entry that answered it.
    pub answered_by: Option<u64>,
}

/// What became of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It waits.
    Open,
    /// The receiver gave a sign.
    Answered,
    /// Nobody answered: held.
    None,
    /// It fell, because something else began a hold or ended the session.
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
