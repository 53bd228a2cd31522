//! A copy of a database that is not in use yet, and the changes to it before its use.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params};

use super::super::super::JournalError;
use super::super::schema;
use super::{Made, error};

/// The table in a backup that tells how it was made. No journal in use has it.
pub(super) const MADE: &str = "backup";

/// A deleted session: its row of `deleted`, and its rows of `deleted_admissions`.
#[derive(Clone, Debug)]
pub(crate) struct Tombstone {
    session: [u8; 16],
    by_role: Option<String>,
    deleted_at: i64,
    /// Entry number, role, and the token's hash.
    admissions: Vec<(i64, String, [u8; 32])>,
}

/// A copy that is being prepared.
pub(crate) struct Draft<'p> {
    connection: Connection,
    path: &'p Path,
}

impl<'p> Draft<'p> {
    /// Opens a copy for writing. It has no log file beside it, and deleted content is overwritten.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn open(path: &'p Path) -> Result<Self, JournalError> {
        let opened = (|| {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.pragma_update(None, "journal_mode", "memory")?;
            connection.pragma_update(None, "secure_delete", true)?;
            Ok(connection)
        })();
        let connection = opened.map_err(|e| error(path, e))?;
        Ok(Self { connection, path })
    }

    /// Migrates it to this program's version of the schema.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn migrate(&mut self) -> Result<(), JournalError> {
        schema::migrate(&mut self.connection, self.path, schema::MIGRATIONS)
    }

    /// Writes into it when it was made, and the relay's key.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn stamp(&self, made: &Made) -> Result<(), JournalError> {
        let stamped = (|| {
            self.connection.execute_batch(
                "CREATE TABLE backup (made_at INTEGER NOT NULL, seal_key TEXT) STRICT",
            )?;
            self.connection.execute(
                "INSERT INTO backup (made_at, seal_key) VALUES (?1, ?2)",
                params![schema::stored(made.at.0), made.seal_key],
            )
        })();
        stamped.map(|_| ()).map_err(|e| error(self.path, e))
    }

    /// Removes what [`stamp`](Self::stamp) wrote.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn unstamp(&self) -> Result<(), JournalError> {
        let dropped = self.connection.execute_batch("DROP TABLE IF EXISTS backup");
        dropped.map_err(|e| error(self.path, e))
    }

    /// Adds the known deletions, and deletes those sessions from the copy. Returns how many of its sessions
    /// that were.
    ///
    /// # Errors
    /// It cannot be written; then the copy is unchanged.
    pub(crate) fn bury(&mut self, tombstones: &[Tombstone]) -> Result<u64, JournalError> {
        let mut bury = || {
            let transaction = self.connection.transaction()?;
            for tombstone in tombstones {
                transaction
                    .prepare_cached(
                        "INSERT OR IGNORE INTO deleted (session, by_role, deleted_at)
                         VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![
                        tombstone.session,
                        tombstone.by_role,
                        tombstone.deleted_at
                    ])?;
                for (seq, role, token) in &tombstone.admissions {
                    transaction
                        .prepare_cached(
                            "INSERT OR IGNORE INTO deleted_admissions
                             (session, seq, role, token_sha256) VALUES (?1, ?2, ?3, ?4)",
                        )?
                        .execute(params![tombstone.session, seq, role, token])?;
                }
            }
            let mut buried = 0;
            for table in ["log", "entries", "admissions", "seals", "sessions"] {
                let delete =
                    format!("DELETE FROM {table} WHERE session IN (SELECT session FROM deleted)");
                buried = transaction.execute(&delete, [])?;
            }
            transaction.commit()?;
            Ok(buried as u64)
        };
        bury().map_err(|e| error(self.path, e))
    }
}

/// What a database keeps of the deleted sessions.
pub(super) fn tombstones(connection: &Connection) -> rusqlite::Result<Vec<Tombstone>> {
    let mut admissions = connection.prepare(
        "SELECT seq, role, token_sha256 FROM deleted_admissions WHERE session = ?1 ORDER BY seq",
    )?;
    connection
        .prepare("SELECT session, by_role, deleted_at FROM deleted")?
        .query_map([], |row| {
            Ok(Tombstone {
                session: row.get(0)?,
                by_role: row.get(1)?,
                deleted_at: row.get(2)?,
                admissions: Vec::new(),
            })
        })?
        .map(|tombstone| {
            let mut tombstone = tombstone?;
            tombstone.admissions = admissions
                .query_map([tombstone.session], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(tombstone)
        })
        .collect()
}
