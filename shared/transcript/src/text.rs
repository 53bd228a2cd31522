//! The transcript as plain text, for a terminal or a letter: the timeline in characters, the figures and the
//! entries. Every line fits the given width, except for a word longer than that.

mod strip;
mod wide;

use super::civil::{self, Offset};
use super::words::{Words, clean, clock_ms};
use super::{Line, Note, Transcript};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::language::Language;
use wide::{padded, padded_left, pieces, width};

/// The narrowest page, in characters.
const NARROWEST: usize = 40;

/// The least width of the column for the figures' names and roles.
const FIGURE: usize = 26;
const WHO: usize = 8;
/// The width of the column for a person's cue: the longest in any language, and a space.
const CUE: usize = 34;

/// The indent of continuation lines.
const INDENT: usize = 4;

impl Transcript {
    /// The transcript as text in this language, `width` columns wide, with local times `offset_minutes` ahead
    /// of UTC.
    #[must_use]
    pub fn text(&self, language: Language, width: usize, offset_minutes: i32) -> String {
        let words = Words::of(language);
        let mut page = Page {
            words,
            width: width.max(NARROWEST),
            offset: Offset::minutes(offset_minutes),
            out: String::new(),
        };
        page.header(self);
        page.figures(self);
        page.heading(words.drawn.timeline);
        strip::timeline(self, words, page.width, &mut page.out);
        page.before(self);
        page.notes(self);
        page.entries(self);
        page.trust(self);
        page.out
    }
}

struct Page {
    words: &'static Words,
    width: usize,
    offset: Offset,
    out: String,
}

impl Page {
    fn heading(&mut self, text: &str) {
        self.out.push_str(&format!("\n{}\n", text.to_uppercase()));
    }

    /// A paragraph, broken at spaces, or between characters in a script without spaces. Its later lines are
    /// indented by `indent`.
    fn wrapped(&mut self, text: &str, indent: usize) {
        let mut column = 0;
        for (n, (space, piece)) in pieces(text).enumerate() {
            let long = width(piece);
            if n > 0 && column + usize::from(space) + long > self.width {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(indent));
                column = indent;
            } else if space {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(piece);
            column += long;
        }
        self.out.push('\n');
    }

    fn header(&mut self, transcript: &Transcript) {
        let (header, words) = (transcript.header(), self.words);
        let session = transcript.session();
        let title = words.fill(words.characters.session_is, &[("session", &session)]);
        self.wrapped(&title, 0);
        let opened = words.moment(header.opened_at, self.offset);
        self.wrapped(&(opened + &words.in_brackets(&self.offset)), 0);
        for role in Role::BOTH {
            let person = header.people.of(role);
            let label = words.role(Some(role));
            let name = transcript.name(role).map(clean);
            let who = match (&name, person.joined_at) {
                (Some(name), _) => name.as_str(),
                (None, Some(_)) => words.characters.no_name,
                (None, None) => words.page.never_joined,
            };
            let clients = person.clients.join(", ");
            let clients = if clients.is_empty() {
                String::new()
            } else {
                words.in_brackets(&clean(&clients))
            };
            let colon = words.marks.colon;
            self.wrapped(&format!("{label}{colon}{who}{clients}"), INDENT);
        }
        self.wrapped(&words.ending(transcript), 0);
    }

    fn figures(&mut self, transcript: &Transcript) {
        let words = self.words;
        self.heading(words.tables.figures);
        let figures = words.all_figures(transcript.figures());
        let labels = figures.iter().map(|(label, _)| width(label));
        let column = labels.max().unwrap_or(0).max(FIGURE);
        for (label, value) in &figures {
            self.wrapped(&format!("{} {value}", padded(label, column)), column + 1);
        }
        let cues = &transcript.figures().cues;
        if cues.is_empty() {
            return;
        }
        let say = &words.tables;
        let heads = [say.taken, say.ignored, say.stale, say.refused].map(str::to_lowercase);
        let row = |label: &str, cells: [String; 4]| {
            let cells = cells.iter().zip(&heads);
            let cells = cells.map(|(cell, head)| padded_left(cell, width(head) + 2));
            padded(label, CUE) + &cells.collect::<String>()
        };
        let mut rows = vec![row(say.cue, heads.clone())];
        for count in cues {
            let counts = [count.taken, count.ignored, count.stale, count.refused];
            let label = label(words, count.by, count.cue);
            rows.push(row(&label, counts.map(|n| n.to_string())));
        }
        self.out.push_str(&format!("\n{}\n", rows.join("\n")));
    }

