//! The drawn timeline: strips of time one below the other, with the session's band on top and a lane for each
//! person.

use maud::{Markup, html};

use super::band::{self, n};
use super::mark::{self, APART, SIDE};
use crate::strips::{Strip, strips};
use crate::words::{Words, clock};
use crate::{Mark, Note, Transcript};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::time::Millis;

/// The paper size of the timeline. No script can redraw it for another width, so the page has it twice and
/// the style sheet shows the one that fits.
#[derive(Clone, Copy, Debug)]
struct Sheet {
    class: &'static str,
    /// The width at which letters have their normal size.
    width: f64,
    /// How many marks of both people fit in a strip without crowding.
    marks_each: usize,
}

/// Paper, and a large screen.
const WIDE: Sheet = Sheet {
    class: "wide",
    width: 760.0,
    marks_each: 34,
};
/// A phone.
const NARROW: Sheet = Sheet {
    class: "narrow",
    width: 340.0,
    marks_each: 22,
};

/// The width of the lanes' names.
const GUTTER: f64 = 72.0;
const RIGHT: f64 = 8.0;
/// The height of the axis with its times.
const AXIS: f64 = 18.0;
/// The height of the note flags below it, if there are any.
const FLAGS: f64 = 13.0;
/// The width of the time at a step.
const TIME: f64 = 38.0;
const BAND: f64 = 20.0;
const GAP: f64 = 5.0;
/// A strip with its sheet.
pub(super) struct Paper {
    sheet: Sheet,
    strip: Strip,
    last: bool,
}

impl Paper {
    fn x(&self, at: u64) -> f64 {
        let into = at.clamp(self.strip.from, self.strip.from + self.strip.length) - self.strip.from;
        GUTTER + into as f64 / self.strip.length as f64 * (self.sheet.width - GUTTER - RIGHT)
    }

    /// The position and the width of a time range on the strip.
    pub(super) fn clip(
        &self,
        transcript: &Transcript,
        from: Millis,
        to: Millis,
    ) -> Option<(f64, f64)> {
        let start = transcript.timeline().from;
        let (from, to) = self.strip.clip(from.since(start), to.since(start))?;
        let (x, end) = (self.x(from), self.x(to));
        // A hold of no duration must still be visible.
        Some((x, (end - x).max(1.5)))
    }

    fn marks(&self, transcript: &Transcript, by: Option<Role>) -> Vec<(f64, Mark)> {
        let timeline = transcript.timeline();
        let start = timeline.from;
        let mine = timeline.marks.iter().filter(|mark| mark.by == by);
        let here = mine.filter(|mark| self.strip.has(mark.at.since(start), self.last));
        let half = SIDE / 2.0;
        here.map(|mark| {
            let x = self.x(mark.at.since(start));
            let right = self.sheet.width - RIGHT;
            (x.clamp(GUTTER + half, right - half), *mark)
        })
        .collect()
    }
}

/// The section with the timeline, its legend and the same content in words.
pub(super) fn timeline(transcript: &Transcript, words: &Words) -> Markup {
    let say = &words.drawn;
    html! {
        section aria-labelledby="timeline" {
            h2 #timeline { (say.timeline) }
            @for sheet in [WIDE, NARROW] {
                div.strips.(sheet.class) { (all(transcript, words, sheet)) }
            }
            (legend(words))
            details.story open[true] {
                summary { (say.in_words) }
                ol { @for line in words.story(transcript) { li { (line) } } }
            }
        }
    }
}

/// All strips on a sheet.
fn all(transcript: &Transcript, words: &Words, sheet: Sheet) -> Markup {
    let timeline = transcript.timeline();
    let total = timeline.to.since(timeline.from);
    let strips = strips(total, timeline.marks.len(), sheet.marks_each);
    let last = strips.len().saturating_sub(1);
    html! {
        @for (index, strip) in strips.into_iter().enumerate() {
            (draw(transcript, words, &Paper { sheet, strip, last: index == last }, index))
        }
    }
}

