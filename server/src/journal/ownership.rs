//! What a journal tells the task that appends to a session. Every journal shares this code, which does not
//! depend on where entries are stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// The right to append to one session. It tells how far the session's entries are durable.
///
/// A change between [`changed`](Self::changed) and a read is not lost: the next `changed` returns at once.
pub struct Ownership {
    grant: Arc<dyn Grant>,
}

impl Ownership {
    /// The ownership of the session behind `grant`.
    pub fn new(grant: Arc<dyn Grant>) -> Self {
        Self { grant }
    }

    /// The number of the last durable entry, 0 if there is none; every earlier entry is durable too.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.grant.progress().durable()
    }

    /// Whether appended entries do not become durable: commits fail at present, or the beginning of this
    /// session was lost.
    #[must_use]
    pub fn failing(&self) -> bool {
        let progress = self.grant.progress();
        progress.health.failing() || progress.is_cut()
    }

    /// Whether the session was deleted; then nothing more can be appended.
    #[must_use]
    pub fn deleted(&self) -> bool {
        self.grant.progress().deleted.load(Ordering::Acquire)
    }

    /// Sets from which entry on progress of [`durable`](Self::durable) wakes the owner; none for no progress.
    /// Progress before this call does not wake the owner, so read `durable` after it.
    pub fn wake_from(&self, seq: Option<u64>) {
        let from = seq.unwrap_or(u64::MAX);
        self.grant
            .progress()
            .wake_from
            .store(from, Ordering::SeqCst);
    }

    /// Returns after progress of [`durable`](Self::durable) from [`wake_from`](Self::wake_from) on, or a change of [`failing`](Self::failing) or
    /// [`deleted`](Self::deleted). May return without one. Cancel-safe.
    pub async fn changed(&self) {
        self.grant.progress().changed.notified().await;
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        self.grant.release();
    }
}

impl std::fmt::Debug for Ownership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ownership")
            .field("durable", &self.durable())
            .field("failing", &self.failing())
            .finish_non_exhaustive()
    }
}

/// The journal's side of an ownership.
pub trait Grant: Send + Sync {
    /// The session's progress.
    fn progress(&self) -> &Progress;
    /// Ends the ownership, because it was dropped.
    fn release(&self);
}

/// The state that a journal and an ownership share.
pub struct Progress {
    durable: AtomicU64,
    /// The first entry whose durability the owner waits for.
    wake_from: AtomicU64,
    deleted: AtomicBool,
    cut: AtomicBool,
    health: Arc<Health>,
    /// A permit is stored while no task waits, so no change is missed.
    changed: Notify,
}

impl Progress {
    /// The progress of a session without entries.
    pub fn new(health: Arc<Health>) -> Self {
        Self {
            durable: AtomicU64::new(0),
            wake_from: AtomicU64::new(0),
            deleted: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            health,
            changed: Notify::new(),
        }
    }

    /// Reports everything up to `seq` durable.
    pub fn set_durable(&self, seq: u64) {
        // Sequentially consistent with `wake_from`: either the owner reads this number, or it is woken.
        self.durable.store(seq, Ordering::SeqCst);
        if seq >= self.wake_from.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// The number of the last durable entry.
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::SeqCst)
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

    /// Wakes the owner.
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

    /// Sets whether commits fail. Returns whether that changed; then the caller wakes all owners.
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
