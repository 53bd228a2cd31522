//! Where the entries are that lie in the table `log` and not yet in the table `entries`.
//!
//! The entries of many sessions arrive mixed. Written straight into `entries`, each would change a page of
//! its own. With 2,000 sessions that was measured at five times the work of appending to one table. So they
//! are appended to `log`, and moved to `entries` [`FOLD_AT`] at a time. An index on `log` would cost as much,
//! so this map in memory takes its place.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcue_rules::ids::SessionId;

/// How many entries `log` holds before they are moved to `entries`. A move takes 0.1 s, in which nothing is
/// reported durable. Few in tests, so that every test passes through it.
pub(super) const FOLD_AT: usize = if cfg!(test) { 600 } else { 32_768 };

/// The rows of `log` by session. Bounded by [`FOLD_AT`] plus one batch.
#[derive(Debug, Default)]
pub(super) struct Recent {
    rows: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    by_session: HashMap<SessionId, Vec<i64>>,
    count: usize,
}

impl Recent {
    /// A session's rows, in order. Read them before the database's snapshot: a row that is moved in between
    /// is then found in `entries`.
    pub(super) fn of(&self, session: SessionId) -> Vec<i64> {
        self.lock()
            .by_session
            .get(&session)
            .cloned()
            .unwrap_or_default()
    }

    /// Applies a commit: whether it emptied `log`, and which rows it added after that.
    pub(super) fn committed(&self, folded: bool, added: &[(SessionId, i64)]) {
        let mut rows = self.lock();
        if folded {
            *rows = Rows::default();
        }
        rows.count += added.len();
        for (session, row) in added {
            rows.by_session.entry(*session).or_default().push(*row);
        }
    }

    /// Whether `log` is long enough to move its entries.
    pub(super) fn is_long(&self) -> bool {
        self.lock().count >= FOLD_AT
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        // No code panics under this lock.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
