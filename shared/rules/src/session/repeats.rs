//! The newest ids of each device's cues and thumbs, to recognise repeats.

use std::collections::VecDeque;

use super::Effect;
use crate::cue::{Both, Role};
use crate::ids::Id;
use crate::limits::{REMEMBERED_IDS, UNRECORDED_AT_MOST};

/// What an id was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Stop,
    Lifted,
    Other,
}

/// The newest ids of both devices. No id pushes out one of the other device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Repeats {
    devices: Both<Newest>,
}

/// The newest ids of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Newest {
    /// Stops and lifted thumbs. They are separate, because a device keeps a stop without a receipt longer than
    /// any other cue.
    stops: VecDeque<(Id, Kind)>,
    /// A device that has no receipt for one of these sends it again.
    accepted: VecDeque<(Id, Kind)>,
    /// Separate, because a device may have any number refused before a receipt comes.
    refused: VecDeque<(Id, Kind)>,
    /// Stops that one entry counts together.
    counted: VecDeque<Id>,
}

impl Repeats {
    /// Whether this id of `by` was seen before. A stop or a lifted thumb matches only one of the same kind
    /// from the same device; two devices may have made the same id. Any other message matches every id.
    pub(super) fn contains(&self, by: Role, id: Id, kind: Kind) -> bool {
        if kind == Kind::Other {
            let any = |device: &Newest| device.uses(id).next().is_some();
            Role::BOTH.iter().any(|role| any(self.devices.of(*role)))
        } else {
            self.devices.of(by).uses(id).any(|used| used == kind)
        }
    }

    /// Whether this id is a stop or a lifted thumb of either device.
    pub(super) fn is_stop(&self, id: Id) -> bool {
        let stops = |device: &Newest| device.uses(id).any(|used| used != Kind::Other);
        Role::BOTH.iter().any(|role| stops(self.devices.of(*role)))
    }

    /// Remembers an id that had these effects.
    pub(super) fn remember(&mut self, by: Role, id: Id, kind: Kind, effects: &[Effect]) {
        let device = self.devices.of_mut(by);
        let refused = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Refuse { .. }));
        let newest = match kind {
            _ if refused => &mut device.refused,
            Kind::Stop | Kind::Lifted => &mut device.stops,
            Kind::Other => &mut device.accepted,
        };
        push(newest, REMEMBERED_IDS, (id, kind));
    }

    /// Remembers a stop that one entry counts with others.
    pub(super) fn count(&mut self, by: Role, id: Id) {
        push(&mut self.devices.of_mut(by).counted, UNRECORDED_AT_MOST, id);
    }
}

impl Newest {
    /// All uses of this id.
    fn uses(&self, id: Id) -> impl Iterator<Item = Kind> {
        let one_by_one = [&self.stops, &self.accepted, &self.refused];
        let one_by_one = one_by_one.into_iter().flatten().copied();
        let counted = self.counted.iter().map(|id| (*id, Kind::Stop));
        let uses = one_by_one.chain(counted);
        uses.filter(move |(used, _)| *used == id)
            .map(|(_, kind)| kind)
    }
}

fn push<T>(newest: &mut VecDeque<T>, at_most: usize, value: T) {
    if newest.len() == at_most {
        newest.pop_front();
    }
    newest.push_back(value);
}
