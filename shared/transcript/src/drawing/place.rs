//! Places the marks of a lane so that no mark covers another, none is lost and no stop is among others. A mark
//! without room goes to a lower row. If all rows are full, it shares the place of another.

use super::{Size, is_stop};
use crate::{Became, Mark, MarkKind};

/// When a mark is placed. Stops are first, so that nothing hides them. "Seen" follows almost every cue, so it
/// takes the room that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Stop,
    Other,
    Seen,
}

impl Turn {
    fn of(mark: &Mark) -> Self {
        if is_stop(mark) {
            Turn::Stop
        } else if mark.kind == MarkKind::Seen && mark.result == Became::Taken {
            Turn::Seen
        } else {
            Turn::Other
        }
    }
}

/// One or more marks in one place.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub(super) x: u32,
    pub(super) row: u32,
    pub(super) marks: Vec<&'a Mark>,
    turn: Turn,
}

/// Places the marks, each given with its position in the order of time. The places are in that order too.
pub(super) fn place<'a>(
    marks: impl Iterator<Item = (u32, &'a Mark)>,
    size: Size,
) -> Vec<Placed<'a>> {
    let marks: Vec<_> = marks.map(|(x, mark)| (x, mark, Turn::of(mark))).collect();
    let mut placed = Vec::new();
    for now in [Turn::Stop, Turn::Other, Turn::Seen] {
        for (x, mark, _) in marks.iter().filter(|(_, _, turn)| *turn == now) {
            put(&mut placed, *x, mark, now, size);
        }
    }
    placed.sort_by_key(|placed| (placed.x, placed.row));
    placed
}

fn put<'a>(placed: &mut Vec<Placed<'a>>, x: u32, mark: &'a Mark, turn: Turn, size: Size) {
    let used = placed.iter().map(|placed| placed.row + 1).max();
    let rows = match turn {
        Turn::Stop | Turn::Other => size.rows,
        Turn::Seen => used.unwrap_or(1).min(size.rows),
    };
    let is_free = |row: &u32| {
        let mut others = placed.iter().filter(|other| other.row == *row);
        others.all(|other| other.x.abs_diff(x) >= size.apart)
    };
    let free = (0..rows).find(is_free);
    let shared = match turn {
        Turn::Stop => nearest(placed, x, size.apart, |of| of == Turn::Stop),
        Turn::Other => nearest(placed, x, size.apart, |of| of != Turn::Stop),
        Turn::Seen => nearest(placed, x, size.near, |of| of == Turn::Seen).or_else(|| {
            let full = rows == size.rows;
            full.then(|| nearest(placed, x, size.apart, |of| of != Turn::Stop))?
        }),
    };
    match (free, shared.and_then(|index| placed.get_mut(index))) {
        (None, Some(place)) => place.marks.push(mark),
        (free, _) => placed.push(Placed {
            x,
            // Without a place to share, all rows are full of stops: it takes the row below them.
            row: free.unwrap_or(rows),
            marks: vec![mark],
            turn,
        }),
    }
}

/// The nearest place of such marks that is nearer than `within`; of two equally near, the one taken first.
fn nearest(
    placed: &[Placed<'_>],
    x: u32,
    within: u32,
    such: impl Fn(Turn) -> bool,
) -> Option<usize> {
    let far = |(_, one): &(usize, &Placed<'_>)| one.x.abs_diff(x);
    let all = placed.iter().enumerate().filter(|(_, one)| such(one.turn));
    let nearest = all.filter(|one| far(one) < within).min_by_key(far);
    nearest.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tapcue_rules::cue::{Cue, Role};
    use tapcue_rules::time::Millis;

    fn mark(seq: u64, kind: MarkKind) -> Mark {
        Mark {
            seq,
            by: Some(Role::Receiver),
            at: Millis(seq),
            kind,
            result: Became::Taken,
        }
    }

    const fn cue(cue: Cue) -> MarkKind {
        MarkKind::Cue { cue }
    }

    /// In every medium: nothing covers or hides anything, and everything is near its time.
    #[test]
    fn no_mark_lies_on_another_none_is_lost_or_far_off_and_no_stop_is_hidden() {
        for size in [Size::page(358), Size::page(760), Size::text(62)] {
            for kinds in [
                &[cue(Cue::Stop), cue(Cue::Slower), MarkKind::Seen][..],
                &[
                    cue(Cue::Slower),
                    MarkKind::Seen,
                    cue(Cue::Left),
                    cue(Cue::Stay),
                ],
                &[
                    cue(Cue::Stop),
                    cue(Cue::Stop),
                    cue(Cue::Stop),
                    cue(Cue::Stay),
                ],
            ] {
                let kinds = kinds.iter().cycle();
                let marks: Vec<_> = (0..200).zip(kinds).map(|(n, k)| mark(n, *k)).collect();
                let at = |mark: &Mark| u32::try_from(mark.seq * 17 / 10).unwrap() * size.apart / 24;
                let placed = place(marks.iter().map(|mark| (at(mark), mark)), size);
                let all: usize = placed.iter().map(|placed| placed.marks.len()).sum();
                assert_eq!(all, marks.len());
                for (n, one) in placed.iter().enumerate() {
                    let mut others = placed.iter().skip(n + 1);
                    assert!(
                        others.all(|it| it.row != one.row || it.x.abs_diff(one.x) >= size.apart)
                    );
                    let stops = one.marks.iter().filter(|mark| is_stop(mark)).count();
                    assert!(stops == 0 || stops == one.marks.len());
                    assert!(one.row <= size.rows);
                    for mark in &one.marks {
                        let seen = Turn::of(mark) == Turn::Seen;
                        let most = if seen { size.near } else { size.apart };
                        assert!(at(mark).abs_diff(one.x) < most, "{one:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_seen_is_one_mark_with_what_was_seen_near_it() {
        let size = Size::page(358);
        let drawn = |apart: u32| {
            let marks = [
                (0, mark(1, cue(Cue::Stop))),
                (apart, mark(2, cue(Cue::Stop))),
                (apart, mark(3, cue(Cue::Slower))),
                (0, mark(4, MarkKind::Seen)),
                (apart, mark(5, MarkKind::Seen)),
            ];
            let placed = place(marks.iter().map(|(x, mark)| (*x, mark)), size);
            let rows = placed.iter().map(|placed| placed.row + 1).max();
            (placed.len(), rows)
        };
        assert_eq!(drawn(size.near - 1), (4, Some(2)));
        assert_eq!(drawn(size.near), (5, Some(3)));
    }
}
