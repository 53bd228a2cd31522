//! The transcript as plain text, for a terminal or a letter: the timeline in characters, the figures
//! and the entries. Every line fits the width it is given, but for words longer than that.

mod strip;

use super::civil::{self, Offset};
use super::{Line, Note, Transcript, words};
use crate::cue::Role;

/// The narrowest page, in characters.
const NARROWEST: usize = 40;

/// How far the page's continuation lines are moved in.
const INDENT: usize = 4;

impl Transcript {
    /// As text, `width` characters wide, with times of day where clocks are `offset_minutes` ahead
    /// of UTC.
    #[must_use]
    pub fn text(&self, width: usize, offset_minutes: i32) -> String {
        let mut page = Page {
            width: width.max(NARROWEST),
            offset: Offset::minutes(offset_minutes),
            out: String::new(),
        };
        page.header(self);
        page.figures(self);
        page.heading("Timeline");
        strip::timeline(self, page.width, &mut page.out);
        page.before(self);
        page.notes(self);
        page.entries(self);
        page.trust(self);
        page.out
    }
}

struct Page {
    width: usize,
    offset: Offset,
    out: String,
}

impl Page {
    fn heading(&mut self, text: &str) {
        self.out.push_str(&format!("\n{}\n", text.to_uppercase()));
    }

    /// A paragraph: broken at spaces, its later lines moved in by `indent`.
    fn wrapped(&mut self, text: &str, indent: usize) {
        let mut column = 0;
        for (n, word) in text.split(' ').enumerate() {
            let long = word.chars().count();
            if n > 0 && column + 1 + long > self.width {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(indent));
                column = indent;
            } else if n > 0 {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(word);
            column += long;
        }
        self.out.push('\n');
    }

    fn header(&mut self, transcript: &Transcript) {
        let header = transcript.header();
        self.wrapped(&format!("Tapcue session {}", transcript.session()), 0);
        let opened = words::moment(header.opened_at, self.offset);
        self.wrapped(&format!("{opened} ({})", self.offset), 0);
        for role in Role::BOTH {
            let person = header.people.of(role);
            let label = words::role(Some(role));
            let name = transcript.name(role).map(words::clean);
            let who = match (&name, person.joined_at) {
                (Some(name), _) => name.as_str(),
                (None, Some(_)) => "no name given",
                (None, None) => "never joined",
            };
            let clients = person.clients.join(", ");
            let clients = if clients.is_empty() {
                String::new()
            } else {
                format!(" ({})", words::clean(&clients))
            };
            self.wrapped(&format!("{label}: {who}{clients}"), INDENT);
        }
        self.wrapped(&words::ending(transcript), 0);
    }

    fn figures(&mut self, transcript: &Transcript) {
        self.heading("Figures");
        for (label, value) in words::figures(transcript.figures()) {
            self.wrapped(&format!("{label:<26} {value}"), 27);
        }
        let cues = &transcript.figures().cues;
        if !cues.is_empty() {
            self.out.push_str(&format!(
                "\n{:<34}{:>7}{:>9}{:>7}{:>9}\n",
                "Cue", "taken", "ignored", "stale", "refused"
            ));
        }
        for count in cues {
            let label = format!("{}: {}", words::role(Some(count.by)), words::cue(count.cue));
            self.out.push_str(&format!(
                "{label:<34}{:>7}{:>9}{:>7}{:>9}\n",
                count.taken, count.ignored, count.stale, count.refused
            ));
        }
    }

    fn before(&mut self, transcript: &Transcript) {
        self.heading("Before the start");
        for line in words::before(transcript) {
            self.wrapped(&line, INDENT);
        }
    }

    fn notes(&mut self, transcript: &Transcript) {
        let notes = transcript.lines().iter().filter(|line| line.note.is_some());
        let notes: Vec<&Line> = notes.collect();
        if notes.is_empty() {
            return;
        }
        self.heading("Notes");
        for line in notes {
            let who = words::role(line.entry.by);
            let when = words::moment(line.at, self.offset);
            let says = words::says(transcript, line);
            let mark = if line.note == Some(Note::Hidden) {
                '-'
            } else {
                '*'
            };
            self.wrapped(&format!("{mark} {who}, {when}: {says}"), INDENT);
        }
    }

    fn entries(&mut self, transcript: &Transcript) {
        self.heading("Entries");
        for line in transcript.lines() {
            let since = words::clock_ms(line.at.since(transcript.timeline().from));
            let who = words::role(line.entry.by);
            let says = words::says(transcript, line);
            let became = words::became(line);
            let became = if became.is_empty() {
                became
            } else {
                format!(" -- {became}")
            };
            let text = format!("{:>5} {since:>13} {who:<8} {says}{became}", line.seq);
            self.wrapped(&text, 29);
        }
    }

    fn trust(&mut self, transcript: &Transcript) {
        self.heading("Integrity");
        let head = transcript.head();
        self.wrapped(&format!("Newest entry's SHA-256: {head}"), INDENT);
        if transcript.seals().is_empty() {
            self.wrapped("Not sealed yet.", 0);
        }
        for seal in transcript.seals() {
            let at = civil::iso(seal.sealed.sealed_at);
            let key = seal.public_key.fingerprint();
            let count = seal.sealed.count;
            let text = format!("Sealed: entries 1 to {count}, {at}, by the key {key}.");
            self.wrapped(&text, INDENT);
        }
        self.wrapped(words::HOW_TO_VERIFY, 0);
    }
}
