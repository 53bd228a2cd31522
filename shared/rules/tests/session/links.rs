//! Silence stops, and a returning link restarts nothing.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::What;
use tapcue_rules::ids::Id;
use tapcue_rules::limits;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase};

use crate::desk::{Desk, Helper, Receiver, refused, waived};

#[test]
fn a_lost_link_and_a_hidden_page_hold() {
    for by in Role::BOTH {
        for (status, reason) in [
            (LinkStatus::Lost, HoldReason::LinkLost),
            (LinkStatus::Away, HoldReason::Away),
        ] {
            let mut desk = Desk::live(waived());
            let _ = desk.link(by, status);
            desk.assert_held(reason);
            assert_eq!(desk.hold().by, Some(by));
            assert_eq!(*desk.state().peers.of(by), status);
        }
    }
}

#[test]
fn a_late_link_is_no_reason_to_hold() {
    let mut desk = Desk::live(waived());
    let epoch = desk.session.epoch();
    let _ = desk.link(Helper, LinkStatus::Late);
    let _ = desk.link(Helper, LinkStatus::Here);
    assert_eq!(desk.phase(), Phase::Live);
    assert_eq!(desk.session.epoch(), epoch);
}

#[test]
fn a_link_that_comes_back_restarts_nothing() {
    for by in Role::BOTH {
        for back in [LinkStatus::Here, LinkStatus::Late] {
            let mut desk = Desk::live(waived());
            let _ = desk.link(by, LinkStatus::Lost);
            let hold = desk.hold().id;
            let _ = desk.wait(600).link(by, back);
            let _ = desk.acknowledge(Helper, hold);
            assert_eq!(desk.phase(), Phase::Held);
            let _ = desk.cue(by.other(), Cue::Ready);
            assert_eq!(desk.phase(), Phase::Held);
        }
    }
}

#[test]
fn a_device_that_takes_over_unnoticed_holds() {
    for by in Role::BOTH {
        let mut desk = Desk::live(waived());
        let _ = desk.connected(by);
        desk.assert_held(HoldReason::LinkLost);
        assert_eq!(*desk.state().peers.of(by), LinkStatus::Here);
    }
}

#[test]
fn a_device_that_takes_over_while_held_makes_its_ready_void() {
    let mut desk = Desk::joined(waived());
    let _ = desk.cue(Helper, Cue::Ready);
    let _ = desk.connected(Helper);
    assert!(!desk.state().ready.helper);
    let _ = desk.wait(600).cue(Receiver, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Held);
}

#[test]
fn each_hold_since_live_is_acknowledged_by_itself() {
    let mut desk = Desk::live(waived());
    let _ = desk.link(Receiver, LinkStatus::Away);
    let first = desk.hold().id;
    let _ = desk.wait(450).acknowledge(Helper, first);
    let _ = desk.link(Receiver, LinkStatus::Here);
    let _ = desk.link(Receiver, LinkStatus::Away);
    let _ = desk.link(Receiver, LinkStatus::Here);
    assert_ne!(desk.hold().id, first);
    desk.wait(600);
    for by in Role::BOTH {
        let _ = desk.cue(by, Cue::Ready);
    }
    assert_eq!(desk.phase(), Phase::Held);
}

#[test]
fn the_first_cause_of_a_hold_stays() {
    let mut desk = Desk::live(waived());
    let _ = desk.link(Receiver, LinkStatus::Away);
    let hold = desk.hold();
    let _ = desk.link(Helper, LinkStatus::Lost);
    assert_eq!(desk.hold(), hold);
}

#[test]
fn before_the_first_live_a_lost_link_needs_no_hands_off() {
    let mut desk = Desk::joined(waived());
    let _ = desk.link(Helper, LinkStatus::Lost);
    let _ = desk.connected(Helper);
    desk.assert_held(HoldReason::Start);
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Live);
}

