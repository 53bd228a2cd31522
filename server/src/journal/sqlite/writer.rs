//! The writer: one thread that commits what has queued up.
//!
//! Entries that queue up while a commit waits for the disk go into the next one together, so the
//! cost of a sync is shared exactly when there is much to share it among. A commit that fails is
//! tried again, whole and in order, until it succeeds; meanwhile the queue fills and then refuses. One
//! that has no end is noticed by a second thread ([`hang`](super::hang)).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tapcue_shared::entry::Entry;
use tapcue_shared::ids::SessionId;
use tapcue_shared::time::Millis;
use tokio::sync::{mpsc, oneshot};

use super::super::follower::Health;
use super::super::{Admission, Closing, Deletion, JournalError};
use super::hang::Watch;
use super::open;
use super::recent::Recent;
use super::registry::{Registry, Slot};
use super::schema::{Batch, Done};
use crate::fail_points;

/// Entries in one transaction at most. Beyond this a larger batch gains little (72,000 entries a
/// second were measured) and makes its first entry wait.
const BATCH_AT_MOST: usize = 256;

/// How long the first entry after a quiet moment waits for company. Long against a cue's way to its
/// screen, under a millisecond; short against anything a person could do with a receipt. Measured: a
/// tap to the helper's socket took 373 µs without and 241 µs with it (docs/benchmarks.md).
const GATHER_FOR: Duration = Duration::from_millis(5);

/// The first and the longest pause before a failed commit is tried again.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// What the writer is to do, in order.
pub(super) enum Command {
    /// Record an entry.
    Append(Append),
    /// Delete a session. Answers whether there was one.
    Delete {
        /// Which; closed to appends already.
        slot: Arc<Slot>,
        /// How it came to that.
        deletion: Deletion,
        /// The answer, when it is durable.
        done: oneshot::Sender<bool>,
    },
    /// Note what is to become of a session that is over.
    Close {
        /// Which.
        session: SessionId,
        /// What.
        closing: Closing,
        /// The answer, when it is durable.
        done: oneshot::Sender<()>,
    },
    /// Forget what was deleted before a moment.
    Forget {
        /// The moment.
        before: Millis,
        /// The answer, when it is durable.
        done: oneshot::Sender<()>,
    },
    /// Answer when everything before this is durable.
    Flush(oneshot::Sender<()>),
}

/// An entry to record.
pub(super) struct Append {
    /// Whose.
    pub(super) slot: Arc<Slot>,
    /// Its number.
    pub(super) seq: u64,
    /// What.
    pub(super) entry: Entry,
    /// What is recorded beside it.
    pub(super) admission: Option<Admission>,
}

