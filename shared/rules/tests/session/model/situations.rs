//! The situations that a model must meet: a model that misses one is too small to prove anything.

use tapcue_rules::cue::Cue;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::Effect;
use tapcue_rules::state::{HoldReason, Phase, State};

use super::search::Met;
use crate::oracle::Before;

/// Notes the situations in one step of a session.
pub(crate) fn note(
    before: &Before,
    entry: &Entry,
    effects: &[Effect],
    after: &State,
    met: &mut Met,
) {
    let was = &before.state;
    met.note(match after.phase {
        Phase::Waiting => "waiting",
        Phase::Held => "held",
        Phase::Live => "live",
        Phase::Ended => "ended",
    });
    if let Some(hold) = &after.hold {
        met.note(match (hold.reason, hold.acknowledged) {
            (HoldReason::Start, _) => "held at the start",
            (HoldReason::Stop, false) => "held by a stop",
            (HoldReason::Stop, true) => "held by a stop that was acknowledged",
            (HoldReason::LinkLost, _) => "held by a lost link",
            (HoldReason::Away, _) => "held by a hidden page",
            (HoldReason::NoAnswer, _) => "held for want of an answer",
            (HoldReason::Released, _) => "held by a lifted thumb",
        });
        if hold.count > 1 {
            met.note("a further stop");
        }
    }
    if was.phase == Phase::Live && after.phase == Phase::Held {
        met.note("from live to held");
    }
    if was.phase != Phase::Live && after.phase == Phase::Live {
        met.note(if was.hold.as_ref().is_some_and(|hold| hold.acknowledged) {
            "live again"
        } else {
            "live at once"
        });
    }
    if let What::Cue { cue, epoch, .. } = entry.what {
        let stale = cue != Cue::Stop && epoch != Some(was.epoch);
        for effect in effects {
            match effect {
                Effect::Refuse { code, .. } => met.note(match (code, stale) {
                    (ErrorCode::Stale, true) => "a stale cue refused",
                    (ErrorCode::Stale, false) => "a ready by reflex, or from who is not here",
                    (ErrorCode::Held, _) => "a cue refused while held",
                    (ErrorCode::TooFast, _) => "a cue refused as one is outstanding",
                    _ => "a cue refused otherwise",
                }),
                Effect::Again(_) => met.note("a cue that was known, or changed nothing"),
                Effect::Stop(_) | Effect::Publish { .. } => {}
            }
        }
    }
    if effects.contains(&Effect::Again(tapcue_rules::cue::Role::Receiver))
        && was.check_in.is_some()
        && after.check_in.is_none()
    {
        met.note("a question answered");
    }
    let again = |state: &State| state.check_in.as_ref().map(|question| question.again);
    match (again(was), again(after)) {
        (None, Some(false)) => met.note("a question"),
        (Some(false), Some(true)) => met.note("a question asked again"),
        _ => {}
    }
    let told = matches!(effects, [Effect::Publish { .. }]);
    if told && matches!(entry.what, What::Shown { .. }) {
        met.note("a receipt: shown");
    }
    if told && matches!(entry.what, What::Acknowledged { .. }) {
        met.note("a receipt: acknowledged");
    }
    if after.thumb && !was.thumb {
        met.note("the thumb put down");
    }
    if let What::Thumb { down, .. } = entry.what {
        match effects {
            [Effect::Refuse { .. }] => met.note("a thumb refused"),
            [Effect::Again(_)] if down => met.note("a thumb that changed nothing"),
            [Effect::Again(_)] => met.note("a lifting that changed nothing"),
            _ => {}
        }
    }
    if after.cue.as_ref().is_some_and(|cue| cue.cue != Cue::Stop) {
        met.note("a cue on the screen");
    }
    if !after.earlier.is_empty() {
        met.note("an earlier cue on the screen");
    }
}
