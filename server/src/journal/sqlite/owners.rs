//! Which sessions have an owner, and which of their entries are not durable yet.
//!
//! Locks are taken in this order: the registry's map, a slot's phase.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tapcue_rules::entry::Entry;
use tapcue_rules::ids::SessionId;

use super::super::ownership::{Grant, Health, Progress};
use super::super::{Admission, JournalError};
use super::writer::{Append, Command, Writer};

/// How many entries of one session may wait for the disk before the refusable ones are refused. That is what
/// two people tap in several minutes, and a sixteenth of the writer's queue.
pub(super) const SHARE: u64 = 4_096;

/// The sessions that have an owner, entries or a deletion queued. Bounded by the relay's sessions and
/// the length of the writer's queue.
#[derive(Debug)]
pub(super) struct Owners {
    slots: Mutex<HashMap<SessionId, Arc<Slot>>>,
    health: Arc<Health>,
}

/// Whether a session can have a new owner.
pub(super) enum Begin {
    /// The session has an owner from now on; its slot is to be opened next.
    Begun(Arc<Slot>),
    /// The session has an owner already.
    AlreadyOwned,
    /// The writer still has something of the session queued.
    Unsettled,
}

impl Owners {
    /// A registry without sessions.
    pub(super) fn new(health: Arc<Health>) -> Self {
        Self {
            slots: Mutex::default(),
            health,
        }
    }

    /// A session's slot, if it has one.
    pub(super) fn get(&self, session: SessionId) -> Option<Arc<Slot>> {
        self.lock().get(&session).map(Arc::clone)
    }

    /// Whether the writer has something of this session queued.
    pub(super) fn is_unsettled(&self, session: SessionId) -> bool {
        self.get(session).is_some_and(|slot| match *slot.lock() {
            Phase::Opening => false,
            Phase::Open { last } | Phase::Left { last } => {
                !slot.is_cut() && slot.progress.durable() < last
            }
            Phase::Deleted => true,
        })
    }

    pub(super) fn begin(self: &Arc<Self>, session: SessionId) -> Begin {
        match self.lock().entry(session) {
            MapEntry::Occupied(slot) => match *slot.get().lock() {
                Phase::Opening | Phase::Open { .. } => Begin::AlreadyOwned,
                Phase::Left { .. } | Phase::Deleted => Begin::Unsettled,
            },
            MapEntry::Vacant(vacant) => {
                let slot = Arc::new(Slot::new(session, self, Phase::Opening));
                vacant.insert(Arc::clone(&slot));
                Begin::Begun(slot)
            }
        }
    }

    /// Closes a session to appends and queues its deletion; on an error it does neither.
    pub(super) fn delete(
        self: &Arc<Self>,
        session: SessionId,
        hand_over: impl FnOnce(Arc<Slot>) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let mut slots = self.lock();
        let slot = slots.get(&session).map_or_else(
            || Arc::new(Slot::new(session, self, Phase::Deleted)),
            Arc::clone,
        );
        // Under the phase's lock, so that no append is queued after the deletion.
        let mut phase = slot.lock();
        hand_over(Arc::clone(&slot))?;
        *phase = Phase::Deleted;
        drop(phase);
        slot.progress.set_deleted();
        slots.insert(session, slot);
        Ok(())
    }

    /// Wakes every owner, because commits began to fail or succeed again.
    pub(super) fn wake_all(&self) {
        for slot in self.lock().values() {
            slot.progress.wake();
        }
    }

    /// Stops recording every session that had durable entries, because those were lost. Returns how many
    /// sessions that were.
    pub(super) fn cut(&self) -> usize {
        let mut slots = self.lock();
        let mut cut = 0;
        slots.retain(|_, slot| {
            if slot.progress.durable() == 0 {
                return true;
            }
            cut += 1;
            slot.progress.cut();
            !matches!(*slot.lock(), Phase::Left { .. })
        });
        cut
    }

