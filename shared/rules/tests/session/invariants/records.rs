//! The invariants about receipts and records, and about repeated cues.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::ids::Id;
use tapcue_rules::session::Effect;
use tapcue_rules::state::State;
use tapcue_rules::time::Millis;

use super::Verdict;
use super::session::Step;

/// Everything on a screen with receipts: its id, whether it is shown, and whether it is acknowledged.
fn receipts(state: &State) -> impl Iterator<Item = (Id, bool, bool)> + '_ {
    let hold = state.hold.iter();
    let hold = hold.map(|hold| (hold.id, hold.shown.is_some(), hold.acknowledged));
    let cues = state.cue.iter().chain(&state.earlier);
    let cues = cues.map(|cue| (cue.id, cue.shown.is_some(), cue.acknowledged.is_some()));
    let asked = state.check_in.iter();
    let asked = asked.map(|asked| (asked.id, asked.shown.is_some(), false));
    hold.chain(cues).chain(asked)
}

pub(super) fn receipts_are_true(step: &Step<'_>) -> Verdict {
    let entry = step.entry;
    // A stop appears twice, as a hold and as a cue, each with its own receipts.
    let count = |state: &State, of: Id| {
        let of = receipts(state).filter(|(id, ..)| *id == of);
        of.fold((0, 0), |(shown, seen), (_, s, a)| {
            (shown + u8::from(s), seen + u8::from(a))
        })
    };
    let mut verdict = Verdict::default();
    for (id, ..) in receipts(step.after) {
        let (shown_before, seen_before) = count(step.was(), id);
        let (shown, seen) = count(step.after, id);
        let painted = || {
            let told = matches!(entry.what, What::Shown { of, .. } if of == id);
            told && entry.by.is_some()
        };
        let acted =
            || entry.by == Some(Role::Helper) && entry.what == What::Acknowledged { of: id };
        verdict = verdict
            .when(
                shown > shown_before,
                painted,
                "shown, but its screen did not say so",
            )
            .when(
                seen > seen_before,
                acted,
                "acknowledged, but the helper did not",
            );
    }
    let hold = step.after.hold.as_ref();
    let caused = || hold.is_none_or(|hold| entry.by.is_none() || hold.by != entry.by);
    let hold_shown = |state: &State| state.hold.as_ref().is_some_and(|hold| hold.shown.is_some());
    let in_time =
        |at: Option<Millis>, since: Millis| at.is_none_or(|at| since <= at && at <= step.now);
    let cues = || step.after.cue.iter().chain(&step.after.earlier);
    let cue_shown = |state: &State| {
        let cues = state.cue.iter().chain(&state.earlier);
        cues.filter(|cue| cue.shown.is_some()).count()
    };
    let asked_shown = |state: &State| state.check_in.as_ref().is_some_and(|it| it.shown.is_some());
    verdict
        .when(
            hold_shown(step.after) && !hold_shown(step.was()),
            caused,
            "who caused a hold cannot say that the other saw it",
        )
        .when(
            cue_shown(step.after) > cue_shown(step.was()),
            || entry.by == Some(Role::Helper),
            "a cue is shown on the helper's screen",
        )
        .when(
            asked_shown(step.after) && !asked_shown(step.was()),
            || entry.by == Some(Role::Receiver),
            "a question is shown on the receiver's screen",
        )
        .when(
            hold_shown(step.after),
            || hold.is_none_or(|hold| in_time(hold.shown, hold.since)),
            "a hold was shown at a time that cannot be",
        )
        .when(
            cue_shown(step.after) > 0,
            || cues().all(|cue| in_time(cue.shown, cue.at)),
            "a cue was shown at a time that cannot be",
        )
        .when(
            step.after.rehearsed && !step.was().rehearsed,
            || step.people.rehearsed,
            "rehearsed, but no stop of the receiver's was acknowledged",
        )
}

pub(super) fn recorded_is_never_lost(step: &Step<'_>) -> Verdict {
    let mut ids: Vec<Id> = step.after.cue.iter().map(|cue| cue.id).collect();
    ids.extend(step.after.earlier.iter().map(|cue| cue.id));
    let once = |n: usize, id: &Id| !ids.iter().take(n).any(|other| other == id);
    let again = || match (step.effects, step.entry.by) {
        ([Effect::Again(told)], Some(by)) => *told == by,
        _ => false,
    };
    let same = || {
        let mut was = step.was().clone();
        // Only time removes these.
        was.earlier.retain(|cue| step.after.earlier.contains(cue));
        was == *step.after
    };
    Verdict::default()
        .when(step.repeated, again, "the same id twice is one cue")
        .when(
            step.repeated,
            same,
            "a cue that came again changed something",
        )
        .when(
            !ids.is_empty(),
            || ids.iter().enumerate().all(|(n, id)| once(n, id)),
            "a cue is shown twice",
        )
}
