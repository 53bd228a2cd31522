//! The wire, `tapcue.v1`: what devices and the relay say to each other.
//!
//! Text frames, one JSON object each, tagged by `type`. Unknown fields are ignored; unknown types
//! are a [`ErrorCode::BadMessage`]. docs/protocol.md describes all of it for other clients.

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

/// A code, a link secret or a token: shown to nobody who asks for it in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a device says to the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToRelay {
    /// Opens a session. Answered by `welcome` with a code.
    Create {
        /// Which role the creator takes.
        role: Role,
        /// What to call this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// What the session is to be like; what is left out has its default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "Partial<Options>"))]
        options: Option<Options>,
        /// Which client this is, for the transcript: `web/0.1.0`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// Takes the other role, by code or by the secret of the QR link.
    Join {
        /// The code as typed: case, spaces and dashes do not matter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Secret>,
        /// The secret of the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<Secret>,
        /// What to call this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// Which client this is, for the transcript.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// Comes back to the same role.
    Resume {
        /// The token of the `welcome`.
        token: Secret,
        /// Which client this is, for the transcript.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// One of the fixed cues.
    Cue {
        /// Made by the device; the same id twice is one cue.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Which.
        cue: Cue,
        /// The epoch its sender saw. Not needed for stop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        epoch: Option<u64>,
        /// When it was tapped, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        uncertainty_ms: Option<u64>,
    },
    /// Hold to consent: the receiver's thumb is on the screen, or no longer.
    Thumb {
        /// Made by the device; the same id twice is one message.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Whether it is on the screen.
        down: bool,
        /// The epoch its sender saw. Not needed for a lifted thumb.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        epoch: Option<u64>,
        /// Of a lifted thumb, the id with which it was put down. The word of a lifted thumb
        /// overtakes others, and what it overtook must not count afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        lifts: Option<Id>,
        /// When, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        uncertainty_ms: Option<u64>,
    },
    /// The screen has painted the cue, hold or check-in with this id.
    Shown {
        /// What was painted.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// When, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        uncertainty_ms: Option<u64>,
    },
    /// A person acknowledged the cue or hold with this id.
    Acknowledge {
        /// What was acknowledged.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
    },
    /// The set-up list of this role, or the receiver's answer on warning signs.
    Confirm {
        /// Which.
        item: ConfirmItem,
        /// Yes or no. For warning signs, yes means that one applies.
        value: bool,
    },
    /// This page was hidden. The first beat afterwards ends it.
    Away,
    /// A sign of life, every 500 ms.
    Beat {
        /// Counts up.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        n: u64,
        /// The device's own clock in milliseconds; echoed.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        sent_at: u64,
    },
    /// This device has taken the state frame `seq`.
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
    /// A new code, while nobody has joined. Answered by `pairing`.
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
    /// The sender's own set-up list: all of it is so.
    SetUp,
    /// Whether one of the warning signs applies. The receiver's to answer.
    WarningSigns,
    /// Whether a professional has cleared the warning sign that applies. The receiver's to answer.
    Cleared,
}

/// What the relay says to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToDevice {
    /// The first answer: this device has its role.
    Welcome(Box<Welcome>),
    /// The whole state, after every change.
    State {
        /// The state's `seq`, to be answered by `received`.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
        /// All of it.
        state: Box<State>,
        /// What just happened, for sound and haptics. Frames are conflated, so a device must not
        /// depend on seeing every event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        event: Option<Event>,
    },
    /// A stop, short enough for the slowest link, ahead of everything. The state frame that carries
    /// it follows at once.
    Stop(StopNotice),
    /// The cue with this id is durable.
    Recorded {
        /// Whose record.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Its place in the session's journal. Everything before it is durable too.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        seq: u64,
    },
    /// The answer to a beat.
    Beat {
        /// Echoed.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        n: u64,
        /// Echoed: the device's own clock.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        sent_at: u64,
        /// The relay's clock.
        relay_at: Millis,
        /// How the other device's link is.
        peer: LinkStatus,
        /// The phase as of this answer: go needs a fresh word that says live.
        phase: Phase,
        /// The epoch as of this answer.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        epoch: u64,
        /// Whether the relay cannot record just now. Not written where it can.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        unrecorded: bool,
    },
    /// A new code: asked for, or because the old one was burned.
    Pairing(Box<Pairing>),
    /// Something was not done.
    Error {
        /// One of a closed list.
        code: ErrorCode,
        /// For a person: what to do.
        message: String,
        /// The cue or other message it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional, type = "string"))]
        id: Option<Id>,
        /// Of a deleted session, who deleted it; left out if its time was up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        by: Option<Role>,
        /// Which field of the message was no good: `name`, `options.keep`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        field: Option<String>,
        /// Whether the relay closes the connection after this.
        fatal: bool,
    },
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

/// A stop, on its way to a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StopNotice {
    /// The stop cue, or the word of a lifted thumb.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// `stop`, or `released` for a lifted thumb.
    #[serde(default = "stop")]
    pub reason: HoldReason,
    /// Who said it.
    pub by: Role,
    /// When the relay had it.
    pub at: Millis,
    /// When it was tapped, if its device knows the relay's clock: a late stop is shown with its age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub tapped_at: Option<Millis>,
    /// The `seq` of the state that carries it.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
}

const fn stop() -> HoldReason {
    HoldReason::Stop
}

/// What just happened, for sound and haptics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The second device is here.
    Joined {
        /// Which role it took.
        role: Role,
    },
    /// A link changed.
    Link {
        /// Whose.
        role: Role,
        /// To what.
        status: LinkStatus,
    },
    /// A cue for the other person.
    Cue {
        /// Its id.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Which.
        cue: Cue,
        /// Whose.
        by: Role,
    },
    /// A screen painted something.
    Shown {
        /// What.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
    },
    /// A person acknowledged something.
    Acknowledged {
        /// What.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
    },
    /// Something was confirmed or taken back.
    Confirmed {
        /// By whom.
        role: Role,
    },
    /// The receiver's thumb was put down, or lifted while held.
    Thumb {
        /// Which.
        down: bool,
    },
    /// A hold began.
    Held {
        /// Why.
        reason: HoldReason,
    },
    /// Both are ready: go.
    Live,
    /// The question was asked, or asked again.
    CheckIn {
        /// Whether for the second time.
        again: bool,
    },
    /// Over.
    Ended,
}

/// Close codes beyond the standard ones.
pub mod close {
    /// Another device took the role.
    pub const SUPERSEDED: u16 = 4001;
    /// The session is over.
    pub const ENDED: u16 = 4002;
    /// The token opens nothing.
    pub const BAD_TOKEN: u16 = 4003;
    /// No first message in time.
    pub const IDLE: u16 = 4004;
    /// The session was deleted.
    pub const DELETED: u16 = 4005;
}
