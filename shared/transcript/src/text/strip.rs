//! The timeline in characters: a row for the session, one for each person, and one for each link that was not
//! up all the time. Paints [`Drawing`].

use super::wide::padded;
use crate::drawing::{Drawing, Place, Size, Stretch, Tick};
use crate::words::Words;
use crate::{Band, Became, LinkBand, MarkKind, Transcript};
use tapcue_rules::cue::Role;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase};

/// The width of the rows' names, in characters.
const LABEL: usize = 10;

/// Makes the line run from left to right in any language, for terminals that support both directions.
const LEFT_TO_RIGHT: char = '\u{200E}';

pub(super) fn timeline(transcript: &Transcript, words: &Words, width: usize, out: &mut String) {
    let say = &words.characters;
    let columns = width - LABEL;
    let size = Size::text(u32::try_from(columns).unwrap_or(u32::MAX));
    for strip in Drawing::of(transcript, words, size).strips {
        row(words, out, "", &times(&strip.ticks, columns));
        row(
            words,
            out,
            say.row_session,
            &filled(&strip.bands, phase, columns),
        );
        for lane in &strip.lanes {
            let label = match lane.by {
                Some(Role::Receiver) => say.row_receiver,
                Some(Role::Helper) => say.row_helper,
                None => say.row_relay,
            };
            row(words, out, label, &people(&lane.places, columns));
        }
        for lane in strip.lanes.iter().filter(|lane| !lane.links.is_empty()) {
            let label = match lane.by {
                Some(Role::Helper) => say.row_helpers_link,
                Some(Role::Receiver) | None => say.row_receivers_link,
            };
            row(words, out, label, &filled(&lane.links, link, columns));
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

fn times(ticks: &[Tick], columns: usize) -> Vec<char> {
    let mut cells = vec![' '; columns];
    for Tick { x, text } in ticks {
        let text = text.iter().flat_map(|text| text.chars());
        for (cell, c) in cells.iter_mut().skip(*x as usize).zip(text) {
            *cell = c;
        }
    }
    cells
}

fn filled<T>(all: &[Stretch<'_, T>], c: impl Fn(&T) -> char, columns: usize) -> Vec<char> {
    let mut cells = vec![' '; columns];
    for one in all {
        let places = one.x as usize..(one.x + one.width) as usize;
        cells
            .get_mut(places)
            .into_iter()
            .flatten()
            .for_each(|cell| *cell = c(one.of));
    }
    cells
}

fn people(places: &[Place<'_>], columns: usize) -> Vec<char> {
    let mut cells = vec![' '; columns];
    for place in places {
        for mark in &place.marks {
            let c = character(mark.kind, mark.result);
            if let Some(cell) = cells.get_mut(place.x as usize) {
                *cell = match (*cell, c) {
                    (' ' | ':', c) => c,
                    (before, ':') => before,
                    ('S', _) | (_, 'S') => 'S',
                    (before, c) if before == c => c,
                    _ => '+',
                };
            }
        }
    }
    cells
}

const fn phase(band: &Band) -> char {
    match (band.phase, band.reason) {
        (Phase::Waiting, _) => '.',
        (Phase::Live, _) => '=',
        (Phase::Ended, _) => ' ',
        (Phase::Held, Some(HoldReason::Start) | None) => '-',
        (Phase::Held, Some(HoldReason::Stop)) => 'S',
        (Phase::Held, Some(HoldReason::Released)) => 'T',
        (Phase::Held, Some(HoldReason::LinkLost)) => 'L',
        (Phase::Held, Some(HoldReason::Away)) => 'A',
        (Phase::Held, Some(HoldReason::NoAnswer)) => 'N',
    }
}

const fn link(band: &LinkBand) -> char {
    match band.status {
        LinkStatus::Here | LinkStatus::Absent => ' ',
        LinkStatus::Late => '~',
        LinkStatus::Lost => 'x',
        LinkStatus::Away => 'o',
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