/// The journal's hold on the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// None once it is being dropped.
    commands: Option<mpsc::Sender<Command>>,
    closing: Arc<AtomicBool>,
    watch: Arc<Watch>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn start(
        connection: Connection,
        path: PathBuf,
        registry: Arc<Registry>,
        recent: Arc<Recent>,
        health: Arc<Health>,
        queue_at_most: usize,
    ) -> Result<Self, JournalError> {
        let (commands, queue) = mpsc::channel(queue_at_most);
        let closing = Arc::new(AtomicBool::new(false));
        let watch = Arc::new(Watch::default());
        let no_thread = |source| JournalError::File {
            path: path.clone(),
            advice: "the system gave no thread for the journal; raise its limits",
            source,
        };
        std::thread::Builder::new()
            .name("journal-watch".into())
            .spawn({
                let (watch, path) = (Arc::clone(&watch), path.clone());
                let (health, registry) = (Arc::clone(&health), Arc::clone(&registry));
                move || watch.run(|| hung(&path, &health, &registry))
            })
            .map_err(no_thread)?;
        let work = Work {
            connection,
            path: path.clone(),
            registry,
            recent,
            health,
            last_row: 0,
            closing: Arc::clone(&closing),
            watch: Arc::clone(&watch),
            scrub: false,
        };
        // Whatever happens from here on, dropping it ends the watch.
        let mut writer = Self {
            commands: Some(commands),
            closing,
            watch,
            thread: None,
        };
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || work.run(queue));
        writer.thread = Some(thread.map_err(no_thread)?);
        Ok(writer)
    }

    /// Queues a command.
    ///
    /// # Errors
    /// [`JournalError::Full`], or the writer has ended. Then it is not queued.
    pub(super) fn hand_over(&self, command: Command) -> Result<(), JournalError> {
        self.commands()?.try_send(command).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => JournalError::Full,
            mpsc::error::TrySendError::Closed(_) => JournalError::Ended,
        })
    }

    /// Resolves when everything queued so far is durable.
    pub(super) async fn flush(&self) -> Result<(), JournalError> {
        let (done, flushed) = oneshot::channel();
        self.commands()?
            .send(Command::Flush(done))
            .await
            .map_err(|_| JournalError::Ended)?;
        flushed.await.map_err(|_| JournalError::Ended)
    }

    fn commands(&self) -> Result<&mpsc::Sender<Command>, JournalError> {
        self.commands.as_ref().ok_or(JournalError::Ended)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Release);
        self.commands = None;
        let hung = self.watch.is_hung();
        self.watch.close();
        if hung {
            tracing::error!(
                "the relay ends while its disk does not answer: the last entries may be lost"
            );
        } else if let Some(thread) = self.thread.take() {
            // It may be pausing before another attempt: that is the last one then.
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the journal's writer had crashed");
            }
        }
    }
}

const CANNOT_RECORD: &str = "the journal cannot record; what people send is passed on and kept until \
                             it can be written";

/// A commit has no end: those who are in a session hear of it as of one that fails.
fn hung(path: &Path, health: &Health, registry: &Registry) {
    if health.set_failing(true) {
        tracing::error!(
            path = %path.display(),
            advice = "the disk does not answer; see to it, or to the network it is reached by",
            "{CANNOT_RECORD}"
        );
        registry.wake_all();
    }
}

/// What the thread works with.
struct Work {
    connection: Connection,
    path: PathBuf,
    registry: Arc<Registry>,
    recent: Arc<Recent>,
    health: Arc<Health>,
    /// The last row of the log that was given out. None is given out twice in a run, so that a
    /// reader with an older list of rows does not find another entry there.
    last_row: i64,
    closing: Arc<AtomicBool>,
    watch: Arc<Watch>,
    /// Whether deleted text may still stand in the write-ahead log.
    scrub: bool,
}

