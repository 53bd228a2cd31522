//! The timeline has the same positions on the page, in the HTML export and on a terminal.

use serde_json::Value;
use tapcue_rules::language::Language;
use tapcue_transcript::Transcript;

use crate::desk::Receiver;
use crate::hour::{hour, thumb};
use crate::odd::odd;
use crate::sample::rich;

/// The widths of the export's two sheets, and of texts that show as many marks in a strip.
const SHEETS: [(&str, u32, usize); 2] = [("wide", 760, 76), ("narrow", 340, 46)];
/// The width of the rows' names in the text.
const LABEL: usize = 10;

/// The character of each sign on a terminal.
const SIGNS: [(&str, char); 19] = [
    ("stop", 'S'),
    ("ready", 'r'),
    ("slower", 's'),
    ("more_pressure", 'm'),
    ("ease_up", 'e'),
    ("stay", 'y'),
    ("left", '<'),
    ("right", '>'),
    ("good", 'g'),
    ("check_in", '?'),
    ("thumb_down", 'v'),
    ("thumb_lifted", '^'),
    ("hands_off", 'h'),
    ("seen", 'a'),
    ("confirmed", 'c'),
    ("joined", 'j'),
    ("connected", 'j'),
    ("restarted", '!'),
    ("ended", 'q'),
];

fn samples() -> Vec<Transcript> {
    let desks = [rich(), thumb(), odd(), hour(180), hour(500)];
    let sealed = desks.iter().map(|desk| desk.sealed(Some(Receiver)));
    sealed.collect()
}

fn drawing(transcript: &Transcript, width: u32) -> Value {
    serde_json::from_str(&transcript.drawing_json(Language::En, width)).unwrap()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().unwrap()
}

fn n(of: &Value, name: &str) -> usize {
    usize::try_from(of[name].as_u64().unwrap()).unwrap()
}

/// What stands between two texts, each time.
fn all<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    let rest = text.split(before).skip(1);
    rest.map(move |rest| rest.split_once(after).unwrap().0)
}

