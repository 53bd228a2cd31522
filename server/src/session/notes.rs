//! Notes on a session that is over, and why one, or anything of its record, is not given.

use serde::Deserialize;

use crate::journal::{Deletion, JournalError};

/// Why somebody is not given what they asked for.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The token opens nothing here, or there is no such session: the same answer for both.
    #[error("this token opens no session that this relay keeps")]
    BadToken,
    /// The session was deleted.
    #[error("the session was deleted")]
    Deleted(Deletion),
    /// The journal cannot say or do that just now.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Its time is up by the date, and it is deleted once that can be believed.
    #[error("the session is past its date")]
    Hidden,
    /// A note on a session that has not ended.
    #[error("the session has not ended")]
    NotOver,
    /// A stop stands in it that nobody has acknowledged, and a device is or was there just now.
    #[error("a stop of this session waits to be acknowledged")]
    OpenStop,
    /// What was asked for is not durable yet.
    #[error("this waits for the disk")]
    Slow,
    /// Its record takes no more notes.
    #[error("its record is full")]
    Full,
}

/// A note on a session that is over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The words; none for a bare marker.
    #[serde(default)]
    pub text: String,
    /// Whether the other person may read them.
    #[serde(default)]
    pub shared: bool,
    /// The entry it is about, by its place in the session.
    pub about: Option<u64>,
}
