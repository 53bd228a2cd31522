//! The ordinary cues: nothing stale is shown, and nothing counts twice.

use tapcue_rules::cue::{Cue, Lane, Role};
use tapcue_rules::entry::What;
use tapcue_rules::limits::{EARLIER_FOR_MS, MEANT_MS, MORE_OUTSTANDING_MS, UNRECORDED_AT_MOST};
use tapcue_rules::message::{ConfirmItem, ErrorCode};
use tapcue_rules::session::{Audience, Effect};
use tapcue_rules::state::{LinkStatus, Phase};

use crate::desk::{Desk, Helper, Receiver, id, refused, waived};

fn on_screen(desk: &Desk) -> Vec<Cue> {
    let state = desk.state();
    let cues = state.cue.iter().chain(&state.earlier);
    cues.map(|cue| cue.cue).collect()
}

#[test]
fn a_cue_from_before_a_hold_never_reaches_the_screen() {
    let mut desk = Desk::live(waived());
    let old = desk.session.epoch();
    let _ = desk.cue(Receiver, Cue::Slower);
    let _ = desk.cue(Receiver, Cue::Left);
    desk.stop(Helper);
    assert_eq!(on_screen(&desk), []);
    let answer = desk.cue_of(Receiver, Cue::EaseUp, Some(old));
    assert_eq!(refused(&answer), Some(ErrorCode::Stale));
    assert_eq!(on_screen(&desk), []);
    desk.both_ready();
    assert_eq!(on_screen(&desk), []);
}

#[test]
fn a_cue_without_an_epoch_or_of_one_to_come_is_not_taken() {
    let mut desk = Desk::live(waived());
    let next = desk.session.epoch() + 1;
    let answer = desk.cue_of(Receiver, Cue::Slower, Some(next));
    assert_eq!(refused(&answer), Some(ErrorCode::Stale));
    let answer = desk.cue_of(Receiver, Cue::Slower, None);
    assert_eq!(refused(&answer), Some(ErrorCode::BadMessage));
    assert_eq!(on_screen(&desk), []);
}

#[test]
fn whoever_said_it_is_told_when_it_is_seen() {
    for by in Role::BOTH {
        let mut desk = Desk::live_unpainted(waived());
        let said = desk.fresh_id();
        let cue = if by == Receiver {
            Cue::Slower
        } else {
            Cue::CheckIn
        };
        let _ = desk.cue(by, cue);
        let told = [Effect::Publish {
            to: Audience::Only(by),
            lane: Lane::Ordinary,
        }];
        assert_eq!(desk.shown(by.other(), said), told);
        assert_eq!(desk.shown(by.other(), said), [], "once");
    }
}

#[test]
fn more_pressure_is_asked_for_again_after_its_time() {
    for (ms, taken) in [
        (MORE_OUTSTANDING_MS - 1, false),
        (MORE_OUTSTANDING_MS, true),
    ] {
        let mut desk = Desk::live(waived());
        let _ = desk.cue(Receiver, Cue::MorePressure);
        let answer = desk.wait(ms).cue(Receiver, Cue::MorePressure);
        assert_eq!(refused(&answer).is_none(), taken, "after {ms} ms");
    }
}

#[test]
fn a_cue_before_the_newest_stays_for_its_time() {
    for (ms, there) in [(EARLIER_FOR_MS - 1, true), (EARLIER_FOR_MS, false)] {
        let mut desk = Desk::live(waived());
        let _ = desk.cue(Receiver, Cue::Left);
        let _ = desk.wait(ms).cue(Receiver, Cue::Slower);
        assert_eq!(
            on_screen(&desk).contains(&Cue::Left),
            there,
            "after {ms} ms"
        );
    }
}

#[test]
fn neither_a_stop_nor_any_other_cue_outlives_the_hold_or_the_end() {
    let mut desk = Desk::live(waived());
    desk.stop(Receiver);
    assert_eq!(on_screen(&desk), [Cue::Stop]);
    desk.both_ready();
    assert_eq!(on_screen(&desk), []);
    let _ = desk.cue(Receiver, Cue::Slower);
    let _ = desk.cue(Receiver, Cue::Left);
    let _ = desk.enter(Some(Helper), What::Ended);
    assert_eq!(on_screen(&desk), []);
}

