//! The fold drives the session machine over the entries, watches its effects and its state, and finds the
//! outcome of each entry. It decides nothing itself: the machine decides what is accepted, refused or held.

mod judge;
mod question;
mod receipts;

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{Became, HoldBegun, Outcome, Then};
use super::timeline::{Band, Builder, Mark, MarkKind, Timeline};
use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::entry::{Entry, Tap, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::limits;
use tapcue_rules::session::{Effect, Session};
use tapcue_rules::state::{Ended, Phase, State};
use tapcue_rules::time::Millis;

/// The result of the fold.
pub(super) struct Folded {
    pub(super) outcomes: Vec<Outcome>,
    /// The session's time at each entry: the entry's own, or that of an earlier entry if that is later.
    pub(super) moments: Vec<Millis>,
    pub(super) timeline: Timeline,
    pub(super) state: State,
    /// The figures of the session so far, by its own count.
    pub(super) came_to: Ended,
    pub(super) rehearsed_at: Option<Millis>,
}

/// Folds the entries. None if the first entry does not open a session.
pub(super) fn fold<'a>(mut entries: impl Iterator<Item = &'a Entry>) -> Option<Folded> {
    let first = entries.next()?;
    let session = Session::open(first)?;
    let state = session.state();
    let mut fold = Fold {
        builder: Builder::new(session.now(), &state),
        session,
        before: state,
        outcomes: Vec::new(),
        moments: Vec::new(),
        by_id: BTreeMap::new(),
        overtaken: BTreeSet::new(),
        last_ready: Both::default(),
        waiting: Vec::new(),
        question: None,
        rehearsed_at: None,
    };
    fold.outcomes.push(Outcome::default());
    fold.moments.push(first.at);
    fold.by_id.insert(first.id, 0);
    for entry in entries {
        fold.step(entry);
    }
    Some(fold.finish())
}

struct Fold {
    session: Session,
    /// The state before the current entry.
    before: State,
    outcomes: Vec<Outcome>,
    moments: Vec<Millis>,
    builder: Builder,
    /// For each id, the index of its entry: the first with this id, or the newest that was accepted.
    by_id: BTreeMap<Id, usize>,
    /// Thumbs that were lifted before the message that put them down arrived.
    overtaken: BTreeSet<Id>,
    /// Each role's last ready of its epoch, to tell a bounce from a ready while live.
    last_ready: Both<Option<Millis>>,
    /// The stops not yet answered with "hands off": index and role.
    waiting: Vec<(usize, Option<Role>)>,
    /// The index of the open check-in's entry.
    question: Option<usize>,
    rehearsed_at: Option<Millis>,
}

impl Fold {
    fn step(&mut self, entry: &Entry) {
        let index = self.outcomes.len();
        let first_paint =
            matches!(entry.what, What::Shown { .. }) && self.session.would_change(entry);
        let effects = self.session.step(entry);
        let now = self.session.now();
        let after = self.session.state();
        let mut outcome = self.judge(entry, &effects, now);
        // The paint of a hold on the screen of the person who caused it, or on the second screen.
        let own_paint = first_paint && effects.is_empty();
        if own_paint {
            outcome = Outcome::default();
        }
        if matches!(entry.what, What::Joined { .. }) && outcome.result == Became::Taken {
            // Stops from before the other person joined wait for no answer.
            self.waiting.clear();
        }
        if outcome.result == Became::Repeat
            && let Some(first) = outcome.of.and_then(|seq| self.at(seq))
        {
            first.repeats += 1;
        }
        if outcome.result == Became::Taken || !self.by_id.contains_key(&entry.id) {
            self.by_id.insert(entry.id, index);
        }
        for earlier in entry.taps() {
            self.by_id.entry(earlier).or_insert(index);
        }
        self.outcomes.push(Outcome::default());
        self.moments.push(now);
        self.tap(entry, &mut outcome, now);
        if effects
            .iter()
            .any(|effect| matches!(effect, Effect::Stop(_)))
        {
            self.waiting.push((index, entry.by));
        }
        if own_paint {
            outcome.of = self.place(entry);
        } else if outcome.result == Became::Taken {
            self.receipt(entry, &mut outcome, now, &after);
        }
        self.builder.watch(index as u64 + 1, now, &after);
        if after.epoch != self.before.epoch {
            self.held(entry, &mut outcome, &after, index);
        }
        outcome.live = after.phase == Phase::Live && self.before.phase != Phase::Live;
        self.check_in(entry, &mut outcome, &after, index, now);
        if after.rehearsed && !self.before.rehearsed {
            self.rehearsed_at = Some(now);
        }
        self.mark(entry, &outcome, index, &after);
        if let Some(place) = self.outcomes.get_mut(index) {
            // Receipts and repeats look up their entry by its index, so the place was filled before.
            *place = outcome;
        }
        self.before = after;
    }

