//! What every part of the relay may use: its settings, clock, journal, figures and ids.

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
    /// How fast devices may be.
    pub rates: Rates,
    /// Where entries go.
    pub journal: Arc<dyn Journal>,
    /// What the relay counts for its operator.
    pub(crate) metrics: Metrics,
    /// Where the ids of entries come from.
    ids: Box<dyn Fn() -> Id + Send + Sync>,
}

/// How fast one connection may be. Stops are never counted.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Cues: what people can mean.
    pub cues: Rate,
    /// Frames of any kind.
    pub frames: Rate,
}

impl Rates {
    /// A device at its busiest sends 2 beats each second, its cues, and for each of the other's a
    /// `received`, a `shown` and an `acknowledge`: ten frames for each cue leave room enough.
    fn for_cues(per_s: u32) -> Self {
        let frames = per_s.saturating_mul(10);
        Self {
            cues: Rate::per_second(per_s, per_s.saturating_mul(2)),
            frames: Rate::per_second(frames, frames.saturating_mul(2)),
        }
    }
}

impl Context {
    /// With ids of version 7.
    #[must_use]
    pub fn new(config: Config, clock: Clock, journal: Arc<dyn Journal>) -> Self {
        Self::with_ids(config, clock, journal, Box::new(Uuid::now_v7))
    }

    /// With ids from elsewhere: a simulation's own chance.
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

    /// An id for an entry.
    #[must_use]
    pub fn fresh_id(&self) -> Id {
        (self.ids)()
    }
}
