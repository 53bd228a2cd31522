//! Why there is no connection to a relay. It is an enum, so that the device can show it in its language.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tapcue_rules::language::Language;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::tungstenite::http::header::{CONTENT_TYPE, LOCATION};

use crate::words::{Words, fill, say};

/// Why there is no connection. Its `Display` text is in English, for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// This name has no address.
    NoSuchName {
        /// The name.
        host: String,
    },
    /// The machine answers, but no program listens on the port.
    NobodyListens,
    /// The network has no route to it.
    NoRoute,
    /// No answer before the timeout.
    Silent,
    /// The connection broke.
    BrokeOff,
    /// The connection closes at the TLS handshake, as with a relay without TLS or one that is starting.
    HungUpAtTls,
    /// The server that answers is not a relay.
    NotARelay,
    /// Any other error, in the English text of the system or a library.
    Other(String),
    /// No certificate can exist for such a name.
    NoCertificateFor {
        /// The name.
        host: String,
    },
    /// The file with the authority cannot be read.
    AuthorityNotRead {
        /// The file.
        file: PathBuf,
        /// The error text of the system.
        error: String,
    },
    /// The file contains no certificate.
    NoAuthorityIn {
        /// The file.
        file: PathBuf,
    },
    /// The system trusts no authority.
    NoAuthorities,
    /// The server does not use TLS.
    NotHttps {
        /// The relay's address.
        at: String,
    },
    /// The certificate is for other names.
    OtherNames {
        /// The relay's address.
        at: String,
    },
    /// The certificate has expired, or is not valid yet.
    OutOfTime {
        /// The relay's address.
        at: String,
    },
    /// No trusted authority issued the certificate.
    NotVouchedFor {
        /// The relay's address.
        at: String,
        /// Its host and port.
        authority: String,
        /// The only trusted authority, if one was given.
        by: Option<PathBuf>,
    },
    /// TLS failed for another reason.
    NotSecure {
        /// The relay's address.
        at: String,
        /// The error text of the library.
        error: String,
    },
    /// The server accepts https only.
    HttpsOnly,
    /// The server refuses every request from here: a rule of a proxy, or a server that is not the relay.
    Forbidden,
    /// A proxy removes the headers that a WebSocket needs.
    NoWebSocket,
    /// A proxy cannot reach the relay.
    NoRelayBehind {
        /// The status of its answer.
        status: u16,
    },
    /// A web page: the sign-in page of a network, or another server.
    Portal,
}

impl ConnectError {
    /// Whether a retry would give the same result, because the server that answers is not trusted or refuses
    /// this kind of request.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        match self {
            ConnectError::NoSuchName { .. }
            | ConnectError::NobodyListens
            | ConnectError::NoRoute
            | ConnectError::Silent
            | ConnectError::BrokeOff
            | ConnectError::HungUpAtTls
            | ConnectError::NotARelay
            | ConnectError::NoRelayBehind { .. }
            | ConnectError::Other(_) => false,
            ConnectError::NoCertificateFor { .. }
            | ConnectError::AuthorityNotRead { .. }
            | ConnectError::NoAuthorityIn { .. }
            | ConnectError::NoAuthorities
            | ConnectError::NotHttps { .. }
            | ConnectError::OtherNames { .. }
            | ConnectError::OutOfTime { .. }
            | ConnectError::NotVouchedFor { .. }
            | ConnectError::NotSecure { .. }
            | ConnectError::HttpsOnly
            | ConnectError::Forbidden
            | ConnectError::NoWebSocket
            | ConnectError::Portal => true,
        }
    }
}

