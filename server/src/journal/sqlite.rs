//! The built-in journal: one SQLite database in the relay's data directory.
//!
//! An append numbers the entry and queues it for the writer, without waiting.
//! The one writer thread commits the queue as one transaction ([`writer`]), and only then reports it durable.
//! Reads have connections of their own ([`readers`]), so they never block the writer; [`recent`] tells them
//! where the newest entries are. [`owners`] holds which sessions have an owner; [`open`] and [`schema`] hold
//! what the files look like. [`archive`] gives the operator access to them.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::{BoxFuture, Either, select};
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;
use tokio::sync::oneshot;

use super::ownership::{Health, Ownership};
use super::{
    Admission, Backlog, Closing, Deleted, Deletion, Journal, JournalError, Meta, Page, Priority,
    Unfinished,
};

pub(crate) mod archive;
mod file_identity;
mod log_identity;
mod open;
mod owners;
mod readers;
mod recent;
mod repair;
mod schema;
#[cfg(test)]
mod tests;
mod watchdog;
mod writer;

use open::DataDir;
use owners::{Begin, Owners};
use readers::{Reader, Readers};
use recent::Recent;
use writer::{Command, Writer};

/// How many entries may wait for the disk: about 3 s of a busy relay's 20,000 entries per second, and about
/// 20 MB. Beyond it appends are refused, and the relay says so.
const QUEUE_AT_MOST: usize = 65_536;

/// A journal in a SQLite database (`journal.db`, write-ahead log, every commit synced).
///
/// Use it inside a tokio runtime. Dropping it records what is queued, unless the disk fails. To be sure, call
/// [`Journal::flush`] first.
#[derive(Debug)]
pub struct SqliteJournal {
    // The order of the fields is the drop order: the directory's lock is released last.
    readers: Arc<Readers>,
    recent: Arc<Recent>,
    writer: Writer,
    registry: Arc<Owners>,
    health: Arc<Health>,
    _dir: Arc<DataDir>,
}

impl SqliteJournal {
    /// Opens the journal in a data directory, and creates the directory for this user alone if it is missing.
    /// Checks the whole database, which takes a while for a large one. A damaged database is set aside as
    /// `journal.corrupt-<seconds since 1970>` and a new one is begun; this is logged as an error.
    ///
    /// # Errors
    /// [`JournalError::InUse`], [`JournalError::Newer`], or the directory or the database cannot be created,
    /// read or written.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        Self::open_with(dir, QUEUE_AT_MOST)
    }

    fn open_with(dir: &Path, queue_at_most: usize) -> Result<Self, JournalError> {
        let dir = Arc::new(DataDir::lock(dir)?);
        let connection = dir.open_database()?;
        let health = Arc::new(Health::default());
        let registry = Arc::new(Owners::new(Arc::clone(&health)));
        let recent = Arc::new(Recent::default());
        let readers = Arc::new(Readers::new(dir.database())?);
        let writer = Writer::start(
            connection,
            Arc::clone(&dir),
            Arc::clone(&registry),
            Arc::clone(&readers),
            Arc::clone(&recent),
            Arc::clone(&health),
            queue_at_most,
        )?;
        Ok(Self {
            readers,
            recent,
            writer,
            registry,
            health,
            _dir: dir,
        })
    }

    /// Waits for what is queued of a session, unless commits fail. False if the session certainly does not
    /// exist.
    async fn may_exist(&self, session: SessionId) -> bool {
        if self.registry.is_unsettled(session) && self.settle().await.is_err() {
            tracing::debug!(%session, "reading only what is durable of a session");
        }
        !self.readers.is_new(session)
    }

    /// Waits until the writer has committed what is queued; fails when commits fail.
    async fn settle(&self) -> Result<(), JournalError> {
        let settled = std::pin::pin!(self.writer.flush());
        let failing = std::pin::pin!(self.health.until_failing());
        match select(settled, failing).await {
            Either::Left((settled, _)) => settled,
            Either::Right(((), _)) => Err(JournalError::Unavailable),
        }
    }
}

