//! What a device has tapped and the relay has not yet made good: unsent cues that expire, a stop that
//! or a lifted thumb that is sent again until the state carries it, and cues kept until they are
//! recorded.

use std::collections::VecDeque;

use super::clock::Moment;
use super::{Clock, Lamp, Stage};
use crate::cue::{Cue, Role};
use crate::ids::Id;
use crate::limits;
use crate::message::{ErrorCode, ToRelay};
use crate::state::{Phase, State};
use crate::time::Millis;

#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing {
    /// Not recorded yet, the oldest first; at most [`limits::UNRECORDED_AT_MOST`].
    kept: VecDeque<Kept>,
    /// The newest stop of this device, or its lifted thumb, until it is on the other screen.
    stop: Option<OwnStop>,
    lamp: Option<Lamp>,
    last_tap: Option<(Cue, Millis)>,
}

#[derive(Clone, Debug)]
struct Kept {
    id: Id,
    cue: Cue,
    epoch: Option<u64>,
    tapped: Moment,
    sent: bool,
}

/// The newest stop of this device, until the other screen showed it.
#[derive(Clone, Copy, Debug)]
struct OwnStop {
    id: Id,
    tapped: Millis,
    again_at: Millis,
    /// The relay has it: no more sending.
    answered: bool,
    /// The relay's state carried it.
    carried: bool,
    /// A state came since it was said, or said again.
    answered_by_state: bool,
    /// The relay does not take it any more: the session is over. It is on no other screen.
    refused: bool,
    /// Set if it is a thumb that was lifted.
    lift: Option<Lift>,
}

#[derive(Clone, Copy, Debug)]
struct Lift {
    /// With which id the thumb was put down.
    lifts: Option<Id>,
    at: Moment,
    /// Whether the session was live. If it was not, the word of it goes out all the same, for it may
    /// have become live by then; but nothing is red yet.
    live: bool,
}

impl OwnStop {
    fn new(id: Id, tapped: Millis, now: Millis) -> Self {
        Self {
            id,
            tapped,
            again_at: now.plus(limits::STOP_AGAIN_MS),
            answered: false,
            carried: false,
            answered_by_state: false,
            refused: false,
            lift: None,
        }
    }

    fn is_quiet(&self) -> bool {
        self.lift.is_some_and(|lift| !lift.live)
    }
}

impl Outgoing {
    /// A tap, and when its finger or key went down: however late it is handled, that tells two taps from
    /// one that bounced. What to send at once, if anything.
    pub(super) fn tap(
        &mut self,
        tapped: Moment,
        began: Millis,
        id: Id,
        cue: Cue,
        epoch: Option<u64>,
        up: bool,
    ) -> Option<ToRelay> {
        let now = tapped.at;
        let stop = cue == Cue::Stop;
        let same =
            |(before, at): (Cue, Millis)| before == cue && began.since(at) < limits::DEBOUNCE_MS;
        if !stop && (self.last_tap.is_some_and(same) || epoch.is_none()) {
            return None;
        }
        self.last_tap = Some((cue, began));
        if stop {
            // Whoever hammers on stop must not put off the alarm that nobody was shown the first.
            let waiting = self.stop.filter(|before| !before.is_quiet());
            let since = waiting.map_or(now, |before| before.tapped);
            self.stop = Some(OwnStop::new(id, since, now));
        }
        if self.kept.len() >= limits::UNRECORDED_AT_MOST {
            // Any stop outlives any other cue.
            let other = self.kept.iter().position(|kept| kept.cue != Cue::Stop);
            self.kept.remove(other.unwrap_or(0));
        }
        let kept = Kept {
            id,
            cue,
            epoch: epoch.filter(|_| !stop),
            tapped,
            sent: up,
        };
        let message = up.then(|| kept.message(None));
        self.kept.push_back(kept);
        self.lamp = Some(Lamp {
            id,
            cue,
            stage: if up { Stage::Sent } else { Stage::Waiting },
            code: None,
        });
        message
    }

