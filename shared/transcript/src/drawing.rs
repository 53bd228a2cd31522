//! The timeline as drawing data: strips of time one below the other, each with the session's bands and a lane
//! for each person. The HTML export, the plain text and the page paint the same data.
//!
//! All lengths are whole units of the medium: CSS pixels, or the cells of a terminal.

mod place;
mod strips;

use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use super::words::{Words, clock};
use super::{Band, Became, LinkBand, Mark, MarkKind, Note, Transcript};
use place::{Placed, place};
use strips::{Strip as Time, strips};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::state::{HoldReason, LinkStatus, Phase};

/// The most marks of one place that are told one by one.
const TOLD: usize = 8;

/// The height of the row with the times.
const AXIS: u32 = 20;
/// The height of the row with the flags below it, if there are any.
const FLAGS: u32 = 14;
/// The height of the session's bands.
const BAND: u32 = 22;
const GAP: u32 = 6;

/// What a medium has room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// The width of the whole drawing.
    width: u32,
    /// The width of the lanes' names, and of what stays free at the right.
    gutter: u32,
    right: u32,
    /// The side of a mark.
    side: u32,
    /// The least distance between the middles of two marks in one row.
    apart: u32,
    /// The greatest distance at which a "seen" joins another "seen".
    near: u32,
    /// How many rows of marks a lane has. One more is for what must not be mixed with stops.
    rows: u32,
    /// The least width of a band, so that even a hold of no duration is visible.
    least: u32,
    /// The least distance between two times, and the width of a digit.
    time: u32,
    digit: u32,
    /// How many marks are legible in one strip.
    marks: u32,
}

impl Size {
    /// A drawing in CSS pixels, for a page or a sheet of paper of this width.
    #[must_use]
    pub(crate) fn page(width: u32) -> Self {
        let width = width.clamp(202, 4_000);
        let (gutter, right, apart) = (74, 8, 24);
        let room = width - gutter - right;
        // A narrow strip is denser, because a phone shows few strips at once.
        let fifths = if room < 400 { 9 } else { 6 };
        Self {
            width,
            gutter,
            right,
            side: 20,
            apart,
            near: 3 * apart,
            rows: 3,
            least: 2,
            time: 64,
            digit: 6,
            marks: (room / apart * fifths / 5).max(8),
        }
    }

    /// A drawing in characters, of this many columns.
    pub(super) fn text(columns: u32) -> Self {
        Self {
            width: columns,
            gutter: 0,
            right: 0,
            side: 1,
            apart: 1,
            near: 1,
            rows: 1,
            least: 1,
            time: 9,
            digit: 1,
            marks: columns / 2,
        }
    }

    fn room(self) -> u32 {
        self.width - self.gutter - self.right
    }

    /// Where a mark stands that belongs at `x`: wholly inside the strip.
    fn inside(self, x: u32) -> u32 {
        let half = self.side / 2;
        let end = self.gutter + self.room();
        x.clamp(self.gutter + half, end - (self.side - half))
    }
}

/// The timeline of a transcript as drawing data.
#[derive(Debug, Serialize)]
pub(crate) struct Drawing<'a> {
    /// The width of the drawing.
    pub(crate) width: u32,
    /// Where the strips begin and end.
    pub(crate) left: u32,
    /// See `left`.
    pub(crate) right: u32,
    /// The height of the row with the times, and of the bands.
    pub(crate) axis: u32,
    /// See `axis`.
    pub(crate) band: u32,
    /// The strips, from first to last.
    pub(crate) strips: Vec<Strip<'a>>,
    /// The whole session in one line.
    pub(crate) whole: Whole<'a>,
}

/// A stretch of the session's time.
#[derive(Debug, Serialize)]
pub(crate) struct Strip<'a> {
    /// Its times, in words.
    pub(crate) title: String,
    /// Where its bands begin, where its ground ends, and how high it is.
    pub(crate) top: u32,
    /// See `top`.
    pub(crate) bottom: u32,
    /// See `top`.
    pub(crate) height: u32,
    /// The times, from first to last.
    pub(crate) ticks: Vec<Tick>,
    /// The phases of the session, in the order of painting.
    pub(crate) bands: Vec<Stretch<'a, Band>>,
    /// The receiver's lane, the helper's, and the relay's if it has marks.
    pub(crate) lanes: Vec<Lane<'a>>,
    /// The entries with a note.
    pub(crate) flags: Vec<Flag>,
}

