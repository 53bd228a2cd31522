//! The writer's thread: it commits the queue, and retries each batch until it is durable.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tapcue_rules::entry::Entry;
use tokio::sync::mpsc;

use super::super::super::JournalError;
use super::super::super::ownership::Health;
use super::super::file_identity::{Found, LogExtent, Place};
use super::super::log_identity;
use super::super::open::{self, DataDir};
use super::super::owners::Owners;
use super::super::readers::Readers;
use super::super::recent::Recent;
use super::super::repair::{Mended, leave_alone};
use super::super::schema::{Batch, Done};
use super::super::watchdog::Watch;
use super::{CANNOT_RECORD, Command, UnderWay};
use crate::fail_points;

/// The most entries in one transaction.
pub(in super::super) const BATCH_AT_MOST: usize = 4_096;

/// How long the first entry of a batch waits for more. That is long against a cue's way to its
/// screen (under 1 ms), and too short for a person to notice in a receipt.
const GATHER_FOR: Duration = Duration::from_millis(20);

/// After how many frames the writer checkpoints the write-ahead log. Source: SQLite's own default, 4 MB of
/// pages. Few in tests, so that many logs begin.
const FOLD_AT_FRAMES: u64 = if cfg!(test) { 40 } else { 1_000 };

/// The first and the longest pause before a failed commit is retried.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Why a batch is not durable.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum Fault {
    /// The database returned an error.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// The journal's files are not in place.
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

    /// Converts it to an error of the journal.
    pub(in super::super) fn into_error(self, path: &Path) -> JournalError {
        match self {
            Fault::Database(error) => open::database_error(path, error),
            Fault::Files(found) => open::file_error(path, std::io::Error::other(found)),
        }
    }
}

/// The state of the writer's thread.
pub(in super::super) struct Work {
    // The order of the fields is the drop order: the writer's connection is closed after the readers', so its
    // close checkpoints the log.
    pub(in super::super) readers: Arc<Readers>,
    pub(in super::super) connection: Connection,
    pub(in super::super) dir: Arc<DataDir>,
    pub(in super::super) place: Place,
    pub(in super::super) registry: Arc<Owners>,
    pub(in super::super) recent: Arc<Recent>,
    pub(super) health: Arc<Health>,
    /// The newest row number of the table `log`. No number is used twice in a run, so a reader with an older
    /// list of rows finds no other entry under it.
    pub(super) last_row: i64,
    pub(super) closing: Arc<AtomicBool>,
    pub(super) watch: Arc<Watch>,
    pub(super) batch: Arc<UnderWay>,
    /// Whether the write-ahead log may still contain deleted text.
    pub(super) scrub: bool,
    /// The number of frames in the write-ahead log after the newest commit.
    pub(super) frames: Arc<AtomicU64>,
    /// Whether the last checkpoint was complete, so that the next commit may be the first of a log.
    pub(super) tie: bool,
}

