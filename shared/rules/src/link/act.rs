//! Decides what a person's action answers, and whether it counts. It counts only if its target was on this
//! screen for long enough before the finger or key went down. A stop always counts.

use super::{Conn, DeviceLink, Effect, Link};
use crate::cue::{Cue, Role};
use crate::ids::Id;
use crate::limits::MEANT_MS;
use crate::message::ToRelay;
use crate::state::{Hold, HoldReason, Phase};
use crate::time::Millis;

/// The target of "hands off" or "seen".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    /// The relay gets the answer.
    Relay(Id),
    /// The relay cannot take the answer any more, so it is dismissed on this device only.
    Here(Id),
}

impl Link {
    /// From when on a ready, or a thumb that is put down, counts in this hold; none if neither can count. The
    /// helper's ready counts only after "hands off" to this hold.
    pub(super) fn may_ready_at(&self) -> Option<Millis> {
        let state = self.state.as_ref()?;
        let hold = state.hold.as_ref().filter(|_| state.phase == Phase::Held)?;
        // A lifted thumb does not block this, because the relay receives the lift first.
        let ahead = self.notice_id();
        if ahead.or(self.outgoing.tapped_stop_under_way()).is_some() {
            return None;
        }
        let paint = self.painted.iter().find(|paint| paint.id == hold.id)?;
        let after_hands_off = self.role == Some(Role::Helper) && hold.reason != HoldReason::Start;
        let from = if after_hands_off {
            paint.acknowledged?
        } else {
            paint.at.at
        };
        Some(self.meant_from(from))
    }

    /// Whether a ready or a thumb comes too soon. Outside a hold, only the relay decides.
    pub(super) fn is_too_soon(&self, began: Millis, out: &mut Vec<Effect>) -> bool {
        let held = |phase| phase == Phase::Held || self.stopped();
        let held = self.state.as_ref().is_some_and(|state| held(state.phase));
        let soon = held && self.may_ready_at().is_none_or(|at| began < at);
        if soon {
            out.push(Effect::TooSoon);
        }
        soon
    }

    /// From when on "hands off" or "seen" counts; none if there is nothing to acknowledge.
    pub(super) fn may_acknowledge_at(&self) -> Option<Millis> {
        let (Answers::Relay(id) | Answers::Here(id)) = self.answers()?;
        let paint = self.painted.iter().find(|paint| paint.id == id)?;
        Some(self.meant_from(paint.at.at))
    }

    /// Acknowledges with "hands off" or "seen". A stop comes first, even one that no state contains yet,
    /// because the screen shows it.
    pub(super) fn acknowledge(&mut self, began: Millis, out: &mut Vec<Effect>) {
        let Some(answers) = self.answers() else {
            return;
        };
        if self.may_acknowledge_at().is_none_or(|at| began < at) {
            out.push(Effect::TooSoon);
            return;
        }
        match answers {
            Answers::Relay(id) => self.say(ToRelay::Acknowledge { id }, out),
            Answers::Here(id) => self.dismissed = Some(id),
        }
    }

    /// Whether the session is over for this device: it ended, or the connection closed for good.
    pub(super) fn is_over(&self) -> bool {
        let ended = |phase| phase == Phase::Ended;
        let ended = self.state.as_ref().is_some_and(|state| ended(state.phase));
        ended || matches!(self.conn, Conn::Closed(_))
    }

    /// A stop that this device shows although no state contains it yet: its own, or one that arrived ahead of
    /// its state.
    pub(super) fn ahead(&self) -> Option<Id> {
        let own = self.outgoing.stop_under_way();
        own.filter(|id| self.dismissed != Some(*id))
            .or(self.notice_id())
    }

    /// The stop in the newest state that is not acknowledged.
    pub(super) fn open_stop(&self) -> Option<Id> {
        let hold = self.state.as_ref()?.hold.as_ref();
        let hold = hold.filter(|hold| is_open(hold) && hold.reason.is_stop());
        hold.map(|hold| hold.id)
            .filter(|id| self.dismissed != Some(*id) && !self.is_superseded())
    }

    pub(super) fn notice_id(&self) -> Option<Id> {
        let id = self.notice.map(|notice| notice.id);
        id.filter(|id| self.dismissed != Some(*id) && !self.is_superseded())
    }

    /// This device stops again, so an earlier dismissal of this id no longer silences the stop.
    pub(super) fn stops_anew(&mut self, id: Id) {
        self.dismissed.take_if(|dismissed| *dismissed == id);
    }

    /// Whether another device has this role. Then that device raises the alarms.
    fn is_superseded(&self) -> bool {
        self.conn == Conn::Closed(DeviceLink::Superseded)
    }

    fn answers(&self) -> Option<Answers> {
        let helps = self.role == Some(Role::Helper);
        if self.is_over() {
            let own = self.outgoing.stop_not_shown();
            let own = own.filter(|id| self.dismissed != Some(*id));
            let id = own.or(self.ahead()).or(self.open_stop())?;
            let told = helps && self.conn == Conn::Up && !self.outgoing.is_refused(id);
            return Some(if told {
                Answers::Relay(id)
            } else {
                Answers::Here(id)
            });
        }
        let here = |phase| phase != Phase::Waiting;
        let state = self
            .state
            .as_ref()
            .filter(|state| helps && here(state.phase))?;
        let hold = state.hold.as_ref().filter(|hold| is_open(hold));
        let cue = state.cue.as_ref().filter(|cue| cue.acknowledged.is_none());
        let id = self.ahead().or(hold.map(|hold| hold.id));
        id.or(cue.map(|cue| cue.id)).map(Answers::Relay)
    }

    /// After a hidden page or "link lost", the content of the screen counts as painted anew.
    fn meant_from(&self, painted: Millis) -> Millis {
        painted.max(self.trusted_from).plus(MEANT_MS)
    }

    pub(super) fn tap(
        &mut self,
        now: Millis,
        began: Millis,
        (id, cue): (Id, Cue),
        out: &mut Vec<Effect>,
    ) {
        if cue == Cue::Ready && self.is_too_soon(began, out) {
            return;
        }
        if cue == Cue::Stop {
            self.stops_anew(id);
            if self.role != Some(Role::Helper) {
                out.push(Effect::Shout);
            }
        }
        let epoch = self.state.as_ref().map(|state| state.epoch);
        let up = self.conn == Conn::Up;
        let tapped = super::Moment::new(now, self.clock.best());
        if let Some(message) = self.outgoing.tap(tapped, began, id, cue, epoch, up) {
            out.push(Effect::Send { message });
        }
    }
}

/// Whether the helper has not said "hands off" to this hold yet.
fn is_open(hold: &Hold) -> bool {
    !hold.acknowledged && hold.reason != HoldReason::Start
}
