//! What a journal tells the task that appends to a session. Every journal shares this code, which does not
//! depend on where entries are stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// How far a session's entries are durable, for the task that appends them.
///
/// A change between [`changed`](Self::changed) and a read is not lost: the next `changed` returns at once.
pub struct Follower {
    source: Arc<dyn Source>,
}

impl Follower {
    /// The follower of `source`.
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self { source }
    }

    /// The number of the last durable entry, 0 if there is none; every earlier entry is durable too.
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

    /// Whether the session was deleted; then nothing more can be appended.
    #[must_use]
    pub fn deleted(&self) -> bool {
        self.source.feed().deleted.load(Ordering::Acquire)
    }

    /// Returns after progress of [`durable`](Self::durable), or a change of [`failing`](Self::failing) or
    /// [`deleted`](Self::deleted). May return without one. Cancel-safe.
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
    durable: AtomicU64,
    deleted: AtomicBool,
    cut: AtomicBool,
    health: Arc<Health>,
    /// A permit is stored while no task waits, so no change is missed.
    changed: Notify,
}

impl Feed {
    /// The feed of a session without entries.
    pub fn new(health: Arc<Health>) -> Self {
        Self {
            durable: AtomicU64::new(0),
            deleted: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            health,
            changed: Notify::new(),
        }
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
