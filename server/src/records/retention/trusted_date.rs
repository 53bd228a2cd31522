//! How far the date is trusted. A clock that is wrong for one start must not delete records, because that
//! cannot be undone. So a date counts only after the relay has run for a day past it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use tapcue_rules::time::Millis;

use super::{DAY_MS, HOUR_MS};

/// How long the relay must run past a date, in milliseconds. In that time a person can notice a wrong date in
/// the log and on every screen.
pub(super) const RUN_PAST_MS: u64 = DAY_MS;

/// How often a reading is stored, in milliseconds of running time. A deletion is late by at most this much.
const READ_EVERY_MS: u64 = HOUR_MS;

/// How far the date may move against the relay's own time before it counts as a jump, in milliseconds. Time
/// services that set a clock at a start correct some seconds.
const JUMP_MS: u64 = 60_000;

/// What the relay has seen of the date while it ran, over all its starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Vouched {
    /// How long it has run, in milliseconds.
    ran_ms: u64,
    /// The newest date that it has read.
    date: Millis,
    /// Dates with the running time at which each was read, the oldest first. The date has not jumped since
    /// the first. Bounded by [`RUN_PAST_MS`] over [`READ_EVERY_MS`].
    readings: VecDeque<(u64, Millis)>,
}

/// What passed since the last reading of this run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    /// How long the relay ran, in milliseconds.
    pub(super) ran_ms: u64,
    /// How far its clock moved, including time asleep, in milliseconds.
    pub(super) moved_ms: u64,
}

impl Vouched {
    /// Reads the date, and returns whether it jumped. `passed` is none for the first reading of a run.
    pub(super) fn read(&mut self, date: Millis, passed: Option<Passed>) -> bool {
        let jumped = match passed {
            None => date.plus(JUMP_MS) < self.date,
            Some(passed) => {
                let expected = self.date.plus(passed.moved_ms);
                date.since(expected).max(expected.since(date)) > JUMP_MS
            }
        };
        self.ran_ms += passed.map_or(0, |passed| passed.ran_ms);
        self.date = date;
        if jumped {
            self.readings.clear();
        }
        let due = self
            .readings
            .back()
            .is_none_or(|(ran, _)| ran + READ_EVERY_MS <= self.ran_ms);
        if due {
            self.readings.push_back((self.ran_ms, date));
        }
        // The oldest stored reading is the newest one that is at least a day of running time old.
        while self.readings.len() > 1 && self.readings[1].0 + RUN_PAST_MS <= self.ran_ms {
            self.readings.pop_front();
        }
        jumped
    }

    /// The date that the relay has run past for long enough; none if it has not run that long.
    pub(super) fn date(&self) -> Option<Millis> {
        let (ran, date) = *self.readings.front()?;
        (ran + RUN_PAST_MS <= self.ran_ms).then_some(date)
    }

    /// How long the relay must still run until [`date`](Self::date) is past `at`, in milliseconds, if the
    /// date does not jump.
    pub(super) fn left_ms(&self, at: Millis) -> u64 {
        let past = self.readings.iter().find(|(_, date)| *date >= at);
        let since = past.map_or(self.ran_ms, |(ran, _)| *ran);
        (since + RUN_PAST_MS).saturating_sub(self.ran_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_700_000_000_000);
    const MINUTE_MS: u64 = 60_000;

    /// Runs minute by minute with a correct clock.
    fn run(vouched: &mut Vouched, from: Millis, ms: u64) -> Millis {
        for minute in 1..=ms / MINUTE_MS {
            let passed = Passed {
                ran_ms: MINUTE_MS,
                moved_ms: MINUTE_MS,
            };
            assert!(!vouched.read(from.plus(minute * MINUTE_MS), Some(passed)));
        }
        from.plus(ms)
    }

    fn started(vouched: &mut Vouched, date: Millis) {
        let text = serde_json::to_string(vouched).unwrap();
        *vouched = serde_json::from_str(&text).unwrap();
        vouched.read(date, None);
    }

    #[test]
    fn a_date_counts_after_a_day_of_running_past_it_over_many_starts() {
        let mut vouched = Vouched::default();
        started(&mut vouched, NOW);
        assert_eq!(vouched.date(), None);
        assert_eq!(vouched.left_ms(NOW), DAY_MS);
        let mut date = NOW;
        for evening in 0..3 {
            // Each day the relay runs for eight hours.
            assert_eq!(vouched.date(), None, "{evening}");
            started(&mut vouched, date);
            date = run(&mut vouched, date, 8 * HOUR_MS);
            date = date.plus(16 * HOUR_MS);
        }
        assert_eq!(vouched.date(), Some(NOW));
        assert_eq!(vouched.left_ms(NOW), 0);
        assert!(vouched.left_ms(NOW.plus(1)) > 0);
        assert!(vouched.readings.len() <= 26);
    }

    #[test]
    fn a_clock_that_is_wrong_for_one_start_makes_nothing_due() {
        for wrong in [
            NOW.plus(40 * DAY_MS),
            NOW.plus(365 * DAY_MS),
            Millis(NOW.0 - 40 * DAY_MS),
            Millis(0),
        ] {
            let mut vouched = Vouched::default();
            started(&mut vouched, NOW);
            let date = run(&mut vouched, NOW, 2 * DAY_MS);
            let before = vouched.date().unwrap();
            started(&mut vouched, wrong);
            run(&mut vouched, wrong, DAY_MS - HOUR_MS);
            // It may trust less than before, but no date later than one that it saw.
            assert!(vouched.date() <= Some(date), "{wrong:?}");
            assert!(vouched.date().is_none_or(|date| date >= before));
            let right = date.plus(DAY_MS);
            started(&mut vouched, right);
            let after = run(&mut vouched, right, 2 * DAY_MS);
            let believed = vouched.date().unwrap();
            assert!(believed <= after && believed >= right, "{wrong:?}");
        }
    }

    #[test]
    fn a_jump_while_it_runs_begins_the_day_anew() {
        let passed = Passed {
            ran_ms: MINUTE_MS,
            moved_ms: MINUTE_MS,
        };
        for jump in [NOW.plus(DAY_MS + 3 * 60 * MINUTE_MS), NOW] {
            let mut vouched = Vouched::default();
            started(&mut vouched, NOW);
            let date = run(&mut vouched, NOW, DAY_MS);
            assert_eq!(vouched.date(), Some(NOW));
            assert!(vouched.read(jump, Some(passed)));
            assert_eq!(vouched.date(), None);
            run(&mut vouched, jump, DAY_MS);
            assert_eq!(vouched.date(), Some(jump));
            assert_ne!(date, jump);
        }
        // A machine that slept while its clock went on has not jumped.
        let mut vouched = Vouched::default();
        started(&mut vouched, NOW);
        let slept = Passed {
            ran_ms: MINUTE_MS,
            moved_ms: 9 * HOUR_MS,
        };
        assert!(!vouched.read(NOW.plus(9 * HOUR_MS), Some(slept)));
    }
}
