//! Repairs the journal when its files are not at their paths: it writes everything there again from the files
//! that it still has open. If those are damaged too, it begins a new database and records from then on.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::super::JournalError;
use super::file_identity::{Found, LogExtent, Place};
use super::log_identity::FOREIGN;
use super::open::{self, DAMAGED, database_error, file_error, sync_dir, with_suffix};
use super::writer::Work;

/// The result of a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mended {
    /// Everything that was committed is in the new database.
    Whole,
    /// Nothing from before is in the new database. Sessions from before are no longer recorded.
    Anew,
}

impl Work {
    /// Puts the files in place again.
    ///
    /// # Errors
    /// Another relay has the directory, or it cannot be written. A further attempt can begin from what this
    /// one left.
    pub(super) fn mend(&mut self, found: &Found) -> Result<Mended, JournalError> {
        self.dir.lock_again()?;
        let copy = if found.is_elsewhere() {
            self.copy()?
        } else {
            None
        };
        let path = self.dir.database();
        if copy.is_some() {
            // The old database may exist under another name, so it is made complete.
            let _whole = LogExtent::after(&self.connection, "TRUNCATE");
        }
        leave_alone(&self.connection).map_err(|e| database_error(&path, e))?;
        let mended = if let Some(copy) = copy {
            self.clear_names()?;
            copy.persist(&path)
                .map_err(|e| file_error(&path, e.error))?;
            sync_dir(self.dir.path()).map_err(|e| file_error(&path, e))?;
            Mended::Whole
        } else {
            if path.exists() {
                let kept = open::set_aside(&path, DAMAGED).map_err(|e| file_error(&path, e))?;
                tracing::error!(kept = %kept.display(), "what is left of the database was set aside");
            } else {
                self.clear_names()?;
            }
            self.dir.note_tie("");
            Mended::Anew
        };
        let connection = self.dir.open_database()?;
        let place = Place::of(&path, &connection).map_err(|fault| fault.into_error(&path))?;
        // All that can fail comes before the new place is taken, so that a further attempt mends again.
        self.readers.renew()?;
        self.use_connection(connection)
            .map_err(|e| database_error(&path, e))?;
        self.place = place;
        // Opening the database has moved all rows of its `log` table into `entries`. Readers of the old files
        // need the old rows, and to readers of the new ones they do no harm, so this comes last.
        self.recent.clear();
        match mended {
            Mended::Whole => tracing::warn!(
                path = %path.display(),
                "the journal was written anew: everything recorded so far is in it"
            ),
            Mended::Anew => {
                let sessions = self.registry.cut();
                tracing::error!(
                    path = %path.display(),
                    sessions,
                    advice = "end the sessions that go on and open them again: they are not recorded any \
                              more, and their people are told so. To have the earlier ones back, stop the \
                              relay and restore a backup (tapcue-server restore)",
                    "the journal was begun anew: what was recorded before is not in it"
                );
            }
        }
        Ok(mended)
    }

    /// Copies everything that the open files hold into a file of its own. None if they are damaged.
    fn copy(&self) -> Result<Option<tempfile::NamedTempFile>, JournalError> {
        let dir = self.dir.path();
        let copy = tempfile::Builder::new()
            .prefix(".journal.")
            .suffix(".unfinished")
            .tempfile_in(dir)
            .map_err(|e| file_error(dir, e))?;
        let write = || {
            let name = copy.path().display().to_string();
            self.connection.execute("VACUUM INTO ?1", [name])?;
            let written = Connection::open(copy.path())?;
            written.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        };
        match write() {
            Ok(found) if found == "ok" => {
                let synced = copy.as_file().sync_all();
                synced.map_err(|e| file_error(copy.path(), e))?;
                Ok(Some(copy))
            }
            Ok(_) => Ok(None),
            Err(e)
                if matches!(
                    e.sqlite_error_code(),
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                ) =>
            {
                Ok(None)
            }
            Err(e) => Err(database_error(copy.path(), e)),
        }
    }

    /// Frees the paths of the journal's files. A file there that is not the journal's own is set aside.
    fn clear_names(&self) -> Result<(), JournalError> {
        let path = self.dir.database();
        let free = || {
            let aside = open::free_name(&path, FOREIGN)?;
            // Logs first: a log must never lie beside a database that is not its own.
            for suffix in ["-wal", "-shm", ""] {
                let file = with_suffix(&path, suffix);
                if !file.try_exists()? {
                    continue;
                }
                if suffix == "-shm" || self.place.is_own(&file) {
                    std::fs::remove_file(&file)?;
                    continue;
                }
                let kept = with_suffix(&aside, suffix);
                std::fs::rename(&file, &kept)?;
                tracing::error!(
                    kept = %kept.display(),
                    "a file of another journal had the place of this one's: it was set aside"
                );
            }
            Ok(())
        };
        free().map_err(|e| file_error(&path, e))
    }
}

/// Makes a connection leave all files unchanged when it is closed: the files at those paths may be others.
pub(super) fn leave_alone(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map(|_| ())
}
