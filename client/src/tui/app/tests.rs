use std::collections::BTreeSet;

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::link::{Alarm, DeviceLink};
use tapcue_rules::message::{ConfirmItem, ToRelay};
use tapcue_rules::state::{HoldReason, Phase};
use tapcue_rules::time::Millis;

use super::super::fixture::*;
use super::super::input::{Edge, Key};
use super::*;

fn press(app: &mut App, press: Press) -> Vec<Act> {
    app.key(NOW, press)
}

fn char(app: &mut App, c: char) -> Vec<Act> {
    press(app, Press::Char(c))
}

fn shown(n: u128) -> Shown {
    Shown {
        id: id(n),
        acknowledged: false,
    }
}

fn confirm_is(item: ConfirmItem, value: bool) -> Vec<Act> {
    vec![Act::Say(ToRelay::Confirm { item, value })]
}

#[test]
fn the_fixtures_are_every_screen() {
    let screens: BTreeSet<_> = all()
        .iter()
        .map(|app| format!("{:?}", app.screen()))
        .collect();
    let without_state = App::new(
        "relay".into(),
        Snapshot::new(live(Role::Receiver).device().view.clone()),
    );
    assert_eq!(without_state.screen(), Screen::Connecting);
    assert_eq!(screens.len(), 10, "all but connecting: {screens:?}");
}

#[test]
fn stop_is_stop_on_every_screen_and_under_everything() {
    for mut app in all() {
        for overlay in [None, Some(Overlay::Quit), Some(Overlay::Help)] {
            app.overlay = overlay;
            let acts = press(&mut app, Press::Stop);
            assert_eq!(acts, [Act::Tap(Cue::Stop)], "{:?}", app.screen());
            assert_eq!(app.overlay(), None, "what lay over the screen is gone");
        }
    }
}

#[test]
fn no_other_key_stops() {
    for mut app in all() {
        for c in ('a'..='z').filter(|c| *c != 'b') {
            app.overlay = None;
            assert!(!char(&mut app, c).contains(&Act::Tap(Cue::Stop)), "{c}");
        }
    }
}

#[test]
fn the_receivers_keys() {
    let keys = [
        (Press::Char('s'), Cue::Slower),
        (Press::Next, Cue::Slower),
        (Press::Char('e'), Cue::EaseUp),
        (Press::Back, Cue::EaseUp),
        (Press::Char('m'), Cue::MorePressure),
        (Press::Char('r'), Cue::Ready),
        (Press::Char('y'), Cue::Stay),
        (Press::Char('h'), Cue::Left),
        (Press::Left, Cue::Left),
        (Press::Char('l'), Cue::Right),
        (Press::Right, Cue::Right),
        (Press::Char('g'), Cue::Good),
    ];
    for (key, cue) in keys {
        for mut app in [
            live(Role::Receiver),
            stopped(Role::Receiver),
            start(Role::Receiver, |_| {}),
        ] {
            assert_eq!(press(&mut app, key), [Act::Tap(cue)], "{key:?}");
        }
    }
    assert_eq!(press(&mut live(Role::Receiver), Press::Enter), []);
    assert_eq!(
        press(&mut asked(Role::Receiver), Press::Enter),
        [Act::Tap(Cue::Good)]
    );
    assert_eq!(char(&mut live(Role::Receiver), 'c'), []);
    assert_eq!(
        char(&mut live(Role::Receiver), 'w'),
        confirm_is(ConfirmItem::WarningSigns, true)
    );
}

#[test]
fn the_helpers_keys() {
    for mut app in [
        live(Role::Helper),
        stopped(Role::Helper),
        cue(Cue::Slower, 0),
    ] {
        assert_eq!(press(&mut app, Press::Enter), [Act::Acknowledge]);
        assert_eq!(press(&mut app, Press::Next), [Act::Acknowledge]);
        assert_eq!(char(&mut app, 'c'), [Act::Tap(Cue::CheckIn)]);
        assert_eq!(char(&mut app, 'r'), [Act::Tap(Cue::Ready)]);
        for c in ['s', 'e', 'm', 'y', 'h', 'l', 'g', 'w'] {
            assert_eq!(char(&mut app, c), [], "{c} is the receiver's");
        }
    }
}

#[test]
fn every_cue_a_key_sends_is_one_its_role_may_send() {
    for mut app in all() {
        let role = app.role();
        for c in 'a'..='z' {
            app.overlay = None;
            for act in char(&mut app, c) {
                if let Act::Tap(cue) = act {
                    assert!(cue.allowed_from(role), "{cue:?} from {role:?}");
                }
            }
        }
    }
}

