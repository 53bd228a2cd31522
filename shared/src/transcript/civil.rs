//! Dates and times of day, for people and for spreadsheets.

use crate::time::Millis;

const DAY_MS: i64 = 86_400_000;

/// The offset that clocks where the session is read have from UTC, in minutes: within ±24 h.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offset(i64);

impl Offset {
    pub(super) fn minutes(minutes: i32) -> Self {
        Self(i64::from(minutes).clamp(-1_439, 1_439))
    }
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            return f.write_str("UTC");
        }
        let sign = if self.0 < 0 { '−' } else { '+' };
        let minutes = self.0.abs();
        write!(f, "UTC{sign}{}:{:02}", minutes / 60, minutes % 60)
    }
}

struct Civil {
    year: i64,
    month: usize,
    day: i64,
    ms_of_day: i64,
}

/// `at` in UTC, as ISO 8601 to the millisecond.
pub(super) fn iso(at: Millis) -> String {
    let civil = civil(at, Offset(0));
    let ms = civil.ms_of_day;
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        civil.year,
        civil.month,
        civil.day,
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1_000 % 60,
        ms % 1_000
    )
}

/// Year, month from 1, and day, where clocks have this offset.
pub(super) fn date(at: Millis, offset: Offset) -> (i64, usize, i64) {
    let civil = civil(at, offset);
    (civil.year, civil.month, civil.day)
}

/// The time of day to the minute, `14:05`.
pub(super) fn time_of_day(at: Millis, offset: Offset) -> String {
    let ms = civil(at, offset).ms_of_day;
    format!("{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
}

fn civil(at: Millis, offset: Offset) -> Civil {
    let at = i64::try_from(at.0).unwrap_or(i64::MAX / 2);
    let at = at.min(i64::MAX / 2) + offset.0 * 60_000;
    let days = at.div_euclid(DAY_MS);
    // Days to a date in the proleptic Gregorian calendar, in eras of 400 years that begin in March:
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: usize::try_from(month).unwrap_or(1),
        day: day_of_year - (153 * march_month + 2) / 5 + 1,
        ms_of_day: at.rem_euclid(DAY_MS),
    }
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
        let _no_panic = iso(Millis(u64::MAX));
        let newfoundland = Offset::minutes(-150);
        assert_eq!(date(Millis(0), newfoundland), (1969, 12, 31));
        assert_eq!(time_of_day(Millis(0), newfoundland), "21:30");
        assert_eq!(newfoundland.to_string(), "UTC−2:30");
    }
}
