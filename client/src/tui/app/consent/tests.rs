use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::super::fixture::*;
use super::super::super::held_key::{FIRST_REPEAT_MS, REPEAT_MS, TAP_MS};
use super::super::super::input;
use super::*;

fn at(ms: u64) -> Millis {
    Millis(NOW.0 + ms)
}

fn event(code: KeyCode, kind: KeyEventKind) -> Key {
    input::key(&KeyEvent::new_with_kind(code, KeyModifiers::NONE, kind))
}

fn down(app: &mut App, ms: u64, key: char) -> Vec<Act> {
    let key = event(KeyCode::Char(key), KeyEventKind::Press);
    app.input(at(ms), key)
}

fn up(app: &mut App, ms: u64, key: char) -> Vec<Act> {
    let key = event(KeyCode::Char(key), KeyEventKind::Release);
    app.input(at(ms), key)
}

/// The same app, with a relay message that is always fresh. The test examines only the hold.
fn at_once(app: &mut App, ms: u64) {
    let mut fresh = app.device().clone();
    fresh.last_word = at(ms);
    let _ = app.snapshot(at(ms), fresh);
}

#[test]
fn a_held_key_is_a_thumb_and_its_release_a_lift() {
    for key in HOLD_KEYS {
        let mut app = without_thumb(Role::Receiver);
        assert_eq!(up(&mut app, 0, 'r'), [], "the terminal reports releases");
        assert_eq!(down(&mut app, 10, key), [Act::Thumb(true)]);
        assert_eq!(down(&mut app, 500, key), []);
        assert_eq!(up(&mut app, 600, key), [Act::Thumb(false)]);
    }
}

#[test]
fn a_release_counts_whatever_is_held_with_it() {
    let mut app = without_thumb(Role::Receiver);
    let _ = up(&mut app, 0, 'r');
    let _ = down(&mut app, 10, 'f');
    let release = KeyEvent::new_with_kind(
        KeyCode::Char('f'),
        KeyModifiers::CONTROL,
        KeyEventKind::Release,
    );
    assert_eq!(app.input(at(20), input::key(&release)), [Act::Thumb(false)]);
    let press = KeyEvent::new(KeyCode::Char('f'), KeyModifiers::CONTROL);
    assert_eq!(app.input(at(30), input::key(&press)), []);
}

#[test]
fn repeats_are_the_pulse_and_time_alone_lifts() {
    let mut app = without_thumb(Role::Receiver);
    assert_eq!(down(&mut app, 0, 'f'), []);
    assert_eq!(down(&mut app, 500, 'f'), [Act::Thumb(true)]);
    assert_eq!(app.deadline(), Some(at(500 + REPEAT_MS)));
    at_once(&mut app, 500 + REPEAT_MS - 1);
    let acts = app.tick(at(500 + REPEAT_MS));
    assert!(acts.contains(&Act::Thumb(false)), "{acts:?}");
}

#[test]
fn a_cue_goes_out_while_the_key_is_held() {
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = up(&mut app, 0, 'r');
    let _ = down(&mut app, 0, 'f');
    assert_eq!(down(&mut app, 10, 's'), [Act::Tap(Cue::Slower)]);
    assert_eq!(up(&mut app, 20, 's'), []);
    assert!(matches!(app.hold(), Hold::Key { .. }));
}

#[test]
fn stop_goes_ahead_of_the_lift() {
    let mut app = consent(Role::Receiver, |_, _| {});
    assert_eq!(down(&mut app, 0, 't'), [Act::Thumb(true)]);
    let stop = event(KeyCode::Char(' '), KeyEventKind::Press);
    assert_eq!(
        app.input(at(10), stop),
        [Act::Tap(Cue::Stop), Act::Thumb(false)]
    );
}

#[test]
fn taps_hold_on_and_any_key_that_is_no_cue_lets_go() {
    for key in [
        KeyCode::Char('q'),
        KeyCode::Char('?'),
        KeyCode::Char('x'),
        KeyCode::Char('f'),
        KeyCode::Enter,
        KeyCode::F(5),
        KeyCode::Backspace,
    ] {
        let mut app = consent(Role::Receiver, |_, _| {});
        let _ = down(&mut app, 0, 't');
        let acts = app.input(at(10), event(key, KeyEventKind::Press));
        assert_eq!(acts, [Act::Thumb(false)], "{key:?}");
    }
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = down(&mut app, 0, 't');
    assert_eq!(down(&mut app, 2_000, 's'), [Act::Tap(Cue::Slower)]);
    assert_eq!(app.deadline(), Some(at(2_000 + TAP_MS)));
}

#[test]
fn the_next_tap_is_asked_for_with_sound() {
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = down(&mut app, 0, 't');
    let mut rings = Vec::new();
    for ms in (0..TAP_MS).step_by(100) {
        at_once(&mut app, ms);
        if app.tick(at(ms)).contains(&Act::Bell) || app.flashes() && rings.is_empty() {
            rings.push(ms);
        }
    }
    assert_eq!(rings.first(), Some(&(TAP_MS - TAP_SOON_MS)));
    at_once(&mut app, TAP_MS);
    assert!(matches!(app.hold(), Hold::Open), "and then it is a stop");
}

#[test]
fn a_tap_counts_anew_after_a_hold_and_a_held_key_does_not() {
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = up(&mut app, 0, 'r');
    let _ = down(&mut app, 0, 'f');
    let back = without_thumb(Role::Receiver).device().clone();
    let _ = app.snapshot(at(0), back);
    assert_eq!(down(&mut app, 500, 'f'), [], "it has to be let go first");
    assert_eq!(up(&mut app, 600, 'f'), [Act::Thumb(false)]);
    assert_eq!(down(&mut app, 700, 'f'), [Act::Thumb(true)]);
    let _ = up(&mut app, 710, 'f');
    assert_eq!(down(&mut app, 720, 't'), [Act::Thumb(true)]);
    assert_eq!(
        down(&mut app, 720 + FIRST_REPEAT_MS, 't'),
        [Act::Thumb(true)]
    );
}

#[test]
fn a_keyboard_in_another_window_lets_go() {
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = down(&mut app, 0, 't');
    assert_eq!(app.away(at(10)), [Act::Thumb(false)]);
    assert_eq!(app.away(at(10)), []);
}

#[test]
fn nobody_else_holds_on() {
    for mut app in [
        live(Role::Receiver),
        consent(Role::Helper, |_, _| {}),
        pairing(Role::Receiver),
    ] {
        let _ = up(&mut app, 0, 'r');
        for key in ['f', 'j', 't'] {
            assert_eq!(down(&mut app, 10, key), [], "{key}");
            assert_eq!(up(&mut app, 20, key), [], "{key}");
        }
    }
}

#[test]
fn the_end_of_the_session_opens_the_hand() {
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = down(&mut app, 0, 't');
    let _ = app.snapshot(at(10), ended(Role::Receiver).device().clone());
    assert_eq!(app.hold(), Hold::Open);
}

#[test]
fn a_held_key_does_not_close_the_help() {
    let mut app = consent(Role::Receiver, |_, _| {});
    let _ = up(&mut app, 0, 'r');
    let _ = down(&mut app, 0, 'f');
    assert_eq!(down(&mut app, 10, '?'), []);
    let _ = down(&mut app, 20, 'f');
    assert_eq!(app.overlay(), Some(Overlay::Help));
}