#[test]
fn pairing_asks_for_a_new_code_and_sends_no_cue() {
    let mut app = pairing(Role::Receiver);
    assert_eq!(char(&mut app, 'n'), [Act::Say(ToRelay::RenewCode)]);
    assert_eq!(char(&mut app, 's'), []);
    assert_eq!(press(&mut pairing(Role::Helper), Press::Enter), []);
}

#[test]
fn warning_signs_come_before_the_receivers_list() {
    let mut app = unprepared(Role::Receiver);
    assert_eq!(press(&mut app, Press::Enter), [], "an answer, not a reflex");
    assert_eq!(
        char(&mut app, 'n'),
        confirm_is(ConfirmItem::WarningSigns, false)
    );
    assert_eq!(
        char(&mut app, 'y'),
        confirm_is(ConfirmItem::WarningSigns, true)
    );
    let mut app = start(Role::Receiver, |state| state.confirmed.receiver = false);
    assert_eq!(app.screen(), Screen::SetUp);
    assert_eq!(char(&mut app, 'y'), []);
    assert_eq!(
        press(&mut app, Press::Enter),
        confirm_is(ConfirmItem::SetUp, true)
    );
    let mut app = unprepared(Role::Helper);
    assert_eq!(
        press(&mut app, Press::Enter),
        confirm_is(ConfirmItem::SetUp, true)
    );
}

#[test]
fn only_the_receiver_takes_a_warning_sign_back() {
    let applies = |role| start(role, |state| state.confirmed.warning_signs = Some(true));
    let mut receiver = applies(Role::Receiver);
    assert_eq!(receiver.screen(), Screen::Advice);
    assert_eq!(
        char(&mut receiver, 'n'),
        confirm_is(ConfirmItem::WarningSigns, false)
    );
    assert_eq!(char(&mut receiver, 'r'), [], "no ready past the advice");
    assert_eq!(
        char(&mut receiver, 'c'),
        confirm_is(ConfirmItem::Cleared, true)
    );
    assert_eq!(press(&mut receiver, Press::Enter), []);
    assert_eq!(receiver.overlay(), Some(Overlay::Quit), "end for today");
    receiver.overlay = None;
    assert_eq!(char(&mut applies(Role::Helper), 'n'), []);
}

#[test]
fn an_open_hold_is_never_covered() {
    for role in Role::BOTH {
        let mut app = unprepared(role);
        let mut with_stop = app.device().clone();
        let mut state = app.state().cloned().unwrap();
        state.hold = Some(hold(HoldReason::Stop, Some(Role::Receiver)));
        with_stop.state = Some(state.into());
        let _ = app.snapshot(NOW, with_stop);
        assert_eq!(app.screen(), Screen::Held);
        let mut own = live(role);
        let mut under_way = own.device().clone();
        under_way.view.stopped = true;
        under_way.view.go = false;
        let _ = own.snapshot(NOW, under_way);
        assert_eq!(
            own.screen(),
            Screen::Held,
            "an own stop at once, before the state has it"
        );
    }
}

#[test]
fn go_ends_by_itself_when_the_relay_is_silent() {
    let mut app = live(Role::Helper);
    assert!(app.go());
    let _ = app.tick(Millis(NOW.0 + 1_999));
    assert!(app.go());
    let _ = app.tick(Millis(NOW.0 + 2_000));
    assert!(!app.go(), "no newer snapshot came, so none may be trusted");
    assert_eq!(app.screen(), Screen::Lost);
}

#[test]
fn the_end_is_asked_for_and_stop_still_stops() {
    let mut app = live(Role::Receiver);
    assert_eq!(char(&mut app, 'q'), []);
    assert_eq!(app.overlay(), Some(Overlay::Quit));
    assert_eq!(press(&mut app, Press::Enter), [], "enter ends nothing");
    assert_eq!(char(&mut app, 'n'), []);
    assert_eq!(app.overlay(), None);
    let _ = char(&mut app, 'q');
    assert_eq!(press(&mut app, Press::Stop), [Act::Tap(Cue::Stop)]);
    assert_eq!(app.overlay(), None);
    let _ = char(&mut app, 'q');
    assert_eq!(char(&mut app, 'y'), [Act::Say(ToRelay::End)]);
    let _ = char(&mut app, 'q');
    assert_eq!(char(&mut app, 'l'), [Act::Leave(Leave::Early)]);
    let mut app = lost(Role::Receiver);
    let _ = char(&mut app, 'q');
    assert_eq!(char(&mut app, 'y'), [Act::Leave(Leave::Unreachable)]);
    let mut app = pairing(Role::Receiver);
    let _ = char(&mut app, 'q');
    let both = [Act::Say(ToRelay::End), Act::Leave(Leave::Ended)];
    assert_eq!(char(&mut app, 'y'), both);
}

