//! Loads a session from the journal.

use tapcue_rules::cue::Both;
use tapcue_rules::ids::SessionId;
use tapcue_rules::session::Session;

use super::receipts::Receipts;
use crate::journal::{JournalError, Ownership, Priority};
use crate::session::registry::Registry;
use crate::session::token::TokenHash;

/// What the journal has of a session; empty for a new one.
pub(super) struct Loaded {
    pub(super) session: Option<Session>,
    pub(super) owned: Ownership,
    pub(super) tokens: Both<Option<TokenHash>>,
    /// The stops that are recorded.
    pub(super) receipts: Receipts,
    /// How many entries the session has.
    pub(super) length: u64,
}

impl Loaded {
    /// The state of a session that is about to be opened; it reads no entries.
    pub(super) async fn nothing(registry: &Registry, id: SessionId) -> Result<Self, JournalError> {
        Ok(Self {
            session: None,
            owned: registry.context.journal.own(id).await?,
            tokens: Both::default(),
            receipts: Receipts::default(),
            length: 0,
        })
    }

    pub(super) async fn from_journal(
        registry: &Registry,
        id: SessionId,
    ) -> Result<Self, JournalError> {
        let owned = registry.context.journal.own(id).await?;
        let mut tokens = Both::default();
        let mut session: Option<Session> = None;
        let mut receipts = Receipts::default();
        let mut after = 0;
        loop {
            let page = registry
                .context
                .journal
                .page(id, after, Priority::Live)
                .await?;
            for numbered in &page.entries {
                after = numbered.seq;
                receipts.await_durable(after, &numbered.entry);
                match &mut session {
                    None => session = Session::open(&numbered.entry),
                    // The effects were carried out when the entry was first stepped.
                    Some(session) => drop(session.step(&numbered.entry)),
                }
            }
            if !page.more {
                break;
            }
        }
        if let Some(meta) = registry.context.journal.meta(id).await? {
            for admission in meta.admissions {
                *tokens.of_mut(admission.role) = Some(TokenHash(admission.token_sha256));
            }
        }
        // No device waits for these receipts; a device that resends a stop is answered then.
        drop(receipts.durable(owned.durable()));
        Ok(Self {
            session,
            owned,
            tokens,
            receipts,
            length: after,
        })
    }
}
