use super::*;

const F: Touch = Touch::Hold('f');

fn at(ms: u64) -> Millis {
    Millis(10_000 + ms)
}

fn touch(held_key: &mut HeldKey, ms: u64, touch: Touch) -> Vec<Change> {
    held_key
        .touch(at(ms), touch)
        .into_iter()
        .flatten()
        .collect()
}

/// A held key whose terminal reports releases.
fn with_releases() -> HeldKey {
    let mut held_key = HeldKey::default();
    assert_eq!(touch(&mut held_key, 0, Touch::OtherRelease), []);
    held_key
}

/// A key held by repeats, the last of them at 500 ms.
fn repeating() -> HeldKey {
    let mut held_key = HeldKey::default();
    assert_eq!(
        touch(&mut held_key, 0, F),
        [],
        "a press alone counts as nothing"
    );
    assert_eq!(touch(&mut held_key, 500, F), [Change::Down]);
    held_key
}

#[test]
fn a_release_is_a_lift() {
    let mut held_key = with_releases();
    assert_eq!(touch(&mut held_key, 10, F), [Change::Down]);
    assert_eq!(held_key.deadline(), None, "a keyboard may repeat nothing");
    assert_eq!(held_key.tick(at(60_000)), None);
    assert_eq!(touch(&mut held_key, 60_000, Touch::Release('j')), []);
    assert_eq!(
        touch(&mut held_key, 60_000, Touch::Release('f')),
        [Change::Up]
    );
    assert_eq!(touch(&mut held_key, 60_001, Touch::Release('f')), []);
    assert_eq!(touch(&mut held_key, 60_002, F), [Change::Down]);
}

#[test]
fn a_line_that_goes_dead_under_a_held_key_is_a_lift() {
    let mut held_key = with_releases();
    let _ = touch(&mut held_key, 0, F);
    assert_eq!(touch(&mut held_key, 500, F), []);
    assert_eq!(held_key.deadline(), Some(at(500 + LINE_MS)));
    assert_eq!(held_key.tick(at(499 + LINE_MS)), None);
    assert_eq!(held_key.tick(at(500 + LINE_MS)), Some(Change::Up));
}

#[test]
fn a_cue_key_under_a_held_key_changes_nothing_where_releases_are_reported() {
    let mut held_key = with_releases();
    let _ = touch(&mut held_key, 0, F);
    let _ = touch(&mut held_key, 500, F);
    assert_eq!(touch(&mut held_key, 600, Touch::Cue), []);
    assert_eq!(touch(&mut held_key, 650, Touch::OtherRelease), []);
    assert_eq!(
        held_key.tick(at(60_000)),
        None,
        "its repeats are interrupted"
    );
    assert_eq!(
        touch(&mut held_key, 60_000, Touch::Release('f')),
        [Change::Up]
    );
}

#[test]
fn without_releases_the_repeats_are_the_pulse() {
    let mut held_key = repeating();
    for ms in (533..5_000).step_by(33) {
        assert_eq!(touch(&mut held_key, ms, F), []);
        assert!(matches!(held_key.hold(at(ms)), Hold::Key { key: 'f', .. }));
    }
    let silent = held_key.deadline().unwrap();
    assert_eq!(held_key.tick(Millis(silent.0 - 1)), None);
    assert_eq!(
        held_key.hold(silent),
        Hold::Open,
        "even before anybody noticed"
    );
    assert_eq!(held_key.tick(silent), Some(Change::Up));
    assert_eq!(held_key.tick(silent), None);
}

#[test]
fn a_pause_that_was_noticed_too_late_is_a_lift_all_the_same() {
    let mut held_key = repeating();
    assert_eq!(touch(&mut held_key, 500 + REPEAT_MS, F), [Change::Up]);
    assert_eq!(
        touch(&mut held_key, 533 + REPEAT_MS, F),
        [Change::Down],
        "and a new hold begins"
    );
}

