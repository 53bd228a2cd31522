//! The data directory: created, locked, and its database opened or set aside.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::JournalError;
use super::file_identity::{self, LogExtent};
use super::log_identity::{self, Tie};
use super::schema;

/// The name of the database in the data directory.
pub(super) const DATABASE: &str = "journal.db";

/// The name of the file that is locked while a relay uses the directory.
pub(super) const LOCK: &str = "journal.lock";

/// The prefix of the names of damaged databases that were set aside; the time in seconds since 1970 follows.
pub(super) const DAMAGED: &str = "journal.corrupt-";

/// How long to wait for another program that reads or copies the database, or tests the lock.
pub(super) const BUSY_FOR: Duration = Duration::from_millis(100);

/// The size to which the write-ahead log is truncated after a burst, in bytes.
const LOG_BYTES: i64 = 16 * 1024 * 1024;

/// A schema number from here on means damage and not a newer version: no program has so many schemas. There
/// have been two after the first version.
const SCHEMAS_EVER: i64 = 100;

/// A data directory that no other relay can open while this exists.
#[derive(Debug)]
pub(super) struct DataDir {
    dir: PathBuf,
    /// The lock ends when the file is closed, also when the process is killed. The file holds the tie of the
    /// database that was used last.
    lock: Mutex<File>,
}

impl DataDir {
    /// Creates the directory if it is missing, and locks it.
    ///
    /// # Errors
    /// [`JournalError::InUse`], or the directory cannot be created or written.
    pub(super) fn lock(dir: &Path) -> Result<Self, JournalError> {
        Ok(Self {
            dir: dir.into(),
            lock: Mutex::new(locked(dir)?),
        })
    }

    /// Creates the directory again and locks it, if it or its lock file was removed.
    ///
    /// # Errors
    /// [`JournalError::InUse`]: another relay has taken it since; or it cannot be created or written.
    pub(super) fn lock_again(&self) -> Result<(), JournalError> {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.dir.join(LOCK);
        if !is_same_file(&lock, &path) {
            *lock = locked(&self.dir)?;
        }
        Ok(())
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    /// Notes which database is used, so that the next start can report another one. A failure to note it is
    /// harmless.
    pub(super) fn note_tie(&self, tie: &str) {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(tie.as_bytes()));
        if let Err(error) = noted {
            tracing::debug!(%error, "which database is used is not noted");
        }
    }

    /// Logs an error if the database is not the one that was used last.
    fn compare(&self, found: Option<&Tie>, path: &Path) {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = String::new();
        let read = lock.rewind().and_then(|()| lock.read_to_string(&mut last));
        let is_it = found.is_some_and(|tie| {
            // The newest tie is noted only after it is set in the database.
            tie.current == last || tie.base.as_ref() == Some(&last)
        });
        if read.is_ok() && !last.is_empty() && !is_it {
            tracing::error!(
                path = %path.display(),
                advice = "if you did not put this database here, see whether the one from before, or a \
                          backup, is at hand",
                "the database is not as this relay left it: it is an older copy, another relay's, or \
                 new, or a part of it is missing. Sessions that stand only in the one from before are \
                 not known to this relay"
            );
        }
    }

    /// Opens the database for the writer, creates it if it is missing, and migrates its schema. First sets
    /// aside a damaged database, and a log of another database.
    ///
    /// # Errors
    /// [`JournalError::Newer`], or the database cannot be created, read or written.
    pub(super) fn open_database(&self) -> Result<Connection, JournalError> {
        let path = self.database();
        match self.open_sound(&path) {
            Err(Fault::Damaged(what)) => {
                let aside = set_aside(&path, DAMAGED).map_err(|e| file_error(&path, e))?;
                self.note_tie("");
                tracing::error!(
                    damage = %what,
                    kept = %aside.display(),
                    advice = "if the disk is sound, put the newest backup back (tapcue-server restore); \
                              until then sessions from before are not known to this relay",
                    "the journal's database is damaged: it was set aside and a new one begun"
                );
                self.open_sound(&path).map_err(|e| e.into_error(&path))
            }
            opened => opened.map_err(|e| e.into_error(&path)),
        }
    }

