//! The effect of each kind of entry on a session.

use super::estimate::{Estimate, Paint};
use super::screen::Refused;
use super::{Audience, Effect, Kind, Session};
use crate::cue::{Cue, Lane, Meaning, Role};
use crate::entry::{Entry, Timer, What};
use crate::ids::Id;
use crate::limits;
use crate::message::{ConfirmItem, ErrorCode};
use crate::state::{HoldReason, LinkStatus, Name, Phase};

impl Session {
    pub(super) fn cue(
        &mut self,
        id: Id,
        by: Role,
        cue: Cue,
        epoch: Option<u64>,
        tap: Option<Estimate>,
    ) -> Vec<Effect> {
        // A stop is a repeat only of a stop from the same device. An id with any other use does not block it.
        let stop = cue == Cue::Stop;
        let kind = if stop { Kind::Stop } else { Kind::Other };
        if self.repeats.contains(by, id, kind) {
            return vec![Effect::Again(by)];
        }
        let effects = self.new_cue(id, by, cue, epoch, tap);
        self.repeats.remember(by, id, kind, &effects);
        effects
    }

    fn new_cue(
        &mut self,
        id: Id,
        by: Role,
        cue: Cue,
        epoch: Option<u64>,
        tap: Option<Estimate>,
    ) -> Vec<Effect> {
        // Liveness Invariant: no check comes before a stop: no phase, epoch or limit.
        if cue == Cue::Stop {
            return self.stop(id, by, tap);
        }
        if self.ended.is_some() {
            return refuse(by, ErrorCode::Ended, id);
        }
        if !cue.allowed_from(by) {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        match epoch {
            None => return refuse(by, ErrorCode::BadMessage, id),
            Some(epoch) if epoch != self.epoch() => return refuse(by, ErrorCode::Stale, id),
            Some(_) => {}
        }
        if self.screen.is_same_tap(by, cue, self.now) {
            return vec![Effect::Again(by)];
        }
        match cue.traits().meaning {
            Meaning::Stop => self.stop(id, by, tap),
            Meaning::Ready => self.ready(id, by),
            Meaning::Question => self.ask(id, Some(by)),
            Meaning::Shown => self.show(id, by, cue, tap),
        }
    }

    /// After the end, later reports about its stops still change its figures.
    pub(super) fn count_again(&mut self) {
        if let Some(ended) = &self.ended {
            self.ended = Some(self.tally.ended(ended.at, ended.by));
        }
    }

    fn ready(&mut self, id: Id, by: Role) -> Vec<Effect> {
        if self.phase() == Phase::Live {
            return if self.answered_by(by) {
                self.tell_again()
            } else {
                vec![Effect::Again(by)]
            };
        }
        if self.is_alone() {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        // A person whose device is not connected cannot be ready. So a reconnect never makes the session
        // live.
        if !self.peer(by).is_up() {
            return refuse(by, ErrorCode::Stale, id);
        }
        if let Err(code) = self.permission.say_ready(by, self.now) {
            return refuse(by, code, id);
        }
        self.publish_or_go()
    }

    fn show(&mut self, id: Id, by: Role, cue: Cue, tap: Option<Estimate>) -> Vec<Effect> {
        let phase = self.phase();
        if phase == Phase::Waiting {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        if phase == Phase::Held && cue == Cue::MorePressure {
            return refuse(by, ErrorCode::Held, id);
        }
        let tapped_at = tap.map(|tap| tap.at);
        match self.screen.put(id, cue, self.now, tapped_at) {
            Ok(()) => {}
            Err(Refused::Outstanding) => {
                let mut effects = refuse(by, ErrorCode::TooFast, id);
                if self.answered_by(by) {
                    effects.extend(self.tell_again());
                }
                return effects;
            }
        }
        self.answered_by(by);
        self.publish(Audience::Both)
    }

    /// Takes a cue of the receiver as an answer to a question, even if the cue changes nothing else. Returns
    /// whether the state changes.
    fn answered_by(&mut self, by: Role) -> bool {
        by == Role::Receiver && self.questions.sign(self.now)
    }

    fn ask(&mut self, id: Id, by: Option<Role>) -> Vec<Effect> {
        if self.phase() != Phase::Live {
            return by.map_or_else(Vec::new, |by| refuse(by, ErrorCode::Held, id));
        }
        self.questions.ask(id, by, self.now);
        self.publish(Audience::Both)
    }

    pub(super) fn joined(&mut self, id: Id, by: Role, name: Option<&Name>) -> Vec<Effect> {
        if *self.peers.of(by) != LinkStatus::Absent || self.ended.is_some() {
            return refuse(by, ErrorCode::Taken, id);
        }
        *self.peers.of_mut(by) = LinkStatus::Here;
        *self.names.of_mut(by) = name.cloned();
        self.permission.joined(id, self.now);
        self.screen.clear();
        self.tally.joined();
        self.publish(Audience::Both)
    }

    /// A device that reconnects was disconnected, even if the relay had not noticed. So the session is held.
    pub(super) fn connected(&mut self, id: Id, by: Role) -> Vec<Effect> {
        let before = self.peer(by);
        if before == LinkStatus::Absent {
            return Vec::new();
        }
        // After the end link changes are not recorded, so they change nothing else.
        if self.ended.is_none() {
            if before.is_up() {
                self.hold(HoldReason::LinkLost, Some(by), id);
            }
            self.permission.connected(by);
        }
        self.link_is(by, LinkStatus::Here)
    }

    pub(super) fn link(&mut self, id: Id, by: Role, status: LinkStatus) -> Vec<Effect> {
        let before = self.peer(by);
        // A role that has joined never becomes absent again.
        if before == status || before == LinkStatus::Absent || status == LinkStatus::Absent {
            return Vec::new();
        }
        if before.is_up() && !status.is_up() && self.ended.is_none() {
            let reason = if status == LinkStatus::Away {
                HoldReason::Away
            } else {
                HoldReason::LinkLost
            };
            self.hold(reason, Some(by), id);
        }
        self.link_is(by, status)
    }

    fn link_is(&mut self, role: Role, status: LinkStatus) -> Vec<Effect> {
        *self.peers.of_mut(role) = status;
        self.publish(Audience::Both)
    }

    pub(super) fn restarted(&mut self, id: Id) -> Vec<Effect> {
        if self.ended.is_some() {
            return Vec::new();
        }
        // Two restarts in a row from the same journal must not reach the same epoch. The record of the first
        // may be lost, while a ready of its epochs is still in flight. The random id makes them differ.
        let leaps = 1 + (id.as_u128() & u128::from(limits::RESTART_EPOCH_LEAPS - 1)) as u64;
        self.tally.not_live(self.permission.live_since(), self.now);
        let epochs = leaps * limits::RESTART_EPOCH_GAP;
        self.permission
            .restarted(epochs, self.is_alone(), id, self.now);
        self.forget_stale();
        for role in Role::BOTH {
            if *self.peers.of(role) != LinkStatus::Absent {
                *self.peers.of_mut(role) = LinkStatus::Lost;
            }
        }
        self.publish(Audience::Both)
    }

    pub(super) fn shown(&mut self, by: Role, of: Id, paint: Option<Estimate>) -> Vec<Effect> {
        let uncertainty_ms = paint.and_then(|paint| paint.uncertainty_ms);
        let paint = Paint {
            said: paint,
            receipt: self.now,
        };
        let hold = self.permission.shown(by, of, &paint);
        let other = match by {
            Role::Helper => self.screen.shown(of, &paint),
            Role::Receiver => self.questions.shown(of, &paint),
        };
        let Some(painted) = hold.or(other) else {
            return Vec::new();
        };
        self.tally.shown(of, painted, uncertainty_ms);
        self.count_again();
        self.publish(Audience::Only(by.other()))
    }

    pub(super) fn acknowledged(&mut self, id: Id, by: Role, of: Id) -> Vec<Effect> {
        if by != Role::Helper {
            let holds = self.permission.current().is_some_and(|hold| hold.id == of);
            return if holds || self.screen.has(of) {
                refuse(by, ErrorCode::NotAllowed, id)
            } else {
                vec![Effect::Again(by)]
            };
        }
        let hold = self.permission.needs_hands_off(of);
        let cue = self.screen.needs_acknowledging(of);
        if !hold && !cue {
            return vec![Effect::Again(by)];
        }
        // The screen of a device that is away or lost does not count as seen. After the end no link is
        // recorded.
        let meant = if self.ended.is_none() && !self.peer(by).is_up() {
            false
        } else if hold {
            let rehearses = !self.is_alone() && self.ended.is_none();
            self.permission.acknowledge(self.now, rehearses)
        } else {
            self.screen.acknowledge(of, self.now)
        };
        if !meant {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        if hold {
            self.screen.acknowledge(of, self.now);
            self.tally.hands_off(self.now);
            self.count_again();
        }
        self.publish_or_go()
    }

    /// Whether this entry would change a decision or the state. A receipt for an item that is gone or already
    /// known needs no record, and neither does an unchanged link status.
    #[must_use]
    pub fn would_change(&self, entry: &Entry) -> bool {
        match (&entry.what, entry.by) {
            // After the end, only a stop that is not acknowledged can be answered.
            (What::Shown { .. } | What::Acknowledged { .. }, _)
                if self.ended.is_some() && !self.has_open_stop() =>
            {
                false
            }
            (What::Shown { of, .. }, Some(by)) => {
                let other = match by {
                    Role::Helper => self.screen.is_unseen(*of),
                    Role::Receiver => self.questions.is_unseen(*of),
                };
                other || self.permission.is_unseen(by, *of)
            }
            (What::Acknowledged { of }, Some(Role::Helper)) => {
                self.permission.needs_hands_off(*of) || self.screen.needs_acknowledging(*of)
            }
            (What::Acknowledged { .. }, Some(Role::Receiver)) => false,
            // A role that has joined never becomes absent again.
            (What::Link { status }, Some(by)) => {
                let before = self.peer(by);
                before != *status && before != LinkStatus::Absent && *status != LinkStatus::Absent
            }
            (What::Shown { .. } | What::Acknowledged { .. } | What::Link { .. }, None) => false,
            (
                What::Opened { .. }
                | What::Joined { .. }
                | What::Connected { .. }
                | What::Cue { .. }
                | What::Stops { .. }
                | What::Thumb { .. }
                | What::Confirmed { .. }
                | What::Due { .. }
                | What::Restarted
                | What::Noted { .. }
                | What::Ended,
                _,
            ) => true,
        }
    }

    pub(super) fn confirmed(
        &mut self,
        id: Id,
        by: Role,
        item: ConfirmItem,
        value: bool,
    ) -> Vec<Effect> {
        match item {
            ConfirmItem::WarningSigns if by == Role::Receiver => {
                self.permission.warning_signs(value);
            }
            ConfirmItem::Cleared if by == Role::Receiver => self.permission.cleared(value),
            ConfirmItem::SetUp if self.phase() != Phase::Live => self.permission.set_up(by, value),
            ConfirmItem::WarningSigns | ConfirmItem::Cleared | ConfirmItem::SetUp => {
                return refuse(by, ErrorCode::NotAllowed, id);
            }
        }
        if self.phase() == Phase::Live && self.permission.is_advised_against() {
            return self.stop(id, by, None);
        }
        self.publish_or_go()
    }

    /// A timer fires once. A second report of it, or an early one, changes nothing.
    pub(super) fn due(&mut self, id: Id, timer: Timer) -> Vec<Effect> {
        match self.deadline() {
            Some((at, due)) if due == timer && at <= self.now => {}
            _ => return Vec::new(),
        }
        match timer {
            Timer::CheckIn => self.ask(id, None),
            Timer::CheckInAgain => {
                self.questions.ask_again();
                self.publish(Audience::Both)
            }
            Timer::NoAnswer => {
                self.hold(HoldReason::NoAnswer, None, id);
                self.publish(Audience::Both)
            }
            Timer::HeldOn => {
                self.questions.held_on(self.now);
                self.tell_again()
            }
            Timer::ReceiverReadyExpired => self.expired(Role::Receiver),
            Timer::HelperReadyExpired => self.expired(Role::Helper),
        }
    }

    fn expired(&mut self, by: Role) -> Vec<Effect> {
        self.permission.expire(by);
        self.tell_again()
    }

    pub(super) fn end(&mut self, by: Option<Role>) -> Vec<Effect> {
        self.tally.not_live(self.permission.live_since(), self.now);
        self.ended = Some(self.tally.ended(self.now, by));
        self.permission.over();
        self.screen.clear();
        self.questions.clear();
        self.publish(Audience::Both)
    }

    /// Begins every hold except a restart's. It counts the live time first.
    pub(super) fn hold(&mut self, reason: HoldReason, by: Option<Role>, id: Id) {
        self.tally.not_live(self.permission.live_since(), self.now);
        self.permission.hold(reason, by, id, self.now);
        self.forget_stale();
    }

    /// A hold began: stale cues leave the screen, and the question is dropped.
    fn forget_stale(&mut self) {
        self.screen.keep_stop_only();
        self.questions.clear();
    }

    pub(super) fn publish(&mut self, to: Audience) -> Vec<Effect> {
        self.seq += 1;
        vec![Effect::Publish {
            to,
            lane: Lane::Ordinary,
        }]
    }

    /// Publishes a change that makes no sound.
    fn tell_again(&mut self) -> Vec<Effect> {
        self.seq += 1;
        Role::BOTH.map(Effect::Again).to_vec()
    }

    /// Publishes a change after which the session may be live, if this was the last condition.
    pub(super) fn publish_or_go(&mut self) -> Vec<Effect> {
        let links_up = Role::BOTH.iter().all(|role| self.peer(*role).is_up());
        if self.ended.is_none() && self.permission.try_live(&self.options, links_up, self.now) {
            self.screen.clear();
            self.questions.went_live(self.now);
        }
        self.publish(Audience::Both)
    }
}

pub(super) fn refuse(role: Role, code: ErrorCode, id: Id) -> Vec<Effect> {
    vec![Effect::Refuse { role, code, id }]
}