/// A time of the axis.
#[derive(Debug, Serialize)]
pub(crate) struct Tick {
    /// Where it is.
    pub(crate) x: u32,
    /// The time, where there is room for it.
    pub(crate) text: Option<String>,
}

/// What lasted for a while.
#[derive(Debug, Serialize)]
pub(crate) struct Stretch<'a, T> {
    /// Where it begins.
    pub(crate) x: u32,
    /// How wide it is.
    pub(crate) width: u32,
    /// How it looks: `start`, `live`, `held`, `late` or `gone`.
    pub(crate) kind: &'static str,
    /// When, what and for how long, in words.
    pub(crate) title: String,
    /// What it is, as far as there is room.
    pub(crate) label: Option<String>,
    /// The part of the timeline that it shows.
    #[serde(skip)]
    pub(crate) of: &'a T,
}

/// The lane of a person or the relay.
#[derive(Debug, Serialize)]
pub(crate) struct Lane<'a> {
    /// Whose; null for the relay's.
    pub(crate) by: Option<Role>,
    /// Whose, in words.
    pub(crate) name: &'static str,
    /// Where it begins.
    pub(crate) y: u32,
    /// How high it is.
    pub(crate) height: u32,
    /// Where the link was not up, in the order of painting.
    pub(crate) links: Vec<Stretch<'a, LinkBand>>,
    /// The marks, by their places from left to right.
    pub(crate) places: Vec<Place<'a>>,
}

/// One or more marks in one place.
#[derive(Debug, Serialize)]
pub(crate) struct Place<'a> {
    /// The middle.
    pub(crate) x: u32,
    /// See `x`.
    pub(crate) y: u32,
    /// How it looks: the name of its sign, `untaken`, or `mixed`.
    pub(crate) look: &'static str,
    /// The name of its sign, if all marks have the same.
    pub(crate) sign: Option<&'static str>,
    /// How many marks, if there are several.
    pub(crate) number: Option<String>,
    /// What the marks say, line by line.
    pub(crate) lines: Vec<String>,
    /// The marks; as JSON the places of their entries.
    #[serde(serialize_with = "seqs")]
    pub(crate) marks: Vec<&'a Mark>,
}

/// An entry with a note.
#[derive(Debug, Serialize)]
pub(crate) struct Flag {
    /// Where it is.
    pub(crate) x: u32,
    /// The place of the entry.
    pub(crate) seq: u64,
    /// The same in words.
    pub(crate) title: String,
}

/// The whole session in one line, without a gutter.
#[derive(Debug, Serialize)]
pub(crate) struct Whole<'a> {
    /// Where each strip ends.
    pub(crate) ends: Vec<u32>,
    /// The phases of the session, in the order of painting.
    pub(crate) bands: Vec<Stretch<'a, Band>>,
    /// The stops.
    pub(crate) stops: Vec<u32>,
    /// The entries with a note.
    pub(crate) flags: Vec<u32>,
}

fn seqs<S: Serializer>(marks: &[&Mark], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(marks.iter().map(|mark| mark.seq))
}

impl<'a> Drawing<'a> {
    /// Lays a transcript's timeline out.
    pub(super) fn of(transcript: &'a Transcript, words: &Words, size: Size) -> Self {
        let layout = Layout::of(transcript, words, size);
        let timeline = transcript.timeline();
        let times = strips(
            layout.total,
            timeline.marks.len(),
            size.marks,
            size.room() / size.time,
        );
        Self {
            width: size.width,
            left: size.gutter,
            right: size.gutter + size.room(),
            axis: AXIS,
            band: BAND,
            strips: times.iter().map(|time| layout.strip(*time)).collect(),
            whole: layout.whole(&times),
        }
    }
}

/// What all strips are laid out from.
struct Layout<'a, 'w> {
    transcript: &'a Transcript,
    words: &'w Words,
    size: Size,
    total: u64,
    /// The entries with a note, and when they were, in milliseconds since the beginning.
    flags: Vec<(u64, u64)>,
}

impl<'a, 'w> Layout<'a, 'w> {
    fn of(transcript: &'a Transcript, words: &'w Words, size: Size) -> Self {
        let from = transcript.timeline().from;
        let notes = transcript.lines().iter().filter_map(|l| l.note.as_ref());
        let about = notes.filter_map(|note| Note::legible(note)?.1);
        Self {
            transcript,
            words,
            size,
            total: transcript.timeline().to.since(from),
            flags: about
                .filter_map(|seq| Some((seq, transcript.line(seq)?.at.since(from))))
                .collect(),
        }
    }

