//! The session machine: entries in, effects out. It decides who may do what, what is on which
//! screen and whether it is live. The relay drives it; nothing else decides.
//!
//! Safety Invariant: [`Phase::Live`] is entered in one place only,
//! [`permission::Permission::try_live`], and only by an entry that a person or a link made. Every
//! hold passes through [`permission::Permission::hold`], which moves the epoch on and forgets who
//! was ready.
//!
//! The machine is a fold: the same entries in the same order give the same session, on a relay that
//! has just restarted as on one that was there.

mod check_in;
mod permission;
mod screen;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use check_in::Questions;
use permission::Permission;
use screen::{Refused, Screen};
use tally::Tally;

use crate::cue::{Both, Cue, Lane, Role};
use crate::entry::{Entry, Timer, What};
use crate::ids::Id;
use crate::limits;
use crate::message::{ConfirmItem, ErrorCode, Event, StopNotice};
use crate::state::{Ended, HoldReason, LinkStatus, Name, Options, Phase, State};
use crate::time::Millis;

/// What a step asks of whoever drives the machine, in the order to do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put this stop in front of both devices, before anything else.
    Stop(StopNotice),
    /// The state changed: give it to these devices.
    Publish {
        /// To whom.
        to: Audience,
        /// What happened.
        event: Event,
        /// Whether it may wait for the frame before it to be taken.
        lane: Lane,
    },
    /// Nothing changed, but this device seems not to know the state: give it again.
    Again(Role),
    /// This was not done.
    Refuse {
        /// Who is told.
        role: Role,
        /// Why.
        code: ErrorCode,
        /// What.
        id: Id,
    },
}

/// Who a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Both devices.
    Both,
    /// One of them; the other already knows.
    Only(Role),
}

impl Audience {
    /// Whether `role` is among them.
    #[must_use]
    pub fn includes(self, role: Role) -> bool {
        match self {
            Audience::Both => true,
            Audience::Only(one) => one == role,
        }
    }
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    options: Options,
    opened_at: Millis,
    /// The newest moment seen; time never runs backwards in here.
    now: Millis,
    seq: u64,
    peers: Both<LinkStatus>,
    names: Both<Option<Name>>,
    permission: Permission,
    screen: Screen,
    questions: Questions,
    tally: Tally,
    ended: Option<Ended>,
    /// The newest ids of cues, to tell a repeat from a new one.
    seen: VecDeque<Id>,
}

impl Session {
    /// The session that its first entry opens; none if that entry is of another kind or nobody's.
    #[must_use]
    pub fn open(first: &Entry) -> Option<Self> {
        let What::Opened { options, name, .. } = &first.what else {
            return None;
        };
        let creator = first.by?;
        let mut peers = Both {
            receiver: LinkStatus::Absent,
            helper: LinkStatus::Absent,
        };
        *peers.of_mut(creator) = LinkStatus::Here;
        let mut names = Both::default();
        *names.of_mut(creator) = name.clone();
        Some(Self {
            options: options.clone(),
            opened_at: first.at,
            now: first.at,
            seq: 1,
            peers,
            names,
            permission: Permission::new(first.id, first.at),
            screen: Screen::default(),
            questions: Questions::new(options.check_in_every_s),
            tally: Tally::default(),
            ended: None,
            seen: VecDeque::new(),
        })
    }

