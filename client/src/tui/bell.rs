//! When the terminal's bell rings: at once after an event, and again while an alarm lasts.

use tapcue_rules::limits::CHECK_IN_AGAIN_MS;
use tapcue_rules::link::Alarm;
use tapcue_rules::time::Millis;

/// The minimum time between rings, in milliseconds. Terminals merge or mute faster rings.
pub const AT_MOST_EVERY_MS: u64 = 1_000;

/// How long a flash lasts, in milliseconds. Each ring has one flash, so there is at most one a second, well
/// below the three that safety.md allows.
pub const FLASH_MS: u64 = 400;

/// The bell. It is pure: it takes the time and returns when to ring.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    rang: Option<Millis>,
    due: bool,
}

impl Bell {
    /// Requests a ring: now, or as soon as one is allowed again.
    pub fn ring(&mut self) {
        self.due = true;
    }

    /// Whether to ring now.
    pub fn tick(&mut self, now: Millis, alarm: Option<Alarm>) -> bool {
        let pause = alarm.map(again_after_ms);
        let again = match (pause, self.rang) {
            (Some(_), None) => true,
            (Some(pause), Some(rang)) => now.since(rang) >= pause,
            (None, _) => false,
        };
        let may = self
            .rang
            .is_none_or(|rang| now.since(rang) >= AT_MOST_EVERY_MS);
        let ring = may && (self.due || again);
        if ring {
            self.rang = Some(now);
            self.due = false;
        }
        ring
    }

    /// Whether it rang less than [`FLASH_MS`] ago.
    #[must_use]
    pub fn rang_just_now(&self, now: Millis) -> bool {
        self.rang.is_some_and(|rang| now.since(rang) < FLASH_MS)
    }
}

/// The interval at which an alarm rings again, in milliseconds; well within the ten seconds that safety.md
/// allows. An alarm for a stop that may be unnoticed rings as often as the bell can.
const fn again_after_ms(alarm: Alarm) -> u64 {
    match alarm {
        Alarm::NotDelivered | Alarm::NotAcknowledged => AT_MOST_EVERY_MS,
        Alarm::LinkLost | Alarm::Stop => 2_000,
        Alarm::Hold | Alarm::CheckInAgain => 3_000,
        // It rings once, softly, until the question is asked again.
        Alarm::CheckIn => CHECK_IN_AGAIN_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rings_at_once_and_never_twice_a_second() {
        let mut bell = Bell::default();
        bell.ring();
        assert!(bell.tick(Millis(0), None));
        bell.ring();
        assert!(!bell.tick(Millis(999), None));
        assert!(bell.tick(Millis(1_000), None), "put off, not forgotten");
        assert!(!bell.tick(Millis(5_000), None));
    }

    #[test]
    fn an_alarm_repeats_until_it_is_gone() {
        for alarm in [
            Alarm::NotDelivered,
            Alarm::LinkLost,
            Alarm::NotAcknowledged,
            Alarm::Stop,
            Alarm::Hold,
            Alarm::CheckIn,
            Alarm::CheckInAgain,
        ] {
            let mut bell = Bell::default();
            let rings: Vec<_> = (0..60_000)
                .step_by(100)
                .filter(|ms| bell.tick(Millis(*ms), Some(alarm)))
                .collect();
            assert_eq!(rings.first(), Some(&0));
            let gaps = rings.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(gaps.into_iter().all(|gap| (1_000..=10_000).contains(&gap)));
            assert!(!bell.tick(Millis(90_000), None));
        }
    }
}
