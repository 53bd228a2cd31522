//! Recently used codes and links, and the place that each gave. A third device with the same link is told
//! that the place is taken, not that no such session exists.

use std::collections::{HashMap, VecDeque};

use tapcue_rules::time::Millis;

use super::{Hash, Place};

/// How long a used code or link is remembered, in milliseconds. It is longer than a code is valid, so that a
/// person who tries a code still on a screen learns why it fails.
pub(super) const REMEMBERED_FOR_MS: u64 = 10 * 60 * 1_000;

/// How many used codes and links are remembered at most, about 2.5 MB. Beyond it the oldest is dropped and
/// becomes unknown.
pub(super) const REMEMBERED_AT_MOST: usize = 20_000;

/// The hashes of used codes and links, each with its place and time of use.
#[derive(Default)]
pub(super) struct Used {
    at: HashMap<Hash, (Place, Millis)>,
    /// Oldest first; the same hashes as `at`.
    order: VecDeque<Hash>,
}

impl Used {
    /// Remembers a used hash and the place that it gave.
    pub(super) fn add(&mut self, hash: Hash, place: Place, now: Millis) {
        if self.at.insert(hash, (place, now)).is_some() {
            self.order.retain(|known| *known != hash);
        } else if self.at.len() > REMEMBERED_AT_MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.at.remove(&oldest);
        }
        self.order.push_back(hash);
    }

    /// The place that this hash gave, if it was used recently.
    pub(super) fn find(&self, hash: &Hash, now: Millis) -> Option<Place> {
        let recent = |(_, at): &&(Place, Millis)| now.since(*at) < REMEMBERED_FOR_MS;
        self.at.get(hash).filter(recent).map(|(place, _)| *place)
    }

    /// Whether this hash is remembered, even if it is too old for [`Self::find`].
    pub(super) fn contains(&self, hash: &Hash) -> bool {
        self.at.contains_key(hash)
    }

    /// Drops the hashes that are too old.
    pub(super) fn expire(&mut self, now: Millis) {
        while let Some(oldest) = self.order.front()
            && self.find(oldest, now).is_none()
            && let Some(oldest) = self.order.pop_front()
        {
            self.at.remove(&oldest);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.at.len(), self.order.len());
        self.at.len()
    }
}
