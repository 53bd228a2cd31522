//! The operator's access to the journal's files: count, copy and restore. It works with and without a running
//! relay; only a restore needs the directory for itself.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction};
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;
use uuid::Uuid;

use super::super::{JournalError, Numbered};
use super::open::database_error;
use super::schema;

mod dir;
mod draft;

pub(crate) use dir::{Aside, Present, RunningSince, database, sync_dir};
pub(crate) use draft::{Draft, Tombstone};

/// How long to wait for a locked database. Only an operator waits here, and no cue.
const BUSY_FOR: Duration = Duration::from_secs(5);

/// The entries of `log` that no move has copied to `entries`.
const ONLY_IN_LOG: &str = "(SELECT session, seq, body FROM log AS new WHERE NOT EXISTS (
    SELECT 1 FROM entries AS old WHERE old.session = new.session AND old.seq = new.seq))";

/// A database that is opened only for reading.
pub(crate) struct Archive {
    connection: Connection,
    path: PathBuf,
    version: i64,
}

/// A stored session, without its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) session: SessionId,
    pub(crate) opened_at: Millis,
    /// The time of its newest entry.
    pub(crate) last_at: Millis,
    pub(crate) entries: u64,
    /// The size of its entries as stored in UTF-8, in bytes.
    pub(crate) bytes: u64,
    /// When it is to be deleted, if that is recorded.
    pub(crate) delete_at: Option<Millis>,
    /// Whether a relay has sealed it, so that it has ended.
    pub(crate) sealed: bool,
}

/// How much a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) sessions: u64,
    pub(crate) entries: u64,
    /// Deleted sessions of which only the deletion is kept.
    pub(crate) deleted: u64,
}

/// What a backup holds beside the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    /// When it was made.
    pub(crate) at: Millis,
    /// The relay's key as in its file; none if the relay had none yet.
    pub(crate) seal_key: Option<String>,
}

impl Archive {
    /// Opens an existing database for reading.
    ///
    /// # Errors
    /// [`JournalError::NoJournal`], [`JournalError::Newer`], [`JournalError::Damaged`], or the file
    /// cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        if !path.is_file() {
            return Err(JournalError::NoJournal { path: path.into() });
        }
        let known = i64::try_from(schema::MIGRATIONS.len()).unwrap_or(i64::MAX);
        let opened = (|| {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_FOR)?;
            let version = schema::version(&connection)?;
            let is_journal = has_table(&connection, "sessions")?;
            Ok((connection, version, is_journal))
        })();
        let (connection, version, is_journal) = opened.map_err(|e| error(path, e))?;
        if version > known {
            return Err(JournalError::Newer {
                path: path.into(),
                found: version,
                known,
            });
        }
        if version < 1 || !is_journal {
            return Err(JournalError::NoJournal { path: path.into() });
        }
        Ok(Self {
            connection,
            path: path.into(),
            version,
        })
    }

    /// Opens a database only if it has this program's version of the schema.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`JournalError::Older`].
    pub(crate) fn open_current(path: &Path) -> Result<Self, JournalError> {
        let archive = Self::open(path)?;
        match usize::try_from(archive.version) {
            Ok(version) if version == schema::MIGRATIONS.len() => Ok(archive),
            Ok(_) | Err(_) => Err(JournalError::Older { path: path.into() }),
        }
    }

    /// Checks the whole database.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], or it cannot be read.
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        let checked = "PRAGMA integrity_check(1)";
        let found: String = self
            .connection
            .query_row(checked, [], |row| row.get(0))
            .map_err(|e| error(&self.path, e))?;
        if found == "ok" {
            return Ok(());
        }
        Err(JournalError::Damaged {
            path: self.path.clone(),
            what: found,
        })
    }

    /// Counts what the database holds.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn tally(&self) -> Result<Tally, JournalError> {
        let entries =
            format!("(SELECT count(*) FROM entries) + (SELECT count(*) FROM {ONLY_IN_LOG})");
        // The first version of the schema kept nothing of deleted sessions.
        let deleted = match self.version {
            1 => "0",
            _ => "(SELECT count(*) FROM deleted)",
        };
        let counts = format!("SELECT (SELECT count(*) FROM sessions), {entries}, {deleted}");
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Tally {
                sessions: schema::restored(row.get(0)?),
                entries: schema::restored(row.get(1)?),
                deleted: schema::restored(row.get(2)?),
            })
        };
        let tally = self.connection.query_row(&counts, [], row);
        tally.map_err(|e| error(&self.path, e))
    }

    /// Passes each session to `found`, with the record of those that are not sealed: only the record tells
    /// when they are due. All of it is one snapshot of the database. The record is none if it cannot be read.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) fn each(
        &mut self,
        mut found: impl FnMut(Stored, Option<Vec<Numbered>>),
    ) -> Result<(), JournalError> {
        let mut read = || {
            let transaction = self.connection.transaction()?;
            let in_log = in_log(&transaction)?;
            for stored in sessions(&transaction)? {
                let recorded = if stored.sealed {
                    None
                } else {
                    let recent = in_log.get(&stored.session).map_or(&[][..], Vec::as_slice);
                    let rows = schema::page(&transaction, stored.session, 0, usize::MAX, recent)?;
                    schema::parse(stored.session, 0, rows).ok()
                };
                found(stored, recorded);
            }
            Ok(())
        };
        read().map_err(|e| error(&self.path, e))
    }

    /// Copies all that is stored now into an empty file, without free pages. What a relay records meanwhile
    /// is not in the copy and does not wait for it.
    ///
    /// # Errors
    /// The database cannot be read, or the file cannot be written.
    pub(crate) fn copy_into(&self, file: &Path) -> Result<(), JournalError> {
        let Some(name) = file.to_str() else {
            return Err(JournalError::File {
                path: file.into(),
                advice: "choose a name in UTF-8",
                source: std::io::ErrorKind::InvalidFilename.into(),
            });
        };
        let copied = self.connection.execute("VACUUM INTO ?1", [name]);
        copied.map(|_| ()).map_err(|e| {
            // Damage can only be in the source; every other error concerns the file that is written.
            let damaged = e.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt);
            error(if damaged { &self.path } else { file }, e)
        })
    }

    /// What `backup` wrote into the file; none if `backup` did not make it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn made(&self) -> Result<Option<Made>, JournalError> {
        let read = || {
            if !has_table(&self.connection, draft::MADE)? {
                return Ok(None);
            }
            let made = "SELECT made_at, seal_key FROM backup";
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Made {
                    at: Millis(schema::restored(row.get(0)?)),
                    seal_key: row.get(1)?,
                })
            };
            self.connection.query_row(made, [], row).optional()
        };
        read().map_err(|e| error(&self.path, e))
    }

    /// What is kept of the deleted sessions.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn tombstones(&self) -> Result<Vec<Tombstone>, JournalError> {
        if self.version == 1 {
            return Ok(Vec::new());
        }
        draft::tombstones(&self.connection).map_err(|e| error(&self.path, e))
    }
}

fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [name],
            |_| Ok(()),
        )
        .optional()
        .map(|found| found.is_some())
}

/// The rows of `log` by session, in order.
fn in_log(reader: &Transaction<'_>) -> rusqlite::Result<HashMap<SessionId, Vec<i64>>> {
    let mut rows = HashMap::<_, Vec<_>>::new();
    let mut all = reader.prepare("SELECT session, id FROM log ORDER BY id")?;
    let mut all = all.query([])?;
    while let Some(row) = all.next()? {
        rows.entry(id(row.get(0)?)).or_default().push(row.get(1)?);
    }
    Ok(rows)
}

/// Every session, the oldest first.
fn sessions(reader: &Transaction<'_>) -> rusqlite::Result<Vec<Stored>> {
    struct Sum {
        entries: u64,
        bytes: u64,
        last_at: Millis,
    }
    let mut sums = HashMap::<SessionId, Sum>::new();
    for table in ["entries", ONLY_IN_LOG] {
        let mut of_table = reader.prepare(&format!(
            "SELECT session, count(*), sum(octet_length(body)), max(json_extract(body, '$.at'))
             FROM {table} GROUP BY session"
        ))?;
        let mut of_table = of_table.query([])?;
        while let Some(row) = of_table.next()? {
            let sum = sums.entry(id(row.get(0)?)).or_insert(Sum {
                entries: 0,
                bytes: 0,
                last_at: Millis(0),
            });
            sum.entries += schema::restored(row.get(1)?);
            sum.bytes += schema::restored(row.get(2)?);
            sum.last_at = sum.last_at.max(Millis(schema::restored(row.get(3)?)));
        }
    }
    reader
        .prepare(
            "SELECT session, opened_at, delete_at,
                    EXISTS (SELECT 1 FROM seals WHERE seals.session = sessions.session)
             FROM sessions ORDER BY opened_at, session",
        )?
        .query_map([], |row| {
            let session = id(row.get(0)?);
            let opened_at = Millis(schema::restored(row.get(1)?));
            let delete_at: Option<i64> = row.get(2)?;
            let sum = sums.get(&session);
            Ok(Stored {
                session,
                opened_at,
                last_at: sum.map_or(opened_at, |sum| sum.last_at),
                entries: sum.map_or(0, |sum| sum.entries),
                bytes: sum.map_or(0, |sum| sum.bytes),
                delete_at: delete_at.map(|at| Millis(schema::restored(at))),
                sealed: row.get(3)?,
            })
        })?
        .collect()
}

fn id(bytes: [u8; 16]) -> SessionId {
    SessionId(Uuid::from_bytes(bytes))
}

/// An error of the database. This path is only for reading, so it sets no damaged database aside.
fn error(path: &Path, source: rusqlite::Error) -> JournalError {
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => JournalError::NoJournal { path: path.into() },
        Some(ErrorCode::DatabaseCorrupt) => JournalError::Damaged {
            path: path.into(),
            what: source.to_string(),
        },
        Some(_) | None => database_error(path, source),
    }
}
