//! The relay's clock: milliseconds since the Unix epoch that never run backwards.

use std::time::{SystemTime, UNIX_EPOCH};

use tapcue_shared::time::Millis;
use tokio::time::{Duration, Instant};

/// The wall clock as it stood at the start, moved on by the monotonic clock. What the wall clock
/// does later (a jump by a day, a leap) moves no deadline of any session.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    started_at: u64,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = since_epoch.map_or(0, |since| since.as_millis() as u64);
        Self::starting_at(Millis(ms))
    }

    /// A clock that reads `at` now, whatever the wall clock says.
    #[must_use]
    pub fn starting_at(at: Millis) -> Self {
        Self {
            started: Instant::now(),
            started_at: at.0,
        }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Millis {
        Millis(self.started_at + self.started.elapsed().as_millis() as u64)
    }

    /// This moment as the wall clock has it.
    #[must_use]
    pub fn date(&self) -> Millis {
        self.now()
    }

    /// The instant to sleep until for a moment of this clock.
    #[must_use]
    pub fn instant(&self, at: Millis) -> Instant {
        self.started + Duration::from_millis(at.0.saturating_sub(self.started_at))
    }
}
