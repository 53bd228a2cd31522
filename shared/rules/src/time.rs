//! Time in the rules: milliseconds that the caller passes in.

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds.
///
/// On the wire and in entries it counts from the Unix epoch on the relay's clock, which never runs backwards.
/// Inside a device's machine it counts from the origin of the device's monotonic clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Millis(#[cfg_attr(feature = "typescript", ts(type = "number"))] pub u64);

impl Millis {
    /// This moment plus `ms` milliseconds.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// How many milliseconds have passed since `earlier`; 0 if `earlier` is later than this.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
