//! The benchmarks: Tapcue's relay and a bare relay that only forwards, in turns. Each relay runs on one core
//! and the load on another. Prints a table; docs/benchmarks.md explains it.
//!
//! `cargo run --release -p tapcue-tests --bin bench [-- --quick] [ROW…]`

mod bounds;
mod busy;
mod device;
mod floor;
mod idle;
mod overtake;
mod paced;
mod page;
mod paint;
mod pairs;
mod process;
mod report;
mod single;
mod slow;
mod stats;
mod wire;

use std::time::Duration;

use anyhow::{bail, ensure};
use rustix::process::{Resource, getrlimit};
use tokio::task::LocalSet;

/// The names of the rows, as arguments choose them.
const ROWS: [&str; 8] = [
    "single", "idle", "overtake", "slow", "busy", "bounds", "page", "paint",
];
/// Rows that print their own table.
const OWN_TABLE: [&str; 3] = ["bounds", "page", "paint"];

/// File descriptors that are not connections.
const SPARE_FILES: u64 = 200;

/// The sizes of a run.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    /// How often the relays take turns.
    pub(crate) rounds: usize,
    pub(crate) pairs: usize,
    /// Taps, one at a time.
    pub(crate) taps: usize,
    /// Cues before a stop.
    pub(crate) flood: usize,
    /// How often a stop has to overtake them.
    pub(crate) repetitions: usize,
    /// Pairs whose helper reads slowly.
    pub(crate) slow_pairs: usize,
    /// How long their cues flow before the stop.
    pub(crate) slow_for: Duration,
    /// Pairs that tap at the same time.
    pub(crate) busy_pairs: usize,
    /// How long they tap.
    pub(crate) busy_for: Duration,
    /// How often each bound of the rules is measured.
    pub(crate) bounds: usize,
    /// How often the page starts.
    pub(crate) starts: usize,
    /// How many stops are measured from a tap to the other page's paint.
    pub(crate) paints: usize,
}

impl Sizes {
    const FULL: Self = Self {
        rounds: 3,
        pairs: 2_000,
        taps: 3_000,
        flood: 10_000,
        repetitions: 5,
        slow_pairs: 20,
        slow_for: Duration::from_secs(10),
        busy_pairs: 1_000,
        busy_for: Duration::from_secs(8),
        bounds: 30,
        starts: 9,
        paints: 200,
    };

    /// Enough to see that everything works, too little for a figure.
    const QUICK: Self = Self {
        rounds: 1,
        pairs: 50,
        taps: 200,
        flood: 1_000,
        repetitions: 1,
        slow_pairs: 3,
        slow_for: Duration::from_secs(1),
        busy_pairs: 50,
        busy_for: Duration::from_secs(1),
        bounds: 4,
        starts: 1,
        paints: 3,
    };

    /// Reduces the pairs to what the limit on open files allows.
    fn within_limits(mut self) -> Self {
        if let Some(files) = getrlimit(Resource::Nofile).current {
            let pairs = (files.saturating_sub(SPARE_FILES) / 2) as usize;
            if pairs < self.pairs {
                eprintln!(
                    "{files} files may be open: {pairs} pairs instead of {}",
                    self.pairs
                );
            }
            self.pairs = self.pairs.min(pairs);
            self.busy_pairs = self.busy_pairs.min(pairs);
        }
        self
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == [process::FLOOR] {
        return floor::run();
    }
    ensure!(
        !cfg!(debug_assertions),
        "benchmarks are for the release profile: cargo run --release"
    );
    let mut sizes = Sizes::FULL;
    let mut rows = Vec::new();
    for argument in &arguments {
        match argument.as_str() {
            "--quick" => sizes = Sizes::QUICK,
            row if ROWS.contains(&row) => rows.push(row),
            other => bail!(
                "{other:?} is neither --quick nor one of {}",
                ROWS.join(", ")
            ),
        }
    }
    if rows.is_empty() {
        rows = ROWS.to_vec();
    }
    process::take_load_core()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    report::head(&arguments.join(" "))?;
    if rows.iter().any(|row| !OWN_TABLE.contains(row)) {
        report::columns();
    }
    runtime.block_on(LocalSet::new().run_until(measure(sizes.within_limits(), &rows)))
}

async fn measure(sizes: Sizes, rows: &[&str]) -> anyhow::Result<()> {
    for row in rows {
        match *row {
            "single" => single::run(&sizes).await?,
            "idle" => idle::run(&sizes).await?,
            "overtake" => overtake::run(&sizes).await?,
            "slow" => slow::run(&sizes).await?,
            "bounds" => bounds::run(&sizes).await?,
            "page" => page::run(&sizes).await?,
            "paint" => paint::run(&sizes).await?,
            _ => busy::run(&sizes).await?,
        }
    }
    Ok(())
}
