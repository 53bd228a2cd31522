//! The question "Does this feel okay?": when it is asked and asked again, and what happens without an answer.

use super::estimate::Paint;
use super::permission::was_seen;
use crate::cue::Role;
use crate::entry::Timer;
use crate::ids::Id;
use crate::limits;
use crate::state::CheckIn;
use crate::time::Millis;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Questions {
    /// 0 means off.
    every_s: u32,
    open: Option<CheckIn>,
    /// The earliest time from which the open question is on the receiver's screen.
    painted: Option<Millis>,
    /// Hold to consent: the thumb is the sign. The timer asks nothing, and a thumb that stays down answers.
    by_thumb: bool,
    /// When the thumb answered the last question.
    still_holding: Option<Millis>,
    /// The receiver's last sign, or the time when the session became live.
    last_sign: Millis,
}

impl Questions {
    pub(super) fn new(every_s: u32, by_thumb: bool) -> Self {
        Self {
            every_s,
            open: None,
            painted: None,
            by_thumb,
            still_holding: None,
            last_sign: Millis(0),
        }
    }

    /// Asks the question. An open question keeps its deadline, so asking again does not extend it.
    pub(super) fn ask(&mut self, id: Id, by: Option<Role>, now: Millis) {
        if self.open.is_none() {
            self.clear();
        }
        self.open.get_or_insert(CheckIn {
            id,
            by,
            asked_at: now,
            due_at: now.plus(limits::CHECK_IN_HOLD_MS),
            again: false,
            shown: None,
        });
    }

    pub(super) fn ask_again(&mut self) {
        if let Some(open) = &mut self.open {
            open.again = true;
        }
    }

    /// Takes a cue of the receiver as a sign of life. It answers a question that was on the screen long
    /// enough to be read. Returns whether the state changes.
    pub(super) fn sign(&mut self, now: Millis) -> bool {
        self.last_sign = now;
        let held_on = self.still_holding.take().is_some();
        let answers = self.open.is_some() && was_seen(self.painted, now);
        if answers {
            self.clear();
        }
        answers || held_on
    }

    /// The thumb stayed down after the question, which answers it.
    pub(super) fn held_on(&mut self, now: Millis) {
        self.clear();
        self.last_sign = now;
        self.still_holding = Some(now);
    }

    pub(super) fn went_live(&mut self, now: Millis) {
        self.clear();
        self.last_sign = now;
    }

    pub(super) fn clear(&mut self) {
        self.open = None;
        self.painted = None;
        self.still_holding = None;
    }

    /// Whether the question is open and not painted yet.
    pub(super) fn is_unseen(&self, id: Id) -> bool {
        let open = self.open.as_ref();
        open.is_some_and(|open| open.id == id && open.shown.is_none())
    }

    /// The receiver's screen painted the question. Returns when; none if the question is not open or was
    /// painted before.
    pub(super) fn shown(&mut self, id: Id, paint: &Paint) -> Option<Millis> {
        let open = self.open.as_mut();
        let open = open.filter(|open| open.id == id && open.shown.is_none())?;
        open.shown = Some(paint.at(open.asked_at));
        self.painted = Some(paint.earliest(open.asked_at));
        open.shown
    }

    pub(super) fn open(&self) -> Option<&CheckIn> {
        self.open.as_ref()
    }

    pub(super) fn still_holding(&self) -> Option<Millis> {
        self.still_holding
    }

    /// The next timer, while live.
    pub(super) fn deadline(&self) -> Option<(Millis, Timer)> {
        match &self.open {
            Some(open) => {
                let next = if open.again {
                    (open.due_at, Timer::NoAnswer)
                } else {
                    let again = open.asked_at.plus(limits::CHECK_IN_AGAIN_MS);
                    (again, Timer::CheckInAgain)
                };
                let shown = open.shown.filter(|_| self.by_thumb);
                let held = shown.map(|at| (at.plus(limits::HOLDING_ANSWERS_MS), Timer::HeldOn));
                Some(held.map_or(next, |held| held.min(next)))
            }
            None if self.every_s == 0 || self.by_thumb => None,
            None => Some((
                self.last_sign.plus(u64::from(self.every_s) * 1_000),
                Timer::CheckIn,
            )),
        }
    }
}