#[test]
fn the_export_has_the_positions_of_the_page() {
    for transcript in samples() {
        let html = transcript.html(Language::En, 0);
        for (sheet, width, _) in SHEETS {
            let drawing = drawing(&transcript, width);
            let sheet = format!("<div class=\"strips {sheet}\">");
            let drawn = all(&html, &sheet, "</div>").next().unwrap();
            let drawn: Vec<_> = all(drawn, "<svg class=\"strip\"", "</svg>").collect();
            let strips = list(&drawing, "strips");
            assert_eq!(drawn.len(), strips.len());
            for (svg, strip) in drawn.into_iter().zip(strips) {
                let lanes = list(strip, "lanes").iter();
                let places = lanes.flat_map(|lane| list(lane, "places"));
                let places = places.map(|place| {
                    let (x, y, look) = (n(place, "x"), n(place, "y"), &place["look"]);
                    format!("{x} {y})\" class=\"mark {}", look.as_str().unwrap())
                });
                let marks = all(svg, "<g transform=\"translate(", "\">");
                let marks = marks.filter(|mark| mark.contains("mark"));
                assert_eq!(marks.collect::<Vec<_>>(), places.collect::<Vec<_>>());
                let stretch = |of: &Value| {
                    format!(
                        "x=\"{}\" y=\"{}\" width=\"{}\"",
                        of["x"], of["y"], of["width"]
                    )
                };
                let band = |band: &Value| {
                    let mut band = band.clone();
                    band["y"] = strip["top"].clone();
                    stretch(&band)
                };
                let link = |lane: &Value, link: &Value| {
                    let mut link = link.clone();
                    link["y"] = lane["y"].clone();
                    stretch(&link)
                };
                let links = list(strip, "lanes").iter();
                let links =
                    links.flat_map(|lane| list(lane, "links").iter().map(move |it| link(lane, it)));
                let bars = list(strip, "bands").iter().map(band).chain(links);
                let painted = all(svg, "<rect class=\"bar\" ", " height");
                assert_eq!(painted.collect::<Vec<_>>(), bars.collect::<Vec<_>>());
                let times = list(strip, "ticks").iter();
                let times =
                    times.filter_map(|tick| Some((n(tick, "x") + 2, tick["text"].as_str()?)));
                let times = times.map(|(x, text)| format!("{x}\" y=\"13\">{text}"));
                let painted = all(svg, "<text class=\"time\" x=\"", "</text>");
                assert_eq!(painted.collect::<Vec<_>>(), times.collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_terminal_has_the_positions_of_the_page_within_one_cell() {
    for transcript in samples() {
        for (_, width, columns) in SHEETS {
            let drawing = drawing(&transcript, width);
            let (left, right) = (n(&drawing, "left"), n(&drawing, "right"));
            let cell = |x: usize| LABEL + (x.max(left) - left) * (columns - LABEL) / (right - left);
            let text = transcript.text(Language::En, columns, 0);
            let drawn = text.split_once("\nTIMELINE\n").unwrap().1;
            let blocks = drawn
                .split("\n\n")
                .take_while(|block| !block.starts_with("session  "));
            let blocks: Vec<Vec<&str>> = blocks.map(|block| block.lines().collect()).collect();
            let strips = list(&drawing, "strips");
            assert_eq!(blocks.len(), strips.len(), "{drawn}");
            for (block, strip) in blocks.iter().zip(strips) {
                let row = |label: &str| {
                    let row = block
                        .iter()
                        .find(|row| row.starts_with(&format!("{label:LABEL$}")));
                    row.map(|row| row.chars().collect::<Vec<_>>())
                };
                // The cell of a position, or one beside it, has one of these characters.
                let near = |row: &[char], x: usize, one_of: &[char]| {
                    let at = cell(x);
                    let cells = row.iter().enumerate();
                    let mut near = cells.filter(|(n, _)| n.abs_diff(at) <= 1);
                    near.any(|(_, c)| one_of.contains(c))
                };
                for band in list(strip, "bands")
                    .iter()
                    .filter(|band| band["kind"] == "held")
                {
                    let row = row("session").unwrap();
                    assert!(
                        near(&row, n(band, "x"), &['S', 'T', 'L', 'A', 'N']),
                        "{band}\n{block:#?}"
                    );
                }
                for lane in list(strip, "lanes") {
                    let label = match lane["by"].as_str() {
                        Some("helper") => "helper",
                        Some(_) => "receiver",
                        None => "server",
                    };
                    let row = row(label).unwrap();
                    for place in list(lane, "places") {
                        // The first mark is in its own place; what shares it is near it.
                        let seq = place["marks"][0].as_u64().unwrap();
                        let sign = place["sign"].as_str();
                        let own = SIGNS.iter().find(|(name, _)| Some(*name) == sign);
                        let mut one_of = vec!['+', 'S'];
                        one_of.extend(own.map(|(_, c)| *c));
                        if place["look"] != *sign.unwrap_or_default() {
                            one_of.extend([':'].into_iter().chain(SIGNS.map(|(_, c)| c)));
                        }
                        assert!(
                            near(&row, n(place, "x"), &one_of),
                            "{seq}: {place}\n{block:#?}"
                        );
                    }
                    let drawn = row.iter().skip(LABEL).filter(|c| **c != ' ').count();
                    let marks: usize = list(lane, "places")
                        .iter()
                        .map(|it| list(it, "marks").len())
                        .sum();
                    assert!(drawn <= marks, "{drawn} signs of {marks} marks");
                }
            }
        }
    }
}

/// Every mark is drawn once, inside the paper and in the order of time, at any width. So is every flag.
#[test]
fn every_mark_is_drawn_once_in_its_strip_at_any_width() {
    for transcript in samples() {
        let start = transcript.timeline().from;
        for width in [0, 358, 688, 990, u32::MAX] {
            let drawing = drawing(&transcript, width);
            let (left, right) = (n(&drawing, "left"), n(&drawing, "right"));
            let mut seqs = Vec::new();
            let mut flags = Vec::new();
            let ends = list(&drawing["whole"], "ends");
            assert_eq!(ends.len(), list(&drawing, "strips").len());
            assert!(ends.is_sorted_by_key(|end| end.as_u64()));
            for strip in list(&drawing, "strips") {
                let mut seconds = vec![];
                for lane in list(strip, "lanes") {
                    assert!(n(lane, "y") + n(lane, "height") <= n(strip, "bottom"));
                    let places = list(lane, "places");
                    assert!(places.is_sorted_by_key(|place| n(place, "x")));
                    for place in places {
                        assert!((left + 10..=right - 10).contains(&n(place, "x")));
                        assert!(
                            (n(lane, "y")..n(lane, "y") + n(lane, "height"))
                                .contains(&n(place, "y"))
                        );
                        seqs.extend(list(place, "marks").iter().filter_map(Value::as_u64));
                        let first = place["marks"][0].as_u64().unwrap() as usize - 1;
                        seconds.push(transcript.lines()[first].at.since(start) / 1_000);
                    }
                }
                let title = strip["title"].as_str().unwrap();
                let mut times = title.split(' ').filter_map(|word| {
                    let parts = word.split(':').map(str::parse::<u64>);
                    let parts: Result<Vec<_>, _> = parts.collect();
                    Some(parts.ok()?.into_iter().fold(0, |sum, part| sum * 60 + part))
                });
                let (from, to) = (times.next().unwrap(), times.next().unwrap());
                let last = strip == list(&drawing, "strips").last().unwrap();
                assert!(
                    seconds.iter().all(|at| *at >= from && (*at <= to || last)),
                    "{title}"
                );
                for band in list(strip, "bands") {
                    assert!(n(band, "x") >= left && n(band, "x") + n(band, "width") <= right + 2);
                    assert!(n(band, "width") >= 2, "even a hold of an instant");
                }
                flags.extend(
                    list(strip, "flags")
                        .iter()
                        .map(|flag| n(flag, "seq") as u64),
                );
            }
            seqs.sort_unstable();
            let mut marks: Vec<_> = transcript
                .timeline()
                .marks
                .iter()
                .map(|mark| mark.seq)
                .collect();
            marks.sort_unstable();
            assert_eq!(seqs, marks);
            let notes = transcript
                .lines()
                .iter()
                .filter_map(|line| line.note.as_ref()?.legible()?.1);
            let mut notes: Vec<_> = notes
                .filter(|seq| (1..=transcript.lines().len() as u64).contains(seq))
                .collect();
            flags.sort_unstable();
            notes.sort_unstable();
            assert_eq!(flags, notes);
        }
    }
}
