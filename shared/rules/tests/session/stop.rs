//! Both people can always stop; a stop latches until the helper says "hands off".

use tapcue_rules::cue::{Cue, Lane, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::Id;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::{Audience, Effect};
use tapcue_rules::state::{EstimatedSpread, HoldReason, LinkStatus, Phase, Spread};
use tapcue_rules::time::Millis;

use crate::desk::{Desk, Helper, Receiver, refused, waived};

fn assert_first_of_all(effects: &[Effect], by: Role) {
    let [Effect::Stop(notice), Effect::Publish { to, lane }] = effects else {
        panic!("a stop goes out first, then its state: {effects:?}");
    };
    assert_eq!(notice.by, by);
    assert_eq!(*to, Audience::Both);
    assert_eq!(*lane, Lane::Urgent);
}

#[test]
fn either_stops_it_in_every_phase() {
    for by in Role::BOTH {
        for mut desk in [Desk::joined(waived()), Desk::live(waived())] {
            let effects = desk.cue(by, Cue::Stop);
            assert_first_of_all(&effects, by);
            desk.assert_held(HoldReason::Stop);
            assert_eq!(desk.hold().by, Some(by));
        }
    }
    let mut alone = Desk::opened(waived());
    let effects = alone.cue(Receiver, Cue::Stop);
    assert_first_of_all(&effects, Receiver);
    assert_eq!(alone.phase(), Phase::Waiting);
    assert_eq!(alone.hold().reason, HoldReason::Stop);
    assert_eq!(alone.session.epoch(), 2);
    alone.join();
    alone.assert_held(HoldReason::Start);

    let mut over = Desk::live(waived());
    let _ = over.enter(Some(Helper), What::Ended);
    let effects = over.cue(Receiver, Cue::Stop);
    assert_first_of_all(&effects, Receiver);
    assert_eq!(over.phase(), Phase::Ended);
}

#[test]
fn a_stop_asks_for_no_epoch_and_no_link() {
    for epoch in [None, Some(0), Some(1), Some(u64::MAX)] {
        let mut desk = Desk::live(waived());
        assert_first_of_all(&desk.cue_of(Receiver, Cue::Stop, epoch), Receiver);
        desk.assert_held(HoldReason::Stop);
    }
    let mut desk = Desk::live(waived());
    let _ = desk.link(Receiver, LinkStatus::Lost);
    assert_first_of_all(&desk.cue(Receiver, Cue::Stop), Receiver);
    desk.assert_held(HoldReason::Stop);
}

#[test]
fn stops_in_a_row_are_neither_limited_nor_one_tap() {
    let mut desk = Desk::live(waived());
    for n in 1..=1_000 {
        assert_first_of_all(&desk.cue(Receiver, Cue::Stop), Receiver);
        assert_eq!(desk.hold().count, n);
    }
}

#[test]
fn its_notice_counts_as_the_state_that_carries_it() {
    let mut desk = Desk::live_unpainted(waived());
    let before = desk.session.seq();
    let effects = desk.cue(Receiver, Cue::Stop);
    let Some(Effect::Stop(notice)) = effects.first() else {
        panic!("{effects:?}");
    };
    assert_eq!(notice.seq, before + 1);
    assert_eq!(desk.state().seq, before + 1);
}

#[test]
fn whoever_stopped_is_told_when_the_other_sees_it() {
    for by in Role::BOTH {
        let mut desk = Desk::live_unpainted(waived());
        let stop = desk.stop(by);
        let told = [Effect::Publish {
            to: Audience::Only(by),
            lane: Lane::Ordinary,
        }];
        assert_eq!(desk.shown(by.other(), stop), told);
        assert_eq!(desk.shown(by.other(), stop), [], "once");
    }
}

#[test]
fn a_further_stop_is_counted_and_must_be_acknowledged_anew() {
    let mut desk = Desk::live(waived());
    let first = desk.stop(Receiver);
    let _ = desk.wait(450).acknowledge(Helper, first);
    let began = desk.hold().since;
    let second = desk.wait(1_000).fresh_id();
    assert_first_of_all(&desk.cue(Helper, Cue::Stop), Helper);
    let hold = desk.hold();
    assert_eq!((hold.id, hold.count, hold.since), (second, 2, began));
    assert!(!hold.acknowledged);
    let _ = desk.acknowledge(Helper, first);
    assert!(!desk.hold().acknowledged, "that was the one before");
    let _ = desk.wait(450).acknowledge(Helper, second);
    assert!(desk.hold().acknowledged);
    let again = desk.acknowledge(Helper, second);
    assert_eq!(again, [Effect::Again(Helper)], "that is no news");
}

#[test]
fn the_same_stop_twice_is_one() {
    let mut desk = Desk::live(waived());
    let id = desk.fresh_id();
    let what = What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let _ = desk.enter_as(id, Some(Receiver), what.clone());
    let before = desk.state();
    let effects = desk.enter_as(id, Some(Receiver), what);
    assert_eq!(effects, [Effect::Again(Receiver)]);
    assert_eq!(desk.state(), before);
    assert_eq!(desk.hold().count, 1);
}

/// A device with a fixed seed, or a restored machine, makes the same ids again.
#[test]
fn the_id_of_an_earlier_stop_is_another_once_its_device_has_said_ready() {
    for by in Role::BOTH {
        let mut desk = Desk::live(waived());
        let id = desk.fresh_id();
        let what = What::Cue {
            cue: Cue::Stop,
            epoch: None,
            tapped_at: None,
            uncertainty_ms: None,
        };
        let _ = desk.enter_as(id, Some(by), what.clone());
        let again = |desk: &Desk, newest: bool| {
            let entry = Entry {
                id,
                at: desk.now,
                by: Some(by),
                what: what.clone(),
            };
            desk.session.has_id_of_another_stop(&entry, newest)
        };
        assert!(!again(&desk, true), "sent again");
        let _ = desk.wait(450).acknowledge(Helper, id);
        assert!(
            !again(&desk, true),
            "sent again, with its receipt on the way"
        );
        let _ = desk.wait(600).cue(by, Cue::Ready);
        assert!(again(&desk, true), "another, before it is live");
        assert!(!again(&desk, false), "late, on a connection of before");
        desk.both_ready();
        assert!(again(&desk, true), "another, while live");
        let _ = desk.link(by, LinkStatus::Lost);
        let _ = desk.connected(by);
        assert!(!again(&desk, true), "sent again on a new connection");
    }
}

/// Two devices that count their ids from 1 make the same ids.
#[test]
fn a_stop_with_the_id_of_the_others_stop_is_a_stop() {
    for first in Role::BOTH {
        let mut desk = Desk::live(waived());
        let id = desk.fresh_id();
        let stop = What::Cue {
            cue: Cue::Stop,
            epoch: None,
            tapped_at: None,
            uncertainty_ms: None,
        };
        let _ = desk.enter_as(id, Some(first), stop.clone());
        desk.both_ready();
        assert_eq!(desk.phase(), Phase::Live);
        let effects = desk.enter_as(id, Some(first.other()), stop.clone());
        assert_first_of_all(&effects, first.other());
        desk.assert_held(HoldReason::Stop);
        // Each device's repeat is recognized as its own.
        for by in Role::BOTH {
            let repeat = desk.enter_as(id, Some(by), stop.clone());
            assert_eq!(repeat, [Effect::Again(by)]);
        }
    }
}

#[test]
fn a_stop_with_the_id_of_another_cue_is_a_stop() {
    let mut desk = Desk::live(waived());
    let id = desk.fresh_id();
    let epoch = Some(desk.state().epoch);
    let what = |cue| What::Cue {
        cue,
        epoch,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let _ = desk.enter_as(id, Some(Receiver), what(Cue::Slower));
    let effects = desk.enter_as(id, Some(Receiver), what(Cue::Stop));
    assert_first_of_all(&effects, Receiver);
    desk.assert_held(HoldReason::Stop);
    let repeat = desk.enter_as(id, Some(Receiver), what(Cue::Slower));
    assert_eq!(repeat, [Effect::Again(Receiver)]);
}

#[test]
fn a_stop_latches_over_whatever_else_goes_wrong() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    let _ = desk.link(Helper, LinkStatus::Away);
    let _ = desk.link(Helper, LinkStatus::Lost);
    let _ = desk.connected(Helper);
    let _ = desk.connected(Helper);
    let _ = desk.link(Receiver, LinkStatus::Lost);
    let _ = desk.enter(None, What::Restarted);
    desk.assert_held(HoldReason::Stop);
    assert_eq!(desk.hold().id, stop);
    assert!(!desk.hold().acknowledged);
    assert_eq!(desk.hold().count, 1);
}

#[test]
fn a_stop_takes_the_place_of_any_other_hold() {
    let mut desk = Desk::live(waived());
    let _ = desk.link(Helper, LinkStatus::Lost);
    desk.assert_held(HoldReason::LinkLost);
    let stop = desk.wait(5_000).stop(Receiver);
    desk.assert_held(HoldReason::Stop);
    let hold = desk.hold();
    assert_eq!((hold.id, hold.count, hold.since), (stop, 1, desk.now));
}

#[test]
fn only_the_helper_says_hands_off_even_for_a_stop_of_the_helpers() {
    for by in Role::BOTH {
        let mut desk = Desk::live(waived());
        let stop = desk.stop(by);
        let answer = desk.acknowledge(Receiver, stop);
        assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
        assert!(!desk.hold().acknowledged);
        let _ = desk.wait(600).cue(Receiver, Cue::Ready);
        let _ = desk.cue(Helper, Cue::Ready);
        assert_eq!(desk.phase(), Phase::Held, "ready is not hands off");
        let _ = desk.acknowledge(Helper, stop);
        let _ = desk.wait(450).cue(Helper, Cue::Ready);
        assert_eq!(desk.phase(), Phase::Live);
    }
}

#[test]
fn a_stop_is_shown_once_the_other_screen_has_it() {
    let mut desk = Desk::live_unpainted(waived());
    let stop = desk.stop(Receiver);
    assert_eq!(
        desk.shown(Receiver, stop),
        [],
        "its own screen proves nothing"
    );
    assert_eq!(desk.hold().shown, None);
    let effects = desk.wait(30).shown(Helper, stop);
    let to = Audience::Only(Receiver);
    assert!(matches!(effects.as_slice(), [Effect::Publish { to: told, .. }] if *told == to));
    assert_eq!(desk.hold().shown, Some(desk.now));
    assert_eq!(desk.state().cue.and_then(|cue| cue.shown), Some(desk.now));
    assert_eq!(desk.wait(30).shown(Helper, stop), [], "once");
}

#[test]
fn how_fast_stops_were_seen_is_counted() {
    let mut desk = Desk::live_unpainted(waived());
    for ms in [10, 30, 20] {
        let stop = desk.stop(Receiver);
        let _ = desk.wait(ms).shown(Helper, stop);
        let _ = desk.wait(500 + ms).acknowledge(Helper, stop);
        desk.both_ready();
        desk.wait(1_000);
    }
    let _ = desk.enter(Some(Receiver), What::Ended);
    let ended = desk.state().ended.expect("it ended");
    assert_eq!(ended.stops, 3);
    let spread = |median_ms, worst_ms| {
        Some(Spread {
            median_ms,
            worst_ms,
        })
    };
    assert_eq!(ended.stop_shown, spread(20, 30));
    assert_eq!(ended.stop_acknowledged, spread(540, 560));
    assert_eq!(ended.live_ms, 3_000);
}

#[test]
fn who_says_stop_again_has_waited_since_the_first() {
    let mut desk = Desk::live_unpainted(waived());
    let first = desk.stop(Receiver);
    desk.wait(3_000).stop(Receiver);
    let newest = desk.wait(3_000).stop(Receiver);
    // It was painted before the newer ones came, but its receipt arrives later.
    let _ = desk.wait(10).shown(Helper, first);
    let _ = desk.wait(990).shown(Helper, newest);
    let helpers = desk.wait(500).stop(Helper);
    let _ = desk.wait(60).shown(Receiver, helpers);
    let _ = desk.shown(Helper, helpers);
    // "Hands off" answers all stops of the hold, of both people.
    let _ = desk.wait(450).acknowledge(Helper, helpers);
    desk.both_ready();
    // Nothing is left over for the next stop.
    let next = desk.wait(5_000).stop(Helper);
    let _ = desk.shown(Helper, next);
    let _ = desk.wait(450).acknowledge(Helper, next);
    let _ = desk.enter(Some(Helper), What::Ended);
    let ended = desk.state().ended.expect("it ended");
    assert_eq!(ended.stops, 5);
    let told = |spread: Option<Spread>| spread.map(|all| (all.median_ms, all.worst_ms));
    assert_eq!(told(ended.stop_shown), Some((60, 7_000)));
    assert_eq!(told(ended.stop_acknowledged), Some((510, 8_010)));
}

#[test]
fn a_device_cannot_say_it_painted_before_the_stop_or_in_the_future() {
    for (claimed, counted) in [(0, 0), (u64::MAX, 50)] {
        let mut desk = Desk::live_unpainted(waived());
        let stop = desk.stop(Receiver);
        let at = desk.now;
        let what = What::Shown {
            of: stop,
            painted_at: Some(Millis(claimed)),
            uncertainty_ms: None,
        };
        let _ = desk.wait(50).enter(Some(Helper), what);
        assert_eq!(desk.hold().shown, Some(at.plus(counted)));
    }
}

/// A stop of the receiver, tapped `ago` milliseconds before.
fn tapped(desk: &mut Desk, ago: u64, uncertainty_ms: Option<u64>) -> (Id, Vec<Effect>) {
    let id = desk.fresh_id();
    let what = What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: Some(Millis(desk.now.0 - ago)),
        uncertainty_ms,
    };
    (id, desk.enter(Some(Receiver), what))
}

