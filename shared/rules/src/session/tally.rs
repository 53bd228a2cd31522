//! The figures of a session: how long it was live, and how fast its stops were seen.

use super::estimate::Estimate;
use crate::cue::{Both, Role};
use crate::ids::Id;
use crate::state::{Ended, EstimatedSpread, Spread};
use crate::time::Millis;

/// How many durations of each kind are kept for the median. Beyond that, later ones count only for the worst.
/// An hour with a stop every fifteen seconds fits.
const DURATIONS: usize = 256;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    live_ms: u64,
    stops: u32,
    /// For each role, its stops that the other screen has not painted yet.
    unseen: Both<Option<Wait>>,
    /// For each role, its stops that the helper has not answered with "hands off" yet.
    unanswered: Both<Option<Wait>>,
    shown: Durations,
    acknowledged: Durations,
    tap_shown: Estimated,
    tap_acknowledged: Estimated,
}

/// Stops of one person that wait for the same thing. The time counts from the first, because a person who
/// repeats a stop has waited since then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Wait {
    /// When the relay received the first.
    since: Millis,
    /// When the first was tapped.
    tap: Option<Estimate>,
    newest: Id,
}

/// One stop, or several that count together.
pub(super) struct StopSaid {
    /// When the relay received the first.
    pub(super) since: Millis,
    /// When the first was tapped, if known.
    pub(super) tap: Option<Estimate>,
    pub(super) count: u32,
}

impl Tally {
    pub(super) fn stopped(&mut self, id: Id, by: Role, said: StopSaid) {
        let StopSaid { since, tap, count } = said;
        self.stops = self.stops.saturating_add(count);
        for waits in [&mut self.unseen, &mut self.unanswered] {
            let fresh = Wait {
                since,
                tap,
                newest: id,
            };
            waits.of_mut(by).get_or_insert(fresh).newest = id;
        }
    }

    /// The item with this id is painted. If it is the newest stop of a person, all earlier ones count as
    /// seen. `uncertainty_ms` is the greatest error of the device's time, none if the device does not know
    /// the relay's clock.
    pub(super) fn shown(&mut self, id: Id, at: Millis, uncertainty_ms: Option<u64>) {
        for by in Role::BOTH {
            let unseen = self.unseen.of_mut(by);
            if let Some(wait) = unseen.take_if(|wait| wait.newest == id) {
                self.shown.add(at.since(wait.since));
                self.tap_shown.add(wait.tap, at, uncertainty_ms);
            }
        }
    }

    /// "Hands off", by the relay's own clock, answers every stop of the hold. A later paint says nothing
    /// about how fast a stop was seen.
    pub(super) fn hands_off(&mut self, at: Millis) {
        self.unseen = Both::default();
        for by in Role::BOTH {
            if let Some(wait) = self.unanswered.of_mut(by).take() {
                self.acknowledged.add(at.since(wait.since));
                self.tap_acknowledged.add(wait.tap, at, Some(0));
            }
        }
    }

    /// The other person joined. Before that no other screen could show a stop, so the earlier waits do not
    /// count.
    pub(super) fn joined(&mut self) {
        self.unseen = Both::default();
        self.unanswered = Both::default();
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
            tap_shown: self.tap_shown.spread(),
            tap_acknowledged: self.tap_acknowledged.spread(),
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
            let place = self.kept.binary_search(&ms).unwrap_or_else(|place| place);
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

/// Durations that begin on one device's clock, and the greatest error of any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Estimated {
    durations: Durations,
    uncertainty_ms: u64,
}

impl Estimated {
    /// Counts the time from a tap to `at`, if both ends state their uncertainty.
    fn add(&mut self, from: Option<Estimate>, at: Millis, uncertainty_ms: Option<u64>) {
        if let Some(from) = from
            && let (Some(one), Some(other)) = (from.uncertainty_ms, uncertainty_ms)
        {
            self.durations.add(at.since(from.at));
            self.uncertainty_ms = self.uncertainty_ms.max(one.saturating_add(other));
        }
    }

    fn spread(&self) -> Option<EstimatedSpread> {
        let Spread {
            median_ms,
            worst_ms,
        } = self.durations.spread()?;
        Some(EstimatedSpread {
            median_ms,
            worst_ms,
            uncertainty_ms: self.uncertainty_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_the_first_durations_and_the_worst_of_all() {
        let mut durations = Durations::default();
        for n in 0..DURATIONS {
            durations.add(if n < DURATIONS / 2 { 1 } else { 9 });
        }
        durations.add(99);
        let spread = durations.spread().map(|all| (all.median_ms, all.worst_ms));
        assert_eq!(spread, Some((1, 99)));
    }
}
