//! The tables, their migrations, and the statements on them.

mod over;

use std::path::Path;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};
use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;

pub(super) use over::{delete_at, deleted, noted, seals, unfinished};

use super::super::{Admission, Deletion, JournalError, Numbered};
use super::open::database_error;
use super::recent::Step;
use super::writer::Append;

/// The migrations, in order. A released step never changes; add another. `PRAGMA user_version` counts the
/// steps that a database has had.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE sessions (
        session BLOB NOT NULL PRIMARY KEY,
        -- Milliseconds since 1970.
        opened_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- The newest entries of all sessions, as they came.
    CREATE TABLE log (
        id INTEGER NOT NULL PRIMARY KEY,
        session BLOB NOT NULL,
        seq INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    -- The others, in their place.
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
",
    "
    -- When a session that is over is to be deleted, in milliseconds since 1970; null until somebody
    -- has looked that it is over.
    ALTER TABLE sessions ADD COLUMN delete_at INTEGER;
    CREATE TABLE seals (
        session BLOB NOT NULL,
        -- Of how many entries, from the first on.
        count INTEGER NOT NULL,
        -- The seal as JSON.
        body TEXT NOT NULL,
        PRIMARY KEY (session, count)
    ) STRICT, WITHOUT ROWID;
    -- What was deleted, without a word of what it was, so that the other's device can say so.
    CREATE TABLE deleted (
        session BLOB NOT NULL PRIMARY KEY,
        -- A role; null if its time was up.
        by_role TEXT,
        deleted_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Who may be told.
    CREATE TABLE deleted_admissions (
        session BLOB NOT NULL,
        seq INTEGER NOT NULL,
        role TEXT NOT NULL,
        token_sha256 BLOB NOT NULL,
        PRIMARY KEY (session, seq)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What ties the write-ahead log to the database: of what is below the log, and with it.
    CREATE TABLE tie (
        one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        base TEXT,
        current TEXT NOT NULL
    ) STRICT;
    -- What the relay notes for its next start.
    CREATE TABLE notes (
        name TEXT NOT NULL PRIMARY KEY,
        body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
];

/// Migrates a database to the last of `migrations`. Each step is applied whole or not at all.
///
/// # Errors
/// [`JournalError::Newer`], or the database returns an error.
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

pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn apply(connection: &mut Connection, step: &str, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

/// The prepared statements of a batch that change the database, and what they did.
pub(super) struct Batch<'t> {
    transaction: &'t Transaction<'t>,
    session: CachedStatement<'t>,
    entry: CachedStatement<'t>,
    admission: CachedStatement<'t>,
    /// What the batch did so far.
    pub(super) done: Done,
}

/// What a batch did.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// Whether a transaction was committed; a check or a flush alone needs none.
    pub(super) wrote: bool,
    /// For each deletion, in order, whether the session existed.
    pub(super) deleted: Vec<bool>,
    /// Whether forgetting deletions removed content.
    pub(super) forgot: bool,
    /// The step it took of a move from `log` to `entries`.
    pub(super) moved: Option<Step>,
    /// Whether that ended the move.
    pub(super) move_ended: bool,
    /// The rows it added to `log`.
    pub(super) added: Vec<(SessionId, i64)>,
    /// The sessions it deleted.
    pub(super) gone: Vec<SessionId>,
}

impl<'t> Batch<'t> {
    pub(super) fn new(transaction: &'t Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            transaction,
            session: transaction
                .prepare_cached("INSERT INTO sessions (session, opened_at) VALUES (?1, ?2)")?,
            entry: transaction.prepare_cached(
                "INSERT INTO log (id, session, seq, body) VALUES (?1, ?2, ?3, ?4)",
            )?,
            admission: transaction.prepare_cached(
                "INSERT INTO admissions (session, seq, role, token_sha256) VALUES (?1, ?2, ?3, ?4)",
            )?,
            done: Done::default(),
        })
    }

    /// Records one entry in this row of `log`, with its session and its admission.
    pub(super) fn append(&mut self, append: &Append, row: i64) -> rusqlite::Result<()> {
        let session = append.slot.session();
        let key = session.0.as_bytes().as_slice();
        let seq = stored(append.seq);
        if append.seq == 1 {
            self.session
                .execute(params![key, stored(append.entry.at.0)])?;
        }
        let body = serde_json::to_string(&append.entry)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        self.entry.execute(params![row, key, seq, body])?;
        if let Some(admission) = &append.admission {
            self.admission.execute(params![
                key,
                seq,
                admission.role.as_str(),
                admission.token_sha256.as_slice(),
            ])?;
        }
        self.done.added.push((session, row));
        Ok(())
    }

    /// Deletes a session, and keeps a record of the deletion.
    pub(super) fn delete(&mut self, session: SessionId, by: Deletion) -> rusqlite::Result<()> {
        let key = session.0.as_bytes().as_slice();
        self.transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO deleted (session, by_role, deleted_at)
                 SELECT session, ?2, ?3 FROM sessions WHERE session = ?1",
            )?
            .execute(params![key, by.by.map(Role::as_str), stored(by.at.0)])?;
        let key = params![key];
        for statement in [
            "INSERT OR IGNORE INTO deleted_admissions (session, seq, role, token_sha256)
             SELECT session, seq, role, token_sha256 FROM admissions WHERE session = ?1",
            "DELETE FROM admissions WHERE session = ?1",
            // Without an index: a deletion is rare, and `log` has some 100,000 rows at most.
            "DELETE FROM log WHERE session = ?1",
            "DELETE FROM entries WHERE session = ?1",
            "DELETE FROM seals WHERE session = ?1",
        ] {
            self.transaction.prepare_cached(statement)?.execute(key)?;
        }
        let sessions = self
            .transaction
            .prepare_cached("DELETE FROM sessions WHERE session = ?1")?
            .execute(key)?;
        self.done.deleted.push(sessions > 0);
        self.done.gone.push(session);
        Ok(())
    }

    /// Takes a step of a move from `log` to `entries`.
    pub(super) fn take_step(&mut self, step: Step) -> rusqlite::Result<()> {
        match &step {
            Step::Copy(copied) => {
                let mut copy = self.transaction.prepare_cached(
                    "INSERT OR IGNORE INTO entries (session, seq, body)
                     SELECT session, seq, body FROM log WHERE id = ?1",
                )?;
                for row in copied.iter().flat_map(|(_, rows)| rows) {
                    copy.execute([row])?;
                }
            }
            Step::Delete { through, at_most } => {
                let deleted = self
                    .transaction
                    .prepare_cached(
                        "DELETE FROM log WHERE id IN
                         (SELECT id FROM log WHERE id <= ?1 ORDER BY id LIMIT ?2)",
                    )?
                    .execute(params![through, stored(*at_most as u64)])?;
                self.done.move_ended = deleted < *at_most;
            }
        }
        self.done.moved = Some(step);
        Ok(())
    }
}

