//! A second, naive opinion: what must have happened for a session to be where it is. It knows the
//! entries and what they mean to a person; of the machine it reads only the state that devices get.

use std::collections::HashSet;

use tapcue_shared::cue::{Both, Cue, Role};
use tapcue_shared::entry::{Entry, Timer, What};
use tapcue_shared::ids::Id;
use tapcue_shared::message::ConfirmItem;
use tapcue_shared::session::{Effect, Session};
use tapcue_shared::state::{HoldReason, LinkStatus, Options, Phase, State};
use tapcue_shared::time::Millis;

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Oracle {
    options: Options,
    joined: bool,
    links: Both<bool>,
    seen: Vec<(Id, bool)>,
    /// When the newest hold began, and who meant ready since.
    hold_began: Millis,
    ready: Both<bool>,
    thumb: bool,
    /// The newest stop that nobody acknowledged.
    open_stop: Option<Id>,
    /// Something went wrong since hands were last agreed to be on, and nobody said "hands off".
    open: bool,
    was_live: bool,
    /// A stop since the last live, acknowledged or not.
    stopped: bool,
    rehearsed: bool,
    set_up: Both<bool>,
    warning_signs: Option<bool>,
    /// Ordinary cues that came in since the newest hold began.
    fresh: Vec<Id>,
    ended: bool,
}

