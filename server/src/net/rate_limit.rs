//! Token buckets, and the sources by which they are counted.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};

use tapcue_rules::time::Millis;

/// How often something may happen: `burst` times at once, and then at a steady pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Microseconds until one token is back.
    every_us: u64,
    /// Microseconds until an empty bucket is full.
    full_us: u64,
}

impl Rate {
    /// `tokens` a second, and `burst` at once. Zero counts as one.
    #[must_use]
    pub const fn per_second(tokens: u32, burst: u32) -> Self {
        Self::new(tokens, 1_000_000, burst)
    }

    /// `tokens` a minute, and `burst` at once. Zero counts as one.
    #[must_use]
    pub const fn per_minute(tokens: u32, burst: u32) -> Self {
        Self::new(tokens, 60_000_000, burst)
    }

    const fn new(tokens: u32, per_us: u64, burst: u32) -> Self {
        let tokens = if tokens == 0 { 1 } else { tokens };
        let burst = if burst == 0 { 1 } else { burst };
        // A rate above a million a second counts as a million.
        let every_us = match per_us / tokens as u64 {
            0 => 1,
            every_us => every_us,
        };
        Self {
            every_us,
            full_us: every_us * burst as u64,
        }
    }
}

/// A token bucket that refills at a [`Rate`]. It takes eight bytes, because it keeps only when it will be
/// full again (the "generic cell rate algorithm"). Its owner keeps the rate, once for many buckets.
///
/// A clock that steps back makes the limit stricter, never looser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenBucket {
    /// Microseconds on the caller's clock.
    full_at_us: u64,
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub const fn new() -> Self {
        Self { full_at_us: 0 }
    }

    /// Takes a token. Returns false, and takes nothing, if there is none.
    #[must_use]
    pub const fn take(&mut self, rate: &Rate, now: Millis) -> bool {
        let ready = self.ready(rate, now);
        if ready {
            let now_us = now.0.saturating_mul(1_000);
            let from = if self.full_at_us > now_us {
                self.full_at_us
            } else {
                now_us
            };
            self.full_at_us = from.saturating_add(rate.every_us);
        }
        ready
    }

    /// Whether there is a token, without taking it.
    #[must_use]
    pub const fn ready(&self, rate: &Rate, now: Millis) -> bool {
        let missing_us = self.full_at_us.saturating_sub(now.0.saturating_mul(1_000));
        missing_us.saturating_add(rate.every_us) <= rate.full_us
    }

    /// Milliseconds until there is a token; 0 if there is one.
    #[must_use]
    pub const fn wait_ms(&self, rate: &Rate, now: Millis) -> u64 {
        let missing_us = self.full_at_us.saturating_sub(now.0.saturating_mul(1_000));
        let too_much_us = missing_us.saturating_add(rate.every_us);
        too_much_us.saturating_sub(rate.full_us).div_ceil(1_000)
    }

    /// Whether the bucket is full, so that forgetting it changes nothing.
    #[must_use]
    pub const fn is_full(&self, now: Millis) -> bool {
        self.full_at_us <= now.0.saturating_mul(1_000)
    }
}

/// How many sources are remembered at most, about 1 MB. Beyond it the oldest is dropped, which gives it a
/// full bucket.
pub const SOURCES_AT_MOST: usize = 10_000;

/// A bucket for each source, at one rate.
#[derive(Clone, Debug)]
pub struct PerSource {
    rate: Rate,
    buckets: HashMap<IpAddr, TokenBucket>,
    /// Oldest first; the same sources as `buckets`.
    order: VecDeque<IpAddr>,
}

impl PerSource {
    /// Starts with all buckets full.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Milliseconds until this address has a token; 0 if it has one.
    #[must_use]
    pub fn wait_ms(&self, address: IpAddr, now: Millis) -> u64 {
        let bucket = self.buckets.get(&source_of(address));
        bucket.map_or(0, |bucket| bucket.wait_ms(&self.rate, now))
    }

    /// Takes a token of this address. Returns false, and takes nothing, if there is none.
    pub fn take(&mut self, address: IpAddr, now: Millis) -> bool {
        let source = source_of(address);
        if !self.buckets.contains_key(&source) {
            if self.buckets.len() >= SOURCES_AT_MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.buckets.remove(&oldest);
            }
            self.order.push_back(source);
        }
        let bucket = self.buckets.entry(source).or_default();
        bucket.take(&self.rate, now)
    }

    /// Drops the sources whose buckets are full again.
    pub fn expire(&mut self, now: Millis) {
        self.buckets.retain(|_, bucket| !bucket.is_full(now));
        self.order
            .retain(|source| self.buckets.contains_key(source));
    }

    /// How many sources are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        assert_eq!(self.buckets.len(), self.order.len());
        self.buckets.len()
    }
}

/// The source that an address counts as. An IPv4 address counts by itself, also when it is mapped into IPv6.
/// An IPv6 address counts by its /64, which is what one household or one phone is given.
#[must_use]
pub fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (!0 << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_passes_and_then_the_pace() {
        let rate = Rate::per_second(10, 3);
        let mut bucket = TokenBucket::new();
        let now = Millis(1_000_000);
        for _ in 0..3 {
            assert!(bucket.take(&rate, now));
        }
        assert!(!bucket.take(&rate, now));
        assert!(!bucket.take(&rate, now.plus(99)));
        assert!(bucket.take(&rate, now.plus(100)));
        assert!(!bucket.take(&rate, now.plus(199)));
        assert!(bucket.take(&rate, now.plus(200)));
        assert!(!bucket.is_full(now.plus(499)));
        assert!(bucket.is_full(now.plus(500)));
    }

    #[test]
    fn zero_counts_as_one() {
        let rate = Rate::per_minute(0, 0);
        let mut bucket = TokenBucket::new();
        assert!(bucket.take(&rate, Millis(0)));
        assert!(!bucket.take(&rate, Millis(59_999)));
        assert!(bucket.take(&rate, Millis(60_000)));
    }

    #[test]
    fn each_source_waits_for_itself() {
        let mut sources = PerSource::new(Rate::per_second(1, 2));
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let now = Millis(1_000_000);
        assert!(sources.take(one, now) && sources.take(one, now));
        assert!(!sources.take(one, now.plus(999)));
        assert_eq!(sources.wait_ms(one, now), 1_000);
        assert_eq!(sources.wait_ms(one, now.plus(999)), 1);
        assert_eq!(sources.wait_ms(two, now), 0);
        assert!(sources.take(two, now));
        assert!(sources.take(one, now.plus(1_000)));
        sources.expire(now.plus(1_000));
        assert_eq!(sources.len(), 1);
    }

    #[test]
    fn addresses_count_by_their_source() {
        let of = |text: &str| source_of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_pace(
            per_second in 1_u32..500,
            burst in 1_u32..50,
            pauses in proptest::collection::vec(0_u64..200, 1..300),
        ) {
            let rate = Rate::per_second(per_second, burst);
            let mut bucket = TokenBucket::new();
            let mut now = Millis(1_700_000_000_000);
            let began = now;
            let mut taken = 0_u64;
            for pause in pauses {
                now = now.plus(pause);
                let ready = bucket.ready(&rate, now);
                prop_assert_eq!(bucket.take(&rate, now), ready);
                taken += u64::from(ready);
                let back = now.since(began) * u64::from(per_second) / 1_000;
                // Rounding the pace to microseconds adds less than one in a thousand.
                prop_assert!(taken <= u64::from(burst) + back + back / 1_000 + 1);
            }
        }
    }
}