#[test]
fn seen_answers_only_what_was_shown_for_long_enough() {
    let mut desk = Desk::live_unpainted(waived());
    let said = desk.fresh_id();
    let _ = desk.cue(Receiver, Cue::Slower);
    let answer = desk.wait(60_000).acknowledge(Helper, said);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed), "not shown");
    let _ = desk.shown(Helper, said);
    let answer = desk.wait(MEANT_MS - 1).acknowledge(Helper, said);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed), "too soon");
    let answer = desk.wait(1).acknowledge(Helper, said);
    assert_eq!(refused(&answer), None);
}

#[test]
fn the_receiver_acknowledges_nothing_of_the_helpers_screen() {
    let mut desk = Desk::live(waived());
    let said = desk.fresh_id();
    let _ = desk.cue(Receiver, Cue::Slower);
    let answer = desk.acknowledge(Receiver, said);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
    let answer = desk.acknowledge(Receiver, id(99));
    assert_eq!(answer, [Effect::Again(Receiver)], "nothing has this id");
}

#[test]
fn the_same_id_twice_is_one_cue() {
    let mut desk = Desk::live(waived());
    let id = desk.fresh_id();
    let what = What::Cue {
        cue: Cue::Slower,
        epoch: Some(desk.session.epoch()),
        tapped_at: None,
        uncertainty_ms: None,
    };
    let _ = desk.enter_as(id, Some(Receiver), what.clone());
    let before = desk.state();
    let effects = desk.wait(5_000).enter_as(id, Some(Receiver), what);
    assert_eq!(effects, [Effect::Again(Receiver)]);
    assert_eq!(desk.state(), before);
}

#[test]
fn a_trembling_thumb_is_one_tap() {
    let mut desk = Desk::live(waived());
    let _ = desk.cue(Receiver, Cue::Slower);
    let shown = desk.state().cue;
    assert_eq!(
        desk.wait(249).cue(Receiver, Cue::Slower),
        [Effect::Again(Receiver)]
    );
    assert_eq!(desk.state().cue, shown);
    let _ = desk.wait(1).cue(Receiver, Cue::Slower);
    assert_ne!(desk.state().cue, shown);
}

#[test]
fn two_earlier_cues_of_other_kinds_stay_for_ten_seconds() {
    let mut desk = Desk::live(waived());
    for cue in [Cue::Left, Cue::Slower, Cue::Stay, Cue::EaseUp] {
        let _ = desk.wait(1_000).cue(Receiver, cue);
    }
    assert_eq!(on_screen(&desk), [Cue::EaseUp, Cue::Stay, Cue::Slower]);
    let _ = desk.wait(1_000).cue(Receiver, Cue::Stay);
    assert_eq!(on_screen(&desk), [Cue::Stay, Cue::EaseUp, Cue::Slower]);
    let _ = desk.wait(7_500).link(Helper, LinkStatus::Late);
    assert_eq!(on_screen(&desk), [Cue::Stay, Cue::EaseUp]);
    let _ = desk.wait(60_000).link(Helper, LinkStatus::Here);
    assert_eq!(on_screen(&desk), [Cue::Stay], "the newest stays");
}

#[test]
fn more_pressure_is_refused_while_held_and_other_cues_change_nothing() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Helper);
    let answer = desk.cue(Receiver, Cue::MorePressure);
    assert_eq!(refused(&answer), Some(ErrorCode::Held));
    let hold = desk.hold();
    let _ = desk.cue(Receiver, Cue::Slower);
    assert_eq!(on_screen(&desk), [Cue::Slower]);
    assert_eq!(desk.hold(), hold);
    assert_eq!(hold.id, stop);
}

#[test]
fn more_pressure_waits_to_be_seen_before_more() {
    let more = |desk: &mut Desk| refused(&desk.wait(300).cue(Receiver, Cue::MorePressure));
    let mut desk = Desk::live(waived());
    assert_eq!(more(&mut desk), None);
    assert_eq!(more(&mut desk), Some(ErrorCode::TooFast));
    let shown = desk.state().cue.expect("it is on the screen").id;
    let _ = desk.wait(MEANT_MS).acknowledge(Helper, shown);
    assert_eq!(more(&mut desk), None, "acknowledged");
    let _ = desk.cue(Receiver, Cue::Left);
    assert_eq!(more(&mut desk), None, "followed by another");
    desk.wait(9_500);
    assert_eq!(more(&mut desk), Some(ErrorCode::TooFast));
    assert_eq!(more(&mut desk), None, "too old to wait for");
}

