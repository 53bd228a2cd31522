//! The whole system, simulated: real relays and real device machines in virtual time, over a network
//! that delays, cuts, stalls and reorders, with kills, failing disks, frozen devices and clock jumps.
//!
//! A seed is a schedule. `TAPCUE_SCHEDULES` says how many to run over all, `TAPCUE_SEED` runs one
//! and prints its trace.

// The observer looks for what it needs in the messages and for nothing else.
#![allow(clippy::wildcard_enum_match_arm)]

mod device;
mod journal;
mod observer;
mod rng;
mod schedule;
mod trace;
mod wire;
mod word;
mod world;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Once;
use std::time::Instant;

use schedule::Outcome;

/// How many schedules run unless told otherwise.
const SCHEDULES: u64 = 6_000;

/// Over how many tests they are split, so that all processors have something to do.
const PARTS: u64 = 8;

thread_local! {
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// A panic in a task of the relay's is caught by the runtime: it is counted here.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            before(info);
        }));
    });
}

fn simulate(seed: u64, tracing: bool) -> Outcome {
    count_panics();
    let panics = PANICS.get();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let mut outcome = runtime.block_on(schedule::run(seed, tracing));
    if PANICS.get() > panics {
        outcome.violation.get_or_insert("a task panicked".into());
    }
    outcome
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

fn check(seed: u64) -> Outcome {
    let outcome = simulate(seed, false);
    if let Some(what) = &outcome.violation {
        panic!(
            "seed {seed}: {what}\nreplay: TAPCUE_SEED={seed} cargo nextest run -p tapcue-sim \
             --no-capture one_seed"
        );
    }
    outcome
}

fn part(part: u64) {
    let began = Instant::now();
    let count = number("TAPCUE_SCHEDULES")
        .unwrap_or(SCHEDULES)
        .div_ceil(PARTS);
    let first = number("TAPCUE_FIRST_SEED").unwrap_or(0);
    let mut acts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut sums = [0_u64; 6];
    for n in 0..count {
        let outcome = check(first + n * PARTS + part);
        for (act, times) in outcome.acts {
            *acts.entry(act).or_default() += times;
        }
        let counted = [
            outcome.checks,
            outcome.simulated_ms,
            outcome.stops,
            outcome.went_live,
            outcome.held_facts,
            outcome.restarts,
        ];
        for (sum, n) in sums.iter_mut().zip(counted) {
            *sum += n;
        }
    }
    let [checks, simulated_ms, stops, live, held, restarts] = sums;
    let took = began.elapsed().as_secs_f64();
    println!(
        "{count} schedules in {took:.1} s ({:.0}/s): {} acts, {checks} checks, {} simulated hours, \
         {stops} stops, {live} times live, {held} times certainly held, {restarts} restarts\n{acts:?}",
        count as f64 / took,
        acts.values().sum::<u64>(),
        simulated_ms / 3_600_000,
    );
}

#[test]
fn schedules_1() {
    part(0);
}

#[test]
fn schedules_2() {
    part(1);
}

#[test]
fn schedules_3() {
    part(2);
}

#[test]
fn schedules_4() {
    part(3);
}

#[test]
fn schedules_5() {
    part(4);
}

#[test]
fn schedules_6() {
    part(5);
}

#[test]
fn schedules_7() {
    part(6);
}

#[test]
fn schedules_8() {
    part(7);
}

#[test]
fn one_seed() {
    let Some(seed) = number("TAPCUE_SEED") else {
        return;
    };
    let outcome = simulate(seed, true);
    println!("{}", outcome.trace);
    println!("{} checks; {:?}", outcome.checks, outcome.violation);
    assert_eq!(outcome.violation, None, "seed {seed}");
}

#[test]
fn a_seed_is_a_schedule() {
    for seed in 0..60 {
        let [one, two] = [(); 2].map(|()| simulate(seed, true));
        assert!(!one.trace.is_empty());
        let mut lines = one.trace.lines().zip(two.trace.lines());
        let differ = lines.find(|(one, two)| one != two);
        assert_eq!(differ, None, "seed {seed}");
        assert_eq!(one.trace.len(), two.trace.len(), "seed {seed}");
        assert_eq!(one.checks, two.checks, "seed {seed}");
    }
}
