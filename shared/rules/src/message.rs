//! The wire, `tapcue.v1`: the messages between devices and the relay.
//!
//! Each message is a text frame with one JSON object, tagged by `type`. Unknown fields are ignored; unknown
//! types are a [`ErrorCode::BadMessage`]. docs/protocol.md describes all of it for other clients. A message
//! becomes an entry in [`What::of`](crate::entry::What::of); what an entry does is in
//! [`session`](crate::session).

mod error;
mod reading;
mod welcome;

use serde::{Deserialize, Serialize};

pub use error::{ErrorCode, TOO_MANY_TRIES};
pub use reading::{Flaw, Read, Unread, made_id};
pub use welcome::{Limits, Pairing, Welcome};

use crate::cue::{Cue, Lane, Role};
use crate::ids::Id;
use crate::state::{HoldReason, LinkStatus, Name, Options, Phase, State};
use crate::time::Millis;

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "tapcue.v1";

/// A code, a link secret or a token. Its `Debug` output hides the value, so that no log contains it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A message from a device to the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToRelay {
    /// Opens a session. The answer is `welcome` with a code.
    Create {
        /// Which role the creator takes.
        role: Role,
        /// The name of this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// The options of the session. A missing option has its default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "Partial<Options>"))]
        options: Option<Options>,
        /// Which client this is, for the transcript: `web/0.1.0`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// Takes the other role, with the code or with the secret of the QR link.
    Join {
        /// The code as typed: case, spaces and dashes do not matter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Secret>,
        /// The secret of the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<Secret>,
        /// The name of this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// Which client this is, for the transcript.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// Comes back to the same role.
    Resume {
        /// The token from the `welcome`.
        token: Secret,
        /// Which client this is, for the transcript.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// One of the fixed cues.
    Cue {
        /// Made by the device. The same id twice is one cue.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// The cue.
        cue: Cue,
        /// The epoch that the sender saw. Not needed for stop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        epoch: Option<u64>,
        /// When it was tapped, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        uncertainty_ms: Option<u64>,
    },
    /// Hold to consent: the receiver put the thumb on the screen, or lifted it.
    Thumb {
        /// Made by the device. The same id twice is one message.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Whether it is on the screen.
        down: bool,
        /// The epoch that the sender saw. Not needed for a lifted thumb.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        epoch: Option<u64>,
        /// For a lifted thumb, the id with which it was put down. The message of a lifted thumb overtakes
        /// others, and a thumb message that it overtook must not count afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        lifts: Option<Id>,
        /// When the thumb moved, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        uncertainty_ms: Option<u64>,
    },
    /// The screen has painted the cue, hold or check-in with this id.
    Shown {
        /// The id of what was painted.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// When it was painted, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        uncertainty_ms: Option<u64>,
    },
    /// A person acknowledged the cue or hold with this id.
    Acknowledge {
        /// The id of what was acknowledged.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
    },
    /// The set-up list of this role, or the receiver's answer on warning signs.
    Confirm {
        /// The item.
        item: ConfirmItem,
        /// Yes or no. For warning signs, yes means that one applies.
        value: bool,
    },
    /// This page was hidden. The next heartbeat ends that.
    Away,
    /// A heartbeat, every 500 ms.
    Beat {
        /// Counts up.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        n: u64,
        /// The device's own clock in milliseconds. The answer repeats it.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        sent_at: u64,
    },
    /// This device has received the state frame `seq`.
    Received {
        /// The frame's `seq`.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
    },
    /// A note on the session, after its end.
    Note {
        /// At most 2,000 characters.
        text: String,
        /// Whether the other person may read it. Private by default.
        #[serde(default)]
        shared: bool,
    },
    /// Asks for a new code while the other person has not joined. The answer is `pairing`.
    RenewCode,
    /// Ends the session for both.
    End,
}

impl ToRelay {
    /// How urgent this message is.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            ToRelay::Cue { cue: Cue::Stop, .. } | ToRelay::Thumb { down: false, .. } => {
                Lane::Urgent
            }
            ToRelay::Create { .. }
            | ToRelay::Join { .. }
            | ToRelay::Resume { .. }
            | ToRelay::Cue { .. }
            | ToRelay::Thumb { .. }
            | ToRelay::Shown { .. }
            | ToRelay::Acknowledge { .. }
            | ToRelay::Confirm { .. }
            | ToRelay::Away
            | ToRelay::Beat { .. }
            | ToRelay::Received { .. }
            | ToRelay::Note { .. }
            | ToRelay::RenewCode
            | ToRelay::End => Lane::Ordinary,
        }
    }
}

