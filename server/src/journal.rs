//! The seam between the relay and what it records: entries go in, and come back in order.
//!
//! A session is the fold over its journal's entries. The task that owns a session hands entries to
//! [`Journal::append`] and steps its machine with what the [`Follower`] yields, so one relay with
//! an embedded database and many relays with a shared log run the same code. For that, nobody may
//! assume to be the only writer, nor that an appended entry comes back at once.
//!
//! Invariant: what a follower yields has no gaps and no repeats, and every reader sees the same
//! entry under the same number.
//! Invariant: nothing is reported durable before it is.
//!
//! A stop never waits for this seam: its session is stepped first and it is appended afterwards. A
//! journal that many relays share carries it by a faster way of its own too; entries are idempotent
//! by their id, so it may arrive twice.

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
mod follower;
mod sqlite;

pub(crate) use fold::fold;
pub use follower::{Feed, Follower, Health, Source};
pub use sqlite::SqliteJournal;
pub(crate) use sqlite::archive;

/// Where entries are recorded.
pub trait Journal: Send + Sync + 'static {
    /// Begins to follow a session after entry `after` (0: from the first).
    ///
    /// A session has one follower per relay, and a session is followed before anything is appended
    /// to it. Dropping the future or the follower ends it.
    ///
    /// # Errors
    /// [`JournalError::AlreadyFollowed`]; or the journal cannot be read, or cannot record just now
    /// what this session's last follower appended.
    fn follow(
        &self,
        session: SessionId,
        after: u64,
    ) -> BoxFuture<'_, Result<Follower, JournalError>>;

    /// Hands over an entry. Never blocks and never waits for the disk.
    ///
    /// # Errors
    /// On any error nothing was appended. [`JournalError::Full`]: too much waits to become durable.
    /// [`JournalError::OverShare`]: too much of this session does, and this entry can be refused
    /// ([`What::may_be_refused`](tapcue_rules::entry::What::may_be_refused)).
    /// [`JournalError::NotFollowed`]: the session is not followed here, or was deleted.
    fn append(
        &self,
        session: SessionId,
        entry: Entry,
        admission: Option<Admission>,
    ) -> Result<(), JournalError>;

    /// The next entries after number `after`, at most [`PAGE`] of them: no session is read in one piece.
    ///
    /// Pages from 0 on are a consistent prefix: all that was appended before the first call while the
    /// journal is healthy, and what is durable while it is not.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn page(
        &self,
        session: SessionId,
        after: u64,
        priority: Priority,
    ) -> BoxFuture<'_, Result<Page, JournalError>>;

    /// What is kept of a session beside its entries; none if there is no such session.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn meta(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Meta>, JournalError>>;

    /// All that is recorded of a session, for tests; none if there is no such session.
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

    /// Deletes a session for good: its entries, its seals and who may read them. Whether there was
    /// one. What stays until [`forget`](Self::forget) is that it was deleted, by whom, and the hashes
    /// of the tokens that may be told so.
    ///
    /// From the call on nothing can be appended to it, and its follower is told. Resolves when the
    /// deletion is durable, which takes as long as the disk is away: bound the wait. Dropping the
    /// future does not take the deletion back.
    ///
    /// # Errors
    /// [`JournalError::Full`] and [`JournalError::Unavailable`]: nothing was deleted; ask again
    /// later.
    fn delete(
        &self,
        session: SessionId,
        deletion: Deletion,
    ) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// How a session came to be deleted; none if it was not, or that is forgotten.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn deleted(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Deleted>, JournalError>>;

    /// Notes when a session that is over is to be deleted, and a seal of its record if there is a new
    /// one. Resolves when that is durable; nothing is noted of a session that is not there.
    ///
    /// # Errors
    /// [`JournalError::Full`]; the journal has ended.
    fn close(
        &self,
        session: SessionId,
        closing: Closing,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Of the sessions that nobody closed yet and those to be deleted by `now`, some that follow
    /// `after` in the order of their ids, read at [`Priority::Background`]. None are left if it is empty.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn unfinished(
        &self,
        now: Millis,
        after: Option<SessionId>,
    ) -> BoxFuture<'_, Result<Vec<Unfinished>, JournalError>>;

    /// Forgets what was deleted before a moment.
    ///
    /// # Errors
    /// [`JournalError::Full`]; the journal has ended.
    fn forget(&self, before: Millis) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Notes something for the relay's next start, in place of what was noted under this name. Resolves
    /// when that is durable.
    ///
    /// # Errors
    /// [`JournalError::Full`]; the journal has ended.
    fn note(&self, name: &'static str, body: String) -> BoxFuture<'_, Result<(), JournalError>>;

    /// What was noted under a name.
    ///
    /// # Errors
    /// The journal cannot be read.
    fn noted(&self, name: &'static str) -> BoxFuture<'_, Result<Option<String>, JournalError>>;

    /// Resolves when everything appended before the call is durable. Waits as long as the disk is
    /// away: bound the wait.
    ///
    /// # Errors
    /// The journal has ended.
    fn flush(&self) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Whether appends become durable at present; false while commits fail.
    fn healthy(&self) -> bool;

    /// What waits to become durable; nothing where a journal cannot tell.
    fn backlog(&self) -> Backlog {
        Backlog::default()
    }
}

/// What waits to become durable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backlog {
    /// How much: entries, and other work such as deletions.
    pub waiting: usize,
    /// For how long the oldest batch of it has been waiting for the disk.
    pub lag: Duration,
}