fn painted(desk: &mut Desk, of: Id, uncertainty_ms: Option<u64>) {
    let what = What::Shown {
        of,
        painted_at: Some(desk.now),
        uncertainty_ms,
    };
    let _ = desk.enter(Some(Helper), what);
}

#[test]
fn a_late_stop_is_shown_with_its_age() {
    let mut desk = Desk::live(waived());
    let (_, effects) = tapped(&mut desk, 12_000, Some(4));
    assert_first_of_all(&effects, Receiver);
    let said = Some(Millis(desk.now.0 - 12_000));
    assert!(matches!(effects[0], Effect::Stop(notice) if notice.tapped_at == said));
    assert_eq!(desk.hold().tapped_at, said);
    assert_eq!(desk.hold().since, desk.now, "it holds from the receipt on");
    assert_eq!(desk.state().cue.expect("it is shown").tapped_at, said);
    desk.stop(Helper);
    assert_eq!(desk.hold().tapped_at, None, "nobody knows of the newest");
}

#[test]
fn a_tap_lies_within_ten_minutes_before_the_receipt() {
    for (claimed, ago) in [(0, 600_000), (u64::MAX, 0)] {
        let mut desk = Desk::live(waived());
        let what = What::Cue {
            cue: Cue::Stop,
            epoch: None,
            tapped_at: Some(Millis(claimed)),
            uncertainty_ms: Some(u64::MAX),
        };
        let _ = desk.enter(Some(Receiver), what);
        let counted = Some(Millis(desk.now.0 - ago));
        assert_eq!(desk.hold().tapped_at, counted);
    }
}

