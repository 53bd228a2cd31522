//! The transcript as CSV, one row per entry. It follows RFC 4180 in UTF-8 with a byte order mark, because
//! Excel misreads names without one. No cell can run as a formula in a spreadsheet.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::words::{Words, code_name, kind, reason_name};
use super::{Line, Transcript, civil};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::What;
use tapcue_rules::language::Language;
use tapcue_rules::time::Millis;

/// The columns in order. They stay the same within a version.
const COLUMNS: [&str; 30] = [
    "session",
    "seq",
    "time_utc",
    "since_start_ms",
    "by",
    "name",
    "what",
    "cue",
    "result",
    "why",
    "of_seq",
    "repeats",
    "tapped_utc",
    "tap_uncertainty_ms",
    "age_ms",
    "relayed_utc",
    "shown_utc",
    "shown_uncertainty_ms",
    "shown_after_ms",
    "acknowledged_utc",
    "acknowledged_after_ms",
    "hold_reason",
    "hold_by",
    "hold_until_utc",
    "live_again_after_ms",
    "check_in",
    "answered_after_ms",
    "says",
    "became",
    "hash",
];

impl Transcript {
    /// The transcript as CSV. The columns and their contents are the same in all languages, except `says` and
    /// `became`, which are text in this language.
    #[must_use]
    pub fn csv(&self, language: Language) -> String {
        let words = Words::of(language);
        let mut writer = WriterBuilder::new()
            .quote_style(QuoteStyle::NonNumeric)
            .terminator(Terminator::CRLF)
            .from_writer(vec![0xef, 0xbb, 0xbf]);
        // Writing to memory cannot fail, and every row has one cell per column.
        let mut written = writer.write_record(COLUMNS);
        for line in &self.lines {
            written = written.and_then(|()| writer.write_record(self.row(words, line)));
        }
        let bytes = written.ok().and_then(|()| writer.into_inner().ok());
        String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }

    fn row(&self, words: &Words, line: &Line) -> [String; COLUMNS.len()] {
        let Line { entry, outcome, .. } = line;
        let utc = |at: Option<Millis>| at.map(civil::iso).unwrap_or_default();
        let since = |at: Option<Millis>| {
            let from = outcome.relayed_at.unwrap_or(line.at);
            number(at.map(|at| at.since(from)))
        };
        let name = entry.by.and_then(|by| self.name(by));
        let hold = outcome.hold.as_ref();
        let question = outcome.question.as_ref();
        let cue = if let What::Cue { cue, .. } = &entry.what {
            cue.as_str()
        } else if let What::Stops { .. } = entry.what {
            Cue::Stop.as_str()
        } else {
            ""
        };
        let why = outcome.why.map(|why| why.as_str().to_owned());
        let why = why.or_else(|| outcome.code.map(code_name));
        [
            self.session.to_string(),
            line.seq.to_string(),
            civil::iso(line.at),
            line.at.since(self.timeline.from).to_string(),
            entry.by.map_or("relay", Role::as_str).into(),
            defused(name.unwrap_or_default()),
            kind(&entry.what).into(),
            cue.into(),
            outcome.result.as_str().into(),
            why.unwrap_or_default(),
            number(outcome.of.or(outcome.within).or(outcome.answers)),
            outcome.repeats.to_string(),
            utc(outcome.tapped_at),
            number(outcome.tap_uncertainty_ms),
            number(outcome.age_ms),
            utc(outcome.relayed_at),
            utc(outcome.shown_at),
            number(outcome.shown_uncertainty_ms),
            since(outcome.shown_at),
            utc(outcome.acknowledged_at),
            since(outcome.acknowledged_at),
            hold.map(|hold| reason_name(hold.reason))
                .unwrap_or_default()
                .into(),
            hold.map(|hold| hold.by.map_or("", Role::as_str))
                .unwrap_or_default()
                .into(),
            utc(hold.and_then(|hold| hold.until)),
            number(hold.and_then(|hold| hold.live_again_after_ms)),
            question
                .map(|question| question.answer.as_str())
                .unwrap_or_default()
                .into(),
            number(question.and_then(|question| question.after_ms)),
            defused(&words.says(self, line)),
            defused(&words.became(line)),
            line.hash.to_string(),
        ]
    }
}

fn number(n: Option<u64>) -> String {
    n.map(|n| n.to_string()).unwrap_or_default()
}

/// Text that a spreadsheet treats as text: an apostrophe is put before any text that could start a formula.
fn defused(text: &str) -> String {
    const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let first = text.trim_start_matches(' ').chars().next();
    if first.is_some_and(|first| BEGINNINGS.contains(&first)) {
        format!("'{text}")
    } else {
        text.into()
    }
}
