//! The address of a relay, as people write it, and the content of an invitation.

use tapcue_rules::code;
use tapcue_rules::language::Language;
use tapcue_rules::message::Secret;
use tokio_tungstenite::tungstenite::http::Uri;

use crate::words::Words;

mod pasted;

/// The port if an address has none. It is the relay's own default.
pub const DEFAULT_PORT: u16 = 8080;

/// The address if none is given.
pub const DEFAULT_RELAY: &str = "http://localhost:8080";

/// The address of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayAddress {
    authority: String,
    is_secure: bool,
}

/// What another person sent: a code to type or a link to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// A short code, as typed. It does not contain the relay's address.
    Code(Secret),
    /// A link, which contains the relay's address and its own secret.
    Link {
        /// The relay's address.
        relay: RelayAddress,
        /// The secret that gives access to the session.
        secret: Secret,
    },
}

/// Why an address or an invitation cannot be used. Its `Display` text is in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is not an address.
    NotAnAddress,
    /// The link is not an invitation.
    NoInvitation,
    /// The text is empty.
    NoCode,
}

impl std::fmt::Display for AddressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Words::of(Language::En).address(*self))
    }
}

impl Words {
    /// Why the typed text is not an address or an invitation.
    pub(crate) const fn address(&self, error: AddressError) -> &'static str {
        match error {
            AddressError::NotAnAddress => self.way.not_an_address,
            AddressError::NoInvitation => self.way.no_invitation,
            AddressError::NoCode => self.way.no_code,
        }
    }
}

impl RelayAddress {
    /// The URL of the relay's WebSocket.
    #[must_use]
    pub fn websocket(&self) -> String {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        format!("{scheme}://{}/ws", self.authority)
    }

    /// The host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host: a name or an address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.authority.rsplit_once(':').map(|(host, _)| host);
        host.unwrap_or(&self.authority).trim_matches(['[', ']'])
    }

    /// Whether it uses TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The URL of the relay for a browser.
    #[must_use]
    pub fn http(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

impl std::str::FromStr for RelayAddress {
    type Err = AddressError;

    /// Reads `http://host:port`, `ws://host:port`, the same with https and wss, `host:port` or `host`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = pasted::cleaned(text);
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text.as_str()),
        };
        let (port, is_secure) = match scheme.as_deref() {
            Some("http" | "ws") => (80, false),
            Some("https" | "wss") => (443, true),
            Some(_) => return Err(AddressError::NotAnAddress),
            None => (DEFAULT_PORT, false),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let rest = rest.strip_suffix("/ws").unwrap_or(rest);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let uri: Uri = format!("ws://{rest}/ws")
            .parse()
            .map_err(|_| AddressError::NotAnAddress)?;
        let authority = uri.authority().ok_or(AddressError::NotAnAddress)?;
        let whole = uri.path() == "/ws" && authority.as_str() == rest;
        if !whole || authority.host().is_empty() || rest.contains('@') {
            return Err(AddressError::NotAnAddress);
        }
        // A colon with no valid port after it would lead to another port than intended.
        let after_host = rest.get(authority.host().len()..).unwrap_or_default();
        let port = match (authority.port_u16(), after_host) {
            (Some(port), _) => port,
            (None, "") => port,
            (None, _) => return Err(AddressError::NotAnAddress),
        };
        Ok(Self {
            authority: format!("{}:{port}", authority.host()),
            is_secure,
        })
    }
}

impl std::fmt::Display for RelayAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.http())
    }
}

impl std::str::FromStr for Invitation {
    type Err = AddressError;

    /// Reads a code as people write it, or a link that ends in `#join=SECRET`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some((relay, secret)) = pasted::invitation(text) {
            if secret.is_empty() {
                return Err(AddressError::NoInvitation);
            }
            return Ok(Self::Link {
                relay: relay.parse()?,
                secret: Secret(secret),
            });
        }
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::NoCode);
        }
        if text.contains("://") {
            return Err(AddressError::NoInvitation);
        }
        if let Some(code) = code::read(text) {
            return Ok(Self::Code(Secret(code::plain(code))));
        }
        // The text may not be a code. The relay then answers with a helpful message.
        Ok(Self::Code(Secret(text.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(text: &str) -> Result<String, AddressError> {
        text.parse::<RelayAddress>().map(|relay| relay.websocket())
    }

    #[test]
    fn every_way_to_write_a_relay() {
        let same = Ok("ws://10.0.0.2:9000/ws".to_owned());
        for text in [
            "http://10.0.0.2:9000",
            "http://10.0.0.2:9000/",
            "ws://10.0.0.2:9000",
            "ws://10.0.0.2:9000/ws",
            " 10.0.0.2:9000 ",
        ] {
            assert_eq!(relay(text), same, "{text}");
        }
        for text in [
            "HTTP://10.0.0.2:9000",
            "<http://10.0.0.2:9000/>",
            "\u{201c}http://10.0.0.2:9000\u{201d},",
            "http://10.0.0.2:9000.",
            "http://10.0\u{200b}.0.2:9000\u{feff}",
            "http://10.0.0.2\n:9000",
        ] {
            assert_eq!(relay(text), same, "{text:?}");
        }
        assert_eq!(
            relay("laptop.local"),
            Ok("ws://laptop.local:8080/ws".into())
        );
        assert_eq!(relay("http://laptop"), Ok("ws://laptop:80/ws".into()));
        assert_eq!(relay("[fe80::1]:81"), Ok("ws://[fe80::1]:81/ws".into()));
        for text in ["https://laptop", "wss://laptop:443/ws", "https://laptop/"] {
            assert_eq!(relay(text), Ok("wss://laptop:443/ws".into()), "{text}");
        }
        let secure: RelayAddress = "https://[fe80::1]:8443".parse().unwrap();
        assert_eq!(secure.host(), "fe80::1");
        assert_eq!(secure.http(), "https://[fe80::1]:8443");
        assert!(secure.is_secure());
    }

    #[test]
    fn what_is_not_a_relay() {
        for text in [
            "",
            "http://",
            "ftp://a",
            "a b",
            "host:port",
            "host:",
            "a@b:1",
            "a/b",
            "h:99999",
        ] {
            assert_eq!(relay(text), Err(AddressError::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn an_invitation_is_a_code_or_a_link() {
        let code: Invitation = " k7m 2qx4r ".parse().unwrap();
        assert_eq!(code, Invitation::Code(Secret("K7M2QX4R".into())));
        let code: Invitation = "Code: ٣cg–٨v٢٢q".parse().unwrap();
        assert_eq!(code, Invitation::Code(Secret("3CG8V22Q".into())));
        let link: Invitation = "http://10.0.0.2:9000/#join=abc".parse().unwrap();
        assert_eq!(
            link,
            Invitation::Link {
                relay: "10.0.0.2:9000".parse().unwrap(),
                secret: Secret("abc".into())
            }
        );
        let bad = |text: &str| text.parse::<Invitation>().unwrap_err();
        assert_eq!(bad("http://10.0.0.2:9000/"), AddressError::NoInvitation);
        assert_eq!(bad("http://a/#join="), AddressError::NoInvitation);
        assert_eq!(bad("  "), AddressError::NoCode);
    }
}