impl Journal for SqliteJournal {
    fn own(&self, session: SessionId) -> BoxFuture<'_, Result<Ownership, JournalError>> {
        Box::pin(async move {
            let slot = loop {
                match self.registry.begin(session) {
                    Begin::Begun(slot) => break slot,
                    Begin::AlreadyOwned => return Err(JournalError::AlreadyOwned),
                    // An append of the last owner, or a deletion, is still queued.
                    Begin::Unsettled => self.settle().await?,
                }
            };
            // From here on, dropping this future releases the session.
            let owned = Ownership::new(slot.clone());
            let last = if self.readers.is_new(session) {
                0
            } else {
                let recent = self.recent.of(session);
                self.readers
                    .run(move |reader| reader.last(session, &recent))
                    .await?
            };
            slot.open(last);
            Ok(owned)
        })
    }

    fn append(
        &self,
        session: SessionId,
        entry: Entry,
        admission: Option<Admission>,
    ) -> Result<u64, JournalError> {
        let slot = self.registry.get(session).ok_or(JournalError::NotOwned)?;
        slot.append(&self.writer, entry, admission)
    }

    fn page(
        &self,
        session: SessionId,
        after: u64,
        priority: Priority,
    ) -> BoxFuture<'_, Result<Page, JournalError>> {
        Box::pin(async move {
            if after == 0 && !self.may_exist(session).await {
                return Ok(Page::default());
            }
            // Looked up on this task: the writer takes the same lock, so a slow reader thread must not hold
            // it.
            let recent = self.recent.of(session);
            let read = move |reader: &mut Reader| reader.page(session, after, &recent);
            match priority {
                Priority::Live => self.readers.run(read).await,
                Priority::Background => self.readers.run_in_background(read).await,
            }
        })
    }

    fn meta(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Meta>, JournalError>> {
        Box::pin(async move {
            if !self.may_exist(session).await {
                return Ok(None);
            }
            self.readers.run(move |reader| reader.meta(session)).await
        })
    }

    fn delete(
        &self,
        session: SessionId,
        deletion: Deletion,
    ) -> BoxFuture<'_, Result<bool, JournalError>> {
        let (done, deleted) = oneshot::channel();
        let queued = if self.health.failing() {
            Err(JournalError::Unavailable)
        } else {
            self.registry.delete(session, |slot| {
                self.writer.hand_over(Command::Delete {
                    slot,
                    deletion,
                    done,
                })
            })
        };
        Box::pin(async move {
            queued?;
            deleted.await.map_err(|_| JournalError::Ended)
        })
    }

    fn deleted(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Deleted>, JournalError>> {
        Box::pin(async move {
            self.readers
                .run(move |reader| reader.deleted(session))
                .await
        })
    }

    fn close(
        &self,
        session: SessionId,
        closing: Closing,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        let (done, closed) = oneshot::channel();
        let queued = self.writer.hand_over(Command::Close {
            session,
            closing,
            done,
        });
        Box::pin(async move {
            queued?;
            closed.await.map_err(|_| JournalError::Ended)
        })
    }

    fn unfinished(
        &self,
        now: Millis,
        after: Option<SessionId>,
    ) -> BoxFuture<'_, Result<Vec<Unfinished>, JournalError>> {
        Box::pin(async move {
            self.readers
                .run_in_background(move |reader| reader.unfinished(now, after))
                .await
        })
    }

    fn forget(&self, before: Millis) -> BoxFuture<'_, Result<(), JournalError>> {
        let (done, forgotten) = oneshot::channel();
        let queued = self.writer.hand_over(Command::Forget { before, done });
        Box::pin(async move {
            queued?;
            forgotten.await.map_err(|_| JournalError::Ended)
        })
    }

    fn note(&self, name: &'static str, body: String) -> BoxFuture<'_, Result<(), JournalError>> {
        let (done, noted) = oneshot::channel();
        let queued = self.writer.hand_over(Command::Note { name, body, done });
        Box::pin(async move {
            queued?;
            noted.await.map_err(|_| JournalError::Ended)
        })
    }

    fn noted(&self, name: &'static str) -> BoxFuture<'_, Result<Option<String>, JournalError>> {
        Box::pin(async move { self.readers.run(move |reader| reader.noted(name)).await })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.writer.flush())
    }

    fn healthy(&self) -> bool {
        !self.health.failing()
    }

    fn backlog(&self) -> Backlog {
        self.writer.backlog()
    }
}
