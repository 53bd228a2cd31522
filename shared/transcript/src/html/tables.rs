//! The figures and the entries as tables.

use maud::{Markup, html};

use crate::civil::{self, Offset};
use crate::words::{Words, clock_ms, kind};
use crate::{Became, Line, Transcript};
use tapcue_rules::entry::What;

pub(super) fn figures(transcript: &Transcript, words: &Words) -> Markup {
    let say = &words.tables;
    let figures = transcript.figures();
    html! {
        section aria-labelledby="figures" {
            h2 #figures { (say.figures) }
            div.side-by-side {
                table.figures {
                    caption { (say.times) }
                    tbody {
                        @for (label, value) in words.all_figures(figures) {
                            tr { th scope="row" { (label) } td { (value) } }
                        }
                    }
                }
                table.counts {
                    caption { (say.counts) }
                    thead { tr {
                        @for name in [say.cue, say.taken, say.ignored, say.stale, say.refused] {
                            th scope="col" { (name) }
                        }
                    } }
                    tbody {
                        @for count in &figures.cues {
                            tr {
                                th scope="row" { (words.role(Some(count.by))) (words.marks.colon) (words.cue(count.cue)) }
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

pub(super) fn entries(transcript: &Transcript, words: &Words, offset: Offset) -> Markup {
    let say = &words.tables;
    let filters = [
        ("all", say.all),
        ("people", say.people),
        ("cues", say.cues),
        ("holds", say.holds),
    ];
    html! {
        section.entries aria-labelledby="entries" {
            h2 #entries { (say.entries) }
            fieldset.filter {
                legend { (say.show) }
                @for (index, (id, name)) in filters.into_iter().enumerate() {
                    input type="radio" name="show" id=(format!("show-{id}")) checked[index == 0];
                    label for=(format!("show-{id}")) { (name) }
                }
            }
            table {
                caption { (say.entries_are) }
                thead { tr {
                    @for name in [say.number, say.time, say.who, say.what, say.became] {
                        th scope="col" { (name) }
                    }
                } }
                tbody { @for line in transcript.lines() { (entry(transcript, words, line, offset)) } }
            }
        }
    }
}

fn entry(transcript: &Transcript, words: &Words, line: &Line, offset: Offset) -> Markup {
    let start = transcript.timeline().from;
    let after = transcript
        .header()
        .ended_at
        .is_some_and(|end| line.at > end);
    let time = if after {
        words.moment(line.at, offset)
    } else {
        clock_ms(line.at.since(start))
    };
    let kind = kind(&line.entry.what);
    html! {
        tr id=(format!("e{}", line.seq)) class=(classes(line)) data-what=(kind) {
            td.seq { (line.seq) }
            td.time { time datetime=(civil::iso(line.at)) { (time) } }
            td.who { (words.role(line.entry.by)) }
            td.what { (words.says(transcript, line)) }
            td.became { (words.became(line)) }
        }
    }
}

fn classes(line: &Line) -> String {
    let outcome = &line.outcome;
    let mut classes = vec![match line.entry.what {
        What::Cue { .. } | What::Stops { .. } | What::Thumb { .. } => "cue person",
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
    if held.is_some_and(|hold| hold.reason != tapcue_rules::state::HoldReason::Start)
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
