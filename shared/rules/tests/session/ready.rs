//! Live needs a ready of both since the last hold, and everything that was agreed on.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Timer, What};
use tapcue_rules::message::{ConfirmItem, ErrorCode};
use tapcue_rules::session::Effect;
use tapcue_rules::state::{Confirmed, HoldReason, LinkStatus, Options, Phase};
use tapcue_rules::time::Millis;

use crate::desk::{Desk, Helper, Receiver, refused, waived};

#[test]
fn one_ready_is_not_consent_however_often_it_is_said() {
    for by in Role::BOTH {
        let mut desk = Desk::joined(waived());
        for _ in 0..5 {
            let _ = desk.wait(300).cue(by, Cue::Ready);
            assert_eq!(desk.phase(), Phase::Held);
        }
        let _ = desk.cue(by.other(), Cue::Ready);
        assert_eq!(desk.phase(), Phase::Live);
    }
}

#[test]
fn the_hold_before_the_first_live_begins_when_both_are_there() {
    let mut desk = Desk::opened(waived());
    let join = desk.wait(5_000).fresh_id();
    let at = desk.now;
    desk.join();
    let hold = desk.hold();
    assert_eq!((hold.id, hold.since), (join, at));
    let answer = desk.acknowledge(Helper, join);
    assert_eq!(answer, [Effect::Again(Helper)], "no hands were on");
    assert!(!desk.hold().acknowledged);
}

#[test]
fn what_was_confirmed_is_told() {
    let mut desk = Desk::joined(waived());
    let _ = desk.confirm(Helper, ConfirmItem::SetUp, true);
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, true);
    let confirmed = Confirmed {
        receiver: false,
        helper: true,
        warning_signs: Some(true),
        cleared: false,
    };
    assert_eq!(desk.state().confirmed, confirmed);
    desk.assert_held(HoldReason::Start);
}

#[test]
fn that_no_warning_sign_applies_stops_nothing() {
    let mut desk = Desk::live(waived());
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, false);
    assert_eq!(desk.phase(), Phase::Live);
}

#[test]
fn a_reflex_is_not_consent() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    let _ = desk.acknowledge(Helper, stop);
    assert_eq!(
        refused(&desk.wait(499).cue(Receiver, Cue::Ready)),
        Some(ErrorCode::Stale)
    );
    assert!(!desk.state().ready.receiver);
    let _ = desk.wait(251).cue(Receiver, Cue::Ready);
    assert!(desk.state().ready.receiver);
    let mut desk = Desk::live(waived());
    desk.stop(Helper);
    let _ = desk.wait(500).cue(Receiver, Cue::Ready);
    assert!(desk.state().ready.receiver, "at 500 ms it is meant");
}

#[test]
fn ready_from_before_a_hold_counts_for_nothing_after_it() {
    let mut desk = Desk::joined(waived());
    let old = desk.session.epoch();
    let _ = desk.cue(Receiver, Cue::Ready);
    let stop = desk.stop(Helper);
    let _ = desk.acknowledge(Helper, stop);
    let _ = desk.wait(600).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Held);
    assert_eq!(
        refused(&desk.cue_of(Receiver, Cue::Ready, Some(old))),
        Some(ErrorCode::Stale)
    );
    assert_eq!(desk.phase(), Phase::Held);
}

#[test]
fn hands_off_and_the_two_ready_come_in_any_order_but_the_helpers_after_it() {
    for order in [
        ["ack", "receiver", "helper"],
        ["ack", "helper", "receiver"],
        ["receiver", "ack", "helper"],
    ] {
        let mut desk = Desk::live(waived());
        let stop = desk.stop(Receiver);
        desk.wait(600);
        for (n, act) in order.into_iter().enumerate() {
            assert_eq!(desk.phase(), Phase::Held, "{order:?} before {n}");
            desk.wait(450);
            let _ = match act {
                "ack" => desk.acknowledge(Helper, stop),
                "receiver" => desk.cue(Receiver, Cue::Ready),
                _ => desk.cue(Helper, Cue::Ready),
            };
        }
        assert_eq!(desk.phase(), Phase::Live, "{order:?}");
    }
}

#[test]
fn the_first_live_needs_a_rehearsed_stop_of_the_receivers() {
    let mut desk = Desk::joined(Options {
        setup: false,
        ..Options::default()
    });
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Held);
    desk.stop(Helper);
    desk.both_ready();
    assert_eq!(
        desk.phase(),
        Phase::Held,
        "the helper's own stop rehearses nothing"
    );
    desk.stop(Receiver);
    assert!(!desk.state().rehearsed, "not before it was acknowledged");
    desk.both_ready();
    assert!(desk.state().rehearsed);
    assert_eq!(desk.phase(), Phase::Live);
    desk.stop(Helper);
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Live, "once is enough");
}

