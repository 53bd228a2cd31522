//! Steps entries, appends them to the journal, and sends receipts. `journal/sqlite/writer/work.rs` commits them
//! and reports what is durable.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::message::ErrorCode;

use super::Actor;
use crate::journal::{Admission, JournalError};

/// How many entries a session has at most before its end. A busy hour has about two thousand.
pub(super) const ENTRIES_AT_MOST: u64 = 50_000;

/// The number of entries from which both devices are warned.
pub(super) const NEARLY_FULL: u64 = ENTRIES_AT_MOST / 100 * 95;

/// The interval between these warnings, in entries.
const TOLD_EVERY: u64 = 500;

/// How many entries a session has at most after its end, most of which are notes. Beyond it only an open stop
/// and its answers are recorded.
pub(super) const WITH_NOTES_AT_MOST: u64 = ENTRIES_AT_MOST + 500;

impl Actor<'_> {
    /// Steps an entry, sends the result, then records it. Stops and everything else that cannot be refused go
    /// this way.
    pub(super) fn apply_then_record(&mut self, entry: Entry) {
        let comes_and_goes = matches!(entry.what, What::Link { .. } | What::Connected { .. });
        self.step(&entry);
        if comes_and_goes && self.has_ended() {
            // Link changes after the end are not recorded: they are private, and the record is closed.
            return;
        }
        self.record_stepped(entry);
    }

    /// Records an entry that was stepped already.
    pub(super) fn record_stepped(&mut self, entry: Entry) {
        if let Err(error) = self.append(&entry, None) {
            tracing::warn!(session = %self.handle.id, %error, "stepped, but not recorded yet");
            if let Some(device) = entry.by.and_then(|by| self.devices.of(by).as_ref()) {
                for id in entry.taps() {
                    device.put_error(ErrorCode::Unavailable, Some(id));
                }
            }
            if !self.receipts.owe(entry) {
                tracing::error!(session = %self.handle.id, "the journal is full: the record lacks an entry");
            }
        }
        self.tell_durable();
    }

    /// Records an entry that may be refused, then steps it.
    pub(super) fn record_then_apply(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.append_or_refuse(entry, None)?;
        self.step(entry);
        self.tell_durable();
        Ok(())
    }

    /// Appends an entry that may be refused.
    pub(super) fn append_or_refuse(
        &mut self,
        entry: &Entry,
        admission: Option<Admission>,
    ) -> Result<(), JournalError> {
        self.retry_owed();
        if self.receipts.owes_nothing() {
            self.append(entry, admission)
        } else {
            // A refused entry must not make counted stops wait for room as well.
            Err(JournalError::Full)
        }
    }

    /// Appends an entry after everything that was stepped before it.
    fn append(&mut self, entry: &Entry, admission: Option<Admission>) -> Result<(), JournalError> {
        if !matches!(entry.what, What::Stops { .. }) {
            // Counted stops were stepped earlier, so they are recorded first.
            self.record_counts();
        }
        if !self.receipts.owes_nothing() {
            // Entries that the journal had no room for come first, too.
            return Err(JournalError::Full);
        }
        self.append_now(entry, admission)
    }

    fn append_now(
        &mut self,
        entry: &Entry,
        admission: Option<Admission>,
    ) -> Result<(), JournalError> {
        let journal = &self.registry.context.journal;
        let seq = journal.append(self.handle.id, entry.clone(), admission)?;
        self.receipts.await_durable(seq, entry);
        self.length = seq;
        self.tell_length();
        Ok(())
    }

    /// Tells devices what is durable, or that it is not.
    pub(super) fn tell_durable(&mut self) {
        let now = self.registry.context.clock.now();
        for receipt in self.receipts.take(&self.owned) {
            if let Some(device) = self.devices.of(receipt.role) {
                device.put_recorded(receipt.id, receipt.seq, receipt.stops, now);
            }
        }
        self.tell_unrecorded();
        self.retry_owed();
    }

    /// Appends the entries that the journal had no room for, as far as it has room now.
    fn retry_owed(&mut self) {
        while let Some(owed) = self.receipts.owed() {
            // Counted stops are newer, so this bypasses `append`, which would record them first.
            if let Err(JournalError::Full) = self.append_now(&owed, None) {
                self.receipts.still_owe(owed);
                break;
            }
        }
    }

    /// Ends the session when its record is full.
    pub(super) fn end_when_full(&mut self) {
        if self.length >= ENTRIES_AT_MOST && !self.has_ended() {
            tracing::warn!(session = %self.handle.id, "its record is full: ended");
            let entry = self.entry(None, What::Ended);
            self.apply_then_record(entry);
        }
    }

    /// Warns both devices before the session's record is full.
    fn tell_length(&self) {
        let past = self.length.checked_sub(NEARLY_FULL);
        if past.is_some_and(|past| past % TOLD_EVERY == 0) && !self.has_ended() {
            for role in Role::BOTH {
                if let Some(device) = self.devices.of(role) {
                    device.put_error(ErrorCode::NearlyFull, None);
                }
            }
        }
    }

    /// While commits fail, each device is told which of its cues were passed on but not recorded. Both
    /// devices are told once that recording fails; a device that arrives later is told on arrival. An entry
    /// that becomes durable after all is then reported as recorded.
    pub(super) fn tell_unrecorded(&mut self) {
        let failing = self.owned.failing();
        if failing && !self.failing {
            for role in Role::BOTH {
                if let Some(device) = self.devices.of(role) {
                    device.put_error(ErrorCode::Unavailable, None);
                }
            }
        }
        self.failing = failing;
        self.handle.pulse.set_unrecorded(failing);
        if failing {
            for (role, id) in self.receipts.untold() {
                if let Some(device) = self.devices.of(role) {
                    device.put_error(ErrorCode::Unavailable, Some(id));
                }
            }
        }
    }
}