/// Moves all rows of `log` to `entries`, at the start of a relay. What a move had copied already is ignored.
///
/// No other number occurs twice, because one relay at a time has the directory. If one did, the first entry
/// would stay and the relay would still start.
pub(super) fn move_all(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO entries (session, seq, body)
             SELECT session, seq, body FROM log ORDER BY session, seq, id",
        )?
        .execute([])?;
    transaction.prepare_cached("DELETE FROM log")?.execute([])?;
    Ok(())
}

/// An entry as it is stored: its number and its body.
pub(super) type Row = (u64, String);

/// The number of a session's last entry, 0 if there is none. `recent` are its rows of `log`.
pub(super) fn last(
    reader: &Transaction<'_>,
    session: SessionId,
    recent: &[i64],
) -> rusqlite::Result<u64> {
    let key = session.0.as_bytes().as_slice();
    let seq = |row: &rusqlite::Row<'_>| Ok(row.get::<_, Option<i64>>(0)?.map_or(0, restored));
    if let Some(id) = recent.last() {
        let in_log = reader
            .prepare_cached("SELECT seq FROM log WHERE id = ?1 AND session = ?2")?
            .query_row(params![id, key], seq)
            .optional()?;
        // None if the row was moved to `entries` since; then it is the last there.
        if let Some(last) = in_log {
            return Ok(last);
        }
    }
    reader
        .prepare_cached("SELECT max(seq) FROM entries WHERE session = ?1")?
        .query_row([key], seq)
}

/// At most `at_most` of a session's entries after a number, in order. `recent` are its rows of `log`.
pub(super) fn page(
    reader: &Transaction<'_>,
    session: SessionId,
    after: u64,
    at_most: usize,
    recent: &[i64],
) -> rusqlite::Result<Vec<Row>> {
    let key = session.0.as_bytes().as_slice();
    let mut rows = reader
        .prepare_cached(
            "SELECT seq, body FROM entries WHERE session = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![key, stored(after), stored(at_most as u64)], row)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut in_log =
        reader.prepare_cached("SELECT seq, body FROM log WHERE id = ?1 AND session = ?2")?;
    let mut found = |id: i64| in_log.query_row(params![id, key], row).optional();
    // A row that was moved since is in `entries`; then so are all before it, and the statement above found
    // them.
    let mut recent = recent.iter();
    let first = loop {
        let Some(id) = recent.as_slice().first() else {
            return Ok(rows);
        };
        if let Some((first, _)) = found(*id)? {
            break first;
        }
        recent.next();
    };
    // The rows of `log` have consecutive numbers.
    let next = rows.last().map_or(after, |(seq, _)| *seq) + 1;
    let skip = usize::try_from(next.saturating_sub(first)).unwrap_or(usize::MAX);
    for id in recent.skip(skip).take(at_most - rows.len()) {
        rows.extend(found(*id)?);
    }
    Ok(rows)
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok((restored(row.get(0)?), row.get(1)?))
}

pub(super) fn exists(reader: &Connection, session: SessionId) -> rusqlite::Result<bool> {
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
        .query_map([session.0.as_bytes().as_slice()], admission)?
        .collect()
}

fn admission(row: &rusqlite::Row<'_>) -> rusqlite::Result<Admission> {
    Ok(Admission {
        role: role(&row.get::<_, String>(0)?)?,
        token_sha256: row.get(1)?,
    })
}

fn role(name: &str) -> rusqlite::Result<Role> {
    Role::BOTH
        .into_iter()
        .find(|known| known.as_str() == name)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, 0))
}

/// Parses rows, whose numbers must be consecutive from `after` + 1 on.
///
/// # Errors
/// [`JournalError::Unreadable`] at the first entry that cannot be read or is missing.
pub(super) fn parse(
    session: SessionId,
    after: u64,
    rows: Vec<Row>,
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

/// SQLite's integers are signed; entry numbers and milliseconds stay far below their limit.
pub(super) fn stored(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn restored(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
