//! A simulation of the whole system: real relays and real device machines in virtual time. The network
//! delays, cuts, stalls, repeats and reorders; there are kills, failing disks, frozen devices and clock
//! jumps.
//!
//! Devices here have no screen layout, keyboard or code, and no record is old. Other tests cover these:
//! `pages_touch` the places of cues, `places.rs` those of devices, `spelling.rs` the spelling of a stop, and
//! `records/retention/tests.rs` and `faults_clock.rs` deletion.
//!
//! A seed is a schedule. `tests/run sim N` runs N of them over all processors, `tests/run sim --seed S` runs
//! one and prints its trace.

// The observer matches only the messages that it needs.
#![allow(clippy::wildcard_enum_match_arm)]

mod device;
mod history;
mod journal;
mod observer;
mod rng;
mod runs;
mod schedule;
mod tally;
mod trace;
mod wire;
mod word;
mod world;

use runs::{Keep, many, part, replay_command, simulate};

/// One test for each thousand, so that all processors are busy. Together they run by default.
macro_rules! thousands {
    ($($name:ident: $at:literal),+ $(,)?) => {$(
        #[test]
        fn $name() {
            part($at);
        }
    )+};
}

thousands! {
    thousand_1: 0,
    thousand_2: 1,
    thousand_3: 2,
    thousand_4: 3,
    thousand_5: 4,
    thousand_6: 5,
    thousand_7: 6,
    thousand_8: 7,
    thousand_9: 8,
    thousand_10: 9,
}

#[test]
#[ignore = "tests/run sim N: as many as TAPCUE_SCHEDULES says, over all processors"]
fn as_many_as_asked() {
    many();
}

#[test]
#[ignore = "tests/run sim --seed S: the schedule of TAPCUE_SEED, with its trace"]
fn one_seed() {
    let seed = runs::number("TAPCUE_SEED").expect("TAPCUE_SEED says which");
    let outcome = simulate(seed, Keep::Trace);
    println!("{}\n{}", outcome.trace, outcome.tally);
    assert_eq!(outcome.violation, None, "seed {seed}");
}

/// Writes the history of every device of the first schedules, one line each, to the file that
/// `TAPCUE_HISTORIES` names.
#[test]
#[ignore = "tests/run, step \"twins\": writes what the page's machine relives"]
fn histories_are_written_down() {
    let file = std::env::var_os("TAPCUE_HISTORIES").expect("TAPCUE_HISTORIES says where");
    let lines: Vec<_> = (0..150)
        .flat_map(|seed| simulate(seed, Keep::Histories).histories)
        .collect();
    std::fs::write(file, lines.join("\n")).expect("the file can be written");
}

#[test]
fn a_seed_is_a_schedule() {
    for seed in 0..60 {
        let [one, two] = [(); 2].map(|()| simulate(seed, Keep::Trace));
        assert!(!one.trace.is_empty());
        let mut lines = one.trace.lines().zip(two.trace.lines());
        let differ = lines.find(|(one, two)| one != two);
        assert_eq!(differ, None, "{}", replay_command(seed));
        assert_eq!(one.trace.len(), two.trace.len(), "seed {seed}");
        assert_eq!(one.tally.checks, two.tally.checks, "seed {seed}");
    }
}
