//! "Does this feel okay?": asked by the helper or by the clock, asked again, and what no answer
//! leads to.

use crate::cue::Role;
use crate::entry::Timer;
use crate::ids::Id;
use crate::limits;
use crate::state::CheckIn;
use crate::time::Millis;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Questions {
    /// 0 is off.
    every_s: u32,
    open: Option<CheckIn>,
    /// The receiver's last sign, or the moment it went live.
    last_sign: Millis,
}

impl Questions {
    pub(super) fn new(every_s: u32) -> Self {
        Self {
            every_s,
            open: None,
            last_sign: Millis(0),
        }
    }

    /// Asks. A question that is open already stays, with its deadline: asking again buys no time.
    pub(super) fn ask(&mut self, id: Id, by: Option<Role>, now: Millis) {
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

    /// Any cue of the receiver's is an answer.
    pub(super) fn answered(&mut self, now: Millis) {
        self.open = None;
        self.last_sign = now;
    }

    pub(super) fn went_live(&mut self, now: Millis) {
        self.answered(now);
    }

    pub(super) fn clear(&mut self) {
        self.open = None;
    }

    /// The question is painted. When; none if it is not open, or was painted already.
    pub(super) fn shown(&mut self, id: Id, at: &impl Fn(Millis) -> Millis) -> Option<Millis> {
        let open = self.open.as_mut();
        let open = open.filter(|open| open.id == id && open.shown.is_none())?;
        open.shown = Some(at(open.asked_at));
        open.shown
    }

    pub(super) fn open(&self) -> Option<&CheckIn> {
        self.open.as_ref()
    }

    /// The next timer, while live.
    pub(super) fn deadline(&self) -> Option<(Millis, Timer)> {
        match &self.open {
            Some(open) if open.again => Some((open.due_at, Timer::NoAnswer)),
            Some(open) => Some((
                open.asked_at.plus(limits::CHECK_IN_AGAIN_MS),
                Timer::CheckInAgain,
            )),
            None if self.every_s == 0 => None,
            None => Some((
                self.last_sign.plus(u64::from(self.every_s) * 1_000),
                Timer::CheckIn,
            )),
        }
    }
}
