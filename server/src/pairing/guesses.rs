//! How many wrong guesses are allowed. Right ones cost nothing.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use tapcue_shared::time::Millis;

use crate::limits::{Rate, TokenBucket, source_of};

/// Wrong guesses from one source: ten at once, then one every six seconds. A person who mistypes
/// eight characters does not get there.
pub(super) const PER_SOURCE: Rate = Rate::per_minute(10, 10);

/// Wrong codes over the whole relay, so that many addresses together gain little: at 100 a second,
/// and with 1,000 of the 32,768 locators waiting, a locator is found three times a second, and each
/// find has a chance of 1 / 2^25: a hit in about 130 days of flooding.
pub(super) const OVERALL: Rate = Rate::per_second(100, 200);

/// How many sources are remembered, about 1 MB. Past it the oldest is forgotten, which gives it a
/// full bucket; the limit over the whole relay still holds.
pub(super) const SOURCES_AT_MOST: usize = 10_000;

/// Who guessed wrong lately.
#[derive(Default)]
pub(super) struct Guesses {
    by_source: HashMap<IpAddr, TokenBucket>,
    /// Oldest first; the same sources as `by_source`.
    order: VecDeque<IpAddr>,
    overall: TokenBucket,
}

impl Guesses {
    /// Whether a code from this address may be looked at.
    pub(super) fn allow_code(&self, address: IpAddr, now: Millis) -> bool {
        self.overall.ready(&OVERALL, now) && self.allow_link(address, now)
    }

    /// Whether a link from this address may be looked at.
    pub(super) fn allow_link(&self, address: IpAddr, now: Millis) -> bool {
        self.by_source
            .get(&source_of(address))
            .is_none_or(|bucket| bucket.ready(&PER_SOURCE, now))
    }

    /// Counts a wrong code that was allowed.
    pub(super) fn wrong_code(&mut self, address: IpAddr, now: Millis) {
        let _allowed = self.overall.take(&OVERALL, now);
        self.wrong_link(address, now);
    }

    /// Counts a wrong link that was allowed.
    pub(super) fn wrong_link(&mut self, address: IpAddr, now: Millis) {
        let source = source_of(address);
        if !self.by_source.contains_key(&source) {
            if self.by_source.len() >= SOURCES_AT_MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.by_source.remove(&oldest);
            }
            self.order.push_back(source);
        }
        let bucket = self.by_source.entry(source).or_default();
        let _allowed = bucket.take(&PER_SOURCE, now);
    }

    /// Forgets the sources whose buckets are full again.
    pub(super) fn expire(&mut self, now: Millis) {
        self.by_source.retain(|_, bucket| !bucket.is_full(now));
        self.order
            .retain(|source| self.by_source.contains_key(source));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.by_source.len(), self.order.len());
        self.by_source.len()
    }
}
