//! Stops that come too fast to be recorded one by one. Each is applied and shown; the journal gets a count of
//! them.
//!
//! Invariant: a stop that begins a hold, and the lift of a thumb that was down, each have their own entry. A
//! session loaded from the journal equals the one in memory: each stop is recorded, is counted, or changed
//! nothing.

use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::Id;
use tapcue_rules::limits::UNRECORDED_AT_MOST;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::Weight;
use tapcue_rules::time::Millis;

use super::Actor;
use super::publish::Change;
use super::recording::WITH_NOTES_AT_MOST;
use crate::net::rate_limit::{Rate, TokenBucket};

/// How many stops of one person are recorded one by one. A person who taps faster does not mean each tap.
const ONE_BY_ONE: Rate = Rate::per_second(4, 8);

#[derive(Debug, Default)]
pub(super) struct Counts {
    buckets: Both<TokenBucket>,
    /// Stops that are counted and not yet recorded.
    waiting: Both<Option<Entry>>,
    /// The role that sent the newest counted stop.
    newest: Option<Role>,
}

impl Counts {
    /// Whether counted stops wait to be recorded.
    pub(super) fn any(&self) -> bool {
        Role::BOTH
            .iter()
            .any(|role| self.waiting.of(*role).is_some())
    }

    /// Adds an entry that counts one stop.
    fn add(&mut self, role: Role, entry: Entry) {
        self.newest = Some(role);
        let waiting = self.waiting.of_mut(role);
        *waiting = Some(match waiting.take() {
            Some(before) => together(before, entry),
            None => entry,
        });
    }

    /// When the counted stops may be recorded, by the clock of `now`.
    fn due_at(&self, now: Millis) -> Option<Millis> {
        let waiting = Role::BOTH.into_iter();
        let waiting = waiting.filter(|role| self.waiting.of(*role).is_some());
        let at = |role: Role| now.plus(self.buckets.of(role).wait_ms(&ONE_BY_ONE, now));
        waiting.map(at).min()
    }
}

/// Merges two counts of one person's stops.
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
    /// Applies a stop or a lifted thumb, and records it, counts it or only answers it.
    pub(super) fn take_stop(&mut self, role: Role, mut entry: Entry) {
        let now = self.registry.context.clock.now();
        let full = self.length >= WITH_NOTES_AT_MOST;
        let in_time = self.counts.buckets.of_mut(role).take(&ONE_BY_ONE, now);
        let mut weight = self.weight(&entry);
        if weight == Weight::Lifts && !in_time {
            // Too fast for a thumb: a stop instead raises the epoch, so no earlier message puts the thumb
            // down.
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

    /// Answers a stop that changed nothing and is not recorded.
    fn answer(&mut self, role: Role, id: Id, code: Option<ErrorCode>) {
        let Some(device) = self.devices.of(role).clone() else {
            return;
        };
        if let Some(code) = code {
            return device.put_error(code, Some(id));
        }
        if let Some(seq) = self.receipts.durable_stop(role, id) {
            let now = self.registry.context.clock.now();
            device.put_recorded(id, seq, true, now);
        }
        self.change(role, Change::Ordinary);
    }

    /// Records the counted stops if they are due.
    pub(super) fn record_counts_in_time(&mut self) {
        let now = self.registry.context.clock.now();
        if self.counts_due_at().is_some_and(|at| at <= now) {
            for role in Role::BOTH {
                if self.counts.waiting.of(role).is_some() {
                    // The counts of both roles are recorded together, so that they stay in order.
                    let _taken = self.counts.buckets.of_mut(role).take(&ONE_BY_ONE, now);
                }
            }
            self.record_counts();
            self.tell_durable();
        }
    }

    /// When the counted stops are due, by the relay's clock. While the journal is full, counting continues.
    pub(super) fn counts_due_at(&self) -> Option<Millis> {
        let due = self.counts.due_at(self.registry.context.clock.now());
        due.filter(|_| self.receipts.owes_nothing())
    }

    /// Records the counted stops.
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

/// Turns a stop into an entry that counts one.
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

/// A stop with the tap times of `what`.
fn stop_of(what: &What) -> What {
    let tap = what.tap();
    What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: tap.and_then(|tap| tap.tapped_at),
        uncertainty_ms: tap.and_then(|tap| tap.uncertainty_ms),
    }
}
