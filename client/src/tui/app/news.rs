//! The events that ring the bell.

use tapcue_rules::cue::Role;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase, State};

use crate::device::snapshot::Snapshot;

/// Whether the change must be heard on this device.
pub(super) fn is_news(before: &Snapshot, after: &Snapshot) -> bool {
    if after.shouts > before.shouts {
        return true;
    }
    if after.view.stopped && !before.view.stopped {
        return true;
    }
    let (Some(old), Some(new)) = (&before.state, &after.state) else {
        return false;
    };
    let absent = |state: &State| {
        let absent = |role| *state.peers.of(role) == LinkStatus::Absent;
        Role::BOTH.into_iter().any(absent)
    };
    let stop = |state: &State| {
        let hold = state.hold.as_ref();
        hold.filter(|hold| hold.reason != HoldReason::Start)
            .map(|hold| hold.id)
    };
    let back = before.view.link == DeviceLink::Lost && after.view.link == DeviceLink::Here;
    let cue = |state: &State| state.cue.as_ref().map(|cue| cue.id);
    let helps = after.role() == Some(Role::Helper);
    back || (absent(old) && !absent(new))
        || (stop(new).is_some() && stop(new) != stop(old))
        || (new.phase == Phase::Live && old.phase != Phase::Live)
        || (helps && cue(new).is_some() && cue(new) != cue(old))
}
