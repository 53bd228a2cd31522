//! What goes into a device's machine and what comes out of it.

use serde::{Deserialize, Serialize};

use crate::cue::Cue;
use crate::ids::Id;
use crate::message::{ErrorCode, ToDevice, ToRelay};
use crate::time::Millis;

/// What happens to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "LinkInput"))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// The app is there: connect.
    Start,
    /// The transport is connected.
    Opened,
    /// The transport closed, or could not be opened. Never told of one that was dropped on
    /// [`Effect::Disconnect`].
    Closed {
        /// The close code, if the relay sent one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
    },
    /// A frame of the relay's.
    Message {
        /// It.
        message: ToDevice,
    },
    /// A person tapped a cue.
    Tap {
        /// A fresh id.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Which.
        cue: Cue,
        /// When the finger or key went down, on the device's monotonic clock; missing is now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        began: Option<Millis>,
    },
    /// Hold to consent: a thumb was put on the screen, or lifted from it.
    Thumb {
        /// A fresh id.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Whether it is on the screen now.
        down: bool,
        /// When the finger or key went down, on the device's monotonic clock; missing is now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        began: Option<Millis>,
    },
    /// A person said "seen" or "hands off" to what is on the screen.
    Acknowledge {
        /// When the finger or key went down, on the device's monotonic clock; missing is now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        began: Option<Millis>,
    },
    /// The screen has painted the cue, hold or check-in with this id.
    Painted {
        /// It.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Whether it was painted as acknowledged: for a hold, that "hands off" was said. Not written
        /// where it was not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        acknowledged: bool,
    },
    /// Any other message a person caused: sent if the link is up, otherwise dropped.
    Say {
        /// It.
        message: ToRelay,
    },
    /// The page was hidden or the screen locked.
    Hidden,
    /// It is in sight again.
    Visible,
    /// Time passed.
    Tick,
}

/// What the machine asks of whoever drives it, in the order to do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "LinkEffect"))]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Open a transport.
    Connect,
    /// Drop the transport, without waiting for its close.
    Disconnect,
    /// Send this.
    Send {
        /// It.
        message: ToRelay,
    },
    /// Say "stop" aloud on this device, now.
    Shout,
    /// Say that an act came too soon after its screen and did nothing: once more.
    TooSoon,
}

/// What a device may show, beside the state itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct View {
    /// This device's link, by its own watch.
    pub link: DeviceLink,
    /// Whether go may be shown.
    pub go: bool,
    /// Whether stop is to be shown although no hold of a running session carries it: this device's
    /// own, one that arrived ahead of its state, or one that nobody acknowledged before the end.
    pub stopped: bool,
    /// The stop that is red although no state carries it yet. Its paint is told by this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "string"))]
    pub ahead: Option<Id>,
    /// The last cue this device sent, and how far it got.
    pub lamp: Option<Lamp>,
    /// Hold to consent: whether this device's thumb counts. A thumb that stays on the screen while
    /// this turns false has to be lifted and put down again.
    pub thumb: bool,
    /// What to sound, until it is gone.
    pub alarm: Option<Alarm>,
    /// The least round trip of the last few seconds on this connection, in milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub round_trip_ms: Option<u64>,
    /// The relay's clock, once a beat has been answered.
    pub clock: Option<Clock>,
    /// Whether the relay said last that it cannot record. Not written where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub unrecorded: bool,
    /// From when on a ready, or a thumb that is put down, counts in this hold. Not written while
    /// what it answers is not on the screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub may_ready_at: Option<Millis>,
    /// From when on "hands off" or "seen" counts. Not written while there is nothing on the screen
    /// to say it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub may_acknowledge_at: Option<Millis>,
}

/// The relay's clock as a device estimates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Clock {
    /// What to add to the device's own clock to have the relay's, in milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub offset_ms: i64,
    /// By how much that may be wrong, in milliseconds: half the round trip it was taken from.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub uncertainty_ms: u64,
}

/// A device's link by its own watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DeviceLink {
    /// Never was up yet.
    Connecting,
    /// The relay answered a beat that was sent just now.
    Here,
    /// The newest beat that it answered is half the timeout old.
    Late,
    /// The newest beat that it answered is too old, or the connection closed.
    Lost,
    /// Another device or tab has this role.
    Superseded,
    /// The relay refused the code, the token or the session; not tried again.
    Refused,
    /// The session is over and the connection closed.
    Over,
}

/// The last cue a device sent, and how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Lamp {
    /// The cue's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Which.
    pub cue: Cue,
    /// How far.
    pub stage: Stage,
    /// Why not, if refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<ErrorCode>,
}

/// How far a cue got. The order is the order of getting there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not sent: there is no link.
    Waiting,
    /// Handed to the transport.
    Sent,
    /// The relay has it.
    Relayed,
    /// The other screen has painted it.
    Shown,
    /// The other person acknowledged it.
    Acknowledged,
    /// The relay did not take it.
    Refused,
    /// It could not be sent in time and was dropped.
    Expired,
}

/// What to sound, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// This device's stop is not on the other screen: say it out loud.
    NotDelivered,
    /// The link is lost: hands off.
    LinkLost,
    /// A stop that nobody has acknowledged for too long.
    NotAcknowledged,
    /// A stop to be acknowledged on this device.
    Stop,
    /// Another hold to be acknowledged on this device.
    Hold,
    /// A question to be answered on this device: a soft sign.
    CheckIn,
    /// The same, asked again: louder.
    CheckInAgain,
}
