//! A second, naive implementation: what must have happened for a session to be in its state. It knows the
//! entries and their meaning to a person; of the machine it reads only the state that devices get.

use std::collections::HashSet;

use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::session::{Effect, Session};
use tapcue_rules::state::{HoldReason, LinkStatus, Options, Phase, State};
use tapcue_rules::time::Millis;

use crate::invariants::session::Step;
use crate::invariants::{Broken, Invariant, Verdict};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Oracle {
    pub(crate) options: Options,
    joined: bool,
    pub(crate) links: Both<bool>,
    /// Each id, and the role of its stop if it is one.
    seen: Vec<(Id, Option<Role>)>,
    lifted: Vec<Id>,
    /// When the newest hold began, and which roles have said a ready that counts since.
    pub(crate) hold_began: Millis,
    pub(crate) ready: Both<bool>,
    /// When each role last said ready.
    said: Both<Option<Millis>>,
    /// The hold on the screens, when each screen painted it, and when hands were off.
    hold: Option<Id>,
    /// When that hold began.
    hold_from: Millis,
    painted: Both<Option<Millis>>,
    hands_off: Option<Millis>,
    /// When the open question was painted on the receiver's screen.
    question: Option<Millis>,
    pub(crate) thumb: bool,
    /// The newest unacknowledged stop.
    pub(crate) open_stop: Option<Id>,
    /// Whether something went wrong since the last live, without "hands off" since.
    pub(crate) open: bool,
    was_live: bool,
    /// Whether there was a stop since the last live, acknowledged or not.
    stopped: bool,
    pub(crate) rehearsed: bool,
    pub(crate) set_up: Both<bool>,
    pub(crate) warning_signs: Option<bool>,
    pub(crate) cleared: bool,
    /// Ordinary cues since the newest hold began.
    pub(crate) fresh: Vec<Id>,
    pub(crate) ended: bool,
    ended_at: Option<Millis>,
}

/// The state before a step.
pub(crate) struct Before {
    pub(crate) state: State,
    pub(crate) deadline: Option<(Millis, Timer)>,
}

impl Before {
    pub(crate) fn of(session: &Session) -> Self {
        Self {
            state: session.state(),
            deadline: session.deadline(),
        }
    }
}

impl Oracle {
    /// A session that the receiver opened.
    pub(crate) fn new(options: Options, at: Millis) -> Self {
        Self {
            options,
            joined: false,
            links: Both {
                receiver: true,
                helper: false,
            },
            seen: Vec::new(),
            lifted: Vec::new(),
            hold_began: at,
            ready: Both::default(),
            said: Both::default(),
            hold: None,
            hold_from: at,
            painted: Both::default(),
            hands_off: None,
            question: None,
            thumb: false,
            open_stop: None,
            open: false,
            was_live: false,
            stopped: false,
            rehearsed: false,
            set_up: Both::default(),
            warning_signs: None,
            cleared: false,
            fresh: Vec::new(),
            ended: false,
            ended_at: None,
        }
    }

    /// Checks one step that was just taken. Panics with the broken rule.
    pub(crate) fn check(
        &mut self,
        before: &Before,
        entry: &Entry,
        effects: &[Effect],
        session: &Session,
    ) {
        if let Err(broken) = self.judge(before, entry, effects, session, |_| {}) {
            panic!("{broken}, by {entry:?}");
        }
    }

    /// Checks like [`Oracle::check`], and returns the first broken rule. `spoke` gets every property that
    /// applied.
    pub(crate) fn judge(
        &mut self,
        before: &Before,
        entry: &Entry,
        effects: &[Effect],
        session: &Session,
        mut spoke: impl FnMut(Invariant),
    ) -> Result<(), Broken> {
        let repeated = self.is_repeat(entry);
        let after = session.state();
        let hold_began = self.takes(before, entry, session.now(), repeated);
        let step = Step {
            before,
            entry,
            effects,
            after: &after,
            deadline: session.deadline(),
            now: session.now(),
            people: self,
            repeated,
            hold_began,
        };
        for invariant in Invariant::ALL {
            let verdict = invariant.of_session(&step);
            if let Some(how) = verdict.broken {
                let name = invariant.name();
                return Err(Broken { name, how });
            }
            if verdict.spoke {
                spoke(invariant);
            }
        }
        self.books(&step)?;
        if step.after.phase == Phase::Live {
            self.was_live = true;
            self.stopped = false;
        }
        Ok(())
    }

