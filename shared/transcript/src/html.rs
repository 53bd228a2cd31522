//! The transcript as one HTML file. It can be read and printed without a network and has no script, and its
//! policy allows only its own style sheet. Text from people is always escaped.

mod strip;
mod symbol;
mod tables;

use std::sync::LazyLock;

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::civil::{self, Offset};
use super::words::{Words, clean};
use super::{Note, Transcript};
use tapcue_rules::cue::Role;
use tapcue_rules::language::Language;

/// The style sheet. The marks' own rules come after those of all marks and before what overrides them.
fn style() -> &'static str {
    static STYLE: LazyLock<String> =
        LazyLock::new(|| include_str!("html/page.css").replace(COLOURS, &symbol::colours()));
    &STYLE
}

/// The line of the style sheet in whose place the colours of the marks stand.
const COLOURS: &str = "/* The colours of the marks. */\n";

impl Transcript {
    /// The transcript as one HTML file in this language, with local times `offset_minutes` ahead of UTC.
    #[must_use]
    pub fn html(&self, language: Language, offset_minutes: i32) -> String {
        let words = Words::of(language);
        let offset = Offset::minutes(offset_minutes);
        let digest = BASE64.encode(&Sha256::digest(style()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        );
        let day = words.day(self.header().opened_at, offset);
        let title = words.fill(words.page.title, &[("day", &day)]);
        let page = html! {
            (DOCTYPE)
            html lang=(words.tag) dir=[words.right_to_left().then_some("rtl")] {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex";
                    title { "Tapcue: " (title) }
                    style { (PreEscaped(style())) }
                }
                body {
                    (symbol::definitions())
                    main {
                        (self.heading(words, &title, offset))
                        (self.tiles(words))
                        (strip::timeline(self, words))
                        (self.notes(words, offset))
                        (tables::figures(self, words))
                        (self.before(words))
                        (tables::entries(self, words, offset))
                        (self.trust(words, offset))
                    }
                }
            }
        };
        page.into_string()
    }

    fn heading(&self, words: &Words, title: &str, offset: Offset) -> Markup {
        let header = self.header();
        let at = header.opened_at;
        html! {
            header {
                p.brand { (words.page.brand) }
                h1 { (title) }
                p.people {
                    @for role in Role::BOTH {
                        @let person = header.people.of(role);
                        span.person.(role.as_str()) {
                            b { (words.role(Some(role))) }
                            @if let Some(name) = self.name(role) {
                                " " span.name dir=[typed(words)] { (clean(name)) }
                            } @else if person.joined_at.is_none() {
                                " " span.name { (words.page.never_joined) }
                            }
                        }
                    }
                }
                p.when {
                    time datetime=(civil::iso(at)) { (words.moment(at, offset)) }
                    (words.in_brackets(&offset)) (words.marks.point) (words.ending(self))
                }
            }
        }
    }

    /// The few most important figures.
    fn tiles(&self, words: &Words) -> Markup {
        html! {
            dl.tiles aria-label=(words.page.tiles) {
                @for [name, value, more] in words.tiles(self) {
                    div { dt { (name) } dd { (value) } dd.more { (more) } }
                }
            }
        }
    }

    fn notes(&self, words: &Words, offset: Offset) -> Markup {
        let (say, comma) = (&words.page, words.marks.comma);
        let notes: Vec<_> = self
            .lines()
            .iter()
            .filter(|line| line.note.is_some())
            .collect();
        html! {
            @if !notes.is_empty() {
                section aria-labelledby="notes" {
                    h2 #notes { (say.notes) }
                    ol.notes {
                        @for line in notes {
                            li {
                                p.meta {
                                    (words.role(line.entry.by)) (comma)
                                    time datetime=(civil::iso(line.at)) { (words.moment(line.at, offset)) }
                                    @match &line.note {
                                        Some(Note::Own { .. }) => { (comma) (say.private) }
                                        Some(Note::Shared { .. } | Note::Hidden) | None => {}
                                    }
                                    @if let Some(seq) = line.note.as_ref().and_then(|note| note.legible()?.1) {
                                        (comma) (say.on) a href=(format!("#e{seq}")) { (words.fill(say.entry, &[("n", &seq)])) }
                                    }
                                }
                                @match line.note.as_ref().and_then(Note::legible) {
                                    None => { p.hidden { (say.note_not_here) } }
                                    Some((text, _)) if text.trim().is_empty() => { p.hidden { (say.marked) } }
                                    Some((text, _)) => { p.words dir=[typed(words)] { (text) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn before(&self, words: &Words) -> Markup {
        let say = &words.page;
        html! {
            section aria-labelledby="before" {
                h2 #before { (say.before) }
                ul.plain { @for line in words.settled(self) { li { (line) } } }
                @for role in Role::BOTH {
                    @let clients = &self.header().people.of(role).clients;
                    @if !clients.is_empty() {
                        @let whose = match role {
                            Role::Receiver => say.receivers_client,
                            Role::Helper => say.helpers_client,
                        };
                        p.meta { (words.fill(whose, &[("clients", &clean(&clients.join(", ")))])) }
                    }
                }
            }
        }
    }

    fn trust(&self, words: &Words, offset: Offset) -> Markup {
        let say = &words.page;
        html! {
            section aria-labelledby="trust" {
                h2 #trust { (say.trust) }
                @if self.seals().is_empty() {
                    p { (say.not_sealed) }
                }
                @for seal in self.seals() {
                    @let at = seal.sealed.sealed_at;
                    @let when = html! {
                        time datetime=(civil::iso(at)) { (words.moment(at, offset)) }
                    };
                    @let key = html! { code { (seal.public_key.fingerprint()) } };
                    @let count = html! { (seal.sealed.count) };
                    p { (woven(say.signed, &[("count", count), ("when", when), ("key", key)])) }
                }
                p { (say.how_to_verify) }
                dl.hashes {
                    dt { (say.session) } dd { code { (self.session()) } }
                    dt { (say.newest_entry) } dd { code { (self.head()) } }
                    @for seal in self.seals() {
                        dt { (say.public_key) } dd { code { (seal.public_key) } }
                    }
                }
            }
        }
    }
}

/// The `dir` attribute for text from people: its own direction, in languages where it may differ from that of
/// the page.
fn typed(words: &Words) -> Option<&'static str> {
    words.right_to_left().then_some("auto")
}

/// A text with markup filled into its `{blanks}`.
fn woven(text: &str, blanks: &[(&str, Markup)]) -> Markup {
    html! {
        @for (n, piece) in text.split('{').enumerate() {
            @match piece.split_once('}').filter(|_| n > 0) {
                Some((name, rest)) => {
                    @for (_, value) in blanks.iter().filter(|(is, _)| *is == name) { (value) }
                    (rest)
                }
                None => { (piece) }
            }
        }
    }
}
