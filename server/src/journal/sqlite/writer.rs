//! The writer: one thread that commits what has queued up.
//!
//! Entries that queue up while a commit waits for the disk go into the next one together, so the
//! cost of a sync is shared exactly when there is much to share it among. A commit that fails is
//! tried again, whole and in order, until it succeeds; meanwhile the queue fills and then refuses. One
//! that has no end is noticed by a second thread ([`hang`](super::hang)).

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tapcue_shared::entry::Entry;
use tapcue_shared::ids::SessionId;
use tapcue_shared::time::Millis;
use tokio::sync::{mpsc, oneshot};

use super::super::follower::Health;
use super::super::{Admission, Backlog, Closing, Deletion, JournalError};
use super::hang::Watch;
use super::mend::{Mended, leave_alone};
use super::open::{self, DataDir};
use super::place::{Found, Place, Reach};
use super::readers::Readers;
use super::recent::Recent;
use super::registry::{Registry, Slot};
use super::schema::{Batch, Done};
use super::tie;
use crate::fail_points;

/// Entries in one transaction at most. Beyond this a larger batch gains little (72,000 entries a
/// second were measured) and makes its first entry wait.
const BATCH_AT_MOST: usize = 256;

/// How long the first entry after a quiet moment waits for company. Long against a cue's way to its
/// screen, under a millisecond; short against anything a person could do with a receipt. Measured: a
/// tap to the helper's socket took 373 µs without and 241 µs with it (docs/benchmarks.md).
const GATHER_FOR: Duration = Duration::from_millis(5);

/// After how many frames the write-ahead log is folded into the database. Source: SQLite's own default,
/// 4 MB of pages. Few in tests, so that many logs begin.
const FOLD_AT_FRAMES: u64 = if cfg!(test) { 40 } else { 1_000 };

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
    /// Note something for the next start.
    Note {
        /// Under which name.
        name: &'static str,
        /// What.
        body: String,
        /// The answer, when it is durable.
        done: oneshot::Sender<()>,
    },
    /// Answer when everything before this is durable.
    Flush(oneshot::Sender<()>),
    /// See whether the files are in their place.
    Look,
}

/// Why a batch is not durable.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The database refused.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// Its files are not in their place.
    #[error(transparent)]
    Files(#[from] Found),
}

impl Fault {
    fn advice(&self) -> &'static str {
        match self {
            Fault::Database(error) => open::advice(error),
            Fault::Files(_) => {
                "let no other program remove, replace or write the files of a relay that runs; stop it \
                 first"
            }
        }
    }

    /// The same as an error of the journal.
    pub(super) fn into_error(self, path: &Path) -> JournalError {
        match self {
            Fault::Database(error) => open::database_error(path, error),
            Fault::Files(found) => open::file_error(path, std::io::Error::other(found)),
        }
    }
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

/// The batch that waits for the disk.
#[derive(Debug, Default)]
struct UnderWay(Mutex<Option<(usize, Instant)>>);

impl UnderWay {
    fn set(&self, batch: Option<usize>) {
        let batch = batch.map(|length| (length, Instant::now()));
        // Nothing panics under this lock.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = batch;
    }

