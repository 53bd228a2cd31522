//! The time sources of the relay's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use tapcue_rules::time::Millis;
use tokio::time::{Duration, Instant};

use super::Sources;

/// The clocks of this machine.
#[derive(Debug)]
pub(super) struct Machine {
    #[cfg(not(unix))]
    started: std::time::Instant,
}

impl Machine {
    pub(super) fn start() -> Self {
        Self {
            #[cfg(not(unix))]
            started: std::time::Instant::now(),
        }
    }
}

impl Sources for Machine {
    /// Linux: the boot clock. macOS: the monotonic clock, which counts sleep. Other Unix systems: the
    /// monotonic clock, which may not count sleep; restart the relay there after a sleep.
    #[cfg(unix)]
    fn elapsed(&self) -> Duration {
        use rustix::time::{ClockId, clock_gettime};
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let clock = ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let clock = ClockId::Monotonic;
        let read = clock_gettime(clock);
        Duration::new(
            read.tv_sec.unsigned_abs(),
            read.tv_nsec.unsigned_abs() as u32,
        )
    }

    /// Windows: the performance counter, which counts sleep.
    #[cfg(not(unix))]
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn wall(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Millis(since.map_or(0, |since| since.as_millis() as u64))
    }
}

/// A wall clock that a test sets once. It and the elapsed time follow the runtime's timers.
#[derive(Debug)]
pub(super) struct Runtime {
    started: Instant,
    started_at: Millis,
}

impl Runtime {
    pub(super) fn starting_at(at: Millis) -> Self {
        Self {
            started: Instant::now(),
            started_at: at,
        }
    }
}

impl Sources for Runtime {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn wall(&self) -> Millis {
        self.started_at
            .plus(self.started.elapsed().as_millis() as u64)
    }
}
