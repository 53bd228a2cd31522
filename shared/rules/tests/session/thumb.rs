//! Hold to consent: live only while the receiver's thumb is on the screen.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::Effect;
use tapcue_rules::state::{HoldReason, LinkStatus, Options, Phase};

use crate::desk::{Desk, Helper, Receiver, refused, waived};

fn consent() -> Options {
    Options {
        hold_to_consent: true,
        ..waived()
    }
}

fn thumb(desk: &mut Desk, by: Role, down: bool, lifts: Option<Id>) -> (Id, Vec<Effect>) {
    let id = desk.fresh_id();
    let what = What::Thumb {
        down,
        epoch: down.then(|| desk.session.epoch()),
        lifts,
        tapped_at: None,
        uncertainty_ms: None,
    };
    (id, desk.enter(Some(by), what))
}

fn live() -> (Desk, Id) {
    let mut desk = Desk::joined(consent());
    desk.both_ready();
    desk.assert_held(HoldReason::Start);
    let (down, _) = thumb(&mut desk, Receiver, true, None);
    assert_eq!(desk.phase(), Phase::Live);
    (desk, down)
}

#[test]
fn lifting_it_holds_and_all_has_to_be_agreed_anew() {
    let (mut desk, down) = live();
    let (up, effects) = thumb(&mut desk, Receiver, false, Some(down));
    assert!(matches!(effects.first(), Some(Effect::Stop(notice))
            if notice.id == up && notice.reason == HoldReason::Released));
    desk.assert_held(HoldReason::Released);
    assert!(!desk.state().thumb);
    desk.wait(600);
    for by in Role::BOTH {
        let _ = desk.cue(by, Cue::Ready);
    }
    let _ = thumb(&mut desk, Receiver, true, None);
    desk.assert_held(HoldReason::Released);
    let _ = desk.acknowledge(Helper, up);
    let _ = desk.wait(450).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Live);
}

#[test]
fn nothing_of_the_consent_outlives_the_end() {
    let (mut desk, _) = live();
    let _ = desk.enter(Some(Helper), What::Ended);
    let over = desk.state();
    assert_eq!((over.thumb, over.live_since), (false, None));
    assert!(over.ready.both(&false));
}

#[test]
fn lifting_it_while_held_clears_it() {
    let mut desk = Desk::joined(consent());
    let (down, _) = thumb(&mut desk, Receiver, true, None);
    assert!(desk.state().thumb);
    let epoch = desk.session.epoch();
    let _ = thumb(&mut desk, Receiver, false, Some(down));
    assert!(!desk.state().thumb);
    assert_eq!(desk.session.epoch(), epoch);
    desk.both_ready();
    desk.assert_held(HoldReason::Start);
}

