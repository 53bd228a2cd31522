//! Turns a device's message into an entry.

use std::sync::Arc;

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::message::{ErrorCode, ToRelay};
use tapcue_rules::session::Session;

use super::arrival::SUPERSEDED;
use super::recording::WITH_NOTES_AT_MOST;
use super::{Actor, NoteRequest};
use crate::fail_points;
use crate::metrics::Refused;
use crate::session::device_handle::DeviceHandle;
use crate::session::notes::{Denied, Note};
use crate::session::token;

impl Actor<'_> {
    pub(super) fn take_message(&mut self, device: &Arc<DeviceHandle>, message: ToRelay) {
        if !self.is_current(device) {
            // A superseded connection: it is told so, and of its messages only a stop counts.
            return device.close(SUPERSEDED);
        }
        let mut id = None;
        let what = match message {
            ToRelay::Cue {
                id: cue_id,
                cue,
                epoch,
                tapped_at,
                uncertainty_ms,
            } => {
                id = Some(cue_id);
                What::Cue {
                    cue,
                    epoch,
                    tapped_at,
                    uncertainty_ms,
                }
            }
            ToRelay::Thumb {
                id: thumb_id,
                down,
                epoch,
                lifts,
                tapped_at,
                uncertainty_ms,
            } => {
                id = Some(thumb_id);
                What::Thumb {
                    down,
                    epoch,
                    lifts,
                    tapped_at,
                    uncertainty_ms,
                }
            }
            ToRelay::Shown {
                id,
                at,
                uncertainty_ms,
            } => What::Shown {
                of: id,
                painted_at: at,
                uncertainty_ms,
            },
            ToRelay::Acknowledge { id } => What::Acknowledged { of: id },
            ToRelay::Confirm { item, value } => What::Confirmed { item, value },
            ToRelay::Note { text, shared } => match noted(text, shared, None) {
                Ok(what) => what,
                Err(code) => return device.put_error(code, None),
            },
            ToRelay::End => What::Ended,
            ToRelay::RenewCode if self.session.as_ref().is_some_and(Session::is_alone) => {
                return self.renew_code(false);
            }
            ToRelay::RenewCode => return device.put_error(ErrorCode::NotAllowed, None),
            // The connection handles `Away`, `Beat` and `Received` itself; a second hello is out of order.
            ToRelay::Create { .. }
            | ToRelay::Join { .. }
            | ToRelay::Resume { .. }
            | ToRelay::Away
            | ToRelay::Beat { .. }
            | ToRelay::Received { .. } => return device.put_error(ErrorCode::BadMessage, None),
        };
        if let Some(code) = self.refusal_when_full(&what) {
            return device.put_error(code, id);
        }
        let mut entry = self.entry(Some(device.role), what);
        entry.id = id.unwrap_or(entry.id);
        fail_points::panic_at(fail_points::IN_A_SESSION, &entry);
        // A reported warning sign may hold the session, so it is stepped first.
        if matches!(entry.what, What::Confirmed { .. }) && !entry.what.may_be_refused() {
            return self.apply_then_record(entry);
        }
        if !self.would_change(&entry) {
            // It refers to nothing, or is known already: it is answered and not recorded.
            return self.step(&entry);
        }
        if let Err(error) = self.record_then_apply(&entry) {
            tracing::warn!(session = %self.handle.id, %error, "not recorded and not taken");
            device.put_error(ErrorCode::Unavailable, id);
            if id.is_some() {
                let why = ErrorCode::Unavailable;
                self.registry
                    .context
                    .metrics
                    .refused_with(Refused::Cue, why);
            }
        }
    }

    /// Refuses a message when the record is full; `Shown` and `Acknowledged` are still accepted.
    fn refusal_when_full(&self, what: &What) -> Option<ErrorCode> {
        let receipt = matches!(what, What::Shown { .. } | What::Acknowledged { .. });
        if self.length < WITH_NOTES_AT_MOST || receipt {
            return None;
        }
        let noted = matches!(what, What::Noted { .. });
        Some(if noted {
            ErrorCode::TooLarge
        } else {
            ErrorCode::Ended
        })
    }

    /// Handles a note that came by HTTP, not over a connection of this session.
    pub(super) fn note(&mut self, request: NoteRequest) {
        let NoteRequest { role, note, reply } = request;
        let taken = self.take_note(role, note);
        // The HTTP request may have ended.
        let _ = reply.send(taken);
    }

    fn take_note(&mut self, role: Role, note: Note) -> Result<(), Denied> {
        if !self.has_ended() {
            return Err(Denied::NotOver);
        }
        let Note {
            text,
            shared,
            about,
        } = note;
        let what = noted(text, shared, about).map_err(|_| Denied::Slow)?;
        if self.length >= WITH_NOTES_AT_MOST {
            return Err(Denied::Full);
        }
        let entry = self.entry(Some(role), what);
        self.record_then_apply(&entry)?;
        Ok(())
    }
}

/// A note as an entry; a private note gets its own salt.
fn noted(text: String, shared: bool, about: Option<u64>) -> Result<What, ErrorCode> {
    let salt = if shared {
        None
    } else {
        Some(token::salt().ok_or(ErrorCode::Unavailable)?)
    };
    Ok(What::Noted {
        text,
        shared,
        about,
        salt,
    })
}
