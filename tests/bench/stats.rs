//! Medians and percentiles of what was measured.

use std::time::Duration;

/// Durations, sorted once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    sorted: Vec<Duration>,
}

impl Sample {
    /// The sample that these make.
    pub(crate) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self { sorted: durations }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The value that `share` (0 to 1) of all do not exceed, by the nearest rank; zero when empty.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let rank = (share * self.sorted.len() as f64).ceil() as usize;
        let place = rank.clamp(1, self.sorted.len().max(1)) - 1;
        self.sorted.get(place).copied().unwrap_or_default()
    }

    /// The middle one.
    pub(crate) fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    /// 99 of 100 do not exceed it.
    pub(crate) fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    /// The longest.
    pub(crate) fn worst(&self) -> Duration {
        self.quantile(1.0)
    }
}

/// The middle one of some numbers; of an even count the mean of the middle two. Zero when empty.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

/// The middle one of some durations.
pub(crate) fn median_of(values: &[Duration]) -> Duration {
    let seconds: Vec<f64> = values.iter().map(Duration::as_secs_f64).collect();
    Duration::from_secs_f64(median(&seconds))
}

/// A duration with a unit that suits it, in three digits or so.
pub(crate) fn show(duration: Duration) -> String {
    let us = duration.as_secs_f64() * 1e6;
    match us {
        us if us < 1_000.0 => format!("{us:.0} µs"),
        us if us < 100_000.0 => format!("{:.1} ms", us / 1e3),
        us if us < 1_000_000.0 => format!("{:.0} ms", us / 1e3),
        us => format!("{:.1} s", us / 1e6),
    }
}

/// How many times `other` goes into `one`; zero when that cannot be said.
pub(crate) fn ratio(one: Duration, other: Duration) -> f64 {
    if other.is_zero() {
        0.0
    } else {
        one.as_secs_f64() / other.as_secs_f64()
    }
}
