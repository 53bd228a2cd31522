//! A time as a device estimates it on the relay's clock, and how far the relay trusts it.

use crate::limits;
use crate::time::Millis;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Estimate {
    pub(super) at: Millis,
    /// The greatest error, in milliseconds; none if the device did not give one.
    pub(super) uncertainty_ms: Option<u64>,
}

/// When a screen painted an item, as its device reports it. A device's report about its own clock counts only
/// where it is possible.
pub(super) struct Paint {
    pub(super) said: Option<Estimate>,
    /// When the relay received the report.
    pub(super) receipt: Millis,
}

impl Paint {
    /// The best estimate, for an item that exists since `since`.
    pub(super) fn at(&self, since: Millis) -> Millis {
        let said = |said: Estimate| said.at.clamp(since, self.receipt);
        self.said.map_or(self.receipt, said)
    }

    /// The earliest possible time, if the device knows the relay's clock. A time before `since` is not
    /// trusted, and neither is one whose uncertainty is as long as a person needs to read the screen.
    pub(super) fn earliest(&self, since: Millis) -> Millis {
        let believed = |said: &Estimate| {
            let wrong = said.uncertainty_ms.unwrap_or_default();
            wrong < limits::MEANT_MS && said.at.plus(wrong) >= since
        };
        let said = |said: Estimate| {
            let wrong = said.uncertainty_ms.unwrap_or_default();
            Millis(said.at.0.saturating_sub(wrong)).clamp(since, self.receipt)
        };
        self.said.filter(believed).map_or(self.receipt, said)
    }
}

impl Estimate {
    pub(super) fn of(at: Option<Millis>, uncertainty_ms: Option<u64>) -> Option<Self> {
        at.map(|at| Self { at, uncertainty_ms })
    }

    /// The same time, limited to what is possible for a tap that the relay received at `receipt`: not later
    /// than that, and not so much earlier that the clock must be wrong.
    pub(super) fn before(self, receipt: Millis) -> Self {
        let earliest = Millis(receipt.0.saturating_sub(limits::TAPPED_BEFORE_MS));
        Self {
            at: self.at.clamp(earliest, receipt),
            ..self
        }
    }
}
