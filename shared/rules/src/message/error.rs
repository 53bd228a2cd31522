//! Why a message was refused, in codes for programs and words for people.

use serde::{Deserialize, Serialize};

use super::{Flaw, ToDevice};
use crate::cue::Role;
use crate::ids::Id;

/// Why a message was refused. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not a message of this protocol, or not allowed at this moment.
    BadMessage,
    /// A wrong, used or expired code. The answer is the same for all three.
    UnknownCode,
    /// Both roles are filled.
    Taken,
    /// The token is not valid.
    BadToken,
    /// This role may not send this, or not now.
    NotAllowed,
    /// Refused while held.
    Held,
    /// From an epoch before the last hold.
    Stale,
    /// Faster than a person can tap on purpose.
    TooFast,
    /// Over the frame limit.
    TooLarge,
    /// The journal cannot record at present. A stop still passes.
    Unavailable,
    /// The session's record is nearly full. The relay ends the session when it is full.
    NearlyFull,
    /// Another device took this role with the same token.
    Superseded,
    /// The session is over.
    Ended,
    /// The session was deleted by one of the two, or its retention expired.
    Deleted,
    /// The relay is shutting down.
    ShuttingDown,
}

/// The message for a device whose address opened or tried too many sessions before it was admitted.
pub const TOO_MANY_TRIES: &str = "Too many tries from this network. Wait a minute, then try again. Sessions in progress are not affected.";

impl ErrorCode {
    /// Every code.
    pub const ALL: [ErrorCode; 15] = [
        ErrorCode::BadMessage,
        ErrorCode::UnknownCode,
        ErrorCode::Taken,
        ErrorCode::BadToken,
        ErrorCode::NotAllowed,
        ErrorCode::Held,
        ErrorCode::Stale,
        ErrorCode::TooFast,
        ErrorCode::TooLarge,
        ErrorCode::Unavailable,
        ErrorCode::NearlyFull,
        ErrorCode::Superseded,
        ErrorCode::Ended,
        ErrorCode::Deleted,
        ErrorCode::ShuttingDown,
    ];

    /// What happened and what to do, in words for a person.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            ErrorCode::BadMessage => "Something went wrong. Reload the page, or update the app.",
            ErrorCode::UnknownCode => {
                "That code doesn’t match a waiting session. Check it with the other person. If it is older than five minutes or was already used, ask for a new one."
            }
            ErrorCode::Taken => {
                "This session already has two devices. If one of them should be yours, open Tapcue again on the device you paired."
            }
            ErrorCode::BadToken => {
                "This device is no longer part of that session. Start or join another one."
            }
            ErrorCode::NotAllowed => "This device can’t do that in this session now.",
            ErrorCode::Held => "Paused: hands off. First both say ready, then more pressure.",
            ErrorCode::Stale => {
                "Not shown, because you tapped it before the last stop or pause. Tap again if you still mean it."
            }
            ErrorCode::TooFast => {
                "Too many taps at once, so this one was not shown. Stop always works."
            }
            ErrorCode::TooLarge => "This message is too long for the server.",
            ErrorCode::Unavailable => "Not recording right now. Stop still works. Keep talking.",
            ErrorCode::NearlyFull => {
                "This session’s record is nearly full, and the server ends it when it is. End it soon \
                 and start a new one."
            }
            ErrorCode::Superseded => {
                "This role is now on another device or tab. Use that one, or reload here to take \
                 it back."
            }
            ErrorCode::Ended => "This session has ended. Start a new one to continue.",
            ErrorCode::Deleted => {
                "This session was deleted, and nothing of it is kept. Start a new one to go on."
            }
            ErrorCode::ShuttingDown => {
                "The server is restarting. Hands off. This device reconnects by itself."
            }
        }
    }

    /// Whether a `join` that was refused with this had a bad code or link.
    #[must_use]
    pub const fn is_about_the_code(self) -> bool {
        matches!(
            self,
            ErrorCode::UnknownCode | ErrorCode::Taken | ErrorCode::BadMessage
        )
    }

    /// The error frame for a deleted session: who deleted it, or none if its retention expired.
    #[must_use]
    pub fn deleted(by: Option<Role>) -> ToDevice {
        ToDevice::Error {
            code: ErrorCode::Deleted,
            message: match by {
                Some(Role::Receiver) => "The receiver deleted this session. Nothing of it is kept.",
                Some(Role::Helper) => "The helper deleted this session. Nothing of it is kept.",
                None => "This session's time was up: it was deleted, and nothing of it is kept.",
            }
            .into(),
            id: None,
            by,
            field: None,
            fatal: true,
        }
    }

    /// The error frame with the default message of this code.
    #[must_use]
    pub fn to_device(self, id: Option<Id>, fatal: bool) -> ToDevice {
        // Before a session this is about joining, not about taps.
        let message = if fatal && self == ErrorCode::TooFast {
            TOO_MANY_TRIES
        } else {
            self.message()
        };
        ToDevice::Error {
            code: self,
            message: message.into(),
            id,
            by: None,
            field: None,
            fatal,
        }
    }

    /// The error frame for a refused hello, with the invalid field if it is known.
    #[must_use]
    pub fn refused(self, field: Option<&str>) -> ToDevice {
        let mut refusal = self.to_device(None, true);
        if let (
            ToDevice::Error {
                message, field: of, ..
            },
            Some(name),
        ) = (&mut refusal, field)
        {
            *of = Some(name.into());
            if self == ErrorCode::BadMessage {
                *message = help(name).into();
            }
        }
        refusal
    }

    /// The error frame for a stop that was taken although it was malformed. `id` is the one that the relay
    /// made for it.
    #[must_use]
    pub fn flawed_stop(flaw: Flaw, id: Id) -> ToDevice {
        let (field, id, what) = match flaw {
            Flaw::Id => (
                Some("id"),
                Some(id),
                "has no good id, so the relay made one",
            ),
            Flaw::UsedId => (
                Some("id"),
                Some(id),
                "has the id of an earlier stop, so the relay made one",
            ),
            Flaw::Field(field) => (Some(field), None, "has a bad field, which was dropped"),
            Flaw::Form => (None, None, "is not written as the protocol has it"),
        };
        ToDevice::Error {
            code: ErrorCode::BadMessage,
            message: format!("Stop was taken. Its message {what}. Update the app."),
            id,
            by: None,
            field: field.map(Into::into),
            fatal: false,
        }
    }
}

/// What to do about an invalid field of a hello.
fn help(field: &str) -> &'static str {
    match field {
        "name" => "A name has 1 to 40 characters. Shorten it, or leave it out.",
        "code" | "secret" => {
            "A code or an invitation link is needed to join. Ask the other person for it."
        }
        "role" => "The role is receiver or helper. Choose one of them.",
        "options.keep" => {
            "A session is kept for 1 to 365 days, written as 30d, or none. Choose again."
        }
        "options.check_in_every_s" => {
            "The time between questions is a number of seconds, or 0 for none. Choose again."
        }
        _ => {
            "The relay did not understand a part of this device's hello. Reload the page, or update the app."
        }
    }
}