#[test]
fn a_thumb_that_was_lifted_before_its_word_came_does_not_count() {
    let mut desk = Desk::joined(consent());
    desk.both_ready();
    let late = Id::from_u128(77);
    let _ = thumb(&mut desk, Receiver, false, Some(late));
    let what = What::Thumb {
        down: true,
        epoch: Some(desk.session.epoch()),
        lifts: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let _ = desk.enter_as(late, Some(Receiver), what);
    desk.assert_held(HoldReason::Start);
}

#[test]
fn a_thumb_of_another_epoch_or_of_none_does_not_count() {
    let mut desk = Desk::joined(consent());
    let now = desk.session.epoch();
    for (epoch, code) in [
        (Some(now - 1), ErrorCode::Stale),
        (Some(now + 1), ErrorCode::Stale),
        (None, ErrorCode::BadMessage),
    ] {
        let what = What::Thumb {
            down: true,
            epoch,
            lifts: None,
            tapped_at: None,
            uncertainty_ms: None,
        };
        let answer = desk.enter(Some(Receiver), what);
        assert_eq!(refused(&answer), Some(code), "{epoch:?}");
        assert!(!desk.state().thumb, "{epoch:?}");
    }
}

#[test]
fn a_thumb_that_is_down_is_put_down_once() {
    let mut desk = Desk::joined(consent());
    let _ = thumb(&mut desk, Receiver, true, None);
    let (_, again) = thumb(&mut desk, Receiver, true, None);
    assert_eq!(again, [Effect::Again(Receiver)]);
    let (mut desk, _) = live();
    let (_, again) = thumb(&mut desk, Receiver, true, None);
    assert_eq!(again, [Effect::Again(Receiver)]);
    assert_eq!(desk.phase(), Phase::Live);
}

#[test]
fn the_id_of_an_earlier_lifting_is_another_once_it_is_down() {
    let (mut desk, _) = live();
    let what = What::Thumb {
        down: false,
        epoch: None,
        lifts: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let id = desk.fresh_id();
    let lift = |desk: &Desk| Entry {
        id,
        at: desk.now,
        by: Some(Receiver),
        what: what.clone(),
    };
    let _ = desk.enter_as(id, Some(Receiver), what.clone());
    desk.assert_held(HoldReason::Released);
    assert!(!desk.session.has_id_of_another_stop(&lift(&desk), true));
    let _ = desk.wait(450).acknowledge(Helper, id);
    desk.wait(600);
    let _ = thumb(&mut desk, Receiver, true, None);
    assert!(desk.session.has_id_of_another_stop(&lift(&desk), true));
    assert!(!desk.session.has_id_of_another_stop(&lift(&desk), false));
    desk.both_ready();
    assert!(desk.session.has_id_of_another_stop(&lift(&desk), true));
}

#[test]
fn any_hold_lifts_it() {
    let (mut desk, _) = live();
    let _ = desk.link(Helper, LinkStatus::Lost);
    assert!(!desk.state().thumb);
    let _ = desk.link(Helper, LinkStatus::Here);
    desk.both_ready();
    desk.assert_held(HoldReason::LinkLost);
}

#[test]
fn a_reflex_the_helper_and_a_session_without_the_option_are_refused() {
    let (mut desk, _) = live();
    desk.stop(Receiver);
    assert_eq!(
        refused(&thumb(&mut desk, Receiver, true, None).1),
        Some(ErrorCode::Stale)
    );
    assert_eq!(
        refused(&thumb(&mut desk, Helper, true, None).1),
        Some(ErrorCode::NotAllowed)
    );
    let mut plain = Desk::live(waived());
    assert_eq!(
        refused(&thumb(&mut plain, Receiver, true, None).1),
        Some(ErrorCode::NotAllowed)
    );
    let (_, effects) = thumb(&mut plain, Receiver, false, None);
    assert_eq!(effects, [Effect::Again(Receiver)]);
    assert_eq!(plain.phase(), Phase::Live);
}

#[test]
fn the_clock_asks_nothing_of_a_thumb() {
    let (mut desk, _) = live();
    assert_eq!(desk.session.deadline(), None);
    assert_eq!(desk.wait(3_600_000).due(Timer::CheckIn), []);
    assert_eq!(desk.state().check_in, None);
}

#[test]
fn holding_on_answers_the_helpers_question() {
    let (mut desk, _) = live();
    desk.paints = false;
    let _ = desk.cue(Helper, Cue::CheckIn);
    let asked = desk.state().check_in.expect("it is asked").id;
    let _ = desk.wait(1_000).shown(Receiver, asked);
    let due = (desk.now.plus(3_000), Timer::HeldOn);
    assert_eq!(desk.session.deadline(), Some(due));
    assert_eq!(desk.wait(2_999).due(Timer::HeldOn), [], "too early");
    let effects = desk.wait(1).due(Timer::HeldOn);
    assert_eq!(effects, Role::BOTH.map(Effect::Again));
    let state = desk.state();
    assert_eq!(
        (state.check_in, state.still_holding),
        (None, Some(desk.now))
    );
    let _ = desk.wait(1_000).cue(Helper, Cue::CheckIn);
    assert_eq!(desk.state().still_holding, None, "the next question");
}

#[test]
fn a_question_that_no_screen_shows_is_not_answered_by_the_thumb() {
    let (mut desk, _) = live();
    desk.paints = false;
    let _ = desk.cue(Helper, Cue::CheckIn);
    let _ = desk.wait(5_000).due(Timer::CheckInAgain);
    let _ = desk.wait(10_000).due(Timer::NoAnswer);
    desk.assert_held(HoldReason::NoAnswer);
}

#[test]
fn a_thumb_keeps_the_receivers_ready_and_its_lifting_takes_it() {
    let mut desk = Desk::joined(consent());
    let (down, _) = thumb(&mut desk, Receiver, true, None);
    let _ = desk.cue(Receiver, Cue::Ready);
    assert_eq!(desk.session.deadline(), None);
    let _ = desk.wait(120_000).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Live);
    let mut desk = Desk::joined(consent());
    let _ = thumb(&mut desk, Receiver, true, None);
    let _ = desk.cue(Receiver, Cue::Ready);
    let _ = thumb(&mut desk, Receiver, false, Some(down));
    assert!(!desk.state().ready.receiver);
}

#[test]
fn a_thumb_lifted_as_it_ends_is_a_stop() {
    let (mut desk, down) = live();
    let _ = desk.enter(Some(Helper), What::Ended);
    let (up, effects) = thumb(desk.wait(100), Receiver, false, Some(down));
    assert!(matches!(effects.first(), Some(Effect::Stop(notice)) if notice.id == up));
    assert_eq!(desk.hold().reason, HoldReason::Released);
    let (_, effects) = thumb(&mut desk, Receiver, false, None);
    assert_eq!(effects, [Effect::Again(Receiver)], "once");
}
