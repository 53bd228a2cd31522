//! The session machine takes entries and returns effects. It alone decides who may do what, what is on which
//! screen and whether the session is live. The relay drives it.
//!
//! Safety Invariant: [`Phase::Live`] is entered in one place only, `Permission::try_live`, and only by an
//! entry that a person made. No link change, timer or restart leads to live. Every hold passes through
//! `Permission::hold`, which advances the epoch and clears every ready.
//!
//! The machine is a fold: the same entries in the same order give the same session, before and after a
//! restart of the relay.

mod check_in;
mod estimate;
mod permission;
mod repeats;
mod rules;
mod screen;
mod stops;
mod tally;
mod thumb;

use check_in::Questions;
use estimate::Estimate;
use permission::Permission;
use repeats::{Kind, Repeats};
use rules::refuse;
use screen::Screen;
pub use stops::Weight;
use tally::Tally;

use crate::cue::{Both, Lane, Role};
use crate::entry::{Entry, Timer, What};
use crate::ids::Id;
use crate::message::{ErrorCode, StopNotice};
use crate::state::{Ended, LinkStatus, Name, Options, Phase, State};
use crate::time::Millis;

/// What a step asks the driver of the machine to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this stop to both devices, before everything else.
    Stop(StopNotice),
    /// Send the changed state to these devices.
    Publish {
        /// The devices.
        to: Audience,
        /// Whether the frame may wait until the device has received the one before it.
        lane: Lane,
    },
    /// Send the state to this device again: it seems not to know it.
    Again(Role),
    /// The entry was refused.
    Refuse {
        /// The role to tell.
        role: Role,
        /// The reason.
        code: ErrorCode,
        /// The id of the refused entry.
        id: Id,
    },
}

/// The devices that a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Both devices.
    Both,
    /// Only this role. The other device already knows.
    Only(Role),
}

impl Audience {
    /// Whether it includes `role`.
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
    /// The newest time it has seen. Time never runs backwards here.
    now: Millis,
    seq: u64,
    peers: Both<LinkStatus>,
    names: Both<Option<Name>>,
    permission: Permission,
    screen: Screen,
    questions: Questions,
    tally: Tally,
    ended: Option<Ended>,
    repeats: Repeats,
}

impl Session {
    /// Opens a session with its first entry. None if that entry is of another kind or has no role.
    #[must_use]
    pub fn open(first: &Entry) -> Option<Self> {
        let What::Opened { options, name, .. } = &first.what else {
            return None;
        };
        let creator = first.by?;
        let options = options.clone().within_bounds();
        let mut peers = Both {
            receiver: LinkStatus::Absent,
            helper: LinkStatus::Absent,
        };
        *peers.of_mut(creator) = LinkStatus::Here;
        let mut names = Both::default();
        *names.of_mut(creator) = name.clone();
        Some(Self {
            opened_at: first.at,
            now: first.at,
            seq: 1,
            peers,
            names,
            permission: Permission::new(first.id, first.at),
            screen: Screen::default(),
            questions: Questions::new(options.check_in_every_s, options.hold_to_consent),
            options,
            tally: Tally::default(),
            ended: None,
            repeats: Repeats::default(),
        })
    }

