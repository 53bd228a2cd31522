//! The sessions that have just ended, which retention checks next.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcue_rules::ids::SessionId;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

/// How long devices have to reconnect after a start before a session counts as abandoned. A page in the
/// background may retry only once a minute.
pub(crate) const COME_BACK: Duration = Duration::from_secs(90);

/// The sessions that retention checks soon. Their number is bounded by the sessions that end within one
/// retention round. A missed session is found by the round.
#[derive(Debug)]
pub struct Finished {
    sessions: Mutex<BTreeSet<SessionId>>,
    notify: Notify,
    /// When devices last lost their session's task: at the start, or when a task panicked.
    disturbed_at: Mutex<Instant>,
}

impl Default for Finished {
    fn default() -> Self {
        Self {
            sessions: Mutex::default(),
            notify: Notify::new(),
            disturbed_at: Mutex::new(Instant::now()),
        }
    }
}

impl Finished {
    /// Queues a session that has ended, may be deleted, or has a new note.
    pub fn look_at(&self, session: SessionId) {
        self.lock().insert(session);
        self.notify.notify_one();
    }

    /// Resolves when a session is queued.
    pub(crate) async fn wait(&self) {
        self.notify.notified().await;
    }

    /// Notes that a session's task has ended while its devices may still be connected.
    pub fn disturbed(&self) {
        *self.disturbed_at() = Instant::now();
    }

    /// Whether the devices of a session that is not in memory have had time to reconnect.
    pub(crate) fn is_settled(&self) -> bool {
        self.disturbed_at().elapsed() >= COME_BACK
    }

    /// Nothing panics under this lock.
    pub(crate) fn disturbed_at(&self) -> MutexGuard<'_, Instant> {
        let disturbed_at = self.disturbed_at.lock();
        disturbed_at.unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the queued sessions, each once.
    pub(crate) fn take(&self) -> BTreeSet<SessionId> {
        std::mem::take(&mut *self.lock())
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, BTreeSet<SessionId>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
