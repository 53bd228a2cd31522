//! What a follower of a session holds: the entries that it has not taken yet and how far the
//! journal is durable. Shared by every journal; knows nothing of where entries are kept.
//!
//! There are tens of thousands of these and nearly all are idle, so an idle one owns no heap beyond
//! itself (a channel of tokio's would keep a block of entries allocated).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Numbered;

/// One session's entries as they come, in order and without gaps. For one task.
///
/// After [`changed`](Self::changed), take entries until there are none and look at the rest; a
/// change in between is not lost: the next `changed` returns at once.
pub struct Follower {
    source: Arc<dyn Source>,
}

impl Follower {
    /// The follower of `source`.
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self { source }
    }

    /// The next entry, if it is here.
    #[must_use]
    pub fn try_next(&self) -> Option<Numbered> {
        self.source.feed().pop()
    }

    /// The number of the last entry that is durable; everything before it is durable too. May be
    /// ahead of what was taken.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.source.feed().durable.load(Ordering::Acquire)
    }

    /// Whether what is appended does not become durable: commits fail at present, or the beginning of
    /// this session was lost.
    #[must_use]
    pub fn failing(&self) -> bool {
        let feed = self.source.feed();
        feed.health.failing() || feed.is_cut()
    }

    /// Whether the session was deleted: nothing comes any more.
    #[must_use]
    pub fn deleted(&self) -> bool {
        self.source.feed().deleted.load(Ordering::Acquire)
    }

    /// Returns after a new entry, progress of [`durable`](Self::durable), or a change of
    /// [`failing`](Self::failing) or [`deleted`](Self::deleted). May return without one. May be
    /// cancelled.
    pub async fn changed(&self) {
        self.source.feed().changed.notified().await;
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.source.unfollow();
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower")
            .field("durable", &self.durable())
            .field("failing", &self.failing())
            .finish_non_exhaustive()
    }
}

/// What stands behind a follower in a journal.
pub trait Source: Send + Sync {
    /// The session's feed.
    fn feed(&self) -> &Feed;
    /// The follower is gone.
    fn unfollow(&self);
}

/// The journal's end of a follower.
pub struct Feed {
    entries: Mutex<VecDeque<Numbered>>,
    durable: AtomicU64,
    deleted: AtomicBool,
    cut: AtomicBool,
    health: Arc<Health>,
    /// One permit is kept while nobody waits, so no change is missed.
    changed: Notify,
}

impl Feed {
    /// A feed with nothing in it.
    pub fn new(health: Arc<Health>) -> Self {
        Self {
            entries: Mutex::default(),
            durable: AtomicU64::new(0),
            deleted: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            health,
            changed: Notify::new(),
        }
    }

    /// Begins with what is recorded already and durable up to `durable`.
    pub fn begin(&self, recorded: Vec<Numbered>, durable: u64) {
        *self.lock() = recorded.into();
        self.durable.store(durable, Ordering::Release);
        self.wake();
    }

    /// Yields an entry.
    pub fn push(&self, numbered: Numbered) {
        let mut entries = self.lock();
        if entries.capacity() == 0 {
            // Usually it is taken before the next one comes.
            entries.reserve_exact(1);
        }
        entries.push_back(numbered);
        drop(entries);
        self.wake();
    }

    fn pop(&self) -> Option<Numbered> {
        let mut entries = self.lock();
        let next = entries.pop_front();
        if entries.is_empty() {
            *entries = VecDeque::new();
        }
        next
    }

    /// Reports everything up to `seq` durable.
    pub fn set_durable(&self, seq: u64) {
        self.durable.store(seq, Ordering::Release);
        self.wake();
    }

    /// How far it is durable.
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Reports the session deleted.
    pub fn set_deleted(&self) {
        self.deleted.store(true, Ordering::Release);
        self.lock().clear();
        self.wake();
    }

    /// Nothing that is appended becomes durable any more: what came before it was lost.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.wake();
    }

    /// Whether nothing becomes durable any more.
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// Has the follower look.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Numbered>> {
        // Nothing panics under this lock; were it to, the queue is whole all the same.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a journal's commits succeed.
#[derive(Debug, Default)]
pub struct Health {
    failing: AtomicBool,
    began_to_fail: Notify,
}

impl Health {
    /// Whether commits fail at present.
    pub fn failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    /// Says whether commits fail. Whether that is new: then the followers are to be woken.
    pub fn set_failing(&self, failing: bool) -> bool {
        let changed = self.failing.swap(failing, Ordering::AcqRel) != failing;
        if changed && failing {
            self.began_to_fail.notify_waiters();
        }
        changed
    }

    /// Resolves when commits fail, at once if they do already.
    pub async fn until_failing(&self) {
        let began = self.began_to_fail.notified();
        let mut began = std::pin::pin!(began);
        began.as_mut().enable();
        if !self.failing() {
            began.await;
        }
    }
}
