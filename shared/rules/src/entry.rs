//! What a journal records: everything that happened in a session, in order. A session is the fold over its
//! entries.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::cue::{Cue, Role};
use crate::ids::Id;
use crate::message::{ConfirmItem, ToRelay};
use crate::state::{LinkStatus, Name, Options};
use crate::time::Millis;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// For a cue, the id that its device gave it; otherwise an id that the relay made. Two entries with the
    /// same id are the same event.
    pub id: Id,
    /// When the relay received it.
    pub at: Millis,
    /// Who did it; none for the relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Role>,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A person opened the session. Always the first entry.
    Opened {
        /// The options of the session.
        options: Options,
        /// The creator's name.
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
        /// The name of the person who joined.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
        /// Their client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// A device reconnected to its role, or took it over from an older connection.
    Connected {
        /// The client of the new connection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// A device's link changed.
    Link {
        /// The new status.
        status: LinkStatus,
    },
    /// A cue arrived, whether or not it was accepted.
    Cue {
        /// The cue.
        cue: Cue,
        /// The epoch that the sender saw.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u64>,
        /// When it was tapped, as its device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// Further stops of one person in a hold whose stop is not acknowledged. They came too fast to be
    /// recorded one by one. The entry has the id and the time of the newest.
    Stops {
        /// The number of stops.
        count: u32,
        /// When the relay received the first of them.
        since: Millis,
        /// The ids of the stops before the newest, oldest first. With the entry's own id there are at most as
        /// many as a device sends again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        earlier: Vec<Id>,
        /// When the newest was tapped, as its device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// The receiver's thumb was put down or lifted.
    Thumb {
        /// Whether it was put down.
        down: bool,
        /// The epoch that the sender saw.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u64>,
        /// For a lifted thumb, the id with which it was put down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lifts: Option<Id>,
        /// When the thumb moved, as its device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tapped_at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// A screen painted something.
    Shown {
        /// The id of what was painted.
        of: Id,
        /// When it was painted, as the device estimates the relay's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        painted_at: Option<Millis>,
        /// The greatest error of that estimate, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncertainty_ms: Option<u64>,
    },
    /// A person acknowledged something.
    Acknowledged {
        /// The id of what was acknowledged.
        of: Id,
    },
    /// A person confirmed something.
    Confirmed {
        /// The item.
        item: ConfirmItem,
        /// The answer.
        value: bool,
    },
    /// One of the session's own timers ran out.
    Due {
        /// The timer.
        timer: Timer,
    },
    /// The relay restored the session from its journal after a restart.
    Restarted,
    /// A note, written after the end.
    Noted {
        /// The text of the note.
        text: String,
        /// Whether the other person may read it.
        shared: bool,
        /// The entry that the note is about, by its index in the session. None means the whole session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<u64>,
        /// For a private note, the salt that hides its text. The other person's transcript has only the hash
        /// of salt and text in its chain. Every note has a fresh random salt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salt: Option<Salt>,
    },
    /// The session ended.
    Ended,
}

/// What a tap or a thumb movement carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Whether it is a stop: the cue, or a lifted thumb.
    pub stops: bool,
    /// The epoch that the sender saw.
    pub epoch: Option<u64>,
    /// When it happened, as its device estimates the relay's clock.
    pub tapped_at: Option<Millis>,
    /// The greatest error of that estimate, in milliseconds.
    pub uncertainty_ms: Option<u64>,
}

impl Entry {
    /// The ids that a device gave to the taps in this entry, oldest first. Empty if the entry is not a tap.
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
    /// What a device's message says happened, and the id that the device gave it. None if the message is not
    /// recorded. A private note comes without its salt.
    #[must_use]
    pub fn of(message: ToRelay) -> Option<(Option<Id>, Self)> {
        Some(match message {
            ToRelay::Cue {
                id,
                cue,
                epoch,
                tapped_at,
                uncertainty_ms,
            } => {
                let what = What::Cue {
                    cue,
                    // A stop counts in every epoch.
                    epoch: epoch.filter(|_| cue != Cue::Stop),
                    tapped_at,
                    uncertainty_ms,
                };
                (Some(id), what)
            }
            ToRelay::Thumb {
                id,
                down,
                epoch,
                lifts,
                tapped_at,
                uncertainty_ms,
            } => {
                let what = What::Thumb {
                    down,
                    epoch: epoch.filter(|_| down),
                    lifts,
                    tapped_at,
                    uncertainty_ms,
                };
                (Some(id), what)
            }
            ToRelay::Shown {
                id,
                at,
                uncertainty_ms,
            } => {
                let what = What::Shown {
                    of: id,
                    painted_at: at,
                    uncertainty_ms,
                };
                (None, what)
            }
            ToRelay::Acknowledge { id } => (None, What::Acknowledged { of: id }),
            ToRelay::Confirm { item, value } => (None, What::Confirmed { item, value }),
            ToRelay::Note { text, shared } => {
                let what = What::Noted {
                    text,
                    shared,
                    about: None,
                    salt: None,
                };
                (None, what)
            }
            ToRelay::End => (None, What::Ended),
            ToRelay::Create { .. }
            | ToRelay::Join { .. }
            | ToRelay::Resume { .. }
            | ToRelay::Away
            | ToRelay::Beat { .. }
            | ToRelay::Received { .. }
            | ToRelay::RenewCode => return None,
        })
    }

    /// Whether the relay may refuse it when its storage is full. What stops, and connections,
    /// link changes, timers, paints, answers and the end, are stepped all the same, and recorded once there is room.
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

    /// The tap that this entry records, if a person made it with a cue or a thumb. Its device made the
    /// entry's id.
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

/// 128 random bits that hide a private note's text from a reader who sees only its hash. As text, 32 hex
/// digits.
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
    /// Ask the receiver, who gave no sign for a while during live.
    CheckIn,
    /// Ask again, because the question is not answered.
    CheckInAgain,
    /// Hold, because the question is still not answered.
    NoAnswer,
    /// Hold to consent: answer the question, because the thumb stayed down for long enough after it.
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
    fn what_stops_or_answers_a_stop_is_never_refused_for_want_of_room() {
        let cue = |cue| What::Cue {
            cue,
            epoch: Some(3),
            tapped_at: None,
            uncertainty_ms: None,
        };
        let thumb = |down| What::Thumb {
            down,
            lifts: None,
            epoch: Some(3),
            tapped_at: None,
            uncertainty_ms: None,
        };
        let confirmed = |item, value| What::Confirmed { item, value };
        for what in [
            cue(Cue::Stop),
            thumb(false),
            confirmed(ConfirmItem::WarningSigns, true),
            confirmed(ConfirmItem::Cleared, false),
            What::Restarted,
            What::Ended,
        ] {
            assert!(!what.may_be_refused(), "{what:?}");
        }
        for what in [
            cue(Cue::Slower),
            cue(Cue::Ready),
            thumb(true),
            confirmed(ConfirmItem::WarningSigns, false),
            confirmed(ConfirmItem::Cleared, true),
        ] {
            assert!(what.may_be_refused(), "{what:?}");
        }
    }

    #[test]
    fn a_salt_is_not_printed() {
        let salt = Salt([0xab; 16]);
        assert_eq!(format!("{salt:?}"), "Salt(…)");
        assert_eq!(String::from(salt), "ab".repeat(16));
    }
}
