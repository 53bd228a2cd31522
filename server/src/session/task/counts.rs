//! Stops that are said faster than they are recorded one by one. Each is taken and shown; the journal
//! gets a count of them.
//!
//! Invariant: a stop that begins a hold, and a thumb that was down, have an entry of their own. The
//! session that is taken up from the journal is the one that was here: a stop is recorded, counted, or
//! changed nothing.

use tapcue_rules::cue::{Both, Cue, Lane, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::Id;
use tapcue_rules::limits::UNRECORDED_AT_MOST;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::Weight;
use tapcue_rules::time::Millis;

use super::Actor;
use super::recording::WITH_NOTES_AT_MOST;
use crate::net::rate_limit::{Rate, TokenBucket};

/// How many stops of one person are recorded one by one: faster than that nobody means each.
const ONE_BY_ONE: Rate = Rate::per_second(4, 8);

#[derive(Debug, Default)]
pub(super) struct Counts {
    buckets: Both<TokenBucket>,
    /// What is counted and not recorded yet.
    waiting: Both<Option<Entry>>,
    /// Whose newest stop is the newer one.
    newest: Option<Role>,
}

impl Counts {
    /// Whether anything waits to be recorded.
    pub(super) fn any(&self) -> bool {
        Role::BOTH
            .iter()
            .any(|role| self.waiting.of(*role).is_some())
    }

    /// Counts a stop: an entry that counts one.
    fn add(&mut self, role: Role, entry: Entry) {
        self.newest = Some(role);
        let waiting = self.waiting.of_mut(role);
        *waiting = Some(match waiting.take() {
            Some(before) => together(before, entry),
            None => entry,
        });
    }

    /// When what waits may be recorded, by the clock of `now`.
    fn due_at(&self, now: Millis) -> Option<Millis> {
        let waiting = Role::BOTH.into_iter();
        let waiting = waiting.filter(|role| self.waiting.of(*role).is_some());
        let at = |role: Role| now.plus(self.buckets.of(role).wait_ms(&ONE_BY_ONE, now));
        waiting.map(at).min()
    }
}

/// Two counts of one person's stops as one.
fn together(before: Entry, mut newer: Entry) -> Entry {
    if let (
        What::Stops {
            count: first,
            since: from,
            earlier: mut ids,
            ..
        },
        What::Stops {
            count,
            since,
            earlier,
            ..
        },
    ) = (before.what, &mut newer.what)
    {
        *count = count.saturating_add(first);
        *since = from;
        ids.push(before.id);
        if ids.len() == UNRECORDED_AT_MOST {
            ids.remove(0);
        }
        *earlier = ids;
    }
    newer
}

impl Actor<'_> {
    /// Takes a stop or a lifted thumb, whatever it needs of the journal.
    pub(super) fn take_stop(&mut self, role: Role, mut entry: Entry) {
        let now = self.registry.context.clock.now();
        let full = self.length >= WITH_NOTES_AT_MOST;
        let in_time = self.counts.buckets.of_mut(role).take(&ONE_BY_ONE, now);
        let mut weight = self.weight(&entry);
        if weight == Weight::Lifts && !in_time {
            // Too fast for a thumb: the epoch moves on, and no word of before puts it down any more.
            entry.what = stop_of(&entry.what);
            weight = self.weight(&entry);
        }
        match weight {
            Weight::Acts => self.apply_then_record(entry),
            Weight::Nothing(code) if !in_time || full => self.answer(role, entry.id, code),
            Weight::Adds if !in_time || !self.receipts.owes_nothing() => {
                count_one(&mut entry);
                self.step(&entry);
                self.counts.add(role, entry);
            }
            Weight::Adds | Weight::Lifts | Weight::Nothing(_) => self.apply_then_record(entry),
        }
    }

    fn weight(&self, entry: &Entry) -> Weight {
        let weight = self.session.as_ref().map(|session| session.weight(entry));
        weight.unwrap_or(Weight::Acts)
    }

    /// Answers what changed nothing and is not recorded.
    fn answer(&mut self, role: Role, id: Id, code: Option<ErrorCode>) {
        let Some(device) = self.devices.of(role).clone() else {
            return;
        };
        if let Some(code) = code {
            return device.put_error(code, Some(id));
        }
        if let Some(seq) = self.receipts.durable_stop(role, id) {
            device.put_recorded(id, seq);
        }
        self.change(role, None, Lane::Ordinary);
    }

    /// Records what was counted, if it is time.
    pub(super) fn record_counts_in_time(&mut self) {
        let now = self.registry.context.clock.now();
        if self.counts_due_at().is_some_and(|at| at <= now) {
            for role in Role::BOTH {
                if self.counts.waiting.of(role).is_some() {
                    // Both go, so that they stay in order.
                    let _taken = self.counts.buckets.of_mut(role).take(&ONE_BY_ONE, now);
                }
            }
            self.record_counts();
            self.follow();
        }
    }

    /// When that is, by the relay's clock. While the journal has no room they go on being counted.
    pub(super) fn counts_due_at(&self) -> Option<Millis> {
        let due = self.counts.due_at(self.registry.context.clock.now());
        due.filter(|_| self.receipts.owes_nothing())
    }

    /// Records what was counted.
    pub(super) fn record_counts(&mut self) {
        let Some(newest) = self.counts.newest.take() else {
            return;
        };
        for role in [newest.other(), newest] {
            if let Some(entry) = self.counts.waiting.of_mut(role).take() {
                self.record_stepped(entry);
            }
        }
    }
}

/// Makes a stop an entry that counts one.
fn count_one(entry: &mut Entry) {
    if let Some(tap) = entry.what.tap() {
        entry.what = What::Stops {
            count: 1,
            since: entry.at,
            earlier: Vec::new(),
            tapped_at: tap.tapped_at,
            uncertainty_ms: tap.uncertainty_ms,
        };
    }
}

/// The same as a stop.
fn stop_of(what: &What) -> What {
    let tap = what.tap();
    What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: tap.and_then(|tap| tap.tapped_at),
        uncertainty_ms: tap.and_then(|tap| tap.uncertainty_ms),
    }
}
