//! Notes on an ended session, and why a request for its record is denied.

use serde::Deserialize;
use tapcue_rules::entry::Salt;

use crate::journal::{Deletion, JournalError};

/// Why a request for a session's record is denied.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The token is invalid or the session does not exist; both get the same answer.
    #[error("this token opens no session that this relay keeps")]
    BadToken,
    /// The session was deleted.
    #[error("the session was deleted")]
    Deleted(Deletion),
    /// The journal cannot serve the request at present.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The session is past its retention date, and is deleted once the relay can trust the date.
    #[error("the session is past its date")]
    Hidden,
    /// A note on a session that has not ended.
    #[error("the session has not ended")]
    NotOver,
    /// A stop of the session is unacknowledged, and a device is or was just connected.
    #[error("a stop of this session waits to be acknowledged")]
    OpenStop,
    /// The result is not durable yet.
    #[error("this waits for the disk")]
    Slow,
    /// Its record takes no more notes.
    #[error("its record is full")]
    Full,
}

/// A note on an ended session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The text; empty for a bare marker.
    #[serde(default)]
    pub text: String,
    /// Whether the other person may read it.
    #[serde(default)]
    pub shared: bool,
    /// The number of the entry that it is about.
    pub about: Option<u64>,
}

/// The salt that hides a private note in the other person's transcript. None if the operating system gives no
/// randomness.
#[must_use]
pub fn salt() -> Option<Salt> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(Salt(bytes))
}
