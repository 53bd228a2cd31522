//! What a session's task still owes: receipts for what becomes durable, and entries that the journal
//! could not take yet.

use std::collections::VecDeque;

use tapcue_shared::cue::Role;
use tapcue_shared::entry::Entry;
use tapcue_shared::ids::Id;

/// How many receipts wait at most. When full the oldest is dropped: its device sends the cue again
/// after the next reconnect and is answered then.
const RECEIPTS_AT_MOST: usize = 1_024;

/// How many entries wait for room in the journal at most. They are stops and changes of link, which
/// were carried out already. When full the newest is dropped: the record misses it, and what is
/// missing was never reported as recorded.
const OWED_AT_MOST: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// Appended and not known to be durable, in order.
    waiting: VecDeque<(u64, Role, Id)>,
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

    /// The entry `seq` is a cue: its device is to be told when it is durable.
    pub(super) fn await_durable(&mut self, seq: u64, role: Role, id: Id) {
        if self.waiting.len() == RECEIPTS_AT_MOST {
            self.waiting.pop_front();
        }
        self.waiting.push_back((seq, role, id));
    }

    /// Everything up to `through` is durable: whom to tell what.
    pub(super) fn durable(&mut self, through: u64) -> Vec<(Role, Id, u64)> {
        let count = self.waiting.partition_point(|(seq, ..)| *seq <= through);
        let durable = self.waiting.drain(..count);
        durable.map(|(seq, role, id)| (role, id, seq)).collect()
    }

    /// What is not durable and whose device was not told so yet.
    pub(super) fn untold(&mut self) -> Vec<(Role, Id)> {
        let told = self.told_through;
        self.told_through = self.waiting.back().map_or(told, |(seq, ..)| *seq);
        let untold = self.waiting.iter().filter(|(seq, ..)| *seq > told);
        untold.map(|(_, role, id)| (*role, *id)).collect()
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
