//! The age of an event, in words.

use crate::words::{Past, fill};

/// `just now`, `3 minutes ago`, `2 days ago`.
pub(super) fn words(say: &Past, ms: u64) -> String {
    let minutes = ms / 60_000;
    let (unit, n) = match minutes {
        0 => return say.just_now.into(),
        1..60 => (&say.minutes, minutes),
        60..1_440 => (&say.hours, minutes / 60),
        _ => (&say.days, minutes / 1_440),
    };
    fill(unit.of(say.language, n), &[("n", &n.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;
    use tapcue_rules::language::Language;

    #[test]
    fn the_largest_whole_unit_is_said() {
        let english = &Words::of(Language::En).past;
        for (ms, is) in [
            (59_999, "just now"),
            (60_000, "1 minute ago"),
            (3_599_999, "59 minutes ago"),
            (7_200_000, "2 hours ago"),
            (86_400_000, "1 day ago"),
            (40 * 86_400_000, "40 days ago"),
        ] {
            assert_eq!(words(english, ms), is);
        }
    }

    #[test]
    fn each_number_has_its_form() {
        let arabic = &Words::of(Language::Ar).past;
        for (days, is) in [
            (1, "قبل يوم"),
            (2, "قبل يومين"),
            (3, "قبل 3 أيام"),
            (11, "قبل 11 يومًا"),
            (100, "قبل 100 يوم"),
            (104, "قبل 104 أيام"),
        ] {
            assert_eq!(words(arabic, days * 86_400_000), is);
        }
    }
}