    /// Takes one entry. The effects are to be carried out in their order.
    #[must_use = "the effects are what the devices get to see"]
    pub fn step(&mut self, entry: &Entry) -> Vec<Effect> {
        self.now = self.now.max(entry.at);
        let id = entry.id;
        match (&entry.what, entry.by) {
            (What::Opened { .. }, _)
            | (
                What::Joined { .. }
                | What::Connected { .. }
                | What::Link { .. }
                | What::Cue { .. }
                | What::Shown { .. }
                | What::Acknowledged { .. }
                | What::Confirmed { .. },
                None,
            ) => Vec::new(),
            (What::Cue { cue, epoch, .. }, Some(by)) => self.cue(id, by, *cue, *epoch),
            (What::Joined { name, .. }, Some(by)) => self.joined(id, by, name.as_ref()),
            (What::Connected { .. }, Some(by)) => self.connected(id, by),
            (What::Link { status }, Some(by)) => self.link(id, by, *status),
            (What::Restarted, _) => self.restarted(id),
            (What::Noted { .. }, Some(by)) if self.ended.is_none() => {
                refuse(by, ErrorCode::NotAllowed, id)
            }
            (What::Noted { .. }, _) => Vec::new(),
            (_, Some(by)) if self.ended.is_some() => refuse(by, ErrorCode::Ended, id),
            (What::Shown { of, painted_at }, Some(by)) => self.shown(by, *of, *painted_at),
            (What::Acknowledged { of }, Some(by)) => self.acknowledged(id, by, *of),
            (What::Confirmed { item, value }, Some(by)) => self.confirmed(id, by, *item, *value),
            (What::Due { timer }, _) => self.due(id, *timer),
            (What::Ended, by) => self.end(by),
        }
    }

    /// When the session next has to be given a [`What::Due`], and of which timer.
    #[must_use]
    pub fn deadline(&self) -> Option<(Millis, Timer)> {
        if self.phase() == Phase::Live {
            self.questions.deadline()
        } else {
            None
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        if self.ended.is_some() {
            Phase::Ended
        } else if self.permission.is_live() {
            Phase::Live
        } else if self.is_alone() && self.permission.is_start() {
            Phase::Waiting
        } else {
            Phase::Held
        }
    }

    /// How many changes it has seen.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The epoch of the newest hold.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.permission.epoch()
    }

    /// How a device's link is, as the session knows it.
    #[must_use]
    pub fn peer(&self, role: Role) -> LinkStatus {
        *self.peers.of(role)
    }

