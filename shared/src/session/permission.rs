//! Whether hands may be on: holds, epochs, ready, the rehearsal and the set-up lists.

use crate::cue::{Both, Role};
use crate::ids::Id;
use crate::limits;
use crate::state::{Confirmed, Hold, HoldReason, Options};
use crate::time::Millis;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Permission {
    epoch: u64,
    /// When the current epoch began: the reflex window counts from here.
    began: Millis,
    /// Held while there is one.
    hold: Option<Hold>,
    ready: Both<bool>,
    /// Hold to consent: the receiver's thumb, since the hold began.
    thumb: bool,
    rehearsed: bool,
    confirmed: Confirmed,
    live_since: Option<Millis>,
    over: bool,
}

impl Permission {
    pub(super) fn new(id: Id, at: Millis) -> Self {
        Self {
            epoch: 1,
            began: at,
            hold: Some(new_hold(HoldReason::Start, None, id, at)),
            ready: Both::default(),
            thumb: false,
            rehearsed: false,
            confirmed: Confirmed::default(),
            live_since: None,
            over: false,
        }
    }

    /// A hold begins. The epoch moves on and nobody is ready any more, whatever was held before.
    ///
    /// Invariant: a stop that nobody acknowledged stays the reason whatever else goes wrong, and so
    /// does the first cause of any other unacknowledged hold; only a stop replaces it.
    pub(super) fn hold(&mut self, reason: HoldReason, by: Option<Role>, id: Id, at: Millis) {
        self.epoch += 1;
        self.began = at;
        self.ready = Both::default();
        self.thumb = false;
        self.live_since = None;
        let fresh = new_hold(reason, by, id, at);
        self.hold = Some(match self.hold.take() {
            None => fresh,
            // Nothing was live yet and nothing stopped: hands were never asked to be on.
            Some(start) if start.reason == HoldReason::Start && reason != HoldReason::Stop => {
                if reason == HoldReason::Start {
                    fresh
                } else {
                    start
                }
            }
            Some(before) if reason == HoldReason::Stop => Hold {
                since: if before.reason.is_stop() {
                    before.since
                } else {
                    at
                },
                count: before.count + 1,
                ..fresh
            },
            Some(before) if !before.acknowledged => before,
            Some(_) => fresh,
        });
    }

    /// Takes the thumb as put down. False if it comes too soon after the hold began to be more than a
    /// reflex.
    pub(super) fn put_thumb(&mut self, now: Millis) -> bool {
        let meant = self.is_meant(now);
        self.thumb |= meant;
        meant
    }

    /// The thumb is lifted. Whether it was down.
    pub(super) fn lift_thumb(&mut self) -> bool {
        std::mem::take(&mut self.thumb)
    }

    pub(super) fn thumb(&self) -> bool {
        self.thumb
    }

    /// When the stop that just began this hold was tapped.
    pub(super) fn tapped(&mut self, at: Option<Millis>) {
        if let Some(hold) = &mut self.hold {
            hold.tapped_at = at;
        }
    }

    /// The one way to live. True if it went live now.
    pub(super) fn try_live(&mut self, options: &Options, links_up: bool, now: Millis) -> bool {
        let Some(hold) = &self.hold else {
            return false;
        };
        let dealt_with = hold.acknowledged || hold.reason == HoldReason::Start;
        let rehearsed = self.rehearsed || !options.rehearsal;
        let set_up = !options.setup
            || (self.confirmed.receiver
                && self.confirmed.helper
                && self.confirmed.warning_signs.is_some());
        let go = self.ready.both(&true)
            && (self.thumb || !options.hold_to_consent)
            && links_up
            && dealt_with
            && rehearsed
            && set_up
            && !self.is_advised_against()
            && !self.over;
        if go {
            self.hold = None;
            self.live_since = Some(now);
        }
        go
    }

    /// Counts a ready. False if it comes too soon after the hold began to be more than a reflex.
    pub(super) fn say_ready(&mut self, by: Role, now: Millis) -> bool {
        let meant = self.is_meant(now);
        if meant {
            *self.ready.of_mut(by) = true;
        }
        meant
    }

    /// Whether a hand that comes now is more than a reflex to the hold's beginning.
    fn is_meant(&self, now: Millis) -> bool {
        now.since(self.began) >= limits::REFLEX_MS
    }

    /// "Hands off." False if this hold is not the current one, or needs or has it already.
    pub(super) fn acknowledge(&mut self, id: Id) -> bool {
        let Some(hold) = &mut self.hold else {
            return false;
        };
        if hold.id != id || hold.acknowledged || hold.reason == HoldReason::Start {
            return false;
        }
        hold.acknowledged = true;
        if hold.reason == HoldReason::Stop && hold.by == Some(Role::Receiver) {
            self.rehearsed = true;
        }
        true
    }

    /// The hold is on the screen of somebody who did not cause it. The time, if that is news.
    pub(super) fn shown(
        &mut self,
        by: Role,
        id: Id,
        at: &impl Fn(Millis) -> Millis,
    ) -> Option<Millis> {
        let hold = self.hold.as_mut()?;
        if hold.id != id || hold.by == Some(by) || hold.shown.is_some() {
            return None;
        }
        let at = at(self.began);
        hold.shown = Some(at);
        Some(at)
    }

    pub(super) fn set_up(&mut self, by: Role, done: bool) {
        match by {
            Role::Receiver => self.confirmed.receiver = done,
            Role::Helper => self.confirmed.helper = done,
        }
    }

    /// The answer on warning signs. What a professional said was about the answer before it.
    pub(super) fn warning_signs(&mut self, applies: bool) {
        self.confirmed.warning_signs = Some(applies);
        self.confirmed.cleared = false;
    }

    pub(super) fn cleared(&mut self, cleared: bool) {
        self.confirmed.cleared = cleared;
    }

    /// Whether a warning sign applies that no professional has cleared.
    pub(super) fn is_advised_against(&self) -> bool {
        self.confirmed.warning_signs == Some(true) && !self.confirmed.cleared
    }

    /// The relay was restarted: `epochs` may have been used, and what happened last may be lost, a stop
    /// among it. So "hands off" is needed even where nothing had begun yet, unless nobody has joined.
    pub(super) fn restarted(&mut self, epochs: u64, alone: bool, id: Id, at: Millis) {
        self.epoch += epochs;
        if !alone {
            self.hold.take_if(|hold| hold.reason == HoldReason::Start);
        }
        self.hold(HoldReason::LinkLost, None, id, at);
    }

    /// The session ended: never live again.
    pub(super) fn over(&mut self) {
        self.over = true;
        self.live_since = None;
        self.thumb = false;
        self.ready = Both::default();
    }

    pub(super) fn is_live(&self) -> bool {
        self.hold.is_none() && !self.over
    }

    pub(super) fn is_start(&self) -> bool {
        let start = |hold: &Hold| hold.reason == HoldReason::Start;
        self.hold.as_ref().is_some_and(start)
    }

    pub(super) fn current(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn ready(&self) -> Both<bool> {
        self.ready
    }

    pub(super) fn rehearsed(&self) -> bool {
        self.rehearsed
    }

    pub(super) fn confirmed(&self) -> Confirmed {
        self.confirmed
    }

    pub(super) fn live_since(&self) -> Option<Millis> {
        self.live_since
    }
}

fn new_hold(reason: HoldReason, by: Option<Role>, id: Id, at: Millis) -> Hold {
    Hold {
        id,
        reason,
        by,
        since: at,
        tapped_at: None,
        shown: None,
        acknowledged: false,
        count: u32::from(reason.is_stop()),
    }
}