#[test]
fn a_tap_on_the_key_to_hold_is_no_hold() {
    let mut held_key = HeldKey::default();
    let _ = touch(&mut held_key, 0, F);
    assert_eq!(touch(&mut held_key, FIRST_REPEAT_MS, F), []);
    assert_eq!(held_key.tick(at(3 * FIRST_REPEAT_MS)), None);
    assert_eq!(held_key.hold(at(3 * FIRST_REPEAT_MS)), Hold::Open);
}

#[test]
fn a_first_release_tells_a_tap_from_a_hold() {
    let mut held_key = HeldKey::default();
    let _ = touch(&mut held_key, 0, F);
    assert_eq!(touch(&mut held_key, 80, Touch::Release('f')), []);
    assert_eq!(touch(&mut held_key, 200, F), [Change::Down]);
}

#[test]
fn another_key_interrupts_the_repeats_once() {
    let mut held_key = repeating();
    assert_eq!(touch(&mut held_key, 510, Touch::Cue), []);
    for ms in (1_010..510 + FIRST_REPEAT_MS).step_by(33) {
        assert_eq!(touch(&mut held_key, ms, Touch::Cue), []);
    }
    assert_eq!(held_key.tick(at(510 + FIRST_REPEAT_MS)), Some(Change::Up));
    let mut again = repeating();
    let _ = touch(&mut again, 510, Touch::Other);
    assert_eq!(touch(&mut again, 900, F), [], "pressed anew in time");
    assert_eq!(touch(&mut again, 1_400, F), []);
    assert_eq!(again.deadline(), Some(at(1_400 + REPEAT_MS)));
}

#[test]
fn the_other_hand_does_not_take_over_unnoticed() {
    let mut held_key = repeating();
    let mut changes = Vec::new();
    for ms in (510..3_000).step_by(33) {
        changes.extend(touch(&mut held_key, ms, Touch::Hold('j')));
    }
    assert_eq!(changes, [Change::Up, Change::Down]);
}

#[test]
fn taps_hold_without_hands_and_lapse() {
    let mut held_key = HeldKey::default();
    assert_eq!(touch(&mut held_key, 0, Touch::Tap), [Change::Down]);
    assert_eq!(
        touch(&mut held_key, 9_000, Touch::Cue),
        [],
        "a cue is a sign"
    );
    assert_eq!(held_key.deadline(), Some(at(9_000 + TAP_MS)));
    assert_eq!(held_key.tick(at(8_999 + TAP_MS)), None);
    assert_eq!(held_key.tick(at(9_000 + TAP_MS)), Some(Change::Up));
}

#[test]
fn any_key_that_is_no_cue_ends_the_taps() {
    for key in [Touch::Other, F, Touch::Hold('j'), Touch::Away] {
        let mut held_key = HeldKey::default();
        let _ = touch(&mut held_key, 0, Touch::Tap);
        assert_eq!(touch(&mut held_key, 100, key), [Change::Up], "{key:?}");
    }
    let mut held_key = HeldKey::default();
    let _ = touch(&mut held_key, 0, Touch::Tap);
    assert_eq!(touch(&mut held_key, 80, Touch::OtherRelease), [], "its own");
}

#[test]
fn a_tap_counts_anew_after_a_hold_and_a_stuck_key_does_not() {
    let mut held_key = HeldKey::default();
    let _ = touch(&mut held_key, 0, Touch::Tap);
    assert_eq!(touch(&mut held_key, 500, Touch::Tap), [], "it repeats");
    assert_eq!(touch(&mut held_key, 533, Touch::Tap), []);
    assert_eq!(
        touch(&mut held_key, 533 + FIRST_REPEAT_MS, Touch::Tap),
        [Change::Down],
        "which changes nothing if it is down"
    );
}

#[test]
fn a_keyboard_that_went_elsewhere_lets_go() {
    let mut held = with_releases();
    let _ = touch(&mut held, 0, F);
    assert_eq!(touch(&mut held, 10, Touch::Away), [Change::Up]);
    let mut pressed = HeldKey::default();
    let _ = touch(&mut pressed, 0, F);
    assert_eq!(touch(&mut pressed, 10, Touch::Away), []);
    assert_eq!(pressed.hold(at(10)), Hold::Open);
}