    fn get(&self) -> Option<(usize, Instant)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The journal's hold on the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// None once it is being dropped.
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
    /// The system has no thread to give.
    pub(super) fn start(
        connection: Connection,
        dir: Arc<DataDir>,
        registry: Arc<Registry>,
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
                    // Whoever has something queued looks before it is written.
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
        // Whatever happens from here on, dropping it ends the watch.
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
pub(super) struct Work {
    // In the order of dropping: the writer's connection is closed last, which folds the log into the
    // database.
    pub(super) readers: Arc<Readers>,
    pub(super) connection: Connection,
    pub(super) dir: Arc<DataDir>,
    pub(super) place: Place,
    pub(super) registry: Arc<Registry>,
    pub(super) recent: Arc<Recent>,
    health: Arc<Health>,
    /// The last row of the log that was given out. None is given out twice in a run, so that a
    /// reader with an older list of rows does not find another entry there.
    last_row: i64,
    closing: Arc<AtomicBool>,
    watch: Arc<Watch>,
    batch: Arc<UnderWay>,
    /// Whether deleted text may still stand in the write-ahead log.
    scrub: bool,
    /// How many frames the write-ahead log had after the newest commit.
    frames: Arc<AtomicU64>,
    /// Whether the write-ahead log was folded whole, so that the next commit may be the first of a log.
    tie: bool,
}

impl Work {
    fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut batch = Vec::with_capacity(BATCH_AT_MOST);
        while gather(&mut queue, &mut batch, &self.closing) {
            self.watch.begin();
            self.batch.set(Some(batch.len()));
            fail_points::pass(fail_points::BEFORE_COMMIT, || entries(&batch));
            let Some(done) = self.commit(&batch) else {
                tracing::error!(
                    lost_at_most = batch.len() + queue.len(),
                    "the relay ended while its journal could not record: the last entries are lost"
                );
                return;
            };
            self.batch.set(None);
            fail_points::pass(fail_points::BEFORE_RECEIPT, || entries(&batch));
            if self.scrub {
                self.watch.begin();
                self.scrub();
                self.answered();
            }
            report(&mut batch, done.deleted);
            if self.frames.load(Ordering::Relaxed) >= FOLD_AT_FRAMES {
                self.fold_log("PASSIVE");
            }
        }
        if self.place.before(&self.connection).is_err() {
            // Whose files these are is not known.
            let _left = leave_alone(&self.connection);
        }
    }

    /// Commits a batch, however long it takes. None if the relay ends and it could not be
    /// committed.
    fn commit(&mut self, batch: &[Command]) -> Option<Done> {
        let mut pause = RETRY_AFTER.0;
        let mut written = None;
        loop {
            self.watch.begin();
            let fault = match self.attempt(batch, &mut written) {
                Ok(done) => {
                    self.scrub |= !done.deleted.is_empty() || done.forgot;
                    self.answered();
                    return Some(done);
                }
                Err(fault) => fault,
            };
            self.watch.end();
            if self.health.set_failing(true) {
                tracing::error!(
                    path = %self.dir.database().display(),
                    error = %fault,
                    advice = fault.advice(),
                    "{CANNOT_RECORD}"
                );
                self.registry.wake_all();
            }
            if self.closing.load(Ordering::Acquire) {
                return None;
            }
            match fault {
                Fault::Database(error) => {
                    std::thread::park_timeout(pause);
                    self.renew_connection(&error);
                }
                Fault::Files(found) => match self.mend(&found) {
                    Ok(Mended::Whole) => continue,
                    Ok(Mended::Anew) => {
                        written = None;
                        continue;
                    }
                    Err(error) => {
                        tracing::debug!(%error, "the journal's files cannot be put right yet");
                        std::thread::park_timeout(pause);
                    }
                },
            }
            pause = (pause * 2).min(RETRY_AFTER.1);
        }
    }

    /// Writes a batch unless it is `written`, and sees to it that it is where it will be found.
    fn attempt(&mut self, batch: &[Command], written: &mut Option<Done>) -> Result<Done, Fault> {
        self.place.before(&self.connection)?;
        let done = match written.take() {
            Some(done) => done,
            None => {
                let done = self.write(batch)?;
                self.recent.committed(done.folded, &done.added);
                done
            }
        };
        if done.wrote
            && let Err(found) = self.place.after_commit(self.frames.load(Ordering::Relaxed))
        {
            *written = Some(done);
            return Err(found.into());
        }
        Ok(done)
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
        if batch
            .iter()
            .all(|c| matches!(c, Command::Flush(_) | Command::Look))
        {
            return Ok(Done::default());
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if self.tie {
            tie::renew(&transaction)?;
        }
        let mut done = {
            let mut writing = Batch::new(&transaction)?;
            if self.recent.is_long() {
                writing.fold()?;
            }
            for command in batch {
                match command {
                    Command::Append(append) if append.slot.is_cut() => {}
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
                    Command::Note { name, body, .. } => writing.note(name, body)?,
                    Command::Flush(_) | Command::Look => {}
                }
            }
            writing.done
        };
        transaction.commit()?;
        done.wrote = true;
        if std::mem::take(&mut self.tie)
            && let Ok(Some(tie)) = tie::of(&self.connection)
        {
            self.dir.note_tie(&tie.current);
        }
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
        let path = self.dir.database();
        if !self.place.is_own(&path) {
            // The next attempt says so, and needs the connection that there is.
            return;
        }
        let renewed = open::connect(&path).and_then(|connection| self.use_connection(connection));
        if let Err(error) = renewed {
            tracing::debug!(%error, "the journal cannot be opened anew yet");
        }
    }

    /// Goes on with another connection.
    pub(super) fn use_connection(&mut self, connection: Connection) -> rusqlite::Result<()> {
        self.connection = connection;
        self.tie = false;
        self.hook()
    }

    /// Counts the frames of the log at every commit.
    fn hook(&mut self) -> rusqlite::Result<()> {
        let (_, reach) = Reach::after(&self.connection, "NOOP")?;
        self.frames.store(reach.log, Ordering::Relaxed);
        let frames = Arc::clone(&self.frames);
        self.connection.wal_hook(Some(move |_: &mut Wal, count| {
            let count = u64::try_from(count).unwrap_or(0);
            frames.store(count, Ordering::Relaxed);
            Ok(())
        }))
    }

    /// Folds the write-ahead log into the database, as far as readers leave it. Whether that is all of it.
    fn fold_log(&mut self, mode: &str) -> bool {
        let folded = Reach::after(&self.connection, mode);
        match folded {
            Ok((busy, reach)) => {
                self.frames.store(0, Ordering::Relaxed);
                let whole = !busy && reach.log == reach.folded;
                self.tie |= whole;
                if let Err(found) = self.place.after_folding(reach) {
                    // The next batch says so.
                    tracing::debug!(%found, "the write-ahead log is folded into another place");
                }
                whole
            }
            Err(error) => {
                tracing::debug!(%error, "the write-ahead log is not folded yet");
                false
            }
        }
    }

    /// Folds the write-ahead log into the database and empties it, so that what was deleted stands
    /// nowhere. If a reader is in the way, after the next batch.
    fn scrub(&mut self) {
        self.scrub = !self.fold_log("TRUNCATE");
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
        | Command::Note { .. }
        | Command::Flush(_)
        | Command::Look => None,
    })
}

/// Tells everybody that a batch is durable.
fn report(batch: &mut Vec<Command>, deleted: Vec<bool>) {
    let mut deleted = deleted.into_iter();
    for command in batch.drain(..) {
        match command {
            Command::Append(append) if append.slot.is_cut() => {}
            Command::Append(append) => append.slot.set_durable(append.seq),
            Command::Look => {}
            Command::Delete { slot, done, .. } => {
                slot.set_gone();
                // Nobody may be waiting any more.
                let _unheard = done.send(deleted.next().unwrap_or(false));
            }
            Command::Close { done, .. }
            | Command::Forget { done, .. }
            | Command::Note { done, .. }
            | Command::Flush(done) => {
                let _unheard = done.send(());
            }
        }
    }
}
