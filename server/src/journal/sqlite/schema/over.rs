//! Sessions that are over: their seals, their due times, and what is kept of deleted ones.

use rusqlite::{OptionalExtension as _, Transaction, params};
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

use super::super::super::{Closing, Deleted, Deletion, StoredSeal, Unfinished};
use super::{Batch, admission, restored, role, stored};

impl Batch<'_> {
    /// Records when a session that is over is to be deleted, and its seal, if the session exists.
    pub(in super::super) fn close(
        &mut self,
        session: SessionId,
        closing: &Closing,
    ) -> rusqlite::Result<()> {
        let key = session.0.as_bytes().as_slice();
        self.transaction
            .prepare_cached("UPDATE sessions SET delete_at = ?2 WHERE session = ?1")?
            .execute(params![key, stored(closing.delete_at.0)])?;
        if let Some(seal) = &closing.seal {
            self.transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO seals (session, count, body)
                     SELECT session, ?2, ?3 FROM sessions WHERE session = ?1",
                )?
                .execute(params![key, stored(seal.count), seal.body])?;
        }
        Ok(())
    }

    /// Stores a note under a name.
    pub(in super::super) fn note(&mut self, name: &str, body: &str) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached("INSERT OR REPLACE INTO notes (name, body) VALUES (?1, ?2)")?
            .execute([name, body])
            .map(|_| ())
    }

    /// Forgets the deletions that happened before a moment.
    pub(in super::super) fn forget(&mut self, before: Millis) -> rusqlite::Result<()> {
        let before = stored(before.0);
        let mut forgot = 0;
        for statement in [
            "DELETE FROM deleted_admissions
             WHERE session IN (SELECT session FROM deleted WHERE deleted_at < ?1)",
            "DELETE FROM deleted WHERE deleted_at < ?1",
        ] {
            forgot += self
                .transaction
                .prepare_cached(statement)?
                .execute([before])?;
        }
        self.done.forgot |= forgot > 0;
        Ok(())
    }
}

/// A session's seals, in order.
pub(in super::super) fn seals(
    reader: &Transaction<'_>,
    session: SessionId,
) -> rusqlite::Result<Vec<StoredSeal>> {
    reader
        .prepare_cached("SELECT count, body FROM seals WHERE session = ?1 ORDER BY count")?
        .query_map([session.0.as_bytes().as_slice()], |row| {
            Ok(StoredSeal {
                count: restored(row.get(0)?),
                body: row.get(1)?,
            })
        })?
        .collect()
}

/// When a session is to be deleted, if that is recorded.
pub(in super::super) fn delete_at(
    reader: &Transaction<'_>,
    session: SessionId,
) -> rusqlite::Result<Option<Millis>> {
    let key = session.0.as_bytes().as_slice();
    let at = reader
        .prepare_cached("SELECT delete_at FROM sessions WHERE session = ?1")?
        .query_row([key], |row| row.get::<_, Option<i64>>(0))
        .optional()?;
    Ok(at.flatten().map(|at| Millis(restored(at))))
}

/// The note of a name.
pub(in super::super) fn noted(
    reader: &Transaction<'_>,
    name: &str,
) -> rusqlite::Result<Option<String>> {
    reader
        .prepare_cached("SELECT body FROM notes WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// What is kept of a deleted session.
pub(in super::super) fn deleted(
    reader: &Transaction<'_>,
    session: SessionId,
) -> rusqlite::Result<Option<Deleted>> {
    let key = session.0.as_bytes().as_slice();
    let found: Option<(Option<String>, i64)> = reader
        .prepare_cached("SELECT by_role, deleted_at FROM deleted WHERE session = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((by, at)) = found else {
        return Ok(None);
    };
    let admissions = reader
        .prepare_cached(
            "SELECT role, token_sha256 FROM deleted_admissions WHERE session = ?1 ORDER BY seq",
        )?
        .query_map([key], admission)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(Deleted {
        deletion: Deletion {
            by: by.as_deref().map(role).transpose()?,
            at: Millis(restored(at)),
        },
        admissions,
    }))
}

/// How many sessions are listed at once. Reading a page of them takes 1 ms.
const LIST_AT_MOST: u32 = if cfg!(test) { 2 } else { 256 };

/// Some of the sessions that are not closed or are due: those that follow `after`.
pub(in super::super) fn unfinished(
    reader: &Transaction<'_>,
    now: Millis,
    after: Option<SessionId>,
) -> rusqlite::Result<Vec<Unfinished>> {
    // An empty key sorts before every session.
    let after = after.map_or_else(Vec::new, |after| after.0.as_bytes().to_vec());
    reader
        .prepare_cached(
            "SELECT session, delete_at FROM sessions
             WHERE session > ?2 AND (delete_at IS NULL OR delete_at <= ?1)
             ORDER BY session LIMIT ?3",
        )?
        .query_map(params![stored(now.0), after, LIST_AT_MOST], |row| {
            let delete_at: Option<i64> = row.get(1)?;
            Ok(Unfinished {
                session: SessionId(uuid::Uuid::from_bytes(row.get(0)?)),
                delete_at: delete_at.map(|at| Millis(restored(at))),
            })
        })?
        .collect()
}
