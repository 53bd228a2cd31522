//! Reads on connections of their own, on blocking threads of the runtime.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction};
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;
use tokio::sync::Semaphore;

use super::super::{Deleted, JournalError, Meta, PAGE, Page, Unfinished};
use super::open::{BUSY_FOR, database_error};
use super::repair::leave_alone;
use super::schema;
use crate::background;

/// How many reads run at once. More would only compete with cues for the processor; further reads wait.
pub(super) const AT_ONCE: usize = 2;

#[derive(Debug)]
pub(super) struct Readers {
    pool: Arc<Pool>,
    permits: Arc<Semaphore>,
    /// Only for [`is_new`](Self::is_new).
    probe: Mutex<Connection>,
}

/// The idle connections: never more than have read at once.
#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// How often the files were replaced. An older connection reads the old files.
    files: AtomicU64,
}

impl Readers {
    /// Opens the first connection.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub(super) fn new(path: PathBuf) -> Result<Self, JournalError> {
        let probe = connect(&path, Duration::ZERO).map_err(|e| database_error(&path, e))?;
        let pool = Pool {
            path,
            idle: Mutex::default(),
            files: AtomicU64::new(0),
        };
        Ok(Self {
            pool: Arc::new(pool),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            probe: Mutex::new(probe),
        })
    }

    /// Closes the idle connections, so that later reads use the files that are in place now.
    ///
    /// # Errors
    /// The database cannot be opened.
    pub(super) fn renew(&self) -> Result<(), JournalError> {
        let path = &self.pool.path;
        let probe = connect(path, Duration::ZERO).map_err(|e| database_error(path, e))?;
        *self.probe.lock().unwrap_or_else(PoisonError::into_inner) = probe;
        self.pool.files.fetch_add(1, Ordering::AcqRel);
        self.pool.lock().clear();
        Ok(())
    }

    /// Whether a session certainly does not exist. Most sessions that get an owner are new, and a switch of threads
    /// would be their largest cost, so this reads on the caller's thread. The ids of new sessions count up,
    /// so the lookup finds its page in memory. False whenever the answer is not available at once.
    pub(super) fn is_new(&self, session: SessionId) -> bool {
        let Ok(probe) = self.probe.try_lock() else {
            return false;
        };
        schema::exists(&probe, session).is_ok_and(|exists| !exists)
    }

    /// Reads on a blocking thread.
    ///
    /// # Errors
    /// What `read` returns, or the database cannot be opened.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| JournalError::Ended)?;
        let pool = Arc::clone(&self.pool);
        // If the caller goes away, the thread still reads and keeps the permit.
        let work = move || {
            let _permit = permit;
            pool.read(read)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| JournalError::Ended)?
    }

    /// Reads on one of the few threads of the lowest priority.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(super) async fn run_in_background<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let pool = Arc::clone(&self.pool);
        let done = background::run(move || pool.read(read)).await;
        done.ok_or(JournalError::Ended)?
    }

    /// How many connections are idle.
    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.pool.lock().len()
    }
}

impl Pool {
    /// Reads on this thread. A connection is closed after an error, and after the files were replaced.
    fn read<T>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let files = self.files.load(Ordering::Acquire);
        let idle = self.lock().pop();
        let path = self.path.clone();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&path, BUSY_FOR).map_err(|e| database_error(&path, e))?,
        };
        let mut reader = Reader { connection, path };
        let read = read(&mut reader)?;
        let mut idle = self.lock();
        if self.files.load(Ordering::Acquire) == files {
            idle.push(reader.connection);
        }
        Ok(read)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        // No code panics under this lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path, busy_for: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy_for)?;
    // The last connection to removed files would otherwise remove the files that have their names now.
    leave_alone(&connection)?;
    Ok(connection)
}

/// One connection for reading. Each call reads one snapshot of the database.
pub(super) struct Reader {
    connection: Connection,
    path: PathBuf,
}

impl Reader {
    /// The number of a session's last entry, 0 if there is none. `recent` are its rows of `log`.
    pub(super) fn last(&mut self, session: SessionId, recent: &[i64]) -> Result<u64, JournalError> {
        self.at_once(|reader| schema::last(reader, session, recent))
    }

    /// The next page of a session's entries after a number. `recent` are its rows of `log`.
    pub(super) fn page(
        &mut self,
        session: SessionId,
        after: u64,
        recent: &[i64],
    ) -> Result<Page, JournalError> {
        let rows = self.at_once(|reader| schema::page(reader, session, after, PAGE, recent))?;
        let more = rows.len() == PAGE;
        let entries = schema::parse(session, after, rows)?;
        Ok(Page { entries, more })
    }

    /// What is stored of a session beside its entries.
    pub(super) fn meta(&mut self, session: SessionId) -> Result<Option<Meta>, JournalError> {
        self.at_once(|reader| {
            if !schema::exists(reader, session)? {
                return Ok(None);
            }
            Ok(Some(Meta {
                admissions: schema::admissions(reader, session)?,
                seals: schema::seals(reader, session)?,
                delete_at: schema::delete_at(reader, session)?,
            }))
        })
    }

    /// What is kept of a deleted session.
    pub(super) fn deleted(&mut self, session: SessionId) -> Result<Option<Deleted>, JournalError> {
        self.at_once(|reader| schema::deleted(reader, session))
    }

    /// Some of the sessions that are not closed or are due.
    pub(super) fn unfinished(
        &mut self,
        now: Millis,
        after: Option<SessionId>,
    ) -> Result<Vec<Unfinished>, JournalError> {
        self.at_once(|reader| schema::unfinished(reader, now, after))
    }

    /// The note of a name.
    pub(super) fn noted(&mut self, name: &str) -> Result<Option<String>, JournalError> {
        self.at_once(|reader| schema::noted(reader, name))
    }

    fn at_once<T>(
        &mut self,
        read: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        self.connection
            .transaction()
            .and_then(|transaction| read(&transaction))
            .map_err(|e| database_error(&self.path, e))
    }
}
