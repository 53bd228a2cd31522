use super::*;

const F: Touch = Touch::Hold('f');

fn at(ms: u64) -> Millis {
    Millis(10_000 + ms)
}

fn touch(grip: &mut Grip, ms: u64, touch: Touch) -> Vec<Change> {
    grip.touch(at(ms), touch).into_iter().flatten().collect()
}

/// A grip whose terminal reports releases.
fn with_releases() -> Grip {
    let mut grip = Grip::default();
    assert_eq!(touch(&mut grip, 0, Touch::OtherRelease), []);
    grip
}

/// A grip held by repeats, the last of them at 500 ms.
fn repeating() -> Grip {
    let mut grip = Grip::default();
    assert_eq!(
        touch(&mut grip, 0, F),
        [],
        "a press alone counts as nothing"
    );
    assert_eq!(touch(&mut grip, 500, F), [Change::Down]);
    grip
}

#[test]
fn a_release_is_a_lift() {
    let mut grip = with_releases();
    assert_eq!(touch(&mut grip, 10, F), [Change::Down]);
    assert_eq!(grip.deadline(), None, "a keyboard may repeat nothing");
    assert_eq!(grip.tick(at(60_000)), None);
    assert_eq!(touch(&mut grip, 60_000, Touch::Release('j')), []);
    assert_eq!(touch(&mut grip, 60_000, Touch::Release('f')), [Change::Up]);
    assert_eq!(touch(&mut grip, 60_001, Touch::Release('f')), []);
    assert_eq!(touch(&mut grip, 60_002, F), [Change::Down]);
}

#[test]
fn a_line_that_goes_dead_under_a_held_key_is_a_lift() {
    let mut grip = with_releases();
    let _ = touch(&mut grip, 0, F);
    assert_eq!(touch(&mut grip, 500, F), []);
    assert_eq!(grip.deadline(), Some(at(500 + LINE_MS)));
    assert_eq!(grip.tick(at(499 + LINE_MS)), None);
    assert_eq!(grip.tick(at(500 + LINE_MS)), Some(Change::Up));
}

#[test]
fn a_cue_key_under_a_held_key_changes_nothing_where_releases_are_reported() {
    let mut grip = with_releases();
    let _ = touch(&mut grip, 0, F);
    let _ = touch(&mut grip, 500, F);
    assert_eq!(touch(&mut grip, 600, Touch::Cue), []);
    assert_eq!(touch(&mut grip, 650, Touch::OtherRelease), []);
    assert_eq!(grip.tick(at(60_000)), None, "its repeats are interrupted");
    assert_eq!(touch(&mut grip, 60_000, Touch::Release('f')), [Change::Up]);
}

#[test]
fn without_releases_the_repeats_are_the_pulse() {
    let mut grip = repeating();
    for ms in (533..5_000).step_by(33) {
        assert_eq!(touch(&mut grip, ms, F), []);
        assert!(matches!(grip.hold(at(ms)), Hold::Key { key: 'f', .. }));
    }
    let silent = grip.deadline().unwrap();
    assert_eq!(grip.tick(Millis(silent.0 - 1)), None);
    assert_eq!(grip.hold(silent), Hold::Open, "even before anybody noticed");
    assert_eq!(grip.tick(silent), Some(Change::Up));
    assert_eq!(grip.tick(silent), None);
}

#[test]
fn a_pause_that_was_noticed_too_late_is_a_lift_all_the_same() {
    let mut grip = repeating();
    assert_eq!(touch(&mut grip, 500 + REPEAT_MS, F), [Change::Up]);
    assert_eq!(
        touch(&mut grip, 533 + REPEAT_MS, F),
        [Change::Down],
        "and a new hold begins"
    );
}

