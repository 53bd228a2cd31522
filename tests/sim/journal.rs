//! A journal in memory. Its disk can be slow or fail for a while, and a kill loses exactly what was not
//! durable.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::future::BoxFuture;
use tapcue_rules::cue::Cue;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::time::Millis;
use tapcue_server::journal::{
    Admission, Closing, Deleted, Deletion, Grant, Health, Journal, JournalError, Meta, Numbered,
    Ownership, Page, Priority, Progress, Unfinished,
};
use tokio::sync::Notify;

use crate::rng::Rng;

/// How many entries may wait to become durable, unless room is short.
const ROOM: usize = 10_000;

/// The disk, which survives a kill of the relay.
#[derive(Default)]
pub(crate) struct Disk {
    sessions: HashMap<SessionId, OnDisk>,
    /// The number of the relay that writes; an earlier relay is dead and writes nothing.
    life: u64,
}

#[derive(Default)]
struct OnDisk {
    entries: Vec<Entry>,
    /// Each with the number of the entry that it came with.
    admissions: Vec<(u64, Admission)>,
    durable: u64,
    progress: Option<Weak<Slot>>,
}

/// One relay's journal.
pub(crate) struct SimJournal {
    disk: Arc<Mutex<Disk>>,
    life: u64,
    health: Arc<Health>,
    world: Arc<Notify>,
    /// Notified of every commit.
    committed: Notify,
    pace: Mutex<Pace>,
}

/// What a kill lost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lost {
    /// Whether entries that were not durable are lost.
    pub(crate) entries: bool,
    /// Whether a token is lost, so that it opens nothing.
    pub(crate) admission: bool,
}

struct Pace {
    /// How many entries may wait to become durable.
    room: usize,
    rng: Rng,
    delay: (u64, u64),
    /// When the running commit ends; none while nothing waits.
    commit_at: Option<u64>,
    asked: bool,
}

struct Slot {
    progress: Progress,
    session: SessionId,
    disk: Arc<Mutex<Disk>>,
}

impl Grant for Slot {
    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn release(&self) {
        if let Some(session) = lock(&self.disk).sessions.get_mut(&self.session) {
            // The ownership of a dead relay leaves that of the next relay in place.
            let mine = |slot: &Weak<Slot>| std::ptr::eq(slot.as_ptr(), self);
            session.progress = session.progress.take().filter(|slot| !mine(slot));
        }
    }
}

impl SimJournal {
    /// Opens the journal of the next relay. What was not durable is lost.
    pub(crate) fn open(
        disk: &Arc<Mutex<Disk>>,
        world: Arc<Notify>,
        mut rng: Rng,
    ) -> (Arc<Self>, Lost) {
        let mut lost = Lost::default();
        let mut kept = lock(disk);
        kept.life += 1;
        for session in kept.sessions.values_mut() {
            let durable = session.durable;
            lost.entries |= session.entries.len() as u64 > durable;
            session.entries.truncate(durable as usize);
            let before = session.admissions.len();
            session.admissions.retain(|(seq, _)| *seq <= durable);
            lost.admission |= session.admissions.len() < before;
            session.progress = None;
        }
        kept.sessions.retain(|_, session| session.durable > 0);
        let room = if rng.percent(20) {
            rng.range(4, 40) as usize
        } else {
            ROOM
        };
        let longest = rng.pick(&[1, 1, 5, 5, 50, 50, 400, 2_000]);
        let journal = Self {
            life: kept.life,
            disk: Arc::clone(disk),
            health: Arc::default(),
            world,
            committed: Notify::new(),
            pace: Mutex::new(Pace {
                room,
                delay: (0, longest),
                rng,
                commit_at: None,
                asked: false,
            }),
        };
        drop(kept);
        (Arc::new(journal), lost)
    }

    /// Sets how long commits take, in milliseconds.
    pub(crate) fn pace(&self, delay: (u64, u64)) {
        lock(&self.pace).delay = delay;
    }

    /// Repairs the disk.
    pub(crate) fn heal(&self) {
        {
            let mut pace = lock(&self.pace);
            pace.delay = (1, 5);
            pace.room = ROOM;
        }
        self.fail(false);
    }

    /// Sets whether commits fail.
    pub(crate) fn fail(&self, failing: bool) {
        if self.health.set_failing(failing) {
            for session in lock(&self.disk).sessions.values() {
                if let Some(slot) = session.progress.as_ref().and_then(Weak::upgrade) {
                    slot.progress.wake();
                }
            }
        }
        lock(&self.pace).asked = true;
    }