    fn strip(&self, time: Time) -> Strip<'a> {
        let (words, size) = (self.words, self.size);
        let (from, to) = (clock(time.from), clock(time.to));
        let here = self.flags.iter().filter(|(_, at)| time.has(*at));
        let flags: Vec<Flag> = here
            .map(|(seq, at)| Flag {
                x: self.x(time, *at),
                seq: *seq,
                title: words.fill(words.drawn.note_on_entry, &[("n", seq)]),
            })
            .collect();
        let top = AXIS + if flags.is_empty() { 0 } else { FLAGS };
        let mut height = top + BAND + GAP;
        let mut lanes = Vec::new();
        for by in [Some(Role::Receiver), Some(Role::Helper), None] {
            let lane = self.lane(time, by, height);
            if by.is_some() || !lane.places.is_empty() {
                height += lane.height + GAP;
                lanes.push(lane);
            }
        }
        let end = size.gutter + size.room();
        let tick = |at| {
            let (x, text) = (self.x(time, at), clock(at));
            let room = u32::try_from(text.len()).map_or(u32::MAX, |n| n * size.digit);
            Tick {
                x,
                text: (x + room <= end).then_some(text),
            }
        };
        Strip {
            title: words.fill(words.drawn.strip, &[("from", &from), ("to", &to)]),
            top,
            bottom: height - GAP,
            height,
            ticks: time.steps().map(tick).collect(),
            bands: self.bands(time),
            lanes,
            flags,
        }
    }

    fn lane(&self, time: Time, by: Option<Role>, y: u32) -> Lane<'a> {
        let timeline = self.transcript.timeline();
        let mine = timeline.marks.iter().filter(|mark| mark.by == by);
        let here = mine.filter_map(|mark| {
            let at = mark.at.since(timeline.from);
            let x = || self.size.inside(self.x(time, at));
            time.has(at).then(|| (x(), mark))
        });
        let placed = place(here, self.size);
        let rows = placed.iter().map(|placed| placed.row + 1).max();
        Lane {
            by,
            name: self.words.role(by),
            y,
            height: rows.unwrap_or(1) * self.size.apart + 4,
            links: by.map_or_else(Vec::new, |role| self.links(time, role)),
            places: placed.into_iter().map(|one| self.place(one, y)).collect(),
        }
    }

    fn place(&self, Placed { x, row, marks, .. }: Placed<'a>, y: u32) -> Place<'a> {
        let looks = |mark: &Mark| match mark.result {
            Became::Taken => sign(mark.kind),
            Became::Repeat | Became::Ignored | Became::Stale | Became::Refused => "untaken",
        };
        let look = |mark: &&'a Mark| (looks(mark), sign(mark.kind));
        let first = marks.first().map(look);
        let alike = first.filter(|first| marks.iter().all(|mark| look(mark) == *first));
        let told = marks.iter().take(TOLD);
        let mut lines: Vec<String> = told
            .map(|mark| self.words.tell(self.transcript, mark))
            .collect();
        let more = marks.len() - lines.len();
        if more > 0 {
            lines.push(self.words.fill(self.words.drawn.more, &[("n", &more)]));
        }
        Place {
            x,
            y: y + 2 + self.size.apart / 2 + row * self.size.apart,
            look: alike.map_or("mixed", |(look, _)| look),
            sign: alike.map(|(_, sign)| sign),
            number: match marks.len() {
                0 | 1 => None,
                n @ 2..100 => Some(n.to_string()),
                _ => Some("99+".into()),
            },
            lines,
            marks,
        }
    }

    fn bands(&self, time: Time) -> Vec<Stretch<'a, Band>> {
        let timeline = self.transcript.timeline();
        let bands = timeline.bands.iter().filter_map(|band| {
            let end = band.to.unwrap_or(timeline.to);
            let (x, width) = self.clip(
                time,
                band.from.since(timeline.from),
                end.since(timeline.from),
            )?;
            let labels = [self.words.phase(band), self.words.phase_short(band)];
            // A column of the widest letters is less than 6.6 units wide.
            let fits = |label: &String| label.width() * 33 / 5 + 8 <= width as usize;
            let (at, told) = self.words.band(self.transcript, band);
            Some(Stretch {
                x,
                width,
                kind: kind(band),
                title: format!("{at} {told}"),
                label: labels.into_iter().find(fits),
                of: band,
            })
        });
        painted(bands.collect(), weight)
    }

    fn links(&self, time: Time, role: Role) -> Vec<Stretch<'a, LinkBand>> {
        let timeline = self.transcript.timeline();
        let links = timeline.links.of(role).iter().filter_map(|band| {
            let end = band.to.unwrap_or(timeline.to);
            let (x, width) = self.clip(
                time,
                band.from.since(timeline.from),
                end.since(timeline.from),
            )?;
            let (at, told) = self.words.link_band(self.transcript, role, band);
            Some(Stretch {
                x,
                width,
                kind: match band.status {
                    LinkStatus::Here | LinkStatus::Absent => return None,
                    LinkStatus::Late => "late",
                    LinkStatus::Lost | LinkStatus::Away => "gone",
                },
                title: format!("{at} {told}"),
                label: None,
                of: band,
            })
        });
        painted(links.collect(), |band| {
            u8::from(band.status != LinkStatus::Late)
        })
    }

    fn whole(&self, times: &[Time]) -> Whole<'a> {
        let timeline = self.transcript.timeline();
        let size = Size {
            gutter: 0,
            right: 0,
            ..self.size
        };
        let total = self.total.max(1);
        let line = Time {
            from: 0,
            to: total,
            length: total,
            step: total,
            last: true,
        };
        let all = Layout {
            flags: Vec::new(),
            size,
            ..*self
        };
        let x = |at: u64| all.x(line, at);
        let stops = timeline.marks.iter().filter(|mark| is_stop(mark));
        Whole {
            ends: times.iter().map(|time| x(time.to)).collect(),
            bands: all.bands(line),
            stops: stops.map(|m| x(m.at.since(timeline.from))).collect(),
            flags: self.flags.iter().map(|(_, at)| x(*at)).collect(),
        }
    }

    /// Where a moment is, in milliseconds since the session's beginning.
    fn x(&self, time: Time, at: u64) -> u32 {
        let into = at.saturating_sub(time.from).min(time.length);
        let room = u128::from(self.size.room());
        let x = u128::from(into) * room / u128::from(time.length.max(1));
        // It is at most the room, which is a u32.
        self.size.gutter + u32::try_from(x).unwrap_or_default()
    }

    /// Where the part of `from..to` in a strip begins and how wide it is; a unit that it touches is in it.
    fn clip(&self, time: Time, from: u64, to: u64) -> Option<(u32, u32)> {
        let (from, to) = time.clip(from, to)?;
        let (x, end) = (self.x(time, from), self.x(time, to - 1) + 1);
        Some((x, (end - x).max(self.size.least)))
    }
}

