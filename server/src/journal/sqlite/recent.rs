//! Which entries lie only in the table `log`, and the move of them to the table `entries`.
//!
//! The entries of many sessions arrive mixed. Written straight into `entries`, each would change a page of
//! its own. With 2,000 sessions that was measured at five times the work of appending to one table. So they
//! are appended to `log`, and moved session by session once there are [`MOVE_AT`]. An index on `log` would
//! cost as much, so this map in memory takes its place.
//!
//! A move goes on in small steps, one with each batch, so that no batch waits for all of it. First the rows
//! are copied by session, then they are deleted from `log` in the order of `log`: each page of either table
//! changes in few steps. In between an entry is in both tables, and readers ignore its row of `log`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcue_rules::ids::SessionId;

/// How many rows only in `log` begin a move. Few in tests, so that every test passes through moves.
pub(super) const MOVE_AT: usize = if cfg!(test) { 600 } else { 32_768 };

/// How many rows a step moves for each entry of its batch. More than two, so that a move ends before the
/// next begins.
const MOVED_PER_ENTRY: usize = 3;

/// How many rows a step moves at least.
const STEP_AT_LEAST: usize = if cfg!(test) { 4 } else { 64 };

/// The rows that are only in `log`, by session. They are fewer than twice [`MOVE_AT`] and a few batches.
#[derive(Debug, Default)]
pub(super) struct Recent {
    rows: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    by_session: HashMap<SessionId, VecDeque<i64>>,
    count: usize,
    /// The newest row.
    newest: i64,
    moving: Option<Moving>,
}

/// A move of all rows up to one.
#[derive(Debug)]
struct Moving {
    /// The sessions whose rows are not all copied. The last is next.
    sessions: Vec<SessionId>,
    /// The last row to move.
    through: i64,
}

/// A step of a move.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Copy these rows of `log` to `entries`.
    Copy(Vec<(SessionId, Vec<i64>)>),
    /// Delete the oldest rows of `log`, which are copied.
    Delete {
        /// The last row that may be deleted.
        through: i64,
        /// How many rows to delete. If there are fewer, the move has ended.
        at_most: usize,
    },
}

impl Recent {
    /// A session's rows, in order. Read them before the database's snapshot: a row that is copied in between
    /// is then found in `entries`.
    pub(super) fn of(&self, session: SessionId) -> Vec<i64> {
        let rows = self.lock();
        let of_session = rows.by_session.get(&session);
        of_session.map_or_else(Vec::new, |rows| rows.iter().copied().collect())
    }

    /// The step to take with a batch of this many entries, if a move goes on or begins.
    pub(super) fn next_step(&self, batch: usize) -> Option<Step> {
        let rows = &mut *self.lock();
        if rows.moving.is_none() && rows.count >= MOVE_AT {
            rows.moving = Some(rows.begin());
        }
        let moving = rows.moving.as_ref()?;
        let at_most = (batch * MOVED_PER_ENTRY).max(STEP_AT_LEAST);
        let mut room = at_most;
        let mut copied = Vec::new();
        for session in moving.sessions.iter().rev() {
            let taken: Vec<i64> = rows.to_copy(*session, moving).take(room).collect();
            room -= taken.len();
            if !taken.is_empty() {
                copied.push((*session, taken));
            }
            if room == 0 {
                break;
            }
        }
        Some(if copied.is_empty() {
            Step::Delete {
                through: moving.through,
                at_most,
            }
        } else {
            Step::Copy(copied)
        })
    }

    /// Applies a commit: the step it took and whether that ended the move, the rows it added to `log`, and the
    /// sessions it deleted.
    pub(super) fn committed(
        &self,
        step: Option<&Step>,
        ended: bool,
        added: &[(SessionId, i64)],
        deleted: &[SessionId],
    ) {
        let mut rows = self.lock();
        match step {
            Some(Step::Copy(copied)) => rows.copied(copied),
            Some(Step::Delete { .. }) => rows.moving = rows.moving.take().filter(|_| !ended),
            None => {}
        }
        rows.count += added.len();
        for (session, row) in added {
            rows.by_session.entry(*session).or_default().push_back(*row);
            rows.newest = *row;
        }
        for session in deleted {
            let gone = rows.by_session.remove(session);
            rows.count -= gone.map_or(0, |rows| rows.len());
        }
    }

    /// Forgets all rows, because `log` was emptied.
    pub(super) fn clear(&self) {
        *self.lock() = Rows::default();
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        // No code panics under this lock.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn begin(&self) -> Moving {
        let mut sessions: Vec<_> = self.by_session.keys().copied().collect();
        // In the order of `entries`, so that neighbours are copied together.
        sessions.sort_unstable_by_key(|session| std::cmp::Reverse(*session));
        Moving {
            sessions,
            through: self.newest,
        }
    }

