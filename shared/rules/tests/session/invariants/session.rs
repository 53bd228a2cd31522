//! The invariants of the session machine.

use tapcue_rules::cue::{Both, Cue, Lane, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::limits;
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::session::{Audience, Effect};
use tapcue_rules::state::{HoldReason, LinkStatus, Phase, State};
use tapcue_rules::time::Millis;

use super::acts::{an_act_is_meant, the_end_silences_nothing};
use super::records::{receipts_are_true, recorded_is_never_lost};
use super::{Invariant, Verdict};
use crate::oracle::{Before, Oracle};

/// One step of a session.
pub(crate) struct Step<'a> {
    pub(crate) before: &'a Before,
    pub(crate) entry: &'a Entry,
    pub(crate) effects: &'a [Effect],
    pub(crate) after: &'a State,
    pub(crate) deadline: Option<(Millis, Timer)>,
    /// The session's time after the step.
    pub(crate) now: Millis,
    /// What people and devices did, including this entry.
    pub(crate) people: &'a Oracle,
    /// Whether the entry repeats an earlier cue.
    pub(crate) repeated: bool,
    /// Whether the entry must have begun a hold.
    pub(crate) hold_began: bool,
}

impl Invariant {
    /// The verdict of this invariant on a step of the session machine.
    pub(crate) fn of_session(self, step: &Step<'_>) -> Verdict {
        match self {
            Invariant::BothSayReady => both_say_ready(step),
            Invariant::AnyoneCanStop => anyone_can_stop(step),
            Invariant::SilenceStops => silence_stops(step),
            Invariant::NothingRestartsByItself => nothing_restarts_by_itself(step),
            Invariant::NothingStaleIsShown => nothing_stale_is_shown(step),
            Invariant::StopLatches => stop_latches(step),
            Invariant::GreenIsProof => green_is_proof(step),
            Invariant::ReceiptsAreTrue => receipts_are_true(step),
            Invariant::RecordedIsNeverLost => recorded_is_never_lost(step),
            Invariant::AnActIsMeant => an_act_is_meant(step),
            Invariant::TheEndSilencesNothing => the_end_silences_nothing(step),
        }
    }
}

impl Step<'_> {
    pub(super) fn was(&self) -> &State {
        &self.before.state
    }

    fn live(&self) -> bool {
        self.after.phase == Phase::Live
    }

    pub(super) fn goes_live(&self) -> bool {
        self.live() && self.was().phase != Phase::Live
    }

    pub(super) fn is_stop(&self) -> bool {
        let what = &self.entry.what;
        let several = matches!(what, What::Stops { count, .. } if *count > 0);
        let one = matches!(what, What::Cue { cue: Cue::Stop, .. });
        (one || several) && self.entry.by.is_some()
    }

    /// Whether the receiver's thumb is lifted while that matters.
    fn is_lift(&self) -> bool {
        let lift = matches!(self.entry.what, What::Thumb { down: false, .. });
        lift && self.entry.by == Some(Role::Receiver) && self.people.options.hold_to_consent
    }

    /// Whether the entry is a cue other than stop, or a thumb put down, without the current epoch.
    fn is_stale(&self) -> bool {
        let tap = self.entry.what.tap();
        tap.is_some_and(|tap| !tap.stops && tap.epoch != Some(self.was().epoch))
    }
}

fn both_say_ready(step: &Step<'_>) -> Verdict {
    let people = step.people;
    let counted = |role: Role| !*step.after.ready.of(role) || *people.ready.of(role);
    let listed = people.set_up.both(&true) && people.warning_signs.is_some();
    Verdict::default()
        .when(
            step.after.ready != Both::default(),
            || Role::BOTH.into_iter().all(counted),
            "a ready counts that nobody meant",
        )
        .when(
            step.live(),
            || people.ready.both(&true),
            "live without both ready since the last hold",
        )
        .when(
            step.after.thumb,
            || people.thumb,
            "a thumb counts that is not on the screen",
        )
        .when(
            step.live() && people.options.hold_to_consent,
            || people.thumb && step.after.thumb,
            "live without the thumb",
        )
        .when(
            step.live(),
            || people.links.both(&true),
            "live with a link that is down",
        )
        .when(step.live(), || !people.ended, "live after the end")
        .when(
            step.live(),
            || people.open_stop.is_none() && !people.open,
            "live without hands off",
        )
        .when(
            step.goes_live(),
            || people.rehearsed || !people.options.rehearsal,
            "live without rehearsal",
        )
        .when(
            step.goes_live(),
            || listed || !people.options.setup,
            "live without set-up",
        )
        .when(
            step.goes_live(),
            || people.warning_signs != Some(true) || people.cleared,
            "live against advice",
        )
}