    /// Removes a slot if `settled` says that it is no longer needed.
    fn forget_if(&self, slot: &Slot, settled: impl FnOnce(&mut Phase) -> bool) {
        let mut slots = self.lock();
        let is_current = slots
            .get(&slot.session)
            .is_some_and(|current| std::ptr::eq(Arc::as_ptr(current), slot));
        if settled(&mut slot.lock()) && is_current {
            slots.remove(&slot.session);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Slot>>> {
        // No code panics under this lock.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }
}

/// A session in the registry.
pub(super) struct Slot {
    session: SessionId,
    registry: Weak<Owners>,
    progress: Progress,
    phase: Mutex<Phase>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The journal still reads its entries.
    Opening,
    /// It has an owner; `last` is the number of its last entry.
    Open { last: u64 },
    /// It has no owner any more, and its entries up to `last` are not all durable.
    Left { last: u64 },
    /// Its deletion is queued or done.
    Deleted,
}

impl Slot {
    fn new(session: SessionId, registry: &Arc<Owners>, phase: Phase) -> Self {
        Self {
            session,
            registry: Arc::downgrade(registry),
            progress: Progress::new(Arc::clone(&registry.health)),
            phase: Mutex::new(phase),
        }
    }

    pub(super) fn session(&self) -> SessionId {
        self.session
    }

    /// Whether the session is no longer recorded.
    pub(super) fn is_cut(&self) -> bool {
        self.progress.is_cut()
    }

    /// Opens the session for appends after entry `last`, which is durable.
    pub(super) fn open(&self, last: u64) {
        let mut phase = self.lock();
        match *phase {
            Phase::Opening => {
                *phase = Phase::Open { last };
                self.progress.set_durable(last);
            }
            // The session was deleted in the meantime.
            Phase::Deleted | Phase::Open { .. } | Phase::Left { .. } => {}
        }
    }

    /// Numbers an entry and queues it; on an error it does neither.
    pub(super) fn append(
        self: Arc<Self>,
        writer: &Writer,
        entry: Entry,
        admission: Option<Admission>,
    ) -> Result<u64, JournalError> {
        // Held to the end, so that entries are queued in the order of their numbers.
        let mut phase = self.lock();
        let last = match *phase {
            Phase::Open { last } => last,
            Phase::Opening | Phase::Left { .. } | Phase::Deleted => {
                return Err(JournalError::NotOwned);
            }
        };
        let seq = last + 1;
        if !self.is_cut() {
            if last.saturating_sub(self.progress.durable()) >= SHARE && entry.what.may_be_refused()
            {
                return Err(JournalError::OverShare);
            }
            writer.hand_over(Command::Append(Append {
                slot: Arc::clone(&self),
                seq,
                entry,
                admission,
            }))?;
        }
        *phase = Phase::Open { last: seq };
        Ok(seq)
    }

    /// Reports everything up to `seq` durable.
    pub(super) fn set_durable(&self, seq: u64) {
        self.progress.set_durable(seq);
        // The phase after `durable`: `release` reads them in the other order, so one of the two removes the
        // slot.
        let is_last = |phase: &mut Phase| match *phase {
            Phase::Left { last } => last == seq,
            Phase::Opening | Phase::Open { .. } | Phase::Deleted => false,
        };
        let is_left = is_last(&mut self.lock());
        if is_left && let Some(registry) = self.registry.upgrade() {
            registry.forget_if(self, is_last);
        }
    }

    /// Reports that the session's deletion is durable.
    pub(super) fn set_gone(&self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.forget_if(self, |_| true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        // No code panics under this lock.
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Grant for Slot {
    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn release(&self) {
        let Some(registry) = self.registry.upgrade() else {
            return;
        };
        registry.forget_if(self, |phase| match *phase {
            Phase::Opening => true,
            Phase::Open { last } => {
                *phase = Phase::Left { last };
                self.is_cut() || self.progress.durable() >= last
            }
            Phase::Left { .. } | Phase::Deleted => false,
        });
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