/// The state of things before a step.
pub(crate) struct Before {
    state: State,
    deadline: Option<(Millis, Timer)>,
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
            hold_began: at,
            ready: Both::default(),
            thumb: false,
            open_stop: None,
            open: false,
            was_live: false,
            stopped: false,
            rehearsed: false,
            set_up: Both::default(),
            warning_signs: None,
            fresh: Vec::new(),
            ended: false,
        }
    }

    /// Checks one step, which has just been taken. Panics with the rule that is broken.
    pub(crate) fn check(
        &mut self,
        before: &Before,
        entry: &Entry,
        effects: &[Effect],
        session: &Session,
    ) {
        let after = session.state();
        // Of a stop only an earlier stop is a repeat, whatever else used its id.
        let repeated = match entry.what {
            What::Cue { cue: Cue::Stop, .. } => self.seen.contains(&(entry.id, true)),
            What::Cue { .. } => self.seen.iter().any(|(seen, _)| *seen == entry.id),
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Thumb { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Confirmed { .. }
            | What::Due { .. }
            | What::Restarted
            | What::Noted { .. }
            | What::Ended => false,
        };
        let hold_began = self.takes(before, entry, session.now(), repeated);
        let was = &before.state;

        assert!(after.epoch >= was.epoch, "an epoch never comes back");
        assert!(after.seq >= was.seq, "nor does a seq");
        if hold_began {
            assert!(after.epoch > was.epoch, "a hold begins a new epoch");
            assert_eq!(
                after.ready,
                Both::default(),
                "nobody is ready after a hold began"
            );
            assert_ne!(
                after.phase,
                Phase::Live,
                "{:?} must not be live",
                entry.what
            );
        }
        self.check_screen(&after);
        self.check_stop(entry, repeated, effects, &after);
        if after.phase == Phase::Live {
            self.check_live(was, entry);
        }
        if was.phase == Phase::Ended {
            assert_eq!(after.phase, Phase::Ended, "the end is the end");
            assert_eq!(after.ended, was.ended);
        }
        let told = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Publish { .. } | Effect::Again(_)));
        assert!(after.seq == was.seq || told, "a change must be told");
        if after.seq == was.seq {
            let mut same = was.clone();
            // Only time takes these away without a word.
            same.earlier.retain(|cue| after.earlier.contains(cue));
            assert_eq!(after, same, "a change must have a seq of its own");
        }
        if repeated {
            let by = entry.by.expect("it has an author");
            assert_eq!(effects, [Effect::Again(by)], "the same id twice is one cue");
            assert_eq!(after.seq, was.seq);
        }
        if let What::Due { .. } = entry.what {
            let fired = effects
                .iter()
                .any(|effect| matches!(effect, Effect::Publish { .. }));
            assert!(
                !fired || session.deadline() != before.deadline,
                "a timer fires once"
            );
        }
    }

    /// Takes note of an entry. Whether it must have begun a hold.
    fn takes(&mut self, before: &Before, entry: &Entry, now: Millis, repeated: bool) -> bool {
        let was = &before.state;
        if let Some(by) = entry.by {
            match &entry.what {
                What::Cue { cue, epoch, .. } => {
                    self.seen.push((entry.id, *cue == Cue::Stop));
                    if *cue == Cue::Stop && !repeated {
                        return self.stop(entry.id, by, now);
                    }
                    let counts = !repeated && *epoch == Some(was.epoch) && !self.ended;
                    if counts && *cue == Cue::Ready && self.joined && *self.links.of(by) {
                        let meant = now.since(self.hold_began) >= 500;
                        *self.ready.of_mut(by) |= meant;
                    }
                    if counts && by == Role::Receiver {
                        self.fresh.push(entry.id);
                    }
                }
                What::Thumb { down, epoch, .. } => {
                    let counts =
                        by == Role::Receiver && self.options.hold_to_consent && !self.ended;
                    if *down || counts {
                        self.seen.push((entry.id, false));
                    }
                    if counts && *down {
                        let meant = now.since(self.hold_began) >= 500 && *epoch == Some(was.epoch);
                        self.thumb |= meant && self.joined && self.links.receiver;
                    } else if counts {
                        self.thumb = false;
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
                        return was_up && self.hold(now, true);
                    }
                }
                What::Link { status } => {
                    let known = by == Role::Receiver || self.joined;
                    if known && *status != LinkStatus::Absent {
                        let up = matches!(status, LinkStatus::Here | LinkStatus::Late);
                        let was_up = std::mem::replace(self.links.of_mut(by), up);
                        return was_up && !up && self.hold(now, true);
                    }
                }
                What::Acknowledged { of } => {
                    let held = was.hold.as_ref().is_some_and(|hold| hold.id == *of);
                    if by == Role::Helper && held && !self.ended {
                        if self.open_stop == Some(*of) || self.open_stop.is_none() {
                            self.open = false;
                        }
                        if self.open_stop.take_if(|stop| stop == of).is_some() {
                            let by = was.hold.as_ref().and_then(|hold| hold.by);
                            self.rehearsed |= by == Some(Role::Receiver);
                        }
                    }
                }
                What::Confirmed { item, value } if !self.ended => match item {
                    ConfirmItem::SetUp if was.phase != Phase::Live => {
                        *self.set_up.of_mut(by) = *value;
                    }
                    ConfirmItem::WarningSigns if by == Role::Receiver => {
                        self.warning_signs = Some(*value);
                        if *value && was.phase == Phase::Live {
                            return self.stop(entry.id, by, now);
                        }
                    }
                    ConfirmItem::SetUp | ConfirmItem::WarningSigns => {}
                },
                What::Confirmed { .. }
                | What::Opened { .. }
                | What::Shown { .. }
                | What::Due { .. }
                | What::Restarted
                | What::Noted { .. }
                | What::Ended => {}
            }
        }
        match entry.what {
            What::Ended => {
                self.ended = true;
                self.open_stop = None;
                false
            }
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
            | What::Thumb { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Confirmed { .. }
            | What::Noted { .. } => false,
        }
    }

    fn stop(&mut self, id: Id, _by: Role, now: Millis) -> bool {
        if !self.ended {
            self.open_stop = Some(id);
            self.stopped = true;
        }
        self.hold(now, true) && !self.ended
    }

    fn hold(&mut self, now: Millis, wrong: bool) -> bool {
        self.hold_began = now;
        self.ready = Both::default();
        self.thumb = false;
        self.fresh.clear();
        // Before anything was live or stopped there are no hands to take off.
        self.open |= wrong && (self.was_live || self.stopped);
        true
    }

    fn check_screen(&self, after: &State) {
        let cues = after.cue.iter().chain(&after.earlier);
        for cue in cues.filter(|cue| cue.cue != Cue::Stop) {
            assert!(
                self.fresh.contains(&cue.id),
                "a stale {:?} is shown",
                cue.cue
            );
            if after.phase == Phase::Held {
                assert_ne!(cue.cue, Cue::MorePressure, "more pressure while held");
            }
        }
        assert!(after.earlier.len() <= 2);
        let kinds: HashSet<_> = after.earlier.iter().map(|cue| cue.cue).collect();
        assert_eq!(kinds.len(), after.earlier.len(), "of other kinds");
        assert!(after.check_in.is_none() || after.phase == Phase::Live);
    }

    fn check_stop(&self, entry: &Entry, repeated: bool, effects: &[Effect], after: &State) {
        let stop = matches!(entry.what, What::Cue { cue: Cue::Stop, .. });
        if stop && entry.by.is_some() && !repeated {
            assert!(
                matches!(effects.first(), Some(Effect::Stop(notice)) if notice.id == entry.id),
                "a stop goes out before anything else"
            );
            let held = after.hold.as_ref().is_some_and(|hold| hold.id == entry.id);
            assert!(held || self.ended, "a stop leads to held");
        }
        if let Some(stop) = self.open_stop {
            let hold = after.hold.as_ref().expect("an open stop holds");
            assert_eq!(after.phase, Phase::Held);
            assert_eq!(hold.reason, HoldReason::Stop, "a stop latches");
            assert_eq!(hold.id, stop, "the newest is to be acknowledged");
            assert!(!hold.acknowledged, "nobody said hands off");
        }
    }

    fn check_live(&mut self, was: &State, entry: &Entry) {
        assert!(self.links.both(&true), "live with a link that is down");
        assert!(self.open_stop.is_none(), "live over a stop");
        assert!(!self.ended, "live after the end");
        if was.phase != Phase::Live {
            assert!(
                self.ready.both(&true),
                "live without both ready since the last hold"
            );
            let held = self.thumb || !self.options.hold_to_consent;
            assert!(held, "live without the thumb");
            assert!(!self.open, "live without hands off");
            assert!(
                self.rehearsed || !self.options.rehearsal,
                "live without rehearsal"
            );
            let listed = self.set_up.both(&true) && self.warning_signs == Some(false);
            assert!(listed || !self.options.setup, "live without set-up");
            assert_ne!(self.warning_signs, Some(true), "live against advice");
            let act = matches!(
                entry.what,
                What::Cue {
                    cue: Cue::Ready,
                    ..
                } | What::Thumb { down: true, .. }
                    | What::Acknowledged { .. }
                    | What::Confirmed { .. }
            );
            assert!(
                act && entry.by.is_some(),
                "live by itself: {:?}",
                entry.what
            );
        }
        self.was_live = true;
        self.stopped = false;
    }
}
