//! Checks that the journal's files are still the ones that it writes to. A removed or replaced file takes
//! every write without an error, and vanishes when the process ends.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, ErrorCode};

use super::open::with_suffix;

/// The bytes before the first frame of a write-ahead log, and before the page of each frame. Source:
/// <https://sqlite.org/fileformat2.html#walformat>.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// What is wrong with a file of the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Found {
    /// There is no file.
    #[error("{} is gone: it was removed or renamed", .0.display())]
    Gone(PathBuf),
    /// There is another file.
    #[error("{} was replaced by another file", .0.display())]
    Replaced(PathBuf),
    /// It is the same file, without its end.
    #[error("{} was cut short by another program", .0.display())]
    CutShort(PathBuf),
    /// It is the same file, with other content.
    #[error("{} was written over by another program", .0.display())]
    WrittenOver(PathBuf),
}

impl Found {
    /// Whether the files that the journal has open are still whole, without a name or under another one.
    pub(super) fn is_elsewhere(&self) -> bool {
        match self {
            Found::Gone(_) | Found::Replaced(_) => true,
            Found::CutShort(_) | Found::WrittenOver(_) => false,
        }
    }
}

/// The identity of a file, where the system has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

/// What the file system tells about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, Found> {
        // Any error here counts as a missing file.
        let found = std::fs::metadata(path).map_err(|_| Found::Gone(path.into()))?;
        Ok(Self {
            identity: identity(&found),
            size: found.len(),
            modified: found.modified().ok(),
        })
    }
}

#[cfg(unix)]
pub(super) fn identity(found: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Identity {
        device: found.dev(),
        inode: found.ino(),
    }
}

/// On these systems an open file can be neither removed nor replaced.
#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> Identity {
    Identity {
        device: 0,
        inode: 0,
    }
}

/// The length of the write-ahead log, and how much of it is in the database, in frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LogExtent {
    pub(super) log: u64,
    pub(super) folded: u64,
}

impl LogExtent {
    /// Checkpoints as much of the log as `mode` says. Returns whether a reader blocked it, and the new
    /// extent.
    pub(super) fn after(connection: &Connection, mode: &str) -> rusqlite::Result<(bool, Self)> {
        connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            let frames = |n: i64| u64::try_from(n).unwrap_or(0);
            let extent = Self {
                log: frames(row.get(1)?),
                folded: frames(row.get(2)?),
            };
            Ok((row.get(0)?, extent))
        })
    }
}

/// The database and its log as the journal last wrote them.
#[derive(Debug)]
pub(super) struct Place {
    database: PathBuf,
    /// The open database. It must not be closed before the connections to it, because that would end their
    /// locks. Source: <https://sqlite.org/howtocorrupt.html>, 2.2.
    file: File,
    log: PathBuf,
    page: u64,
    database_was: Stamp,
    log_was: Stamp,
    extent: LogExtent,
}

