//! What a device knows at one moment, as its screen or script gets it.

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

/// How many notices are kept. When full the oldest goes: nobody reads that far back.
pub const NOTICES_AT_MOST: usize = 16;

/// What a device knows at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// When, on the device's clock.
    pub at: Millis,
    /// What may be shown.
    pub view: View,
    /// The newest state.
    pub state: Option<Arc<State>>,
    /// The relay's first answer on the newest connection.
    pub welcome: Option<Arc<Welcome>>,
    /// How the other device gets in, while nobody has joined.
    pub pairing: Option<Arc<Pairing>>,
    /// The newest moment of the device's clock from which the relay has proven to be there: its
    /// welcome, or the sending of the newest beat it answered.
    pub last_word: Millis,
    /// What to add to the device's clock to have the relay's, in milliseconds.
    pub relay_ahead_ms: Option<i64>,
    /// What was refused or went wrong, the newest last.
    pub notices: VecDeque<Notice>,
    /// How often this device has been told to say "stop" aloud.
    pub shouts: u64,
}

/// Something a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Counts up from 1, to tell a new one from one that was read.
    pub n: u64,
    /// When, on the device's clock.
    pub at: Millis,
    /// What.
    pub what: What,
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The relay refused something.
    Refused {
        /// Why, as one of a closed list.
        code: ErrorCode,
        /// Why, for a person.
        message: String,
        /// What.
        id: Option<Id>,
        /// Of a session that was deleted: who did it; none if its time was up.
        by: Option<Role>,
        /// Whether the connection ends with it.
        fatal: bool,
    },
    /// An act came too soon after what it answers was painted, and did nothing.
    TooSoon,
    /// There is no connection to the relay.
    Unreachable {
        /// Why.
        why: ConnectError,
    },
}

impl Snapshot {
    /// What a device knows before anything happened.
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

    /// Why there is no connection, if another try would come to the same.
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

    /// Where the session stands, as far as this device knows.
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

    /// The relay's clock at `now` of the device's.
    #[must_use]
    pub fn relay_now(&self, now: Millis) -> Option<Millis> {
        let ahead = self.relay_ahead_ms?;
        Some(Millis(now.0.saturating_add_signed(ahead)))
    }

    /// Whether go may be shown at `now`. Safety Invariant: never longer than the link timeout after
    /// the relay's last word, even if whoever should have made a newer snapshot is stuck.
    #[must_use]
    pub fn go(&self, now: Millis) -> bool {
        let fresh = self.welcome.as_ref().is_some_and(|welcome| {
            now.since(self.last_word) < u64::from(welcome.limits.lost_after_ms)
        });
        self.view.go && fresh
    }

    /// The device's link at `now`, by the same rule.
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

    /// That the session was deleted, and by whom, in the relay's words; none if it was not.
    #[must_use]
    pub fn deleted(&self) -> Option<&str> {
        self.deletion().and_then(|what| match what {
            What::Refused { message, .. } => Some(message.as_str()),
            What::Unreachable { .. } | What::TooSoon => None,
        })
    }

    /// The refusal that said so.
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

    /// Adds a notice; the oldest goes when there are too many.
    pub(crate) fn notice(&mut self, at: Millis, what: What) {
        let n = self.notices.back().map_or(1, |newest| newest.n + 1);
        if self.notices.len() == NOTICES_AT_MOST {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice { n, at, what });
    }
}

impl Words {
    /// What a notice says.
    pub(crate) fn notice(&self, what: &What, me: Option<Role>) -> Cow<'static, str> {
        match what {
            What::Refused { .. } => self.refusal(what, me).unwrap_or_default().into(),
            What::TooSoon => self.errors.once_more.into(),
            What::Unreachable { why } => self.connect_error(why).into(),
        }
    }

    /// What a notice says that is a refusal of the relay's.
    pub(crate) fn refusal(&self, what: &What, me: Option<Role>) -> Option<&'static str> {
        match what {
            What::Refused { message, .. } if message == TOO_SOON => Some(self.errors.too_soon),
            What::Refused { code, by, .. } => Some(self.error(*code, *by, me)),
            What::Unreachable { .. } | What::TooSoon => None,
        }
    }
}