#[test]
fn from_tap_to_paint_is_counted_where_both_clocks_are_known() {
    let mut desk = Desk::live_unpainted(waived());
    for (ago, tap, paint) in [
        (100, Some(4), Some(5)),
        (5_000, Some(1), Some(2)),
        (300, Some(7), None),
        (400, None, Some(7)),
    ] {
        let (stop, _) = tapped(&mut desk, ago, tap);
        painted(desk.wait(20), stop, paint);
        let _ = desk.wait(480).acknowledge(Helper, stop);
        desk.both_ready();
        desk.wait(1_000);
    }
    let _ = desk.enter(Some(Receiver), What::Ended);
    let ended = desk.state().ended.expect("it ended");
    let spread = |median_ms, worst_ms, uncertainty_ms| {
        Some(EstimatedSpread {
            median_ms,
            worst_ms,
            uncertainty_ms,
        })
    };
    assert_eq!(ended.tap_shown, spread(120, 5_020, 9));
    assert_eq!(ended.tap_acknowledged, spread(800, 5_500, 7));
    let receipt = ended.stop_shown.expect("all were seen");
    assert_eq!((receipt.median_ms, receipt.worst_ms), (20, 20));
}

#[test]
fn the_end_is_the_end() {
    let mut desk = Desk::live(waived());
    let _ = desk.enter(Some(Helper), What::Ended);
    let ended = desk.state().ended;
    assert_eq!(desk.phase(), Phase::Ended);
    desk.both_ready();
    let _ = desk.connected(Receiver);
    desk.wait(5_001).stop(Receiver);
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Ended);
    let answer = desk.cue(Receiver, Cue::Slower);
    assert_eq!(refused(&answer), Some(ErrorCode::Ended));
    let _ = desk.wait(9_000).enter(None, What::Ended);
    assert_eq!(desk.state().ended, ended, "it ended once");
}