    /// The rows of a session that this move has not copied. None if the session was deleted since.
    fn to_copy(&self, session: SessionId, moving: &Moving) -> impl Iterator<Item = i64> {
        let rows = self.by_session.get(&session).into_iter().flatten().copied();
        let through = moving.through;
        rows.take_while(move |row| *row <= through)
    }

    fn copied(&mut self, copied: &[(SessionId, Vec<i64>)]) {
        for (session, taken) in copied {
            self.count -= taken.len();
            if let Some(rows) = self.by_session.get_mut(session) {
                rows.drain(..taken.len());
                if rows.is_empty() {
                    self.by_session.remove(session);
                }
            }
        }
        if let Some(mut moving) = self.moving.take() {
            let is_copied = |session: &SessionId| self.to_copy(*session, &moving).next().is_none();
            let left = moving
                .sessions
                .iter()
                .rposition(|session| !is_copied(session));
            moving.sessions.truncate(left.map_or(0, |last| last + 1));
            self.moving = Some(moving);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u128) -> SessionId {
        SessionId(uuid::Uuid::from_u128(n))
    }

    /// Adds rows to `log` as the writer does, with a step of the move in each batch, and compares what readers
    /// would find with what was added.
    #[test]
    fn every_row_is_found_once_at_every_step_of_a_move() {
        let recent = Recent::default();
        let (mut log, mut entries) = (Vec::<(SessionId, i64)>::new(), Vec::new());
        let mut row = 0;
        let (mut copies, mut deletions) = (0, 0);
        for batch in 0..2_000 {
            // Numbers of failed batches are left out, and a batch may have failed for long.
            row += if batch % 5 == 0 { 1_000_000 } else { 0 };
            let added: Vec<_> = (0..=batch % 7)
                .map(|n| {
                    row += 1;
                    // One session has most rows.
                    (session(if n % 2 == 0 { 0 } else { batch % 90 }), row)
                })
                .collect();
            let step = recent.next_step(added.len());
            let mut ended = false;
            match &step {
                Some(Step::Copy(copied)) => {
                    copies += 1;
                    for (session, rows) in copied {
                        for row in rows {
                            assert!(log.contains(&(*session, *row)), "copied what is not there");
                            entries.push((*session, *row));
                        }
                    }
                }
                Some(Step::Delete { through, at_most }) => {
                    deletions += 1;
                    let old = log.iter().filter(|(_, row)| row <= through).count();
                    ended = old < *at_most;
                    log.drain(..old.min(*at_most));
                }
                None => {}
            }
            log.extend(&added);
            recent.committed(step.as_ref(), ended, &added, &[]);
            if batch % 50 == 0 {
                for n in 0..90 {
                    let in_log = recent.of(session(n));
                    assert!(in_log.iter().all(|row| log.contains(&(session(n), *row))));
                    let in_entries = entries.iter().filter(|(of, _)| *of == session(n));
                    let mut found: Vec<i64> = in_entries.map(|(_, row)| *row).collect();
                    assert!(found.iter().all(|row| !in_log.contains(row)), "found twice");
                    found.extend(in_log);
                    assert!(found.is_sorted(), "copied out of order");
                }
            }
        }
        assert!(copies > 100 && deletions > 100, "{copies} {deletions}");
        assert!(log.len() < 2 * MOVE_AT, "{}", log.len());
        let mut all: Vec<_> = entries.iter().chain(&log).map(|(_, row)| *row).collect();
        all.sort_unstable();
        all.dedup();
        let added: u128 = (0..2_000).map(|batch| batch % 7 + 1).sum();
        assert_eq!(all.len() as u128, added);
    }

    #[test]
    fn what_is_deleted_during_a_move_is_not_copied() {
        let recent = Recent::default();
        let added: Vec<_> = (0..600)
            .map(|row| (session(row as u128 % 3), row))
            .collect();
        recent.committed(None, false, &added, &[]);
        // The first two sessions are deleted after one step each. Without their rows the move has 200.
        let mut copied = Vec::new();
        let deleted = [&[session(0)][..], &[session(1)], &[]];
        for (n, deleted) in deleted.into_iter().cycle().take(60).enumerate() {
            let step = recent.next_step(5);
            if let Some(Step::Copy(rows)) = &step {
                copied.extend(rows.iter().map(|(of, rows)| (*of, rows.len())));
            }
            let ended = matches!(step, Some(Step::Delete { .. })) && n > 50;
            recent.committed(step.as_ref(), ended, &[], deleted);
        }
        let of = |n| copied.iter().filter(move |(of, _)| *of == session(n));
        let count = |n| of(n).map(|(_, rows)| rows).sum::<usize>();
        assert_eq!((count(0), count(1), count(2)), (15, 15, 200));
        assert!(recent.next_step(5).is_none(), "the move has ended");
        recent.committed(None, false, &[(session(3), 600)], &[]);
        assert_eq!(recent.of(session(3)), [600]);
    }
}