    /// Whether one role has never been taken.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        Role::BOTH
            .iter()
            .any(|role| *self.peers.of(*role) == LinkStatus::Absent)
    }

    /// What the session was opened with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// When it was opened.
    #[must_use]
    pub fn opened_at(&self) -> Millis {
        self.opened_at
    }

    /// The newest moment it has seen.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The whole state, as devices get it.
    #[must_use]
    pub fn state(&self) -> State {
        let phase = self.phase();
        State {
            seq: self.seq,
            epoch: self.epoch(),
            phase,
            hold: match phase {
                Phase::Held => self.permission.current().cloned(),
                Phase::Waiting | Phase::Live | Phase::Ended => None,
            },
            ready: self.permission.ready(),
            peers: self.peers,
            names: self.names.clone(),
            rehearsed: self.permission.rehearsed(),
            confirmed: self.permission.confirmed(),
            cue: self.screen.newest().cloned(),
            earlier: self.screen.earlier(self.now),
            check_in: self.questions.open().cloned(),
            live_since: self.permission.live_since(),
            ended: self.ended.clone(),
        }
    }

    fn cue(&mut self, id: Id, by: Role, cue: Cue, epoch: Option<u64>) -> Vec<Effect> {
        if self.seen.contains(&id) {
            return vec![Effect::Again(by)];
        }
        if self.seen.len() == limits::REMEMBERED_IDS {
            self.seen.pop_front();
        }
        self.seen.push_back(id);
        // Liveness Invariant: nothing below stands before a stop. No phase, epoch or limit is asked.
        if cue == Cue::Stop {
            return self.stop(id, by);
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
        match cue {
            Cue::Stop => self.stop(id, by),
            Cue::Ready => self.ready(id, by),
            Cue::CheckIn => self.ask(id, Some(by)),
            Cue::Slower
            | Cue::MorePressure
            | Cue::EaseUp
            | Cue::Stay
            | Cue::Left
            | Cue::Right
            | Cue::Good => self.show(id, by, cue),
        }
    }

    fn stop(&mut self, id: Id, by: Role) -> Vec<Effect> {
        let notice = StopNotice {
            id,
            by,
            at: self.now,
            seq: self.seq + 1,
        };
        if self.ended.is_none() {
            self.hold(HoldReason::Stop, Some(by), id);
            if by == Role::Receiver {
                self.screen.put_stop(id, self.now);
            }
        }
        self.tally.stopped(id, self.now);
        let event = Event::Held {
            reason: HoldReason::Stop,
        };
        self.seq += 1;
        vec![
            Effect::Stop(notice),
            Effect::Publish {
                to: Audience::Both,
                event,
                lane: Lane::Urgent,
            },
        ]
    }

    fn ready(&mut self, id: Id, by: Role) -> Vec<Effect> {
        if self.phase() == Phase::Live {
            return vec![Effect::Again(by)];
        }
        if self.is_alone() {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        if !self.permission.say_ready(by, self.now) {
            return refuse(by, ErrorCode::Stale, id);
        }
        let event = Event::Cue {
            id,
            cue: Cue::Ready,
            by,
        };
        self.publish_or_go(Audience::Both, event)
    }

    fn show(&mut self, id: Id, by: Role, cue: Cue) -> Vec<Effect> {
        let phase = self.phase();
        if phase == Phase::Waiting {
            return refuse(by, ErrorCode::NotAllowed, id);
        }
        if phase == Phase::Held && cue == Cue::MorePressure {
            return refuse(by, ErrorCode::Held, id);
        }
        match self.screen.put(id, cue, self.now) {
            Ok(()) => {}
            Err(Refused::Outstanding) => return refuse(by, ErrorCode::TooFast, id),
        }
        self.questions.answered(self.now);
        self.publish(Audience::Both, Event::Cue { id, cue, by })
    }

    fn ask(&mut self, id: Id, by: Option<Role>) -> Vec<Effect> {
        if self.phase() != Phase::Live {
            return by.map_or_else(Vec::new, |by| refuse(by, ErrorCode::Held, id));
        }
        self.questions.ask(id, by, self.now);
        self.publish(Audience::Both, Event::CheckIn { again: false })
    }

    fn joined(&mut self, id: Id, by: Role, name: Option<&Name>) -> Vec<Effect> {
        if *self.peers.of(by) != LinkStatus::Absent || self.ended.is_some() {
            return refuse(by, ErrorCode::Taken, id);
        }
        *self.peers.of_mut(by) = LinkStatus::Here;
        *self.names.of_mut(by) = name.cloned();
        self.hold(HoldReason::Start, None, id);
        self.publish(Audience::Both, Event::Joined { role: by })
    }

    /// A connection that comes back was gone, even if nobody had noticed: it leads to held.
    fn connected(&mut self, id: Id, by: Role) -> Vec<Effect> {
        if self.peer(by).is_up() {
            self.hold(HoldReason::LinkLost, Some(by), id);
        }
        self.link_is(by, LinkStatus::Here)
    }

    fn link(&mut self, id: Id, by: Role, status: LinkStatus) -> Vec<Effect> {
        let before = self.peer(by);
        if before == status || before == LinkStatus::Absent {
            return Vec::new();
        }
        if before.is_up() && !status.is_up() {
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
        self.publish_or_go(Audience::Both, Event::Link { role, status })
    }

    fn restarted(&mut self, id: Id) -> Vec<Effect> {
        self.permission.skip_epochs(limits::RESTART_EPOCH_GAP);
        self.hold(HoldReason::LinkLost, None, id);
        for role in Role::BOTH {
            if *self.peers.of(role) != LinkStatus::Absent {
                *self.peers.of_mut(role) = LinkStatus::Lost;
            }
        }
        self.publish(
            Audience::Both,
            Event::Held {
                reason: HoldReason::LinkLost,
            },
        )
    }

    fn shown(&mut self, by: Role, of: Id, painted_at: Option<Millis>) -> Vec<Effect> {
        // What a device says about its own clock counts only where it can be true.
        let at = |since: Millis| painted_at.map_or(self.now, |t| t.clamp(since, self.now));
        let mut found = false;
        if let Some(stop_at) = self.permission.shown(by, of, &at) {
            self.tally.shown(of, stop_at);
            found = true;
        }
        if by == Role::Helper {
            found |= self.screen.shown(of, &at);
        } else {
            found |= self.questions.shown(of, &at);
        }
        if !found {
            return Vec::new();
        }
        self.publish(Audience::Only(by.other()), Event::Shown { id: of })
    }

    fn acknowledged(&mut self, id: Id, by: Role, of: Id) -> Vec<Effect> {
        let holds = self.permission.current().is_some_and(|hold| hold.id == of);
        if by != Role::Helper {
            return if holds || self.screen.has(of) {
                refuse(by, ErrorCode::NotAllowed, id)
            } else {
                vec![Effect::Again(by)]
            };
        }
        let hold = holds && self.permission.acknowledge(of);
        let cue = self.screen.acknowledge(of, self.now);
        if hold {
            self.tally.acknowledged(of, self.now);
        }
        if hold || cue {
            self.publish_or_go(Audience::Both, Event::Acknowledged { id: of })
        } else {
            vec![Effect::Again(by)]
        }
    }

    fn confirmed(&mut self, id: Id, by: Role, item: ConfirmItem, value: bool) -> Vec<Effect> {
        match item {
            ConfirmItem::WarningSigns if by == Role::Receiver => {
                self.permission.warning_signs(value);
                if value && self.phase() == Phase::Live {
                    return self.stop(id, by);
                }
            }
            ConfirmItem::SetUp if self.phase() != Phase::Live => self.permission.set_up(by, value),
            ConfirmItem::WarningSigns | ConfirmItem::SetUp => {
                return refuse(by, ErrorCode::NotAllowed, id);
            }
        }
        self.publish_or_go(Audience::Both, Event::Confirmed { role: by })
    }

    /// A timer fires once: a second report of it, or one that comes early, changes nothing.
    fn due(&mut self, id: Id, timer: Timer) -> Vec<Effect> {
        match self.deadline() {
            Some((at, due)) if due == timer && at <= self.now => {}
            _ => return Vec::new(),
        }
        match timer {
            Timer::CheckIn => self.ask(id, None),
            Timer::CheckInAgain => {
                self.questions.ask_again();
                self.publish(Audience::Both, Event::CheckIn { again: true })
            }
            Timer::NoAnswer => {
                self.hold(HoldReason::NoAnswer, None, id);
                self.publish(
                    Audience::Both,
                    Event::Held {
                        reason: HoldReason::NoAnswer,
                    },
                )
            }
        }
    }

    fn end(&mut self, by: Option<Role>) -> Vec<Effect> {
        self.tally.not_live(self.permission.live_since(), self.now);
        self.ended = Some(self.tally.ended(self.now, by));
        self.permission.over();
        self.screen.clear();
        self.questions.clear();
        self.publish(Audience::Both, Event::Ended)
    }

    /// Every hold begins here: what was live is counted, the screen loses what is now stale, the
    /// question falls.
    fn hold(&mut self, reason: HoldReason, by: Option<Role>, id: Id) {
        self.tally.not_live(self.permission.live_since(), self.now);
        self.permission.hold(reason, by, id, self.now);
        self.screen.keep_stop_only();
        self.questions.clear();
    }

    fn publish(&mut self, to: Audience, event: Event) -> Vec<Effect> {
        self.seq += 1;
        vec![Effect::Publish {
            to,
            event,
            lane: Lane::Ordinary,
        }]
    }

    /// Goes live if this was what was missing; otherwise tells of `event` alone.
    fn publish_or_go(&mut self, to: Audience, event: Event) -> Vec<Effect> {
        let links_up = Role::BOTH.iter().all(|role| self.peer(*role).is_up());
        if self.ended.is_none() && self.permission.try_live(&self.options, links_up, self.now) {
            self.screen.clear();
            self.questions.went_live(self.now);
            return self.publish(Audience::Both, Event::Live);
        }
        self.publish(to, event)
    }
}

fn refuse(role: Role, code: ErrorCode, id: Id) -> Vec<Effect> {
    vec![Effect::Refuse { role, code, id }]
}