#[test]
fn the_end_silences_no_stop() {
    for by in Role::BOTH {
        let mut desk = Desk::live(waived());
        let stop = desk.stop(by);
        let _ = desk.enter(Some(by.other()), What::Ended);
        assert_eq!(desk.phase(), Phase::Ended);
        assert_eq!(desk.hold().id, stop);
        let early = desk.acknowledge(Helper, stop);
        assert_eq!(
            refused(&early),
            Some(ErrorCode::NotAllowed),
            "nobody has seen it"
        );
        assert_eq!(desk.hold().id, stop);
        let _ = desk.wait(450).acknowledge(Helper, stop);
        let state = desk.state();
        assert_eq!((state.phase, state.hold), (Phase::Ended, None));
        let figures = state.ended.expect("it ended");
        assert_eq!(figures.stop_acknowledged.map(|all| all.worst_ms), Some(450));
    }
}

#[test]
fn a_stop_in_the_moment_after_the_end_holds() {
    for by in Role::BOTH {
        let mut desk = Desk::live_unpainted(waived());
        let _ = desk.enter(Some(by.other()), What::Ended);
        let stop = desk.wait(5_000).fresh_id();
        assert_first_of_all(&desk.cue(by, Cue::Stop), by);
        assert_eq!(desk.hold().id, stop);
        assert_eq!(desk.phase(), Phase::Ended);
        let _ = desk.shown(by.other(), stop);
        assert_eq!(desk.hold().shown, Some(desk.now));
        let _ = desk.shown(Helper, stop);
        let _ = desk.wait(450).acknowledge(Helper, stop);
        let ended = desk.state().ended.expect("it ended");
        assert_eq!((desk.state().hold, ended.stops), (None, 1));
        assert!(ended.stop_shown.is_some());
    }
}