fn draw(transcript: &Transcript, words: &Words, paper: &Paper, index: usize) -> Markup {
    let Sheet { class, width, .. } = paper.sheet;
    let flags = flags(transcript, paper);
    let top = if flags.is_empty() { AXIS } else { AXIS + FLAGS };
    let lanes = [Some(Role::Receiver), Some(Role::Helper), None];
    let lanes = lanes.map(|by| (by, mark::place(&paper.marks(transcript, by))));
    let lanes = lanes
        .into_iter()
        .filter(|(by, (placed, _))| by.is_some() || !placed.is_empty());
    let mut y = top + BAND + GAP;
    let mut rows = Vec::new();
    for (by, (placed, count)) in lanes {
        let height = count as f64 * APART + 4.0;
        rows.push((by, placed, y, height));
        y += height + GAP;
    }
    let bottom = y;
    let (from, to) = (clock(paper.strip.from), clock(paper.strip.to));
    let strip = words.fill(words.drawn.strip, &[("from", &from), ("to", &to)]);
    let id = format!("{class}-{index}");
    html! {
        svg.strip viewBox=(format!("0 0 {width} {}", n(bottom))) role="img" aria-labelledby=(format!("{id}-t {id}-d")) {
            title id=(format!("{id}-t")) { (strip) }
            desc id=(format!("{id}-d")) { (words.drawn.strip_is) }
            (axis(words, paper, top, bottom - GAP))
            (band::session(transcript, words, paper, top, BAND, bottom - GAP))
            @for (by, placed, y, height) in &rows {
                line.lane x1=(n(GUTTER)) x2=(n(width - RIGHT)) y1=(n(y + height)) y2=(n(y + height)) {}
                @if let Some(role) = by { (band::link(transcript, words, paper, *role, *y, *height)) }
                text.label x="0" y=(n(y + 15.0)) { (words.role(*by)) }
                @for one in placed {
                    (mark::draw(transcript, words, one, y + 2.0 + APART / 2.0 + one.row as f64 * APART))
                }
            }
            @for (seq, x) in flags {
                g.flag transform=(format!("translate({x:.1} {:.1})", top - 1.0)) {
                    title { (words.fill(words.drawn.note_on_entry, &[("n", &seq)])) }
                    use href="#s-flag" x="-6" y="-12" width="12" height="12" {}
                }
            }
        }
    }
}

fn axis(words: &Words, paper: &Paper, top: f64, bottom: f64) -> Markup {
    let Strip { from, step, .. } = paper.strip;
    let apart = paper.x(from + step) - paper.x(from);
    let every = (TIME / apart).ceil().max(1.0) as u64;
    let told = |at: u64, x: f64| (at / step).is_multiple_of(every) && x < paper.sheet.width - 30.0;
    html! {
        text.label x="0" y=(n(top + 14.0)) { (words.page.session) }
        @for at in paper.strip.steps() {
            @let x = paper.x(at);
            line.tick x1=(n(x)) x2=(n(x)) y1=(n(AXIS - 4.0)) y2=(n(bottom)) {}
            @if told(at, x) { text.time x=(n(x + 2.0)) y=(n(AXIS - 7.0)) { (clock(at)) } }
        }
    }
}

/// The entries of this strip that have a note, and their positions.
fn flags(transcript: &Transcript, paper: &Paper) -> Vec<(u64, f64)> {
    let start = transcript.timeline().from;
    let notes = transcript
        .lines()
        .iter()
        .filter_map(|line| line.note.as_ref());
    let about = notes.filter_map(|note| Note::legible(note)?.1);
    let about = about.filter_map(|seq| Some((seq, transcript.line(seq)?.at.since(start))));
    let here = about.filter(|(_, at)| paper.strip.has(*at, paper.last));
    here.map(|(seq, at)| (seq, paper.x(at))).collect()
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
