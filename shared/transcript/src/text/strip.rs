//! The timeline in characters: a row for the session, one for each person, and one for each link that was not
//! up all the time.

use super::wide::padded;
use crate::strips::{Strip, strips};
use crate::words::{Words, clock};
use crate::{Became, MarkKind, Transcript};
use tapcue_rules::cue::Role;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase};

/// The width of the rows' names, in characters.
const LABEL: usize = 10;

/// Makes the line run from left to right in any language, for terminals that support both directions.
const LEFT_TO_RIGHT: char = '\u{200E}';

pub(super) fn timeline(transcript: &Transcript, words: &Words, width: usize, out: &mut String) {
    let say = &words.characters;
    let row = |out: &mut String, label: &str, cells: &[char]| row(words, out, label, cells);
    let columns = width - LABEL;
    let timeline = transcript.timeline();
    let total = timeline.to.since(timeline.from);
    let strips = strips(total, timeline.marks.len(), columns / 2);
    let last = strips.len().saturating_sub(1);
    for (n, strip) in strips.into_iter().enumerate() {
        let paper = Paper { strip, columns };
        row(out, "", &paper.times());
        row(out, say.row_session, &paper.session(transcript));
        let lanes = [
            (Some(Role::Receiver), say.row_receiver),
            (Some(Role::Helper), say.row_helper),
            (None, say.row_relay),
        ];
        for (by, label) in lanes {
            let cells = paper.people(transcript, by, n == last);
            if by.is_some() || cells.iter().any(|c| *c != ' ') {
                row(out, label, &cells);
            }
        }
        for role in Role::BOTH {
            let cells = paper.link(transcript, role);
            if cells.iter().any(|c| *c != ' ') {
                let label = match role {
                    Role::Receiver => say.row_receivers_link,
                    Role::Helper => say.row_helpers_link,
                };
                row(out, label, &cells);
            }
        }
        out.push('\n');
    }
    for line in &say.legend {
        out.push_str(line);
        out.push('\n');
    }
}

fn row(words: &Words, out: &mut String, label: &str, cells: &[char]) {
    let cells: String = cells.iter().collect();
    let label = padded(label, LABEL);
    if words.right_to_left() {
        out.push(LEFT_TO_RIGHT);
    }
    out.push_str(format!("{label}{cells}").trim_end());
    out.push('\n');
}

struct Paper {
    strip: Strip,
    columns: usize,
}

impl Paper {
    fn column(&self, at: u64) -> usize {
        let into = at.saturating_sub(self.strip.from).min(self.strip.length);
        // The result is less than the number of columns, which is a usize.
        let column = u128::from(into) * self.columns as u128 / u128::from(self.strip.length);
        usize::try_from(column)
            .unwrap_or(0)
            .min(self.columns.saturating_sub(1))
    }

    fn times(&self) -> Vec<char> {
        let mut cells = vec![' '; self.columns];
        let mut free = 0;
        for at in self.strip.steps() {
            let text = clock(at);
            let from = self.column(at);
            if from >= free && from + text.len() <= self.columns {
                put(&mut cells, from, &text);
                free = from + text.len() + 1;
            }
        }
        cells
    }

    fn session(&self, transcript: &Transcript) -> Vec<char> {
        let timeline = transcript.timeline();
        // A short hold must stay visible beside a long live time in the same column.
        let weight = |c: char| match c {
            ' ' => 0,
            '.' => 1,
            '-' => 2,
            '=' => 3,
            'S' | 'T' => 5,
            _ => 4,
        };
        let bands = timeline.bands.iter().map(|band| {
            let c = match (band.phase, band.reason) {
                (Phase::Waiting, _) => '.',
                (Phase::Live, _) => '=',
                (Phase::Ended, _) => ' ',
                (Phase::Held, Some(HoldReason::Start) | None) => '-',
                (Phase::Held, Some(HoldReason::Stop)) => 'S',
                (Phase::Held, Some(HoldReason::Released)) => 'T',
                (Phase::Held, Some(HoldReason::LinkLost)) => 'L',
                (Phase::Held, Some(HoldReason::Away)) => 'A',
                (Phase::Held, Some(HoldReason::NoAnswer)) => 'N',
            };
            (c, band.from, band.to)
        });
        let bands = bands.map(|(c, from, to)| {
            let to = to.unwrap_or(timeline.to).since(timeline.from);
            (c, from.since(timeline.from), to)
        });
        self.filled(bands, weight)
    }

