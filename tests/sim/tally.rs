//! Counts of how often each situation occurred and each rule was checked. A simulation proves nothing about a
//! situation that never occurs, so the tests require each one.

use std::collections::BTreeMap;
use std::fmt;

/// The rules of docs/safety.md, by the names that the session machine's tests use too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    BothSayReady,
    AnyoneCanStop,
    SilenceStops,
    NothingRestartsByItself,
    NothingStaleIsShown,
    StopLatches,
    GreenIsProof,
    ReceiptsAreTrue,
    RecordedIsNeverLost,
    AnActIsMeant,
    TheEndSilencesNothing,
    /// Not a rule of safety but a promise: once the faults have passed, two people who want to go on can.
    FaultsPass,
}

impl Rule {
    pub(crate) const ALL: [Rule; 12] = [
        Rule::BothSayReady,
        Rule::AnyoneCanStop,
        Rule::SilenceStops,
        Rule::NothingRestartsByItself,
        Rule::NothingStaleIsShown,
        Rule::StopLatches,
        Rule::GreenIsProof,
        Rule::ReceiptsAreTrue,
        Rule::RecordedIsNeverLost,
        Rule::AnActIsMeant,
        Rule::TheEndSilencesNothing,
        Rule::FaultsPass,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Rule::BothSayReady => "both_say_ready",
            Rule::AnyoneCanStop => "anyone_can_stop",
            Rule::SilenceStops => "silence_stops",
            Rule::NothingRestartsByItself => "nothing_restarts_by_itself",
            Rule::NothingStaleIsShown => "nothing_stale_is_shown",
            Rule::StopLatches => "stop_latches",
            Rule::GreenIsProof => "green_is_proof",
            Rule::ReceiptsAreTrue => "receipts_are_true",
            Rule::RecordedIsNeverLost => "recorded_is_never_lost",
            Rule::AnActIsMeant => "an_act_is_meant",
            Rule::TheEndSilencesNothing => "the_end_silences_nothing",
            Rule::FaultsPass => "faults_pass",
        }
    }
}

/// What must occur at least once in each thousand schedules, besides every act and every check.
pub(crate) const SITUATIONS: [&str; 55] = [
    "cues shown",
    "cue expired unsent",
    "cue refused as stale",
    "cue of an ended epoch reached the relay",
    "cue sent again",
    "duplicate to the relay",
    "duplicate to a device",
    "frame overtaken by a newer connection",
    "stop of the receiver",
    "stop of the helper",
    "stop while live",
    "stop while held",
    "stop while the link is down",
    "stop late by a second",
    "stop sent again",
    "stop on a superseded connection",
    "stop after the end",
    "stop long after the end",
    "stop acknowledged after the end",
    "stop lost by a kill and sent again",
    "stop recorded late",
    "stops recorded together",
    "restart while a stop is unacknowledged",
    "restart while live",
    "restart lost entries",
    "let in before the token was recorded",
    "hold: start",
    "hold: stop",
    "hold: link_lost",
    "hold: away",
    "hold: no_answer",
    "hold: released",
    "live by a thumb",
    "thumb lifted while live",
    "thumb lifted before it was down",
    "thumb that does not count",
    "lifted thumb sent again",
    "live with rehearsal",
    "live with set-up lists",
    "warning sign while live",
    "ready by reflex",
    "ready aged out",
    "question asked",
    "question asked again",
    "question of the relay's",
    "watchdog ended go",
    "alarm: NotDelivered",
    "alarm: LinkLost",
    "alarm: NotAcknowledged",
    "alarm: Stop",
    "alarm: Hold",
    "alarm: CheckIn",
    "link: Late",
    "not recorded: the disk fails",
    "ended",
];

/// Counts, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) checks: [u64; Rule::ALL.len()],
    pub(crate) seen: BTreeMap<&'static str, u64>,
    pub(crate) acts: BTreeMap<&'static str, u64>,
    pub(crate) schedules: u64,
    pub(crate) simulated_ms: u64,
    pub(crate) lives: u64,
    pub(crate) stops: u64,
    pub(crate) restarts: u64,
    pub(crate) violations: u64,
}

impl Tally {
    pub(crate) fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Tally) {
        for (sum, n) in self.checks.iter_mut().zip(other.checks) {
            *sum += n;
        }
        for (mine, others) in [(&mut self.seen, &other.seen), (&mut self.acts, &other.acts)] {
            for (what, times) in others {
                *mine.entry(what).or_default() += times;
            }
        }
        self.schedules += other.schedules;
        self.simulated_ms += other.simulated_ms;
        self.lives += other.lives;
        self.stops += other.stops;
        self.restarts += other.restarts;
        self.violations += other.violations;
    }

    /// The expected items that never occurred.
    pub(crate) fn missing(&self, acts: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
        let situations = SITUATIONS
            .into_iter()
            .filter(|s| !self.seen.contains_key(s));
        let acts = acts.filter(|act| !self.acts.contains_key(act));
        let rules = Rule::ALL.iter().zip(self.checks);
        let rules = rules.filter(|(_, checks)| *checks == 0);
        let rules = rules.map(|(rule, _)| rule.name());
        situations.chain(acts).chain(rules).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.simulated_ms as f64 / 3_600_000.0;
        let mut line = |what: &str, times: u64| writeln!(f, "{times:>14}  {what}");
        line("schedules", self.schedules)?;
        line("virtual hours", hours as u64)?;
        line("stops tapped", self.stops)?;
        line("times live", self.lives)?;
        line("restarts of the relay", self.restarts)?;
        writeln!(f, "what happened:")?;
        for (what, times) in self.acts.iter().chain(&self.seen) {
            writeln!(f, "{times:>14}  {what}")?;
        }
        writeln!(f, "checks of each rule:")?;
        for (rule, times) in Rule::ALL.iter().zip(self.checks) {
            writeln!(f, "{times:>14}  {}", rule.name())?;
        }
        write!(f, "{:>14}  violations", self.violations)
    }
}
