//! The state of a session's follower: the entries that it has not taken yet, and how far the journal is
//! durable. Every journal shares this code, which does not depend on where entries are stored.
//!
//! There are tens of thousands of followers and nearly all are idle, so an idle one owns no further heap
//! memory. A channel of tokio's would keep a block of entries allocated.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Numbered;

/// One session's entries as they arrive, in order and without gaps, for one task.
///
/// After [`changed`](Self::changed), take entries until there are none, then read the other values. A change
/// in between is not lost: the next `changed` returns at once.
pub struct Follower {
    source: Arc<dyn Source>,
}

impl Follower {
    /// The follower of `source`.
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self { source }
    }

    /// The next entry, if one has arrived.
    #[must_use]
    pub fn try_next(&self) -> Option<Numbered> {
        self.source.feed().pop()
    }

    /// The number of the last durable entry; every earlier entry is durable too. It may be ahead of the
    /// entries that were taken.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.source.feed().durable.load(Ordering::Acquire)
    }

    /// Whether appended entries do not become durable: commits fail at present, or the beginning of this
    /// session was lost.
    #[must_use]
    pub fn failing(&self) -> bool {
        let feed = self.source.feed();
        feed.health.failing() || feed.is_cut()
    }

    /// Whether the session was deleted; then no more entries arrive.
    #[must_use]
    pub fn deleted(&self) -> bool {
        self.source.feed().deleted.load(Ordering::Acquire)
    }

    /// Returns after a new entry, progress of [`durable`](Self::durable), or a change of
    /// [`failing`](Self::failing) or [`deleted`](Self::deleted). May return without one. Cancel-safe.
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

/// The journal's side of a follower, as the follower sees it.
pub trait Source: Send + Sync {
    /// The session's feed.
    fn feed(&self) -> &Feed;
    /// Ends the following, because the follower was dropped.
    fn unfollow(&self);
}

/// The state that a journal and a follower share.
pub struct Feed {
    entries: Mutex<VecDeque<Numbered>>,
    durable: AtomicU64,
    deleted: AtomicBool,
    cut: AtomicBool,
    health: Arc<Health>,
    /// A permit is stored while no task waits, so no change is missed.
    changed: Notify,
}

impl Feed {
    /// An empty feed.
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

    /// Starts with the entries that are already recorded, durable up to `durable`.
    pub fn begin(&self, recorded: Vec<Numbered>, durable: u64) {
        *self.lock() = recorded.into();
        self.durable.store(durable, Ordering::Release);
        self.wake();
    }

    /// Yields an entry.
    pub fn push(&self, numbered: Numbered) {
        let mut entries = self.lock();
        if entries.capacity() == 0 {
            // Usually the entry is taken before the next one arrives.
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

    /// The number of the last durable entry.
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Reports the session deleted.
    pub fn set_deleted(&self) {
        self.deleted.store(true, Ordering::Release);
        self.lock().clear();
        self.wake();
    }

    /// Marks that no further entry becomes durable, because earlier entries were lost.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.wake();
    }

    /// Whether no further entry becomes durable.
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// Wakes the follower.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Numbered>> {
        // No code panics under this lock; if it did, the queue would still be whole.
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

    /// Sets whether commits fail. Returns whether that changed; then the caller wakes the followers.
    pub fn set_failing(&self, failing: bool) -> bool {
        let changed = self.failing.swap(failing, Ordering::AcqRel) != failing;
        if changed && failing {
            self.began_to_fail.notify_waiters();
        }
        changed
    }

    /// Resolves when commits fail, at once if they already do.
    pub async fn until_failing(&self) {
        let began = self.began_to_fail.notified();
        let mut began = std::pin::pin!(began);
        began.as_mut().enable();
        if !self.failing() {
            began.await;
        }
    }
}
