//! Places the marks of a lane so that no mark covers another. A mark that does not fit beside its neighbours
//! goes below them. If all rows are full, several marks become one with a number. "Seen" follows almost every
//! cue, so it takes only the room that is left and gets no row of its own.

use maud::{Markup, html};

use super::symbol;
use crate::words::{Words, clock};
use crate::{Became, Mark, MarkKind, Transcript};
use tapcue_rules::cue::Cue;

/// The side of a mark, in units of the drawing.
pub(super) const SIDE: f64 = 17.0;

/// The least distance between the centres of two marks.
pub(super) const APART: f64 = SIDE + 2.0;

/// How many rows of marks a lane may have.
const ROWS: usize = 3;

/// The greatest distance at which two marks of the same kind may become one.
const NEAR: f64 = 3.0 * APART;

/// One or more marks in one place.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) x: f64,
    pub(super) row: usize,
    pub(super) marks: Vec<Mark>,
}

/// Places the marks in order, each given with its position. Also returns the number of rows.
pub(super) fn place(marks: &[(f64, Mark)]) -> (Vec<Placed>, usize) {
    let mut placed: Vec<Placed> = Vec::new();
    // Stops are placed first, so that no other mark hides them.
    let turn = |mark: &Mark| match (is_stop(mark), is_seen(mark)) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    };
    for now in 0..3 {
        for (x, mark) in marks.iter().filter(|(_, mark)| turn(mark) == now) {
            put(&mut placed, *x, *mark);
        }
    }
    let rows = placed.iter().map(|placed| placed.row + 1).max();
    (placed, rows.unwrap_or(1))
}

fn put(placed: &mut Vec<Placed>, x: f64, mark: Mark) {
    let free = |row: &usize| {
        let mut others = placed.iter().filter(|other| other.row == *row);
        others.all(|other| (other.x - x).abs() >= APART)
    };
    let seen = is_seen(&mark);
    let used = placed.iter().map(|placed| placed.row + 1).max();
    let rows = if seen { used.unwrap_or(1) } else { ROWS };
    let mut row = (0..rows).find(free);
    if row.is_none() && seen {
        let like = |other: &Placed| other.marks.iter().all(is_seen);
        if let Some(like) = nearest(placed, x, like)
            && (like.x - x).abs() < NEAR
        {
            like.marks.push(mark);
            return;
        }
        row = (rows < ROWS).then_some(rows);
    }
    if let Some(row) = row {
        placed.push(Placed {
            x,
            row,
            marks: vec![mark],
        });
        return;
    }
    // If a stop finds all rows full, they contain stops, because stops are placed first.
    let stop = is_stop(&mark);
    let like = |other: &Placed| other.marks.iter().any(is_stop) == stop;
    if let Some(nearest) = nearest(placed, x, like) {
        nearest.marks.push(mark);
    }
}

fn nearest(placed: &mut [Placed], x: f64, like: impl Fn(&Placed) -> bool) -> Option<&mut Placed> {
    let near = |other: &&mut Placed| (other.x - x).abs();
    let fitting = placed.iter_mut().filter(|other| like(other));
    fitting.min_by(|one, two| near(one).total_cmp(&near(two)))
}

/// Whether a person acknowledged with "seen".
fn is_seen(mark: &Mark) -> bool {
    mark.kind == MarkKind::Seen && mark.result == Became::Taken
}

pub(super) fn is_stop(mark: &Mark) -> bool {
    let kind = match mark.kind {
        MarkKind::Cue { cue } => cue == Cue::Stop,
        MarkKind::Thumb { down } => !down,
        MarkKind::HandsOff
        | MarkKind::Seen
        | MarkKind::Confirmed
        | MarkKind::CheckIn
        | MarkKind::Joined
        | MarkKind::Connected
        | MarkKind::Restarted
        | MarkKind::Ended => false,
    };
    kind && mark.result == Became::Taken
}

