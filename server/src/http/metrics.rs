//! Renders all metrics as text, with the values that are looked up for them.

mod listener;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use prometheus_client::encoding::text::encode;
use tapcue_rules::cue::Role;
use tapcue_rules::state::{LinkStatus, Phase};

use super::ready;
use crate::metrics::{Metrics, Refused, link, phase};
use crate::net::connection_limit::Gate;
use crate::session::device_handle::Reading;
use crate::session::registry::Registry;
use crate::tls::Face;

pub(crate) use listener::Listener;

/// Where the values of metrics are looked up.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    pub(crate) registry: Arc<Registry>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) face: Face,
}

impl Sources {
    /// All current metrics as text.
    ///
    /// # Errors
    /// The library's error, which does not occur for text in memory.
    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
        let metrics = &self.registry.context.metrics;
        metrics.count_sessions(&self.registry.readings());
        metrics.connections.set(signed(self.gate.connections()));
        let turned_away = [("of", Refused::Connection.label()), ("reason", "too_many")];
        let turned_away = metrics.refused.get_or_create_owned(&turned_away);
        turned_away
            .inner()
            .store(self.gate.refused(), Ordering::Relaxed);
        let journal = &self.registry.context.journal;
        metrics
            .ready
            .set(ready(&self.registry, &self.face).is_ok().into());
        metrics.recording.set(journal.healthy().into());
        let backlog = journal.backlog();
        metrics.waiting.set(signed(backlog.waiting));
        metrics.lag.set(backlog.lag.as_secs_f64());
        let mut text = String::new();
        encode(&mut text, &metrics.registry)?;
        Ok(text)
    }
}

impl Metrics {
    fn count_sessions(&self, readings: &[Reading]) {
        for of in [Phase::Waiting, Phase::Held, Phase::Live, Phase::Ended] {
            let count = readings.iter().filter(|one| one.phase == of).count();
            let gauge = self.sessions.get_or_create(&[("phase", phase(of))]);
            gauge.set(signed(count));
        }
        let links = || {
            let of = |one: &Reading| Role::BOTH.map(|role| *one.peers.of(role));
            readings.iter().flat_map(of)
        };
        for status in [
            LinkStatus::Here,
            LinkStatus::Late,
            LinkStatus::Lost,
            LinkStatus::Away,
        ] {
            let Some(label) = link(status) else { continue };
            let count = links().filter(|one| *one == status).count();
            self.devices
                .get_or_create(&[("link", label)])
                .set(signed(count));
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
