//! Ties a write-ahead log to its database. SQLite applies any log to any database of the same name. It would
//! mix an older copy, or another relay's database, with a foreign log.
//!
//! The first commit of every log names the tie in the database below it, and sets a new one.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction};
use uuid::Uuid;

use super::open::{self, with_suffix};

/// The prefix of the names of logs and databases that belong to no file beside them.
pub(super) const FOREIGN: &str = "journal.foreign-";

/// The tie of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    /// The tie of the database without its log, if it has one.
    pub(super) base: Option<String>,
    /// The tie of the database with its log.
    pub(super) current: String,
}

/// Sets a new tie, in the first commit after a complete checkpoint.
pub(super) fn renew(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO tie (one, base, current) VALUES (1, NULL, ?1)
             ON CONFLICT (one) DO UPDATE SET base = current, current = ?1",
        )?
        .execute([Uuid::new_v4().to_string()])
        .map(|_| ())
}

/// The tie that a connection reads.
pub(super) fn of(connection: &Connection) -> rusqlite::Result<Option<Tie>> {
    let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tie'";
    let has_table = connection.query_row(table, [], |_| Ok(())).optional()?;
    if has_table.is_none() {
        return Ok(None);
    }
    connection
        .query_row("SELECT base, current FROM tie", [], |row| {
            Ok(Tie {
                base: row.get(0)?,
                current: row.get(1)?,
            })
        })
        .optional()
}

/// Sets a log aside that does not belong to the database beside it, and logs an error. No connection to the
/// database may be open.
///
/// # Errors
/// The files cannot be renamed.
pub(super) fn set_foreign_log_aside(path: &Path) -> io::Result<()> {
    let log = with_suffix(path, "-wal");
    if std::fs::metadata(&log).map_or(0, |found| found.len()) == 0 || belongs(path) {
        return Ok(());
    }
    let aside = open::free_name(path, FOREIGN)?;
    let aside_log = with_suffix(&aside, "-wal");
    std::fs::rename(&log, &aside_log)?;
    // SQLite creates this file again from the log in use.
    match std::fs::remove_file(with_suffix(path, "-shm")) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        Ok(()) | Err(_) => {}
    }
    tracing::error!(
        database = %path.display(),
        kept = %aside_log.display(),
        advice = %format_args!(
            "stop the relay; if you have the database that belongs to it, put it beside it as {}, \
             and use both as the journal again",
            aside.display()
        ),
        "the write-ahead log belongs to another database than the one beside it: it was set aside, \
         and what stood in it alone is not known to this relay"
    );
    Ok(())
}

/// Whether the log belongs to the database, as far as the ties show.
fn belongs(path: &Path) -> bool {
    if std::fs::metadata(path).map_or(0, |found| found.len()) == 0 {
        return false;
    }
    let below = alone(path).and_then(|connection| of(&connection));
    let with_log = with_log(path).and_then(|connection| of(&connection));
    match (below, with_log) {
        // Damage to the database is judged when it is opened for writing.
        (Err(_), _) | (Ok(None), Ok(None)) => true,
        (Ok(None), Ok(Some(tie))) => tie.base.is_none(),
        (Ok(Some(below)), Ok(Some(tie))) => {
            tie.current == below.current || tie.base.as_ref() == Some(&below.current)
        }
        (Ok(Some(_)), Ok(None)) => false,
        // Only content that does not fit together means a foreign log; a lock, for example, does not.
        (Ok(None | Some(_)), Err(e)) => !matches!(
            e.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
    }
}

/// Opens the database without its log.
fn alone(path: &Path) -> rusqlite::Result<Connection> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(PathBuf::from(uri), flags)
}

/// Opens the database with the log beside it, and changes neither.
fn with_log(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(open::BUSY_FOR)?;
    Ok(connection)
}
