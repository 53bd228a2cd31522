//! What a device has tapped and the relay has not confirmed yet. Unsent cues expire, a stop or a lifted thumb
//! is retried until the state contains it, and cues are kept until they are recorded.

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
    /// Cues that are not recorded yet, oldest first; at most [`limits::UNRECORDED_AT_MOST`].
    kept: VecDeque<Kept>,
    /// The newest stop of this device, or its lifted thumb, until the other screen shows it.
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

/// The newest stop of this device, until the other screen shows it.
#[derive(Clone, Copy, Debug)]
struct OwnStop {
    id: Id,
    tapped: Millis,
    again_at: Millis,
    /// The relay has it, so it is not retried.
    answered: bool,
    /// A state of the relay contained it.
    carried: bool,
    /// A state arrived since it was last sent.
    answered_by_state: bool,
    /// The relay refused it because the session is over. No other screen shows it.
    refused: bool,
    /// Set if it is a lifted thumb.
    lift: Option<Lift>,
}

#[derive(Clone, Copy, Debug)]
struct Lift {
    /// The id with which the thumb was put down.
    lifts: Option<Id>,
    at: Moment,
    /// Whether the session was live. If not, the lift is sent anyway, because the session may be live by now;
    /// but no stop is shown yet.
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
    /// Takes a tap and the time when its finger or key went down, and returns what to send at once. That time
    /// tells two taps from a bounce, however late the tap is handled.
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
            // Repeated stops do not postpone the alarm that the first was not shown.
            let waiting = self.stop.filter(|before| !before.is_quiet());
            let since = waiting.map_or(now, |before| before.tapped);
            self.stop = Some(OwnStop::new(id, since, now));
        }
        if self.kept.len() >= limits::UNRECORDED_AT_MOST {
            // When the queue is full, other cues are dropped before stops.
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

    /// Takes a lifted thumb and returns what to send. It is not kept beyond its connection, because a
    /// reconnect never leads to a live session.
    pub(super) fn lift(&mut self, at: Moment, id: Id, lifts: Option<Id>, live: bool) -> ToRelay {
        let lift = Lift { lifts, at, live };
        // A stop in flight already has the effect of the lift.
        if self.stop.is_none_or(|before| before.is_quiet()) {
            let stop = OwnStop::new(id, at.at, at.at);
            self.stop = Some(OwnStop {
                lift: Some(lift),
                ..stop
            });
        }
        lift.message(id, None)
    }

    /// The thumb is down again. The relay had the lift before this, on the same connection. If the lift
    /// stopped the session, the thumb comes too late; if not, there is nothing left to send and no alarm to
    /// raise. `held`: by the newest state.
    pub(super) fn thumb_is_back(&mut self, held: bool) {
        self.stop
            .take_if(|stop| stop.lift.is_some() && !stop.carried && (held || stop.is_quiet()));
    }

    /// Handles the time: returns what to retry, and drops cues that have expired.
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

    /// Sends everything again that is not recorded, once the link is up. Stops go first, and the newest of
    /// them last, because it is the one to acknowledge. The same ids make the same cues, so no cue is shown
    /// twice.
    pub(super) fn again(
        &mut self,
        now: Millis,
        clock: Option<Clock>,
        state: &State,
    ) -> Vec<ToRelay> {
        // After a reconnect the session is held or over.
        let over = state.phase == Phase::Ended;
        self.stop
            .take_if(|stop| stop.lift.is_some() && !stop.carried && !over);
        // The relay refused this stop because of an end that it has since lost. It counts again, as the
        // newest, and is sent before any report of its paint.
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
        // A stop that the relay lost before it was recorded starts again, with its alarm.
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

    /// Notes that a state arrived that is not part of a welcome.
    pub(super) fn stated(&mut self) {
        if let Some(stop) = &mut self.stop {
            stop.answered_by_state = true;
        }
    }

    /// Applies what the relay's state says about this device's cues.
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
            // If the relay has a stop and no state contains it, the stop is done or a newer one replaced it.
            // A thumb may be lifted when there is nothing to stop, and a state that still says live does not
            // include the lift yet.
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

    /// Drops a lifted thumb that the relay has answered and that stopped nothing.
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
        // The state arrived first and no longer contains the stop: the stop was known and done before it was
        // sent again.
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

    /// Handles a refusal. Sending the cue again would not help.
    pub(super) fn refused(&mut self, id: Id, code: ErrorCode) {
        if code == ErrorCode::Unavailable {
            // The relay has it but could not record it. It is sent again on the next connection.
            if let Some(stop) = self.stop.as_mut().filter(|stop| stop.id == id) {
                stop.answered = true;
            }
            return;
        }
        self.kept.retain(|kept| kept.id != id);
        let own = self.stop.as_mut().filter(|stop| stop.id == id);
        if let Some(stop) = own.filter(|_| code == ErrorCode::BadMessage) {
            // The relay takes every stop that it can read. It gave this one another id.
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

    /// The stop of this device that no state of the relay contains yet.
    pub(super) fn stop_under_way(&self) -> Option<Id> {
        let stop = self.stop.filter(|stop| !stop.carried && !stop.is_quiet());
        stop.map(|stop| stop.id)
    }

    /// The same, but only if it was tapped.
    pub(super) fn tapped_stop_under_way(&self) -> Option<Id> {
        let lifted = self.stop.is_some_and(|stop| stop.lift.is_some());
        self.stop_under_way().filter(|_| !lifted)
    }

    /// The stop of this device that, as far as the relay says, the other screen has not shown yet.
    pub(super) fn stop_not_shown(&self) -> Option<Id> {
        let stop = self.stop.filter(|stop| !stop.is_quiet());
        stop.map(|stop| stop.id)
    }

    /// Whether the relay refused this stop because the session was over.
    pub(super) fn is_refused(&self, id: Id) -> bool {
        self.stop.is_some_and(|stop| stop.id == id && stop.refused)
    }

    /// Whether a stop of this device has been in flight for too long.
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
    /// The cue with the time of its tap. Uses `clock` if there was no estimate at that time.
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

/// How far the cue with this id got, according to a state that still contains it.
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