    /// A stop repeats only an earlier stop of the same device, and a lift only an earlier lift. Other uses of
    /// the id do not matter.
    fn is_repeat(&self, entry: &Entry) -> bool {
        match entry.what {
            What::Cue { cue: Cue::Stop, .. } => self.seen.contains(&(entry.id, entry.by)),
            What::Cue { .. } | What::Thumb { down: true, .. } => {
                self.seen.iter().any(|(seen, _)| *seen == entry.id)
            }
            What::Thumb { .. } => self.lifted.contains(&entry.id),
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Stops { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Confirmed { .. }
            | What::Due { .. }
            | What::Restarted
            | What::Noted { .. }
            | What::Ended => false,
        }
    }

    /// What devices and journals rely on besides the invariants.
    fn books(&self, step: &Step<'_>) -> Result<(), Broken> {
        let (was, after) = (&step.before.state, step.after);
        let told = step
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Publish { .. } | Effect::Again(_)));
        let same = || {
            let mut same = was.clone();
            // Only time removes these without a message.
            same.earlier.retain(|cue| after.earlier.contains(cue));
            *after == same
        };
        let kinds: HashSet<_> = after.earlier.iter().map(|cue| cue.cue).collect();
        let timer = matches!(step.entry.what, What::Due { .. });
        let fired = step
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Publish { .. }));
        let verdict = Verdict::default()
            .when(
                true,
                || after.epoch >= was.epoch,
                "an epoch never comes back",
            )
            .when(true, || after.seq >= was.seq, "nor does a seq")
            .when(
                was.phase == Phase::Ended,
                || {
                    let end = |state: &State| {
                        let ended = state.ended.as_ref();
                        ended.map(|ended| (ended.at, ended.by, ended.live_ms))
                    };
                    after.phase == Phase::Ended && end(after) == end(was)
                },
                "the end is the end",
            )
            .when(after.seq != was.seq, || told, "a change must be told")
            .when(
                after.seq == was.seq,
                same,
                "a change must have a seq of its own",
            )
            .when(
                true,
                || after.earlier.len() <= 2,
                "at most two before the newest",
            )
            .when(
                true,
                || kinds.len() == after.earlier.len(),
                "of other kinds",
            )
            .when(
                timer && fired,
                || step.deadline != step.before.deadline,
                "a timer fires once",
            );
        let name = "the books";
        verdict
            .broken
            .map_or(Ok(()), |how| Err(Broken { name, how }))
    }

    /// Takes in an entry. Returns whether it must have begun a hold.
    fn takes(&mut self, before: &Before, entry: &Entry, now: Millis, repeated: bool) -> bool {
        let was = &before.state;
        let hold = was.hold.as_ref().map(|hold| hold.id);
        if self.hold != hold {
            self.hold = hold;
            self.hold_from = self.hold_began;
            self.painted = Both::default();
        }
        if was.hold.as_ref().is_some_and(|hold| !hold.acknowledged) {
            self.hands_off = None;
        }
        if was.check_in.is_none() {
            self.question = None;
        }
        if let Some(by) = entry.by {
            match &entry.what {
                What::Cue { cue, epoch, .. } => {
                    let stops = *cue == Cue::Stop;
                    self.seen.push((entry.id, stops.then_some(by)));
                    if *cue == Cue::Stop && !repeated {
                        return self.stop(entry.id, by, now);
                    }
                    let counts = !repeated && *epoch == Some(was.epoch) && !self.ended;
                    if counts && *cue == Cue::Ready && self.joined && *self.links.of(by) {
                        let first = was.hold.as_ref().is_some_and(|hold| {
                            hold.reason == HoldReason::Start || hold.acknowledged
                        });
                        let started = was
                            .hold
                            .as_ref()
                            .is_some_and(|hold| hold.reason == HoldReason::Start);
                        let after = by == Role::Receiver
                            || started
                            || first && long_enough(self.hands_off, now);
                        if self.is_meant(by, now) && after {
                            *self.ready.of_mut(by) = true;
                            *self.said.of_mut(by) = Some(now);
                        }
                    }
                    if counts && by == Role::Receiver {
                        self.fresh.push(entry.id);
                    }
                }
                What::Stops { count, .. } => {
                    let stops = entry.taps().map(|id| (id, Some(by)));
                    self.seen.extend(stops.filter(|_| *count > 0));
                    return *count > 0 && self.stop(entry.id, by, now);
                }
                What::Thumb {
                    down, epoch, lifts, ..
                } => {
                    let counts =
                        by == Role::Receiver && self.options.hold_to_consent && !self.ended;
                    let lifts_late = by == Role::Receiver && self.options.hold_to_consent;
                    if *down || lifts_late {
                        self.seen.push((entry.id, None));
                    }
                    if lifts_late && !*down {
                        self.lifted.push(entry.id);
                        self.seen.extend(lifts.map(|lifts| (lifts, None)));
                    }
                    if repeated {
                        return false;
                    }
                    if counts && *down {
                        let meant = self.is_meant(by, now) && *epoch == Some(was.epoch);
                        let meant = meant && self.joined && self.links.receiver;
                        if meant && !self.thumb {
                            self.ready.receiver &= self.is_fresh(by, now);
                        }
                        self.thumb |= meant;
                    } else if counts {
                        self.thumb = false;
                        self.ready.receiver &= !was.thumb;
                        return was.phase == Phase::Live && self.hold(now, true);
                    }
                }
                What::Joined { .. } => {
                    if by == Role::Helper && !self.joined && !self.ended {
                        self.joined = true;
                        self.links.helper = true;
                        self.stopped = self.open;
                        return self.hold(now, false);
                    }
                }
                What::Connected { .. } => {
                    if by == Role::Receiver || self.joined {
                        let was_up = std::mem::replace(self.links.of_mut(by), true);
                        if !self.ended {
                            *self.painted.of_mut(by) = None;
                        }
                        return was_up && !self.ended && self.hold(now, true);
                    }
                }
                What::Link { status } => {
                    let known = by == Role::Receiver || self.joined;
                    if known && *status != LinkStatus::Absent {
                        let up = matches!(status, LinkStatus::Here | LinkStatus::Late);
                        let was_up = std::mem::replace(self.links.of_mut(by), up);
                        return was_up && !up && !self.ended && self.hold(now, true);
                    }
                }
                What::Acknowledged { of } => {
                    let held = was.hold.as_ref().is_some_and(|hold| hold.id == *of);
                    let seen = long_enough(self.painted.helper, now);
                    let there = self.ended || self.links.helper;
                    if by == Role::Helper && held && seen && there {
                        let open = was.hold.as_ref().is_some_and(|hold| !hold.acknowledged);
                        if open {
                            self.hands_off = Some(now);
                        }
                        if self.open_stop == Some(*of) || self.open_stop.is_none() {
                            self.open = false;
                        }
                        if self.open_stop.take_if(|stop| stop == of).is_some() {
                            let by = was.hold.as_ref().and_then(|hold| hold.by);
                            self.rehearsed |= by == Some(Role::Receiver) && !self.ended;
                        }
                    }
                }
                What::Confirmed { item, value } if !self.ended => match item {
                    ConfirmItem::SetUp if was.phase != Phase::Live => {
                        *self.set_up.of_mut(by) = *value;
                    }
                    ConfirmItem::WarningSigns if by == Role::Receiver => {
                        self.warning_signs = Some(*value);
                        self.cleared = false;
                        if *value && was.phase == Phase::Live {
                            return self.stop(entry.id, by, now);
                        }
                    }
                    ConfirmItem::Cleared if by == Role::Receiver => {
                        self.cleared = *value;
                        let against = self.warning_signs == Some(true) && !value;
                        if against && was.phase == Phase::Live {
                            return self.stop(entry.id, by, now);
                        }
                    }
                    ConfirmItem::SetUp | ConfirmItem::WarningSigns | ConfirmItem::Cleared => {}
                },
                What::Shown {
                    of,
                    painted_at,
                    uncertainty_ms,
                } => {
                    // The earliest time that the device can mean, if it is possible and exact enough.
                    let wrong = uncertainty_ms.unwrap_or_default();
                    let said = |since: Millis| match painted_at {
                        Some(at) if wrong < 450 && at.0.saturating_add(wrong) >= since.0 => {
                            Millis(at.0.saturating_sub(wrong)).min(now)
                        }
                        _ => now,
                    };
                    if hold == Some(*of) {
                        let said = said(self.hold_from);
                        self.painted.of_mut(by).get_or_insert(said);
                    }
                    let asked = was.check_in.as_ref();
                    let asked = asked.filter(|asked| by == Role::Receiver && asked.id == *of);
                    if let Some(asked) = asked {
                        self.question.get_or_insert(said(asked.asked_at));
                    }
                }
                What::Confirmed { .. }
                | What::Opened { .. }
                | What::Due { .. }
                | What::Restarted
                | What::Noted { .. }
                | What::Ended => {}
            }
        }
        match entry.what {
            What::Ended => {
                self.ended_at.get_or_insert(now);
                self.ended = true;
                false
            }
            What::Restarted if self.ended => false,
            What::Restarted => {
                self.links = Both::default();
                self.hold(now, true)
            }
            What::Due { timer } => {
                let asked = was.check_in.as_ref();
                timer == Timer::NoAnswer
                    && was.phase == Phase::Live
                    && asked.is_some_and(|asked| asked.again && asked.due_at <= now)
                    && self.hold(now, true)
            }
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Cue { .. }
            | What::Stops { .. }
            | What::Thumb { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Confirmed { .. }
            | What::Noted { .. } => false,
        }
    }

    fn stop(&mut self, id: Id, _by: Role, now: Millis) -> bool {
        if self.is_long_over(now) {
            return false;
        }
        // Before the other person has joined, no hands have to be taken off.
        if self.joined {
            self.open_stop = Some(id);
            self.stopped = true;
        }
        self.hold(now, true)
    }

    /// Whether the session ended too long ago for a stop to count.
    pub(crate) fn is_long_over(&self, now: Millis) -> bool {
        self.ended_at.is_some_and(|at| now.since(at) > 5_000)
    }

    /// Whether the other person has joined.
    pub(crate) fn joined(&self) -> bool {
        self.joined
    }

    /// The times at which a screen will have shown long enough what waits for an act.
    pub(crate) fn answerable_from(&self, state: &State, now: Millis) -> Vec<Millis> {
        let held = state.hold.is_some();
        let over = state.phase == Phase::Ended;
        let seen = [
            self.painted.receiver.filter(|_| held && !over),
            self.painted.helper.filter(|_| held),
            self.hands_off.filter(|_| held && !over),
            self.question.filter(|_| state.check_in.is_some()),
        ];
        let seen = seen.into_iter().flatten().map(|since| since.plus(450));
        seen.filter(|at| *at > now).collect()
    }

    /// Whether an act of `by` now can be meant as an answer to the hold on their screen.
    pub(crate) fn is_meant(&self, by: Role, now: Millis) -> bool {
        now.since(self.hold_began) >= 500 && long_enough(*self.painted.of(by), now)
    }

    /// Whether the screen of `by` has shown the hold long enough.
    pub(crate) fn has_seen(&self, by: Role, now: Millis) -> bool {
        long_enough(*self.painted.of(by), now)
    }

    /// Whether the receiver's screen has shown the question long enough.
    pub(crate) fn has_seen_the_question(&self, now: Millis) -> bool {
        long_enough(self.question, now)
    }

    /// Whether the ready of `by` is recent enough; a thumb that is down always is.
    pub(crate) fn is_fresh(&self, by: Role, now: Millis) -> bool {
        let young = |said: Millis| now.since(said) < 60_000;
        by == Role::Receiver && self.thumb || self.said.of(by).is_some_and(young)
    }

    fn hold(&mut self, now: Millis, wrong: bool) -> bool {
        self.hold_began = now;
        self.ready = Both::default();
        self.said = Both::default();
        self.thumb = false;
        self.fresh.clear();
        // Before the first live or stop there are no hands to take off.
        self.open |= wrong && (self.was_live || self.stopped);
        true
    }
}

fn long_enough(since: Option<Millis>, now: Millis) -> bool {
    since.is_some_and(|since| now.since(since) >= 450)
}