/// An entry and its place in its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// What happened.
    pub entry: Entry,
}

/// Who may come back to a role. Travels beside an entry, never in it: entries are what transcripts
/// show.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// Which role the token opens.
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

/// How many entries are read at once, so that a reader holds little memory, and no snapshot for long.
/// Few in tests, so that they all turn pages.
pub const PAGE: usize = if cfg!(test) { 7 } else { 1_000 };

/// For whom something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody in a session waits for it.
    Live,
    /// It is about what was: it takes no processor that carries cues.
    Background,
}

/// Entries that follow each other.
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
    /// What is kept beside them.
    pub meta: Meta,
}

/// What a journal keeps of a session beside its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The admissions in the order of the entries they came with.
    pub admissions: Vec<Admission>,
    /// The seals, each of more entries than the one before.
    pub seals: Vec<StoredSeal>,
    /// Its date: when it is to be deleted, if somebody has noted it.
    pub delete_at: Option<Millis>,
}

/// A seal as it is kept: text to the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSeal {
    /// Of how many entries, from the first on.
    pub count: u64,
    /// It, as JSON.
    pub body: String,
}

/// What is noted of a session that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When it is to be deleted.
    pub delete_at: Millis,
    /// A new seal.
    pub seal: Option<StoredSeal>,
}

/// Who deleted a session, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// Who; none if its time was up.
    pub by: Option<Role>,
    /// When.
    pub at: Millis,
}

/// What is left of a session that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// How it came to that.
    pub deletion: Deletion,
    /// Who may be told.
    pub admissions: Vec<Admission>,
}

/// A session that is not over, as far as the journal knows, or whose time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub session: SessionId,
    /// When it is to be deleted; none if nobody closed it yet.
    pub delete_at: Option<Millis>,
}

/// Why a journal did not do something. The texts tell the person who runs the relay what to do.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Too much waits to become durable.
    #[error("the journal's queue is full: the disk does not keep up, or cannot be written")]
    Full,
    /// Too much of this session waits to become durable.
    #[error("this session has its share of the journal's queue: the disk does not keep up with it")]
    OverShare,
    /// Appended to a session that is not followed here, or was deleted.
    #[error("this session is not followed here, or was deleted")]
    NotFollowed,
    /// A second follower for the same session.
    #[error("this session is already followed here")]
    AlreadyFollowed,
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
    /// The database was written by an older program, and is only looked at.
    #[error(
        "{} was written by an older version of this program: start this one's relay on it once, \
         which brings it up to date",
        .path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
    },
    /// There is no database, or one of something else.
    #[error("{} is no journal of this program: see that the path is right", .path.display())]
    NoJournal {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The database is damaged, and is only looked at.
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
        /// Which.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The database refused.
    #[error("{}: {source}: {advice}", .path.display())]
    Database {
        /// Which.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// An entry is there and cannot be read.
    #[error(
        "entry {seq} of session {session} cannot be read: the database is damaged, or was written \
         by another program"
    )]
    Unreadable {
        /// Whose.
        session: SessionId,
        /// Which.
        seq: u64,
    },
}