#[test]
fn control_c_stops_first_and_leaves_second() {
    let mut app = live(Role::Helper);
    assert_eq!(press(&mut app, Press::Interrupt), [Act::Tap(Cue::Stop)]);
    assert_eq!(app.overlay(), Some(Overlay::Quit));
    assert_eq!(
        press(&mut app, Press::Interrupt),
        [Act::Leave(Leave::Early)]
    );
}

#[test]
fn a_cue_key_closes_the_help_and_is_sent() {
    let mut app = live(Role::Receiver);
    assert_eq!(char(&mut app, '?'), []);
    assert_eq!(app.overlay(), Some(Overlay::Help));
    assert_eq!(char(&mut app, 's'), [Act::Tap(Cue::Slower)]);
    assert_eq!(app.overlay(), None);
}

#[test]
fn the_help_makes_way_for_what_happens() {
    let mut app = live(Role::Helper);
    let _ = char(&mut app, '?');
    let _ = app.snapshot(NOW, cue(Cue::Slower, 0).device().clone());
    assert_eq!(app.overlay(), None);
}

#[test]
fn leaving_says_why() {
    let leave = |mut app: App| press(&mut app, Press::Enter);
    assert_eq!(leave(ended(Role::Helper)), [Act::Leave(Leave::Ended)]);
    let closed = |link| leave(closed(Role::Helper, link));
    assert_eq!(
        closed(DeviceLink::Superseded),
        [Act::Leave(Leave::Superseded)]
    );
    assert_eq!(closed(DeviceLink::Refused), [Act::Leave(Leave::Refused)]);
}

#[test]
fn painted_is_told_once_and_again_after_a_lost_link() {
    let mut app = stopped(Role::Helper);
    assert_eq!(app.painted(&[shown(50)]), [Act::Painted(shown(50))]);
    assert_eq!(app.painted(&[shown(50)]), []);
    assert_eq!(
        app.painted(&[shown(50), shown(51)]),
        [Act::Painted(shown(51))]
    );
    let back = app.device().clone();
    let _ = app.snapshot(NOW, lost(Role::Helper).device().clone());
    assert_eq!(app.painted(&[shown(50)]), []);
    let _ = app.snapshot(NOW, back);
    assert_eq!(app.painted(&[shown(50)]), [Act::Painted(shown(50))]);
}

fn rings(before: &App, after: &App) -> bool {
    let mut app = before.clone();
    app.snapshot(NOW, after.device().clone())
        .contains(&Act::Bell)
}

#[test]
fn the_bell_rings_for_what_must_be_heard() {
    for role in Role::BOTH {
        assert!(rings(&live(role), &stopped(role)), "a stop");
        assert!(!rings(&stopped(role), &stopped(role)), "once");
        assert!(rings(&lost(role), &live(role)), "the link is back");
        assert!(rings(&start(role, |_| {}), &live(role)), "go");
    }
    assert!(
        rings(&pairing(Role::Receiver), &unprepared(Role::Receiver)),
        "both there"
    );
    assert!(rings(&live(Role::Helper), &cue(Cue::Slower, 0)), "a cue");
    let shouted = app(Role::Receiver, |snapshot, _| snapshot.shouts = 1);
    assert!(rings(&live(Role::Receiver), &shouted), "the local shout");
}

