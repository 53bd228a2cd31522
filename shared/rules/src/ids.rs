//! Identifiers. Devices make the ids of cues. The relay makes the ids of sessions and other entries.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a cue, a hold, a check-in or any other entry. It is a UUID, of version 7 if Tapcue made it.
///
/// Two cues with the same id are the same cue.
pub type Id = Uuid;

/// The id of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct SessionId(#[cfg_attr(feature = "typescript", ts(type = "string"))] pub Uuid);

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
