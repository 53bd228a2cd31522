//! The relay's first answer: the device's role, how the other device joins, and the relay's limits.

use serde::{Deserialize, Serialize};

use super::Secret;
use crate::cue::Role;
use crate::ids::SessionId;
use crate::state::{Options, State};
use crate::time::Millis;

/// The relay's first answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Welcome {
    /// The session.
    pub session: SessionId,
    /// The role of this device.
    pub role: Role,
    /// The token for reconnecting. The relay keeps only its hash.
    pub token: Secret,
    /// How the other device joins, until it has joined.
    // The generator of the declarations cannot flatten an option, so its test writes this one.
    #[cfg_attr(feature = "typescript", ts(skip))]
    #[serde(flatten)]
    pub pairing: Option<Pairing>,
    /// When the session was opened.
    pub opened_at: Millis,
    /// The relay's clock when it wrote this.
    pub relay_at: Millis,
    /// The options of the session.
    pub options: Options,
    /// The limits of this relay.
    pub limits: Limits,
    /// The first state. The device does not answer it with `received`.
    pub state: State,
}

/// How the other device joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
pub struct Pairing {
    /// The short code, `K7M-2QX4R`.
    pub code: Secret,
    /// The link for the QR code, with its own secret.
    pub link: Secret,
    /// The link as a QR code without the quiet zone: one character per module, row after row of `qr_size`. 1
    /// is dark and 0 is light.
    pub qr: Secret,
    /// The number of modules on a side.
    pub qr_size: u16,
    /// When the code stops working.
    pub code_expires_at: Millis,
    /// Whether wrong guesses burned the code before this one.
    #[serde(default)]
    pub burned: bool,
}

/// The limits of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Limits {
    /// The longest frame, in bytes.
    pub frame_bytes: u32,
    /// The heartbeat interval, in milliseconds.
    pub beat_every_ms: u32,
    /// The silence after which a link is late, in milliseconds.
    pub late_after_ms: u32,
    /// The silence after which a link is lost, in milliseconds.
    pub lost_after_ms: u32,
}

impl Limits {
    /// The limits that follow from a link timeout, in milliseconds.
    #[must_use]
    pub const fn with_link_timeout(lost_after_ms: u32) -> Self {
        Self {
            frame_bytes: crate::limits::FRAME_BYTES as u32,
            beat_every_ms: crate::limits::BEAT_EVERY_MS as u32,
            late_after_ms: late_after(lost_after_ms),
            lost_after_ms,
        }
    }
}

/// Half the link timeout, but long enough that one slightly late heartbeat does not make the link late.
const fn late_after(lost_after_ms: u32) -> u32 {
    let beat_and_a_half = crate::limits::BEAT_EVERY_MS as u32 * 3 / 2;
    let half = lost_after_ms / 2;
    if half < beat_and_a_half {
        beat_and_a_half
    } else {
        half
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::with_link_timeout(crate::limits::LOST_AFTER_MS as u32)
    }
}