impl Place {
    /// Reads the state of the files of a connection that has just written.
    ///
    /// # Errors
    /// They are missing, or the database returns an error.
    pub(super) fn of(path: &Path, connection: &Connection) -> Result<Self, super::writer::Fault> {
        let log = with_suffix(path, "-wal");
        let page = connection.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))?;
        let (_, extent) = LogExtent::after(connection, "NOOP")?;
        Ok(Self {
            database_was: Stamp::of(path)?,
            log_was: Stamp::of(&log)?,
            file: File::open(path).map_err(|_| Found::Gone(path.into()))?,
            database: path.into(),
            log,
            page: u64::try_from(page).unwrap_or(0),
            extent,
        })
    }

    /// Checks before a write that the files are unchanged, or were changed only through SQLite.
    ///
    /// # Errors
    /// What is wrong with a file; or the database returns an error.
    pub(super) fn before(&mut self, connection: &Connection) -> Result<(), super::writer::Fault> {
        let (database, log) = self.same_files()?;
        if (database, log) == (self.database_was, self.log_was) {
            return Ok(());
        }
        let extent = match LogExtent::after(connection, "NOOP") {
            Ok((_, extent)) => extent,
            Err(error) => return Err(self.why(&database, &log, error)),
        };
        let by_sqlite = extent != self.extent;
        if !by_sqlite && database.size < self.database_was.size {
            return Err(Found::CutShort(self.database.clone()).into());
        }
        if log.size < self.least_log(extent.log) {
            return Err(Found::CutShort(self.log.clone()).into());
        }
        if !by_sqlite && database != self.database_was {
            // Some file systems change a modification time by themselves, so the content decides.
            let sound =
                connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
            let same_size = database.size == self.database_was.size;
            let sound = matches!(sound.as_deref(), Ok("ok"));
            if !same_size || !sound || !self.holds_tie(connection) {
                return Err(Found::WrittenOver(self.database.clone()).into());
            }
        }
        (self.database_was, self.log_was, self.extent) = (database, log, extent);
        Ok(())
    }

    /// Whether the database without its log has the tie that belongs to the log.
    fn holds_tie(&self, connection: &Connection) -> bool {
        let Ok(Some(tie)) = super::log_identity::of(connection) else {
            return false;
        };
        let ties = [Some(tie.current), tie.base];
        ties.into_iter()
            .flatten()
            .any(|tie| holds(&self.file, tie.as_bytes()).unwrap_or(false))
    }

    /// The cause of an error of the database: damage to it or to its log, or the error itself.
    fn why(&self, database: &Stamp, log: &Stamp, error: rusqlite::Error) -> super::writer::Fault {
        let spoilt = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        if database.size < self.database_was.size {
            Found::CutShort(self.database.clone()).into()
        } else if log.size < self.least_log(self.extent.log) {
            Found::CutShort(self.log.clone()).into()
        } else if spoilt {
            Found::WrittenOver(self.database.clone()).into()
        } else {
            error.into()
        }
    }

    /// Checks the files after a commit that left `frames` frames in the log, before the commit is reported.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub(super) fn after_commit(&mut self, frames: u64) -> Result<(), Found> {
        let (database, log) = self.same_files()?;
        if log.size < self.least_log(frames) {
            return Err(Found::CutShort(self.log.clone()));
        }
        (self.database_was, self.log_was) = (database, log);
        self.extent.log = frames;
        if frames < self.extent.folded {
            // The log began anew.
            self.extent.folded = 0;
        }
        Ok(())
    }

    /// Checks the files after a checkpoint, and stores the extent that it reached.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub(super) fn after_folding(&mut self, extent: LogExtent) -> Result<(), Found> {
        (self.database_was, self.log_was) = self.same_files()?;
        self.extent = extent;
        Ok(())
    }

    /// Whether a file is the one that the journal has open under this path.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        let own = [
            (&self.database, self.database_was),
            (&self.log, self.log_was),
        ];
        own.iter().any(|(name, was)| {
            *name == path && Stamp::of(path).is_ok_and(|found| found.identity == was.identity)
        })
    }

    fn same_files(&self) -> Result<(Stamp, Stamp), Found> {
        let same = |path: &Path, was: &Stamp| {
            let found = Stamp::of(path)?;
            if found.identity == was.identity {
                Ok(found)
            } else {
                Err(Found::Replaced(path.into()))
            }
        };
        Ok((
            same(&self.database, &self.database_was)?,
            same(&self.log, &self.log_was)?,
        ))
    }

    /// The least size of a log with this many frames, in bytes.
    fn least_log(&self, frames: u64) -> u64 {
        if frames == 0 {
            return 0;
        }
        LOG_HEADER + frames * (FRAME_HEADER + self.page)
    }
}

/// Whether a file contains these bytes. Meant for a short pattern.
fn holds(mut file: &File, bytes: &[u8]) -> io::Result<bool> {
    const CHUNK: usize = 1024 * 1024;
    file.rewind()?;
    let mut chunk = Vec::with_capacity(CHUNK + bytes.len());
    loop {
        let read = file.take(CHUNK as u64).read_to_end(&mut chunk)?;
        if memchr::memmem::find(&chunk, bytes).is_some() {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        chunk.drain(..chunk.len().saturating_sub(bytes.len()));
    }
}
