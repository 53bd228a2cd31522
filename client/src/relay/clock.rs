//! The device's clock, its estimate of the relay's clock, and the wall clock for times that people read.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tapcue_rules::limits::ROUND_TRIPS;
use tapcue_rules::time::Millis;
use tokio::time::{Duration, Instant};

/// Milliseconds since this device started, including sleep; never runs backwards. So after a sleep, stale
/// data counts as stale.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Duration,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: running() }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Millis {
        let passed = running().saturating_sub(self.start);
        Millis(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }

    /// The timer instant for a time. Timers stop during sleep and then fire late by that time, so the woken
    /// task checks [`Clock::now`].
    #[must_use]
    pub fn instant(&self, at: Millis) -> Instant {
        Instant::now() + Duration::from_millis(at.since(self.now()))
    }
}

/// How long the system has been running, with sleep. On macOS the monotonic clock includes sleep; on other
/// Unix systems it may not.
#[cfg(unix)]
fn running() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(CLOCK);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds)
}

/// How long the system has been running, with sleep. On Windows the performance counter includes sleep.
#[cfg(not(unix))]
fn running() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// The estimate of how far the relay's clock is ahead. It uses the recent heartbeat with the shortest round
/// trip, because that has the smallest error.
#[derive(Clone, Debug, Default)]
pub(crate) struct RelayClock {
    /// Round trip and offset in milliseconds, newest last; at most [`ROUND_TRIPS`].
    samples: Vec<(u64, i64)>,
}

impl RelayClock {
    /// Takes a time of the relay whose travel time is unknown. Any heartbeat replaces it.
    pub(crate) fn word(&mut self, now: Millis, relay_at: Millis) {
        self.samples = vec![(u64::MAX, difference(relay_at, now))];
    }

    /// Takes the answer to a heartbeat.
    pub(crate) fn beat(&mut self, now: Millis, sent_at: u64, relay_at: Millis) {
        let Some(round_trip) = now.0.checked_sub(sent_at) else {
            return;
        };
        if self.samples.len() == ROUND_TRIPS {
            self.samples.remove(0);
        }
        let middle = Millis(sent_at + round_trip / 2);
        self.samples
            .push((round_trip, difference(relay_at, middle)));
    }

    /// The relay's clock minus the device's clock, in milliseconds.
    pub(crate) fn ahead_ms(&self) -> Option<i64> {
        let best = self.samples.iter().min_by_key(|(trip, _)| *trip);
        best.map(|(_, ahead)| *ahead)
    }
}

fn difference(a: Millis, b: Millis) -> i64 {
    i64::try_from(i128::from(a.0) - i128::from(b.0)).unwrap_or(0)
}

/// A time of the operating system, in milliseconds since the epoch; 0 if it is earlier.
pub(crate) fn millis(at: SystemTime) -> Millis {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let ms = since.map_or(0, |since| since.as_millis());
    Millis(u64::try_from(ms).unwrap_or(u64::MAX))
}

/// The wall clock, in milliseconds since the epoch. It can be changed and can jump.
pub(crate) fn wall() -> Millis {
    millis(SystemTime::now())
}

/// The local UTC offset at that time, in minutes: from `TZ`, or the system's time zone. 0 if neither is
/// known.
pub(crate) fn offset_minutes(at: Millis) -> i32 {
    offset_in(&TimeZone::system(), at)
}

fn offset_in(zone: &TimeZone, at: Millis) -> i32 {
    let at = i64::try_from(at.0).ok();
    let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or(0, |at| zone.to_offset(at).seconds() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_that_of_the_season() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let (winter, summer) = (Millis(1_795_339_800_000), Millis(1_784_000_000_000));
        assert_eq!(offset_in(&zone, winter), 60);
        assert_eq!(offset_in(&zone, summer), 120);
        assert_eq!(offset_in(&zone, Millis(u64::MAX)), 0);
    }

    /// Runs in a time namespace in which the system has slept for a day since it started.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_clock_counts_what_was_slept() {
        const DAY: u64 = 86_400;
        if std::env::var_os("TAPCUE_HAS_SLEPT").is_some() {
            println!("{}", running().as_secs());
            return;
        }
        let me = "relay::clock::tests::the_clock_counts_what_was_slept";
        let ran = std::process::Command::new("unshare")
            .args(["--time", "--boottime"])
            .arg(DAY.to_string())
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", me, "--nocapture"])
            .env("TAPCUE_HAS_SLEPT", "1")
            .output()
            .expect("`unshare` of util-linux, as root");
        let out = String::from_utf8(ran.stdout).unwrap();
        let slept = out.lines().find_map(|line| line.parse::<u64>().ok());
        let slept = slept.unwrap_or_else(|| panic!("{out}{:?}", ran.stderr));
        assert!(slept >= running().as_secs() + DAY - 1, "{slept} s");
    }

    #[test]
    fn the_quickest_beat_tells_the_offset() {
        let mut clock = RelayClock::default();
        assert_eq!(clock.ahead_ms(), None);
        clock.word(Millis(100), Millis(1_000_300));
        assert_eq!(clock.ahead_ms(), Some(1_000_200));
        clock.beat(Millis(300), 200, Millis(1_000_300));
        assert_eq!(clock.ahead_ms(), Some(1_000_050));
        clock.beat(Millis(502), 500, Millis(1_000_501));
        assert_eq!(clock.ahead_ms(), Some(1_000_000));
        clock.beat(Millis(1_900), 1_000, Millis(1_001_900));
        assert_eq!(clock.ahead_ms(), Some(1_000_000));
    }
}
