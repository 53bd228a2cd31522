//! What a device has tapped and the relay has not yet made good: unsent cues that expire, a stop that
//! is sent again until the state carries it, and cues kept until they are recorded.

use std::collections::VecDeque;

use super::{Lamp, Stage};
use crate::cue::{Cue, Role};
use crate::ids::Id;
use crate::limits;
use crate::message::{ErrorCode, ToRelay};
use crate::state::State;
use crate::time::Millis;

#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing {
    /// Not recorded yet, the oldest first; at most [`limits::UNRECORDED_AT_MOST`].
    kept: VecDeque<Kept>,
    /// The newest stop of this device, until the relay's state carries it.
    stop: Option<OwnStop>,
    lamp: Option<Lamp>,
    last_tap: Option<(Cue, Millis)>,
}

#[derive(Clone, Debug)]
struct Kept {
    id: Id,
    cue: Cue,
    epoch: Option<u64>,
    tapped: Millis,
    sent: bool,
}

#[derive(Clone, Copy, Debug)]
struct OwnStop {
    id: Id,
    tapped: Millis,
    again_at: Millis,
    /// The relay's state carried it, or the journal has it: no more sending.
    carried: bool,
    shown: bool,
}

impl Outgoing {
    /// A tap. What to send at once, if anything.
    pub(super) fn tap(
        &mut self,
        now: Millis,
        id: Id,
        cue: Cue,
        epoch: Option<u64>,
        up: bool,
    ) -> Option<ToRelay> {
        let stop = cue == Cue::Stop;
        let same =
            |(before, at): (Cue, Millis)| before == cue && now.since(at) < limits::DEBOUNCE_MS;
        if !stop && (self.last_tap.is_some_and(same) || epoch.is_none()) {
            return None;
        }
        self.last_tap = Some((cue, now));
        if stop {
            self.stop = Some(OwnStop {
                id,
                tapped: now,
                again_at: now.plus(limits::STOP_AGAIN_MS),
                carried: false,
                shown: false,
            });
        }
        if self.kept.len() == limits::UNRECORDED_AT_MOST {
            self.kept.pop_front();
        }
        let kept = Kept {
            id,
            cue,
            epoch: epoch.filter(|_| !stop),
            tapped: now,
            sent: up,
        };
        let message = up.then(|| kept.message());
        self.kept.push_back(kept);
        self.lamp = Some(Lamp {
            id,
            cue,
            stage: if up { Stage::Sent } else { Stage::Waiting },
            code: None,
        });
        message
    }