    fn open_sound(&self, path: &Path) -> Result<Connection, Fault> {
        private_file(path)?;
        sync_dir(&self.dir)?;
        log_identity::set_foreign_log_aside(path)?;
        let mut connection = look_over(path)?;
        self.compare(log_identity::of(&connection)?.as_ref(), path);
        schema::migrate(&mut connection, path, schema::MIGRATIONS).map_err(Fault::Other)?;
        let transaction = connection.transaction()?;
        schema::move_all(&transaction)?;
        transaction.commit()?;
        // The log that begins now is tied to the database below it. While another program reads, the old log
        // stays in use with its old tie.
        let (busy, _) = LogExtent::after(&connection, "TRUNCATE")?;
        if !busy {
            let transaction = connection.transaction()?;
            log_identity::renew(&transaction)?;
            transaction.commit()?;
        }
        if let Some(tie) = log_identity::of(&connection)? {
            self.note_tie(&tie.current);
        }
        Ok(connection)
    }
}

/// Creates a data directory and its lock file if they are missing, and takes the lock.
fn locked(dir: &Path) -> Result<File, JournalError> {
    make_dir(dir).map_err(|e| file_error(dir, e))?;
    let path = dir.join(LOCK);
    let lock = private_file(&path).map_err(|e| file_error(&path, e))?;
    let until = Instant::now() + BUSY_FOR;
    while let Err(error) = lock.try_lock() {
        match error {
            // A program that only tests whether a relay runs holds the lock for an instant.
            TryLockError::WouldBlock if Instant::now() < until => {
                std::thread::sleep(BUSY_FOR / 10);
            }
            TryLockError::WouldBlock => {
                return Err(JournalError::InUse { dir: dir.into() });
            }
            TryLockError::Error(e) => return Err(file_error(&path, e)),
        }
    }
    // The modification time tells since when the directory is in use. A failure to set it is harmless.
    let _ = lock.set_modified(SystemTime::now());
    Ok(lock)
}

/// Whether an open file is the one at this path.
fn is_same_file(file: &File, path: &Path) -> bool {
    let found = (file.metadata(), std::fs::metadata(path));
    matches!(found, (Ok(file), Ok(named)) if file_identity::identity(&file) == file_identity::identity(&named))
}

/// Opens a database for writing if its pages are in order and its schema's number is possible.
fn look_over(path: &Path) -> Result<Connection, Fault> {
    // No statement of ours has run yet, so an error without another cause means that the database is damaged.
    let first = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::Unknown) => Fault::Damaged(error.to_string()),
        Some(_) | None => Fault::from(error),
    };
    if !may_be_written(path) {
        return Err(Fault::Damaged("its format cannot be written".into()));
    }
    let connection = connect(path).map_err(first)?;
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(first)?;
    if found != "ok" {
        return Err(Fault::Damaged(found));
    }
    let version = schema::version(&connection).map_err(first)?;
    if !(0..SCHEMAS_EVER).contains(&version) {
        return Err(Fault::Damaged(format!("its schema cannot be {version}")));
    }
    Ok(connection)
}

/// Whether a database's header allows writing it. SQLite opens a database with an unknown format version
/// read-only. Source: the byte at 18 of <https://sqlite.org/fileformat2.html>.
fn may_be_written(path: &Path) -> bool {
    let mut header = [0; 19];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_err() || matches!(header[18], 1 | 2)
}

/// Opens a database for writing only if it exists: one that vanished under a running relay must not be begun
/// anew in silence.
///
/// # Errors
/// The database returns an error.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_FOR)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A commit returns when it is on the disk, so `recorded` means durable. Apple's systems need a call of
    // their own for that.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "fullfsync", true)?;
    // Deleted content is overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    // The writer checkpoints the log itself, so that it knows when a new log begins.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// Why a database was not opened.
