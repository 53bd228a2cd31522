//! One line of a transcript: an entry as it is hashed, its note if it has one, and its outcome.

use serde_json::Value;

use super::chain::{Chain, Hash, Opening, countable};
use super::outcome::Outcome;
use tapcue_rules::cue::Role;
use tapcue_rules::entry::{Entry, Salt, What};
use tapcue_rules::time::Millis;

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its place, from 1.
    pub seq: u64,
    /// The session's time: when the relay received the entry, or the time of an earlier entry if that is
    /// later.
    pub at: Millis,
    /// The entry. A private note of the other person has no text here.
    pub entry: Entry,
    /// The entry as it is hashed.
    pub recorded: Value,
    /// The SHA-256 of the recorded form in canonical form.
    pub hash: Hash,
    /// The outcome of the entry.
    pub outcome: Outcome,
    /// The note, if the entry is one.
    pub note: Option<Note>,
}

/// The readable part of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A note that both people may read.
    Shared {
        /// The text; empty for a marker.
        text: String,
        /// The place of the entry that the note is about.
        about: Option<u64>,
    },
    /// A private note, in its author's transcript.
    Own {
        /// The text; empty for a marker.
        text: String,
        /// The place of the entry that the note is about.
        about: Option<u64>,
        /// The salt that hides it from others.
        salt: Option<Salt>,
    },
    /// A private note of the other person. Only its existence is known.
    Hidden,
}

impl Note {
    /// The text and the entry it is about, if they are readable.
    #[must_use]
    pub fn legible(&self) -> Option<(&str, Option<u64>)> {
        match self {
            Note::Shared { text, about } | Note::Own { text, about, .. } => Some((text, *about)),
            Note::Hidden => None,
        }
    }
}

/// A line whose outcome is not known yet.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) entry: Entry,
    pub(super) recorded: Value,
    pub(super) hash: Hash,
    pub(super) note: Option<Note>,
}

impl Row {
    /// The next entry of a journal, as `viewer` may read it.
    pub(super) fn of(chain: &mut Chain, entry: &Entry, viewer: Option<Role>) -> Self {
        let mut entry = countable(entry.clone());
        let recorded = chain.push(&entry);
        let own = entry.by.is_some() && entry.by == viewer;
        let note = note(&entry, own);
        if note == Some(Note::Hidden)
            && let What::Noted {
                text, about, salt, ..
            } = &mut entry.what
        {
            text.clear();
            *about = None;
            *salt = None;
        }
        Self {
            seq: chain.count(),
            entry,
            recorded,
            hash: chain.head(),
            note,
        }
    }

    /// A line of an export. Its recorded form is that of the next entry.
    pub(super) fn read_back(
        chain: &mut Chain,
        recorded: Value,
        opening: Option<&Opening>,
    ) -> Option<Self> {
        let entry = super::chain::entry_of(&recorded, opening)?;
        chain.push_recorded(&recorded);
        Some(Self {
            seq: chain.count(),
            note: note(&entry, opening.is_some()),
            entry,
            recorded,
            hash: chain.head(),
        })
    }

    pub(super) fn into_line(self, at: Millis, outcome: Outcome) -> Line {
        Line {
            seq: self.seq,
            at,
            entry: self.entry,
            recorded: self.recorded,
            hash: self.hash,
            outcome,
            note: self.note,
        }
    }
}

fn note(entry: &Entry, own: bool) -> Option<Note> {
    let What::Noted {
        text,
        shared,
        about,
        salt,
    } = &entry.what
    else {
        return None;
    };
    let (text, about) = (text.clone(), *about);
    Some(if *shared {
        Note::Shared { text, about }
    } else if own {
        Note::Own {
            text,
            about,
            salt: *salt,
        }
    } else {
        Note::Hidden
    })
}