#[test]
fn every_alarm_rings_at_once_and_again_within_ten_seconds_for_as_long_as_it_lasts() {
    for alarm in [
        Alarm::NotDelivered,
        Alarm::LinkLost,
        Alarm::NotAcknowledged,
        Alarm::Stop,
        Alarm::Hold,
        Alarm::CheckIn,
        Alarm::CheckInAgain,
    ] {
        let mut app = app(Role::Receiver, |snapshot, state| {
            state.phase = Phase::Held;
            state.hold = Some(hold(HoldReason::Stop, Some(Role::Receiver)));
            snapshot.view.alarm = Some(alarm);
        });
        // Ticks and snapshots come as in the loop: a tick per redraw, a snapshot per heartbeat.
        let mut heard = Vec::new();
        for ms in (0..60_000).step_by(200) {
            let now = Millis(NOW.0 + ms);
            let acts = if ms % 1_000 == 0 {
                let mut fresh = app.device().clone();
                fresh.last_word = now;
                app.snapshot(now, fresh)
            } else {
                app.tick(now)
            };
            if acts.contains(&Act::Bell) {
                assert!(app.flashes(), "and is seen");
                heard.push(ms);
            }
        }
        assert_eq!(heard.first(), Some(&0), "{alarm:?}");
        assert!(heard.last() >= Some(&50_000), "{alarm:?}");
        let gaps: Vec<u64> = heard.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(gaps.iter().all(|gap| *gap <= 10_000), "{alarm:?} {gaps:?}");
    }
}

#[test]
fn a_link_that_this_screen_alone_knows_to_be_lost_alarms_as_well() {
    let mut app = live(Role::Helper);
    assert_eq!(app.alarm(), None);
    assert!(app.tick(Millis(NOW.0 + 2_000)).contains(&Act::Bell));
    assert_eq!(app.alarm(), Some(Alarm::LinkLost));
    let again = app.tick(Millis(NOW.0 + 12_000));
    assert!(again.contains(&Act::Bell));
}

/// A stop that was not acknowledged when the session ended.
fn red_at_the_end(role: Role, link: DeviceLink) -> App {
    app(role, |snapshot, state| {
        state.phase = Phase::Ended;
        state.hold = Some(hold(HoldReason::Stop, Some(Role::Receiver)));
        snapshot.view.link = link;
        snapshot.view.stopped = true;
        snapshot.view.alarm = Some(Alarm::NotAcknowledged);
    })
}

#[test]
fn what_is_red_stays_on_the_screen_through_the_end() {
    for role in Role::BOTH {
        for link in [DeviceLink::Here, DeviceLink::Over, DeviceLink::Lost] {
            let mut app = red_at_the_end(role, link);
            assert_eq!(app.screen(), Screen::Held, "{role:?} {link:?}");
            assert_eq!(app.alarm(), Some(Alarm::NotAcknowledged));
            assert_eq!(press(&mut app, Press::Enter), [Act::Acknowledge]);
            assert_eq!(press(&mut app, Press::Stop), [Act::Tap(Cue::Stop)]);
            for c in ['r', 's', 'c', 'g', 'w'] {
                assert_eq!(char(&mut app, c), [], "{c}");
            }
            let leave = press(&mut app, Press::Interrupt);
            assert!(matches!(leave.as_slice(), [Act::Leave(_)]), "{leave:?}");
        }
    }
}

fn down(press: Press) -> Key {
    let letter = match press {
        Press::Char(letter) => Some(letter),
        Press::Stop
        | Press::Enter
        | Press::Left
        | Press::Right
        | Press::Next
        | Press::Back
        | Press::Interrupt => None,
    };
    Key {
        means: Some(press),
        letter,
        edge: Edge::Down,
    }
}

/// A key that is held down for ten seconds, on a terminal that reports repeats as presses.
#[test]
fn a_key_that_is_held_down_acts_once_and_a_stop_each_time() {
    let keys = [
        (Press::Char('r'), Act::Tap(Cue::Ready)),
        (Press::Enter, Act::Acknowledge),
        (Press::Next, Act::Acknowledge),
        (Press::Back, Act::Acknowledge),
        (Press::Char('c'), Act::Tap(Cue::CheckIn)),
        (Press::Stop, Act::Tap(Cue::Stop)),
    ];
    for (press, act) in keys {
        let mut app = stopped(Role::Helper);
        let mut acts = Vec::new();
        for ms in (0..10_000).step_by(30) {
            acts.extend(app.input(NOW.plus(ms), down(press)));
        }
        let times = if press == Press::Stop { 334 } else { 1 };
        assert_eq!(acts, vec![act; times], "{press:?}");
    }
}

#[test]
fn a_key_that_is_held_over_a_hold_does_not_act_on_it() {
    let mut app = live(Role::Receiver);
    let mut acts = Vec::new();
    for ms in (0..3_000).step_by(30) {
        if ms == 600 {
            let _ = app.snapshot(NOW.plus(ms), stopped(Role::Receiver).device().clone());
        }
        acts.extend(app.input(NOW.plus(ms), down(Press::Char('r'))));
    }
    assert_eq!(acts, [Act::Tap(Cue::Ready)], "the press before the hold");
}
