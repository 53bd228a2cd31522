//! The texts of a transcript for people, from the catalog of the chosen language.

mod became;
mod faults;
mod names;
mod says;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod verdict;

pub(super) use faults::Fault;
pub(super) use names::{code_name, kind, reason_name};
pub(super) use table::Words;

use std::fmt::Display;

use super::{Line, Transcript};
use tapcue_catalog::Catalog;
use tapcue_rules::cue::Role;
use tapcue_rules::language::Language;
use tapcue_rules::time::Millis;

/// Set around text that runs in the other direction than the text around it (Unicode UAX #9, FSI and PDI).
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

impl Transcript {
    /// The name that a person typed.
    pub(super) fn name(&self, role: Role) -> Option<&str> {
        let name = self.header.people.of(role).name.as_ref();
        name.map(tapcue_rules::state::Name::as_str)
    }

    /// The line of the entry at this place.
    pub(super) fn line(&self, seq: u64) -> Option<&Line> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.lines.get(index)
    }
}

impl Words {
    /// The words of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        static WORDS: Catalog<Words> = Catalog::new("transcript");
        WORDS.of(language.code())
    }

    /// Whether it is read from right to left.
    pub(super) fn right_to_left(&self) -> bool {
        self.dir == "rtl"
    }

    /// A text with its `{blanks}` filled in, each value isolated where its direction differs.
    pub(super) fn fill(&self, text: &str, blanks: &[(&str, &dyn Display)]) -> String {
        tapcue_catalog::fill(text, |name| {
            let blank = blanks.iter().find(|(is, _)| *is == name);
            blank.map(|(_, value)| self.apart(value.to_string()))
        })
    }

    /// Isolates a left-to-right value inside right-to-left text.
    fn apart(&self, value: String) -> String {
        let turns = |c: char| c == '±' || (c.is_alphabetic() && c < '\u{590}');
        if self.right_to_left() && value.contains(turns) {
            let [begin, end] = ISOLATE;
            format!("{begin}{value}{end}")
        } else {
            value
        }
    }

    /// The value in brackets, with the leading space that the language needs.
    pub(super) fn in_brackets(&self, what: &dyn Display) -> String {
        self.fill(self.marks.in_brackets, &[("what", what)])
    }

    /// A duration: `120 ms`, `1.4 s`, `2:05 min`, `1:02:03 h`.
    pub(super) fn span(&self, ms: u64) -> String {
        let s = ms / 1_000;
        let (unit, n) = match ms {
            0..1_000 => (self.units.ms, ms.to_string()),
            1_000..60_000 => (self.units.s, format!("{s}.{}", ms % 1_000 / 100)),
            60_000..3_600_000 => (self.units.min, clock(ms)),
            _ => (self.units.h, clock(ms)),
        };
        self.fill(unit, &[("n", &n)])
    }

    /// A date and time: `22 November 2026, 11:54`.
    pub(super) fn moment(&self, at: Millis, offset: super::civil::Offset) -> String {
        let time = super::civil::time_of_day(at, offset);
        let blanks: &[(&str, &dyn Display)] = &[("day", &self.day(at, offset)), ("time", &time)];
        self.fill(self.units.moment, blanks)
    }

    /// A date.
    pub(super) fn day(&self, at: Millis, offset: super::civil::Offset) -> String {
        let date = super::civil::date(at, offset);
        let month = self.units.months[usize::from(date.month().unsigned_abs()) - 1];
        let blanks: &[(&str, &dyn Display)] = &[
            ("day", &date.day()),
            ("month", &month),
            ("year", &date.year()),
        ];
        self.fill(self.units.day, blanks)
    }
}

/// A time since the beginning: `1:23`, `1:02:03`.
pub(super) fn clock(ms: u64) -> String {
    let s = ms / 1_000;
    if s < 3_600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }
}

/// A time since the beginning to the millisecond, always with hours: `0:01:23.456`.
pub(super) fn clock_ms(ms: u64) -> String {
    let s = ms / 1_000;
    let (h, m) = (s / 3_600, s / 60 % 60);
    format!("{h}:{m:02}:{:02}.{:03}", s % 60, ms % 1_000)
}

/// The text with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rest).collect()
}

/// Text from a device without terminal control characters and direction marks.
pub(super) fn clean(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' => '\u{FFFD}',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}
