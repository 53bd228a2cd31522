//! Dates and times of day, for readers and for spreadsheets.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use tapcue_rules::time::Millis;

/// The reader's UTC offset in whole minutes, within ±24 h.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offset(i32);

impl Offset {
    pub(super) fn minutes(minutes: i32) -> Self {
        Self(minutes.clamp(-1_439, 1_439))
    }

    /// `at` as a local date and time with this offset.
    fn tells(self, at: Millis) -> DateTime {
        let offset = jiff::tz::Offset::from_seconds(self.0 * 60);
        offset
            .unwrap_or(jiff::tz::Offset::UTC)
            .to_datetime(timestamp(at))
    }
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.0.cmp(&0) {
            Ordering::Equal => return f.write_str("UTC"),
            Ordering::Less => '−',
            Ordering::Greater => '+',
        };
        let minutes = self.0.abs();
        write!(f, "UTC{sign}{}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A time from a forged file is limited to the end of the year 9999.
fn timestamp(at: Millis) -> Timestamp {
    let ms = i64::try_from(at.0).ok();
    ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(Timestamp::MAX)
}

/// `at` in UTC, as ISO 8601 to the millisecond.
pub(super) fn iso(at: Millis) -> String {
    format!("{:.3}", timestamp(at))
}

/// The local date with this offset.
pub(super) fn date(at: Millis, offset: Offset) -> Date {
    offset.tells(at).date()
}

/// The local time of day to the minute, `14:05`.
pub(super) fn time_of_day(at: Millis, offset: Offset) -> String {
    let time = offset.tells(at).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_read_right() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(Millis(ms)), text);
        }
        assert_eq!(iso(Millis(u64::MAX)), "9999-12-30T22:00:00.999Z");
        let newfoundland = Offset::minutes(-150);
        assert_eq!(date(Millis(0), newfoundland).to_string(), "1969-12-31");
        assert_eq!(time_of_day(Millis(0), newfoundland), "21:30");
        assert_eq!(newfoundland.to_string(), "UTC−2:30");
        assert_eq!(Offset::minutes(345).to_string(), "UTC+5:45");
        for (far, text) in [(i32::MAX, "UTC+23:59"), (i32::MIN, "UTC−23:59")] {
            let far = Offset::minutes(far);
            assert_eq!(far.to_string(), text);
            assert_eq!(
                time_of_day(Millis(86_400_000), far),
                text.replace("UTC", "")
                    .replace('+', "")
                    .replace("−23:59", "00:01")
            );
        }
    }
}