#[test]
fn a_tap_on_the_key_to_hold_is_no_hold() {
    let mut grip = Grip::default();
    let _ = touch(&mut grip, 0, F);
    assert_eq!(touch(&mut grip, FIRST_REPEAT_MS, F), []);
    assert_eq!(grip.tick(at(3 * FIRST_REPEAT_MS)), None);
    assert_eq!(grip.hold(at(3 * FIRST_REPEAT_MS)), Hold::Open);
}

#[test]
fn a_first_release_tells_a_tap_from_a_hold() {
    let mut grip = Grip::default();
    let _ = touch(&mut grip, 0, F);
    assert_eq!(touch(&mut grip, 80, Touch::Release('f')), []);
    assert_eq!(touch(&mut grip, 200, F), [Change::Down]);
}

#[test]
fn another_key_interrupts_the_repeats_once() {
    let mut grip = repeating();
    assert_eq!(touch(&mut grip, 510, Touch::Cue), []);
    for ms in (1_010..510 + FIRST_REPEAT_MS).step_by(33) {
        assert_eq!(touch(&mut grip, ms, Touch::Cue), []);
    }
    assert_eq!(grip.tick(at(510 + FIRST_REPEAT_MS)), Some(Change::Up));
    let mut again = repeating();
    let _ = touch(&mut again, 510, Touch::Other);
    assert_eq!(touch(&mut again, 900, F), [], "pressed anew in time");
    assert_eq!(touch(&mut again, 1_400, F), []);
    assert_eq!(again.deadline(), Some(at(1_400 + REPEAT_MS)));
}

#[test]
fn the_other_hand_does_not_take_over_unnoticed() {
    let mut grip = repeating();
    let mut changes = Vec::new();
    for ms in (510..3_000).step_by(33) {
        changes.extend(touch(&mut grip, ms, Touch::Hold('j')));
    }
    assert_eq!(changes, [Change::Up, Change::Down]);
}

#[test]
fn taps_hold_without_hands_and_lapse() {
    let mut grip = Grip::default();
    assert_eq!(touch(&mut grip, 0, Touch::Tap), [Change::Down]);
    assert_eq!(touch(&mut grip, 9_000, Touch::Cue), [], "a cue is a sign");
    assert_eq!(grip.deadline(), Some(at(9_000 + TAP_MS)));
    assert_eq!(grip.tick(at(8_999 + TAP_MS)), None);
    assert_eq!(grip.tick(at(9_000 + TAP_MS)), Some(Change::Up));
}

#[test]
fn any_key_that_is_no_cue_ends_the_taps() {
    for key in [Touch::Other, F, Touch::Hold('j'), Touch::Away] {
        let mut grip = Grip::default();
        let _ = touch(&mut grip, 0, Touch::Tap);
        assert_eq!(touch(&mut grip, 100, key), [Change::Up], "{key:?}");
    }
    let mut grip = Grip::default();
    let _ = touch(&mut grip, 0, Touch::Tap);
    assert_eq!(touch(&mut grip, 80, Touch::OtherRelease), [], "its own");
}

#[test]
fn a_tap_counts_anew_after_a_hold_and_a_stuck_key_does_not() {
    let mut grip = Grip::default();
    let _ = touch(&mut grip, 0, Touch::Tap);
    assert_eq!(touch(&mut grip, 500, Touch::Tap), [], "it repeats");
    assert_eq!(touch(&mut grip, 533, Touch::Tap), []);
    assert_eq!(
        touch(&mut grip, 533 + FIRST_REPEAT_MS, Touch::Tap),
        [Change::Down],
        "which changes nothing if it is down"
    );
}

#[test]
fn a_keyboard_that_went_elsewhere_lets_go() {
    let mut held = with_releases();
    let _ = touch(&mut held, 0, F);
    assert_eq!(touch(&mut held, 10, Touch::Away), [Change::Up]);
    let mut pressed = Grip::default();
    let _ = touch(&mut pressed, 0, F);
    assert_eq!(touch(&mut pressed, 10, Touch::Away), []);
    assert_eq!(pressed.hold(at(10)), Hold::Open);
}
