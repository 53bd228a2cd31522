//! The invariants about people's acts: an act is meant, and the end silences no stop.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::{Timer, What};
use tapcue_rules::state::{HoldReason, Phase, State};

use super::Verdict;
use super::session::Step;

fn open_stop(state: &State) -> Option<tapcue_rules::ids::Id> {
    let open = state.hold.as_ref();
    let open = open.filter(|hold| hold.reason.is_stop() && !hold.acknowledged);
    open.map(|hold| hold.id)
}

/// Whether the hold before the step waited for "hands off" and does so no longer.
fn hands_off(step: &Step<'_>) -> bool {
    let waits = |state: &State| {
        let hold = state.hold.as_ref();
        let hold = hold.filter(|hold| !hold.acknowledged && hold.reason != HoldReason::Start);
        hold.map(|hold| hold.id)
    };
    let before = waits(step.was());
    before.is_some()
        && waits(step.after) != before
        && matches!(step.entry.what, What::Acknowledged { .. })
}

pub(super) fn an_act_is_meant(step: &Step<'_>) -> Verdict {
    let people = step.people;
    let seen = |by: Role| people.has_seen(by, step.now);
    let newly = |by: Role| *step.after.ready.of(by) && !*step.was().ready.of(by);
    let asked = step.was().check_in.is_some() && step.after.check_in.is_none();
    let by_cue =
        matches!(step.entry.what, What::Cue { .. }) && step.after.epoch == step.was().epoch;
    let held_on = What::Due {
        timer: Timer::HeldOn,
    };
    Verdict::default()
        .when(
            hands_off(step),
            || seen(Role::Helper) && step.entry.by == Some(Role::Helper),
            "hands off to what nobody can have seen",
        )
        .when(
            Role::BOTH.into_iter().any(newly),
            || Role::BOTH.into_iter().filter(|by| newly(*by)).all(seen),
            "a ready to what nobody can have seen",
        )
        .when(
            step.goes_live(),
            || Role::BOTH.into_iter().all(seen),
            "live without the hold on both screens",
        )
        .when(
            step.goes_live(),
            || {
                Role::BOTH
                    .into_iter()
                    .all(|by| people.is_fresh(by, step.now))
            },
            "live by a ready that is too old",
        )
        .when(
            asked && by_cue,
            || people.has_seen_the_question(step.now),
            "an answer to what nobody can have read",
        )
        .when(
            asked && step.entry.what == held_on,
            || people.thumb && people.options.hold_to_consent,
            "a thumb answers that is not there",
        )
}

pub(super) fn the_end_silences_nothing(step: &Step<'_>) -> Verdict {
    let was = open_stop(step.was());
    let over = step.after.phase == Phase::Ended;
    Verdict::default()
        .when(
            matches!(step.entry.what, What::Ended) && was.is_some(),
            || open_stop(step.after) == was,
            "the end takes a stop away",
        )
        .when(
            over && was.is_some() && open_stop(step.after).is_none(),
            || hands_off(step),
            "a stop goes away after the end and nobody acknowledged it",
        )
        .when(
            step.people.ended && step.is_stop() && !step.repeated,
            || {
                let late = step.people.is_long_over(step.now);
                // Two devices may have made the same id.
                let by = step.after.hold.as_ref().and_then(|hold| hold.by);
                let counts = open_stop(step.after) == Some(step.entry.id) && by == step.entry.by;
                late != counts
            },
            "a stop right after the end counts, and no later one",
        )
}
