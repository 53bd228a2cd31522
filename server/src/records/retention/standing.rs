//! The state of a session by its record, computed entry by entry without holding the record in memory.

use tapcue_rules::ids::SessionId;
use tapcue_rules::session::Session;
use tapcue_rules::state::Phase;
use tapcue_rules::time::Millis;
use tapcue_transcript::{Chain, Sealed};

use super::{ABANDONED_MS, DAY_MS};
use crate::journal::Numbered;

/// The part of a session's record that was read so far.
pub(crate) struct Reading {
    chain: Chain,
    /// None until the opening entry.
    session: Option<Session>,
    last_at: Millis,
    was_live: bool,
}

impl Reading {
    /// Starts at the beginning of a session's record.
    pub(crate) fn new(session: SessionId) -> Self {
        Self {
            chain: Chain::new(session),
            session: None,
            last_at: Millis(0),
            was_live: false,
        }
    }

    /// Applies the next entry.
    pub(crate) fn step(&mut self, numbered: &Numbered) {
        let entry = &numbered.entry;
        self.chain.push(entry);
        self.last_at = entry.at;
        match &mut self.session {
            // Only a valid first entry opens a session; without it, later entries change nothing.
            None if numbered.seq == 1 => self.session = Session::open(entry),
            None => {}
            // The effects were carried out when the entry was made.
            Some(session) => {
                drop(session.step(entry));
                self.was_live |= session.phase() == Phase::Live;
            }
        }
    }

    /// The state by the entries so far; none if no session was opened.
    pub(crate) fn standing(self) -> Option<Standing> {
        let session = self.session?;
        Some(Standing {
            opened_at: session.opened_at(),
            keep_days: session.options().keep.days().into(),
            ended_at: session.state().ended.map(|ended| ended.at),
            is_live: session.phase() == Phase::Live,
            was_live: self.was_live,
            last_at: self.last_at,
            chain: self.chain,
        })
    }
}

/// The state of a session by its record.
pub(crate) struct Standing {
    chain: Chain,
    opened_at: Millis,
    pub(super) keep_days: u64,
    pub(crate) ended_at: Option<Millis>,
    /// Whether its newest entry left it live.
    pub(crate) is_live: bool,
    /// Whether it has ever been live.
    pub(super) was_live: bool,
    pub(super) last_at: Millis,
}

impl Standing {
    /// The state by these entries; none if they open no session.
    pub(crate) fn of(session: SessionId, entries: &[Numbered]) -> Option<Self> {
        let mut reading = Reading::new(session);
        entries.iter().for_each(|numbered| reading.step(numbered));
        reading.standing()
    }

    /// When it is to be deleted, if no device comes back to it.
    pub(crate) fn delete_at(&self) -> Millis {
        let over_at = self.ended_at.unwrap_or(self.last_at.plus(ABANDONED_MS));
        over_at.plus(self.keep_days * DAY_MS)
    }

    /// The number of entries.
    pub(super) fn count(&self) -> u64 {
        self.chain.count()
    }

    /// The whole record for a seal; none before the session has ended.
    pub(super) fn to_seal(&self, sealed_at: Millis) -> Option<Sealed> {
        Some(Sealed {
            session: self.chain.session(),
            count: self.chain.count(),
            head: self.chain.head(),
            opened_at: self.opened_at,
            ended_at: self.ended_at?,
            sealed_at,
        })
    }
}
