//! A moment as a device estimates it on the relay's clock, and how far it is believed.

use crate::limits;
use crate::time::Millis;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Estimate {
    pub(super) at: Millis,
    /// By how much it may be wrong, in milliseconds; none if its device did not say.
    pub(super) uncertainty_ms: Option<u64>,
}

/// When a screen painted something, as its device says. What a device says about its own clock counts
/// only where it can be true.
pub(super) struct Paint {
    pub(super) said: Option<Estimate>,
    /// When the relay had its word.
    pub(super) receipt: Millis,
}

impl Paint {
    /// The best guess, for something that began at `since`.
    pub(super) fn at(&self, since: Millis) -> Millis {
        let said = |said: Estimate| said.at.clamp(since, self.receipt);
        self.said.map_or(self.receipt, said)
    }

    /// The earliest that it can have been, by a device that knows the relay's clock. A time before
    /// `since`, or one that may be wrong by as long as somebody takes to mean an act, is not believed.
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

    /// The same, as a tap that the relay had at `receipt`: not after it, and not so long before it
    /// that the clock must be wrong.
    pub(super) fn before(self, receipt: Millis) -> Self {
        let earliest = Millis(receipt.0.saturating_sub(limits::TAPPED_BEFORE_MS));
        Self {
            at: self.at.clamp(earliest, receipt),
            ..self
        }
    }
}
