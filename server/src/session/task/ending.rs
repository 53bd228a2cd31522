//! After the end: when devices are closed, from when on the record may be deleted, and its deletion.
//!
//! Safety Invariant: no record is deleted while a stop can still come, or waits for a person who is here.

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

/// How long a stop that nobody acknowledges keeps the record of a session that is over, while a device
/// is connected. Without one it keeps it for [`IDLE_FOR`].
const OPEN_STOP_KEEPS: Duration = Duration::from_secs(24 * 60 * 60);

impl Actor<'_> {
    /// Ends it for both, because one of them deletes it.
    pub(super) fn end_for(&mut self, by: Role) {
        if !self.has_ended() {
            let entry = self.entry(Some(by), What::Ended);
            self.apply_then_record(entry);
        }
    }

    /// Says once that the record may be deleted, as soon as that is so.
    pub(super) fn let_go(&self) {
        if self.may_go() && self.handle.may_go.set(()).is_ok() {
            self.registry.finished.look_at(self.handle.id);
        }
    }

    /// Safety Invariant: over for so long that no stop counts, and no open stop waits for somebody.
    fn may_go(&self) -> bool {
        let over = self.no_stop_from().is_some_and(|at| self.now() >= at);
        let forsaken = self.is_empty() && self.idle_since.elapsed() >= IDLE_FOR;
        let waits = self.waits_until().is_some_and(|at| Instant::now() < at);
        over && (!waits || forsaken)
    }

    /// From when on no stop counts, by the session's time; none while it goes on, or if its record may go.
    pub(super) fn no_stop_from(&self) -> Option<Millis> {
        let ended_at = self.session.as_ref().and_then(Session::ended_at)?;
        let waits = !self.handle.may_go.initialized();
        waits.then(|| ended_at.plus(STOP_AFTER_END_MS + 1))
    }

    /// Until when a stop that nobody acknowledged keeps the record of a session that is over.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        let waits = self.session.as_ref().is_some_and(Session::has_open_stop);
        self.ended_at
            .filter(|_| waits)
            .map(|at| at + OPEN_STOP_KEEPS)
    }

    /// When the devices of a session that is over are closed: not while one of its stops waits to be
    /// acknowledged.
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

    /// The session's record is gone. Whoever is still here is told that it is over, and why.
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
