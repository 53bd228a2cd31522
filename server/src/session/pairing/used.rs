//! The codes and links that have served lately, and the place each one served: a third device that
//! scans the same link is told that the place is taken, not that there is no such session.

use std::collections::{HashMap, VecDeque};

use tapcue_rules::time::Millis;

use super::{Hash, Place};

/// How long a used code or link is remembered, in milliseconds: longer than a code is good for, so
/// whoever tries what is still on a screen learns why it does not work.
pub(super) const REMEMBERED_FOR_MS: u64 = 10 * 60 * 1_000;

/// How many are remembered, about 2.5 MB. Past it the oldest is forgotten and becomes unknown.
pub(super) const REMEMBERED_AT_MOST: usize = 20_000;

/// Hashes of what was used, for which place, and when.
#[derive(Default)]
pub(super) struct Used {
    at: HashMap<Hash, (Place, Millis)>,
    /// Oldest first; the same hashes as `at`.
    order: VecDeque<Hash>,
}

impl Used {
    /// Remembers one, and the place it served.
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

    /// The place this served, if it was used, and not too long ago.
    pub(super) fn find(&self, hash: &Hash, now: Millis) -> Option<Place> {
        let recent = |(_, at): &&(Place, Millis)| now.since(*at) < REMEMBERED_FOR_MS;
        self.at.get(hash).filter(recent).map(|(place, _)| *place)
    }

    /// Whether this is remembered at all.
    pub(super) fn contains(&self, hash: &Hash) -> bool {
        self.at.contains_key(hash)
    }

    /// Forgets what is too old.
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