    /// A thumb was lifted: what to send. Nobody comes back to a session that is live, so it is not
    /// kept beyond its connection.
    pub(super) fn lift(&mut self, at: Moment, id: Id, lifts: Option<Id>, live: bool) -> ToRelay {
        let lift = Lift { lifts, at, live };
        // A stop that is on its way does all that this could do.
        if self.stop.is_none_or(|before| before.is_quiet()) {
            let stop = OwnStop::new(id, at.at, at.at);
            self.stop = Some(OwnStop {
                lift: Some(lift),
                ..stop
            });
        }
        lift.message(id, None)
    }

    /// The thumb is down again. The relay had the word of the lift before this one, on the same
    /// connection: where it stopped something the thumb comes too late, and where it did not there is
    /// nothing left to send or to alarm about. `held`: by the newest state.
    pub(super) fn thumb_is_back(&mut self, held: bool) {
        self.stop
            .take_if(|stop| stop.lift.is_some() && !stop.carried && (held || stop.is_quiet()));
    }

    /// Time passed: what to send again, and what is too old to send at all.
    pub(super) fn tick(&mut self, now: Millis, clock: Option<Clock>, up: bool) -> Vec<ToRelay> {
        let expired = |kept: &Kept| {
            !kept.sent
                && kept.cue != Cue::Stop
                && now.since(kept.tapped.at) >= limits::CUE_EXPIRES_MS
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
            Some(stop) if up && !stop.answered && now >= stop.again_at => {
                stop.again_at = now.plus(limits::STOP_AGAIN_MS);
                let id = stop.id;
                let kept = self.kept.iter().find(|kept| kept.id == id);
                vec![match (stop.lift, kept) {
                    (Some(lift), _) => lift.message(id, clock),
                    (None, Some(kept)) => kept.message(clock),
                    (None, None) => stop_message(id),
                }]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// The link is up again: everything that is not recorded is sent again, the stops first and the
    /// newest of them last, for that one is to be acknowledged. The same ids make the same cues, so
    /// nothing is shown twice.
    pub(super) fn again(
        &mut self,
        now: Millis,
        clock: Option<Clock>,
        state: &State,
    ) -> Vec<ToRelay> {
        // Whoever comes back comes back to a hold, or to the end.
        let over = state.phase == Phase::Ended;
        self.stop
            .take_if(|stop| stop.lift.is_some() && !stop.carried && !over);
        // The relay refused this stop for an end that it lost since: it counts again, as the newest, and
        // is sent before any word of its paint.
        let lost_end = self.stop.filter(|stop| stop.refused && !over);
        if let Some(OwnStop { id, tapped, .. }) = lost_end {
            self.stop = Some(OwnStop::new(id, tapped, now));
            self.kept.push_back(Kept {
                id,
                cue: Cue::Stop,
                epoch: None,
                tapped: Moment::new(tapped, clock),
                sent: true,
            });
        }
        // A stop that a relay lost before it was recorded begins anew, its alarm included.
        let newest = self.kept.iter().rfind(|kept| kept.cue == Cue::Stop);
        if let Some(lost) = newest.filter(|stop| stage_of(state, stop.id).is_none()) {
            let under_way = self.stop_under_way() == Some(lost.id);
            let tapped = if under_way { lost.tapped.at } else { now };
            self.stop = Some(OwnStop::new(lost.id, tapped, now));
            if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == lost.id) {
                lamp.stage = Stage::Sent;
            }
        }
        for kept in &mut self.kept {
            kept.sent = true;
            if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == kept.id) {
                lamp.stage = lamp.stage.max(Stage::Sent);
            }
        }
        let (stops, others): (Vec<_>, Vec<_>) =
            self.kept.iter().partition(|kept| kept.cue == Cue::Stop);
        let kept = stops.into_iter().chain(others);
        kept.map(|kept| kept.message(clock)).collect()
    }

    /// A state came that is no welcome's.
    pub(super) fn stated(&mut self) {
        if let Some(stop) = &mut self.stop {
            stop.answered_by_state = true;
        }
    }

    /// What the relay's state says of the cues of this device.
    pub(super) fn carried(&mut self, state: &State, role: Option<Role>) {
        if let Some(stop) = &mut self.stop {
            let found = stage_of(state, stop.id);
            stop.carried |= found.is_some();
            stop.answered |= stop.carried;
            let shown = found.is_some_and(|stage| stage >= Stage::Shown);
            let live = state.phase == Phase::Live && !stop.carried;
            if let Some(lift) = &mut stop.lift {
                lift.live |= live;
            }
            // A stop that the relay has and no state carries is dealt with, or replaced by a newer.
            // A thumb may be lifted where there is nothing to stop; a state that still says live
            // does not know of it yet.
            let gone = found.is_none() && !stop.refused && !(stop.lift.is_some() && live);
            if stop.answered && (shown || gone) {
                self.stop = None;
            }
        }
        if let Some(lamp) = &mut self.lamp {
            let ready = lamp.cue == Cue::Ready && role.is_some_and(|role| *state.ready.of(role));
            let found = stage_of(state, lamp.id).or(ready.then_some(Stage::Relayed));
            if let Some(found) = found {
                lamp.stage = lamp.stage.max(found);
            }
        }
    }

    /// The relay answered for a lifted thumb, and there was nothing to stop.
    pub(super) fn settle_lift(&mut self, state: Option<&State>) {
        let held = state.is_some_and(|state| state.phase != Phase::Live);
        self.stop.take_if(|stop| {
            stop.lift.is_some() && stop.answered && !stop.carried && !stop.refused && held
        });
    }

    pub(super) fn recorded(&mut self, id: Id, state: Option<&State>) {
        self.kept.retain(|kept| kept.id != id);
        if let Some(stop) = self.stop.as_mut().filter(|stop| stop.id == id) {
            stop.answered = true;
        }
        // The state came first, and has it no more: it was known and dealt with before it was said again.
        let gone =
            state.is_some_and(|state| state.phase != Phase::Ended && stage_of(state, id).is_none());
        self.stop.take_if(|stop| {
            let known = stop.answered_by_state && !stop.refused && stop.lift.is_none();
            stop.id == id && gone && known
        });
        if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == id) {
            lamp.stage = lamp.stage.max(Stage::Relayed);
        }
    }

