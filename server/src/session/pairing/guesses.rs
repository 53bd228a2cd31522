//! The limits on wrong guesses. Right ones cost nothing.

use std::net::IpAddr;

use tapcue_rules::time::Millis;

use crate::net::rate_limit::{PerSource, Rate, TokenBucket};

/// Wrong guesses from one source: ten at once, then one every six seconds. A person who mistypes does not
/// reach this limit.
pub(super) const PER_SOURCE: Rate = Rate::per_minute(10, 10);

/// Wrong codes over the whole relay, so that many addresses together gain little. At 100 a second, with 1,000
/// of the 32,768 locators waiting, three guesses a second find a locator. Each of those has a chance of
/// 1 / 2^25, so a hit takes about 130 days of flooding.
pub(super) const OVERALL: Rate = Rate::per_second(100, 200);

/// The sources of recent wrong guesses. A dropped source has a full bucket; the limit over the whole relay
/// still holds.
pub(super) struct Guesses {
    by_source: PerSource,
    overall: TokenBucket,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            by_source: PerSource::new(PER_SOURCE),
            overall: TokenBucket::new(),
        }
    }
}

impl Guesses {
    /// Whether a code from this address may be checked.
    pub(super) fn allow_code(&self, address: IpAddr, now: Millis) -> bool {
        self.overall.ready(&OVERALL, now) && self.allow_link(address, now)
    }

    /// Whether a link from this address may be checked.
    pub(super) fn allow_link(&self, address: IpAddr, now: Millis) -> bool {
        self.by_source.wait_ms(address, now) == 0
    }

    /// Counts a wrong code that was allowed.
    pub(super) fn wrong_code(&mut self, address: IpAddr, now: Millis) {
        let _allowed = self.overall.take(&OVERALL, now);
        self.wrong_link(address, now);
    }

    /// Counts a wrong link that was allowed.
    pub(super) fn wrong_link(&mut self, address: IpAddr, now: Millis) {
        let _allowed = self.by_source.take(address, now);
    }

    /// Drops the sources whose buckets are full again.
    pub(super) fn expire(&mut self, now: Millis) {
        self.by_source.expire(now);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_source.len()
    }
}
