//! The interface between the relay and its record.
//!
//! A session's state is the fold over its entries in the journal. One task owns a session: it alone steps the
//! session and appends to it, and the journal tells it what is durable.
//!
//! Invariant: a session's entries have no gaps and no repeats, and every reader sees the same entry under the
//! same number.
//! Invariant: nothing is reported durable before it is.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tapcue_rules::cue::Role;
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

#[cfg(test)]
mod conformance;
mod fold;
mod ownership;
mod sqlite;

pub(crate) use fold::fold;
pub use ownership::{Grant, Health, Ownership, Progress};
pub use sqlite::SqliteJournal;
pub(crate) use sqlite::archive;

/// Where entries are recorded.
pub trait Journal: Send + Sync + 'static {
    /// Makes the caller the session's owner. It alone may append until the future or the ownership is dropped.
    ///
    /// All earlier entries of the session are durable then.
    ///
    /// # Errors
    /// [`JournalError::AlreadyOwned`]; or the journal cannot be read, or cannot at present record what
    /// this session's last owner appended.
    fn own(&self, session: SessionId) -> BoxFuture<'_, Result<Ownership, JournalError>>;

    /// Appends an entry and returns its number: 1 for a session's first, without gaps. Never blocks and never
    /// waits for the disk.
    ///
    /// # Errors
    /// On any error nothing was appended. [`JournalError::Full`]: too much waits to become durable.
    /// [`JournalError::OverShare`]: too much of this session waits, and this entry can be refused
    /// ([`What::may_be_refused`](tapcue_rules::entry::What::may_be_refused)). [`JournalError::NotOwned`]:
    /// the session has no owner here, or was deleted.
    fn append(
        &self,
        session: SessionId,
        entry: Entry,
        admission: Option<Admission>,
    ) -> Result<u64, JournalError>;

    /// Returns the next entries after number `after`, at most [`PAGE`], so that no session is read in one
    /// piece.
    ///
    /// Pages from 0 on are a consistent prefix. While the journal is healthy, they hold all that was appended
    /// before the first call; otherwise they hold what is durable.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn page(
        &self,
        session: SessionId,
        after: u64,
        priority: Priority,
    ) -> BoxFuture<'_, Result<Page, JournalError>>;

    /// Returns what is stored of a session beside its entries; none if there is no such session.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn meta(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Meta>, JournalError>>;

    /// Reads all that is recorded of a session, for tests; none if there is no such session.
    #[cfg(test)]
    fn read(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Recorded>, JournalError>> {
        Box::pin(async move {
            let mut entries: Vec<Numbered> = Vec::new();
            loop {
                let after = entries.len() as u64;
                let page = self.page(session, after, Priority::Live).await?;
                entries.extend(page.entries);
                if !page.more {
                    break;
                }
            }
            let meta = self.meta(session).await?;
            Ok(meta.map(|meta| Recorded { entries, meta }))
        })
    }

    /// Deletes a session for good: its entries, its seals and its admissions. Returns whether it existed.
    /// Until [`forget`](Self::forget) the journal keeps that it was deleted, by whom, and the hashes of the
    /// tokens whose holders may be told so.
    ///
    /// After the call nothing can be appended to the session, and its owner is told. Resolves when the
    /// deletion is durable. That takes as long as the disk is unavailable, so bound the wait. Dropping the
    /// future does not undo the deletion.
    ///
    /// # Errors
    /// [`JournalError::Full`] and [`JournalError::Unavailable`]: nothing was deleted; ask again
    /// later.
    fn delete(
        &self,
        session: SessionId,
        deletion: Deletion,
    ) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// Returns how a session was deleted; none if it was not, or if its deletion is forgotten.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn deleted(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Deleted>, JournalError>>;

    /// Records when a session that is over is to be deleted, and a new seal of its record, if there is one.
    /// Resolves when that is durable. It records nothing for a session that does not exist.
    ///
    /// # Errors
    /// [`JournalError::Full`]; the journal has ended.
    fn close(
        &self,
        session: SessionId,
        closing: Closing,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Returns some of the sessions that are not closed or are to be deleted by `now`. They follow `after` in
    /// the order of their ids. Reads at [`Priority::Background`]. If the result is empty, none are left.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn unfinished(
        &self,
        now: Millis,
        after: Option<SessionId>,
    ) -> BoxFuture<'_, Result<Vec<Unfinished>, JournalError>>;

    /// Forgets the deletions that happened before a moment.
    ///
    /// # Errors
    /// [`JournalError::Full`]; the journal has ended.
    fn forget(&self, before: Millis) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Stores a note for the relay's next start, in place of an earlier one of this name. Resolves when it is
    /// durable.
    ///
    /// # Errors
    /// [`JournalError::Full`]; the journal has ended.
    fn note(&self, name: &'static str, body: String) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Returns the note of a name.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn noted(&self, name: &'static str) -> BoxFuture<'_, Result<Option<String>, JournalError>>;

    /// Resolves when everything appended before the call is durable. That takes as long as the disk is
    /// unavailable, so bound the wait.
    ///
    /// # Errors
    /// The journal has ended.
    fn flush(&self) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Whether appends become durable at present; false while commits fail.
    fn healthy(&self) -> bool;

    /// What waits to become durable; empty for a journal that cannot tell.
    fn backlog(&self) -> Backlog {
        Backlog::default()
    }
}

