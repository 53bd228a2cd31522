//! The tables, how they came to be, and every statement on them.

use std::path::Path;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};
use tapcue_shared::cue::Role;
use tapcue_shared::ids::SessionId;

use super::super::{Admission, JournalError, Numbered, Recorded};
use super::open::database_error;
use super::writer::Append;

/// How the schema came to be, step by step. A step is never changed once released: add another.
/// `PRAGMA user_version` counts the steps that a database has had.
pub(super) const MIGRATIONS: &[&str] = &["
    CREATE TABLE sessions (
        session BLOB NOT NULL PRIMARY KEY,
        -- Milliseconds since 1970.
        opened_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE entries (
        session BLOB NOT NULL,
        -- From 1, without gaps.
        seq INTEGER NOT NULL,
        -- The entry as JSON.
        body TEXT NOT NULL,
        PRIMARY KEY (session, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE admissions (
        session BLOB NOT NULL,
        -- The entry it came with.
        seq INTEGER NOT NULL,
        role TEXT NOT NULL,
        token_sha256 BLOB NOT NULL,
        PRIMARY KEY (session, seq)
    ) STRICT, WITHOUT ROWID;
"];

/// Brings a database up to the last of `migrations`, each step whole or not at all.
///
/// # Errors
/// [`JournalError::Newer`], or the database refuses.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), JournalError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    loop {
        let found = version(connection).map_err(|e| database_error(path, e))?;
        if found == known {
            return Ok(());
        }
        let step = usize::try_from(found).ok().and_then(|n| migrations.get(n));
        let Some(step) = step else {
            return Err(JournalError::Newer {
                path: path.into(),
                found,
                known,
            });
        };
        apply(connection, step, found + 1).map_err(|e| database_error(path, e))?;
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn apply(connection: &mut Connection, step: &str, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

/// The statements that record entries, ready for a batch.
pub(super) struct Insert<'t> {
    session: CachedStatement<'t>,
    entry: CachedStatement<'t>,
    admission: CachedStatement<'t>,
}

impl<'t> Insert<'t> {
    pub(super) fn new(transaction: &'t Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            session: transaction
                .prepare_cached("INSERT INTO sessions (session, opened_at) VALUES (?1, ?2)")?,
            entry: transaction
                .prepare_cached("INSERT INTO entries (session, seq, body) VALUES (?1, ?2, ?3)")?,
            admission: transaction.prepare_cached(
                "INSERT INTO admissions (session, seq, role, token_sha256) VALUES (?1, ?2, ?3, ?4)",
            )?,
        })
    }

    /// Records one entry and what belongs to it.
    ///
    /// A number that is taken is an error, and so stops the journal: it would mean that two
    /// writers number one session, and then recording on would spoil it.
    pub(super) fn append(&mut self, append: &Append) -> rusqlite::Result<()> {
        let session = append.slot.session();
        let session = session.0.as_bytes().as_slice();
        let seq = stored(append.seq);
        if append.seq == 1 {
            self.session
                .execute(params![session, stored(append.entry.at.0)])?;
        }
        let body = serde_json::to_string(&append.entry)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        self.entry.execute(params![session, seq, body])?;
        if let Some(admission) = &append.admission {
            self.admission.execute(params![
                session,
                seq,
                admission.role.as_str(),
                admission.token_sha256.as_slice(),
            ])?;
        }
        Ok(())
    }
}

/// Deletes a session. Whether there was one.
pub(super) fn delete(transaction: &Transaction<'_>, session: SessionId) -> rusqlite::Result<bool> {
    let session = params![session.0.as_bytes().as_slice()];
    transaction
        .prepare_cached("DELETE FROM admissions WHERE session = ?1")?
        .execute(session)?;
    transaction
        .prepare_cached("DELETE FROM entries WHERE session = ?1")?
        .execute(session)?;
    let sessions = transaction
        .prepare_cached("DELETE FROM sessions WHERE session = ?1")?
        .execute(session)?;
    Ok(sessions > 0)
}

/// The number of a session's last entry; 0 if there is none.
pub(super) fn last(reader: &Transaction<'_>, session: SessionId) -> rusqlite::Result<u64> {
    reader
        .prepare_cached("SELECT max(seq) FROM entries WHERE session = ?1")?
        .query_row([session.0.as_bytes().as_slice()], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.map_or(0, restored))
        })
}

/// A session's entries after a number, in order, as numbers and bodies.
pub(super) fn entries_after(
    reader: &Transaction<'_>,
    session: SessionId,
    after: u64,
) -> rusqlite::Result<Vec<(u64, String)>> {
    reader
        .prepare_cached(
            "SELECT seq, body FROM entries WHERE session = ?1 AND seq > ?2 ORDER BY seq",
        )?
        .query_map(
            params![session.0.as_bytes().as_slice(), stored(after)],
            |row| Ok((restored(row.get(0)?), row.get(1)?)),
        )?
        .collect()
}

/// Whether there is such a session.
pub(super) fn exists(reader: &Transaction<'_>, session: SessionId) -> rusqlite::Result<bool> {
    reader
        .prepare_cached("SELECT 1 FROM sessions WHERE session = ?1")?
        .query_row([session.0.as_bytes().as_slice()], |_| Ok(()))
        .optional()
        .map(|found| found.is_some())
}

/// A session's admissions, in order.
pub(super) fn admissions(
    reader: &Transaction<'_>,
    session: SessionId,
) -> rusqlite::Result<Vec<Admission>> {
    reader
        .prepare_cached(
            "SELECT role, token_sha256 FROM admissions WHERE session = ?1 ORDER BY seq",
        )?
        .query_map([session.0.as_bytes().as_slice()], |row| {
            let role: String = row.get(0)?;
            let role = Role::BOTH
                .into_iter()
                .find(|known| known.as_str() == role)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, 0))?;
            Ok(Admission {
                role,
                token_sha256: row.get(1)?,
            })
        })?
        .collect()
}

/// The entries of rows, which must follow each other without a gap from `after` on.
///
/// # Errors
/// [`JournalError::Unreadable`] at the first that cannot be read or is missing.
pub(super) fn parse(
    session: SessionId,
    after: u64,
    rows: Vec<(u64, String)>,
) -> Result<Vec<Numbered>, JournalError> {
    (after + 1..)
        .zip(rows)
        .map(|(seq, (found, body))| {
            let entry = serde_json::from_str(&body).ok().filter(|_| found == seq);
            let entry = entry.ok_or(JournalError::Unreadable { session, seq })?;
            Ok(Numbered { seq, entry })
        })
        .collect()
}

/// What there is of a session.
pub(super) fn recorded(
    session: SessionId,
    rows: Vec<(u64, String)>,
    admissions: Vec<Admission>,
) -> Result<Recorded, JournalError> {
    Ok(Recorded {
        entries: parse(session, 0, rows)?,
        admissions,
    })
}

/// SQLite's integers are signed; numbers of entries and milliseconds do not come near the end.
fn stored(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn restored(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
