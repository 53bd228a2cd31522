//! The relay's first answer: the place a device has, how the other gets in, and the relay's numbers.

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
    /// Which session.
    pub session: SessionId,
    /// Which role this device has.
    pub role: Role,
    /// What to come back with. The relay keeps only its hash.
    pub token: Secret,
    /// How the other device gets in, while nobody has joined.
    // The generator of the declarations cannot flatten an option: its test writes this one.
    #[cfg_attr(feature = "typescript", ts(skip))]
    #[serde(flatten)]
    pub pairing: Option<Pairing>,
    /// When the session was opened.
    pub opened_at: Millis,
    /// The relay's clock as it wrote this.
    pub relay_at: Millis,
    /// What the session is like.
    pub options: Options,
    /// The numbers this relay works with.
    pub limits: Limits,
    /// The state to begin with. Not to be answered by `received`.
    pub state: State,
}

/// How the other device gets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
pub struct Pairing {
    /// The short code, `K7M-2QX4R`.
    pub code: Secret,
    /// The link with a secret of its own, for the QR code.
    pub link: Secret,
    /// The link as a QR code: a character for each module, row after row of `qr_size`, 1 for dark
    /// and 0 for light, without the quiet zone.
    pub qr: Secret,
    /// Modules on a side.
    pub qr_size: u16,
    /// When the code stops working.
    pub code_expires_at: Millis,
    /// Whether the one before it was burned by wrong guesses.
    #[serde(default)]
    pub burned: bool,
}

/// The numbers a relay works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Limits {
    /// The longest frame, in bytes.
    pub frame_bytes: u32,
    /// How often to beat, in milliseconds.
    pub beat_every_ms: u32,
    /// Silence that makes a link late, in milliseconds.
    pub late_after_ms: u32,
    /// Silence that makes it lost, in milliseconds.
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

/// Half the link timeout, but never so little that one beat a little late is news.
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
