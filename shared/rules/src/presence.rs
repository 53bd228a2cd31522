//! The state of one device's link as the relay sees it: here, late, lost or away. The socket feeds it and
//! answers heartbeats itself; the session gets only the changes.

use crate::message::Limits;
use crate::state::LinkStatus;
use crate::time::Millis;

/// Watches one connection. All times are on the same monotonic clock.
#[derive(Clone, Debug)]
pub struct Presence {
    limits: Limits,
    last_sign: Millis,
    away: bool,
    told: LinkStatus,
}

impl Presence {
    /// Watches a connection that was just opened. It starts as here.
    #[must_use]
    pub fn new(limits: Limits, now: Millis) -> Self {
        Self {
            limits,
            last_sign: now,
            away: false,
            told: LinkStatus::Here,
        }
    }

    /// Takes any frame as a sign of life.
    pub fn sign(&mut self, now: Millis) {
        self.last_sign = self.last_sign.max(now);
    }

    /// Takes a heartbeat: a sign of life, and a sign that the page is visible again.
    pub fn beat(&mut self, now: Millis) {
        self.sign(now);
        self.away = false;
    }

    /// The device said that its page was hidden.
    pub fn away(&mut self) {
        self.away = true;
    }

    /// The status, if it differs from the one last reported. `untaken_since` is when the oldest state frame
    /// was sent that the device has not received: a device that sends heartbeats but does not take its state
    /// is lost.
    pub fn change(&mut self, now: Millis, untaken_since: Option<Millis>) -> Option<LinkStatus> {
        let status = self.status(now, untaken_since);
        (status != self.told).then(|| {
            self.told = status;
            status
        })
    }

    /// When to call [`change`](Self::change) next, if nothing happens before.
    #[must_use]
    pub fn deadline(&self, now: Millis, untaken_since: Option<Millis>) -> Millis {
        let lost = u64::from(self.limits.lost_after_ms);
        let next_by_sign = match self.told {
            LinkStatus::Here => self.last_sign.plus(u64::from(self.limits.late_after_ms)),
            LinkStatus::Late | LinkStatus::Away => self.last_sign.plus(lost),
            // Only a frame can change this status.
            LinkStatus::Lost | LinkStatus::Absent => now.plus(lost),
        };
        let taken_by = untaken_since
            .filter(|_| self.told != LinkStatus::Lost)
            .map(|since| since.plus(lost));
        taken_by.map_or(next_by_sign, |taken_by| taken_by.min(next_by_sign))
    }

    /// For how long the device has sent nothing, in milliseconds.
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