impl ConnectError {
    /// Why an answer does not open a WebSocket.
    fn answered<T>(answer: &Response<T>) -> Self {
        let header = |name| {
            answer
                .headers()
                .get(name)
                .and_then(|text| text.to_str().ok())
        };
        let leads_to_https = header(LOCATION).is_some_and(|to| to.starts_with("https://"));
        let is_page = header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
        match answer.status().as_u16() {
            300..=399 if leads_to_https => ConnectError::HttpsOnly,
            300..=399 | 401 | 407 | 511 => ConnectError::Portal,
            403 => ConnectError::Forbidden,
            426 => ConnectError::NoWebSocket,
            status @ 502..=504 => ConnectError::NoRelayBehind { status },
            200 if is_page => ConnectError::Portal,
            _ => ConnectError::NotARelay,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Words::of(Language::En).connect_error(self))
    }
}

impl Words {
    /// Why there is no connection. The text ends a sentence that names the relay, or stands in brackets.
    pub(crate) fn connect_error(&self, why: &ConnectError) -> String {
        let of = &self.way;
        let at = |text, at| fill(text, &[("at", at)]);
        match why {
            ConnectError::NoSuchName { host } => fill(of.no_such_name, &[("host", host)]),
            ConnectError::NobodyListens => of.nobody_listens.into(),
            ConnectError::NoRoute => of.no_route.into(),
            ConnectError::Silent => of.silent.into(),
            ConnectError::BrokeOff => of.broke_off.into(),
            ConnectError::HungUpAtTls => of.hung_up_at_tls.into(),
            ConnectError::NotARelay => of.not_a_relay.into(),
            ConnectError::Other(words) => words.clone(),
            ConnectError::NoCertificateFor { host } => {
                fill(of.no_certificate_for, &[("host", host)])
            }
            ConnectError::AuthorityNotRead { file, error } => say(
                of.authority_not_read,
                &[("file", &file.display()), ("error", error)],
            ),
            ConnectError::NoAuthorityIn { file } => {
                say(of.no_authority_in, &[("file", &file.display())])
            }
            ConnectError::NoAuthorities => of.no_authorities.into(),
            ConnectError::NotHttps { at: relay } => at(of.not_https, relay),
            ConnectError::OtherNames { at: relay } => at(of.other_names, relay),
            ConnectError::OutOfTime { at: relay } => at(of.out_of_time, relay),
            ConnectError::NotVouchedFor {
                at,
                authority,
                by: None,
            } => fill(of.not_vouched_for, &[("at", at), ("authority", authority)]),
            ConnectError::NotVouchedFor {
                at,
                authority,
                by: Some(file),
            } => say(
                of.not_vouched_for_by,
                &[
                    ("file", &file.display()),
                    ("at", at),
                    ("authority", authority),
                ],
            ),
            ConnectError::NotSecure { at, error } => {
                fill(of.not_secure, &[("at", at), ("error", error)])
            }
            ConnectError::HttpsOnly => of.https_only.into(),
            ConnectError::Forbidden => of.forbidden.into(),
            ConnectError::NoWebSocket => of.no_websocket.into(),
            ConnectError::NoRelayBehind { status } => {
                say(of.no_relay_behind, &[("status", status)])
            }
            ConnectError::Portal => of.portal.into(),
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the system's many errors these have words; any other has its own"
)]
impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => ConnectError::NobodyListens,
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown => ConnectError::NoRoute,
            io::ErrorKind::TimedOut => ConnectError::Silent,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => ConnectError::BrokeOff,
            _ => ConnectError::Other(error.to_string()),
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "as above")]
impl From<tungstenite::Error> for ConnectError {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::Error;
        match error {
            Error::Io(error) => error.into(),
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                ConnectError::BrokeOff
            }
            Error::Http(answer) => ConnectError::answered(&answer),
            _ => ConnectError::Other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One value of each variant.
    fn all() -> Vec<ConnectError> {
        let at = || "https://box.lan:8443".to_owned();
        let file = || PathBuf::from("/tmp/ca.pem");
        vec![
            ConnectError::NoSuchName {
                host: "box.lan".into(),
            },
            ConnectError::NobodyListens,
            ConnectError::NoRoute,
            ConnectError::Silent,
            ConnectError::BrokeOff,
            ConnectError::HungUpAtTls,
            ConnectError::NotARelay,
            ConnectError::Other("odd".into()),
            ConnectError::NoCertificateFor {
                host: "box.lan".into(),
            },
            ConnectError::AuthorityNotRead {
                file: file(),
                error: "odd".into(),
            },
            ConnectError::NoAuthorityIn { file: file() },
            ConnectError::NoAuthorities,
            ConnectError::NotHttps { at: at() },
            ConnectError::OtherNames { at: at() },
            ConnectError::OutOfTime { at: at() },
            ConnectError::NotVouchedFor {
                at: at(),
                authority: "box.lan:8443".into(),
                by: None,
            },
            ConnectError::NotVouchedFor {
                at: at(),
                authority: "box.lan:8443".into(),
                by: Some(file()),
            },
            ConnectError::NotSecure {
                at: at(),
                error: "odd".into(),
            },
            ConnectError::HttpsOnly,
            ConnectError::Forbidden,
            ConnectError::NoWebSocket,
            ConnectError::NoRelayBehind { status: 502 },
            ConnectError::Portal,
        ]
    }