    /// Takes one entry. The effects must be carried out in their order.
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
                | What::Stops { .. }
                | What::Thumb { .. }
                | What::Shown { .. }
                | What::Acknowledged { .. }
                | What::Confirmed { .. },
                None,
            ) => Vec::new(),
            (
                What::Cue {
                    cue,
                    epoch,
                    tapped_at,
                    uncertainty_ms,
                },
                Some(by),
            ) => {
                let tap = Estimate::of(*tapped_at, *uncertainty_ms);
                let tap = tap.map(|tap| tap.before(self.now));
                self.cue(id, by, *cue, *epoch, tap)
            }
            (
                What::Stops {
                    count,
                    since,
                    tapped_at,
                    uncertainty_ms,
                    ..
                },
                Some(by),
            ) => {
                let newest = Estimate::of(*tapped_at, *uncertainty_ms);
                let newest = newest.map(|tap| tap.before(self.now));
                self.stops(entry, by, *count, *since, newest)
            }
            (
                What::Thumb {
                    down,
                    epoch,
                    lifts,
                    tapped_at,
                    uncertainty_ms,
                },
                Some(by),
            ) => {
                if *down {
                    self.thumb_down(id, by, *epoch)
                } else {
                    let tap = Estimate::of(*tapped_at, *uncertainty_ms);
                    let tap = tap.map(|tap| tap.before(self.now));
                    self.thumb_lifted(id, by, *lifts, tap)
                }
            }
            (What::Joined { name, .. }, Some(by)) => self.joined(id, by, name.as_ref()),
            (What::Connected { .. }, Some(by)) => self.connected(id, by),
            (What::Link { status }, Some(by)) => self.link(id, by, *status),
            (What::Restarted, _) => self.restarted(id),
            (What::Noted { .. }, Some(by)) if self.ended.is_none() => {
                refuse(by, ErrorCode::NotAllowed, id)
            }
            (What::Noted { .. }, _) => Vec::new(),
            // After the end, only a stop that is not acknowledged can be answered.
            (What::Shown { .. } | What::Acknowledged { .. }, Some(by))
                if self.ended.is_some() && self.permission.open_stop().is_none() =>
            {
                refuse(by, ErrorCode::Ended, id)
            }
            (What::Confirmed { .. } | What::Ended, Some(by)) if self.ended.is_some() => {
                refuse(by, ErrorCode::Ended, id)
            }
            (
                What::Shown {
                    of,
                    painted_at,
                    uncertainty_ms,
                },
                Some(by),
            ) => self.shown(by, *of, Estimate::of(*painted_at, *uncertainty_ms)),
            (What::Acknowledged { of }, Some(by)) => self.acknowledged(id, by, *of),
            (What::Confirmed { item, value }, Some(by)) => self.confirmed(id, by, *item, *value),
            (What::Due { timer }, _) => self.due(id, *timer),
            // A session ends once. A second end changes nothing.
            (What::Ended, None) if self.ended.is_some() => Vec::new(),
            (What::Ended, by) => self.end(by),
        }
    }

    /// When the session needs its next [`What::Due`], and for which timer.
    #[must_use]
    pub fn deadline(&self) -> Option<(Millis, Timer)> {
        if self.phase() == Phase::Live {
            return self.questions.deadline();
        }
        let (at, role) = self.permission.deadline()?;
        let timer = match role {
            Role::Receiver => Timer::ReceiverReadyExpired,
            Role::Helper => Timer::HelperReadyExpired,
        };
        Some((at, timer))
    }

    /// The phase of the session.
    #[must_use]
    pub fn phase(&self) -> Phase {
        if self.ended.is_some() {
            Phase::Ended
        } else if self.permission.is_live() {
            Phase::Live
        } else if self.is_alone() {
            Phase::Waiting
        } else {
            Phase::Held
        }
    }

    /// Whether this id is one of the newest remembered, as a stop or a lifted thumb.
    #[must_use]
    pub fn has_stopped_by(&self, id: Id) -> bool {
        self.repeats.is_stop(id)
    }

    /// Whether this stop holds the session and is not acknowledged.
    #[must_use]
    pub fn is_open_stop(&self, id: Id) -> bool {
        self.permission
            .open_stop()
            .is_some_and(|hold| hold.id == id)
    }

    /// Whether this stop or lifted thumb has the id of another one and needs a new id. `newest` is whether it
    /// came over its device's newest connection. No device repeats its own stop after it has said ready.
    #[must_use]
    pub fn has_id_of_another_stop(&self, entry: &Entry, newest: bool) -> bool {
        let (Some(by), id) = (entry.by, entry.id) else {
            return false;
        };
        let thumb = matches!(entry.what, What::Thumb { .. });
        let kind = if thumb { Kind::Lifted } else { Kind::Stop };
        let own = self.repeats.contains(by, id, kind);
        let again = own && !(newest && self.has_gone_on(by));
        self.has_stopped_by(id) && !again
    }

    /// Whether `by` agrees to go on: the session is live, or the ready or thumb of `by` still counts.
    fn has_gone_on(&self, by: Role) -> bool {
        let thumb = by == Role::Receiver && self.permission.thumb();
        self.phase() == Phase::Live || thumb || *self.permission.ready().of(by)
    }

    /// The number of changes so far.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The epoch of the newest hold.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.permission.epoch()
    }

    /// The status of a device's link, as the session knows it.
    #[must_use]
    pub fn peer(&self, role: Role) -> LinkStatus {
        *self.peers.of(role)
    }

    /// Whether one role has never joined.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        Role::BOTH
            .iter()
            .any(|role| *self.peers.of(*role) == LinkStatus::Absent)
    }

    /// When it ended; none before the end.
    #[must_use]
    pub fn ended_at(&self) -> Option<Millis> {
        self.ended.as_ref().map(|ended| ended.at)
    }

    /// Whether there is a stop that is not acknowledged.
    #[must_use]
    pub fn has_open_stop(&self) -> bool {
        self.permission.open_stop().is_some()
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

    /// The newest time it has seen.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The whole state, as devices receive it.
    #[must_use]
    pub fn state(&self) -> State {
        let phase = self.phase();
        State {
            seq: self.seq,
            epoch: self.epoch(),
            phase,
            hold: match phase {
                Phase::Held => self.permission.current().cloned(),
                Phase::Waiting | Phase::Ended => self.permission.open_stop().cloned(),
                Phase::Live => None,
            },
            ready: self.permission.ready(),
            ready_expired: self.permission.ready_expired(),
            thumb: self.permission.thumb(),
            peers: self.peers,
            names: self.names.clone(),
            rehearsed: self.permission.rehearsed(),
            confirmed: self.permission.confirmed(),
            cue: self.screen.newest().cloned(),
            earlier: self.screen.earlier(self.now),
            check_in: self.questions.open().cloned(),
            still_holding: self.questions.still_holding(),
            live_since: self.permission.live_since(),
            ended: self.ended.clone(),
        }
    }
}
