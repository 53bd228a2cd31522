//! Where the entries are that lie in the log and not yet in their place.
//!
//! Entries of many sessions come mixed. Put in their place at once, each would dirty a page of its
//! own: with 2,000 sessions that was measured at five times the work of appending them to one
//! table. So they are appended to the table `log`, and [`FOLD_AT`] at a time they are sorted into
//! the table `entries`. The log has no index, for that would be as dear; this is its index.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcue_rules::ids::SessionId;

/// How many entries the log holds before they are sorted into their place. It takes a tenth of a
/// second, in which nothing is reported durable. Few in tests, so that they all pass through it.
pub(super) const FOLD_AT: usize = if cfg!(test) { 600 } else { 32_768 };

/// The rows of the log by session. Bounded by [`FOLD_AT`] and a batch.
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
    /// A session's rows, in order. Take them before the database's snapshot: what is sorted into
    /// its place in between is found there.
    pub(super) fn of(&self, session: SessionId) -> Vec<i64> {
        self.lock()
            .by_session
            .get(&session)
            .cloned()
            .unwrap_or_default()
    }

    /// Says what a commit changed: whether it emptied the log, and what it added after that.
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

    /// Whether it is time to sort the log into place.
    pub(super) fn is_long(&self) -> bool {
        self.lock().count >= FOLD_AT
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        // Nothing panics under this lock.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
