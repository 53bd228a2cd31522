//! "Does this feel okay?", asked by hand and by the clock; no answer leads to a hold.

use tapcue_rules::cue::Cue;
use tapcue_rules::entry::Timer;
use tapcue_rules::limits::{CHECK_IN_EVERY_MAX_S, MEANT_MS};
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{HoldReason, Options, Phase};

use crate::desk::{Desk, Helper, Receiver, id, refused, waived};

#[test]
fn the_clock_asks_within_ten_minutes_whatever_was_asked_for() {
    let options = Options {
        check_in_every_s: CHECK_IN_EVERY_MAX_S + 1,
        ..waived()
    };
    let desk = Desk::live(options);
    assert_eq!(
        desk.session.options().check_in_every_s,
        CHECK_IN_EVERY_MAX_S
    );
}

#[test]
fn the_clock_counts_from_when_it_went_live() {
    let mut desk = Desk::joined(waived());
    let _ = desk.cue(Receiver, Cue::Ready);
    let _ = desk.wait(30_000).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Live);
    let asks = (desk.now.plus(90_000), Timer::CheckIn);
    assert_eq!(desk.session.deadline(), Some(asks));
}

#[test]
fn a_question_is_shown_when_it_is_painted_first() {
    let mut desk = Desk::live_unpainted(waived());
    let _ = desk.cue(Helper, Cue::CheckIn);
    let shown = |desk: &Desk| desk.state().check_in.expect("it is asked").shown;
    let asked = desk.state().check_in.expect("it is asked").id;
    let _ = desk.wait(20).shown(Receiver, id(99));
    assert_eq!(shown(&desk), None, "that was something else");
    let _ = desk.wait(20).shown(Receiver, asked);
    let first = shown(&desk);
    assert_eq!(first, Some(desk.now));
    for of in [asked, id(99)] {
        let _ = desk.wait(20).shown(Receiver, of);
        assert_eq!(shown(&desk), first);
    }
}

#[test]
fn an_unanswered_question_is_asked_again_and_then_holds() {
    let mut desk = Desk::live(waived());
    let asked = desk.now;
    let _ = desk.cue(Helper, Cue::CheckIn);
    assert_eq!(
        desk.session.deadline(),
        Some((asked.plus(5_000), Timer::CheckInAgain))
    );
    assert_eq!(desk.wait(4_999).due(Timer::CheckInAgain), [], "too early");
    let _ = desk.wait(1).due(Timer::CheckInAgain);
    assert!(desk.state().check_in.is_some_and(|asked| asked.again));
    assert_eq!(desk.due(Timer::CheckInAgain), [], "a timer fires once");
    assert_eq!(
        desk.session.deadline(),
        Some((asked.plus(15_000), Timer::NoAnswer))
    );
    assert_eq!(desk.wait(9_999).due(Timer::NoAnswer), []);
    assert_eq!(desk.phase(), Phase::Live);
    let _ = desk.wait(1).due(Timer::NoAnswer);
    desk.assert_held(HoldReason::NoAnswer);
    assert_eq!(desk.state().check_in, None);
    assert_eq!(desk.due(Timer::NoAnswer), []);
    assert_eq!(desk.session.deadline(), None);
}

#[test]
fn any_cue_of_the_receivers_answers() {
    let receivers = Cue::ALL
        .into_iter()
        .filter(|cue| cue.allowed_from(Receiver) && *cue != Cue::Stop);
    for cue in receivers {
        let mut desk = Desk::live(waived());
        let _ = desk.wait(1_000).cue(Helper, Cue::CheckIn);
        let before = desk.wait(MEANT_MS).state().seq;
        let _ = desk.cue(Receiver, cue);
        let state = desk.state();
        assert_eq!(state.check_in, None, "{cue:?}");
        assert!(state.seq > before, "the devices are told");
    }
}

#[test]
fn a_cue_that_is_refused_as_too_many_answers_too() {
    let mut desk = Desk::live(waived());
    let _ = desk.cue(Receiver, Cue::MorePressure);
    let _ = desk.cue(Helper, Cue::CheckIn);
    let _ = desk.wait(MEANT_MS).cue(Receiver, Cue::MorePressure);
    assert_eq!(desk.state().check_in, None);
}

#[test]
fn asking_again_buys_no_time() {
    let mut desk = Desk::live(waived());
    let _ = desk.cue(Helper, Cue::CheckIn);
    let open = desk.state().check_in;
    let _ = desk.wait(3_000).cue(Helper, Cue::CheckIn);
    assert_eq!(desk.state().check_in, open);
}

#[test]
fn the_clock_asks_after_a_while_without_a_sign() {
    let mut desk = Desk::live(waived());
    let _ = desk.wait(60_000).cue(Receiver, Cue::Good);
    assert_eq!(desk.wait(30_000).due(Timer::CheckIn), []);
    let _ = desk.wait(60_000).due(Timer::CheckIn);
    let asked = desk.state().check_in.expect("the clock asked");
    assert_eq!((asked.by, asked.asked_at), (None, desk.now));
}

#[test]
fn the_clock_can_be_turned_off() {
    let mut desk = Desk::live(Options {
        check_in_every_s: 0,
        ..waived()
    });
    assert_eq!(desk.session.deadline(), None);
    let _ = desk.wait(3_600_000).due(Timer::CheckIn);
    assert_eq!(desk.state().check_in, None);
}

#[test]
fn while_held_there_is_no_question() {
    let mut desk = Desk::joined(waived());
    assert_eq!(
        refused(&desk.cue(Helper, Cue::CheckIn)),
        Some(ErrorCode::Held)
    );
    let mut desk = Desk::live(waived());
    let _ = desk.cue(Helper, Cue::CheckIn);
    desk.stop(Helper);
    assert_eq!(desk.state().check_in, None);
    assert_eq!(desk.session.deadline(), None);
}

#[test]
fn the_receivers_screen_says_that_it_shows_the_question() {
    let mut desk = Desk::live_unpainted(waived());
    let _ = desk.cue(Helper, Cue::CheckIn);
    let id = desk.state().check_in.expect("it was asked").id;
    assert_eq!(desk.shown(Helper, id), [], "that is not who is asked");
    let _ = desk.wait(15).shown(Receiver, id);
    let shown = desk.state().check_in.and_then(|asked| asked.shown);
    assert_eq!(shown, Some(desk.now));
}

#[test]
fn a_cue_that_nobody_can_have_meant_as_an_answer_leaves_the_question() {
    let mut desk = Desk::live_unpainted(waived());
    let _ = desk.cue(Helper, Cue::CheckIn);
    let open = desk.state().check_in.expect("it is asked").id;
    let _ = desk.wait(2_000).cue(Receiver, Cue::Slower);
    assert!(desk.state().check_in.is_some(), "no screen shows it");
    assert_eq!(desk.state().cue.map(|cue| cue.cue), Some(Cue::Slower));
    let _ = desk.shown(Receiver, open);
    let _ = desk.wait(449).cue(Receiver, Cue::Good);
    assert!(desk.state().check_in.is_some(), "too soon");
    let _ = desk.wait(1).cue(Receiver, Cue::Left);
    assert_eq!(desk.state().check_in, None);
}
