//! Many schedules: a thousand in a test, or a given number over all processors.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::schedule::{Outcome, act_names, run};
use crate::tally::Tally;

/// How many schedules a test runs.
const THOUSAND: u64 = 1_000;

/// How many schedules run over all processors by default.
const MANY: u64 = 1_000_000;

/// After this many failing seeds the run ends: more of them teach nothing new.
const FAILURES_AT_MOST: u64 = 10;

thread_local! {
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// The runtime catches a panic in a task of the relay, so panics are counted here.
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

/// What of a schedule is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    /// The events, line by line.
    Trace,
    /// The history of each device.
    Histories,
}

/// Runs the schedule of a seed.
pub(crate) fn simulate(seed: u64, keep: Keep) -> Outcome {
    count_panics();
    let panics = PANICS.get();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let mut outcome = runtime.block_on(run(seed, keep));
    if PANICS.get() > panics {
        outcome.violation.get_or_insert("a task panicked".into());
        outcome.tally.violations = 1;
    }
    outcome
}

/// A number from the environment.
pub(crate) fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

/// The command that replays a seed and prints its trace.
pub(crate) fn replay_command(seed: u64) -> String {
    format!("tests/run sim --seed {seed}")
}

fn failure(seed: u64, what: &str) -> String {
    format!("seed {seed}: {what}\nreplay: {}", replay_command(seed))
}

/// One of the thousands that run by default. Each must contain every situation.
pub(crate) fn part(part: u64) {
    let began = Instant::now();
    let mut tally = Tally::default();
    for seed in part * THOUSAND..(part + 1) * THOUSAND {
        let outcome = simulate(seed, Keep::Nothing);
        if let Some(what) = &outcome.violation {
            panic!("{}", failure(seed, what));
        }
        tally.add(&outcome.tally);
    }
    println!("{tally}\nin {:.1} s", began.elapsed().as_secs_f64());
    let missing = tally.missing(act_names());
    assert!(missing.is_empty(), "never came up: {missing:?}");
}

/// Runs `TAPCUE_SCHEDULES` schedules from `TAPCUE_FIRST_SEED` on, over all processors, with progress.
pub(crate) fn many() {
    let count = number("TAPCUE_SCHEDULES").unwrap_or(MANY);
    let first = number("TAPCUE_FIRST_SEED").unwrap_or(0);
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let all = Mutex::new((Tally::default(), began));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{count} schedules from seed {first} on, over {threads} processors");
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    let tally = one_of_many(first + n);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    let (sum, said) = &mut *all;
                    sum.add(&tally);
                    if said.elapsed() >= Duration::from_secs(10) {
                        *said = Instant::now();
                        progress(sum, count, began);
                    }
                    if sum.violations >= FAILURES_AT_MOST {
                        next.store(count, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (tally, _) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{tally}\nin {:.0} s", began.elapsed().as_secs_f64());
    assert_eq!(tally.violations, 0, "the failing seeds are above");
    assert!(tally.schedules == count, "all were run");
    if count >= THOUSAND {
        let missing = tally.missing(act_names());
        assert!(missing.is_empty(), "never came up: {missing:?}");
    }
}

/// Runs a seed, and prints it if it fails. A panic of the simulation itself counts as a failure.
fn one_of_many(seed: u64) -> Tally {
    let outcome = catch_unwind(AssertUnwindSafe(|| simulate(seed, Keep::Nothing)));
    match outcome {
        Ok(outcome) => {
            if let Some(what) = &outcome.violation {
                println!("{}", failure(seed, what));
            }
            outcome.tally
        }
        Err(_) => {
            println!("{}", failure(seed, "the simulation panicked"));
            Tally {
                schedules: 1,
                violations: 1,
                ..Tally::default()
            }
        }
    }
}

fn progress(sum: &Tally, count: u64, began: Instant) {
    let took = began.elapsed().as_secs_f64();
    let rate = sum.schedules as f64 / took;
    let left = (count - sum.schedules) as f64 / rate / 60.0;
    println!(
        "{} of {count}, {} violations, {rate:.0} a second, {left:.0} min left",
        sum.schedules, sum.violations
    );
}