/// In the order of painting: what matters more covers what matters less, and what was earlier what is later.
fn painted<T>(mut all: Vec<Stretch<'_, T>>, weight: impl Fn(&T) -> u8) -> Vec<Stretch<'_, T>> {
    all.reverse();
    all.sort_by_key(|stretch| weight(stretch.of));
    all
}

/// A short hold must stay visible beside a long live time.
const fn weight(band: &Band) -> u8 {
    match (band.phase, band.reason) {
        (Phase::Ended, _) => 0,
        (Phase::Waiting, _) => 1,
        (Phase::Held, Some(HoldReason::Start) | None) => 2,
        (Phase::Live, _) => 3,
        (Phase::Held, Some(HoldReason::LinkLost | HoldReason::Away | HoldReason::NoAnswer)) => 4,
        (Phase::Held, Some(HoldReason::Stop | HoldReason::Released)) => 5,
    }
}

const fn kind(band: &Band) -> &'static str {
    match (band.phase, band.reason) {
        (Phase::Live, _) => "live",
        (Phase::Waiting | Phase::Ended, _) | (Phase::Held, Some(HoldReason::Start) | None) => {
            "start"
        }
        (Phase::Held, Some(_)) => "held",
    }
}

/// The name of a mark's sign.
const fn sign(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Cue { cue } => cue.as_str(),
        MarkKind::Thumb { down: true } => "thumb_down",
        MarkKind::Thumb { down: false } => "thumb_lifted",
        MarkKind::HandsOff => "hands_off",
        MarkKind::Seen => "seen",
        MarkKind::Confirmed => "confirmed",
        MarkKind::CheckIn => "check_in",
        MarkKind::Joined => "joined",
        MarkKind::Connected => "connected",
        MarkKind::Restarted => "restarted",
        MarkKind::Ended => "ended",
    }
}

/// Whether a mark is a stop that was taken, or a lifted thumb.
fn is_stop(mark: &Mark) -> bool {
    let stops = [
        MarkKind::Cue { cue: Cue::Stop },
        MarkKind::Thumb { down: false },
    ];
    mark.result == Became::Taken && stops.contains(&mark.kind)
}
