//! The invariants that involve a device's machine.

use tapcue_rules::cue::Cue;
use tapcue_rules::ids::Id;
use tapcue_rules::limits;
use tapcue_rules::link::{Alarm, DeviceLink, Effect, Input, View};
use tapcue_rules::message::{ToDevice, ToRelay};
use tapcue_rules::state::{Phase, State};
use tapcue_rules::time::Millis;

use super::{Invariant, Verdict};

/// One step of a helper's device, with facts of the relay that the device cannot know.
pub(crate) struct DeviceStep<'a> {
    pub(crate) input: &'a Input,
    pub(crate) effects: &'a [Effect],
    pub(crate) view: &'a View,
    pub(crate) state: Option<&'a State>,
    pub(crate) deadline: Option<Millis>,
    pub(crate) now: Millis,
    /// Whether it had a welcome on this connection before the step.
    pub(crate) was_up: bool,
    pub(crate) hidden: bool,
    /// When the newest answered heartbeat was sent.
    pub(crate) answered: Option<Millis>,
    /// When its last welcome came.
    pub(crate) welcomed: Option<Millis>,
    /// The last time at which the relay's session was live.
    pub(crate) live_at: Option<Millis>,
    /// A stop of this device that the relay does not have.
    pub(crate) unheard: Option<Id>,
}

impl Invariant {
    /// The verdict of this invariant on a step of a device.
    pub(crate) fn of_device(self, step: &DeviceStep<'_>) -> Verdict {
        match self {
            Invariant::GreenIsProof => green_is_proof(step),
            Invariant::AnyoneCanStop => anyone_can_stop(step),
            Invariant::SilenceStops => silence_stops(step),
            Invariant::StopLatches => stop_latches(step),
            // The session machine checks these, or this model has none of them.
            Invariant::BothSayReady
            | Invariant::NothingRestartsByItself
            | Invariant::NothingStaleIsShown
            | Invariant::ReceiptsAreTrue
            | Invariant::RecordedIsNeverLost
            | Invariant::AnActIsMeant
            | Invariant::TheEndSilencesNothing => Verdict::default(),
        }
    }
}

impl DeviceStep<'_> {
    fn fresh(&self, at: Option<Millis>) -> bool {
        at.is_some_and(|at| self.now.since(at) < limits::LOST_AFTER_MS)
    }

    fn sends(&self, stop: Id) -> bool {
        self.effects.iter().any(|effect| {
            matches!(effect, Effect::Send { message: ToRelay::Cue { id, cue: Cue::Stop, .. } } if *id == stop)
        })
    }
}

fn green_is_proof(step: &DeviceStep<'_>) -> Verdict {
    let says_live = || step.state.is_some_and(|state| state.phase == Phase::Live);
    Verdict::default()
        .when(
            step.view.go,
            || step.fresh(step.live_at),
            "go although the relay has not been live for 2 s",
        )
        .when(
            step.view.go,
            || step.fresh(step.answered),
            "go although no beat of the last 2 s was answered",
        )
        .when(
            step.view.go,
            || says_live() && !step.hidden && !step.view.stopped,
            "go over what says otherwise",
        )
}

fn anyone_can_stop(step: &DeviceStep<'_>) -> Verdict {
    let tapped = if let Input::Tap {
        id, cue: Cue::Stop, ..
    } = step.input
    {
        Some(*id)
    } else {
        None
    };
    let welcomed = matches!(
        step.input,
        Input::Message {
            message: ToDevice::Welcome(_)
        }
    );
    let sends = |stop: Option<Id>| stop.is_some_and(|stop| step.sends(stop));
    let up = matches!(step.view.link, DeviceLink::Here | DeviceLink::Late);
    let soon = step.now.plus(limits::STOP_AGAIN_MS);
    Verdict::default()
        .when(
            tapped.is_some(),
            || step.view.stopped && !step.view.go,
            "an own stop is red at once",
        )
        .when(
            tapped.is_some() && step.was_up,
            || sends(tapped),
            "a stop is sent at once",
        )
        .when(
            step.unheard.is_some(),
            || !step.view.go,
            "go over a stop that the relay does not have",
        )
        .when(
            welcomed && step.unheard.is_some(),
            || sends(step.unheard),
            "a stop that the relay does not have is sent again over a new connection",
        )
        .when(
            step.unheard.is_some() && up,
            || step.deadline.is_some_and(|at| step.now < at && at <= soon),
            "a stop that the relay does not have is sent again every 250 ms",
        )
}

fn silence_stops(step: &DeviceStep<'_>) -> Verdict {
    let silent = !step.fresh(step.answered.max(step.welcomed));
    Verdict::default()
        .when(
            silent && step.state.is_some(),
            || step.view.link == DeviceLink::Lost && !step.view.go,
            "nothing came for 2 s, and the link is not lost",
        )
        .when(
            // After the end a lost link is no news, and the alarm is the stop's.
            silent && step.state.is_some_and(|state| state.phase != Phase::Ended),
            || matches!(step.view.alarm, Some(Alarm::LinkLost | Alarm::NotDelivered)),
            "nothing came for 2 s, and it does not alarm",
        )
}

fn stop_latches(step: &DeviceStep<'_>) -> Verdict {
    let hold = step.state.and_then(|state| state.hold.as_ref());
    let open = hold.is_some_and(|hold| hold.reason.is_stop() && !hold.acknowledged);
    Verdict::default()
        .when(
            open,
            || step.view.alarm.is_some(),
            "a stop that nobody acknowledged is silent",
        )
        .when(open, || !step.view.go, "go over a stop")
}
