//! Stops that are recorded together have the same effect as each of them in turn.

use proptest::prelude::*;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::Id;
use tapcue_rules::limits::UNRECORDED_AT_MOST;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::{Effect, Weight};
use tapcue_rules::state::{HoldReason, LinkStatus, Options, Phase};
use tapcue_rules::time::Millis;

use crate::desk::{Desk, Helper, Receiver, id, waived};

fn stops(count: u32, since: Millis, tapped_at: Option<Millis>) -> What {
    What::Stops {
        count,
        since,
        earlier: Vec::new(),
        tapped_at,
        uncertainty_ms: tapped_at.map(|_| 3),
    }
}

fn stop() -> What {
    What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    }
}

fn lifted() -> What {
    What::Thumb {
        down: false,
        epoch: None,
        lifts: None,
        tapped_at: None,
        uncertainty_ms: None,
    }
}

fn weight(desk: &Desk, by: Role, what: What) -> Weight {
    weight_as(desk, 9_999, by, what)
}

fn weight_as(desk: &Desk, n: u64, by: Role, what: What) -> Weight {
    desk.session.weight(&Entry {
        id: id(n),
        at: desk.now,
        by: Some(by),
        what,
    })
}

#[test]
fn each_is_shown_and_counted() {
    let mut desk = Desk::live_unpainted(waived());
    let first = desk.stop(Receiver);
    let epoch = desk.session.epoch();
    let what = stops(7, desk.now, Some(desk.now));
    let effects = desk.enter_as(id(500), Some(Helper), what);
    let [Effect::Stop(notice), Effect::Publish { .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((notice.id, notice.by), (id(500), Helper));
    assert_eq!(notice.seq, desk.session.seq());
    let hold = desk.hold();
    assert_eq!((hold.count, hold.id, hold.by), (8, id(500), Some(Helper)));
    assert_ne!(hold.id, first);
    assert_eq!(desk.session.epoch(), epoch + 7);
    let _ = desk.enter(Some(Helper), What::Ended);
    assert_eq!(desk.state().ended.map(|ended| ended.stops), Some(8));
}

#[test]
fn each_of_a_count_is_known_when_it_is_said_again() {
    let mut desk = Desk::live_unpainted(waived());
    desk.stop(Receiver);
    let mut what = stops(3, desk.now, None);
    if let What::Stops { earlier, .. } = &mut what {
        earlier.extend([id(500), id(501)]);
    }
    let _ = desk.enter_as(id(502), Some(Receiver), what);
    let seq = desk.session.seq();
    for n in 500..503 {
        let nothing = Weight::Nothing(None);
        assert_eq!(weight_as(&desk, n, Receiver, stop()), nothing);
        let again = desk.enter_as(id(n), Some(Receiver), stop());
        assert_eq!(again, [Effect::Again(Receiver)]);
        // The other device's stop with the same id is another stop.
        assert_eq!(weight_as(&desk, n, Helper, stop()), Weight::Adds);
        assert!(desk.session.has_stopped_by(id(n)));
    }
    assert_eq!((desk.hold().count, desk.session.seq()), (4, seq));
    assert_eq!(weight_as(&desk, 503, Receiver, stop()), Weight::Adds);
}

#[test]
fn none_is_none_and_any_number_can_be_counted() {
    let mut desk = Desk::live(waived());
    let effects = desk.enter(Some(Receiver), stops(0, desk.now, None));
    assert_eq!((effects, desk.phase()), (vec![], Phase::Live));
    for _ in 0..3 {
        let _ = desk.enter(Some(Receiver), stops(u32::MAX, desk.now, None));
    }
    assert_eq!(desk.hold().count, u32::MAX);
}

#[test]
fn only_what_adds_to_a_stop_is_counted() {
    let mut desk = Desk::live(waived());
    assert_eq!(weight(&desk, Receiver, stop()), Weight::Acts);
    let _ = desk.link(Helper, LinkStatus::Lost);
    assert_eq!(weight(&desk, Receiver, stop()), Weight::Acts);
    let first = desk.stop(Receiver);
    assert_eq!(weight(&desk, Receiver, stop()), Weight::Adds);
    assert_eq!(weight(&desk, Helper, stop()), Weight::Adds);
    let again = Entry {
        id: first,
        at: desk.now,
        by: Some(Receiver),
        what: stop(),
    };
    assert_eq!(desk.session.weight(&again), Weight::Nothing(None));
    let _ = desk.connected(Helper);
    let _ = desk.wait(500).acknowledge(Helper, first);
    assert_eq!(weight(&desk, Receiver, stop()), Weight::Acts);
    desk.stop(Receiver);
    let _ = desk.enter(Some(Helper), What::Ended);
    assert_eq!(weight(desk.wait(5_000), Helper, stop()), Weight::Adds);
    let over = Weight::Nothing(Some(ErrorCode::Ended));
    assert_eq!(weight(desk.wait(1), Helper, stop()), over);
}

#[test]
fn a_thumb_that_was_down_has_an_entry_of_its_own() {
    let options = || Options {
        hold_to_consent: true,
        ..waived()
    };
    let mut desk = Desk::joined(options());
    assert_eq!(weight(&desk, Receiver, lifted()), Weight::Lifts);
    assert_eq!(weight(&desk, Helper, lifted()), Weight::Nothing(None));
    let down = What::Thumb {
        down: true,
        epoch: Some(desk.session.epoch()),
        lifts: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let _ = desk.enter(Some(Receiver), down);
    assert_eq!(weight(&desk, Receiver, lifted()), Weight::Acts);
    desk.both_ready();
    assert_eq!(desk.phase(), Phase::Live);
    assert_eq!(weight(&desk, Receiver, lifted()), Weight::Acts);
    let mut over = desk.clone();
    let _ = over.enter(Some(Helper), What::Ended);
    assert_eq!(weight(&over, Receiver, lifted()), Weight::Acts);
    let _ = over.enter(Some(Receiver), lifted());
    assert_eq!(weight(&over, Receiver, lifted()), Weight::Nothing(None));
    let _ = desk.enter_as(id(700), Some(Receiver), lifted());
    desk.assert_held(HoldReason::Released);
    let again = weight_as(&desk, 700, Receiver, lifted());
    assert_eq!(again, Weight::Nothing(None));
    // A lifted thumb holds, and the first stop during its hold is recorded separately.
    assert_eq!(weight(&desk, Receiver, stop()), Weight::Acts);
    let desk = Desk::joined(waived());
    assert_eq!(weight(&desk, Receiver, lifted()), Weight::Nothing(None));
}

/// One stop: whether it is the receiver's, the pause before it, and its delay to the relay.
type Tap = (bool, u64, Option<u64>);

/// Enters them as one entry for each person; the one with the newest stop comes last.
fn together(desk: &mut Desk, began: Millis, taps: &[Tap]) {
    let mut entries: Vec<Entry> = Vec::new();
    for by in [Receiver, Helper] {
        let (mut at, mut entry): (_, Option<Entry>) = (began, None);
        for (n, (receiver, pause, age)) in taps.iter().enumerate() {
            at = at.plus(*pause);
            if *receiver != (by == Receiver) {
                continue;
            }
            let ids: Vec<Id> = entry.iter().flat_map(Entry::taps).collect();
            let (n_before, first) = match entry.map(|entry| entry.what) {
                Some(What::Stops { count, since, .. }) => (count, since),
                _ => (0, at),
            };
            entry = Some(Entry {
                id: id(1_000 + n as u64),
                at,
                by: Some(by),
                what: What::Stops {
                    count: n_before + 1,
                    since: first,
                    // As many as a device keeps.
                    earlier: ids[ids.len().saturating_sub(UNRECORDED_AT_MOST - 1)..].to_vec(),
                    tapped_at: age.map(|age| Millis(at.0 - age)),
                    uncertainty_ms: age.map(|_| 3),
                },
            });
        }
        entries.extend(entry);
    }
    entries.sort_by_key(|entry| entry.id);
    for entry in entries {
        let _ = desk.session.step(&entry);
    }
}

proptest! {
    /// A session from its journal equals the live one.
    #[test]
    fn together_they_come_to_the_same(
        taps in proptest::collection::vec(
            (any::<bool>(), 0_u64..900, proptest::option::of(0_u64..3_000)),
            1..90,
        ),
        by_helper in any::<bool>(),
        painted in any::<bool>(),
        ended in any::<bool>(),
    ) {
        let mut desk = Desk::live(waived());
        desk.paints = false;
        let first = desk.stop(if by_helper { Helper } else { Receiver });
        if painted {
            let _ = desk.wait(40).shown(Helper, first);
            let _ = desk.wait(40).shown(Receiver, first);
        }
        if ended {
            let _ = desk.enter(Some(Helper), What::Ended);
        }
        let began = desk.now;
        // After the end they count for a while.
        let mut at = began;
        let taps: Vec<Tap> = taps
            .into_iter()
            .take_while(|(_, pause, _)| {
                at = at.plus(*pause);
                !ended || at.since(began) <= 5_000
            })
            .collect();
        let mut one_by_one = desk.clone();
        for (n, (receiver, pause, age)) in taps.iter().enumerate() {
            one_by_one.wait(*pause);
            let by = if *receiver { Receiver } else { Helper };
            let tapped = age.map(|age| Millis(one_by_one.now.0 - age));
            let what = stops(1, one_by_one.now, tapped);
            prop_assert_eq!(weight(&one_by_one, by, what.clone()), Weight::Adds);
            let _ = one_by_one.enter_as(id(1_000 + n as u64), Some(by), what);
        }
        together(&mut desk, began, &taps);
        prop_assert_eq!(&desk.session, &one_by_one.session);
    }
}
