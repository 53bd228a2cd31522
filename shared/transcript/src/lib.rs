//! A transcript is a session's journal read back: what happened, the outcomes, a timeline, figures, and the
//! hash chain and seals for verification.
//!
//! All exports come from the same derived data: JSON, CSV, HTML and text. This crate is pure like the rules:
//! it has no clock, key or file. docs/transcript.md describes the format and its verification.
//!
//! Invariant: a transcript follows from its entries alone, by folding the same session machine that the relay
//! drives. [`verify()`] repeats that and compares.

mod canonical;
mod chain;
mod civil;
mod csv;
mod drawing;
mod figures;
mod fold;
mod header;
mod html;
mod json;
mod lines;
mod outcome;
mod review;
pub mod seal;
mod text;
mod timeline;
mod verify;
mod words;

pub use canonical::{MAX_INTEGER, NotCanonical, canonical};
pub use chain::{Chain, Hash, commitment, genesis, hash};
pub use figures::{CheckInCount, CueCount, Figures, HoldCount, LinkCount};
pub use header::{Header, Person, SetUpAnswer, Waiver};
pub use json::{EARLIER, FORMAT, VERSION};
pub use lines::{Line, Note};
pub use outcome::{Answer, Became, HoldBegun, Outcome, Question, Then, Why};
pub use seal::{PublicKey, Seal, Sealed};
pub use timeline::{Band, LinkBand, Mark, MarkKind, Timeline};
pub use verify::{
    MAX_BYTES, Problem, ProblemKind, SealedBy, Standing, Verdict, read_export, verify,
};

use lines::Row;
use tapcue_rules::cue::Role;
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

/// A session's journal, read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    session: SessionId,
    header: Header,
    figures: Figures,
    timeline: Timeline,
    lines: Vec<Line>,
    head: Hash,
    seals: Vec<Seal>,
}

/// Why entries do not make a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There are no entries, or the first does not open a session.
    #[error("the first entry does not open a session")]
    NotOpened,
    /// The entries have a gap or are out of order.
    #[error("entry {expected} is missing or out of order")]
    Gap {
        /// The place that was expected.
        expected: u64,
    },
}

/// Builds a transcript entry by entry, so that the caller need not keep all entries in memory.
#[derive(Debug)]
pub struct Reading {
    chain: Chain,
    rows: Vec<Row>,
    viewer: Option<Role>,
    gap: Option<ReadError>,
}

impl Reading {
    /// Starts without entries. `viewer` is the same as in [`Transcript::read`].
    #[must_use]
    pub fn new(session: SessionId, viewer: Option<Role>) -> Self {
        Self {
            chain: Chain::new(session),
            rows: Vec::new(),
            viewer,
            gap: None,
        }
    }

    /// Takes the next entry, with its place in the session.
    pub fn push(&mut self, seq: u64, entry: &Entry) {
        let expected = self.chain.count() + 1;
        if seq != expected {
            self.gap.get_or_insert(ReadError::Gap { expected });
        }
        if self.gap.is_none() {
            let row = Row::of(&mut self.chain, entry, self.viewer);
            self.rows.push(row);
        }
    }

    /// The transcript of the entries so far.
    ///
    /// # Errors
    /// The same errors as [`Transcript::read`].
    pub fn finish(self) -> Result<Transcript, ReadError> {
        match self.gap {
            Some(gap) => Err(gap),
            None => Transcript::of_rows(self.chain, self.rows).ok_or(ReadError::NotOpened),
        }
    }
}

impl Transcript {
    /// Reads entries back, each with its place in the session: from 1, without gaps. `viewer` is the reader:
    /// the transcript contains that person's private notes and no other private notes.
    ///
    /// The entries of a session that goes on also give a transcript, and so does any prefix.
    ///
    /// # Errors
    /// The first entry does not open a session, or a place is missing.
    pub fn read<'a>(
        session: SessionId,
        entries: impl IntoIterator<Item = (u64, &'a Entry)>,
        viewer: Option<Role>,
    ) -> Result<Self, ReadError> {
        let mut reading = Reading::new(session, viewer);
        for (seq, entry) in entries {
            reading.push(seq, entry);
        }
        reading.finish()
    }

    fn of_rows(chain: Chain, rows: Vec<Row>) -> Option<Self> {
        let entries: Vec<&Entry> = rows.iter().map(|row| &row.entry).collect();
        let folded = fold::fold(entries.iter().copied())?;
        let header = Header::of(&entries, &folded)?;
        let figures = Figures::of(&entries, &folded);
        let moments = folded.moments.into_iter().zip(folded.outcomes);
        let lines = rows.into_iter().zip(moments);
        Some(Self {
            session: chain.session(),
            header,
            figures,
            timeline: folded.timeline,
            lines: lines
                .map(|(row, (at, outcome))| row.into_line(at, outcome))
                .collect(),
            head: chain.head(),
            seals: Vec::new(),
        })
    }

    /// The same transcript with the relay's seals: at most one for each number of entries, the shortest
    /// first. Seals that cover more entries than this transcript has are left out, so that a prefix stays a
    /// prefix.
    #[must_use]
    pub fn with_seals(mut self, seals: impl IntoIterator<Item = Seal>) -> Self {
        self.seals.extend(seals);
        let count = self.lines.len() as u64;
        self.seals.retain(|seal| seal.sealed.count <= count);
        self.seals.sort_by_key(|seal| seal.sealed.count);
        self.seals.dedup_by_key(|seal| seal.sealed.count);
        self
    }

    /// What to sign when the session has ended: all entries of this transcript. None before the end.
    #[must_use]
    pub fn to_seal(&self, sealed_at: Millis) -> Option<Sealed> {
        Some(Sealed {
            session: self.session,
            count: self.lines.len() as u64,
            head: self.head,
            opened_at: self.header.opened_at,
            ended_at: self.header.ended_at?,
            sealed_at,
        })
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The figures.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The timeline.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The entries, in order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The hash of the newest entry.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// The relay's seals, the shortest first.
    #[must_use]
    pub fn seals(&self) -> &[Seal] {
        &self.seals
    }
}
