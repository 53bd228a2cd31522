//! The transcript as one HTML file: reads and prints without a network, has no script, and its
//! policy allows nothing but its own style sheet. What people typed is always escaped text.

mod band;
mod mark;
mod strip;
mod symbol;
mod tables;

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::civil::{self, Offset};
use super::{Note, Transcript, words};
use crate::cue::Role;

const STYLE: &str = include_str!("html/page.css");

impl Transcript {
    /// As one HTML file, with times of day where clocks are `offset_minutes` ahead of UTC.
    #[must_use]
    pub fn html(&self, offset_minutes: i32) -> String {
        let offset = Offset::minutes(offset_minutes);
        let digest = BASE64.encode(&Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        );
        let title = format!("Session of {}", words::day(self.header().opened_at, offset));
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex";
                    title { "Tapcue: " (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (symbol::definitions())
                    main {
                        (self.heading(&title, offset))
                        (self.tiles())
                        (strip::timeline(self))
                        (self.notes(offset))
                        (tables::figures(self))
                        (self.before())
                        (tables::entries(self, offset))
                        (self.trust(offset))
                    }
                }
            }
        };
        page.into_string()
    }

    fn heading(&self, title: &str, offset: Offset) -> Markup {
        let header = self.header();
        let at = header.opened_at;
        html! {
            header {
                p.brand { "Tapcue transcript" }
                h1 { (title) }
                p.people {
                    @for role in Role::BOTH {
                        @let person = header.people.of(role);
                        span.person.(role.as_str()) {
                            b { (words::role(Some(role))) }
                            @if let Some(name) = self.name(role) {
                                " " span.name { (words::clean(name)) }
                            } @else if person.joined_at.is_none() {
                                " " span.name { "never joined" }
                            }
                        }
                    }
                }
                p.when {
                    time datetime=(civil::iso(at)) { (words::moment(at, offset)) }
                    " (" (offset) "). " (words::ending(self))
                }
            }
        }
    }

    /// The few figures that matter most.
    fn tiles(&self) -> Markup {
        let figures = self.figures();
        let stop = |of: Option<crate::state::Spread>| {
            of.map_or_else(|| "–".into(), |of| words::span(of.median_ms))
        };
        let worst = |of: Option<crate::state::Spread>| {
            of.map_or_else(
                || "no stop was measured".into(),
                |of| format!("worst {}", words::span(of.worst_ms)),
            )
        };
        let asked = figures.check_ins.by_helper + figures.check_ins.by_relay;
        html! {
            dl.tiles aria-label="The most important figures" {
                div { dt { "Live" } dd { (words::span(figures.live_ms)) }
                    dd.more { "of " (words::span(figures.lasted_ms)) } }
                div { dt { "Stops" } dd { (figures.stops) }
                    dd.more { @if self.header().rehearsed_at.is_some() { "the rehearsal's included" } } }
                div { dt { "Stop → shown" } dd { (stop(figures.stop_shown)) }
                    dd.more { (worst(figures.stop_shown)) } }
                div { dt { "Stop → hands off" } dd { (stop(figures.stop_acknowledged)) }
                    dd.more { (worst(figures.stop_acknowledged)) } }
                div { dt { "Check-ins" } dd { (figures.check_ins.answered) " of " (asked) }
                    dd.more { "answered" } }
            }
        }
    }

    fn notes(&self, offset: Offset) -> Markup {
        let notes: Vec<_> = self
            .lines()
            .iter()
            .filter(|line| line.note.is_some())
            .collect();
        html! {
            @if !notes.is_empty() {
                section aria-labelledby="notes" {
                    h2 #notes { "Notes" }
                    ol.notes {
                        @for line in notes {
                            li {
                                p.meta {
                                    (words::role(line.entry.by)) ", "
                                    time datetime=(civil::iso(line.at)) { (words::moment(line.at, offset)) }
                                    @match &line.note {
                                        Some(Note::Own { .. }) => { ", private" }
                                        Some(Note::Shared { .. } | Note::Hidden) | None => {}
                                    }
                                    @if let Some(seq) = line.note.as_ref().and_then(|note| note.legible()?.1) {
                                        ", on " a href=(format!("#e{seq}")) { "entry " (seq) }
                                    }
                                }
                                @match line.note.as_ref().and_then(Note::legible) {
                                    None => { p.hidden { "A private note; its words are not in this copy." } }
                                    Some((text, _)) if text.trim().is_empty() => { p.hidden { "Marked." } }
                                    Some((text, _)) => { p.words { (text) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn before(&self) -> Markup {
        html! {
            section aria-labelledby="before" {
                h2 #before { "Before the start" }
                ul.plain { @for line in words::before(self) { li { (line) } } }
                @for role in Role::BOTH {
                    @let clients = &self.header().people.of(role).clients;
                    @if !clients.is_empty() {
                        p.meta { (words::role(Some(role))) "'s client: " (words::clean(&clients.join(", "))) }
                    }
                }
            }
        }
    }

    fn trust(&self, offset: Offset) -> Markup {
        html! {
            section aria-labelledby="trust" {
                h2 #trust { "Can this be trusted?" }
                @if self.seals().is_empty() {
                    p { "Not sealed yet: the session goes on, or its relay has not signed it." }
                }
                @for seal in self.seals() {
                    p {
                        "The relay signed entries 1 to " (seal.sealed.count) " on "
                        time datetime=(civil::iso(seal.sealed.sealed_at)) {
                            (words::moment(seal.sealed.sealed_at, offset))
                        }
                        " with the key " code { (seal.public_key.fingerprint()) } "."
                    }
                }
                p { (words::HOW_TO_VERIFY) }
                dl.hashes {
                    dt { "Session" } dd { code { (self.session()) } }
                    dt { "Newest entry" } dd { code { (self.head()) } }
                    @for seal in self.seals() {
                        dt { "Public key" } dd { code { (seal.public_key) } }
                    }
                }
            }
        }
    }
}
