//! Into the journal, and what comes back from it: entries to step, and receipts.

use tapcue_shared::cue::Role;
use tapcue_shared::entry::{Entry, What};
use tapcue_shared::message::ErrorCode;

use super::Actor;
use crate::journal::{Admission, JournalError};

impl Actor<'_> {
    /// Steps and fans out first, and records after.
    pub(super) fn apply_then_record(&mut self, entry: Entry) {
        let comes_and_goes = matches!(entry.what, What::Link { .. } | What::Connected { .. });
        self.step(&entry);
        if comes_and_goes && self.has_ended() {
            // Who looks in after the end is nobody's business, and the record is closed.
            return;
        }
        self.receipts.stepped(entry.id);
        if let Err(error) = self.record(entry.clone(), None) {
            tracing::warn!(session = %self.handle.id, %error, "held, but not recorded yet");
            if let (Some(_), Some(by)) = (entry.what.tap(), entry.by)
                && let Some(port) = self.ports.of(by)
            {
                port.put_error(ErrorCode::Unavailable, Some(entry.id));
            }
            self.receipts.owe(entry);
        }
        self.follow();
    }

    pub(super) fn record(
        &mut self,
        entry: Entry,
        admission: Option<Admission>,
    ) -> Result<(), JournalError> {
        self.hub.journal.append(self.handle.id, entry, admission)
    }

    /// Takes what the journal yields, and tells devices what is durable.
    pub(super) fn follow(&mut self) {
        while let Some(numbered) = self.follower.try_next() {
            let entry = &numbered.entry;
            if !self.receipts.take_stepped(entry.id) {
                self.step(entry);
            }
            if let (Some(_), Some(by)) = (entry.what.tap(), entry.by) {
                self.receipts.await_durable(numbered.seq, by, entry.id);
            }
        }
        for (role, id, seq) in self.receipts.durable(self.follower.durable()) {
            if let Some(port) = self.ports.of(role) {
                port.put_recorded(id, seq);
            }
        }
        self.tell_unrecorded();
        while let Some(owed) = self.receipts.owed() {
            if let Err(JournalError::Full) = self.record(owed.clone(), None) {
                self.receipts.still_owe(owed);
                break;
            }
        }
    }

    /// While commits fail, each device is told of each of its cues that it was passed on and not
    /// recorded, and both are told once that this is so; who comes then is told as it comes. What becomes durable after all is reported
    /// as recorded then.
    pub(super) fn tell_unrecorded(&mut self) {
        let failing = self.follower.failing();
        if failing && !self.failing {
            for role in Role::BOTH {
                if let Some(port) = self.ports.of(role) {
                    port.put_error(ErrorCode::Unavailable, None);
                }
            }
        }
        self.failing = failing;
        self.handle.pulse.set_unrecorded(failing);
        if failing {
            for (role, id) in self.receipts.untold() {
                if let Some(port) = self.ports.of(role) {
                    port.put_error(ErrorCode::Unavailable, Some(id));
                }
            }
        }
    }
}