#[test]
fn a_stop_long_after_the_end_is_refused_and_not_counted() {
    let mut desk = Desk::live(waived());
    let _ = desk.enter(Some(Helper), What::Ended);
    let over = desk.wait(5_001).state();
    let answer = desk.cue(Receiver, Cue::Stop);
    assert_eq!(refused(&answer), Some(ErrorCode::Ended));
    assert_eq!(desk.state(), over);
}

#[test]
fn a_stop_that_nobody_can_have_seen_yet_is_not_acknowledged() {
    let mut desk = Desk::live_unpainted(waived());
    let stop = desk.stop(Receiver);
    let never = desk.wait(10_000).acknowledge(Helper, stop);
    assert_eq!(
        refused(&never),
        Some(ErrorCode::NotAllowed),
        "it is on no screen"
    );
    let _ = desk.shown(Receiver, stop);
    let other = desk.wait(10_000).acknowledge(Helper, stop);
    assert_eq!(
        refused(&other),
        Some(ErrorCode::NotAllowed),
        "the other screen"
    );
    let _ = desk.shown(Helper, stop);
    let early = desk.wait(449).acknowledge(Helper, stop);
    assert_eq!(refused(&early), Some(ErrorCode::NotAllowed), "too soon");
    assert!(!desk.hold().acknowledged);
    let _ = desk.wait(1).acknowledge(Helper, stop);
    assert!(desk.hold().acknowledged);
}

#[test]
fn a_device_that_comes_back_paints_again_before_it_answers() {
    let mut desk = Desk::live(waived());
    let stop = desk.stop(Receiver);
    desk.wait(1_000);
    desk.paints = false;
    let _ = desk.connected(Helper);
    let answer = desk.acknowledge(Helper, stop);
    assert_eq!(refused(&answer), Some(ErrorCode::NotAllowed));
    let _ = desk.shown(Helper, stop);
    let _ = desk.wait(450).acknowledge(Helper, stop);
    assert!(desk.hold().acknowledged);
}

#[test]
fn a_stop_to_an_empty_room_is_counted_and_forgotten_when_somebody_comes() {
    let mut desk = Desk::opened(waived());
    let stop = desk.stop(Receiver);
    assert_eq!((desk.phase(), desk.hold().id), (Phase::Waiting, stop));
    desk.wait(9_000).join();
    desk.assert_held(HoldReason::Start);
    assert_eq!(desk.state().cue, None);
    assert!(!desk.state().rehearsed);
    let _ = desk.enter(Some(Helper), What::Ended);
    let ended = desk.state().ended.expect("it ended");
    assert_eq!((ended.stops, ended.stop_acknowledged), (1, None));
}