    /// Commits what is due. Returns when the next commit ends.
    pub(crate) fn tick(&self, now: u64) -> Option<u64> {
        let mut pace = lock(&self.pace);
        if self.health.failing() {
            pace.commit_at = None;
            return None;
        }
        if pace.commit_at.is_some_and(|at| at <= now) {
            pace.commit_at = None;
            for session in lock(&self.disk).sessions.values_mut() {
                let last = session.entries.len() as u64;
                if session.durable < last {
                    session.durable = last;
                    if let Some(slot) = session.progress.as_ref().and_then(Weak::upgrade) {
                        slot.progress.set_durable(last);
                    }
                }
            }
            self.committed.notify_waiters();
        } else if pace.commit_at.is_none() && std::mem::take(&mut pace.asked) {
            let (low, high) = pace.delay;
            pace.commit_at = Some(now + pace.rng.range(low, high));
            if pace.commit_at == Some(now) {
                drop(pace);
                return self.tick(now);
            }
        }
        pace.commit_at
    }

    /// How many of a session's entries can be read.
    fn readable(&self, on_disk: &OnDisk) -> usize {
        if self.health.failing() {
            on_disk.durable as usize
        } else {
            on_disk.entries.len()
        }
    }

    fn dead(&self, disk: &Disk) -> bool {
        disk.life != self.life
    }
}

/// The durable ids of all sessions: of entries, and of the stops that entries count.
pub(crate) fn durable_ids(disk: &Arc<Mutex<Disk>>) -> HashSet<Id> {
    let disk = lock(disk);
    let sessions = disk.sessions.values();
    let durable = sessions.flat_map(|s| s.entries.iter().take(s.durable as usize));
    durable
        .flat_map(|entry| entry.taps().chain([entry.id]))
        .collect()
}

/// Whether an end is durable.
pub(crate) fn has_durable_end(disk: &Arc<Mutex<Disk>>) -> bool {
    let disk = lock(disk);
    let sessions = disk.sessions.values();
    let mut durable = sessions.flat_map(|s| s.entries.iter().take(s.durable as usize));
    durable.any(|entry| entry.what == What::Ended)
}

/// Whether a token is not durable yet.
pub(crate) fn is_admission_open(disk: &Arc<Mutex<Disk>>) -> bool {
    let disk = lock(disk);
    let open = |s: &OnDisk| s.admissions.iter().any(|(seq, _)| *seq > s.durable);
    disk.sessions.values().any(open)
}

/// Whether an entry with this id is durable; if it has a number, the entry with this number.
pub(crate) fn is_durable(disk: &Arc<Mutex<Disk>>, seq: Option<u64>, id: Id) -> bool {
    let disk = lock(disk);
    disk.sessions.values().any(|session| {
        let mut durable = (1..=session.durable).zip(&session.entries);
        durable.any(|(place, entry)| {
            seq.is_none_or(|seq| seq == place) && entry.taps().any(|tap| tap == id)
        })
    })
}

/// The durable stops, in order.
pub(crate) fn durable_stops(disk: &Arc<Mutex<Disk>>) -> Vec<Id> {
    let disk = lock(disk);
    let sessions = disk.sessions.values();
    let durable = sessions.flat_map(|s| s.entries.iter().take(s.durable as usize));
    let stop = |entry: &&Entry| {
        let what = &entry.what;
        matches!(what, What::Cue { cue: Cue::Stop, .. } | What::Stops { .. })
    };
    durable.filter(stop).flat_map(Entry::taps).collect()
}

/// A stop that an entry counts although an earlier entry has it.
pub(crate) fn counted_twice(disk: &Arc<Mutex<Disk>>) -> Option<(u64, Id)> {
    let disk = lock(disk);
    let mut seen = HashSet::new();
    let entries = disk.sessions.values().flat_map(|s| (1..).zip(&s.entries));
    let mut taps = entries.flat_map(|(seq, entry)| {
        let counts = matches!(entry.what, What::Stops { .. });
        let tap = move |id| (counts, seq, id, entry.by);
        entry.taps().map(tap).collect::<Vec<_>>()
    });
    let twice = taps.find(|(counts, _, id, by)| !seen.insert((*id, *by)) && *counts);
    twice.map(|(_, seq, id, _)| (seq, id))
}