    #[test]
    fn each_is_said_in_every_language_with_all_that_it_names() {
        for why in all() {
            let english = why.to_string();
            for language in Language::ALL {
                let said = Words::of(language).connect_error(&why);
                assert!(!said.contains(['{', '}']), "{language:?}: {said}");
                for name in [
                    "https://box.lan:8443",
                    "/tmp/ca.pem",
                    "odd",
                    "box.lan",
                    "502",
                ] {
                    assert_eq!(said.contains(name), english.contains(name), "{said}");
                }
            }
        }
    }

    #[test]
    fn each_answer_that_is_no_websocket_has_its_reason() {
        let of = |status: u16, headers: &[(&str, &str)]| {
            let mut answer = Response::builder().status(status);
            for (name, value) in headers {
                answer = answer.header(*name, *value);
            }
            ConnectError::answered(&answer.body(()).unwrap())
        };
        let html = ("content-type", "text/html; charset=utf-8");
        assert_eq!(
            of(308, &[("location", "https://box.lan/ws")]),
            ConnectError::HttpsOnly
        );
        assert_eq!(
            of(302, &[("location", "http://login.example/")]),
            ConnectError::Portal
        );
        assert_eq!(of(302, &[("location", "/login")]), ConnectError::Portal);
        assert_eq!(of(511, &[html]), ConnectError::Portal);
        assert_eq!(of(200, &[html]), ConnectError::Portal);
        assert_eq!(of(200, &[]), ConnectError::NotARelay);
        assert_eq!(of(404, &[html]), ConnectError::NotARelay);
        assert_eq!(of(403, &[html]), ConnectError::Forbidden);
        assert_eq!(of(426, &[]), ConnectError::NoWebSocket);
        for status in [502, 503, 504] {
            assert_eq!(of(status, &[]), ConnectError::NoRelayBehind { status });
        }
    }

    #[test]
    fn what_the_system_says_has_words_of_its_own() {
        let of = |kind| ConnectError::from(io::Error::from(kind));
        assert_eq!(
            of(io::ErrorKind::ConnectionRefused),
            ConnectError::NobodyListens
        );
        assert_eq!(of(io::ErrorKind::NetworkUnreachable), ConnectError::NoRoute);
        assert_eq!(of(io::ErrorKind::TimedOut), ConnectError::Silent);
        assert_eq!(of(io::ErrorKind::ConnectionReset), ConnectError::BrokeOff);
        assert!(matches!(
            of(io::ErrorKind::NotADirectory),
            ConnectError::Other(_)
        ));
        let closed = tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
        assert_eq!(ConnectError::from(closed), ConnectError::BrokeOff);
    }
}
