//! Hold to consent, on the receiver's device.

use super::clock::Moment;
use super::{Conn, Effect, Link, Thumb};
use crate::cue::Role;
use crate::ids::Id;
use crate::message::ToRelay;
use crate::state::{Phase, State};
use crate::time::Millis;

impl Link {
    pub(super) fn needs_thumb(&self) -> bool {
        self.consent && self.role == Some(Role::Receiver)
    }

    pub(super) fn thumb_down(&mut self, now: Millis, began: Millis, id: Id, out: &mut Vec<Effect>) {
        let up = self.conn == Conn::Up && !self.hidden;
        let Some((epoch, phase)) = self.state.as_ref().map(|state| (state.epoch, state.phase))
        else {
            return;
        };
        if up && self.needs_thumb() && self.thumb.is_none() && !self.is_too_soon(began, out) {
            self.thumb = Some(Thumb { id, epoch });
            self.outgoing.thumb_is_back(phase == Phase::Held);
            let put = Moment::new(now, self.clock.best());
            let (tapped_at, uncertainty_ms) = put.on_relay(self.clock.best());
            let message = ToRelay::Thumb {
                id,
                down: true,
                epoch: Some(epoch),
                lifts: None,
                tapped_at,
                uncertainty_ms,
            };
            out.push(Effect::Send { message });
        }
    }

    /// Sends a stop if the session is live or may be live by now. A hidden page has already reported that it
    /// is away.
    pub(super) fn thumb_lifted(&mut self, now: Millis, id: Id, out: &mut Vec<Effect>) {
        let live = |state: &State| state.phase == Phase::Live;
        let live = self.state.as_ref().is_some_and(live);
        let thumb = self.thumb.take();
        if !self.needs_thumb() || self.hidden || (thumb.is_none() && !live) {
            return;
        }
        if live && self.outgoing.stop_under_way().is_none() {
            out.push(Effect::Shout);
        }
        self.stops_anew(id);
        let lifted = Moment::new(now, self.clock.best());
        let lifts = thumb.map(|thumb| thumb.id);
        let message = self.outgoing.lift(lifted, id, lifts, live);
        self.say(message, out);
    }
}
