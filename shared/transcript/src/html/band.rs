//! The bands of a strip: the phase of the session, and where a link was not up.

use maud::{Markup, html};
use unicode_width::UnicodeWidthStr;

use super::strip::Paper;
use crate::words::{Words, clock};
use crate::{Band, Transcript};
use tapcue_rules::cue::Role;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase};
use tapcue_rules::time::Millis;

/// The greatest width of a character in a band's label, in units of the drawing.
const CHARACTER: f64 = 6.3;

/// The session's own band at `y`, and its light reflection on the area below it down to `to`.
pub(super) fn session(
    transcript: &Transcript,
    words: &Words,
    paper: &Paper,
    y: f64,
    height: f64,
    to: f64,
) -> Markup {
    let timeline = transcript.timeline();
    html! {
        @for band in &timeline.bands {
            @let end = band.to.unwrap_or(timeline.to);
            @if let Some((x, width)) = paper.clip(transcript, band.from, end) {
                @let class = class(band);
                g class=(format!("band {class}")) {
                    @let tell = (band.from, band.ms(timeline.to));
                    title { (describe(transcript, words, words.drawn.band, &words.phase(band), tell)) }
                    rect.ground x=(n(x)) y=(n(y + height)) width=(n(width)) height=(n(to - y - height)) {}
                    rect.bar x=(n(x)) y=(n(y)) width=(n(width)) height=(n(height)) rx="3" {}
                    @if class == "held" {
                        rect.pattern x=(n(x)) y=(n(y)) width=(n(width)) height=(n(height)) rx="3" fill="url(#p-held)" {}
                    }
                    @if let Some(label) = label(words, band, width) {
                        text x=(n(x + width / 2.0)) y=(n(y + height / 2.0 + 4.0)) { (label) }
                    }
                }
            }
        }
    }
}

/// Where a person's link was not up.
pub(super) fn link(
    transcript: &Transcript,
    words: &Words,
    paper: &Paper,
    role: Role,
    y: f64,
    height: f64,
) -> Markup {
    let timeline = transcript.timeline();
    html! {
        @for band in timeline.links.of(role) {
            @let (class, pattern) = match band.status {
                LinkStatus::Here | LinkStatus::Absent => ("", ""),
                LinkStatus::Late => ("late", "url(#p-late)"),
                LinkStatus::Lost | LinkStatus::Away => ("gone", "url(#p-gone)"),
            };
            @let end = band.to.unwrap_or(timeline.to);
            @if let Some((x, width)) = paper.clip(transcript, band.from, end).filter(|_| !class.is_empty()) {
                g class=(format!("link {class}")) {
                    @let what = [words.role(Some(role)), words.marks.colon, words.link(band.status)].concat();
                    @let tell = (band.from, end.since(band.from));
                    title { (describe(transcript, words, words.drawn.link, &what, tell)) }
                    rect.bar x=(n(x)) y=(n(y)) width=(n(width)) height=(n(height)) rx="2" {}
                    rect.pattern x=(n(x)) y=(n(y)) width=(n(width)) height=(n(height)) rx="2" fill=(pattern) {}
                }
            }
        }
    }
}

const fn class(band: &Band) -> &'static str {
    match (band.phase, band.reason) {
        (Phase::Live, _) => "live",
        (Phase::Waiting | Phase::Ended, _) | (Phase::Held, Some(HoldReason::Start) | None) => {
            "start"
        }
        (Phase::Held, Some(_)) => "held",
    }
}

/// The longest label that fits.
fn label(words: &Words, band: &Band, width: f64) -> Option<String> {
    [words.phase(band), words.phase_short(band)]
        .into_iter()
        .find(|label| label.width() as f64 * CHARACTER + 8.0 <= width)
}

/// What the band shows, from when, and for how many milliseconds.
fn describe(
    transcript: &Transcript,
    words: &Words,
    text: &str,
    what: &str,
    (from, ms): (Millis, u64),
) -> String {
    let from = clock(from.since(transcript.timeline().from));
    let span = words.span(ms);
    words.fill(text, &[("what", &what), ("from", &from), ("span", &span)])
}

/// A length with one decimal.
pub(super) fn n(value: f64) -> String {
    format!("{value:.1}")
}