#[test]
fn a_restarted_relay_holds_with_both_lost_and_an_epoch_past_all_others() {
    let mut desk = Desk::live(waived());
    let epoch = desk.session.epoch();
    let _ = desk.enter(None, What::Restarted);
    desk.assert_held(HoldReason::LinkLost);
    assert!(desk.state().peers.both(&LinkStatus::Lost));
    let leapt = desk.session.epoch() - epoch - 1;
    assert!(leapt >= limits::RESTART_EPOCH_GAP);
    assert!(leapt <= limits::RESTART_EPOCH_GAP * limits::RESTART_EPOCH_LEAPS);
    assert_eq!(leapt % limits::RESTART_EPOCH_GAP, 0);
    for by in Role::BOTH {
        let _ = desk.connected(by);
    }
    assert_eq!(desk.phase(), Phase::Held);
    let lost = epoch + 17;
    let answer = desk.wait(600).cue_of(Receiver, Cue::Ready, Some(lost));
    assert_eq!(refused(&answer), Some(ErrorCode::Stale));
}

#[test]
fn how_far_the_epoch_leaps_is_picked_by_the_id_of_the_restart() {
    let leaps = u128::from(limits::RESTART_EPOCH_LEAPS);
    for (id, picked) in [
        (77, 78),
        (leaps - 1, leaps),
        (leaps, 1),
        (5 * leaps + 9, 10),
    ] {
        let mut desk = Desk::live(waived());
        let epoch = desk.session.epoch();
        let _ = desk.enter_as(Id::from_u128(id), None, What::Restarted);
        let leapt = u128::from(desk.session.epoch() - epoch - 1);
        assert_eq!(
            leapt,
            picked * u128::from(limits::RESTART_EPOCH_GAP),
            "{id}"
        );
    }
}

#[test]
fn a_restart_needs_hands_off_even_before_anything_began() {
    let mut desk = Desk::joined(waived());
    let _ = desk.enter(None, What::Restarted);
    desk.assert_held(HoldReason::LinkLost);
    for by in Role::BOTH {
        let _ = desk.connected(by);
    }
    desk.wait(600);
    for by in Role::BOTH {
        let _ = desk.cue(by, Cue::Ready);
    }
    assert_eq!(desk.phase(), Phase::Held, "a stop may have been lost");
    let hold = desk.hold().id;
    let _ = desk.acknowledge(Helper, hold);
    let _ = desk.wait(450).cue(Helper, Cue::Ready);
    assert_eq!(desk.phase(), Phase::Live);

    let mut alone = Desk::opened(waived());
    let _ = alone.enter(None, What::Restarted);
    assert_eq!(alone.phase(), Phase::Waiting);
}

#[test]
fn a_role_is_taken_once_and_only_by_joining() {
    let mut desk = Desk::opened(waived());
    assert_eq!(desk.connected(Helper), [], "no token was given out for it");
    assert_eq!(desk.link(Helper, LinkStatus::Here), []);
    assert_eq!(desk.phase(), Phase::Waiting);
    desk.join();
    assert_eq!(desk.phase(), Phase::Held);
    for by in Role::BOTH {
        let what = What::Joined {
            name: None,
            client: None,
        };
        assert_eq!(refused(&desk.enter(Some(by), what)), Some(ErrorCode::Taken));
    }
}

/// A hidden page cannot say "hands off" or "seen", even if its script sends them.
#[test]
fn no_hands_off_and_no_seen_from_a_screen_that_is_not_there() {
    for status in [LinkStatus::Away, LinkStatus::Lost] {
        let mut desk = Desk::live(waived());
        let _ = desk.link(Helper, status);
        let hold = desk.hold().id;
        let refusal = desk.wait(450).acknowledge(Helper, hold);
        assert_eq!(refused(&refusal), Some(ErrorCode::NotAllowed));
        assert!(!desk.hold().acknowledged);
        let _ = desk.link(Helper, LinkStatus::Here);
        let _ = desk.acknowledge(Helper, hold);
        assert!(desk.hold().acknowledged);
    }
}