impl Work {
    fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut batch = Vec::with_capacity(BATCH_AT_MOST);
        while gather(&mut queue, &mut batch, &self.closing) {
            self.watch.begin();
            fail_points::pass(fail_points::BEFORE_COMMIT, || entries(&batch));
            let Some(done) = self.commit(&batch) else {
                tracing::error!(
                    lost_at_most = batch.len() + queue.len(),
                    "the relay ended while its journal could not record: the last entries are lost"
                );
                return;
            };
            fail_points::pass(fail_points::BEFORE_RECEIPT, || entries(&batch));
            if self.scrub {
                self.watch.begin();
                self.scrub();
                self.answered();
            }
            report(&mut batch, done.deleted);
        }
    }

    /// Commits a batch, however long it takes. None if the relay ends and it could not be
    /// committed.
    fn commit(&mut self, batch: &[Command]) -> Option<Done> {
        let mut pause = RETRY_AFTER.0;
        loop {
            self.watch.begin();
            let error = match self.write(batch) {
                Ok(done) => {
                    self.recent.committed(done.folded, &done.added);
                    self.scrub |= !done.deleted.is_empty() || done.forgot;
                    self.answered();
                    return Some(done);
                }
                Err(error) => error,
            };
            self.watch.end();
            if self.health.set_failing(true) {
                tracing::error!(
                    path = %self.path.display(),
                    %error,
                    advice = open::advice(&error),
                    "{CANNOT_RECORD}"
                );
                self.registry.wake_all();
            }
            if self.closing.load(Ordering::Acquire) {
                return None;
            }
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(RETRY_AFTER.1);
            self.renew_connection(&error);
        }
    }

    /// The disk has answered, and well.
    fn answered(&self) {
        // First the watch, which could else say that it hangs after this said that it does not.
        self.watch.end();
        if self.health.set_failing(false) {
            tracing::info!("the journal records again");
            self.registry.wake_all();
        }
    }

    /// Writes a batch as one transaction.
    fn write(&mut self, batch: &[Command]) -> rusqlite::Result<Done> {
        if batch.iter().all(|c| matches!(c, Command::Flush(_))) {
            return Ok(Done::default());
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = {
            let mut writing = Batch::new(&transaction)?;
            if self.recent.is_long() {
                writing.fold()?;
            }
            for command in batch {
                match command {
                    Command::Append(append) => {
                        self.last_row += 1;
                        writing.append(append, self.last_row)?;
                    }
                    Command::Delete { slot, deletion, .. } => {
                        writing.delete(slot.session(), *deletion)?;
                    }
                    Command::Close {
                        session, closing, ..
                    } => writing.close(*session, closing)?,
                    Command::Forget { before, .. } => writing.forget(*before)?,
                    Command::Flush(_) => {}
                }
            }
            writing.done
        };
        transaction.commit()?;
        Ok(done)
    }

    /// A connection that has seen an I/O error may go on refusing after the disk is back.
    fn renew_connection(&mut self, error: &rusqlite::Error) {
        if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DiskFull)
        ) {
            return;
        }
        match open::connect(&self.path) {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::debug!(%error, "the journal cannot be opened anew yet"),
        }
    }

    /// Folds the write-ahead log into the database and empties it, so that what was deleted stands
    /// nowhere. If a reader is in the way, after the next batch.
    fn scrub(&mut self) {
        let busy = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, bool>(0)
            });
        match busy {
            Ok(busy) => self.scrub = busy,
            Err(error) => tracing::debug!(%error, "the write-ahead log is not emptied yet"),
        }
    }
}

/// Waits for the next batch. False if the relay ends and nothing is left.
///
/// The first entry after a quiet moment is not written at once: its cue is on its way to a screen
/// just then, and the processor is that cue's. What comes meanwhile shares its commit.
fn gather(
    queue: &mut mpsc::Receiver<Command>,
    batch: &mut Vec<Command>,
    closing: &AtomicBool,
) -> bool {
    let Some(first) = queue.blocking_recv() else {
        return false;
    };
    let may_wait = matches!(first, Command::Append(_)) && !closing.load(Ordering::Acquire);
    batch.push(first);
    if may_wait && queue.len() < BATCH_AT_MOST {
        std::thread::park_timeout(GATHER_FOR);
    }
    while batch.len() < BATCH_AT_MOST
        && let Ok(next) = queue.try_recv()
    {
        batch.push(next);
    }
    true
}

/// What a batch records.
fn entries(batch: &[Command]) -> impl Iterator<Item = &Entry> {
    batch.iter().filter_map(|command| match command {
        Command::Append(append) => Some(&append.entry),
        Command::Delete { .. }
        | Command::Close { .. }
        | Command::Forget { .. }
        | Command::Flush(_) => None,
    })
}

/// Tells everybody that a batch is durable.
fn report(batch: &mut Vec<Command>, deleted: Vec<bool>) {
    let mut deleted = deleted.into_iter();
    for command in batch.drain(..) {
        match command {
            Command::Append(append) => append.slot.set_durable(append.seq),
            Command::Delete { slot, done, .. } => {
                slot.set_gone();
                // Nobody may be waiting any more.
                let _unheard = done.send(deleted.next().unwrap_or(false));
            }
            Command::Close { done, .. } | Command::Forget { done, .. } | Command::Flush(done) => {
                let _unheard = done.send(());
            }
        }
    }
}
