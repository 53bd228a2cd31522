//! Every bound of docs/safety.md, measured over real sockets: the promised time and the worst measured
//! one.
//!
//! Scripted devices measure what the relay promises. The product's client library, behind a proxy,
//! measures what a device decides by its own clock.

mod device;
mod link;
mod noise;
mod people;
mod stop;

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use self::noise::Control;
use crate::pair::{Pair, waived};
use crate::relay::Relay;

/// How much the scheduling of two devices, a relay and the measurement may add to a bound on one small
/// machine. It is the 250 ms that "told within 2.25 s" leaves beyond the 2 s of a lost link. Source:
/// docs/safety.md, "The clock". The delay that a control measures meanwhile is added: see
/// [`Measured::noise`].
pub const ALLOWANCE: Duration = Duration::from_millis(250);

/// How much sooner than its bound a timer may seem to end: both sides have clocks of whole milliseconds.
const EARLY: Duration = Duration::from_millis(5);

/// A promised time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// At this time, and not before.
    At(Duration),
    /// Not before the first time and not after the second, where the rules name both.
    Between(Duration, Duration),
    /// As soon as possible, and at most this long after.
    Within(Duration),
}

/// One bound and its measurements.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The events between which the time is measured.
    pub what: &'static str,
    /// The promised time.
    pub promised: Promise,
    /// Every measurement.
    pub measured: Vec<Duration>,
    /// Forbidden events that occurred, in words.
    pub broken: Vec<String>,
    /// How many tries could not be judged, because the measurement itself was too late.
    pub missed: usize,
}

impl Bound {
    fn new(what: &'static str, promised: Promise, measured: Vec<Duration>) -> Self {
        Self {
            what,
            promised,
            measured,
            broken: Vec::new(),
            missed: 0,
        }
    }

    /// Makes a bound of tries, not all of which can be judged.
    fn of(what: &'static str, promised: Promise, tries: Vec<people::Try>) -> Self {
        let mut bound = Self::new(what, promised, Vec::new());
        for one in tries {
            match one {
                Ok(Some(time)) => bound.measured.push(time),
                Ok(None) => bound.missed += 1,
                Err(broken) => bound.broken.push(broken),
            }
        }
        bound
    }

    /// Everything outside the bound and the allowance for the machine, in words.
    fn breaches(&self, noise: Duration) -> Vec<String> {
        // Both the beginning and the end may have been noted too late.
        let early = EARLY + noise;
        let (from, to) = match self.promised {
            Promise::At(at) => (at.saturating_sub(early), at + ALLOWANCE + noise),
            Promise::Between(from, to) => (from.saturating_sub(early), to + noise),
            Promise::Within(time) => (Duration::ZERO, time + ALLOWANCE + noise),
        };
        let outside = self.measured.iter().filter(|it| **it < from || **it > to);
        let outside =
            outside.map(|it| format!("{}: {it:?}, promised {}", self.what, self.promised));
        let missing = self.measured.is_empty() && self.broken.is_empty() && self.missed == 0;
        let missing = missing.then(|| format!("{}: nothing was measured", self.what));
        outside
            .chain(self.broken.iter().cloned())
            .chain(missing)
            .collect()
    }

    fn worst(&self) -> Duration {
        self.measured.iter().max().copied().unwrap_or_default()
    }

    fn median(&self) -> Duration {
        let mut sorted = self.measured.clone();
        sorted.sort_unstable();
        let middle = sorted.len().saturating_sub(1) / 2;
        sorted.get(middle).copied().unwrap_or_default()
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Promise::At(at) => write!(f, "at {}", show(*at)),
            Promise::Between(from, to) => write!(f, "{} to {}", show(*from), show(*to)),
            Promise::Within(time) => write!(f, "≤ {}", show(*time)),
        }
    }
}

/// Every bound, measured in one run.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The bounds.
    pub bounds: Vec<Bound>,
    /// The longest delay with which a sleeping thread was woken during the run.
    pub noise: Duration,
}

impl Measured {
    /// Everything outside its bound, in words.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        let breaches = |bound: &Bound| bound.breaches(self.noise);
        self.bounds.iter().flat_map(breaches).collect()
    }
}

/// The table, as Markdown.
impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| bound | promised | measured worst | median | times |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for bound in &self.bounds {
            let (worst, median) = (show(bound.worst()), show(bound.median()));
            let Bound {
                what,
                promised,
                measured,
                missed,
                ..
            } = bound;
            write!(
                f,
                "| {what} | {promised} | {worst} | {median} | {}",
                measured.len()
            )?;
            if *missed > 0 {
                write!(f, ", {missed} missed")?;
            }
            let breaches = bound.breaches(self.noise).len();
            if breaches > 0 {
                write!(f, ", **{breaches} outside**")?;
            }
            writeln!(f, " |")?;
        }
        let noise = show(self.noise);
        writeln!(
            f,
            "| *a sleeping thread of the measurement is woken late by* | | {noise} | | |"
        )
    }
}

/// A duration in a suitable unit.
fn show(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1_000.0;
    match ms {
        ms if ms >= 60_000.0 => format!("{:.0} min", ms / 60_000.0),
        ms if ms >= 1_000.0 => format!("{:.3} s", ms / 1_000.0),
        ms if ms >= 10.0 => format!("{ms:.0} ms"),
        ms => format!("{ms:.1} ms"),
    }
}

/// Measures each bound `times` times, in as many sessions on one relay. Takes about 20 s.
pub async fn measure(times: usize) -> Measured {
    let control = Control::start();
    let relay = Relay::start_with(&["--sessions-per-minute", "100000"], &[]).await;
    let url = relay.ws();
    // What must be fast is measured first, with nothing else running; then all timers run at once.
    let mut bounds = stop::measure(&url, times).await;
    let (links, people, devices) = tokio::join!(
        link::measure(&url, times),
        people::measure(&url, times),
        device::measure(&relay, times),
    );
    bounds.extend(links);
    bounds.extend(people);
    bounds.extend(devices);
    let noise = control.worst();
    Measured { bounds, noise }
}

/// Opens pairs without timed check-ins. They are held until both are ready.
async fn pairs(url: &str, times: usize) -> Vec<Pair> {
    let mut options = waived();
    options["check_in_every_s"] = Value::from(0);
    let mut pairs = Vec::with_capacity(times);
    for _ in 0..times {
        pairs.push(Pair::open_at(url, url, options.clone()).await);
    }
    pairs
}

/// Runs `run` with every item at the same time, and returns the results.
async fn all<Each: Send + 'static, Out: Send + 'static, Doing>(
    each: Vec<Each>,
    run: impl Fn(Each) -> Doing,
) -> Vec<Out>
where
    Doing: Future<Output = Out> + Send + 'static,
{
    let running: Vec<_> = each.into_iter().map(|one| tokio::spawn(run(one))).collect();
    let mut done = Vec::with_capacity(running.len());
    for one in running {
        done.push(one.await.expect("a measurement"));
    }
    done
}

/// How long `at` is after `from`.
fn after(at: Instant, from: Instant) -> Duration {
    at.saturating_duration_since(from)
}
