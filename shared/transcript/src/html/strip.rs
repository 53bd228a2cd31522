//! The drawn timeline as SVG: paints [`Drawing`].

use maud::{Markup, html};

use crate::Transcript;
use crate::drawing::{Drawing, Place, Size, Stretch, Strip};
use crate::words::Words;
use tapcue_rules::cue::Cue;

/// The widths of the timeline: for paper and a large screen, and for a phone. No script can redraw it for
/// another width, so the page has it twice and the style sheet shows the one that fits.
const SHEETS: [(&str, u32); 2] = [("wide", 760), ("narrow", 340)];

/// The section with the timeline, its legend and the same content in words.
pub(super) fn timeline(transcript: &Transcript, words: &Words) -> Markup {
    let say = &words.drawn;
    html! {
        section aria-labelledby="timeline" {
            h2 #timeline { (say.timeline) }
            @for (class, width) in SHEETS {
                @let drawing = Drawing::of(transcript, words, Size::page(width));
                div.strips.(class) {
                    @for (n, one) in drawing.strips.iter().enumerate() {
                        (strip(words, &drawing, one, &format!("{class}-{n}")))
                    }
                }
            }
            (legend(words))
            details.story open[true] {
                summary { (say.in_words) }
                @for story in [words.story(transcript), words.link_story(transcript)] {
                    ol { @for (at, told) in story { li { (at) " " (told) } } }
                }
            }
        }
    }
}

fn strip(words: &Words, drawing: &Drawing<'_>, strip: &Strip<'_>, id: &str) -> Markup {
    let (axis, band) = (drawing.axis, drawing.band);
    let (top, bottom) = (strip.top, strip.bottom);
    html! {
        svg.strip viewBox=(format!("0 0 {} {}", drawing.width, strip.height)) role="img" aria-labelledby=(format!("{id}-t {id}-d")) {
            title id=(format!("{id}-t")) { (strip.title) }
            desc id=(format!("{id}-d")) { (words.drawn.strip_is) }
            @for tick in &strip.ticks {
                line.tick x1=(tick.x) x2=(tick.x) y1=(axis - 4) y2=(bottom) {}
                @if let Some(text) = &tick.text { text.time x=(tick.x + 2) y=(axis - 7) { (text) } }
            }
            text.label x="0" y=(top + 15) { (words.page.session) }
            @for one in &strip.bands {
                g class=(format!("band {}", one.kind)) {
                    title { (one.title) }
                    rect.ground x=(one.x) y=(top + band) width=(one.width) height=(bottom - top - band) {}
                    (bar(one, top, band))
                    @if let Some(label) = &one.label {
                        text x=(one.x + one.width / 2) y=(top + band / 2 + 4) { (label) }
                    }
                }
            }
            @for lane in &strip.lanes {
                @let below = lane.y + lane.height;
                line.lane x1=(drawing.left) x2=(drawing.right) y1=(below) y2=(below) {}
                @for link in &lane.links {
                    g class=(format!("link {}", link.kind)) {
                        title { (link.title) }
                        (bar(link, lane.y, lane.height))
                    }
                }
                text.label x="0" y=(lane.y + 16) { (lane.name) }
                @for place in &lane.places { (mark(place)) }
            }
            @for flag in &strip.flags {
                g.flag transform=(format!("translate({} {})", flag.x, top - 1)) {
                    title { (flag.title) }
                    use href="#s-flag" x="-6" y="-12" width="12" height="12" {}
                }
            }
        }
    }
}

/// The bar of a stretch, and its pattern if it has one.
fn bar<T>(stretch: &Stretch<'_, T>, y: u32, height: u32) -> Markup {
    let Stretch { x, width, kind, .. } = stretch;
    html! {
        rect.bar x=(x) y=(y) width=(width) height=(height) rx="3" {}
        @if matches!(*kind, "held" | "late" | "gone") {
            rect.pattern x=(x) y=(y) width=(width) height=(height) rx="3" fill=(format!("url(#p-{kind})")) {}
        }
    }
}

fn mark(place: &Place<'_>) -> Markup {
    html! {
        g transform=(format!("translate({} {})", place.x, place.y)) class=(format!("mark {}", place.look)) {
            title { (place.lines.join("\n")) }
            rect x="-10" y="-10" width="20" height="20" rx="5" {}
            @if let Some(sign) = place.sign {
                use href=(format!("#s-{sign}")) x="-7" y="-7" width="14" height="14" {}
            }
            @if let Some(number) = &place.number {
                @if place.sign.is_some() {
                    g transform="translate(8 -8)" { circle.number r="6" {} text.number y="3" { (number) } }
                } @else {
                    text.several y="4" { (number) }
                }
            }
        }
    }
}

fn legend(words: &Words) -> Markup {
    let (say, says) = (&words.drawn, &words.says);
    let cues = Cue::ALL.map(|cue| (cue.as_str(), words.cue(cue)));
    let others = [
        ("hands_off", says.hands_off),
        ("seen", says.seen),
        ("confirmed", say.confirmed),
        ("joined", say.joined),
        ("connected", say.connected),
    ];
    html! {
        ul.legend aria-label=(say.legend) {
            li { (patch("band live", "none")) (words.phases.live) }
            li { (patch("band held", "url(#p-held)")) (say.held) }
            li { (patch("band start", "none")) (words.summary.before_live) }
            @for (name, label) in cues.into_iter().chain(others) {
                li { (swatch(&format!("mark {name}"), Some(name))) (label) }
            }
            li { (swatch("mark untaken", Some("slower"))) (say.not_taken) }
            li { (swatch("mark mixed", None)) (say.several) }
            li { (patch("link gone", "url(#p-gone)")) (say.gone) }
            li { (patch("link late", "url(#p-late)")) (say.late) }
            li {
                svg.swatch.flag viewBox="0 0 18 18" aria-hidden="true" focusable="false" {
                    use href="#s-flag" x="2" y="2" width="14" height="14" {}
                }
                (say.note_here)
            }
        }
    }
}

fn swatch(class: &str, symbol: Option<&str>) -> Markup {
    html! {
        svg.swatch viewBox="0 0 18 18" aria-hidden="true" focusable="false" {
            g class=(class) transform="translate(9 9)" {
                rect x="-8.5" y="-8.5" width="17" height="17" rx="4" {}
                @match symbol {
                    Some(symbol) => { use href=(format!("#s-{symbol}")) x="-5.5" y="-5.5" width="11" height="11" {} }
                    None => { text.several y="3.2" { "3" } }
                }
            }
        }
    }
}

fn patch(class: &str, pattern: &str) -> Markup {
    html! {
        svg.swatch viewBox="0 0 18 18" aria-hidden="true" focusable="false" {
            g class=(class) {
                rect.bar x="0.5" y="0.5" width="17" height="17" rx="3" {}
                rect.pattern x="0.5" y="0.5" width="17" height="17" rx="3" fill=(pattern) {}
            }
        }
    }
}