    /// Records when it was tapped and when the relay passed it on.
    fn tap(&mut self, entry: &Entry, outcome: &mut Outcome, now: Millis) {
        if let What::Thumb { lifts, .. } = entry.what {
            self.overtaken
                .extend(lifts.filter(|lifts| !self.by_id.contains_key(lifts)));
        }
        let Some(Tap {
            tapped_at,
            uncertainty_ms,
            ..
        }) = entry.what.tap()
        else {
            if matches!(entry.what, What::Due { .. }) && outcome.result == Became::Taken {
                outcome.relayed_at = Some(now);
            }
            return;
        };
        if outcome.result == Became::Taken {
            outcome.relayed_at = Some(now);
        }
        if let Some(tapped_at) = tapped_at {
            let earliest = Millis(now.0.saturating_sub(limits::TAPPED_BEFORE_MS));
            let tapped_at = tapped_at.clamp(earliest, now);
            outcome.tapped_at = Some(tapped_at);
            outcome.tap_uncertainty_ms = uncertainty_ms;
            outcome.age_ms = Some(now.since(tapped_at));
        }
    }

    /// The epoch advanced: a hold began, was renewed, or would have begun.
    fn held(&mut self, entry: &Entry, outcome: &mut Outcome, after: &State, index: usize) {
        let seq = index as u64 + 1;
        let Some(band) = self.builder.current() else {
            return;
        };
        // After the end the session is not held any more.
        if band.began != seq && band.reason.is_some() {
            outcome.within = Some(band.began);
        }
        if after.hold.as_ref().is_some_and(|hold| hold.id == entry.id) {
            outcome.relayed_at.get_or_insert(self.session.now());
        }
    }

    fn mark(&mut self, entry: &Entry, outcome: &Outcome, index: usize, after: &State) {
        let kind = match &entry.what {
            What::Cue { cue, .. } => MarkKind::Cue { cue: *cue },
            What::Stops { .. } => MarkKind::Cue { cue: Cue::Stop },
            What::Thumb { down, .. } => MarkKind::Thumb { down: *down },
            What::Acknowledged { .. } if self.is_hands_off(after) => MarkKind::HandsOff,
            What::Acknowledged { .. } => MarkKind::Seen,
            What::Confirmed { .. } => MarkKind::Confirmed,
            What::Due {
                timer: Timer::CheckIn | Timer::CheckInAgain,
            } => MarkKind::CheckIn,
            What::Joined { .. } => MarkKind::Joined,
            What::Connected { .. } => MarkKind::Connected,
            What::Restarted => MarkKind::Restarted,
            What::Ended => MarkKind::Ended,
            What::Opened { .. }
            | What::Link { .. }
            | What::Shown { .. }
            | What::Due {
                timer:
                    Timer::NoAnswer
                    | Timer::HeldOn
                    | Timer::ReceiverReadyExpired
                    | Timer::HelperReadyExpired,
            }
            | What::Noted { .. } => return,
        };
        let cue = matches!(kind, MarkKind::Cue { .. } | MarkKind::Thumb { .. });
        let told = if cue {
            outcome.result != Became::Repeat
        } else {
            outcome.result == Became::Taken
        };
        if told {
            self.builder.marks.push(Mark {
                seq: index as u64 + 1,
                by: entry.by,
                at: self.session.now(),
                kind,
                result: outcome.result,
            });
        }
    }

    /// The place of the entry that a paint is about.
    fn place(&self, entry: &Entry) -> Option<u64> {
        let What::Shown { of, .. } = entry.what else {
            return None;
        };
        self.by_id.get(&of).map(|index| *index as u64 + 1)
    }

    fn at(&mut self, seq: u64) -> Option<&mut Outcome> {
        let index = usize::try_from(seq).ok()?.checked_sub(1)?;
        self.outcomes.get_mut(index)
    }

    fn finish(mut self) -> Folded {
        let came_to = self.came_to();
        let to = self
            .before
            .ended
            .as_ref()
            .map_or(self.session.now(), |ended| ended.at);
        let timeline = self.builder.finish(to);
        give_holds(&mut self.outcomes, &timeline.bands);
        Folded {
            outcomes: self.outcomes,
            moments: self.moments,
            timeline,
            state: self.before,
            came_to,
            rehearsed_at: self.rehearsed_at,
        }
    }

    /// The figures by the session's own count. If the session goes on, as if it ended now.
    fn came_to(&self) -> Ended {
        if let Some(ended) = &self.before.ended {
            return ended.clone();
        }
        let mut session = self.session.clone();
        let _told_nobody = session.step(&Entry {
            id: Id::nil(),
            at: session.now(),
            by: None,
            what: What::Ended,
        });
        session.state().ended.unwrap_or(Ended {
            at: session.now(),
            by: None,
            live_ms: 0,
            stops: 0,
            stop_shown: None,
            stop_acknowledged: None,
            tap_shown: None,
            tap_acknowledged: None,
        })
    }
}

/// Adds to each entry that began a hold how that hold continued.
fn give_holds(outcomes: &mut [Outcome], bands: &[Band]) {
    let mut live_at = None;
    let mut next = None;
    for band in bands.iter().rev() {
        if let Some(reason) = band.reason {
            let index = usize::try_from(band.began.saturating_sub(1)).ok();
            if let Some(outcome) = index.and_then(|index| outcomes.get_mut(index)) {
                outcome.hold = Some(HoldBegun {
                    reason,
                    by: band.by,
                    until: band.to,
                    then: next,
                    live_again_after_ms: live_at.map(|at: Millis| at.since(band.from)),
                    stops: band.stops.unwrap_or(0),
                });
            }
        }
        next = Some(match band.phase {
            Phase::Live => {
                live_at = Some(band.from);
                Then::Live
            }
            Phase::Held | Phase::Waiting => Then::Held,
            Phase::Ended => Then::Ended,
        });
    }
}
