//! Medians and percentiles of measured values.

use std::time::Duration;

/// Durations, sorted once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    sorted: Vec<Duration>,
}

impl Sample {
    pub(crate) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self { sorted: durations }
    }

    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The smallest value that `share` (0 to 1) of all values do not exceed, by the nearest rank; zero if
    /// empty.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let rank = (share * self.sorted.len() as f64).ceil() as usize;
        let place = rank.clamp(1, self.sorted.len().max(1)) - 1;
        self.sorted.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    pub(crate) fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    pub(crate) fn worst(&self) -> Duration {
        self.quantile(1.0)
    }
}

/// The median of some numbers; for an even count the mean of the middle two. Zero if empty.
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

/// The median of some durations.
pub(crate) fn median_of(values: &[Duration]) -> Duration {
    let seconds: Vec<f64> = values.iter().map(Duration::as_secs_f64).collect();
    Duration::from_secs_f64(median(&seconds))
}

/// A duration in a suitable unit, with about three digits.
pub(crate) fn show(duration: Duration) -> String {
    let us = duration.as_secs_f64() * 1e6;
    match us {
        us if us < 1_000.0 => format!("{us:.0} µs"),
        us if us < 100_000.0 => format!("{:.1} ms", us / 1e3),
        us if us < 1_000_000.0 => format!("{:.0} ms", us / 1e3),
        us => format!("{:.1} s", us / 1e6),
    }
}

/// The quotient of `one` and `other`; zero if it is undefined.
pub(crate) fn ratio(one: Duration, other: Duration) -> f64 {
    if other.is_zero() {
        0.0
    } else {
        one.as_secs_f64() / other.as_secs_f64()
    }
}
