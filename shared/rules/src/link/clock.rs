//! A device's estimate of the relay's clock, taken from the heartbeat with the shortest round trip. The
//! shorter the round trip, the smaller the error.

use std::collections::VecDeque;

use super::Clock;
use crate::limits;
use crate::time::Millis;

/// Estimates the relay's clock.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockFilter {
    /// Round trip and offset of the newest answers on this connection, oldest first; at most
    /// [`limits::ROUND_TRIPS`].
    samples: VecDeque<(u64, i64)>,
    /// The estimate from the best sample. Before the first sample, the estimate from the previous connection.
    best: Option<Clock>,
}

impl ClockFilter {
    /// Takes the answer to the heartbeat of `sent_at`. It arrived at `now`, and the relay wrote it at
    /// `relay_at`.
    pub(super) fn answer(&mut self, sent_at: Millis, relay_at: Millis, now: Millis) {
        let round_trip = now.since(sent_at);
        let there = relay_at.plus(round_trip / 2);
        if self.samples.len() == limits::ROUND_TRIPS {
            self.samples.pop_front();
        }
        let offset = signed(there).saturating_sub(signed(now));
        self.samples.push_back((round_trip, offset));
        // Of equal round trips it takes the newest, because clocks drift.
        let best = self.samples.iter().rev().min_by_key(|(trip, _)| *trip);
        self.best = best.map(|(round_trip, offset_ms)| Clock {
            offset_ms: *offset_ms,
            uncertainty_ms: round_trip.div_ceil(2),
        });
    }

    /// Starts a new connection. The old estimate stays until a new sample arrives.
    pub(super) fn reconnected(&mut self) {
        self.samples.clear();
    }

    /// Drops the estimate: the device may have slept, and its clock may have stood still.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(super) fn best(&self) -> Option<Clock> {
        self.best
    }
}

/// A moment on this device's clock, with the relay's clock as estimated at that moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Millis,
    clock: Option<Clock>,
}

impl Moment {
    pub(super) fn new(at: Millis, clock: Option<Clock>) -> Self {
        Self { at, clock }
    }

    /// This moment on the relay's clock and its uncertainty. Uses `clock` if there was no estimate at that
    /// moment.
    pub(super) fn on_relay(&self, clock: Option<Clock>) -> (Option<Millis>, Option<u64>) {
        let known = self.clock.or(clock);
        let at = known.map(|known| {
            let there = signed(self.at).saturating_add(known.offset_ms);
            Millis(u64::try_from(there).unwrap_or(0))
        });
        (at, known.map(|known| known.uncertainty_ms))
    }
}

fn signed(at: Millis) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