#[test]
fn the_first_live_needs_both_set_up_lists_and_no_warning_sign() {
    let options = Options {
        rehearsal: false,
        ..Options::default()
    };
    for missing in 0..3 {
        let mut desk = Desk::joined(options.clone());
        if missing != 0 {
            let _ = desk.confirm(Receiver, ConfirmItem::SetUp, true);
        }
        if missing != 1 {
            let _ = desk.confirm(Helper, ConfirmItem::SetUp, true);
        }
        if missing != 2 {
            let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, false);
        }
        desk.both_ready();
        assert_eq!(desk.phase(), Phase::Held, "{missing} is missing");
        let _ = match missing {
            0 => desk.confirm(Receiver, ConfirmItem::SetUp, true),
            1 => desk.confirm(Helper, ConfirmItem::SetUp, true),
            _ => desk.confirm(Receiver, ConfirmItem::WarningSigns, false),
        };
        assert_eq!(desk.phase(), Phase::Live);
    }
}

#[test]
fn a_warning_sign_is_advice_against_even_where_set_up_is_waived() {
    let mut desk = Desk::joined(waived());
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, true);
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Held);
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, false);
    assert_eq!(desk.phase(), Phase::Live);
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, true);
    desk.assert_held(HoldReason::Stop);
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Held);
}

#[test]
fn a_warning_sign_that_a_professional_has_cleared_lets_it_go_live() {
    for options in [
        waived(),
        Options {
            rehearsal: false,
            ..Options::default()
        },
    ] {
        let mut desk = Desk::joined(options);
        for by in Role::BOTH {
            let _ = desk.confirm(by, ConfirmItem::SetUp, true);
        }
        let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, true);
        desk.both_ready();
        assert_eq!(desk.phase(), Phase::Held);
        let _ = desk.confirm(Receiver, ConfirmItem::Cleared, true);
        assert_eq!(desk.phase(), Phase::Live);
        let _ = desk.confirm(Receiver, ConfirmItem::Cleared, false);
        desk.assert_held(HoldReason::Stop);
        desk.both_ready();
        assert_eq!(desk.phase(), Phase::Held);
    }
}

#[test]
fn an_answer_on_warning_signs_takes_the_clearance_back() {
    let mut desk = Desk::joined(waived());
    let _ = desk.confirm(Receiver, ConfirmItem::Cleared, true);
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, true);
    assert!(
        !desk.state().confirmed.cleared,
        "what was cleared before it applied"
    );
    let _ = desk.confirm(Receiver, ConfirmItem::Cleared, true);
    desk.both_ready();
    let _ = desk.confirm(Receiver, ConfirmItem::WarningSigns, true);
    desk.assert_held(HoldReason::Stop);
    assert!(!desk.state().confirmed.cleared);
}

#[test]
fn only_the_receiver_answers_on_warning_signs() {
    let mut desk = Desk::joined(waived());
    for (item, value) in [
        (ConfirmItem::WarningSigns, false),
        (ConfirmItem::Cleared, true),
    ] {
        let answer = desk.confirm(Helper, item, value);
        assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
    }
    assert_eq!(desk.state().confirmed.warning_signs, None);
    assert!(!desk.state().confirmed.cleared);
}

#[test]
fn alone_nobody_is_ready() {
    let mut desk = Desk::opened(waived());
    let answer = desk.wait(600).cue(Receiver, Cue::Ready);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
    assert_eq!(desk.phase(), Phase::Waiting);
    desk.join();
    let _ = desk.cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Held);
}

#[test]
fn who_is_not_here_cannot_be_ready() {
    for status in [LinkStatus::Away, LinkStatus::Lost] {
        let mut desk = Desk::live(waived());
        let _ = desk.link(Receiver, status);
        let hold = desk.hold().id;
        let _ = desk.wait(450).acknowledge(Helper, hold);
        let _ = desk.wait(600).cue(Helper, Cue::Ready);
        assert_eq!(
            refused(&desk.cue(Receiver, Cue::Ready)),
            Some(ErrorCode::Stale)
        );
        let _ = desk.link(Receiver, LinkStatus::Here);
        assert_eq!(
            desk.phase(),
            Phase::Held,
            "the return of a link is nobody's act"
        );
        let _ = desk.wait(300).cue(Receiver, Cue::Ready);
        assert_eq!(desk.phase(), Phase::Live);
    }
}

#[test]
fn the_other_may_be_ready_before_a_lost_link_is_back() {
    let mut desk = Desk::live(waived());
    let _ = desk.link(Helper, LinkStatus::Lost);
    let hold = desk.hold().id;
    let _ = desk.wait(600).cue(Receiver, Cue::Ready);
    let _ = desk.connected(Helper);
    assert_eq!(desk.phase(), Phase::Held);
    let _ = desk.wait(450).acknowledge(Helper, hold);
    let _ = desk.wait(450).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Live);
}

