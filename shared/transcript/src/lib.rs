//! A transcript: a session's journal read back. What happened and what became of it, a timeline,
//! figures, and the chain and seals by which anyone can check it.
//!
//! Everything that two people look at together afterwards comes from here: JSON, CSV, HTML and text
//! are made of the same derived data. Pure like the rules: no clock, no key, no file.
//! docs/transcript.md describes the format and how to verify it.
//!
//! Invariant: what a transcript says follows from its entries alone, by folding the same session
//! machine that the relay drives. [`verify()`] does it again and compares.

mod canonical;
mod chain;
mod civil;
mod csv;
mod figures;
mod fold;
mod header;
mod html;
mod json;
mod lines;
mod outcome;
pub mod seal;
mod strips;
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

/// Why entries make no transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There are none, or the first does not open a session.
    #[error("the first entry does not open a session")]
    NotOpened,
    /// The places of the entries have a gap or are out of order.
    #[error("entry {expected} is missing or out of order")]
    Gap {
        /// The place that should have come.
        expected: u64,
    },
}

/// A transcript in the making, so that nobody needs all entries beside it.
#[derive(Debug)]
pub struct Reading {
    chain: Chain,
    rows: Vec<Row>,
    viewer: Option<Role>,
    gap: Option<ReadError>,
}

impl Reading {
    /// Without entries yet. `viewer` as in [`Transcript::read`].
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

    /// The transcript of what it took.
    ///
    /// # Errors
    /// As [`Transcript::read`].
    pub fn finish(self) -> Result<Transcript, ReadError> {
        match self.gap {
            Some(gap) => Err(gap),
            None => Transcript::of_rows(self.chain, self.rows).ok_or(ReadError::NotOpened),
        }
    }
}

impl Transcript {
    /// Reads entries back, each with its place in the session: from 1, without gaps. `viewer` is who
    /// it is for: that person's private notes are legible in it, nobody else's.
    ///
    /// The entries of a session that goes on give a transcript too: any prefix does.
    ///
    /// # Errors
    /// The first entry opens no session, or a place is missing.
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

    /// The same with the relay's seals: at most one for each number of entries, the shortest first.
    /// Those that cover more than is here are left out, so that a prefix stays one.
    #[must_use]
    pub fn with_seals(mut self, seals: impl IntoIterator<Item = Seal>) -> Self {
        self.seals.extend(seals);
        let count = self.lines.len() as u64;
        self.seals.retain(|seal| seal.sealed.count <= count);
        self.seals.sort_by_key(|seal| seal.sealed.count);
        self.seals.dedup_by_key(|seal| seal.sealed.count);
        self
    }

    /// What to sign when the session has ended: all that is here. None while it goes on.
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

    /// Which session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// What stands above it.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The figures.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// What was when.
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
