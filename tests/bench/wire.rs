//! The frames that the load sends, and what it looks at in those that come: raw JSON, as
//! docs/protocol.md has it.

use std::borrow::Cow;

use serde::Deserialize;
use uuid::Uuid;

/// The cues that the load taps, in turn: the same twice within 250 ms would be one tap.
pub(crate) const CUES: [&str; 4] = ["left", "right", "slower", "ease_up"];

/// What says that a cue is a stop.
pub(crate) const STOP: &str = "stop";

/// A cue. Its id says when it was tapped and that it is the `n`th of its device.
pub(crate) fn cue(id: CueId, cue: &str, epoch: u64) -> String {
    let id = id.uuid();
    format!(r#"{{"type":"cue","id":"{id}","cue":"{cue}","epoch":{epoch}}}"#)
}

/// Opens a session that goes live as soon as both are ready.
pub(crate) const CREATE: &str = concat!(
    r#"{"type":"create","role":"receiver","options":"#,
    r#"{"rehearsal":false,"setup":false,"check_in_every_s":0}}"#
);

/// Takes the other role.
pub(crate) fn join(code: &str) -> String {
    format!(r#"{{"type":"join","code":"{code}"}}"#)
}

/// A sign of life.
pub(crate) fn beat(n: u64) -> String {
    format!(r#"{{"type":"beat","n":{n},"sent_at":{n}}}"#)
}

/// The state `seq` was taken.
pub(crate) fn received(seq: u64) -> String {
    format!(r#"{{"type":"received","seq":{seq}}}"#)
}

/// The screen has painted a cue or a hold.
pub(crate) fn shown(id: &str) -> String {
    format!(r#"{{"type":"shown","id":"{id}"}}"#)
}

/// The id of a cue of the load's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CueId {
    /// When it was tapped, in nanoseconds since the load began.
    pub(crate) tapped_ns: u64,
    /// Which one of its device's it is, from 1.
    pub(crate) n: u64,
}

impl CueId {
    fn uuid(self) -> Uuid {
        Uuid::from_u64_pair(self.tapped_ns, self.n)
    }

    /// The id in a frame.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (tapped_ns, n) = Uuid::try_parse(text).ok()?.as_u64_pair();
        Some(Self { tapped_ns, n })
    }
}

/// What the load looks at in a frame.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame<'a> {
    /// Which message.
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Cow<'a, str>,
    /// Of a state.
    pub(crate) seq: Option<u64>,
    /// Of a welcome or a state.
    #[serde(borrow)]
    pub(crate) state: Option<State<'a>>,
    /// Of a welcome, or of an error.
    #[serde(borrow)]
    pub(crate) code: Option<Cow<'a, str>>,
    /// Of a cue, through the floor.
    #[serde(borrow)]
    pub(crate) id: Option<Cow<'a, str>>,
    /// Of a cue, through the floor.
    #[serde(borrow)]
    pub(crate) cue: Option<Cow<'a, str>>,
}

/// What the load looks at in a state.
#[derive(Debug, Deserialize)]
pub(crate) struct State<'a> {
    /// Cues carry it.
    pub(crate) epoch: u64,
    /// Whether it is live.
    #[serde(borrow)]
    pub(crate) phase: Cow<'a, str>,
    /// Why it is held.
    #[serde(borrow)]
    pub(crate) hold: Option<Hold<'a>>,
    /// The newest cue.
    #[serde(borrow)]
    pub(crate) cue: Option<Shown<'a>>,
    /// Those before it.
    #[serde(borrow, default)]
    pub(crate) earlier: Vec<Shown<'a>>,
}

/// A hold.
#[derive(Debug, Deserialize)]
pub(crate) struct Hold<'a> {
    /// Its id.
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    /// Why.
    #[serde(borrow)]
    pub(crate) reason: Cow<'a, str>,
}

/// A cue on the helper's screen.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown<'a> {
    /// Its id.
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    /// Which.
    #[serde(borrow)]
    pub(crate) cue: Cow<'a, str>,
}
