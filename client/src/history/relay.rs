//! Requests to a relay about a session, and the reasons for failure, in words that tell what to do.

use hyper::Method;
use serde::Deserialize;
use serde_json::json;
use tapcue_rules::cue::Role;
use tapcue_rules::limits::NOTE_CHARS;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::time::Millis;
use tapcue_transcript::PublicKey;

use super::http::{Answer, Ask, ask};
use super::{Failure, ago};
use crate::cli::Cli;
use crate::device::credentials::Place;
use crate::exit::Exit;
use crate::relay::address::{AddressError, RelayAddress};
use crate::relay::clock;
use crate::relay::error::ConnectError;
use crate::relay::tls::Trust;
use crate::words::{Past, Words, say};

/// A place in a session, and the relay to ask about it.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    pub(super) place: Place,
    relay: RelayAddress,
    trust: Trust,
    words: &'static Words,
}

/// Why a relay did not carry out a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no answer.
    ConnectError(ConnectError),
    /// The token is not valid.
    BadToken,
    /// The session was deleted, by this role, or by none if its retention expired.
    Deleted { by: Option<Role>, at: Millis },
    /// A note was sent before the end.
    NotOver,
    /// A stop of the session is not acknowledged, so the session is not deleted yet.
    OpenStop,
    /// The note is empty or too long.
    BadNote,
    /// The relay's journal cannot read or write.
    Unavailable,
    /// Too many requests from this address.
    TooFast,
    /// Any other answer.
    Odd { status: u16 },
}

impl Remote {
    /// The relay of a place, or another that was given.
    pub(super) fn of(place: Place, cli: &Cli) -> Result<Self, Failure> {
        let trust = cli.trust(Some(&place));
        let relay = match &cli.relay {
            Some(relay) => relay.clone(),
            None => place.relay.parse().map_err(|error: AddressError| {
                let words = Words::of(cli.language());
                let why = words.address(error);
                let text = say(words.past.relay_not_known, &[("error", &why)]);
                Failure::new(Exit::Failed, text)
            })?,
        };
        Ok(Self {
            place,
            relay,
            trust,
            words: Words::of(cli.language()),
        })
    }

    pub(super) fn relay(&self) -> &RelayAddress {
        &self.relay
    }

    /// The transcript in JSON, with what this place may read.
    pub(super) async fn transcript(&self) -> Result<String, Trouble> {
        let answer = self.ask(Method::GET, "/transcript", None).await?;
        match answer.status {
            200 => String::from_utf8(answer.body.into()).map_err(|_| Trouble::Odd { status: 200 }),
            _ => Err(trouble(&answer)),
        }
    }

    /// Deletes the session for both people.
    pub(super) async fn delete(&self) -> Result<(), Trouble> {
        let answer = self.ask(Method::DELETE, "", None).await?;
        match answer.status {
            204 => Ok(()),
            _ => Err(trouble(&answer)),
        }
    }

    /// Adds a note.
    pub(super) async fn note(
        &self,
        text: &str,
        shared: bool,
        about: Option<u64>,
    ) -> Result<(), Trouble> {
        let note = json!({"text": text, "shared": shared, "about": about});
        let body = Some(note.to_string());
        let answer = self.ask(Method::POST, "/notes", body).await?;
        match answer.status {
            201 => Ok(()),
            _ => Err(trouble(&answer)),
        }
    }

    async fn ask(
        &self,
        method: Method,
        below: &str,
        body: Option<String>,
    ) -> Result<Answer, Trouble> {
        let ask = Ask {
            method,
            path: format!("/api/v1/sessions/{}{below}", self.place.session),
            token: Some(&self.place.token),
            body,
        };
        Ok(self::ask(&self.relay, &self.trust, ask).await?)
    }

    /// A failure for this place, in words.
    pub(super) fn failure(&self, trouble: &Trouble) -> Failure {
        let text = trouble.words(self.words, &self.relay, Some(self.place.role));
        Failure::new(trouble.exit(), text)
    }
}

/// The key with which a relay seals.
pub(super) async fn key(relay: &RelayAddress, trust: &Trust) -> Result<PublicKey, Trouble> {
    #[derive(Deserialize)]
    struct Key {
        public_key: PublicKey,
    }
    let request = Ask {
        method: Method::GET,
        path: "/api/v1/key".into(),
        token: None,
        body: None,
    };
    let answer = ask(relay, trust, request).await?;
    let key = serde_json::from_slice::<Key>(&answer.body).ok();
    match (answer.status, key) {
        (200, Some(key)) => Ok(key.public_key),
        _ => Err(trouble(&answer)),
    }
}

impl From<ConnectError> for Trouble {
    fn from(why: ConnectError) -> Self {
        Trouble::ConnectError(why)
    }
}