impl Work {
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Command>) {
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
            // The files may belong to another journal.
            let _left = leave_alone(&self.connection);
        }
    }

    /// Commits a batch, however long it takes. None if the relay ends before a commit succeeds.
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
                    self.pause(pause);
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
                        self.pause(pause);
                    }
                },
            }
            pause = (pause * 2).min(RETRY_AFTER.1);
        }
    }

    /// Pauses, unless the relay ends.
    fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        // A caller that waits for a commit also wakes this thread.
        while !self.closing.load(Ordering::Acquire)
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            std::thread::park_timeout(left);
        }
    }

    /// Writes a batch unless it is `written`, and checks that it is in the files at the journal's paths.
    fn attempt(&mut self, batch: &[Command], written: &mut Option<Done>) -> Result<Done, Fault> {
        self.place.before(&self.connection)?;
        let done = match written.take() {
            Some(done) => done,
            None => {
                let done = self.write(batch)?;
                let moved = done.moved.as_ref();
                self.recent
                    .committed(moved, done.move_ended, &done.added, &done.gone);
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

    /// Marks that the disk has answered without an error.
    fn answered(&self) {
        // The watchdog first: otherwise it could report a hang after this reports success.
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
            log_identity::renew(&transaction)?;
        }
        let mut done = {
            let mut writing = Batch::new(&transaction)?;
            // While commits fail, only what must be recorded is tried.
            let step = self.recent.next_step(batch.len());
            if let Some(step) = step.filter(|_| !self.health.failing()) {
                writing.take_step(step)?;
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
            && let Ok(Some(tie)) = log_identity::of(&self.connection)
        {
            self.dir.note_tie(&tie.current);
        }
        Ok(done)
    }

    /// Opens a new connection: one that has seen an I/O error may keep failing after the disk is back.
    fn renew_connection(&mut self, error: &rusqlite::Error) {
        if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DiskFull)
        ) {
            return;
        }
        let path = self.dir.database();
        if !self.place.is_own(&path) {
            // The next attempt reports this, and needs the present connection.
            return;
        }
        let renewed = open::connect(&path).and_then(|connection| self.use_connection(connection));
        if let Err(error) = renewed {
            tracing::debug!(%error, "the journal cannot be opened anew yet");
        }
    }

    /// Replaces the writer's connection.
    pub(in super::super) fn use_connection(
        &mut self,
        connection: Connection,
    ) -> rusqlite::Result<()> {
        self.connection = connection;
        self.tie = false;
        self.hook()
    }

    /// Counts the frames of the write-ahead log at every commit.
    pub(super) fn hook(&mut self) -> rusqlite::Result<()> {
        let (_, extent) = LogExtent::after(&self.connection, "NOOP")?;
        self.frames.store(extent.log, Ordering::Relaxed);
        let frames = Arc::clone(&self.frames);
        self.connection.wal_hook(Some(move |_: &mut Wal, count| {
            let count = u64::try_from(count).unwrap_or(0);
            frames.store(count, Ordering::Relaxed);
            Ok(())
        }))
    }

    /// Checkpoints the write-ahead log as far as readers allow. Returns whether that was all of it.
    fn fold_log(&mut self, mode: &str) -> bool {
        let folded = LogExtent::after(&self.connection, mode);
        match folded {
            Ok((busy, extent)) => {
                self.frames.store(0, Ordering::Relaxed);
                let whole = !busy && extent.log == extent.folded;
                self.tie |= whole;
                if let Err(found) = self.place.after_folding(extent) {
                    // The next batch reports this.
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

    /// Checkpoints and empties the write-ahead log, so that no deleted text is left in it. If a reader blocks
    /// that, it is retried after the next batch.
    fn scrub(&mut self) {
        self.scrub = !self.fold_log("TRUNCATE");
    }
}

/// Waits for the next batch. False if the relay ends and the queue is empty.
///
/// The first entry is not written at once: its cue is on its way to a screen and needs
/// the processor. Entries that arrive meanwhile share its commit. A command that a caller waits for ends the
/// wait.
fn gather(
    queue: &mut mpsc::Receiver<Command>,
    batch: &mut Vec<Command>,
    closing: &AtomicBool,
) -> bool {
    let Some(first) = queue.blocking_recv() else {
        return false;
    };
    let may_wait = !first.is_awaited() && !closing.load(Ordering::Acquire);
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

/// The entries of a batch.
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

/// Reports a batch durable to every waiting caller and owner.
fn report(batch: &mut Vec<Command>, deleted: Vec<bool>) {
    let mut deleted = deleted.into_iter();
    for command in batch.drain(..) {
        match command {
            Command::Append(append) if append.slot.is_cut() => {}
            Command::Append(append) => append.slot.set_durable(append.seq),
            Command::Look => {}
            Command::Delete { slot, done, .. } => {
                slot.set_gone();
                // The caller may have stopped waiting.
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
