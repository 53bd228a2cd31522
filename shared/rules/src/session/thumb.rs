//! Hold to consent: live only while the receiver's thumb is on the screen.

use super::estimate::Estimate;
use super::rules::refuse;
use super::{Audience, Effect, Kind, Session};
use crate::cue::Role;
use crate::ids::Id;
use crate::message::ErrorCode;
use crate::state::{HoldReason, Phase};

impl Session {
    /// Whether the thumb of this role counts in this session.
    pub(super) fn thumb_counts(&self, by: Role) -> bool {
        by == Role::Receiver && self.options.hold_to_consent
    }

    /// Takes a thumb that is put down. It counts like a ready: in this epoch, after the reflex time, and over
    /// a link that is up.
    pub(super) fn thumb_down(&mut self, id: Id, by: Role, epoch: Option<u64>) -> Vec<Effect> {
        if self.repeats.contains(by, id, Kind::Other) {
            return vec![Effect::Again(by)];
        }
        let effects = self.new_thumb(id, by, epoch);
        self.repeats.remember(by, id, Kind::Other, &effects);
        effects
    }

    fn new_thumb(&mut self, id: Id, by: Role, epoch: Option<u64>) -> Vec<Effect> {
        if self.ended.is_some() {
            return refuse(by, ErrorCode::Ended, id);
        }
        if !self.thumb_counts(by) || self.is_alone() {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        match epoch {
            None => return refuse(by, ErrorCode::BadMessage, id),
            Some(epoch) if epoch != self.epoch() => return refuse(by, ErrorCode::Stale, id),
            Some(_) => {}
        }
        if self.phase() == Phase::Live || self.permission.thumb() {
            return vec![Effect::Again(by)];
        }
        if !self.peer(by).is_up() || !self.permission.put_thumb(self.now) {
            return refuse(by, ErrorCode::Stale, id);
        }
        self.publish_or_go()
    }

    /// Takes a lifted thumb, ahead of everything like a stop. It is always safe: where it is not needed it
    /// changes nothing.
    ///
    /// Safety Invariant: the message that put this thumb down may arrive later, and then does not count.
    pub(super) fn thumb_lifted(
        &mut self,
        id: Id,
        by: Role,
        lifts: Option<Id>,
        tap: Option<Estimate>,
    ) -> Vec<Effect> {
        if !self.thumb_counts(by) || self.repeats.contains(by, id, Kind::Lifted) {
            return vec![Effect::Again(by)];
        }
        if let Some(lifts) = lifts.filter(|id| !self.repeats.contains(by, *id, Kind::Other)) {
            self.repeats.remember(by, lifts, Kind::Other, &[]);
        }
        self.repeats.remember(by, id, Kind::Lifted, &[]);
        if self.ended.is_some() {
            return if self.permission.lift_thumb_at_end() {
                self.stop_for(HoldReason::Released, id, by, tap)
            } else {
                vec![Effect::Again(by)]
            };
        }
        if self.phase() != Phase::Live {
            return if self.permission.lift_thumb() {
                self.publish(Audience::Both)
            } else {
                vec![Effect::Again(by)]
            };
        }
        self.stop_for(HoldReason::Released, id, by, tap)
    }
}
