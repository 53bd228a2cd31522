//! The relay's clock, in milliseconds since the Unix epoch, which never runs backwards and counts sleep; the
//! date of the wall clock; and the detection of jumps.

mod machine;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tapcue_rules::time::Millis;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep_until};

use machine::{Machine, Runtime};

/// How often the clocks are compared. Links that were silent while the machine slept are lost this soon after
/// it wakes. A comparison costs almost nothing.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What counts as a jump, in milliseconds. It is more than a time service corrects without setting the clock
/// (0.5 s; chrony's and ntpd's limits are near it), and less than a person would overlook.
const JUMP_MS: u64 = 1_000;

/// The time sources of a clock.
pub trait Sources: Send + Sync + fmt::Debug {
    /// The time since a fixed moment, including time asleep.
    fn elapsed(&self) -> Duration;

    /// The time of the wall clock, which can be set and jump.
    fn wall(&self) -> Millis;
}

/// A clock that starts at the wall clock's time and advances with elapsed time, including sleep. Later jumps
/// of the wall clock (by a day, for example) move no deadline of a session.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sources: Box<dyn Sources>,
    started: Duration,
    started_at: Millis,
    seen: Mutex<Seen>,
    leapt: Notify,
}

/// The clocks at their last comparison.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// How far the wall clock is ahead of the relay's clock, in milliseconds.
    ahead_ms: i64,
    /// The time since the start, and the time of timers, which does not count sleep.
    elapsed: Duration,
    timers: Instant,
}

/// A jump that a comparison of the clocks shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// This machine slept for this long.
    Slept(Duration),
    /// The wall clock was set forward by this much.
    Forward(Duration),
    /// The wall clock was set back by this much.
    Back(Duration),
}

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn start() -> Self {
        Self::of(Box::new(Machine::start()))
    }

    /// A clock that reads `at` now, independent of the machine's clocks, and follows the runtime's time.
    #[must_use]
    pub fn starting_at(at: Millis) -> Self {
        Self::of(Box::new(Runtime::starting_at(at)))
    }

    /// A clock with these sources.
    #[must_use]
    pub fn of(sources: Box<dyn Sources>) -> Self {
        let (elapsed, wall) = (sources.elapsed(), sources.wall());
        let seen = Seen {
            ahead_ms: 0,
            elapsed: Duration::ZERO,
            timers: Instant::now(),
        };
        Self(Arc::new(Inner {
            sources,
            started: elapsed,
            started_at: wall,
            seen: Mutex::new(seen),
            leapt: Notify::new(),
        }))
    }

    fn elapsed(&self) -> Duration {
        self.0.sources.elapsed().saturating_sub(self.0.started)
    }

    /// The present time for deadlines, and for what began earlier.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.0.started_at.plus(self.elapsed().as_millis() as u64)
    }

    /// The present time of the wall clock: the date of what begins now.
    #[must_use]
    pub fn date(&self) -> Millis {
        self.0.sources.wall()
    }

    /// Waits for a moment of this clock, or until the machine wakes from sleep, because timers do not count
    /// sleep. Without a moment it waits for ever. The caller then reads the clock again.
    pub async fn until(&self, at: Option<Millis>) {
        let Some(at) = at else {
            return std::future::pending().await;
        };
        // Taken before the clock is read, so that no jump falls between the two.
        let leapt = self.0.leapt.notified();
        let left = Duration::from_millis(at.since(self.now()));
        tokio::select! {
            biased;
            () = sleep_until(Instant::now() + left) => {}
            () = leapt => {}
        }
    }

    /// Compares the clocks, and wakes waiting tasks if the machine slept.
    pub fn look(&self) -> Vec<Jump> {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (elapsed, timers) = (self.elapsed(), Instant::now());
        let slept = (elapsed - seen.elapsed.min(elapsed)).saturating_sub(timers - seen.timers);
        let ahead_ms = signed(self.date(), self.now());
        let moved = ahead_ms - seen.ahead_ms;
        let by = Duration::from_millis(moved.unsigned_abs());
        let jump = |is: bool, what: Jump| is.then_some(what);
        let has_slept = is_jump(slept);
        let jumps = [
            jump(has_slept, Jump::Slept(slept)),
            jump(is_jump(by) && moved > 0, Jump::Forward(by)),
            jump(is_jump(by) && moved < 0, Jump::Back(by)),
        ];
        *seen = Seen {
            // Small corrections of a time service add up to a jump in the end, which is reported then.
            ahead_ms: if is_jump(by) { ahead_ms } else { seen.ahead_ms },
            elapsed,
            timers,
        };
        drop(seen);
        if has_slept {
            self.0.leapt.notify_waiters();
        }
        jumps.into_iter().flatten().collect()
    }

    /// Compares the clocks, and logs their jumps.
    pub fn look_and_say(&self) {
        for jump in self.look() {
            match jump {
                Jump::Slept(by) => tracing::info!(
                    "this machine slept for {} s: links that were silent meanwhile are lost",
                    by.as_secs()
                ),
                Jump::Forward(by) => tracing::warn!(
                    "the clock of this machine was set forward by {} s: sessions that begin from now on \
                     have the new time, running ones keep theirs",
                    by.as_secs()
                ),
                Jump::Back(by) => tracing::warn!(
                    "the clock of this machine was set back by {} s: sessions that begin from now on \
                     have the new time, running ones keep theirs",
                    by.as_secs()
                ),
            }
        }
    }
}

fn is_jump(by: Duration) -> bool {
    by.as_millis() >= u128::from(JUMP_MS)
}

/// How many milliseconds `of` is ahead of `than`.
#[must_use]
pub fn signed(of: Millis, than: Millis) -> i64 {
    i64::try_from(i128::from(of.0) - i128::from(than.0)).unwrap_or_default()
}

/// A moment moved by so many milliseconds, which may be negative.
#[must_use]
pub fn moved(at: Millis, by_ms: i64) -> Millis {
    Millis(at.0.saturating_add_signed(by_ms))
}
