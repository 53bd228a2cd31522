//! The bands of a strip: how the session stood, and where a link was not up.

use maud::{Markup, html};

use super::strip::Paper;
use crate::cue::Role;
use crate::state::{HoldReason, LinkStatus, Phase};
use crate::transcript::{Band, Transcript, words};

/// What a character of a band's label takes at the most, in units of the drawing.
const CHARACTER: f64 = 6.3;

/// The session's own band, from `y`, and its light reflection on what lies below it down to `to`.
pub(super) fn session(
    transcript: &Transcript,
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
                    title { (describe(transcript, band)) }
                    rect.ground x=(n(x)) y=(n(y + height)) width=(n(width)) height=(n(to - y - height)) {}
                    rect.bar x=(n(x)) y=(n(y)) width=(n(width)) height=(n(height)) rx="3" {}
                    @if class == "held" {
                        rect.pattern x=(n(x)) y=(n(y)) width=(n(width)) height=(n(height)) rx="3" fill="url(#p-held)" {}
                    }
                    @if let Some(label) = label(band, width) {
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
                    title {
                        (words::role(Some(role))) ": " (words::link(band.status)) " at "
                        (words::clock(band.from.since(timeline.from))) ", for "
                        (words::span(end.since(band.from)))
                    }
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

/// The longest name of it that fits.
fn label(band: &Band, width: f64) -> Option<String> {
    let long = words::phase(band);
    let short = long.strip_prefix("Held: ").unwrap_or(long);
    let capital = short.get(..1).map(str::to_uppercase)?;
    let short = format!("{capital}{}", short.get(1..)?);
    [long.to_owned(), short]
        .into_iter()
        .find(|label| label.chars().count() as f64 * CHARACTER + 8.0 <= width)
}

fn describe(transcript: &Transcript, band: &Band) -> String {
    let timeline = transcript.timeline();
    let from = words::clock(band.from.since(timeline.from));
    let length = words::span(band.ms(timeline.to));
    format!("{}, at {from}, for {length}", words::phase(band))
}

/// A length with one digit after the point.
pub(super) fn n(value: f64) -> String {
    format!("{value:.1}")
}
