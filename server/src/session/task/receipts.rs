//! What a session's task still owes: receipts for what becomes durable, and entries that the journal
//! could not take yet.

use std::collections::VecDeque;

use tapcue_rules::cue::{Both, Role};
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::Id;
use tapcue_rules::limits::UNRECORDED_AT_MOST;

/// How many receipts wait at most. When full the oldest is dropped: its device sends the cue again
/// after the next reconnect and is answered then.
const RECEIPTS_AT_MOST: usize = 1_024;

/// How many entries wait for room in the journal at most. They are stops and changes of link, which
/// were carried out already. When full the newest is dropped: the record misses it, and what is
/// missing was never reported as recorded.
const OWED_AT_MOST: usize = 256;

/// A device's stop, cue or thumb, and the entry that has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    pub(super) seq: u64,
    pub(super) role: Role,
    pub(super) id: Id,
    stops: bool,
}

#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// Appended and not known to be durable, in order.
    waiting: VecDeque<Receipt>,
    /// The newest stops of each device that are durable and their entries, as many as it keeps. No
    /// stop is twice among them.
    durable_stops: Both<VecDeque<(Id, u64)>>,
    /// Up to which entry devices were told that theirs is not recorded yet.
    told_through: u64,
    /// Stepped before the journal yielded them, in order.
    stepped: VecDeque<Id>,
    /// Stepped, and the journal was full.
    owed: VecDeque<Entry>,
}

impl Receipts {
    /// This entry was stepped before the journal had it.
    pub(super) fn stepped(&mut self, id: Id) {
        self.stepped.push_back(id);
    }

    /// Whether this entry, which the journal yields now, was stepped before; forgets it.
    pub(super) fn take_stepped(&mut self, id: Id) -> bool {
        let place = self.stepped.iter().position(|stepped| *stepped == id);
        place.is_some_and(|place| self.stepped.remove(place).is_some())
    }

    /// The entry `seq`: if a device tapped it, it is to be told when it is durable.
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

    /// Everything up to `through` is durable: whom to tell what.
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

    /// The entry that has this stop, if it is durable and one of the newest.
    pub(super) fn durable_stop(&self, role: Role, id: Id) -> Option<u64> {
        let mut stops = self.durable_stops.of(role).iter();
        stops.find(|(stop, _)| *stop == id).map(|(_, seq)| *seq)
    }

    /// What is not durable and whose device was not told so yet.
    pub(super) fn untold(&mut self) -> Vec<(Role, Id)> {
        let told = self.told_through;
        self.told_through = self.waiting.back().map_or(told, |receipt| receipt.seq);
        let untold = self.waiting.iter().filter(|receipt| receipt.seq > told);
        untold.map(|receipt| (receipt.role, receipt.id)).collect()
    }

    /// The journal could not take this entry.
    pub(super) fn owe(&mut self, entry: Entry) {
        if self.owed.len() < OWED_AT_MOST {
            self.owed.push_back(entry);
        } else {
            self.take_stepped(entry.id);
        }
    }

    /// The next entry to try again.
    pub(super) fn owed(&mut self) -> Option<Entry> {
        self.owed.pop_front()
    }

    /// It could not be taken this time either.
    pub(super) fn still_owe(&mut self, entry: Entry) {
        self.owed.push_front(entry);
    }

    pub(super) fn owes_nothing(&self) -> bool {
        self.owed.is_empty()
    }
}
