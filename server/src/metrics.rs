//! The relay's metrics for its operator, in the format that Prometheus reads.
//!
//! Invariant: the value of a label is a text of this program. Nothing that a device sends can be one, so no
//! metric identifies a person.
//!
//! A cue costs one atomic addition. The time of a stop is recorded after the stop was written.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tapcue_rules::cue::Lane;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{LinkStatus, Phase};

/// Labels with their values, all of them texts of this program.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// The bucket bounds for the times of stops, in seconds: from what a quiet machine takes up to what safety.md
/// allows for the whole path.
const STOP_SECONDS: [f64; 11] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
];

/// What the relay refused to a device or a connection.
#[derive(Clone, Copy, Debug)]
pub enum Refused {
    /// A new connection.
    Connection,
    /// Entry to a session.
    Device,
    /// A cue.
    Cue,
}

impl Refused {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Refused::Connection => "connection",
            Refused::Device => "device",
            Refused::Cue => "cue",
        }
    }
}

/// Why a link that was up went down.
#[derive(Clone, Copy, Debug)]
pub enum LinkLost {
    /// No frame came for the link timeout, or the device did not take its state.
    Silence,
    /// The device said that its page was hidden.
    Hidden,
    /// The connection ended.
    Closed,
    /// Another connection took the role.
    Superseded,
    /// More link changes came than the session could take.
    Overrun,
}

impl LinkLost {
    const ALL: [Self; 5] = [
        Self::Silence,
        Self::Hidden,
        Self::Closed,
        Self::Superseded,
        Self::Overrun,
    ];

    /// Why this link of an open connection is down; none if it is up.
    pub(crate) const fn of(status: LinkStatus) -> Option<Self> {
        match status {
            LinkStatus::Lost => Some(Self::Silence),
            LinkStatus::Away => Some(Self::Hidden),
            LinkStatus::Here | LinkStatus::Late | LinkStatus::Absent => None,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            LinkLost::Silence => "silence",
            LinkLost::Hidden => "hidden",
            LinkLost::Closed => "closed",
            LinkLost::Superseded => "superseded",
            LinkLost::Overrun => "overrun",
        }
    }
}

/// All metrics of the relay.
#[derive(Debug)]
pub struct Metrics {
    pub(crate) registry: Registry,
    urgent: Counter,
    ordinary: Counter,
    stops: Histogram,
    links_lost: Family<Labels<1>, Counter>,
    pub(crate) refused: Family<Labels<2>, Counter>,
    // These are set at each scrape.
    pub(crate) sessions: Family<Labels<1>, Gauge>,
    pub(crate) devices: Family<Labels<1>, Gauge>,
    pub(crate) connections: Gauge,
    pub(crate) ready: Gauge,
    pub(crate) recording: Gauge,
    pub(crate) waiting: Gauge,
    pub(crate) lag: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tapcue");
        let all = &mut registry;
        let built: Family<Labels<1>, Gauge> = Family::default();
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        built.get_or_create(&version).set(1);
        all.register("build_info", "The version of the relay", built);
        let started: Gauge<f64, AtomicU64> = Gauge::default();
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        started.set(since.unwrap_or_default().as_secs_f64());
        let help = "When the relay started, in seconds since 1970";
        all.register("start_time_seconds", help, started);
        let cues: Family<Labels<1>, Counter> = Family::default();
        let help = "Cues of devices, repeats included. Stops and lifted thumbs are urgent";
        all.register("cues", help, cues.clone());
        let stops = Histogram::new(STOP_SECONDS);
        let help = "From reading a stop's frame to writing it to the other device";
        all.register("stop_relay_seconds", help, stops.clone());
        let links_lost: Family<Labels<1>, Counter> = Family::default();
        for cause in LinkLost::ALL {
            // A rate needs a zero to start from.
            drop(links_lost.get_or_create(&[("cause", cause.label())]));
        }
        let help = "Links that went down before their session ended";
        Self {
            urgent: cues.get_or_create_owned(&[("lane", "urgent")]),
            ordinary: cues.get_or_create_owned(&[("lane", "ordinary")]),
            stops,
            links_lost: registered(all, "links_lost", help, links_lost),
            refused: new(all, "refusals", "What devices wanted and did not get"),
            sessions: new(all, "sessions", "Sessions in memory"),
            devices: new(all, "devices", "Devices of sessions in memory"),
            connections: new(all, "connections", "Connections of devices and browsers"),
            ready: new(all, "ready", "1 where /readyz says ready, else 0"),
            recording: new(
                all,
                "journal_recording",
                "0 while commits fail or hang, else 1",
            ),
            waiting: new(
                all,
                "journal_waiting_entries",
                "Entries that wait for the disk",
            ),
            lag: new(
                all,
                "journal_lag_seconds",
                "Age of the oldest batch that waits for the disk",
            ),
            registry,
        }
    }
}

fn registered<M>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M
where
    M: prometheus_client::registry::Metric + Clone,
{
    registry.register(name, help, metric.clone());
    metric
}

fn new<M>(registry: &mut Registry, name: &str, help: &str) -> M
where
    M: prometheus_client::registry::Metric + Clone + Default,
{
    registered(registry, name, help, M::default())
}

impl Metrics {
    /// Counts a cue of a device.
    pub fn cue(&self, lane: Lane) {
        match lane {
            Lane::Urgent => self.urgent.inc(),
            Lane::Ordinary => self.ordinary.inc(),
        };
    }

    /// Records that a stop was written to the other device this long after it was read.
    pub fn stop_passed(&self, took: Duration) {
        self.stops.observe(took.as_secs_f64());
    }

    /// Counts a link that went down.
    pub fn link_lost(&self, cause: LinkLost) {
        self.links_lost
            .get_or_create(&[("cause", cause.label())])
            .inc();
    }

    /// Counts a refusal.
    pub fn refused(&self, what: Refused, why: &'static str) {
        self.refused
            .get_or_create(&[("of", what.label()), ("reason", why)])
            .inc();
    }

    /// Counts a refusal with this error.
    pub fn refused_with(&self, what: Refused, code: ErrorCode) {
        self.refused(what, reason(code));
    }
}

/// The name of an error on the wire.
const fn reason(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::BadMessage => "bad_message",
        ErrorCode::UnknownCode => "unknown_code",
        ErrorCode::Taken => "taken",
        ErrorCode::BadToken => "bad_token",
        ErrorCode::NotAllowed => "not_allowed",
        ErrorCode::Held => "held",
        ErrorCode::Stale => "stale",
        ErrorCode::TooFast => "too_fast",
        ErrorCode::TooLarge => "too_large",
        ErrorCode::Unavailable => "unavailable",
        ErrorCode::NearlyFull => "nearly_full",
        ErrorCode::Superseded => "superseded",
        ErrorCode::Ended => "ended",
        ErrorCode::Deleted => "deleted",
        ErrorCode::ShuttingDown => "shutting_down",
    }
}

pub(crate) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "waiting",
        Phase::Held => "held",
        Phase::Live => "live",
        Phase::Ended => "ended",
    }
}

/// None for a device that never connected.
pub(crate) const fn link(status: LinkStatus) -> Option<&'static str> {
    Some(match status {
        LinkStatus::Here => "here",
        LinkStatus::Late => "late",
        LinkStatus::Lost => "lost",
        LinkStatus::Away => "away",
        LinkStatus::Absent => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_the_name_of_the_error_on_the_wire() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), reason(code));
        }
    }
}