/// What waits to become durable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backlog {
    /// How many entries and other commands, such as deletions, wait.
    pub waiting: usize,
    /// How long the oldest batch has waited for the disk.
    pub lag: Duration,
}

/// An entry and its number in its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The entry's number, from 1, without gaps.
    pub seq: u64,
    /// What happened.
    pub entry: Entry,
}

/// A token that opens a role. It is stored beside an entry and never in it, because transcripts show entries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// The role that the token opens.
    pub role: Role,
    /// The SHA-256 of the token.
    pub token_sha256: [u8; 32],
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// How many entries are read at once. This bounds a reader's memory and how long it holds a snapshot. Few in
/// tests, so that every test reads several pages.
pub const PAGE: usize = if cfg!(test) { 7 } else { 1_000 };

/// How urgent a read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A person in a session waits for it.
    Live,
    /// It concerns past sessions, and must not take processor time from cues.
    Background,
}

/// Consecutive entries of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In order, without gaps.
    pub entries: Vec<Numbered>,
    /// Whether there may be more.
    pub more: bool,
}

/// What a journal holds of one session.
#[cfg(test)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The entries from 1, without gaps.
    pub entries: Vec<Numbered>,
    /// What is stored beside them.
    pub meta: Meta,
}

/// What a journal stores of a session beside its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The admissions in the order of the entries they came with.
    pub admissions: Vec<Admission>,
    /// The seals. Each covers more entries than the one before.
    pub seals: Vec<StoredSeal>,
    /// When the session is to be deleted, if that is recorded.
    pub delete_at: Option<Millis>,
}

/// A seal as it is stored. The journal does not parse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSeal {
    /// How many entries it covers, from the first on.
    pub count: u64,
    /// The seal as JSON.
    pub body: String,
}

/// What is recorded of a session that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When it is to be deleted.
    pub delete_at: Millis,
    /// A new seal, if there is one.
    pub seal: Option<StoredSeal>,
}

/// Who deleted a session, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The role that deleted it; none if its retention ended.
    pub by: Option<Role>,
    /// The time of the deletion.
    pub at: Millis,
}

/// What the journal keeps of a deleted session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// How the session was deleted.
    pub deletion: Deletion,
    /// The tokens whose holders may be told.
    pub admissions: Vec<Admission>,
}

/// A session that the journal does not know to be over, or that is due for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The session.
    pub session: SessionId,
    /// When it is to be deleted; none if it is not closed yet.
    pub delete_at: Option<Millis>,
}

/// Why a journal operation failed. The texts tell the operator what to do.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Too much waits to become durable.
    #[error("the journal's queue is full: the disk does not keep up, or cannot be written")]
    Full,
    /// Too much of this session waits to become durable.
    #[error("this session has its share of the journal's queue: the disk does not keep up with it")]
    OverShare,
    /// An append to a session that has no owner here, or was deleted.
    #[error("this session has no owner here, or was deleted")]
    NotOwned,
    /// A second owner of the same session.
    #[error("this session has an owner here already")]
    AlreadyOwned,
    /// Commits fail at present.
    #[error("the journal cannot record just now; the log says why")]
    Unavailable,
    /// The journal has been shut down.
    #[error("the journal has been shut down")]
    Ended,
    /// Another process has the data directory open.
    #[error(
        "another relay is using {}: stop it, or give this one a data directory of its own",
        .dir.display()
    )]
    InUse {
        /// The data directory.
        dir: PathBuf,
    },
    /// The database was written by a newer program.
    #[error(
        "{} was written by a newer version of this program (its schema is {found}, this program \
         knows up to {known}): run that version, or choose another data directory",
        .path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema's number.
        found: i64,
        /// The highest that this program knows.
        known: i64,
    },
    /// The database was written by an older program, and is opened only for reading.
    #[error(
        "{} was written by an older version of this program: start this one's relay on it once, \
         which brings it up to date",
        .path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
    },
    /// There is no database, or it is not a journal.
    #[error("{} is no journal of this program: see that the path is right", .path.display())]
    NoJournal {
        /// The path of the database.
        path: PathBuf,
    },
    /// The database is damaged, and is opened only for reading.
    #[error("{} is damaged ({what})", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// A file or directory could not be made or opened.
    #[error("{}: {source}: {advice}", .path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// The database returned an error.
    #[error("{}: {source}: {advice}", .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// The cause.
        source: rusqlite::Error,
    },
    /// An entry exists and cannot be read.
    #[error(
        "entry {seq} of session {session} cannot be read: the database is damaged, or was written \
         by another program"
    )]
    Unreadable {
        /// The session.
        session: SessionId,
        /// The entry's number.
        seq: u64,
    },
}
