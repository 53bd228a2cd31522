//! The figures: how many of each cue, how long the session was live and held, how fast stops were seen.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fold::Folded;
use super::outcome::{Answer, Became};
use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::state::{EstimatedSpread, HoldReason, LinkStatus, Phase, Spread};
use tapcue_rules::time::Millis;

/// The figures of a session. If the session goes on, they cover the time up to its newest entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// From its opening to its end, in milliseconds.
    pub lasted_ms: u64,
    /// How long it was live, in milliseconds.
    pub live_ms: u64,
    /// How often it became live.
    pub went_live: u32,
    /// The number of stops before the end: taps, lifted thumbs, and warning signs while live, including the
    /// rehearsal's.
    pub stops: u32,
    /// From the relay's receipt of a stop to the paint on the other screen.
    pub stop_shown: Option<Spread>,
    /// From the relay's receipt of a stop to "hands off".
    pub stop_acknowledged: Option<Spread>,
    /// From the tap of a stop to the paint on the other screen, where both devices know the relay's clock.
    pub tap_shown: Option<EstimatedSpread>,
    /// From the tap of a stop to "hands off", where the device of the tap knows the relay's clock.
    pub tap_acknowledged: Option<EstimatedSpread>,
    /// From the relay's receipt of any other cue to the paint on the other screen.
    pub cue_shown: Option<Spread>,
    /// The number of each cue, the receiver's first. Cues that were not sent are left out.
    pub cues: Vec<CueCount>,
    /// The holds by reason, without the hold before the first live.
    pub holds: Vec<HoldCount>,
    /// The check-ins.
    pub check_ins: CheckInCount,
    /// What happened to each device's link.
    pub links: Both<LinkCount>,
}

/// How many of a cue one person sent, with their outcomes. A retried cue counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CueCount {
    /// The role that sent it.
    pub by: Role,
    /// The cue.
    pub cue: Cue,
    /// How many took effect.
    pub taken: u32,
    /// How many changed nothing: a bounce, a reflex, or no change needed.
    pub ignored: u32,
    /// How many were from before a hold and were not shown.
    pub stale: u32,
    /// How many were refused.
    pub refused: u32,
}

/// The holds for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HoldCount {
    /// The reason.
    pub reason: HoldReason,
    /// The number of holds.
    pub count: u32,
    /// Their total duration, in milliseconds.
    pub total_ms: u64,
    /// The longest duration, in milliseconds.
    pub longest_ms: u64,
}

/// The check-ins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckInCount {
    /// How many the helper asked.
    pub by_helper: u32,
    /// How many the relay asked.
    pub by_relay: u32,
    /// How many were answered.
    pub answered: u32,
    /// How many were not answered, which led to a hold.
    pub unanswered: u32,
    /// How many were dropped because something else began a hold.
    pub dropped: u32,
    /// How long the answers took.
    pub answer: Option<Spread>,
}

/// The changes of a device's link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LinkCount {
    /// How often it was late.
    pub late: u32,
    /// How often it was lost.
    pub lost: u32,
    /// How often it was hidden.
    pub away: u32,
    /// How long it was lost or hidden in total, in milliseconds.
    pub gone_ms: u64,
}

impl Figures {
    pub(super) fn of(entries: &[&Entry], folded: &Folded) -> Self {
        let timeline = &folded.timeline;
        let to = timeline.to;
        let came_to = &folded.came_to;
        let live = |band: &&super::Band| band.phase == Phase::Live;
        Self {
            lasted_ms: to.since(timeline.from),
            live_ms: came_to.live_ms,
            went_live: count(timeline.bands.iter().filter(live)),
            stops: came_to.stops,
            stop_shown: came_to.stop_shown,
            stop_acknowledged: came_to.stop_acknowledged,
            tap_shown: came_to.tap_shown,
            tap_acknowledged: came_to.tap_acknowledged,
            cue_shown: cue_shown(entries, folded),
            cues: cues(entries, folded),
            holds: holds(folded, to),
            check_ins: check_ins(folded),
            links: Both {
                receiver: link(folded, Role::Receiver, to),
                helper: link(folded, Role::Helper, to),
            },
        }
    }

