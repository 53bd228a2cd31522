//! Exports: whatever the history of a session, everybody's transcript of it verifies, and the reader
//! of an export sees what the relay sees.

use tapcue_rules::cue::Role;

use crate::journal::exports;
use crate::session::history;

/// Takes the bytes as a history, as [`crate::session::fuzz`] does, and exports it.
///
/// # Panics
/// When a rule is broken, or an export does not hold.
pub fn fuzz(data: &[u8]) {
    if let Some(entries) = history(data) {
        let viewer = [None, Some(Role::Receiver), Some(Role::Helper)][data.len() / 3 % 3];
        exports(&entries, viewer);
    }
}