/// Whether an entry counts several stops.
pub(crate) fn has_counts(disk: &Arc<Mutex<Disk>>) -> bool {
    let disk = lock(disk);
    let mut entries = disk.sessions.values().flat_map(|s| &s.entries);
    entries.any(|entry| entry.taps().count() > 1)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal for SimJournal {
    fn own(&self, session: SessionId) -> BoxFuture<'_, Result<Ownership, JournalError>> {
        Box::pin(async move {
            let mut disk = lock(&self.disk);
            if self.dead(&disk) {
                return Err(JournalError::Ended);
            }
            let on_disk = disk.sessions.entry(session).or_default();
            if on_disk.progress.as_ref().and_then(Weak::upgrade).is_some() {
                return Err(JournalError::AlreadyOwned);
            }
            if self.health.failing() && on_disk.durable < on_disk.entries.len() as u64 {
                return Err(JournalError::Unavailable);
            }
            let slot = Arc::new(Slot {
                progress: Progress::new(Arc::clone(&self.health)),
                session,
                disk: Arc::clone(&self.disk),
            });
            slot.progress.set_durable(on_disk.durable);
            on_disk.progress = Some(Arc::downgrade(&slot));
            Ok(Ownership::new(slot))
        })
    }

    fn append(
        &self,
        session: SessionId,
        entry: Entry,
        admission: Option<Admission>,
    ) -> Result<u64, JournalError> {
        let mut disk = lock(&self.disk);
        if self.dead(&disk) {
            return Err(JournalError::Ended);
        }
        let on_disk = disk
            .sessions
            .get_mut(&session)
            .ok_or(JournalError::NotOwned)?;
        let slot = on_disk.progress.as_ref().and_then(Weak::upgrade);
        slot.ok_or(JournalError::NotOwned)?;
        if on_disk.entries.len() - on_disk.durable as usize >= lock(&self.pace).room {
            return Err(JournalError::Full);
        }
        on_disk.entries.push(entry);
        let seq = on_disk.entries.len() as u64;
        on_disk.admissions.extend(admission.map(|a| (seq, a)));
        drop(disk);
        lock(&self.pace).asked = true;
        self.world.notify_one();
        Ok(seq)
    }

    fn page(
        &self,
        session: SessionId,
        after: u64,
        _: Priority,
    ) -> BoxFuture<'_, Result<Page, JournalError>> {
        Box::pin(async move {
            let disk = lock(&self.disk);
            let Some(on_disk) = disk.sessions.get(&session) else {
                return Ok(Page::default());
            };
            let upto = self.readable(on_disk);
            let entries = on_disk.entries[..upto].iter().enumerate();
            let entries = entries.map(|(at, entry)| Numbered {
                seq: at as u64 + 1,
                entry: entry.clone(),
            });
            Ok(Page {
                entries: entries.skip(after as usize).collect(),
                more: false,
            })
        })
    }

    fn meta(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Meta>, JournalError>> {
        Box::pin(async move {
            let disk = lock(&self.disk);
            let Some(on_disk) = disk.sessions.get(&session) else {
                return Ok(None);
            };
            let upto = self.readable(on_disk) as u64;
            let admissions = on_disk.admissions.iter();
            let admissions = admissions.filter(|(seq, _)| *seq <= upto);
            Ok(Some(Meta {
                admissions: admissions.map(|(_, admission)| *admission).collect(),
                seals: Vec::new(),
                delete_at: None,
            }))
        })
    }

    fn note(&self, _: &'static str, _: String) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    fn noted(&self, _: &'static str) -> BoxFuture<'_, Result<Option<String>, JournalError>> {
        Box::pin(async { Ok(None) })
    }

    fn delete(&self, _: SessionId, _: Deletion) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(async { Err(JournalError::Unavailable) })
    }

    fn deleted(&self, _: SessionId) -> BoxFuture<'_, Result<Option<Deleted>, JournalError>> {
        Box::pin(async { Ok(None) })
    }

    fn close(&self, _: SessionId, _: Closing) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Err(JournalError::Unavailable) })
    }

    fn unfinished(
        &self,
        _: Millis,
        _: Option<SessionId>,
    ) -> BoxFuture<'_, Result<Vec<Unfinished>, JournalError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn forget(&self, _: Millis) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(async { Ok(()) })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        let lengths = |disk: &Disk| -> Vec<_> {
            let sessions = disk.sessions.iter();
            sessions
                .map(|(id, s)| (*id, s.entries.len() as u64))
                .collect()
        };
        let asked = lengths(&lock(&self.disk));
        Box::pin(async move {
            loop {
                let committed = self.committed.notified();
                {
                    let disk = lock(&self.disk);
                    if self.dead(&disk) {
                        return Err(JournalError::Ended);
                    }
                    let durable = |id| disk.sessions.get(id).map_or(0, |session| session.durable);
                    if asked.iter().all(|(id, length)| durable(id) >= *length) {
                        return Ok(());
                    }
                }
                committed.await;
            }
        })
    }

    fn healthy(&self) -> bool {
        !self.health.failing()
    }
}
