//! Takes what devices ask for, and notes that come by HTTP.

use std::sync::Arc;

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::Session;

use super::arrival::SUPERSEDED;
use super::recording::WITH_NOTES_AT_MOST;
use super::{Actor, NoteRequest, Request};
use crate::fail_points;
use crate::metrics::Refused;
use crate::session::device_handle::DeviceHandle;
use crate::session::notes::{self, Denied, Note};

impl Actor<'_> {
    pub(super) fn take_message(&mut self, device: &Arc<DeviceHandle>, request: Request) {
        if !self.is_current(device) {
            // A superseded connection: it is told so, and of its messages only a stop counts.
            return device.close(SUPERSEDED);
        }
        let (id, mut what) = match request {
            Request::Record(id, what) => (id, what),
            Request::RenewCode if self.session.as_ref().is_some_and(Session::is_alone) => {
                return self.renew_code(false);
            }
            Request::RenewCode => return device.put_error(ErrorCode::NotAllowed, None),
        };
        if let Err(code) = add_salt(&mut what) {
            return device.put_error(code, None);
        }
        if let Some(code) = self.refusal_when_full(&what) {
            return device.put_error(code, id);
        }
        let mut entry = self.entry(Some(device.role), what);
        entry.id = id.unwrap_or(entry.id);
        fail_points::panic_at(fail_points::IN_A_SESSION, &entry);
        if !self.would_change(&entry) {
            // It refers to nothing, or is known already: it is answered and not recorded.
            return self.step(&entry);
        }
        let answers = matches!(
            entry.what,
            What::Shown { .. } | What::Acknowledged { .. } | What::Ended
        );
        if !entry.what.may_be_refused() && (!answers || self.receipts.may_owe_answers()) {
            return self.apply_then_record(entry);
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
        let mut what = What::Noted {
            text,
            shared,
            about,
            salt: None,
        };
        add_salt(&mut what).map_err(|_| Denied::Slow)?;
        if self.length >= WITH_NOTES_AT_MOST {
            return Err(Denied::Full);
        }
        let entry = self.entry(Some(role), what);
        self.record_then_apply(&entry)?;
        Ok(())
    }
}

/// Gives a private note its own salt.
fn add_salt(what: &mut What) -> Result<(), ErrorCode> {
    if let What::Noted {
        shared: false,
        salt,
        ..
    } = what
    {
        *salt = Some(notes::salt().ok_or(ErrorCode::Unavailable)?);
    }
    Ok(())
}
