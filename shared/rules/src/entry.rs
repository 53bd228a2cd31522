//! What a journal records: everything that happened in a session, in order. The session is the fold
//! over these.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::cue::{Cue, Role};
use crate::ids::Id;
use crate::message::ConfirmItem;
use crate::state::{LinkStatus, Name, Options};
use crate::time::Millis;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// For a cue, the id its device gave it; otherwise made by the relay. The same id twice is the
    /// same thing.
    pub id: Id,
    /// When the relay had it.
    pub at: Millis,
    /// Who did it; none for the relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Role>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Somebody opened the session. Always the first entry.
    Opened {
        /// What it is to be like.
        options: Options,
        /// What the creator is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// The creator's client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
        /// The relay's version.
        relay: String,
    },
    /// The other person took the other role.
    Joined {
        /// What they are called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// Their client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// A connection came back to a role, or took it from an older one.
    Connected {
        /// Its client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// A device's link changed.
    Link {
        /// To what.
        status: LinkStatus,
    },
    /// A cue arrived, whatever became of it.
    Cue {
        /// Which.
        cue: Cue,
        /// The epoch its sender saw.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u64>,
        /// When it was tapped, as its device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// Further stops of one person in a hold of an unacknowledged stop, which came faster than they are
    /// recorded one by one. The entry has the id and the moment of the newest.
    Stops {
        /// How many.
        count: u32,
        /// When the relay had the first of them.
        since: Millis,
        /// The ids of the newest before it, oldest first: with its own no more than a device sends again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        earlier: Vec<Id>,
        /// When the newest was tapped, as its device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// The receiver's thumb was put down or lifted.
    Thumb {
        /// Which.
        down: bool,
        /// The epoch its sender saw.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u64>,
        /// Of a lifted thumb, the id with which it was put down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lifts: Option<Id>,
        /// When, as its device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// A screen painted something.
    Shown {
        /// What.
        of: Id,
        /// When, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        painted_at: Option<Millis>,
        /// By how much that may be wrong, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// A person acknowledged something.
    Acknowledged {
        /// What.
        of: Id,
    },
    /// A person confirmed something.
    Confirmed {
        /// What.
        item: ConfirmItem,
        /// Yes or no.
        value: bool,
    },
    /// One of the session's own timers ran out.
    Due {
        /// Which.
        timer: Timer,
    },
    /// The relay took the session up from its journal.
    Restarted,
    /// A note after the end.
    Noted {
        /// The words.
        text: String,
        /// Whether the other person may read them.
        shared: bool,
        /// The entry it is about, by its place in the session: a marker. None is about all of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<u64>,
        /// Of a private note: what hides it in the chain of the other person's transcript, where
        /// only the hash of salt and words stands. Fresh chance for every note.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salt: Option<Salt>,
    },
    /// Over.
    Ended,
}

/// What a tap carries, or a thumb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Whether it says stop: the cue, or a lifted thumb.
    pub stops: bool,
    /// The epoch its sender saw.
    pub epoch: Option<u64>,
    /// When, as its device estimates the relay's clock.
    pub tapped_at: Option<Millis>,
    /// By how much that may be wrong, in milliseconds.
    pub uncertainty_ms: Option<u64>,
}

impl Entry {
    /// The ids that a device gave to what this entry records, oldest first; none for what is no tap.
    pub fn taps(&self) -> impl Iterator<Item = Id> {
        let earlier: &[Id] = if let What::Stops { earlier, .. } = &self.what {
            earlier
        } else {
            &[]
        };
        let own = self.what.tap().map(|_| self.id);
        earlier.iter().copied().chain(own)
    }
}

impl What {
    /// Whether it can be refused where there is no room: not what stops, answers a stop or ends, nor who
    /// comes and goes, nor what a screen showed.
    #[must_use]
    pub const fn may_be_refused(&self) -> bool {
        match self {
            What::Cue { cue, .. } => !matches!(cue, Cue::Stop),
            What::Thumb { down, .. } => *down,
            What::Confirmed { item, value } => !matches!(
                (item, value),
                (ConfirmItem::WarningSigns, true) | (ConfirmItem::Cleared, false)
            ),
            What::Noted { .. } => true,
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Stops { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Due { .. }
            | What::Restarted
            | What::Ended => false,
        }
    }

    /// What a person did with a finger, a cue or a thumb: the entry has the id that its device made.
    #[must_use]
    pub const fn tap(&self) -> Option<Tap> {
        let (stops, epoch, tapped_at, uncertainty_ms) = match *self {
            What::Cue {
                cue,
                epoch,
                tapped_at,
                uncertainty_ms,
            } => (matches!(cue, Cue::Stop), epoch, tapped_at, uncertainty_ms),
            What::Thumb {
                down,
                epoch,
                tapped_at,
                uncertainty_ms,
                ..
            } => (!down, epoch, tapped_at, uncertainty_ms),
            What::Stops {
                tapped_at,
                uncertainty_ms,
                ..
            } => (true, None, tapped_at, uncertainty_ms),
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Confirmed { .. }
            | What::Due { .. }
            | What::Restarted
            | What::Noted { .. }
            | What::Ended => return None,
        };
        Some(Tap {
            stops,
            epoch,
            tapped_at,
            uncertainty_ms,
        })
    }
}

/// 128 bits of chance that hide a private note's words from whoever sees only their hash. 32 hex
/// digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Salt(pub [u8; 16]);

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        HEXLOWER.encode(&salt.0)
    }
}

impl TryFrom<String> for Salt {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a salt is 32 hex digits")
    }
}

/// The session's own timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// Live for a while without a sign from the receiver: ask.
    CheckIn,
    /// The question is not answered: ask again.
    CheckInAgain,
    /// The question is still not answered: hold.
    NoAnswer,
    /// Hold to consent: the thumb stayed down for a while under the question, which answers it.
    HeldOn,
    /// The receiver's ready is too old to count.
    ReceiverReadyExpired,
    /// The helper's ready is too old to count.
    HelperReadyExpired,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    #[test]
    fn a_lifted_thumb_is_a_tap_that_stops_and_one_put_down_is_not() {
        let thumb = |down| What::Thumb {
            down,
            lifts: None,
            epoch: Some(3),
            tapped_at: Some(Millis(9)),
            uncertainty_ms: Some(2),
        };
        let stops = |what: What| what.tap().map(|tap| tap.stops);
        assert_eq!(stops(thumb(false)), Some(true));
        assert_eq!(stops(thumb(true)), Some(false));
        assert_eq!(stops(What::Restarted), None);
    }

    #[test]
    fn a_salt_is_not_printed() {
        let salt = Salt([0xab; 16]);
        assert_eq!(format!("{salt:?}"), "Salt(…)");
        assert_eq!(String::from(salt), "ab".repeat(16));
    }
}