/// Draws one placed mark, with its centre at `y`.
pub(super) fn draw(transcript: &Transcript, words: &Words, placed: &Placed, y: f64) -> Markup {
    let corner = -SIDE / 2.0;
    let inner = SIDE - 6.0;
    let first = placed.marks.first();
    let alike = first.is_some_and(|first| {
        let same = |mark: &Mark| mark.kind == first.kind && mark.result == first.result;
        placed.marks.iter().all(same)
    });
    let tell = placed
        .marks
        .iter()
        .take(12)
        .map(|mark| tell(transcript, words, mark));
    let title = tell.collect::<Vec<_>>().join("\n");
    html! {
        g transform=(format!("translate({:.1} {y:.1})", placed.x)) class=(classes(first, alike)) {
            title { (title) @if placed.marks.len() > 12 { "\n…" } }
            rect x=(corner) y=(corner) width=(SIDE) height=(SIDE) rx="4" {}
            @if let (Some(first), true) = (first, alike) {
                use href=(format!("#s-{}", symbol::of(first.kind))) x=(-inner / 2.0) y=(-inner / 2.0) width=(inner) height=(inner) {}
            }
            @if placed.marks.len() > 1 {
                @if alike {
                    g transform="translate(7.5 -7)" { circle.number r="5.2" {} text.number y="2.6" { (few(placed)) } }
                } @else {
                    text.several y="3.2" { (few(placed)) }
                }
            }
        }
    }
}

/// The number of marks, in two characters.
fn few(placed: &Placed) -> String {
    match placed.marks.len() {
        n @ 0..100 => n.to_string(),
        _ => "99".into(),
    }
}

fn classes(first: Option<&Mark>, alike: bool) -> String {
    match first {
        Some(mark) if alike && mark.result == Became::Taken => {
            format!("mark {}", symbol::of(mark.kind))
        }
        Some(_) if alike => "mark untaken".into(),
        Some(_) | None => "mark mixed".into(),
    }
}

/// The text of a mark: "1:23 Receiver: Slower. Shown after 120 ms."
fn tell(transcript: &Transcript, words: &Words, mark: &Mark) -> String {
    let at = clock(mark.at.since(transcript.timeline().from));
    let who = words.role(mark.by);
    let line = transcript.line(mark.seq);
    let says = line.map(|line| words.says(transcript, line));
    let says = says.unwrap_or_default();
    let became = line.map(|line| words.became(line)).unwrap_or_default();
    let marks = &words.marks;
    let point = if became.is_empty() { "" } else { marks.point };
    format!("{at} {who}{}{says}{point}{became}", marks.colon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tapcue_rules::cue::Role;
    use tapcue_rules::time::Millis;

    fn mark(seq: u64, cue: Cue) -> Mark {
        Mark {
            seq,
            by: Some(Role::Receiver),
            at: Millis(seq),
            kind: MarkKind::Cue { cue },
            result: Became::Taken,
        }
    }

    #[test]
    fn no_mark_lies_on_another_none_is_lost_and_no_stop_is_hidden() {
        let crowd: Vec<_> = (0..200)
            .map(|n| {
                let cue = if n % 9 == 0 { Cue::Stop } else { Cue::Slower };
                (f64::from(n) * 1.7, mark(u64::from(n as u32), cue))
            })
            .collect();
        let (placed, rows) = place(&crowd);
        assert_eq!(rows, ROWS);
        let all: usize = placed.iter().map(|placed| placed.marks.len()).sum();
        assert_eq!(all, crowd.len());
        for (n, one) in placed.iter().enumerate() {
            let mut others = placed.iter().skip(n + 1);
            assert!(others.all(|other| other.row != one.row || (other.x - one.x).abs() >= APART));
            let stops = one.marks.iter().filter(|mark| is_stop(mark)).count();
            assert!(stops == 0 || stops == one.marks.len());
        }
    }

    #[test]
    fn what_was_seen_is_one_mark_with_what_was_seen_near_it() {
        let seen = |seq| Mark {
            kind: MarkKind::Seen,
            ..mark(seq, Cue::Slower)
        };
        let drawn = |apart: f64| {
            let marks = [
                (0.0, mark(1, Cue::Stop)),
                (apart, mark(2, Cue::Stop)),
                (apart, mark(3, Cue::Slower)),
                (0.0, seen(4)),
                (apart, seen(5)),
            ];
            let (placed, rows) = place(&marks);
            (placed.len(), rows)
        };
        assert_eq!(drawn(NEAR - 1.0), (4, 2));
        assert_eq!(drawn(NEAR), (5, 3));
    }
}
