//! One device as the relay sees it over its link: here, late, lost or away. Fed by the socket, which
//! answers beats itself; the session hears of changes only.

use crate::message::Limits;
use crate::state::LinkStatus;
use crate::time::Millis;

/// Watches one connection. Times are on any monotonic clock, the same one throughout.
#[derive(Clone, Debug)]
pub struct Presence {
    limits: Limits,
    last_sign: Millis,
    away: bool,
    told: LinkStatus,
}

impl Presence {
    /// A connection that was just made: here.
    #[must_use]
    pub fn new(limits: Limits, now: Millis) -> Self {
        Self {
            limits,
            last_sign: now,
            away: false,
            told: LinkStatus::Here,
        }
    }

    /// Any frame is a sign of life.
    pub fn sign(&mut self, now: Millis) {
        self.last_sign = self.last_sign.max(now);
    }

    /// A beat: a sign of life, and of a page that is in sight again.
    pub fn beat(&mut self, now: Millis) {
        self.sign(now);
        self.away = false;
    }

    /// The device said that its page was hidden.
    pub fn away(&mut self) {
        self.away = true;
    }

    /// The status, if it is another than last told. `untaken_since` is since when a state frame has
    /// been waiting to be taken: a device that beats but does not take its state is not here.
    pub fn change(&mut self, now: Millis, untaken_since: Option<Millis>) -> Option<LinkStatus> {
        let status = self.status(now, untaken_since);
        (status != self.told).then(|| {
            self.told = status;
            status
        })
    }

    /// When to ask for a [`change`](Self::change) next, if nothing happens before.
    #[must_use]
    pub fn deadline(&self, now: Millis, untaken_since: Option<Millis>) -> Millis {
        let lost = u64::from(self.limits.lost_after_ms);
        let next_by_sign = match self.told {
            LinkStatus::Here => self.last_sign.plus(u64::from(self.limits.late_after_ms)),
            LinkStatus::Late | LinkStatus::Away => self.last_sign.plus(lost),
            // Only a frame can change this one.
            LinkStatus::Lost | LinkStatus::Absent => now.plus(lost),
        };
        let taken_by = untaken_since
            .filter(|_| self.told != LinkStatus::Lost)
            .map(|since| since.plus(lost));
        taken_by.map_or(next_by_sign, |taken_by| taken_by.min(next_by_sign))
    }

    /// For how long nothing has come from the device, in milliseconds.
    #[must_use]
    pub fn silent_ms(&self, now: Millis) -> u64 {
        now.since(self.last_sign)
    }

    fn status(&self, now: Millis, untaken_since: Option<Millis>) -> LinkStatus {
        let lost = u64::from(self.limits.lost_after_ms);
        let silent = self.silent_ms(now);
        let frozen = untaken_since.is_some_and(|since| now.since(since) >= lost);
        if silent >= lost || frozen {
            LinkStatus::Lost
        } else if self.away {
            LinkStatus::Away
        } else if silent >= u64::from(self.limits.late_after_ms) {
            LinkStatus::Late
        } else {
            LinkStatus::Here
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = Millis(10_000);

    fn presence() -> Presence {
        Presence::new(Limits::default(), START)
    }

    #[test]
    fn late_at_one_second_and_lost_at_two() {
        let mut device = presence();
        assert_eq!(device.deadline(START, None), START.plus(1_000));
        assert_eq!(device.change(START.plus(999), None), None);
        assert_eq!(
            device.change(START.plus(1_000), None),
            Some(LinkStatus::Late)
        );
        assert_eq!(device.deadline(START.plus(1_000), None), START.plus(2_000));
        assert_eq!(device.change(START.plus(1_999), None), None);
        assert_eq!(
            device.change(START.plus(2_000), None),
            Some(LinkStatus::Lost)
        );
        device.sign(START.plus(2_100));
        assert_eq!(
            device.change(START.plus(2_100), None),
            Some(LinkStatus::Here)
        );
    }

    #[test]
    fn a_hidden_page_is_away_until_it_beats() {
        let mut device = presence();
        device.away();
        assert_eq!(device.change(START, None), Some(LinkStatus::Away));
        device.sign(START.plus(300));
        assert_eq!(device.change(START.plus(300), None), None);
        device.beat(START.plus(400));
        assert_eq!(device.change(START.plus(400), None), Some(LinkStatus::Here));
    }

    #[test]
    fn a_hidden_page_that_falls_silent_is_lost() {
        let mut device = presence();
        device.away();
        let _ = device.change(START, None);
        assert_eq!(device.deadline(START, None), START.plus(2_000));
        assert_eq!(
            device.change(START.plus(2_000), None),
            Some(LinkStatus::Lost)
        );
    }

    #[test]
    fn a_device_that_beats_but_takes_no_state_is_lost() {
        let mut device = presence();
        let sent = Some(START.plus(100));
        for ms in (0..2_100).step_by(100) {
            device.beat(START.plus(ms));
            assert_eq!(device.change(START.plus(ms), sent), None);
        }
        device.beat(START.plus(2_050));
        assert_eq!(device.deadline(START.plus(2_050), sent), START.plus(2_100));
        assert_eq!(
            device.change(START.plus(2_100), sent),
            Some(LinkStatus::Lost)
        );
        assert_eq!(
            device.change(START.plus(2_150), None),
            Some(LinkStatus::Here)
        );
    }
}
