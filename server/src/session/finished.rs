//! The sessions that have just ended: retention looks at them next.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcue_rules::ids::SessionId;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

/// After a start, how long devices have to come back before a session counts as left: a page in the
/// background may try once a minute only.
pub(crate) const COME_BACK: Duration = Duration::from_secs(90);

/// The sessions to look at soon. Bounded by the sessions that end within one of its rounds; one that is
/// missed is found by the round.
#[derive(Debug)]
pub struct Finished {
    sessions: Mutex<BTreeSet<SessionId>>,
    notify: Notify,
    /// When devices lost their session's task last: at the start, and as one panicked.
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
    /// This session has ended, or has a new note.
    pub fn look_at(&self, session: SessionId) {
        self.lock().insert(session);
        self.notify.notify_one();
    }

    /// Resolves when there is one.
    pub(crate) async fn wait(&self) {
        self.notify.notified().await;
    }

    /// A session's task is gone while its devices may still be there.
    pub fn disturbed(&self) {
        *self.disturbed_at() = Instant::now();
    }

    /// Whether the devices of a session that is not in memory have had time to come back.
    pub(crate) fn is_settled(&self) -> bool {
        self.disturbed_at().elapsed() >= COME_BACK
    }

    /// Nothing panics under this lock.
    pub(crate) fn disturbed_at(&self) -> MutexGuard<'_, Instant> {
        let disturbed_at = self.disturbed_at.lock();
        disturbed_at.unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of now, each once.
    pub(crate) fn take(&self) -> BTreeSet<SessionId> {
        std::mem::take(&mut *self.lock())
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, BTreeSet<SessionId>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
