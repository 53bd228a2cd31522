//! The state of a device at one moment, for its screen or script.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use tapcue_rules::cue::Role;
use tapcue_rules::ids::Id;
use tapcue_rules::link::{DeviceLink, View};
use tapcue_rules::message::{ErrorCode, Pairing, Welcome};
use tapcue_rules::state::{LinkStatus, Phase, State};
use tapcue_rules::time::Millis;

use crate::device::driver::TOO_SOON;
use crate::relay::error::ConnectError;
use crate::words::Words;

/// How many notices are kept. When there are more, the oldest is dropped; a person does not read that far
/// back.
pub const NOTICES_AT_MOST: usize = 16;

/// The state of a device at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The time, on the device's clock.
    pub at: Millis,
    /// What may be shown.
    pub view: View,
    /// The newest state.
    pub state: Option<Arc<State>>,
    /// The relay's first answer on the newest connection.
    pub welcome: Option<Arc<Welcome>>,
    /// How the other device joins, until it has joined.
    pub pairing: Option<Arc<Pairing>>,
    /// The newest time on the device's clock at which the relay is known to have been there: its welcome, or
    /// when the newest answered heartbeat was sent.
    pub last_word: Millis,
    /// The relay's clock minus the device's clock, in milliseconds.
    pub relay_ahead_ms: Option<i64>,
    /// Refusals and errors, newest last.
    pub notices: VecDeque<Notice>,
    /// How often this device was told to say "stop" aloud.
    pub shouts: u64,
}

/// A notice for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Counts up from 1, to tell a new notice from one that was read.
    pub n: u64,
    /// The time, on the device's clock.
    pub at: Millis,
    /// The content.
    pub what: What,
}

/// The content of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The relay refused a message.
    Refused {
        /// The reason, from a closed list.
        code: ErrorCode,
        /// The reason, for a person.
        message: String,
        /// The id of the refused message.
        id: Option<Id>,
        /// For a deleted session, who deleted it; none if its retention expired.
        by: Option<Role>,
        /// Whether this ends the connection.
        fatal: bool,
    },
    /// An action came too soon after its target was painted, and had no effect.
    TooSoon,
    /// There is no connection to the relay.
    Unreachable {
        /// The reason.
        why: ConnectError,
    },
}

impl Snapshot {
    /// The snapshot of a device before its first event.
    #[must_use]
    pub fn new(view: View) -> Self {
        Self {
            at: Millis(0),
            view,
            state: None,
            welcome: None,
            pairing: None,
            last_word: Millis(0),
            relay_ahead_ms: None,
            notices: VecDeque::new(),
            shouts: 0,
        }
    }

    /// Why there is no connection, if a retry would give the same result.
    #[must_use]
    pub fn lasting(&self) -> Option<&ConnectError> {
        match &self.notices.back()?.what {
            What::Unreachable { why } => why.is_lasting().then_some(why),
            What::Refused { .. } | What::TooSoon => None,
        }
    }

    /// This device's role, once it has one.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.welcome.as_ref().map(|welcome| welcome.role)
    }

    /// The phase of the session, as far as this device knows.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.state.as_ref().map(|state| state.phase)
    }

    /// Whether both roles are taken.
    #[must_use]
    pub fn is_paired(&self) -> bool {
        let taken = |state: &Arc<State>| {
            let taken = |role| *state.peers.of(role) != LinkStatus::Absent;
            Role::BOTH.into_iter().all(taken)
        };
        self.state.as_ref().is_some_and(taken)
    }

    /// The relay's clock when the device's clock is at `now`.
    #[must_use]
    pub fn relay_now(&self, now: Millis) -> Option<Millis> {
        let ahead = self.relay_ahead_ms?;
        Some(Millis(now.0.saturating_add_signed(ahead)))
    }

    /// Whether go may be shown at `now`. Safety Invariant: at most for the link timeout after the relay was
    /// last known to be there, even if the task that makes snapshots is stuck.
    #[must_use]
    pub fn go(&self, now: Millis) -> bool {
        let fresh = self.welcome.as_ref().is_some_and(|welcome| {
            now.since(self.last_word) < u64::from(welcome.limits.lost_after_ms)
        });
        self.view.go && fresh
    }

    /// The device's link at `now`, with the same limit.
    #[must_use]
    pub fn link(&self, now: Millis) -> DeviceLink {
        let lost_after = self
            .welcome
            .as_ref()
            .map(|welcome| u64::from(welcome.limits.lost_after_ms));
        match self.view.link {
            DeviceLink::Here | DeviceLink::Late
                if lost_after.is_some_and(|limit| now.since(self.last_word) >= limit) =>
            {
                DeviceLink::Lost
            }
            DeviceLink::Connecting
            | DeviceLink::Here
            | DeviceLink::Late
            | DeviceLink::Lost
            | DeviceLink::Superseded
            | DeviceLink::Refused
            | DeviceLink::Over => self.view.link,
        }
    }

    /// The relay's text that the session was deleted, and by whom. None if it was not.
    #[must_use]
    pub fn deleted(&self) -> Option<&str> {
        self.deletion().and_then(|what| match what {
            What::Refused { message, .. } => Some(message.as_str()),
            What::Unreachable { .. } | What::TooSoon => None,
        })
    }

    /// The refusal that reports the deletion.
    pub(crate) fn deletion(&self) -> Option<&What> {
        let is_one = |what: &&What| {
            matches!(
                what,
                What::Refused {
                    code: ErrorCode::Deleted,
                    ..
                }
            )
        };
        self.notices.iter().rev().map(|n| &n.what).find(is_one)
    }

    /// Adds a notice, and drops the oldest if there are too many.
    pub(crate) fn notice(&mut self, at: Millis, what: What) {
        let n = self.notices.back().map_or(1, |newest| newest.n + 1);
        if self.notices.len() == NOTICES_AT_MOST {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice { n, at, what });
    }
}

impl Words {
    /// The text of a notice.
    pub(crate) fn notice(&self, what: &What, me: Option<Role>) -> Cow<'static, str> {
        match what {
            What::Refused { .. } => self.refusal(what, me).unwrap_or_default().into(),
            What::TooSoon => self.errors.once_more.into(),
            What::Unreachable { why } => self.connect_error(why).into(),
        }
    }

    /// The text of a notice that is a refusal of the relay.
    pub(crate) fn refusal(&self, what: &What, me: Option<Role>) -> Option<&'static str> {
        match what {
            What::Refused { message, .. } if message == TOO_SOON => Some(self.errors.too_soon),
            What::Refused { code, by, .. } => Some(self.error(*code, *by, me)),
            What::Unreachable { .. } | What::TooSoon => None,
        }
    }
}
