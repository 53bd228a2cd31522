//! After the end: when connections are closed, when the record may be deleted, and its deletion.
//!
//! Safety Invariant: no record is deleted while a stop can still come, or while an open stop waits for a
//! connected device, for at most `OPEN_STOP_KEEPS`.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::limits::STOP_AFTER_END_MS;
use tapcue_rules::message::{ErrorCode, close};
use tapcue_rules::session::Session;
use tapcue_rules::time::Millis;
use tokio::time::{Duration, Instant};

use super::{Actor, IDLE_FOR};
use crate::session::device_handle::Closing;

/// How long devices may stay connected after the end, to write a note and read the figures.
const AFTER_END: Duration = Duration::from_secs(600);

/// How long an unacknowledged stop keeps the record of an ended session while a device is connected. Without
/// a device it keeps the record for [`IDLE_FOR`].
const OPEN_STOP_KEEPS: Duration = Duration::from_secs(24 * 60 * 60);

impl Actor<'_> {
    /// Ends the session for both, because this role deletes it.
    pub(super) fn end_for(&mut self, by: Role) {
        if !self.has_ended() {
            let entry = self.entry(Some(by), What::Ended);
            self.apply_then_record(entry);
        }
    }

    /// Signals once that the record may be deleted.
    pub(super) fn let_go(&self) {
        if self.may_go() && self.handle.may_go.set(()).is_ok() {
            self.registry.finished.look_at(self.handle.id);
        }
    }

    /// Safety Invariant: true only if the session has ended, stops no longer count, and no open stop waits
    /// for a connected device.
    fn may_go(&self) -> bool {
        let over = self.no_stop_from().is_some_and(|at| self.now() >= at);
        let forsaken = self.is_empty() && self.idle_since.elapsed() >= IDLE_FOR;
        let waits = self.waits_until().is_some_and(|at| Instant::now() < at);
        over && (!waits || forsaken)
    }

    /// The session time from which no stop counts; none before the end, or once the record may be deleted.
    pub(super) fn no_stop_from(&self) -> Option<Millis> {
        let ended_at = self.session.as_ref().and_then(Session::ended_at)?;
        let waits = !self.handle.may_go.initialized();
        waits.then(|| ended_at.plus(STOP_AFTER_END_MS + 1))
    }

    /// Until when an unacknowledged stop keeps the record of an ended session.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        let waits = self.session.as_ref().is_some_and(Session::has_open_stop);
        self.ended_at
            .filter(|_| waits)
            .map(|at| at + OPEN_STOP_KEEPS)
    }

    /// When the connections of an ended session are closed; none while one of its stops is unacknowledged.
    pub(super) fn closes_at(&self) -> Option<Instant> {
        let waits = self.session.as_ref().is_some_and(Session::has_open_stop);
        self.ended_at.filter(|_| !waits).map(|at| at + AFTER_END)
    }

    pub(super) fn is_over(&mut self) -> bool {
        let ended_long = self.closes_at().is_some_and(|at| Instant::now() >= at);
        if ended_long {
            for role in Role::BOTH {
                if let Some(device) = self.devices.of_mut(role).take() {
                    device.close(Closing {
                        code: close::ENDED,
                        error: Some(ErrorCode::Ended),
                    });
                }
            }
        }
        let idle = self.is_empty() && self.idle_since.elapsed() >= IDLE_FOR;
        let never_was = self.session.is_none();
        (idle || ended_long || never_was)
            && self.receipts.owes_nothing()
            && !self.counts.any()
            && self.handle.mailbox.close_if_empty()
    }

    /// Tells connected devices that the session's record was deleted, and by whom, and closes them.
    pub(super) fn deleted(&mut self, by: Option<Role>) {
        if !self.has_ended() {
            let entry = self.entry(by, What::Ended);
            self.step(&entry);
        }
        self.flush();
        for role in Role::BOTH {
            if let Some(device) = self.devices.of(role) {
                device.put_aside(&ErrorCode::deleted(by));
                device.close(Closing {
                    code: close::DELETED,
                    error: None,
                });
            }
        }
    }
}