    fn before(&mut self, transcript: &Transcript) {
        self.heading(self.words.page.before);
        for line in self.words.settled(transcript) {
            self.wrapped(&line, INDENT);
        }
    }

    fn notes(&mut self, transcript: &Transcript) {
        let notes = transcript.lines().iter().filter(|line| line.note.is_some());
        let notes: Vec<&Line> = notes.collect();
        if notes.is_empty() {
            return;
        }
        let (words, marks) = (self.words, &self.words.marks);
        self.heading(words.page.notes);
        for line in notes {
            let who = words.role(line.entry.by);
            let when = words.moment(line.at, self.offset);
            let says = words.says(transcript, line);
            let mark = if line.note == Some(Note::Hidden) {
                '-'
            } else {
                '*'
            };
            let (comma, colon) = (marks.comma, marks.colon);
            self.wrapped(&format!("{mark} {who}{comma}{when}{colon}{says}"), INDENT);
        }
    }

    fn entries(&mut self, transcript: &Transcript) {
        let words = self.words;
        self.heading(words.tables.entries);
        let roles = [Some(Role::Receiver), Some(Role::Helper), None];
        let roles = roles.map(|by| width(words.role(by)));
        let column = roles.into_iter().max().unwrap_or(0).max(WHO);
        for line in transcript.lines() {
            let since = clock_ms(line.at.since(transcript.timeline().from));
            let who = padded(words.role(line.entry.by), column);
            let says = words.says(transcript, line);
            let became = words.became(line);
            let became = if became.is_empty() {
                became
            } else {
                format!(" -- {became}")
            };
            let text = format!("{:>5} {since:>13} {who} {says}{became}", line.seq);
            self.wrapped(&text, 21 + column);
        }
    }

    fn trust(&mut self, transcript: &Transcript) {
        let (words, say) = (self.words, &self.words.characters);
        self.heading(say.integrity);
        let head = words.fill(say.newest_hash, &[("hash", &transcript.head())]);
        self.wrapped(&head, INDENT);
        if transcript.seals().is_empty() {
            self.wrapped(say.not_sealed, 0);
        }
        for seal in transcript.seals() {
            let text = words.fill(
                say.sealed,
                &[
                    ("count", &seal.sealed.count),
                    ("when", &civil::iso(seal.sealed.sealed_at)),
                    ("key", &seal.public_key.fingerprint()),
                ],
            );
            self.wrapped(&text, INDENT);
        }
        self.wrapped(words.page.how_to_verify, 0);
    }
}

/// The role and its cue.
fn label(words: &Words, by: Role, cue: Cue) -> String {
    let who = words.role(Some(by));
    format!("{who}{}{}", words.marks.colon, words.cue(cue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_only_where_it_would_be_too_long() {
        let wrapped = |text: &str| {
            let mut page = Page {
                words: Words::of(Language::En),
                width: 10,
                offset: Offset::minutes(0),
                out: String::new(),
            };
            page.wrapped(text, 2);
            page.out
        };
        assert_eq!(wrapped("12345 7890 345 789"), "12345 7890\n  345 789\n");
        assert_eq!(
            wrapped("12345 78901 45 7890"),
            "12345\n  78901 45\n  7890\n"
        );
        assert_eq!(wrapped("123456789012 45"), "123456789012\n  45\n");
    }

    #[test]
    fn the_longest_cue_of_any_language_fits_its_column_with_a_space() {
        let labels = Language::ALL.into_iter().flat_map(|language| {
            let words = Words::of(language);
            let of = move |by| Cue::ALL.map(|cue| label(words, by, cue));
            Role::BOTH.into_iter().flat_map(of)
        });
        let longest = labels.map(|label| width(&label)).max();
        assert_eq!(longest, Some(CUE - 1));
    }
}