fn anyone_can_stop(step: &Step<'_>) -> Verdict {
    let entry = step.entry;
    let out_first = |why: HoldReason| match step.effects {
        [
            Effect::Stop(notice),
            Effect::Publish {
                to: Audience::Both,
                lane: Lane::Urgent,
            },
        ] => {
            let same = notice.id == entry.id && Some(notice.by) == entry.by;
            same && notice.reason == why
        }
        _ => false,
    };
    let held = |why: HoldReason| {
        let hold = step.after.hold.as_ref();
        let by_it = hold
            .is_some_and(|hold| hold.id == entry.id && hold.reason == why && !hold.acknowledged);
        let here = match step.after.phase {
            Phase::Held => true,
            Phase::Waiting => !step.people.joined(),
            Phase::Ended => step.people.ended,
            Phase::Live => false,
        };
        here && by_it
    };
    let stop = HoldReason::Stop;
    let released = HoldReason::Released;
    let was_live = step.was().phase == Phase::Live;
    let signs = |confirmed: &State| confirmed.confirmed.warning_signs == Some(true);
    let said = |item, value| entry.what == What::Confirmed { item, value };
    let advice = said(ConfirmItem::WarningSigns, true)
        || (signs(step.was()) && said(ConfirmItem::Cleared, false));
    let signs = advice && entry.by == Some(Role::Receiver);
    Verdict::default()
        .when(
            step.is_stop() && !step.repeated && !step.people.is_long_over(step.now),
            || out_first(stop),
            "a stop goes to both, ahead of everything",
        )
        .when(
            step.is_stop() && !step.repeated && !step.people.is_long_over(step.now),
            || held(stop),
            "a stop leads to held",
        )
        .when(
            step.is_lift() && !step.repeated && was_live,
            || out_first(released) && held(released),
            "a thumb that is lifted is a stop",
        )
        .when(
            step.is_lift() && !step.repeated,
            || !step.live() && !step.after.thumb,
            "a thumb that is lifted counts still",
        )
        .when(
            signs && was_live,
            || out_first(stop) && held(stop),
            "a warning sign while live is a stop",
        )
}

fn silence_stops(step: &Step<'_>) -> Verdict {
    let down = |role: Role| !step.after.peers.of(role).is_up();
    let told = |role: Role| {
        let known = step.after.peers.of(role);
        *known == LinkStatus::Absent || known.is_up() == *step.people.links.of(role)
    };
    let lost = matches!(step.entry.what, What::Link { .. } | What::Connected { .. });
    let asked = step.after.check_in.as_ref();
    let unanswered = step.was().check_in.as_ref().is_some_and(|asked| {
        asked.again && asked.due_at <= step.now && asked.asked_at.plus(15_000) == asked.due_at
    });
    let timer = What::Due {
        timer: Timer::NoAnswer,
    };
    let every = u64::from(step.people.options.check_in_every_s) * 1_000;
    Verdict::default()
        .when(
            Role::BOTH.into_iter().any(down),
            || !step.live(),
            "live with a link that is down",
        )
        .when(
            lost,
            || Role::BOTH.into_iter().all(told),
            "a link is not as it was told",
        )
        .when(
            lost && step.hold_began && !step.people.ended,
            || matches!(step.after.phase, Phase::Held | Phase::Waiting),
            "a lost link leads to held",
        )
        .when(
            step.entry.what == timer && unanswered && step.was().phase == Phase::Live,
            || {
                let hold = step.after.hold.as_ref();
                hold.is_some_and(|hold| hold.reason == HoldReason::NoAnswer && !hold.acknowledged)
            },
            "no answer leads to held",
        )
        .when(
            asked.is_some() && step.was().check_in.is_some(),
            || {
                let open = |state: &State| {
                    let asked = state.check_in.as_ref();
                    asked.map(|asked| (asked.id, asked.asked_at, asked.due_at))
                };
                open(step.after) == open(step.was())
            },
            "asking again buys time",
        )
        .when(
            step.live() && asked.is_some(),
            || {
                let by = asked.map(|asked| asked.asked_at.plus(limits::CHECK_IN_HOLD_MS));
                step.deadline.map(|(at, _)| at) <= by && step.deadline.is_some()
            },
            "an open question has its deadline",
        )
        .when(
            step.live() && asked.is_none() && every > 0 && !step.people.options.hold_to_consent,
            || {
                step.deadline
                    .is_some_and(|(at, _)| at <= step.now.plus(every))
            },
            "silence is asked about in time",
        )
}