    /// The count of one cue of one person.
    #[must_use]
    pub fn cue(&self, by: Role, cue: Cue) -> Option<&CueCount> {
        let mut cues = self.cues.iter();
        cues.find(|count| count.by == by && count.cue == cue)
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap_or(u32::MAX)
}

fn cues(entries: &[&Entry], folded: &Folded) -> Vec<CueCount> {
    let mut counts: BTreeMap<(Role, Cue), CueCount> = BTreeMap::new();
    for (entry, outcome) in entries.iter().zip(&folded.outcomes) {
        let (cue, n, by) = match (&entry.what, entry.by) {
            (What::Cue { cue, .. }, Some(by)) => (*cue, 1, by),
            (What::Stops { count, .. }, Some(by)) => (Cue::Stop, *count, by),
            _ => continue,
        };
        if outcome.result == Became::Repeat {
            continue;
        }
        let new = CueCount {
            by,
            cue,
            taken: 0,
            ignored: 0,
            stale: 0,
            refused: 0,
        };
        let count = counts.entry((by, cue)).or_insert(new);
        let counted = match outcome.result {
            Became::Taken | Became::Repeat => &mut count.taken,
            Became::Ignored => &mut count.ignored,
            Became::Stale => &mut count.stale,
            Became::Refused => &mut count.refused,
        };
        *counted = counted.saturating_add(n);
    }
    counts.into_values().collect()
}

fn cue_shown(entries: &[&Entry], folded: &Folded) -> Option<Spread> {
    let cues = entries.iter().zip(&folded.outcomes);
    let shown = cues.filter_map(|(entry, outcome)| {
        let What::Cue { cue, .. } = entry.what else {
            return None;
        };
        let ordinary = cue != Cue::Stop;
        ordinary.then_some(outcome.shown_at?.since(outcome.relayed_at?))
    });
    spread(shown.collect())
}

fn spread(mut durations: Vec<u64>) -> Option<Spread> {
    durations.sort_unstable();
    let middle = durations.len().checked_sub(1)? / 2;
    Some(Spread {
        median_ms: *durations.get(middle)?,
        worst_ms: *durations.last()?,
    })
}

fn holds(folded: &Folded, to: Millis) -> Vec<HoldCount> {
    const REASONS: [HoldReason; 5] = [
        HoldReason::Stop,
        HoldReason::Released,
        HoldReason::LinkLost,
        HoldReason::Away,
        HoldReason::NoAnswer,
    ];
    let of = |reason| {
        let bands = &folded.timeline.bands;
        let lengths = bands
            .iter()
            .filter(|band| band.reason == Some(reason))
            .map(|band| band.ms(to));
        let lengths: Vec<u64> = lengths.collect();
        Some(HoldCount {
            reason,
            count: count(lengths.iter()),
            total_ms: lengths.iter().sum(),
            longest_ms: *lengths.iter().max()?,
        })
    };
    REASONS.into_iter().filter_map(of).collect()
}

fn check_ins(folded: &Folded) -> CheckInCount {
    let mut counts = CheckInCount::default();
    let mut answers = Vec::new();
    let outcomes = folded.outcomes.iter();
    for question in outcomes.filter_map(|outcome| outcome.question.as_ref()) {
        match question.by {
            Some(_) => counts.by_helper += 1,
            None => counts.by_relay += 1,
        }
        match question.answer {
            Answer::Open => {}
            Answer::Answered => counts.answered += 1,
            Answer::None => counts.unanswered += 1,
            Answer::Dropped => counts.dropped += 1,
        }
        answers.extend(question.after_ms);
    }
    counts.answer = spread(answers);
    counts
}

fn link(folded: &Folded, role: Role, to: Millis) -> LinkCount {
    let mut counts = LinkCount::default();
    // Link changes after the end are not part of the session.
    let bands = folded.timeline.links.of(role).iter();
    for band in bands.filter(|band| band.from < to) {
        let ms = band.to.unwrap_or(to).min(to).since(band.from);
        match band.status {
            LinkStatus::Late => counts.late += 1,
            LinkStatus::Lost => {
                counts.lost += 1;
                counts.gone_ms += ms;
            }
            LinkStatus::Away => {
                counts.away += 1;
                counts.gone_ms += ms;
            }
            LinkStatus::Here | LinkStatus::Absent => {}
        }
    }
    counts
}
