//! Numbers and spans of time in readable form.

use crate::journal::archive::Tally;

/// `1 session`, `2 sessions`.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `12 sessions with 3456 entries, and that 2 were deleted`.
pub(super) fn tally(tally: &Tally) -> String {
    format!(
        "{} with {}, and that {} deleted",
        count(tally.sessions, "session", "sessions"),
        count(tally.entries, "entry", "entries"),
        count(tally.deleted, "was", "were"),
    )
}

/// `45 s`, `3 min`, `5 h`, `12 d`: the largest whole unit.
pub(super) fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `512 B`, `12 kB`, `3.4 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_whole_unit_is_said() {
        assert_eq!(span(59_999), "59 s");
        assert_eq!(span(3_599_000), "59 min");
        assert_eq!(span(86_399_000), "23 h");
        assert_eq!(span(40 * 86_400_000), "40 d");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(999_999), "999 kB");
        assert_eq!(size(3_450_000), "3.4 MB");
        assert_eq!(count(1, "session", "sessions"), "1 session");
    }
}
