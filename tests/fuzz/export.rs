//! Exports: after any history of a session, each person's transcript verifies, and its reader sees what the
//! relay sees.

use tapcue_rules::cue::Role;

use crate::journal::exports;
use crate::session::history;

/// Takes the bytes as a history, as [`crate::session::fuzz`] does, and exports it.
///
/// # Panics
/// When a rule is broken, or an export does not verify.
pub fn fuzz(data: &[u8]) {
    if let Some(entries) = history(data) {
        let viewer = [None, Some(Role::Receiver), Some(Role::Helper)][data.len() / 3 % 3];
        exports(&entries, viewer);
    }
}
