//! What a session came to: how long it was live, and how fast its stops were seen.

use crate::cue::Role;
use crate::ids::Id;
use crate::state::{Ended, Spread};
use crate::time::Millis;

/// How many durations of each kind are kept for the median. Past it the later ones count for the
/// worst alone; an hour with a stop every fifteen seconds fits.
const DURATIONS: usize = 256;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    live_ms: u64,
    stops: u32,
    /// The newest stop, until it is acknowledged.
    open: Option<(Id, Millis)>,
    shown: Durations,
    acknowledged: Durations,
}

impl Tally {
    pub(super) fn stopped(&mut self, id: Id, at: Millis) {
        self.stops += 1;
        self.open = Some((id, at));
    }

    pub(super) fn shown(&mut self, id: Id, at: Millis) {
        if let Some((_, since)) = self.open.filter(|(open, _)| *open == id) {
            self.shown.add(at.since(since));
        }
    }

    pub(super) fn acknowledged(&mut self, id: Id, at: Millis) {
        if let Some((_, since)) = self.open.take_if(|(open, _)| *open == id) {
            self.acknowledged.add(at.since(since));
        }
    }

    pub(super) fn not_live(&mut self, since: Option<Millis>, now: Millis) {
        self.live_ms += since.map_or(0, |since| now.since(since));
    }

    pub(super) fn ended(&self, at: Millis, by: Option<Role>) -> Ended {
        Ended {
            at,
            by,
            live_ms: self.live_ms,
            stops: self.stops,
            stop_shown: self.shown.spread(),
            stop_acknowledged: self.acknowledged.spread(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Durations {
    /// Sorted.
    kept: Vec<u64>,
    worst: u64,
}

impl Durations {
    fn add(&mut self, ms: u64) {
        self.worst = self.worst.max(ms);
        if self.kept.len() < DURATIONS {
            let place = self.kept.partition_point(|other| *other < ms);
            self.kept.insert(place, ms);
        }
    }

    fn spread(&self) -> Option<Spread> {
        let middle = self.kept.len().checked_sub(1)? / 2;
        Some(Spread {
            median_ms: *self.kept.get(middle)?,
            worst_ms: self.worst,
        })
    }
}