    fn link(&self, transcript: &Transcript, role: Role) -> Vec<char> {
        let timeline = transcript.timeline();
        let bands = timeline.links.of(role).iter().map(|band| {
            let c = match band.status {
                LinkStatus::Here | LinkStatus::Absent => ' ',
                LinkStatus::Late => '~',
                LinkStatus::Lost => 'x',
                LinkStatus::Away => 'o',
            };
            let to = band.to.unwrap_or(timeline.to).since(timeline.from);
            (c, band.from.since(timeline.from), to)
        });
        self.filled(bands, |c| match c {
            ' ' => 0,
            '~' => 1,
            _ => 2,
        })
    }

    fn filled(
        &self,
        bands: impl Iterator<Item = (char, u64, u64)>,
        weight: impl Fn(char) -> u8,
    ) -> Vec<char> {
        let mut cells = vec![' '; self.columns];
        for (c, from, to) in bands {
            let Some((from, to)) = self.strip.clip(from, to) else {
                continue;
            };
            let places = self.column(from)..=self.column(to.saturating_sub(1));
            for cell in cells.get_mut(places).into_iter().flatten() {
                if weight(c) > weight(*cell) {
                    *cell = c;
                }
            }
        }
        cells
    }

    fn people(&self, transcript: &Transcript, by: Option<Role>, last: bool) -> Vec<char> {
        let timeline = transcript.timeline();
        let mut cells = vec![' '; self.columns];
        for mark in timeline.marks.iter().filter(|mark| mark.by == by) {
            let at = mark.at.since(timeline.from);
            if !self.strip.has(at, last) {
                continue;
            }
            let c = character(mark.kind, mark.result);
            if let Some(cell) = cells.get_mut(self.column(at)) {
                *cell = match (*cell, c) {
                    (' ' | ':', c) => c,
                    (before, ':') => before,
                    ('S', _) | (_, 'S') => 'S',
                    (before, c) if before == c => c,
                    _ => '+',
                };
            }
        }
        cells
    }
}

fn character(kind: MarkKind, result: Became) -> char {
    if result != Became::Taken {
        return ':';
    }
    match kind {
        MarkKind::Cue { cue } => cue.traits().sign,
        MarkKind::Thumb { down: true } => 'v',
        MarkKind::Thumb { down: false } => '^',
        MarkKind::HandsOff => 'h',
        MarkKind::Seen => 'a',
        MarkKind::Confirmed => 'c',
        MarkKind::CheckIn => '?',
        MarkKind::Joined | MarkKind::Connected => 'j',
        MarkKind::Restarted => '!',
        MarkKind::Ended => 'q',
    }
}

fn put(cells: &mut [char], from: usize, text: &str) {
    for (cell, c) in cells.iter_mut().skip(from).zip(text.chars()) {
        *cell = c;
    }
}

#[cfg(test)]
mod tests {
    use super::super::wide::width;
    use super::*;
    use tapcue_rules::language::Language;

    #[test]
    fn every_row_name_of_every_language_fits_its_column() {
        for language in Language::ALL {
            let say = &Words::of(language).characters;
            for name in [
                say.row_session,
                say.row_receiver,
                say.row_helper,
                say.row_relay,
                say.row_receivers_link,
                say.row_helpers_link,
            ] {
                assert!(width(name) <= LABEL, "{language:?}: {name}");
            }
        }
    }
}
