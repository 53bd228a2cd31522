//! The figures and the entries as tables.

use maud::{Markup, html};

use crate::entry::What;
use crate::transcript::civil::{self, Offset};
use crate::transcript::{Became, Line, Transcript, words};

/// The filters of the list of entries: id, name.
const FILTERS: [(&str, &str); 4] = [
    ("all", "All"),
    ("people", "What people did"),
    ("cues", "Cues"),
    ("holds", "Stops, holds and live"),
];

pub(super) fn figures(transcript: &Transcript) -> Markup {
    let figures = transcript.figures();
    html! {
        section aria-labelledby="figures" {
            h2 #figures { "Figures" }
            div.side-by-side {
                table.figures {
                    caption { "Times" }
                    tbody {
                        @for (label, value) in words::figures(figures) {
                            tr { th scope="row" { (label) } td { (value) } }
                        }
                    }
                }
                table.counts {
                    caption { "How many of each cue" }
                    thead { tr {
                        th scope="col" { "Cue" }
                        th scope="col" { "Taken" }
                        th scope="col" { "Ignored" }
                        th scope="col" { "Stale" }
                        th scope="col" { "Refused" }
                    } }
                    tbody {
                        @for count in &figures.cues {
                            tr {
                                th scope="row" { (words::role(Some(count.by))) ": " (words::cue(count.cue)) }
                                @for n in [count.taken, count.ignored, count.stale, count.refused] {
                                    td { (n) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn entries(transcript: &Transcript, offset: Offset) -> Markup {
    html! {
        section.entries aria-labelledby="entries" {
            h2 #entries { "Entries" }
            fieldset.filter {
                legend { "Show" }
                @for (index, (id, name)) in FILTERS.iter().enumerate() {
                    input type="radio" name="show" id=(format!("show-{id}")) checked[index == 0];
                    label for=(format!("show-{id}")) { (name) }
                }
            }
            table {
                caption { "Every entry, with what became of it. Times are since the beginning." }
                thead { tr {
                    th scope="col" { "No." }
                    th scope="col" { "Time" }
                    th scope="col" { "Who" }
                    th scope="col" { "What" }
                    th scope="col" { "What became of it" }
                } }
                tbody { @for line in transcript.lines() { (entry(transcript, line, offset)) } }
            }
        }
    }
}

fn entry(transcript: &Transcript, line: &Line, offset: Offset) -> Markup {
    let start = transcript.timeline().from;
    let after = transcript
        .header()
        .ended_at
        .is_some_and(|end| line.at > end);
    let time = if after {
        words::moment(line.at, offset)
    } else {
        words::clock_ms(line.at.since(start))
    };
    let kind = words::kind(&line.entry.what);
    html! {
        tr id=(format!("e{}", line.seq)) class=(classes(line)) data-what=(kind) {
            td.seq { (line.seq) }
            td.time { time datetime=(civil::iso(line.at)) { (time) } }
            td.who { (words::role(line.entry.by)) }
            td.what { (words::says(transcript, line)) }
            td.became { (words::became(line)) }
        }
    }
}

fn classes(line: &Line) -> String {
    let outcome = &line.outcome;
    let mut classes = vec![match line.entry.what {
        What::Cue { .. } | What::Thumb { .. } => "cue person",
        What::Shown { .. } | What::Link { .. } => "receipt",
        What::Opened { .. }
        | What::Joined { .. }
        | What::Connected { .. }
        | What::Acknowledged { .. }
        | What::Confirmed { .. }
        | What::Due { .. }
        | What::Restarted
        | What::Noted { .. }
        | What::Ended => "person",
    }];
    let held = outcome.hold.as_ref();
    if held.is_some_and(|hold| hold.reason != crate::state::HoldReason::Start)
        || outcome.within.is_some()
    {
        classes.push("held");
    }
    if outcome.live {
        classes.push("live");
    }
    if outcome.result != Became::Taken {
        classes.push("untaken");
    }
    if matches!(line.entry.what, What::Ended) && outcome.result == Became::Taken {
        classes.push("end");
    }
    classes.join(" ")
}
