//! Tests of the held screen, the link-lost screen and hold to consent.

use tapcue_rules::time::Millis;

use super::*;

#[test]
fn held_by_stop() {
    let receiver = stopped(Role::Receiver);
    says(
        &receiver,
        &[
            "You said stop · 12 s ago",
            "○  Helper’s hands are off",
            "✓  Both connections",
            "○  You say ready (r)",
            "○  Helper says ready",
        ],
    );
    let helper = stopped(Role::Helper);
    says(
        &helper,
        &[
            "The receiver said stop",
            "Hands off",
            "○  My hands are off (Enter)",
        ],
    );
    for app in [receiver, helper] {
        assert!(background(&app, Color::Red) > WHOLE * 8 / 10);
        assert_eq!(drawn(&app, 80, 24).1, [id(50)]);
    }
}

#[test]
fn the_list_ticks_itself() {
    let mut acknowledged = hold(HoldReason::Stop, Some(Role::Receiver));
    acknowledged.acknowledged = true;
    let app = app(Role::Helper, |_, state| {
        state.phase = tapcue_rules::state::Phase::Held;
        state.hold = Some(acknowledged);
        state.ready.helper = false;
        state.names.receiver = name("Ana");
    });
    says(
        &app,
        &[
            "✓  My hands are off (Enter)",
            "✓  Ana says ready",
            "○  You say ready (r)",
            "Ana is here",
        ],
    );
}

#[test]
fn held_for_other_reasons() {
    let link = held(
        Role::Receiver,
        hold(HoldReason::LinkLost, Some(Role::Helper)),
    );
    says(
        &link,
        &["The helper lost connection", "○  Helper’s hands are off"],
    );
    let silent = held(Role::Helper, hold(HoldReason::NoAnswer, None));
    says(
        &silent,
        &["The check-in was not answered", "Enter my hands are off"],
    );
}

#[test]
fn a_stop_on_its_way_is_red_at_once() {
    let app = app(Role::Receiver, |snapshot, _| {
        snapshot.view.stopped = true;
        snapshot.view.go = false;
        snapshot.view.alarm = Some(Alarm::NotDelivered);
    });
    says(
        &app,
        &["Stop: on its way", "Not delivered: say stop out loud!"],
    );
    assert!(background(&app, Color::Red) > WHOLE * 8 / 10);
}

#[test]
fn link_lost() {
    for role in Role::BOTH {
        says(
            &lost(role),
            &["CONNECTION LOST", "4 s", "both say ready again"],
        );
        assert!(background(&lost(role), Color::Red) > WHOLE * 8 / 10);
        assert_eq!(
            drawn(&lost(role), 80, 24).1,
            Vec::<Id>::new(),
            "nothing new is seen there"
        );
    }
}

#[test]
fn a_late_or_lost_peer_has_a_badge() {
    let late = app(Role::Helper, |_, state| {
        state.peers.receiver = LinkStatus::Late
    });
    says(&late, &["~ Receiver: slow connection"]);
    let own = app(Role::Helper, |snapshot, _| {
        snapshot.view.link = DeviceLink::Late
    });
    says(&own, &["~ Slow connection"]);
}

#[test]
fn a_thumb_that_was_lifted_holds_as_a_stop() {
    let released = |role| held(role, hold(HoldReason::Released, Some(Role::Receiver)));
    says(
        &released(Role::Helper),
        &[
            "The receiver let go · 12 s ago",
            "Hands off",
            "Enter my hands are off",
        ],
    );
    says(&released(Role::Receiver), &["You let go · 12 s ago"]);
    let octagon = drawn(&released(Role::Helper), 39, 12).0;
    assert!(
        text_of(&octagon).contains("⊖ STOP"),
        "a stop in all but the word"
    );
}

#[test]
fn what_is_missing_is_the_thumb() {
    says(
        &without_thumb(Role::Helper),
        &[
            "Waiting for the receiver's thumb.",
            "○  Receiver is holding",
        ],
    );
    says(
        &without_thumb(Role::Receiver),
        &[
            "Now hold f or j.",
            "○  Hold f or j (or tap t every 10 s)",
            "hold f or j   q end",
        ],
    );
}

#[test]
fn live_while_the_thumb_is_down() {
    says(
        &consent(Role::Helper, |_, _| {}),
        &["✓ Both ready", "The receiver is holding"],
    );
    let mut app = consent(Role::Receiver, |_, _| {});
    press_t(&mut app);
    says(
        &app,
        &[
            "LIVE",
            "holding by taps · tap t within 10 s · any other non-cue key is stop",
        ],
    );
    let _ = app.key(NOW, Press::Char('?'));
    says(
        &app,
        &[
            "hold to consent: letting go is stop",
            "any other key is stop",
            "close this",
            "Another key interrupts: press f or j again right away.",
        ],
    );
}

fn press_t(app: &mut App) {
    let key = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char('t'),
        crossterm::event::KeyModifiers::NONE,
    );
    let _ = app.input(NOW, crate::tui::input::key(&key));
}

/// A held helper's screen with `count` stops, the newest tapped at `at`. With `with_cue`, the stop is also on
/// the screen as a cue.
fn late(count: u32, at: Millis, with_cue: bool) -> App {
    app(Role::Helper, |_, state| {
        let mut stop = hold(HoldReason::Stop, Some(Role::Receiver));
        stop.tapped_at = Some(at);
        stop.count = count;
        if with_cue {
            let mut cue = shown(50, Cue::Stop, 500);
            cue.tapped_at = Some(at);
            state.cue = Some(cue);
        }
        state.phase = tapcue_rules::state::Phase::Held;
        state.hold = Some(stop);
    })
}

#[test]
fn a_late_stop_is_shown_with_its_age() {
    // The hold is 12 s old.
    says(
        &late(1, ago(20_000), false),
        &["The receiver said stop · said 20 s ago, arrived late"],
    );
    says(
        &late(1, ago(14_000), false),
        &["said 14 s ago, arrived late"],
    );
    says(
        &late(1, ago(13_999), false),
        &["The receiver said stop · 12 s ago"],
    );
    // A further stop came half a second ago.
    says(
        &late(2, ago(5_000), true),
        &["said 5 s ago, arrived late · 2 stops"],
    );
    says(
        &late(2, ago(600), true),
        &["The receiver said stop · 12 s ago · 2 stops"],
    );
}

#[test]
fn an_alarm_flashes_with_its_bell() {
    let mut app = app(Role::Helper, |snapshot, state| {
        state.phase = tapcue_rules::state::Phase::Held;
        state.hold = Some(hold(HoldReason::Stop, Some(Role::Receiver)));
        snapshot.view.alarm = Some(Alarm::Stop);
    });
    let whole = background(&app, Color::Red);
    let _ = app.tick(NOW);
    assert!(background(&app, Color::White) > WHOLE / 4);
    says(&app, &["The receiver said stop", "space or Esc"]);
    let _ = app.tick(Millis(NOW.0 + 500));
    assert_eq!(background(&app, Color::Red), whole);
}