fn trouble(answer: &Answer) -> Trouble {
    #[derive(Deserialize)]
    struct Gone {
        by: Option<Role>,
        at: Millis,
    }
    let odd = Trouble::Odd {
        status: answer.status,
    };
    match answer.status {
        300..=399 => Trouble::ConnectError(ConnectError::HttpsOnly),
        401 => Trouble::BadToken,
        409 if code(&answer.body) == Some(ErrorCode::Held) => Trouble::OpenStop,
        409 => Trouble::NotOver,
        410 => match serde_json::from_slice(&answer.body) {
            Ok(Gone { by, at }) => Trouble::Deleted { by, at },
            Err(_) => odd,
        },
        422 => Trouble::BadNote,
        429 => Trouble::TooFast,
        503 => Trouble::Unavailable,
        _ => odd,
    }
}

/// The relay's error code, if it gave one.
fn code(body: &[u8]) -> Option<ErrorCode> {
    #[derive(Deserialize)]
    struct Reason {
        code: ErrorCode,
    }
    let reason = serde_json::from_slice::<Reason>(body).ok();
    reason.map(|reason| reason.code)
}

impl Trouble {
    /// What happened and what to do, for the person in this role.
    pub(super) fn words(&self, all: &Words, relay: &RelayAddress, me: Option<Role>) -> String {
        let words = &all.past;
        let at = |text| say(text, &[("relay", relay)]);
        match self {
            Trouble::ConnectError(why) => {
                let text = if why.is_lasting() {
                    words.connect_error
                } else {
                    words.no_relay
                };
                say(
                    text,
                    &[("relay", relay), ("reason", &all.connect_error(why))],
                )
            }
            Trouble::BadToken => at(words.bad_token),
            Trouble::Deleted { by, at } => deleted(words, *by, *at, me),
            Trouble::NotOver => words.not_over.into(),
            Trouble::OpenStop => words.open_stop.into(),
            Trouble::BadNote => say(words.bad_note, &[("n", &NOTE_CHARS)]),
            Trouble::Unavailable => at(words.unavailable),
            Trouble::TooFast => at(words.too_fast),
            Trouble::Odd { status } => say(words.odd, &[("relay", relay), ("status", status)]),
        }
    }

    pub(super) const fn exit(&self) -> Exit {
        match self {
            Trouble::ConnectError(_)
            | Trouble::Unavailable
            | Trouble::TooFast
            | Trouble::Odd { .. } => Exit::Failed,
            Trouble::BadToken | Trouble::NotOver | Trouble::OpenStop | Trouble::BadNote => {
                Exit::Refused
            }
            Trouble::Deleted { .. } => Exit::Deleted,
        }
    }
}

/// Who deleted a session, and when, addressed to `me`.
pub(super) fn deleted(words: &Past, by: Option<Role>, at: Millis, me: Option<Role>) -> String {
    let text = match by {
        Some(_) if by == me => words.deleted_by_you,
        Some(Role::Receiver) => words.deleted_by_receiver,
        Some(Role::Helper) => words.deleted_by_helper,
        None => words.time_was_up,
    };
    let when = ago::words(words, clock::wall().since(at));
    say(text, &[("when", &when)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status,
            body: body.into(),
        }
    }

    #[test]
    fn every_refusal_has_its_words_and_its_exit_code() {
        let relay: RelayAddress = "localhost:9".parse().unwrap();
        for (status, body, exit, says) in [
            (401, "{}", Exit::Refused, "--only-here"),
            (409, "{}", Exit::Refused, "after it ends"),
            (
                409,
                r#"{"code":"held"}"#,
                Exit::Refused,
                "nothing was deleted",
            ),
            (422, "{}", Exit::Refused, "2000 characters"),
            (308, "", Exit::Failed, "https://"),
            (429, "{}", Exit::Failed, "Too many requests"),
            (503, "{}", Exit::Failed, "Try again"),
            (404, "<html>", Exit::Failed, "status 404"),
            (410, "{}", Exit::Failed, "status 410"),
            (
                410,
                r#"{"by":"helper","at":5}"#,
                Exit::Deleted,
                "The helper deleted",
            ),
            (
                410,
                r#"{"by":"receiver","at":5}"#,
                Exit::Deleted,
                "You deleted",
            ),
            (
                410,
                r#"{"by":null,"at":5}"#,
                Exit::Deleted,
                "expired and was deleted",
            ),
        ] {
            let trouble = trouble(&answer(status, body));
            let english = crate::words::Words::of(tapcue_rules::language::Language::En);
            let words = trouble.words(english, &relay, Some(Role::Receiver));
            assert_eq!(trouble.exit(), exit, "{status} {body}");
            assert!(words.contains(says), "{status}: {words}");
        }
    }
}