fn nothing_restarts_by_itself(step: &Step<'_>) -> Verdict {
    let ready = matches!(
        step.entry.what,
        What::Cue {
            cue: Cue::Ready,
            ..
        }
    );
    let thumb = matches!(step.entry.what, What::Thumb { down: true, .. });
    let act = (ready || thumb) && !step.is_stale() && !step.repeated
        || matches!(
            step.entry.what,
            What::Acknowledged { .. } | What::Confirmed { .. }
        );
    let restarted = step.entry.what == What::Restarted;
    let joined = Role::BOTH.map(|role| *step.after.peers.of(role) != LinkStatus::Absent);
    Verdict::default()
        .when(
            step.goes_live(),
            || act && step.entry.by.is_some(),
            "live by what no person did just now",
        )
        .when(
            step.hold_began,
            || step.after.epoch > step.was().epoch,
            "a hold begins a new epoch",
        )
        .when(
            step.hold_began,
            || step.after.ready == Both::default() && !step.after.thumb,
            "somebody is ready although a hold began",
        )
        .when(
            step.hold_began,
            || !step.live(),
            "live although a hold began",
        )
        .when(
            step.repeated || step.is_stale(),
            || {
                let permits = |state: &State| (state.phase, state.ready, state.thumb);
                permits(step.after) == permits(step.was())
            },
            "a late message changes what is permitted",
        )
        .when(
            restarted && joined == [true, true] && !step.people.ended,
            || {
                let hold = step.after.hold.as_ref();
                hold.is_some_and(|hold| hold.reason != HoldReason::Start && !hold.acknowledged)
            },
            "hands off is needed after a restart",
        )
}

fn nothing_stale_is_shown(step: &Step<'_>) -> Verdict {
    let after = step.after;
    let cues = || after.cue.iter().chain(&after.earlier);
    let other = || cues().filter(|cue| cue.cue != Cue::Stop);
    let ids = |state: &State| state.cue.as_ref().map(|cue| cue.id);
    Verdict::default()
        .when(
            other().next().is_some(),
            || other().all(|cue| step.people.fresh.contains(&cue.id)),
            "a cue from before the hold is on the screen",
        )
        .when(
            step.is_stale(),
            || ids(after) == ids(step.was()) && after.check_in == step.was().check_in,
            "a stale cue changes the screen",
        )
        .when(
            after.phase == Phase::Held && other().next().is_some(),
            || other().all(|cue| cue.cue != Cue::MorePressure),
            "more pressure is shown while held",
        )
        .when(
            after.check_in.is_some(),
            || step.live(),
            "a question is open although it is not live",
        )
}

fn stop_latches(step: &Step<'_>) -> Verdict {
    let entry = step.entry;
    let open = |state: &State| {
        let hold = state.hold.as_ref();
        let open = hold.filter(|hold| hold.reason.is_stop() && !hold.acknowledged);
        open.map(|hold| hold.id)
    };
    let was_open = open(step.was());
    let acknowledged = was_open.map(|of| What::Acknowledged { of });
    let dealt_with = || {
        let helper = entry.by == Some(Role::Helper);
        let nobody_was_here = matches!(entry.what, What::Joined { .. });
        nobody_was_here || helper && acknowledged.as_ref() == Some(&entry.what)
    };
    let receivers = || {
        let shown = step.after.cue.as_ref();
        shown.is_some_and(|cue| cue.cue == Cue::Stop && Some(cue.id) == step.people.open_stop)
    };
    Verdict::default()
        .when(
            step.people.open_stop.is_some(),
            || {
                let hold = step.after.hold.as_ref();
                let stop = hold.is_some_and(|hold| hold.reason == HoldReason::Stop);
                let held = matches!(step.after.phase, Phase::Held | Phase::Ended);
                held && stop && open(step.after) == step.people.open_stop
            },
            "the newest stop is not what is to be acknowledged",
        )
        .when(
            was_open.is_some() && open(step.after).is_none(),
            dealt_with,
            "a stop went away and nobody acknowledged it",
        )
        .when(
            step.is_stop()
                && !step.repeated
                && entry.by == Some(Role::Receiver)
                && step.people.joined()
                && !step.people.ended,
            receivers,
            "the receiver's stop is on the helper's screen",
        )
}

/// The state that devices paint is consistent: live excludes a hold and an end.
fn green_is_proof(step: &Step<'_>) -> Verdict {
    let after = step.after;
    let plain = || after.hold.is_none() && after.live_since.is_some() && after.ended.is_none();
    Verdict::default()
        .when(
            step.live(),
            plain,
            "a state says live and something else as well",
        )
        .when(
            !step.live(),
            || after.live_since.is_none(),
            "live for some time, but not live",
        )
}
