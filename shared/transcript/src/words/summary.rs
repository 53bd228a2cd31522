//! A session in a few lines: how it ended, its figures, what was agreed before the start, and the timeline as
//! sentences.

use super::{Words, clean, clock};
use crate::{Band, Figures, HoldCount, LinkBand, LinkCount, Transcript, Waiver};
use tapcue_rules::cue::Role;
use tapcue_rules::state::{EstimatedSpread, HoldReason, LinkStatus, Options, Phase, Spread};
use tapcue_rules::time::Millis;

impl Words {
    /// How long it lasted and how it ended.
    pub(crate) fn ending(&self, transcript: &Transcript) -> String {
        let (header, figures) = (transcript.header(), transcript.figures());
        let say = &self.summary;
        let (lasted, live) = (self.span(figures.lasted_ms), self.span(figures.live_ms));
        let how = match (header.ended_at, header.ended_by) {
            (None, _) => say.goes_on.into(),
            (Some(_), None) => say.ended_by_relay.into(),
            (Some(_), Some(by)) => self.fill(say.ended_by, &[("role", &self.the_role(by))]),
        };
        self.fill(
            say.lasted,
            &[("lasted", &lasted), ("live", &live), ("how", &how)],
        )
    }

    /// The figures, each with its name.
    pub(crate) fn all_figures(&self, figures: &Figures) -> Vec<(String, String)> {
        let say = &self.summary;
        let mut rows: Vec<(String, String)> = Vec::new();
        let mut row = |label: &str, value: String| rows.push((label.into(), value));
        row(say.figure_lasted, self.span(figures.lasted_ms));
        row(say.figure_live, self.live(figures));
        row(say.figure_stops, figures.stops.to_string());
        for (label, of) in [
            (say.stop_shown, figures.stop_shown),
            (say.stop_acknowledged, figures.stop_acknowledged),
        ] {
            if let Some(of) = of {
                row(label, self.spread(of));
            }
        }
        for (label, of) in [
            (say.tap_shown, figures.tap_shown),
            (say.tap_acknowledged, figures.tap_acknowledged),
        ] {
            if let Some(of) = of {
                row(label, self.estimate(of));
            }
        }
        if let Some(of) = figures.cue_shown {
            row(say.cue_shown, self.spread(of));
        }
        for hold in &figures.holds {
            let name = match hold.reason {
                HoldReason::Start => say.before_live.into(),
                reason @ (HoldReason::Stop
                | HoldReason::LinkLost
                | HoldReason::Away
                | HoldReason::NoAnswer
                | HoldReason::Released) => self.held_for(reason),
            };
            row(&name, self.holds(hold));
        }
        if let Some(asked) = self.check_ins(figures) {
            row(say.check_ins, asked);
        }
        row(say.receivers_link, self.troubles(figures.links.receiver));
        row(say.helpers_link, self.troubles(figures.links.helper));
        rows
    }

    fn live(&self, figures: &Figures) -> String {
        let span = self.span(figures.live_ms);
        match figures.went_live {
            0 | 1 => span,
            n => self.fill(self.summary.stretches, &[("span", &span), ("n", &n)]),
        }
    }

    fn spread(&self, of: Spread) -> String {
        if of.median_ms == of.worst_ms {
            return self.span(of.median_ms);
        }
        let (median, worst) = (self.span(of.median_ms), self.span(of.worst_ms));
        let say = self.summary.spread;
        self.fill(say, &[("median", &median), ("worst", &worst)])
    }

    fn estimate(&self, of: EstimatedSpread) -> String {
        let spread = Spread {
            median_ms: of.median_ms,
            worst_ms: of.worst_ms,
        };
        let wrong = format!("±{}", self.span(of.uncertainty_ms));
        self.spread(spread) + &self.in_brackets(&wrong)
    }

