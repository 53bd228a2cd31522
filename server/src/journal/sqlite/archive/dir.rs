//! The data directory: whether a relay uses it, the databases set aside in it, and exclusive use of it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::super::super::JournalError;
use super::super::open::{self, DAMAGED, DATABASE, DataDir, LOCK, file_error, with_suffix};

use super::super::log_identity::FOREIGN;
pub(crate) use super::super::open::sync_dir;

/// The prefix of the names of databases that a backup replaced.
const REPLACED: &str = "journal.replaced-";

/// The path of the database in a data directory.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

/// Since when a relay has used a data directory; none if no relay uses it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunningSince(pub(crate) Option<SystemTime>);

impl RunningSince {
    /// Reads it from the directory's lock file.
    ///
    /// # Errors
    /// The lock file cannot be read.
    pub(crate) fn of(dir: &Path) -> Result<Self, JournalError> {
        let path = dir.join(LOCK);
        let look = || match File::open(&path) {
            Ok(lock) => match lock.try_lock_shared() {
                // Closing the file releases the lock at once.
                Ok(()) => Ok(None),
                Err(TryLockError::WouldBlock) => lock.metadata()?.modified().map(Some),
                Err(TryLockError::Error(e)) => Err(e),
            },
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        };
        look().map(Self).map_err(|e| file_error(&path, e))
    }
}

/// A database that was set aside. No relay deletes from it or removes it.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

impl Aside {
    /// The set-aside databases of a data directory, ordered by name.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub(crate) fn all(dir: &Path) -> Result<Vec<Self>, JournalError> {
        let read = || -> io::Result<Vec<Self>> {
            let mut all = Vec::new();
            for file in std::fs::read_dir(dir)? {
                let file = file?;
                let name = file.file_name();
                let name = name.to_string_lossy();
                let aside = [DAMAGED, REPLACED, FOREIGN]
                    .iter()
                    .any(|begins| name.starts_with(begins));
                if aside && !name.ends_with("-wal") && !name.ends_with("-shm") {
                    let path = file.path();
                    let log = std::fs::metadata(with_suffix(&path, "-wal"));
                    let bytes = file.metadata()?.len() + log.map_or(0, |log| log.len());
                    all.push(Self { path, bytes });
                }
            }
            all.sort_by(|one, other| one.path.cmp(&other.path));
            Ok(all)
        };
        read().map_err(|e| file_error(dir, e))
    }
}

/// A data directory that this process has locked, so that it can replace the database.
pub(crate) struct Present {
    dir: DataDir,
}

impl Present {
    /// Creates the directory if it is missing, and locks it.
    ///
    /// # Errors
    /// [`JournalError::InUse`], or the directory cannot be created or written.
    pub(crate) fn lock(dir: &Path) -> Result<Self, JournalError> {
        DataDir::lock(dir).map(|dir| Self { dir })
    }

    /// Puts a finished copy from the same directory in the database's place. Sets the old database aside and
    /// returns its new path; none if there was none.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub(crate) fn replace(&self, copy: &Path) -> Result<Option<PathBuf>, JournalError> {
        let path = self.dir.database();
        let aside = if path.exists() {
            Some(set_aside(&path)?)
        } else {
            None
        };
        let put = std::fs::rename(copy, &path);
        let parent = path.parent().unwrap_or(Path::new("."));
        put.and_then(|()| sync_dir(parent))
            .map_err(|e| file_error(&path, e))?;
        // The database is replaced on purpose, so the next start must not report it.
        self.dir.note_tie("");
        Ok(aside)
    }
}

/// Sets aside the database that a backup replaces, and returns its new path. A checkpoint first makes it one
/// file; if it is damaged, its log is set aside with it.
fn set_aside(path: &Path) -> Result<PathBuf, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if let Ok(connection) = Connection::open_with_flags(path, flags) {
        let _whole = connection.pragma_update(None, "journal_mode", "delete");
    }
    open::set_aside(path, REPLACED).map_err(|e| file_error(path, e))
}
