//! Cuts a session's time into strips, so that a dense hour is as readable as a short minute.

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Round durations, in milliseconds: for the length of strips and for the steps between time marks.
const ROUND: [u64; 26] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    90 * SECOND,
    2 * MINUTE,
    3 * MINUTE,
    4 * MINUTE,
    5 * MINUTE,
    6 * MINUTE,
    8 * MINUTE,
    10 * MINUTE,
    12 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    12 * HOUR,
    24 * HOUR,
    7 * 24 * HOUR,
];

/// The maximum number of strips. More are not readable.
const AT_MOST: u64 = 24;

/// The least length of a last strip of its own, as 1/`STUB` of a strip. A shorter rest is added to the strip
/// before it.
const STUB: u64 = 10;

/// A part of the session's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strip {
    /// Its beginning, in milliseconds since the session's beginning.
    pub(super) from: u64,
    /// The length of the paper, in milliseconds. The session may end before the end of the last strip.
    pub(super) length: u64,
    /// The end of the session's part of it.
    pub(super) to: u64,
    /// The step between time marks, in milliseconds.
    pub(super) step: u64,
    /// Whether it is the last strip, which has everything from its beginning on.
    pub(super) last: bool,
}

/// Strips for `total` milliseconds with `marks` marks. In one strip `each` marks are readable, and `steps`
/// times.
pub(super) fn strips(total: u64, marks: usize, each: u32, steps: u32) -> Vec<Strip> {
    let total = total.max(SECOND);
    let wanted = (marks as u64)
        .div_ceil(each.max(1).into())
        .clamp(1, AT_MOST);
    let length = if wanted == 1 {
        total
    } else {
        round_up(total.div_ceil(wanted))
    };
    let step = round_up(length.div_ceil(steps.max(2).into()));
    let count = total.saturating_sub(length / STUB).div_ceil(length).max(1);
    let strip = |n: u64| {
        let from = n * length;
        let last = n + 1 == count;
        let to = if last { total } else { from + length };
        Strip {
            from,
            length: length.max(to - from),
            to,
            step,
            last,
        }
    };
    (0..count).map(strip).collect()
}

fn round_up(ms: u64) -> u64 {
    let longest = ROUND[ROUND.len() - 1];
    let round: Option<u64> = ROUND.into_iter().find(|round| *round >= ms);
    round.unwrap_or_else(|| ms.div_ceil(longest) * longest)
}

impl Strip {
    /// The times to mark, in milliseconds since the session's beginning.
    pub(super) fn steps(self) -> impl Iterator<Item = u64> {
        let first: u64 = self.from.div_ceil(self.step);
        let last = (self.from + self.length) / self.step;
        (first..=last).map(move |n| n * self.step)
    }

    /// The part of `from..to` in this strip; none if they do not overlap.
    pub(super) fn clip(self, from: u64, to: u64) -> Option<(u64, u64)> {
        let (from, to) = (from.max(self.from), to.min(self.to));
        (from < to).then_some((from, to))
    }

    /// Whether a moment is in this strip. What is after the session's end is in the last strip.
    pub(super) fn has(self, at: u64) -> bool {
        at >= self.from && (at < self.to || self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_cover_all_of_the_time_and_are_never_too_many() {
        for total in [
            0,
            1,
            999,
            61_000,
            3_600_000,
            3_600_001,
            86_400_000 * 400,
            1 << 53,
        ] {
            for marks in [0, 1, 30, 31, 10_000, 1 << 40] {
                let strips = strips(total, marks, 30, 8);
                assert!(!strips.is_empty() && strips.len() as u64 <= AT_MOST);
                assert_eq!(strips[0].from, 0);
                assert!(strips.windows(2).all(|pair| pair[0].to == pair[1].from));
                assert!(strips[strips.len() - 1].to >= total);
                assert!(strips.iter().all(|strip| strip.steps().count() <= 10));
            }
        }
    }

    #[test]
    fn lengths_are_round_for_people_and_past_a_week_whole_weeks() {
        let seconds = [
            1, 2, 5, 10, 15, 30, 60, 90, 120, 180, 240, 300, 360, 480, 600, 720, 900, 1_200, 1_800,
            3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 604_800, 1_209_600,
        ];
        let mut before = 0;
        for ms in seconds.map(|s: u64| s * 1_000) {
            assert_eq!((round_up(before + 1), round_up(ms)), (ms, ms));
            before = ms;
        }
    }

    #[test]
    fn a_moment_between_two_strips_is_in_the_later_and_the_last_is_in_the_last() {
        let strips = strips(2 * MINUTE, 60, 30, 8);
        let [one, two] = strips.as_slice() else {
            panic!("{strips:?}");
        };
        let at = |ms| (one.has(ms), two.has(ms));
        assert_eq!((at(0), at(MINUTE - 1)), ((true, false), (true, false)));
        assert_eq!((at(MINUTE), at(2 * MINUTE)), ((false, true), (false, true)));
        assert_eq!(at(2 * MINUTE + 1), (false, true));
        assert_eq!(one.clip(0, 3 * MINUTE), Some((0, MINUTE)));
        assert_eq!(two.clip(0, 3 * MINUTE), Some((MINUTE, 2 * MINUTE)));
        assert_eq!((two.clip(0, MINUTE), one.clip(5, 5)), (None, None));
    }

    #[test]
    fn no_strip_is_made_for_the_last_few_seconds() {
        let strips = strips(52 * MINUTE + 7 * SECOND, 300, 23, 8);
        assert_eq!(strips.len(), 13);
        let last = strips[12];
        assert_eq!(
            (last.from, last.length),
            (48 * MINUTE, 4 * MINUTE + 7 * SECOND)
        );
    }
}