    fn holds(&self, hold: &HoldCount) -> String {
        let (total, longest) = (self.span(hold.total_ms), self.span(hold.longest_ms));
        let say = &self.summary;
        if hold.count == 1 {
            return self.fill(say.hold, &[("span", &total)]);
        }
        self.fill(
            say.holds,
            &[("n", &hold.count), ("total", &total), ("longest", &longest)],
        )
    }

    fn check_ins(&self, figures: &Figures) -> Option<String> {
        let asked = figures.check_ins;
        let all = asked.by_helper + asked.by_relay;
        if all == 0 {
            return None;
        }
        // This includes questions that were dropped before an answer was due, and open ones.
        let unanswered = all.saturating_sub(asked.answered);
        let how = asked.answer.map(|of| self.in_brackets(&self.spread(of)));
        Some(self.fill(
            self.summary.check_ins_are,
            &[
                ("by_helper", &asked.by_helper),
                ("by_relay", &asked.by_relay),
                ("answered", &asked.answered),
                ("how", &how.unwrap_or_default()),
                ("unanswered", &unanswered),
            ],
        ))
    }

    fn troubles(&self, count: LinkCount) -> String {
        let say = &self.summary;
        let troubles = [
            (count.late, say.late),
            (count.lost, say.lost),
            (count.away, say.away),
        ];
        let troubles: Vec<String> = troubles
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| self.fill(what, &[("n", &n)]))
            .collect();
        if troubles.is_empty() {
            return say.up.into();
        }
        let (list, gone) = (troubles.join(self.marks.comma), self.span(count.gone_ms));
        self.fill(say.gone, &[("list", &list), ("span", &gone)])
    }

    /// What was agreed and confirmed before the start, one line each.
    pub(crate) fn settled(&self, transcript: &Transcript) -> Vec<String> {
        let (header, say) = (transcript.header(), &self.before);
        let since = |at: Millis| clock(at.since(header.opened_at));
        let mut lines = Vec::new();
        if header.options.rehearsal {
            lines.push(match header.rehearsed_at {
                Some(at) => self.fill(say.rehearsal, &[("time", &since(at))]),
                None => say.no_rehearsal.into(),
            });
        }
        let marks = &self.marks;
        for answer in &header.answers {
            let who = self.role(Some(answer.by));
            let what = self.confirmed(answer.item, answer.value);
            let (comma, at) = (marks.comma, since(answer.at));
            lines.push([who, comma, &at, marks.colon, what, marks.full_stop].concat());
        }
        if header.answers.is_empty() && header.options.setup {
            lines.push(say.no_answers.into());
        }
        lines.extend(header.waived.iter().map(|one| self.waiver(*one).into()));
        lines.push(self.options(&header.options));
        let relay = match header.restarts {
            0 => say.relay,
            1 => say.relay_once,
            _ => say.relay_times,
        };
        let version = clean(&header.relay);
        lines.push(self.fill(relay, &[("version", &version), ("n", &header.restarts)]));
        lines
    }

    /// A switched-off safeguard, in a sentence.
    const fn waiver(&self, waiver: Waiver) -> &'static str {
        match waiver {
            Waiver::Rehearsal => self.before.waived_rehearsal,
            Waiver::Setup => self.before.waived_setup,
            Waiver::CheckIns => self.before.waived_check_ins,
        }
    }

    fn options(&self, options: &Options) -> String {
        let say = &self.before;
        let mut said = Vec::new();
        if options.check_in_every_s > 0 {
            let every = self.span(u64::from(options.check_in_every_s) * 1_000);
            said.push(self.fill(say.check_in, &[("span", &every)]));
        }
        if options.hold_to_consent {
            said.push(say.consent.into());
        }
        said.push(match options.keep.days() {
            0 => say.keep_none.into(),
            days => self.fill(say.keep, &[("n", &days)]),
        });
        let list = said.join(self.marks.semicolon);
        self.fill(say.options, &[("list", &list)])
    }

    /// The most important figures: the name, the value, and what belongs to it.
    pub(crate) fn tiles(&self, transcript: &Transcript) -> [[String; 3]; 5] {
        let (say, names) = (&self.page, &self.summary);
        let figures = transcript.figures();
        let lasted = self.span(figures.lasted_ms);
        let rehearsed = transcript.header().rehearsed_at;
        let stops = rehearsed.map_or("", |_| say.rehearsal_included);
        let stop = |name: &str, of: Option<Spread>| match of {
            Some(of) => {
                let worst = self.span(of.worst_ms);
                let worst = self.fill(say.worst, &[("worst", &worst)]);
                [name.into(), self.span(of.median_ms), worst]
            }
            None => [name.into(), say.none.into(), say.no_stop_measured.into()],
        };
        let asked = figures.check_ins.by_helper + figures.check_ins.by_relay;
        [
            [
                names.figure_live.into(),
                self.span(figures.live_ms),
                self.fill(say.of_span, &[("span", &lasted)]),
            ],
            [
                names.figure_stops.into(),
                figures.stops.to_string(),
                stops.into(),
            ],
            stop(names.stop_shown, figures.stop_shown),
            stop(names.stop_hands_off, figures.stop_acknowledged),
            [
                names.check_ins.into(),
                figures.check_ins.answered.to_string(),
                self.fill(say.check_ins_answered, &[("n", &asked)]),
            ],
        ]
    }

    /// The phases of the session, from first to last: when, and what for how long.
    pub(crate) fn story(&self, transcript: &Transcript) -> Vec<(String, String)> {
        let timeline = transcript.timeline();
        let bands = timeline.bands.iter();
        let told = bands.filter(|band| band.phase != Phase::Ended && band.ms(timeline.to) > 0);
        told.map(|band| self.band(transcript, band)).collect()
    }

    /// Where the links were not up, in the order of time.
    pub(crate) fn link_story(&self, transcript: &Transcript) -> Vec<(String, String)> {
        let timeline = transcript.timeline();
        let of = |role: Role| {
            let links = timeline.links.of(role).iter();
            links.map(move |band| (role, band))
        };
        let mut all: Vec<_> = Role::BOTH.into_iter().flat_map(of).collect();
        all.retain(|(_, band)| {
            let is_up = matches!(band.status, LinkStatus::Here | LinkStatus::Absent);
            !is_up && band.to.unwrap_or(timeline.to) > band.from
        });
        all.sort_by_key(|(_, band)| band.from);
        let told = all.into_iter();
        told.map(|(role, band)| self.link_band(transcript, role, band))
            .collect()
    }

    /// A phase: when, and what for how long.
    pub(crate) fn band(&self, transcript: &Transcript, band: &Band) -> (String, String) {
        let mut phase = self.phase(band);
        if let Some(by) = band.by {
            let stop = band.reason.is_some_and(HoldReason::is_stop);
            let of = self.summary.story_of;
            let whose = if stop { self.outcomes.by } else { of };
            phase += &self.fill(whose, &[("role", &self.the_role(by))]);
        }
        self.lasted(transcript, &phase, band.from, band.to)
    }

    /// What became of a link: when, and what for how long.
    pub(crate) fn link_band(
        &self,
        transcript: &Transcript,
        role: Role,
        band: &LinkBand,
    ) -> (String, String) {
        let what = [
            self.role(Some(role)),
            self.marks.colon,
            self.link(band.status),
        ]
        .concat();
        self.lasted(transcript, &what, band.from, band.to)
    }

    fn lasted(
        &self,
        transcript: &Transcript,
        what: &str,
        from: Millis,
        to: Option<Millis>,
    ) -> (String, String) {
        let timeline = transcript.timeline();
        let span = self.span(to.unwrap_or(timeline.to).since(from));
        let told = self.fill(self.summary.story, &[("phase", &what), ("span", &span)]);
        (clock(from.since(timeline.from)), told)
    }
}
