//! The frames that the load sends, and the parts that it reads in received ones: raw JSON by
//! docs/protocol.md.

use std::borrow::Cow;

use serde::Deserialize;
use uuid::Uuid;

/// The cues that the load taps in turn: two equal cues within 250 ms would be one tap.
pub(crate) const CUES: [&str; 4] = ["left", "right", "slower", "ease_up"];

/// The name of a stop in a cue.
pub(crate) const STOP: &str = "stop";

/// A cue. Its id contains the time of the tap and the cue's number on its device.
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

pub(crate) fn beat(n: u64) -> String {
    format!(r#"{{"type":"beat","n":{n},"sent_at":{n}}}"#)
}

/// The device took state `seq`.
pub(crate) fn received(seq: u64) -> String {
    format!(r#"{{"type":"received","seq":{seq}}}"#)
}

/// The screen has painted a cue or a hold.
pub(crate) fn shown(id: &str) -> String {
    format!(r#"{{"type":"shown","id":"{id}"}}"#)
}

/// The id of a cue of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CueId {
    /// When it was tapped, in nanoseconds since the load began.
    pub(crate) tapped_ns: u64,
    /// The number of the cue on its device, from 1.
    pub(crate) n: u64,
}

impl CueId {
    fn uuid(self) -> Uuid {
        Uuid::from_u64_pair(self.tapped_ns, self.n)
    }

    /// Reads the id from a frame.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (tapped_ns, n) = Uuid::try_parse(text).ok()?.as_u64_pair();
        Some(Self { tapped_ns, n })
    }
}

/// The parts of a frame that the load reads.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame<'a> {
    /// The message's type.
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Cow<'a, str>,
    /// A state's number.
    pub(crate) seq: Option<u64>,
    /// The state of a welcome or a state frame.
    #[serde(borrow)]
    pub(crate) state: Option<State<'a>>,
    /// The code of a welcome or an error.
    #[serde(borrow)]
    pub(crate) code: Option<Cow<'a, str>>,
    /// The id of a cue, through the floor.
    #[serde(borrow)]
    pub(crate) id: Option<Cow<'a, str>>,
    /// The name of a cue, through the floor.
    #[serde(borrow)]
    pub(crate) cue: Option<Cow<'a, str>>,
}

/// The parts of a state that the load reads.
#[derive(Debug, Deserialize)]
pub(crate) struct State<'a> {
    /// The epoch that cues must name.
    pub(crate) epoch: u64,
    /// The phase; live while "live".
    #[serde(borrow)]
    pub(crate) phase: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) hold: Option<Hold<'a>>,
    #[serde(borrow)]
    pub(crate) cue: Option<Shown<'a>>,
    /// The cues before the newest.
    #[serde(borrow, default)]
    pub(crate) earlier: Vec<Shown<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hold<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) reason: Cow<'a, str>,
}

/// A cue on the helper's screen.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) cue: Cow<'a, str>,
}