    /// The relay did not take it; sending it again would not help.
    pub(super) fn refused(&mut self, id: Id, code: ErrorCode) {
        if code == ErrorCode::Unavailable {
            // The relay has it and could not record it: it stays to be sent on the next connection.
            if let Some(stop) = self.stop.as_mut().filter(|stop| stop.id == id) {
                stop.answered = true;
            }
            return;
        }
        self.kept.retain(|kept| kept.id != id);
        let own = self.stop.as_mut().filter(|stop| stop.id == id);
        if let Some(stop) = own.filter(|_| code == ErrorCode::BadMessage) {
            // The relay takes every stop that it can read, and gave this one another id.
            stop.answered = true;
            if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == id) {
                lamp.stage = lamp.stage.max(Stage::Relayed);
            }
            return;
        }
        let over = code == ErrorCode::Ended;
        if let Some(stop) = self.stop.as_mut().filter(|stop| over && stop.id == id) {
            stop.answered = true;
            stop.refused = true;
        }
        self.stop.take_if(|stop| stop.refused && stop.is_quiet());
        if let Some(lamp) = self.lamp.as_mut().filter(|lamp| lamp.id == id) {
            lamp.stage = Stage::Refused;
            lamp.code = Some(code);
        }
    }

    /// The stop of this device that no state of the relay's has carried yet.
    pub(super) fn stop_under_way(&self) -> Option<Id> {
        let stop = self.stop.filter(|stop| !stop.carried && !stop.is_quiet());
        stop.map(|stop| stop.id)
    }

    /// The same, if it was tapped.
    pub(super) fn tapped_stop_under_way(&self) -> Option<Id> {
        let lifted = self.stop.is_some_and(|stop| stop.lift.is_some());
        self.stop_under_way().filter(|_| !lifted)
    }

    /// The stop of this device that no other screen has shown yet, as far as the relay says.
    pub(super) fn stop_not_shown(&self) -> Option<Id> {
        let stop = self.stop.filter(|stop| !stop.is_quiet());
        stop.map(|stop| stop.id)
    }

    /// Whether the relay took this stop of the device's no more, for the session was over.
    pub(super) fn is_refused(&self, id: Id) -> bool {
        self.stop.is_some_and(|stop| stop.id == id && stop.refused)
    }

    /// Whether a stop of this device has been on its way to the other screen for too long.
    pub(super) fn stop_not_delivered(&self, now: Millis) -> bool {
        self.stop.is_some_and(|stop| {
            !stop.is_quiet() && now.since(stop.tapped) >= limits::STOP_NOT_SHOWN_MS
        })
    }

    pub(super) fn lamp(&self) -> Option<Lamp> {
        self.lamp
    }

    pub(super) fn deadline(&self, now: Millis, up: bool) -> Option<Millis> {
        let stop = self.stop.iter().flat_map(|stop| {
            let again = (up && !stop.answered).then_some(stop.again_at);
            let alarm = (!stop.is_quiet()).then(|| stop.tapped.plus(limits::STOP_NOT_SHOWN_MS));
            [again, alarm.filter(|at| *at > now)]
        });
        let unsent = self
            .kept
            .iter()
            .filter(|kept| !kept.sent && kept.cue != Cue::Stop);
        let unsent = unsent.map(|kept| Some(kept.tapped.at.plus(limits::CUE_EXPIRES_MS)));
        stop.chain(unsent).flatten().min()
    }
}

