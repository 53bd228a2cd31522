//! The data directory: whether a relay uses it, what was set aside in it, and having it for oneself.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::super::super::JournalError;
use super::super::open::{self, DAMAGED, DATABASE, DataDir, LOCK, file_error, with_suffix};

use super::super::log_identity::FOREIGN;
pub(crate) use super::super::open::sync_dir;

/// The names of databases that a backup took the place of begin so.
const REPLACED: &str = "journal.replaced-";

/// Where a data directory has its database.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join(DATABASE)
}

/// Since when a relay has been using a data directory; none if none does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunningSince(pub(crate) Option<SystemTime>);

impl RunningSince {
    /// Asks.
    ///
    /// # Errors
    /// The lock cannot be looked at.
    pub(crate) fn of(dir: &Path) -> Result<Self, JournalError> {
        let path = dir.join(LOCK);
        let look = || match File::open(&path) {
            Ok(lock) => match lock.try_lock_shared() {
                // Given back as the file is closed, at once.
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

/// A database that nothing deletes from any more, and no relay removes.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

impl Aside {
    /// Those of a data directory, by their names.
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

/// A data directory that is this process's own, so that its database can be put in place.
pub(crate) struct Present {
    dir: DataDir,
}

impl Present {
    /// Makes the directory if need be, and locks it.
    ///
    /// # Errors
    /// [`JournalError::InUse`], or the directory cannot be made or written.
    pub(crate) fn lock(dir: &Path) -> Result<Self, JournalError> {
        DataDir::lock(dir).map(|dir| Self { dir })
    }

    /// Puts a finished copy, which lies in the same directory, in the database's place. What was
    /// there is set aside, and where; none if there was nothing.
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
        // It is another one than was used last, and that is meant.
        self.dir.note_tie("");
        Ok(aside)
    }
}

/// Sets aside what a backup took the place of, and says where it is. Its log is folded into it first,
/// so that it is one file; of a damaged one the log goes with it.
fn set_aside(path: &Path) -> Result<PathBuf, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if let Ok(connection) = Connection::open_with_flags(path, flags) {
        let _whole = connection.pragma_update(None, "journal_mode", "delete");
    }
    open::set_aside(path, REPLACED).map_err(|e| file_error(path, e))
}