#[test]
fn a_ready_answers_only_what_was_long_enough_on_its_own_screen() {
    for by in Role::BOTH {
        let mut desk = Desk::joined(waived());
        desk.paints = false;
        let _ = desk.link(Receiver, LinkStatus::Late);
        let _ = desk.connected(by);
        let unseen = desk.wait(60_000).cue(by, Cue::Ready);
        assert_eq!(refused(&unseen), Some(ErrorCode::Stale));
        let hold = desk.hold().id;
        let _ = desk.shown(by.other(), hold);
        let others = desk.wait(60_000).cue(by, Cue::Ready);
        assert_eq!(refused(&others), Some(ErrorCode::Stale), "the other screen");
        let _ = desk.shown(by, hold);
        let early = desk.wait(449).cue(by, Cue::Ready);
        assert_eq!(refused(&early), Some(ErrorCode::Stale));
        let _ = desk.wait(251).cue(by, Cue::Ready);
        assert!(*desk.state().ready.of(by));
    }
}

#[test]
fn the_helpers_ready_comes_after_hands_off() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    let before = desk.wait(900).cue(Helper, Cue::Ready);
    assert_eq!(refused(&before), Some(ErrorCode::Held));
    let _ = desk.acknowledge(Helper, stop);
    let early = desk.wait(449).cue(Helper, Cue::Ready);
    assert_eq!(refused(&early), Some(ErrorCode::Held));
    let _ = desk.wait(251).cue(Helper, Cue::Ready);
    assert!(desk.state().ready.helper);
}

#[test]
fn a_ready_ages_out_and_says_so() {
    for by in Role::BOTH {
        let timer = match by {
            Receiver => Timer::ReceiverReadyExpired,
            Helper => Timer::HelperReadyExpired,
        };
        let mut desk = Desk::joined(waived());
        let _ = desk.cue(by, Cue::Ready);
        assert_eq!(
            desk.session.deadline(),
            Some((desk.now.plus(60_000), timer))
        );
        assert_eq!(desk.wait(59_999).due(timer), [], "too early");
        assert!(*desk.state().ready.of(by));
        let effects = desk.wait(1).due(timer);
        assert_eq!(effects, Role::BOTH.map(Effect::Again));
        let state = desk.state();
        assert!(!*state.ready.of(by) && *state.ready_expired.of(by));
        assert!(!*state.ready_expired.of(by.other()));
        let _ = desk.cue(by.other(), Cue::Ready);
        assert_eq!(desk.phase(), Phase::Held);
        let _ = desk.cue(by, Cue::Ready);
        assert_eq!(desk.phase(), Phase::Live);
        assert!(desk.state().ready_expired.both(&false));
    }
}

#[test]
fn an_old_ready_counts_no_more_even_if_no_timer_said_so() {
    let mut desk = Desk::joined(waived());
    let _ = desk.cue(Receiver, Cue::Ready);
    let _ = desk.wait(60_000).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Held);
    assert!(desk.state().ready_expired.receiver);
    desk.stop(Helper);
    assert!(!desk.state().ready_expired.receiver, "a new hold");
}

#[test]
fn while_live_no_ready_ages() {
    let mut desk = Desk::live(waived());
    let _ = desk.wait(70_000).cue(Receiver, Cue::Slower);
    let cue = desk.state().cue.expect("it is shown").id;
    let _ = desk.wait(450).acknowledge(Helper, cue);
    assert_eq!(desk.phase(), Phase::Live);
    assert!(desk.state().ready.both(&true));
}

/// A clock that is half a second slow, or unknown to its device, does not shorten the time to look.
#[test]
fn a_paint_that_cannot_be_true_or_exact_counts_from_its_receipt() {
    for (ago, uncertainty_ms, counts) in [
        (450, Some(20), true),
        (400, Some(60), true),
        (400, Some(20), false),
        (5_000, Some(20), false),
        (5_000, Some(4_000_000), false),
        (450, Some(450), false),
        (u64::MAX, None, false),
    ] {
        let mut desk = Desk::live_unpainted(waived());
        let hold = desk.stop(Receiver);
        desk.wait(600);
        let what = What::Shown {
            of: hold,
            painted_at: Some(Millis(desk.now.0.saturating_sub(ago))),
            uncertainty_ms,
        };
        let _ = desk.enter(Some(Helper), what);
        let _ = desk.acknowledge(Helper, hold);
        assert_eq!(desk.hold().acknowledged, counts, "{ago} {uncertainty_ms:?}");
    }
}