impl Lift {
    fn message(&self, id: Id, clock: Option<Clock>) -> ToRelay {
        let (tapped_at, uncertainty_ms) = self.at.on_relay(clock);
        ToRelay::Thumb {
            id,
            down: false,
            epoch: None,
            lifts: self.lifts,
            tapped_at,
            uncertainty_ms,
        }
    }
}

impl Kept {
    /// The cue with the moment of its tap, by `clock` if nothing was known then.
    fn message(&self, clock: Option<Clock>) -> ToRelay {
        let (tapped_at, uncertainty_ms) = self.tapped.on_relay(clock);
        ToRelay::Cue {
            id: self.id,
            cue: self.cue,
            epoch: self.epoch,
            tapped_at,
            uncertainty_ms,
        }
    }
}

/// How far the cue with this id got, by a state that still carries it.
fn stage_of(state: &State, id: Id) -> Option<Stage> {
    let stage = |shown: bool, acknowledged: bool| match (shown, acknowledged) {
        (_, true) => Stage::Acknowledged,
        (true, false) => Stage::Shown,
        (false, false) => Stage::Relayed,
    };
    let hold = state.hold.iter().filter(|hold| hold.id == id);
    let hold = hold.map(|hold| stage(hold.shown.is_some(), hold.acknowledged));
    let cues = state.cue.iter().chain(&state.earlier);
    let cues = cues.filter(|cue| cue.id == id);
    let cues = cues.map(|cue| stage(cue.shown.is_some(), cue.acknowledged.is_some()));
    let asked = state.check_in.iter().filter(|asked| asked.id == id);
    let asked = asked.map(|asked| stage(asked.shown.is_some(), false));
    hold.chain(cues).chain(asked).max()
}

fn stop_message(id: Id) -> ToRelay {
    ToRelay::Cue {
        id,
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    }
}
