//! The inputs and outputs of a device's machine.

use serde::{Deserialize, Serialize};

use crate::cue::Cue;
use crate::ids::Id;
use crate::message::{ErrorCode, ToDevice, ToRelay};
use crate::time::Millis;

/// An input to a device's machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "LinkInput"))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// The app has started: connect.
    Start,
    /// The transport is connected.
    Opened,
    /// The transport closed, or could not be opened. A transport that was dropped on [`Effect::Disconnect`]
    /// does not report this.
    Closed {
        /// The close code, if the relay sent one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
    },
    /// A frame from the relay.
    Message {
        /// The frame.
        message: ToDevice,
    },
    /// A person tapped a cue.
    Tap {
        /// A fresh id.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// The cue.
        cue: Cue,
        /// When the finger or key went down, on the device's monotonic clock. Missing means now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        began: Option<Millis>,
    },
    /// Hold to consent: a thumb was put on the screen, or lifted from it.
    Thumb {
        /// A fresh id.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Whether the thumb is on the screen now.
        down: bool,
        /// When the finger or key went down, on the device's monotonic clock. Missing means now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        began: Option<Millis>,
    },
    /// A person said "seen" or "hands off" to what is on the screen.
    Acknowledge {
        /// When the finger or key went down, on the device's monotonic clock. Missing means now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        began: Option<Millis>,
    },
    /// The screen has painted the cue, hold or check-in with this id.
    Painted {
        /// The id of what was painted.
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        id: Id,
        /// Whether it was painted as acknowledged. For a hold that means after "hands off". Left out if
        /// false.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
        acknowledged: bool,
    },
    /// Any other message from a person. It is sent if the link is up, otherwise dropped.
    Say {
        /// The message.
        message: ToRelay,
    },
    /// The page was hidden or the screen locked.
    Hidden,
    /// The page is visible again.
    Visible,
    /// Time has passed.
    Tick,
}

/// What the machine asks its driver to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "LinkEffect"))]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Open a transport.
    Connect,
    /// Drop the transport, without waiting for its close.
    Disconnect,
    /// Send this message.
    Send {
        /// The message.
        message: ToRelay,
    },
    /// Say "stop" aloud on this device, now.
    Shout,
    /// Tell the person that an action came too soon after its screen and had no effect, and must be repeated.
    TooSoon,
}

/// What a device may show, in addition to the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct View {
    /// This device's link, as the device itself judges it.
    pub link: DeviceLink,
    /// Whether go may be shown.
    pub go: bool,
    /// Whether to show stop although no hold of a running session contains it. It is this device's own stop,
    /// one that arrived ahead of its state, or one that was not acknowledged before the end.
    pub stopped: bool,
    /// The stop that is shown although no state contains it yet. Its paint is reported with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "string"))]
    pub ahead: Option<Id>,
    /// The last cue this device sent, and how far it got.
    pub lamp: Option<Lamp>,
    /// Hold to consent: whether this device's thumb counts. If this becomes false while the thumb is down,
    /// the thumb must be lifted and put down again.
    pub thumb: bool,
    /// The alarm to sound until it is gone.
    pub alarm: Option<Alarm>,
    /// The shortest round trip of the last few seconds on this connection, in milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub round_trip_ms: Option<u64>,
    /// The relay's clock, once a heartbeat has been answered.
    pub clock: Option<Clock>,
    /// Whether the relay last said that it cannot record. Left out if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub unrecorded: bool,
    /// From when on a ready, or a thumb that is put down, counts in this hold. Left out while its target is
    /// not on the screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub may_ready_at: Option<Millis>,
    /// From when on "hands off" or "seen" counts. Left out while there is nothing on the screen to
    /// acknowledge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub may_acknowledge_at: Option<Millis>,
}

/// The relay's clock as a device estimates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Clock {
    /// The relay's clock minus the device's clock, in milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub offset_ms: i64,
    /// The greatest error of the offset, in milliseconds: half the round trip of its sample.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub uncertainty_ms: u64,
}

/// A device's link, as the device itself judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DeviceLink {
    /// Not connected yet.
    Connecting,
    /// The relay answered a recent heartbeat.
    Here,
    /// The newest answered heartbeat is half the timeout old.
    Late,
    /// The newest answered heartbeat is too old, or the connection closed.
    Lost,
    /// Another device or tab has this role.
    Superseded,
    /// The relay refused the code, the token or the session. The device does not try again.
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
    /// The cue.
    pub cue: Cue,
    /// How far it got.
    pub stage: Stage,
    /// The reason, if refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<ErrorCode>,
}

/// How far a cue got, in order of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not sent: the link is down.
    Waiting,
    /// Written to the transport.
    Sent,
    /// The relay has it.
    Relayed,
    /// The other screen has painted it.
    Shown,
    /// The other person acknowledged it.
    Acknowledged,
    /// The relay refused it.
    Refused,
    /// It could not be sent in time and was dropped.
    Expired,
}

/// What to sound, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// The other screen does not show this device's stop: say it out loud.
    NotDelivered,
    /// The link is lost: hands off.
    LinkLost,
    /// A stop was not acknowledged for too long.
    NotAcknowledged,
    /// A stop to acknowledge on this device.
    Stop,
    /// Another hold to acknowledge on this device.
    Hold,
    /// A question to answer on this device: a quiet signal.
    CheckIn,
    /// The same question, asked again: a louder signal.
    CheckInAgain,
}
