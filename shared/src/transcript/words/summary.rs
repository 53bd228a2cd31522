//! A session in a few lines: how it ended, its figures, what was settled before the start, and the
//! timeline as sentences.

use super::{clock, confirmed, phase, role, span, waiver};
use crate::state::{EstimatedSpread, Options, Phase, Spread};
use crate::transcript::{Figures, Transcript};

/// How to check the file, in a sentence.
pub(in crate::transcript) const HOW_TO_VERIFY: &str = "To check that nothing was changed, left out or put in: export the session as JSON and run \
     `tapcue verify FILE`, or open it on the relay's review page.";

/// How long it lasted and how it ended.
pub(in crate::transcript) fn ending(transcript: &Transcript) -> String {
    let (header, figures) = (transcript.header(), transcript.figures());
    let (lasted, live) = (span(figures.lasted_ms), span(figures.live_ms));
    let how = match (header.ended_at, header.ended_by) {
        (None, _) => "It goes on.".into(),
        (Some(_), None) => "The relay ended it.".into(),
        (Some(_), Some(by)) => format!("The {} ended it.", by.as_str()),
    };
    format!("Lasted {lasted}, of which live {live}. {how}")
}

/// The figures, each with its name.
pub(in crate::transcript) fn figures(figures: &Figures) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Lasted", span(figures.lasted_ms)),
        ("Live", times(span(figures.live_ms), figures.went_live)),
        ("Stops", figures.stops.to_string()),
    ];
    let mut spread = |label, of: Option<Spread>| rows.extend(of.map(|of| (label, spread_of(of))));
    spread("Stop → shown", figures.stop_shown);
    spread("Stop → acknowledged", figures.stop_acknowledged);
    let mut estimated =
        |label, of: Option<EstimatedSpread>| rows.extend(of.map(|of| (label, estimate(of))));
    estimated("Tap of stop → shown", figures.tap_shown);
    estimated("Tap of stop → acknowledged", figures.tap_acknowledged);
    let cue_shown = figures.cue_shown.map(spread_of);
    rows.extend(cue_shown.map(|text| ("Other cues → shown", text)));
    for hold in &figures.holds {
        let length = format!(
            "{} times, {} in all, the longest {}",
            hold.count,
            span(hold.total_ms),
            span(hold.longest_ms)
        );
        let length = if hold.count == 1 {
            format!("once, for {}", span(hold.total_ms))
        } else {
            length
        };
        rows.push((hold_name(hold.reason), length));
    }
    let asked = figures.check_ins;
    if asked.by_helper + asked.by_relay > 0 {
        let answered = asked.answer.map(spread_of);
        let answered = answered.map_or_else(String::new, |text| format!(" ({text})"));
        rows.push((
            "Check-ins",
            format!(
                "{} by the helper, {} by the relay; {} answered{answered}, {} not",
                asked.by_helper, asked.by_relay, asked.answered, asked.unanswered
            ),
        ));
    }
    for (label, count) in [
        ("Receiver's link", figures.links.receiver),
        ("Helper's link", figures.links.helper),
    ] {
        let troubles = [
            (count.late, "late"),
            (count.lost, "lost"),
            (count.away, "hidden"),
        ];
        let troubles: Vec<String> = troubles
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} × {what}"))
            .collect();
        if troubles.is_empty() {
            rows.push((label, "up all the time".into()));
        } else {
            let gone = span(count.gone_ms);
            rows.push((label, format!("{}; gone for {gone}", troubles.join(", "))));
        }
    }
    rows
}

const fn hold_name(reason: crate::state::HoldReason) -> &'static str {
    use crate::state::HoldReason;
    match reason {
        HoldReason::Start => "Before the first live",
        HoldReason::Stop => "Held: stop",
        HoldReason::LinkLost => "Held: link lost",
        HoldReason::Away => "Held: page hidden",
        HoldReason::NoAnswer => "Held: no answer",
        HoldReason::Released => "Held: thumb lifted",
    }
}

fn times(length: String, n: u32) -> String {
    match n {
        0 | 1 => length,
        n => format!("{length}, in {n} stretches"),
    }
}

pub(in crate::transcript) fn spread_of(of: Spread) -> String {
    if of.median_ms == of.worst_ms {
        return span(of.median_ms);
    }
    let (median, worst) = (span(of.median_ms), span(of.worst_ms));
    format!("median {median}, worst {worst}")
}

fn estimate(of: EstimatedSpread) -> String {
    let spread = Spread {
        median_ms: of.median_ms,
        worst_ms: of.worst_ms,
    };
    format!("{} (±{})", spread_of(spread), span(of.uncertainty_ms))
}

/// What was agreed and confirmed before the start, a line each.
pub(in crate::transcript) fn before(transcript: &Transcript) -> Vec<String> {
    let header = transcript.header();
    let mut lines = Vec::new();
    if header.options.rehearsal {
        lines.push(match header.rehearsed_at {
            Some(at) => {
                let at = clock(at.since(header.opened_at));
                format!("Rehearsal: a stop was pressed and acknowledged at {at}.")
            }
            None => "Rehearsal: not done.".into(),
        });
    }
    for answer in &header.answers {
        let who = role(Some(answer.by));
        let at = clock(answer.at.since(header.opened_at));
        lines.push(format!(
            "{who}, {at}: {}.",
            confirmed(answer.item, answer.value)
        ));
    }
    if header.answers.is_empty() && header.options.setup {
        lines.push("Set-up lists and warning signs: not answered.".into());
    }
    lines.extend(header.waived.iter().map(|waived| waiver(*waived).into()));
    lines.push(options(&header.options));
    lines.push(format!(
        "Relay {}{}.",
        super::clean(&header.relay),
        match header.restarts {
            0 => String::new(),
            1 => ", restarted once".into(),
            n => format!(", restarted {n} times"),
        }
    ));
    lines
}

fn options(options: &Options) -> String {
    let mut said = Vec::new();
    if options.check_in_every_s > 0 {
        let every = span(u64::from(options.check_in_every_s) * 1_000);
        said.push(format!("a check-in after {every} without a sign"));
    }
    if options.hold_to_consent {
        said.push("live only while the receiver's thumb is on the screen".into());
    }
    said.push(match options.keep.days() {
        0 => "nothing is kept after the end".into(),
        days => format!("kept for {days} days"),
    });
    format!("Options: {}.", said.join("; "))
}

/// How the session stood, from first to last, as sentences.
pub(in crate::transcript) fn story(transcript: &Transcript) -> Vec<String> {
    let timeline = transcript.timeline();
    let bands = timeline.bands.iter();
    let told = bands.filter(|band| band.phase != Phase::Ended && band.ms(timeline.to) > 0);
    told.map(|band| {
        let from = clock(band.from.since(timeline.from));
        let by = band.by.map_or_else(String::new, |by| {
            let whose = band.reason.is_some_and(|reason| reason.is_stop());
            if whose {
                format!(" by the {}", by.as_str())
            } else {
                format!(" ({}'s)", by.as_str())
            }
        });
        let length = span(band.ms(timeline.to));
        format!("{from} {}{by}, for {length}", phase(band))
    })
    .collect()
}
