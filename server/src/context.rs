//! What every part of the relay may use: its settings, clock, journal, metrics and ids.

use std::sync::Arc;

use tapcue_rules::ids::Id;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Config;
use crate::journal::Journal;
use crate::metrics::Metrics;
use crate::net::rate_limit::Rate;

/// What every part of the relay may use.
pub struct Context {
    /// The relay's settings.
    pub config: Config,
    /// The relay's clock.
    pub clock: Clock,
    /// How fast a device may send.
    pub rates: Rates,
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// What the relay counts for its operator.
    pub(crate) metrics: Metrics,
    /// The source of entry ids.
    ids: Box<dyn Fn() -> Id + Send + Sync>,
}

/// The rate limits of one connection. Stops are not limited.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// For cues.
    pub cues: Rate,
    /// For frames of any kind.
    pub frames: Rate,
}

impl Rates {
    /// The busiest device sends 2 heartbeats per second, its cues, and a `received`, a `shown` and an
    /// `acknowledge` for each cue of the other. Ten frames per cue are enough for that.
    fn for_cues(per_s: u32) -> Self {
        let frames = per_s.saturating_mul(10);
        Self {
            cues: Rate::per_second(per_s, per_s.saturating_mul(2)),
            frames: Rate::per_second(frames, frames.saturating_mul(2)),
        }
    }
}

impl Context {
    /// A context with ids of version 7.
    #[must_use]
    pub fn new(config: Config, clock: Clock, journal: Arc<dyn Journal>) -> Self {
        Self::with_ids(config, clock, journal, Box::new(Uuid::now_v7))
    }

    /// A context with ids from another source, such as a simulation's random numbers.
    #[must_use]
    pub fn with_ids(
        config: Config,
        clock: Clock,
        journal: Arc<dyn Journal>,
        ids: Box<dyn Fn() -> Id + Send + Sync>,
    ) -> Self {
        Self {
            rates: Rates::for_cues(config.cues_per_s),
            config,
            clock,
            journal,
            metrics: Metrics::default(),
            ids,
        }
    }

    /// A new id for an entry.
    #[must_use]
    pub fn fresh_id(&self) -> Id {
        (self.ids)()
    }
}