    /// Time passed: what to send again, and what is too old to send at all.
    pub(super) fn tick(&mut self, now: Millis, up: bool) -> Vec<ToRelay> {
        let expired = |kept: &Kept| {
            !kept.sent && kept.cue != Cue::Stop && now.since(kept.tapped) >= limits::CUE_EXPIRES_MS
        };
        if let Some(lamp) = &mut self.lamp
            && self
                .kept
                .iter()
                .any(|kept| kept.id == lamp.id && expired(kept))
        {
            lamp.stage = Stage::Expired;
        }
        self.kept.retain(|kept| !expired(kept));
        match &mut self.stop {
            Some(stop) if up && !stop.carried && now >= stop.again_at => {
                stop.again_at = now.plus(limits::STOP_AGAIN_MS);
                vec![stop_message(stop.id)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// The link is up again: everything that is not recorded is sent again, the stop first. The
    /// same ids make the same cues, so nothing is shown twice.
    pub(super) fn again(&mut self, now: Millis) -> Vec<ToRelay> {
        let mut messages = Vec::new();
        if let Some(stop) = self.stop.as_mut().filter(|stop| !stop.carried) {
            stop.again_at = now.plus(limits::STOP_AGAIN_MS);
            messages.push(stop_message(stop.id));
        }
        for kept in &mut self.kept {
            kept.sent = true;
            if !messages.contains(&kept.message()) {
                messages.push(kept.message());
            }
            if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == kept.id) {
                lamp.stage = lamp.stage.max(Stage::Sent);
            }
        }
        messages
    }

    /// What the relay's state says of the cues of this device.
    pub(super) fn carried(&mut self, state: &State, role: Option<Role>) {
        let stage = |shown: bool, acknowledged: bool| match (shown, acknowledged) {
            (_, true) => Stage::Acknowledged,
            (true, false) => Stage::Shown,
            (false, false) => Stage::Relayed,
        };
        let find = |id: Id| {
            let hold = state.hold.iter().filter(|hold| hold.id == id);
            let hold = hold.map(|hold| stage(hold.shown.is_some(), hold.acknowledged));
            let cues = state.cue.iter().chain(&state.earlier);
            let cues = cues.filter(|cue| cue.id == id);
            let cues = cues.map(|cue| stage(cue.shown.is_some(), cue.acknowledged.is_some()));
            let asked = state.check_in.iter().filter(|asked| asked.id == id);
            let asked = asked.map(|asked| stage(asked.shown.is_some(), false));
            hold.chain(cues).chain(asked).max()
        };
        if let Some(stop) = &mut self.stop {
            let found = find(stop.id);
            // After the end no state carries a stop any more, and there is nothing left to stop.
            stop.carried |= found.is_some() || state.ended.is_some();
            stop.shown |= found.is_some_and(|stage| stage >= Stage::Shown) || state.ended.is_some();
            // A stop that the relay has and no state carries is dealt with, or replaced by a newer.
            if stop.carried && (stop.shown || found.is_none()) {
                self.stop = None;
            }
        }
        if let Some(lamp) = &mut self.lamp {
            let ready = lamp.cue == Cue::Ready && role.is_some_and(|role| *state.ready.of(role));
            let found = find(lamp.id).or(ready.then_some(Stage::Relayed));
            if let Some(found) = found {
                lamp.stage = lamp.stage.max(found);
            }
        }
    }

    pub(super) fn recorded(&mut self, id: Id) {
        self.kept.retain(|kept| kept.id != id);
        if let Some(stop) = self.stop.as_mut().filter(|stop| stop.id == id) {
            stop.carried = true;
        }
        if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == id) {
            lamp.stage = lamp.stage.max(Stage::Relayed);
        }
    }

    /// The relay did not take it; sending it again would not help.
    pub(super) fn refused(&mut self, id: Id, code: ErrorCode) {
        if code == ErrorCode::Unavailable {
            // The relay has it and could not record it: it stays to be sent on the next connection.
            if let Some(stop) = self.stop.as_mut().filter(|stop| stop.id == id) {
                stop.carried = true;
            }
            return;
        }
        self.kept.retain(|kept| kept.id != id);
        if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == id) {
            lamp.stage = Stage::Refused;
            lamp.code = Some(code);
        }
    }

    /// Whether a stop of this device is not in the relay's state yet.
    pub(super) fn stop_is_under_way(&self) -> bool {
        self.stop.is_some_and(|stop| !stop.carried)
    }

    /// Whether a stop of this device has been on its way to the other screen for too long.
    pub(super) fn stop_not_delivered(&self, now: Millis) -> bool {
        self.stop
            .is_some_and(|stop| !stop.shown && now.since(stop.tapped) >= limits::STOP_NOT_SHOWN_MS)
    }

    pub(super) fn lamp(&self) -> Option<Lamp> {
        self.lamp
    }

    pub(super) fn deadline(&self, now: Millis, up: bool) -> Option<Millis> {
        let stop = self.stop.iter().flat_map(|stop| {
            let again = (up && !stop.carried).then_some(stop.again_at);
            let alarm = (!stop.shown).then(|| stop.tapped.plus(limits::STOP_NOT_SHOWN_MS));
            [again, alarm.filter(|at| *at > now)]
        });
        let unsent = self
            .kept
            .iter()
            .filter(|kept| !kept.sent && kept.cue != Cue::Stop);
        let unsent = unsent.map(|kept| Some(kept.tapped.plus(limits::CUE_EXPIRES_MS)));
        stop.chain(unsent).flatten().min()
    }
}

impl Kept {
    fn message(&self) -> ToRelay {
        ToRelay::Cue {
            id: self.id,
            cue: self.cue,
            epoch: self.epoch,
            tapped_at: None,
        }
    }
}

fn stop_message(id: Id) -> ToRelay {
    ToRelay::Cue {
        id,
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
    }
}