/// What can be confirmed before the first ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConfirmItem {
    /// Every item of the sender's own set-up list.
    SetUp,
    /// Whether one of the warning signs applies. Only the receiver may answer.
    WarningSigns,
    /// Whether a professional has cleared the warning sign that applies. Only the receiver may answer.
    Cleared,
}

/// A message from the relay to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToDevice {
    /// The first answer: this device has its role.
    Welcome(Box<Welcome>),
    /// The whole state, after every change.
    State {
        /// The `seq` of the state. The device answers with `received`.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
        /// The cues of this device that became durable. Left out if there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
        recorded: Vec<Id>,
        /// The state.
        state: Box<State>,
    },
    /// A stop, short enough for the slowest link, sent before everything else. The state frame that contains
    /// it follows at once.
    Stop(StopNotice),
    /// The cue with this id is durable. A state or the answer to a heartbeat says it too.
    Recorded {
        /// The id of the cue.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Its place in the session's journal. Everything before it is durable too.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
    },
    /// The answer to a heartbeat.
    Beat {
        /// `n` of the heartbeat.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        n: u64,
        /// `sent_at` of the heartbeat: the device's own clock.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        sent_at: u64,
        /// The relay's clock.
        relay_at: Millis,
        /// The status of the other device's link.
        peer: LinkStatus,
        /// The phase at this answer. Go needs a fresh answer that says live.
        phase: Phase,
        /// The epoch at this answer.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        epoch: u64,
        /// Whether the relay cannot record at present. Left out if it can.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        unrecorded: bool,
        /// The cues of this device that became durable. Left out if there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<String>>"))]
        recorded: Vec<Id>,
    },
    /// A new code: the device asked for it, or the old one was burned.
    Pairing(Box<Pairing>),
    /// A message was not carried out.
    Error {
        /// The reason, from a closed list.
        code: ErrorCode,
        /// What to do, in words for a person.
        message: String,
        /// The id of the cue or other message that caused the error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "string"))]
        id: Option<Id>,
        /// For a deleted session, who deleted it. Left out if its retention had expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        by: Option<Role>,
        /// The field of the message that was invalid: `name`, `options.keep`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        field: Option<String>,
        /// Whether the relay closes the connection after this.
        fatal: bool,
    },
}

/// The frame of a state with the cues of one device that became durable. Both devices get the same frame but
/// for these.
#[must_use]
pub fn with_recorded(frame: &str, recorded: &[Id]) -> String {
    const STATE: &str = r#""state":{"#;
    let Some((head, state)) = frame.split_once(STATE).filter(|_| !recorded.is_empty()) else {
        return frame.to_owned();
    };
    let ids: Vec<String> = recorded.iter().map(|id| format!("\"{id}\"")).collect();
    format!("{head}\"recorded\":[{}],{STATE}{state}", ids.join(","))
}

impl ToDevice {
    /// How urgent this message is.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            ToDevice::Stop(_) => Lane::Urgent,
            ToDevice::Welcome(_)
            | ToDevice::State { .. }
            | ToDevice::Recorded { .. }
            | ToDevice::Beat { .. }
            | ToDevice::Pairing(_)
            | ToDevice::Error { .. } => Lane::Ordinary,
        }
    }
}

/// A stop, in flight to a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StopNotice {
    /// The id of the stop cue, or of the message of a lifted thumb.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// `stop`, or `released` for a lifted thumb.
    #[serde(default = "stop")]
    pub reason: HoldReason,
    /// Who stopped.
    pub by: Role,
    /// When the relay received it.
    pub at: Millis,
    /// When it was tapped, if its device knows the relay's clock. A late stop is shown with its age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub tapped_at: Option<Millis>,
    /// The `seq` of the state that contains it.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

const fn stop() -> HoldReason {
    HoldReason::Stop
}

/// WebSocket close codes beyond the standard ones.
pub mod close {
    /// Another device took the role.
    pub const SUPERSEDED: u16 = 4001;
    /// The session is over.
    pub const ENDED: u16 = 4002;
    /// The token is not valid.
    pub const BAD_TOKEN: u16 = 4003;
    /// The first message did not arrive in time.
    pub const IDLE: u16 = 4004;
    /// The session was deleted.
    pub const DELETED: u16 = 4005;
}
