//! Whether the session may be live: holds, epochs, ready, the rehearsal and the set-up lists.

use super::estimate::Paint;
use crate::cue::{Both, Role};
use crate::ids::Id;
use crate::limits;
use crate::message::ErrorCode;
use crate::state::{Confirmed, Hold, HoldReason, Options};
use crate::time::Millis;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Permission {
    epoch: u64,
    /// When the current epoch began. The reflex time counts from here.
    began: Millis,
    /// The current hold; none while live.
    hold: Option<Hold>,
    /// When the relay received the first entry with this hold's id.
    hold_from: Millis,
    /// The earliest time from which each role's screen shows this hold.
    painted: Both<Option<Millis>>,
    /// When the helper said "hands off" to this hold.
    hands_off: Option<Millis>,
    /// When each person said the ready that still counts.
    ready: Both<Option<Millis>>,
    /// Whose ready expired in this epoch and was not said again.
    expired: Both<bool>,
    /// Hold to consent: whether the receiver put the thumb down since the hold began.
    thumb: bool,
    /// Hold to consent: the thumb was down when the session ended while live, and its lift has not arrived.
    thumb_at_end: bool,
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
            hold_from: at,
            painted: Both::default(),
            hands_off: None,
            ready: Both::default(),
            expired: Both::default(),
            thumb: false,
            thumb_at_end: false,
            rehearsed: false,
            confirmed: Confirmed::default(),
            live_since: None,
            over: false,
        }
    }

    /// Begins a hold. The epoch advances and every ready is cleared, whatever the hold before.
    ///
    /// Invariant: a stop that is not acknowledged stays the reason whatever else goes wrong. So does the
    /// first cause of any other unacknowledged hold; only a stop replaces it.
    pub(super) fn hold(&mut self, reason: HoldReason, by: Option<Role>, id: Id, at: Millis) {
        self.epoch += 1;
        self.began = at;
        self.ready = Both::default();
        self.expired = Both::default();
        self.thumb = false;
        self.live_since = None;
        let before = self.hold.as_ref().map(|hold| hold.id);
        let fresh = new_hold(reason, by, id, at);
        self.hold = Some(match self.hold.take() {
            None => fresh,
            // The session has not been live and had no stop, so hands were never asked to be on.
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
                count: before.count.saturating_add(1),
                ..fresh
            },
            Some(before) if !before.acknowledged => before,
            Some(_) => fresh,
        });
        if self.hold.as_ref().map(|hold| hold.id) != before {
            self.hold_from = at;
            self.painted = Both::default();
        }
        if self.hold.as_ref().is_some_and(|hold| !hold.acknowledged) {
            self.hands_off = None;
        }
    }

    /// The other person joined. A hold from before needs no "hands off".
    pub(super) fn joined(&mut self, id: Id, at: Millis) {
        self.hold = None;
        self.hold(HoldReason::Start, None, id, at);
    }

    /// A new connection has this role. Its screen has painted nothing yet.
    pub(super) fn connected(&mut self, by: Role) {
        *self.painted.of_mut(by) = None;
    }

    /// Counts the thumb as down. False if it comes too soon to answer this hold.
    pub(super) fn put_thumb(&mut self, now: Millis) -> bool {
        let meant = self.is_meant(Role::Receiver, now);
        if meant {
            // A ready that had already expired does not return with the thumb.
            self.age(now);
            self.thumb = true;
        }
        meant
    }

    /// Lifts the thumb while held, and clears the receiver's ready. Returns whether it was down.
    pub(super) fn lift_thumb(&mut self) -> bool {
        let was = std::mem::take(&mut self.thumb);
        if was {
            self.ready.receiver = None;
        }
        was
    }

    /// Takes the first lift of a thumb that was down when the session ended while live.
    pub(super) fn lift_thumb_at_end(&mut self) -> bool {
        std::mem::take(&mut self.thumb_at_end)
    }

    pub(super) fn thumb_at_end(&self) -> bool {
        self.thumb_at_end
    }

    pub(super) fn thumb(&self) -> bool {
        self.thumb
    }

    /// Records when the stop that began or renewed this hold was tapped, and how many more stops came with
    /// it.
    pub(super) fn stopped(&mut self, tapped_at: Option<Millis>, more: u32) {
        self.epoch += u64::from(more);
        if let Some(hold) = &mut self.hold {
            hold.tapped_at = tapped_at;
            hold.count = hold.count.saturating_add(more);
        }
    }

    /// The only way to live. True if the session became live now.
    pub(super) fn try_live(&mut self, options: &Options, links_up: bool, now: Millis) -> bool {
        self.age(now);
        let Some(hold) = &self.hold else {
            return false;
        };
        let dealt_with = hold.acknowledged || hold.reason == HoldReason::Start;
        let rehearsed = self.rehearsed || !options.rehearsal;
        let set_up = !options.setup
            || (self.confirmed.receiver
                && self.confirmed.helper
                && self.confirmed.warning_signs.is_some());
        let go = self.ready().both(&true)
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

    /// Counts a ready, or returns why it does not count.
    pub(super) fn say_ready(&mut self, by: Role, now: Millis) -> Result<(), ErrorCode> {
        if !self.is_meant(by, now) {
            return Err(ErrorCode::Stale);
        }
        if by == Role::Helper && !self.hands_are_off(now) {
            return Err(ErrorCode::Held);
        }
        *self.ready.of_mut(by) = Some(now);
        *self.expired.of_mut(by) = false;
        Ok(())
    }

    /// Whether an action of `by` at this time can answer this hold. It must come after the reflex time, and
    /// after the hold was on that screen long enough to be read.
    fn is_meant(&self, by: Role, now: Millis) -> bool {
        now.since(self.began) >= limits::REFLEX_MS && was_seen(*self.painted.of(by), now)
    }

    /// Whether "hands off" was said long enough ago for the helper to see its result. The first hold needs
    /// none.
    fn hands_are_off(&self, now: Millis) -> bool {
        self.is_start() || was_seen(self.hands_off, now)
    }

    /// Whether this hold still needs "hands off" to `id`.
    pub(super) fn needs_hands_off(&self, id: Id) -> bool {
        self.hold.as_ref().is_some_and(|hold| {
            hold.id == id && !hold.acknowledged && hold.reason != HoldReason::Start
        })
    }

    /// Says "hands off" to the hold. False if it comes too soon. `rehearses` is true with both devices joined
    /// and before the end; then the answer to the receiver's stop is the rehearsal.
    pub(super) fn acknowledge(&mut self, now: Millis, rehearses: bool) -> bool {
        let Some(hold) = &mut self.hold else {
            return false;
        };
        if !was_seen(self.painted.helper, now) {
            return false;
        }
        hold.acknowledged = true;
        self.hands_off = Some(now);
        let receivers = hold.reason == HoldReason::Stop && hold.by == Some(Role::Receiver);
        self.rehearsed |= rehearses && receivers;
        true
    }

    /// Whether a paint of `id` on the screen of `by` would be the first of this hold there.
    pub(super) fn is_unseen(&self, by: Role, id: Id) -> bool {
        let this = |hold: &Hold| hold.id == id;
        self.hold.as_ref().is_some_and(this) && self.painted.of(by).is_none()
    }

    /// A screen painted the hold. Returns the time, if it is the first paint by the person who did not cause
    /// the hold.
    pub(super) fn shown(&mut self, by: Role, id: Id, paint: &Paint) -> Option<Millis> {
        if self.is_unseen(by, id) {
            *self.painted.of_mut(by) = Some(paint.earliest(self.hold_from));
        }
        let hold = self.hold.as_mut()?;
        if hold.id != id || hold.by == Some(by) || hold.shown.is_some() {
            return None;
        }
        let at = paint.at(self.began);
        hold.shown = Some(at);
        Some(at)
    }

    /// Takes back every ready that is too old to count.
    fn age(&mut self, now: Millis) {
        // While live no ready is needed.
        if self.hold.is_none() {
            return;
        }
        for by in Role::BOTH {
            if self.ready_until(by).is_some_and(|until| until <= now) {
                self.expire(by);
            }
        }
    }

    /// Takes this ready back because it is too old.
    pub(super) fn expire(&mut self, by: Role) {
        *self.ready.of_mut(by) = None;
        *self.expired.of_mut(by) = true;
    }

    /// Until when a ready counts. It does not expire while the thumb is down.
    fn ready_until(&self, by: Role) -> Option<Millis> {
        let said = (*self.ready.of(by)).filter(|_| by != Role::Receiver || !self.thumb)?;
        Some(said.plus(limits::READY_FOR_MS))
    }

    /// When the next ready expires, while held, and whose.
    pub(super) fn deadline(&self) -> Option<(Millis, Role)> {
        if self.hold.is_none() || self.over {
            return None;
        }
        let until = |by: Role| self.ready_until(by).map(|until| (until, by));
        Role::BOTH.into_iter().filter_map(until).min()
    }

    pub(super) fn set_up(&mut self, by: Role, done: bool) {
        match by {
            Role::Receiver => self.confirmed.receiver = done,
            Role::Helper => self.confirmed.helper = done,
        }
    }

    /// Takes the answer on warning signs. It voids an earlier clearance by a professional.
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

    /// The relay restarted. `epochs` may have been used, and the last entries may be lost, a stop among them.
    /// So "hands off" is needed even at the start, unless only one person has joined.
    pub(super) fn restarted(&mut self, epochs: u64, alone: bool, id: Id, at: Millis) {
        self.epoch += epochs;
        if !alone {
            self.hold.take_if(|hold| hold.reason == HoldReason::Start);
        }
        self.hold(HoldReason::LinkLost, None, id, at);
    }

    /// The session ended and is never live again.
    pub(super) fn over(&mut self) {
        self.thumb_at_end = self.thumb && self.is_live();
        self.over = true;
        self.live_since = None;
        self.thumb = false;
        self.ready = Both::default();
        self.expired = Both::default();
    }

    /// The stop that is not acknowledged.
    pub(super) fn open_stop(&self) -> Option<&Hold> {
        let open = |hold: &&Hold| hold.reason.is_stop() && !hold.acknowledged;
        self.hold.as_ref().filter(open)
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
        Both {
            receiver: self.ready.receiver.is_some(),
            helper: self.ready.helper.is_some(),
        }
    }

    pub(super) fn ready_expired(&self) -> Both<bool> {
        self.expired
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

/// Whether an item that is painted since `painted` was on the screen long enough to be read and answered.
pub(super) fn was_seen(painted: Option<Millis>, now: Millis) -> bool {
    painted.is_some_and(|since| now.since(since) >= limits::MEANT_MS)
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
