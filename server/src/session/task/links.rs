//! Applies changes of device links to the session.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::session::Session;
use tapcue_rules::state::LinkStatus;

use super::Actor;
use crate::metrics::LinkLost;
use crate::session::device_handle::Closing;

impl Actor<'_> {
    /// Applies a link status. An unchanged status is neither recorded nor sent.
    pub(super) fn link(&mut self, role: Role, status: LinkStatus) {
        let entry = self.entry(Some(role), What::Link { status });
        if self.would_change(&entry) {
            self.apply_then_record(entry);
        }
    }

    /// Closes both connections after the mailbox lost link changes, because it is unknown who is connected.
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

    /// Counts a link that goes down, unless it is down already or the session has ended.
    pub(super) fn count_lost(&self, role: Role, cause: LinkLost) {
        let was_up = |session: &Session| session.peer(role).is_up();
        if self.session.as_ref().is_some_and(was_up) && !self.has_ended() {
            self.registry.context.metrics.link_lost(cause);
        }
    }
}
