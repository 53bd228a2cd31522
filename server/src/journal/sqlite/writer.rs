//! The writer: one thread that commits the queue. This is its handle; `writer/work.rs` is the thread.
//!
//! Entries that arrive during a commit go into the next one together, so they share the cost of its sync. A
//! failed commit, for example on a full disk, is retried, whole and in order, until it succeeds. Meanwhile the
//! queue fills, and then appends are refused, and the session's task keeps what it must not lose
//! (`session/task/recording.rs`). A second thread notices a commit that does not return
//! ([`watchdog`](super::watchdog)).

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;
use tokio::sync::{mpsc, oneshot};

use super::super::ownership::Health;
use super::super::{Admission, Backlog, Closing, Deletion, JournalError};
use super::file_identity::Place;
use super::open::{self, DataDir};
use super::owners::{Owners, Slot};
use super::readers::Readers;
use super::recent::Recent;
use super::watchdog::Watch;

mod work;

#[cfg(test)]
pub(super) use work::BATCH_AT_MOST;
pub(super) use work::{Fault, Work};

/// A command to the writer. Commands run in order.
pub(super) enum Command {
    Append(Append),
    /// Delete a session. The answer is whether it existed.
    Delete {
        /// The session's slot, already closed to appends.
        slot: Arc<Slot>,
        /// Who deletes it, and when.
        deletion: Deletion,
        /// The answer, when it is durable.
        done: oneshot::Sender<bool>,
    },
    /// Record when a session that is over is to be deleted, and its seal.
    Close {
        session: SessionId,
        closing: Closing,
        /// The answer, when it is durable.
        done: oneshot::Sender<()>,
    },
    /// Forget the deletions that happened before a moment.
    Forget {
        before: Millis,
        /// The answer, when it is durable.
        done: oneshot::Sender<()>,
    },
    /// Store a note for the next start.
    Note {
        name: &'static str,
        body: String,
        /// The answer, when it is durable.
        done: oneshot::Sender<()>,
    },
    /// Answer when every earlier command is durable.
    Flush(oneshot::Sender<()>),
    /// Check that the files are in place.
    Look,
}

impl Command {
    /// Whether a caller waits for it, for example with a token. A cue's receipt may wait for other entries.
    fn is_awaited(&self) -> bool {
        match self {
            Command::Append(append) => append.admission.is_some(),
            Command::Delete { .. }
            | Command::Close { .. }
            | Command::Forget { .. }
            | Command::Note { .. }
            | Command::Flush(_)
            | Command::Look => true,
        }
    }
}

/// An entry to record.
pub(super) struct Append {
    /// The session's slot.
    pub(super) slot: Arc<Slot>,
    pub(super) seq: u64,
    pub(super) entry: Entry,
    /// The token that is recorded beside it, if any.
    pub(super) admission: Option<Admission>,
}

/// The batch that waits for the disk: its length, and since when it waits.
#[derive(Debug, Default)]
struct UnderWay(Mutex<Option<(usize, Instant)>>);

impl UnderWay {
    fn set(&self, batch: Option<usize>) {
        let batch = batch.map(|length| (length, Instant::now()));
        // No code panics under this lock.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = batch;
    }

    fn get(&self) -> Option<(usize, Instant)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The journal's handle to the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// None once the writer is being dropped.
    commands: Option<mpsc::Sender<Command>>,
    closing: Arc<AtomicBool>,
    watch: Arc<Watch>,
    batch: Arc<UnderWay>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(
        connection: Connection,
        dir: Arc<DataDir>,
        registry: Arc<Owners>,
        readers: Arc<Readers>,
        recent: Arc<Recent>,
        health: Arc<Health>,
        queue_at_most: usize,
    ) -> Result<Self, JournalError> {
        let path = dir.database();
        let (commands, queue) = mpsc::channel(queue_at_most);
        let closing = Arc::new(AtomicBool::new(false));
        let watch = Arc::new(Watch::default());
        let batch = Arc::<UnderWay>::default();
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
                let writer = commands.downgrade();
                let look = move || {
                    // With commands queued, the writer checks the files anyway before it writes.
                    let idle =
                        |writer: &mpsc::Sender<_>| writer.capacity() == writer.max_capacity();
                    if let Some(writer) = writer.upgrade().filter(idle) {
                        let _queued = writer.try_send(Command::Look);
                    }
                };
                move || watch.run(|| hung(&path, &health, &registry), look)
            })
            .map_err(no_thread)?;
        let place = Place::of(&path, &connection).map_err(|fault| fault.into_error(&path))?;
        let mut work = Work {
            connection,
            dir,
            place,
            registry,
            readers,
            recent,
            health,
            last_row: 0,
            closing: Arc::clone(&closing),
            watch: Arc::clone(&watch),
            batch: Arc::clone(&batch),
            scrub: false,
            frames: Arc::default(),
            tie: false,
        };
        work.hook().map_err(|e| open::database_error(&path, e))?;
        // From here on, dropping the writer ends the watchdog on every error.
        let mut writer = Self {
            commands: Some(commands),
            closing,
            watch,
            batch,
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
    /// [`JournalError::Full`], or the writer has ended. In both cases the command is not queued.
    pub(super) fn hand_over(&self, command: Command) -> Result<(), JournalError> {
        let is_awaited = command.is_awaited();
        self.commands()?.try_send(command).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => JournalError::Full,
            mpsc::error::TrySendError::Closed(_) => JournalError::Ended,
        })?;
        if is_awaited {
            self.commit_now();
        }
        Ok(())
    }

    /// Ends the writer's wait for more entries.
    fn commit_now(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Resolves when everything queued so far is durable.
    pub(super) async fn flush(&self) -> Result<(), JournalError> {
        let (done, flushed) = oneshot::channel();
        self.commands()?
            .send(Command::Flush(done))
            .await
            .map_err(|_| JournalError::Ended)?;
        self.commit_now();
        flushed.await.map_err(|_| JournalError::Ended)
    }

    /// What waits to become durable.
    pub(super) fn backlog(&self) -> Backlog {
        let queued = |queue: &mpsc::Sender<_>| queue.max_capacity() - queue.capacity();
        let queued = self.commands.as_ref().map_or(0, queued);
        let batch = self.batch.get();
        Backlog {
            waiting: queued + batch.map_or(0, |(length, _)| length),
            lag: batch.map_or(Duration::ZERO, |(_, since)| since.elapsed()),
        }
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
            // The writer may be pausing before a retry; that retry is then its last.
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the journal's writer had crashed");
            }
        }
    }
}

const CANNOT_RECORD: &str = "the journal cannot record; what people send is passed on and kept until \
                             it can be written";

/// Treats a commit that hangs as a failed one, in the log and for the owners.
fn hung(path: &Path, health: &Health, registry: &Owners) {
    if health.set_failing(true) {
        tracing::error!(
            path = %path.display(),
            advice = "the disk does not answer; see to it, or to the network it is reached by",
            "{CANNOT_RECORD}"
        );
        registry.wake_all();
    }
}