enum Fault {
    Damaged(String),
    Database(rusqlite::Error),
    File(io::Error),
    Other(JournalError),
}

impl Fault {
    fn into_error(self, path: &Path) -> JournalError {
        match self {
            Fault::Damaged(what) => file_error(path, io::Error::other(what)),
            Fault::Database(e) => database_error(path, e),
            Fault::File(e) => file_error(path, e),
            Fault::Other(e) => e,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(e: io::Error) -> Self {
        Fault::File(e)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Fault::Damaged(e.to_string())
            }
            Some(_) | None => Fault::Database(e),
        }
    }
}

/// Renames a database and its logs to `name` and the present second, and returns the new path.
pub(super) fn set_aside(path: &Path, name: &str) -> io::Result<PathBuf> {
    let aside = free_name(path, name)?;
    // Logs first: a log must never lie beside a database that is not its own.
    for log in ["-wal", "-shm"] {
        match std::fs::rename(with_suffix(path, log), with_suffix(&aside, log)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            Ok(()) | Err(_) => {}
        }
    }
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// Returns an unused path beside a database: `name`, and the present second.
pub(super) fn free_name(path: &Path, name: &str) -> io::Result<PathBuf> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let mut aside = path.with_file_name(format!("{name}{now}"));
    let mut again = 1;
    while aside.try_exists()? || with_suffix(&aside, "-wal").try_exists()? {
        again += 1;
        aside = path.with_file_name(format!("{name}{now}-{again}"));
    }
    Ok(aside)
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens a file that only this user may read, and creates it if it is missing. SQLite gives its logs the
/// database's mode.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the names in a directory durable, on systems where directories can be synced.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

pub(super) fn file_error(path: &Path, source: io::Error) -> JournalError {
    const ADVICE: &[(io::ErrorKind, &str)] = &[
        (
            io::ErrorKind::PermissionDenied,
            "let the user that runs the relay write there, or choose another data directory",
        ),
        (io::ErrorKind::StorageFull, "free some space on the disk"),
        (
            io::ErrorKind::QuotaExceeded,
            "free some space: this user's share of the disk is used up",
        ),
        (
            io::ErrorKind::ReadOnlyFilesystem,
            "the file system is read-only; choose a data directory that can be written",
        ),
    ];
    let advice = ADVICE
        .iter()
        .find(|(kind, _)| source.kind() == *kind)
        .map_or(
            "choose a data directory that can be written",
            |(_, advice)| advice,
        );
    JournalError::File {
        path: path.into(),
        advice,
        source,
    }
}

/// An error of the database, with what to do about it.
pub(super) fn database_error(path: &Path, source: rusqlite::Error) -> JournalError {
    JournalError::Database {
        path: path.into(),
        advice: advice(&source),
        source,
    }
}

/// What the operator can do about an error of the database.
pub(super) fn advice(error: &rusqlite::Error) -> &'static str {
    const ADVICE: &[(ErrorCode, &str)] = &[
        (ErrorCode::DiskFull, "free some space on the disk"),
        (
            ErrorCode::DatabaseBusy,
            "another program holds the database; close it",
        ),
        (
            ErrorCode::PermissionDenied,
            "let the user that runs the relay write the data directory",
        ),
        (
            ErrorCode::ReadOnly,
            "let the user that runs the relay write the database and its directory",
        ),
        (
            ErrorCode::CannotOpen,
            "see that the data directory is there and can be written",
        ),
        (
            ErrorCode::DatabaseCorrupt,
            "the database is damaged; restart the relay, which sets it aside and begins a new one",
        ),
        (
            ErrorCode::NotADatabase,
            "this is no database; restart the relay, which sets it aside and begins a new one",
        ),
    ];
    ADVICE
        .iter()
        .find(|(code, _)| error.sqlite_error_code() == Some(*code))
        .map_or("see whether the disk is sound", |(_, advice)| advice)
}
