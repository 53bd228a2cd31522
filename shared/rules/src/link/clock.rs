//! The relay's clock as a device estimates it: by the beat whose answer came back fastest. The less
//! time an answer takes, the less room there is to be wrong about when the relay wrote it.

use std::collections::VecDeque;

use super::Clock;
use crate::limits;
use crate::time::Millis;

/// Estimates the relay's clock.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockFilter {
    /// Round trip and offset of the newest answers on this connection, the oldest first; at most
    /// [`limits::ROUND_TRIPS`].
    samples: VecDeque<(u64, i64)>,
    /// By the best of them; while there are none, what the connection before left.
    best: Option<Clock>,
}

impl ClockFilter {
    /// An answer to the beat of `sent_at` came in at `now`; the relay wrote it at `relay_at`.
    pub(super) fn answer(&mut self, sent_at: Millis, relay_at: Millis, now: Millis) {
        let round_trip = now.since(sent_at);
        let there = relay_at.plus(round_trip / 2);
        if self.samples.len() == limits::ROUND_TRIPS {
            self.samples.pop_front();
        }
        let offset = signed(there).saturating_sub(signed(now));
        self.samples.push_back((round_trip, offset));
        // Of equals the newest: clocks drift.
        let best = self.samples.iter().rev().min_by_key(|(trip, _)| *trip);
        self.best = best.map(|(round_trip, offset_ms)| Clock {
            offset_ms: *offset_ms,
            uncertainty_ms: round_trip.div_ceil(2),
        });
    }

    /// A new connection: what is known stays until it knows better.
    pub(super) fn reconnected(&mut self) {
        self.samples.clear();
    }

    /// The device may have slept, and its clock may have stood still: nothing is known any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(super) fn best(&self) -> Option<Clock> {
        self.best
    }
}

/// A moment of this device: when, and what the relay's clock said by the estimate of that moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Millis,
    clock: Option<Clock>,
}

impl Moment {
    pub(super) fn new(at: Millis, clock: Option<Clock>) -> Self {
        Self { at, clock }
    }

    /// The relay's clock at this moment and by how much that may be wrong; by `clock` if nothing was
    /// known then.
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