/// A receipt may be lost with its connection. Its device sends the cue again, after any number of others.
#[test]
fn no_other_id_makes_a_session_forget_one_that_may_come_again() {
    let stop = What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    for by in Role::BOTH {
        for (cue, from) in [
            (Cue::Stop, by.other()),
            (Cue::Ready, by.other()),
            (Cue::Slower, by.other()),
            // Of an epoch that is over: refused.
            (Cue::Ready, by),
            (Cue::Good, by),
            (Cue::CheckIn, by),
        ] {
            let mut desk = Desk::live(waived());
            let old = desk.session.epoch();
            let said = desk.fresh_id();
            let _ = desk.enter_as(said, Some(by), stop.clone());
            for _ in 0..1_000 {
                let _ = desk.cue_of(from, cue, Some(old));
            }
            let before = desk.state();
            let again = desk.enter_as(said, Some(by), stop.clone());
            assert_eq!(again, [Effect::Again(by)], "{by:?}, {cue:?} from {from:?}");
            assert_eq!(desk.state(), before);
        }
    }
}

/// A device drops other cues that have no receipt before it drops a stop.
#[test]
fn no_cue_of_its_own_device_makes_a_session_forget_a_stop() {
    let stop = What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let mut desk = Desk::live(waived());
    let said = desk.fresh_id();
    let _ = desk.enter_as(said, Some(Receiver), stop.clone());
    desk.both_ready();
    for n in 0..1_000 {
        let cue = [Cue::Slower, Cue::EaseUp][n % 2];
        let answer = desk.wait(300).cue(Receiver, cue);
        assert_eq!(refused(&answer), None);
    }
    let again = desk.enter_as(said, Some(Receiver), stop);
    assert_eq!(again, [Effect::Again(Receiver)]);
    assert_eq!(desk.phase(), Phase::Live);
}

/// As many as a device keeps, sent again in order, while as many new ones arrive.
#[test]
fn all_that_a_device_keeps_may_come_again() {
    let kept = u64::try_from(UNRECORDED_AT_MOST).expect("small");
    let mut desk = Desk::live(waived());
    let epoch = desk.session.epoch();
    let what = |cue| What::Cue {
        cue,
        epoch: Some(epoch),
        tapped_at: None,
        uncertainty_ms: None,
    };
    for n in 0..2 * kept {
        let _ = desk.enter_as(id(5_000 + n), Some(Receiver), what(Cue::Stop));
    }
    for n in 0..2 * kept {
        let again = desk.enter_as(id(5_000 + n), Some(Receiver), what(Cue::Stop));
        assert_eq!(again, [Effect::Again(Receiver)], "{n}");
    }
}

#[test]
fn each_role_has_its_own_cues() {
    let mut desk = Desk::live(waived());
    for cue in Cue::ALL.into_iter().filter(|cue| *cue != Cue::Stop) {
        for by in Role::BOTH {
            let answer = desk.wait(20_000).cue(by, cue);
            let allowed = refused(&answer) != Some(ErrorCode::NotAllowed);
            assert_eq!(allowed, cue.allowed_from(by), "{cue:?} from {by:?}");
        }
    }
}

#[test]
fn alone_there_is_nobody_to_show_a_cue_to() {
    let mut desk = Desk::opened(waived());
    let answer = desk.cue(Receiver, Cue::Slower);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
}

#[test]
fn receipts_come_from_the_helper_alone_and_once() {
    let mut desk = Desk::live(waived());
    let _ = desk.cue(Receiver, Cue::Slower);
    let id = desk.state().cue.expect("it is on the screen").id;
    assert_eq!(desk.shown(Receiver, id), []);
    assert_eq!(
        refused(&desk.acknowledge(Receiver, id)),
        Some(ErrorCode::NotAllowed)
    );
    let _ = desk.wait(20).shown(Helper, id);
    let _ = desk.wait(20).acknowledge(Helper, id);
    let seen = desk.state().cue;
    let _ = desk.wait(20).shown(Helper, id);
    let _ = desk.wait(20).acknowledge(Helper, id);
    assert_eq!(desk.state().cue, seen);
    assert_eq!(desk.phase(), Phase::Live);
}

#[test]
fn set_up_is_not_taken_back_while_live_and_notes_come_after_the_end() {
    let mut desk = Desk::live(waived());
    let answer = desk.confirm(Receiver, ConfirmItem::SetUp, false);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
    let note = What::Noted {
        text: "better".into(),
        shared: false,
        about: None,
        salt: None,
    };
    let answer = desk.enter(Some(Receiver), note.clone());
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
    let _ = desk.enter(Some(Receiver), What::Ended);
    assert_eq!(desk.enter(Some(Receiver), note), []);
}
