//! One line of a transcript: an entry as it is hashed, its note if it has one, and what became of it.

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
    /// The session's moment: when the relay had it, or that of an earlier entry that was ahead.
    pub at: Millis,
    /// The entry. Of a private note that is not legible here, without its words.
    pub entry: Entry,
    /// The entry as it is hashed.
    pub recorded: Value,
    /// The SHA-256 of that in canonical form.
    pub hash: Hash,
    /// What became of it.
    pub outcome: Outcome,
    /// The note, if it is one.
    pub note: Option<Note>,
}

/// What is legible of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Anyone may read it.
    Shared {
        /// The words; none for a mere marker.
        text: String,
        /// The entry it is about.
        about: Option<u64>,
    },
    /// Its author reads it here.
    Own {
        /// The words; none for a mere marker.
        text: String,
        /// The entry it is about.
        about: Option<u64>,
        /// What hides it from others.
        salt: Option<Salt>,
    },
    /// Somebody's private note: there is one, and that is all.
    Hidden,
}

impl Note {
    /// The words and what they are about, if they are legible.
    #[must_use]
    pub fn legible(&self) -> Option<(&str, Option<u64>)> {
        match self {
            Note::Shared { text, about } | Note::Own { text, about, .. } => Some((text, *about)),
            Note::Hidden => None,
        }
    }
}

/// A line before it is known what became of it.
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

    /// A line of an export, whose recorded form is that of the next entry.
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
