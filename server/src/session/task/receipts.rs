//! What a session's task still owes: receipts for entries that become durable, and entries that the journal
//! had no room for.

use std::collections::VecDeque;

use tapcue_rules::cue::{Both, Role};
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::Id;
use tapcue_rules::limits::UNRECORDED_AT_MOST;

use crate::journal::Ownership;

/// How many receipts wait at most. When full, the oldest is dropped: its device resends the cue after the
/// next reconnect and is answered then.
const RECEIPTS_AT_MOST: usize = 1_024;

/// How many entries wait for room in the journal at most. They cannot be refused and were stepped already. When
/// full, the newest is dropped: the record lacks it, and it was never reported as recorded.
const OWED_AT_MOST: usize = 256;

/// How many of these places are for what a full journal must not keep out: stops, links, timers and warning
/// signs. Answers and the end are refused instead, so that none of them is stepped and then dropped.
const OWED_FOR_HOLDS: usize = 128;

/// The id of a device's stop, cue or thumb, and the entry that records it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    pub(super) seq: u64,
    pub(super) role: Role,
    pub(super) id: Id,
    pub(super) stops: bool,
}

#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// Appended and not yet known to be durable, in order.
    waiting: VecDeque<Receipt>,
    /// The newest durable stops of each device and their entries, as many as a device keeps. Each stop is
    /// listed once.
    durable_stops: Both<VecDeque<(Id, u64)>>,
    /// The last entry whose device was told that it is not recorded yet.
    told_through: u64,
    /// Stepped, but the journal had no room.
    owed: VecDeque<Entry>,
}

impl Receipts {
    /// Queues receipts for the entry `seq` if a device tapped it.
    pub(super) fn await_durable(&mut self, seq: u64, entry: &Entry) {
        let (Some(tap), Some(role)) = (entry.what.tap(), entry.by) else {
            return;
        };
        for id in entry.taps() {
            if self.waiting.len() == RECEIPTS_AT_MOST {
                self.waiting.pop_front();
            }
            self.waiting.push_back(Receipt {
                seq,
                role,
                id,
                stops: tap.stops,
            });
        }
    }

    /// The entry from which on the task wants to know that it is durable. While entries wait for room, every
    /// entry that becomes durable makes some.
    fn next_seq(&self) -> Option<u64> {
        let next = self.waiting.front().map(|receipt| receipt.seq);
        if self.owes_nothing() { next } else { Some(0) }
    }

    /// Takes the receipts of all entries that are durable, and has the task woken for the next.
    pub(super) fn take(&mut self, owned: &Ownership) -> Vec<Receipt> {
        let mut taken = self.durable(owned.durable());
        loop {
            owned.wake_from(self.next_seq());
            // What became durable before this call does not wake the task.
            let more = self.durable(owned.durable());
            if more.is_empty() {
                return taken;
            }
            taken.extend(more);
        }
    }

    /// Takes the receipts of all entries up to `through`, which are durable now.
    pub(super) fn durable(&mut self, through: u64) -> Vec<Receipt> {
        let count = self
            .waiting
            .partition_point(|receipt| receipt.seq <= through);
        let durable: Vec<Receipt> = self.waiting.drain(..count).collect();
        for stop in durable.iter().filter(|receipt| receipt.stops) {
            let newest = self.durable_stops.of_mut(stop.role);
            newest.retain(|(id, _)| *id != stop.id);
            if newest.len() == UNRECORDED_AT_MOST {
                newest.pop_front();
            }
            newest.push_back((stop.id, stop.seq));
        }
        durable
    }

    /// The entry that records this stop, if it is durable and one of the newest.
    pub(super) fn durable_stop(&self, role: Role, id: Id) -> Option<u64> {
        let mut stops = self.durable_stops.of(role).iter();
        stops.find(|(stop, _)| *stop == id).map(|(_, seq)| *seq)
    }

    /// What is not durable and was not reported so yet; marks it as reported.
    pub(super) fn untold(&mut self) -> Vec<(Role, Id)> {
        let told = self.told_through;
        self.told_through = self.waiting.back().map_or(told, |receipt| receipt.seq);
        let untold = self.waiting.iter().filter(|receipt| receipt.seq > told);
        untold.map(|receipt| (receipt.role, receipt.id)).collect()
    }

    /// Queues an entry that the journal had no room for. False if it was dropped.
    #[must_use]
    pub(super) fn owe(&mut self, entry: Entry) -> bool {
        let has_room = self.owed.len() < OWED_AT_MOST;
        if has_room {
            self.owed.push_back(entry);
        }
        has_room
    }

    /// Whether an answer or an end may be stepped before the journal has room for it.
    pub(super) fn may_owe_answers(&self) -> bool {
        self.owed.len() < OWED_AT_MOST - OWED_FOR_HOLDS
    }

    /// Takes the next entry to retry.
    pub(super) fn owed(&mut self) -> Option<Entry> {
        self.owed.pop_front()
    }

    /// Puts an entry back after a failed retry.
    pub(super) fn still_owe(&mut self, entry: Entry) {
        self.owed.push_front(entry);
    }

    pub(super) fn owes_nothing(&self) -> bool {
        self.owed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tapcue_rules::cue::Cue;
    use tapcue_rules::entry::What;
    use tapcue_rules::state::LinkStatus;
    use tapcue_rules::time::Millis;

    use super::*;
    use crate::journal::{Grant, Progress};

    /// The journal of a session. An entry becomes durable just before the owner asks to be woken for it.
    struct JustBefore {
        progress: Progress,
        asked: AtomicU64,
    }

    impl Grant for JustBefore {
        fn progress(&self) -> &Progress {
            // The first access reads what is durable, the second asks to be woken.
            if self.asked.fetch_add(1, Ordering::SeqCst) == 1 {
                self.progress.set_durable(7);
            }
            &self.progress
        }

        fn release(&self) {}
    }

    #[test]
    fn what_becomes_durable_just_before_the_wait_is_taken() {
        let owned = Ownership::new(Arc::new(JustBefore {
            progress: Progress::new(Arc::default()),
            asked: AtomicU64::new(0),
        }));
        let mut receipts = Receipts::default();
        let cue = Entry {
            id: Id::from_u128(1),
            at: Millis(1),
            by: Some(Role::Receiver),
            what: What::Cue {
                cue: Cue::Slower,
                epoch: None,
                tapped_at: None,
                uncertainty_ms: None,
            },
        };
        for seq in [7, 8] {
            receipts.await_durable(seq, &cue);
        }
        let taken = receipts.take(&owned);
        assert_eq!(taken.iter().map(|one| one.seq).collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn answers_are_refused_long_before_a_stop_would_be_dropped() {
        let mut receipts = Receipts::default();
        let entry = |n: usize| Entry {
            id: Id::from_u128(n as u128),
            at: Millis(1),
            by: Some(Role::Receiver),
            what: What::Link {
                status: LinkStatus::Late,
            },
        };
        for n in 0..128 {
            assert!(receipts.may_owe_answers(), "{n}");
            assert!(receipts.owe(entry(n)));
        }
        assert!(!receipts.may_owe_answers());
        for n in 128..256 {
            assert!(receipts.owe(entry(n)), "{n}");
        }
        assert!(!receipts.owe(entry(256)));
        // They are retried in their order.
        assert_eq!(receipts.owed().map(|entry| entry.id), Some(Id::nil()));
    }
}
