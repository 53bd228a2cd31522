//! The alphabet of each model of a session, and the situations that it must meet.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::state::{LinkStatus, Options};

use super::search::search;
use super::session::Alphabet;
use crate::desk::{Helper, Receiver, waived};
use crate::invariants::Invariant;

fn asks_nothing() -> Options {
    Options {
        check_in_every_s: 0,
        ..waived()
    }
}

const BOTH: &[Role] = &Role::BOTH;

/// More states than any of these models has; a search that reaches this is cut short and fails.
const AT_MOST: usize = 100_000;

/// The invariants that every model of a session must exercise.
const ALWAYS: &[Invariant] = &[
    Invariant::BothSayReady,
    Invariant::AnyoneCanStop,
    Invariant::NothingRestartsByItself,
    Invariant::StopLatches,
    Invariant::GreenIsProof,
];

#[test]
fn every_way_to_the_first_live() {
    let alphabet = Alphabet {
        options: Options {
            check_in_every_s: 0,
            ..Options::default()
        },
        stops: BOTH,
        links: &[(Receiver, LinkStatus::Lost)],
        connects: &[Receiver],
        confirms: true,
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "held at the start",
        "held by a lost link",
        "held by a stop",
        "held by a stop that was acknowledged",
        "a further stop",
        "a ready by reflex, or from who is not here",
    ];
    let of = [ALWAYS, &[]].concat();
    search(&alphabet, AT_MOST).expect("the way to the first live", 15000, &met, &of);
}

#[test]
fn every_tap_and_every_end() {
    let alphabet = Alphabet {
        options: asks_nothing(),
        stops: BOTH,
        stale: true,
        hasty: &[Cue::Ready],
        repeats: true,
        end: true,
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "ended",
        "a stale cue refused",
        "a cue that was known, or changed nothing",
        "held by a stop that was acknowledged",
    ];
    let of = [ALWAYS, &[Invariant::RecordedIsNeverLost]].concat();
    // The model had 10,000 states before; times that no rule compares no longer separate states.
    search(&alphabet, AT_MOST).expect("taps and the end", 6800, &met, &of);
}

#[test]
fn every_loss_and_return() {
    use LinkStatus::{Away, Here, Late, Lost};
    let alphabet = Alphabet {
        options: asks_nothing(),
        stops: BOTH,
        stale: true,
        links: &[
            (Receiver, Here),
            (Receiver, Lost),
            (Receiver, Away),
            (Helper, Late),
            (Helper, Lost),
        ],
        connects: BOTH,
        restart: true,
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "held by a hidden page",
        "held by a lost link",
        "held by a stop",
        "a stale cue refused",
    ];
    let of = [ALWAYS, &[Invariant::SilenceStops]].concat();
    search(&alphabet, AT_MOST).expect("losses and returns", 10000, &met, &of);
}

#[test]
fn every_late_message() {
    let alphabet = Alphabet {
        options: asks_nothing(),
        stops: &[Receiver],
        stale: true,
        repeats: true,
        links: &[(Helper, LinkStatus::Lost)],
        connects: &[Helper],
        restart: true,
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "a cue that was known, or changed nothing",
        "a stale cue refused",
        "held by a lost link",
    ];
    let of = [
        ALWAYS,
        &[
            Invariant::NothingStaleIsShown,
            Invariant::RecordedIsNeverLost,
        ],
    ]
    .concat();
    search(&alphabet, AT_MOST).expect("late messages", 2390, &met, &of);
}

#[test]
fn every_cue_and_receipt() {
    let alphabet = Alphabet {
        options: asks_nothing(),
        stops: &[Receiver],
        cues: &[(Receiver, Cue::Slower), (Receiver, Cue::MorePressure)],
        stale: true,
        hasty: &[Cue::Slower, Cue::MorePressure],
        repeats_shown: true,
        shown: true,
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "a cue on the screen",
        "an earlier cue on the screen",
        "a cue refused as one is outstanding",
        "a cue refused while held",
        "a receipt: shown",
        "a receipt: acknowledged",
        "a stale cue refused",
    ];
    let of = [
        ALWAYS,
        &[
            Invariant::NothingStaleIsShown,
            Invariant::ReceiptsAreTrue,
            Invariant::RecordedIsNeverLost,
        ],
    ]
    .concat();
    // The model had 7,000 states before; times that no rule compares no longer separate states.
    search(&alphabet, AT_MOST).expect("cues and receipts", 4600, &met, &of);
}

#[test]
fn every_question_and_answer() {
    let alphabet = Alphabet {
        options: Options {
            check_in_every_s: 20,
            ..waived()
        },
        stops: &[Receiver],
        cues: &[(Helper, Cue::CheckIn), (Receiver, Cue::Slower)],
        shown: true,
        timers: true,
        links: &[(Receiver, LinkStatus::Lost)],
        connects: &[Receiver],
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "a question",
        "a question asked again",
        "a question answered",
        "held for want of an answer",
    ];
    let of = [
        ALWAYS,
        &[Invariant::SilenceStops, Invariant::ReceiptsAreTrue],
    ]
    .concat();
    search(&alphabet, AT_MOST).expect("questions and answers", 7300, &met, &of);
}

#[test]
fn every_thumb() {
    let alphabet = Alphabet {
        options: Options {
            hold_to_consent: true,
            ..asks_nothing()
        },
        stops: &[Receiver],
        thumb: true,
        links: &[(Receiver, LinkStatus::Lost)],
        connects: &[Receiver],
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "held by a lifted thumb",
        "the thumb put down",
        "a thumb refused",
        "a thumb that changed nothing",
        "a lifting that changed nothing",
    ];
    let of = [ALWAYS, &[Invariant::RecordedIsNeverLost]].concat();
    search(&alphabet, AT_MOST).expect("the thumb", 4700, &met, &of);
}

#[test]
fn every_act_that_is_meant_and_the_end() {
    let alphabet = Alphabet {
        options: asks_nothing(),
        stops: &[Receiver],
        shown: true,
        paints_holds: true,
        timers: true,
        ages: true,
        end: true,
        edges: true,
        ..Alphabet::default()
    };
    let met = [
        "live",
        "live again",
        "from live to held",
        "ended",
        "held by a stop that was acknowledged",
        "a receipt: shown",
        "a ready by reflex, or from who is not here",
    ];
    let of = [
        ALWAYS,
        &[
            Invariant::AnActIsMeant,
            Invariant::TheEndSilencesNothing,
            Invariant::ReceiptsAreTrue,
        ],
    ]
    .concat();
    // The model had 3,000 states before; times that no rule compares no longer separate states.
    search(&alphabet, AT_MOST).expect("acts that are meant", 1300, &met, &of);
}
