//! The device's clock, and its estimate of the relay's.

use tapcue_shared::limits::ROUND_TRIPS;
use tapcue_shared::time::Millis;
use tokio::time::{Duration, Instant};

/// Milliseconds since this device started; never runs backwards.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Millis {
        Millis(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// The instant of a time.
    #[must_use]
    pub fn instant(&self, at: Millis) -> Instant {
        self.start + Duration::from_millis(at.0)
    }
}

/// How far the relay's clock is ahead: of the last beats the one with the least round trip tells,
/// because its answer had the least time to be wrong in.
#[derive(Clone, Debug, Default)]
pub(crate) struct RelayClock {
    /// Round trip and offset in milliseconds, the newest last; at most [`ROUND_TRIPS`].
    samples: Vec<(u64, i64)>,
}

impl RelayClock {
    /// A word of the relay's whose way took an unknown time: better than nothing, worse than any
    /// beat.
    pub(crate) fn word(&mut self, now: Millis, relay_at: Millis) {
        self.samples = vec![(u64::MAX, difference(relay_at, now))];
    }

    /// The answer to a beat.
    pub(crate) fn beat(&mut self, now: Millis, sent_at: u64, relay_at: Millis) {
        let Some(round_trip) = now.0.checked_sub(sent_at) else {
            return;
        };
        if self.samples.len() == ROUND_TRIPS {
            self.samples.remove(0);
        }
        let middle = Millis(sent_at + round_trip / 2);
        self.samples
            .push((round_trip, difference(relay_at, middle)));
    }

    /// What to add to the device's clock to have the relay's, in milliseconds.
    pub(crate) fn ahead_ms(&self) -> Option<i64> {
        let best = self.samples.iter().min_by_key(|(trip, _)| *trip);
        best.map(|(_, ahead)| *ahead)
    }
}

fn difference(a: Millis, b: Millis) -> i64 {
    i64::try_from(i128::from(a.0) - i128::from(b.0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_beat_tells_the_offset() {
        let mut clock = RelayClock::default();
        assert_eq!(clock.ahead_ms(), None);
        clock.word(Millis(100), Millis(1_000_300));
        assert_eq!(clock.ahead_ms(), Some(1_000_200));
        clock.beat(Millis(300), 200, Millis(1_000_300));
        assert_eq!(clock.ahead_ms(), Some(1_000_050));
        clock.beat(Millis(502), 500, Millis(1_000_501));
        assert_eq!(clock.ahead_ms(), Some(1_000_000));
        clock.beat(Millis(1_900), 1_000, Millis(1_001_900));
        assert_eq!(clock.ahead_ms(), Some(1_000_000));
    }
}
