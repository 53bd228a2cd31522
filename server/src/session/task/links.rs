//! Links to devices, as the session is told of them.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::session::Session;
use tapcue_rules::state::LinkStatus;

use super::Actor;
use crate::metrics::LinkLost;
use crate::session::device_handle::Closing;

impl Actor<'_> {
    /// A device's link changed. What it was already is neither recorded nor told.
    pub(super) fn link(&mut self, role: Role, status: LinkStatus) {
        let entry = self.entry(Some(role), What::Link { status });
        if self.would_change(&entry) {
            self.apply_then_record(entry);
        }
    }

    /// Changes of link were lost: nobody knows who is there, so nobody is.
    pub(super) fn lose_both(&mut self) {
        for role in Role::BOTH {
            if let Some(device) = self.devices.of_mut(role).take() {
                device.close(Closing {
                    code: 1008,
                    error: None,
                });
                self.count_lost(role, LinkLost::Overrun);
                self.link(role, LinkStatus::Lost);
            }
        }
    }

    /// Counts a link that goes down, unless it is down already or the session is over.
    pub(super) fn count_lost(&self, role: Role, cause: LinkLost) {
        let was_up = |session: &Session| session.peer(role).is_up();
        if self.session.as_ref().is_some_and(was_up) && !self.has_ended() {
            self.registry.context.metrics.link_lost(cause);
        }
    }
}
