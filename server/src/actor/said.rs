//! What a device says, made into an entry.

use std::sync::Arc;

use tapcue_shared::entry::What;
use tapcue_shared::message::{ConfirmItem, ErrorCode, ToRelay};
use tapcue_shared::session::Session;

use super::Actor;
use crate::port::Port;
use crate::token;

impl Actor<'_> {
    pub(super) fn said(&mut self, port: &Arc<Port>, message: ToRelay) {
        if !self.is_current(port) {
            return;
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
            ToRelay::Note { text, shared } => What::Noted {
                text,
                shared,
                about: None,
                salt: token::salt(),
            },
            ToRelay::End => What::Ended,
            ToRelay::RenewCode if self.session.as_ref().is_some_and(Session::is_alone) => {
                return self.renew_code(false);
            }
            ToRelay::RenewCode => return port.put_error(ErrorCode::NotAllowed, None),
            // The socket answers these itself, and a second hello is no message for this moment.
            ToRelay::Create { .. }
            | ToRelay::Join { .. }
            | ToRelay::Resume { .. }
            | ToRelay::Away
            | ToRelay::Beat { .. }
            | ToRelay::Received { .. } => return port.put_error(ErrorCode::BadMessage, None),
        };
        let mut entry = self.entry(Some(port.role), what);
        entry.id = id.unwrap_or(entry.id);
        if let What::Confirmed {
            item: ConfirmItem::WarningSigns,
            value: true,
        } = entry.what
        {
            // May lead to a hold.
            return self.apply_then_record(entry);
        }
        if let Err(error) = self.record(entry, None) {
            tracing::warn!(session = %self.handle.id, %error, "not recorded and not taken");
            port.put_error(ErrorCode::Unavailable, id);
        }
        self.follow();
    }
}
