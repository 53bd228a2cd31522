//! By which way a request came: from whose address, and whether it was encrypted all along. Behind
//! proxies that are trusted their word counts, from others it does not.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use ipnet::IpNet;

use crate::net::headers::listed;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the connection itself is a TLS one. Set beside the peer's address by whoever accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverTls(pub bool);

/// The proxies whose word counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted(Vec<IpNet>);

/// By which way a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The device's address, as far as it can be known.
    pub source: IpAddr,
    /// Whether the device spoke https.
    pub secure: bool,
}

impl Trusted {
    /// These addresses and networks.
    ///
    /// # Errors
    /// One is neither; the text is for a person.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Self> {
        let network = |text: &str| {
            let text = text.trim();
            let address = text.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| text.parse::<IpNet>()).map_err(|_| {
                anyhow::anyhow!(
                    "trusted-proxy = {text} is not allowed: an address or a network, like 127.0.0.1 or \
                     10.0.0.0/8"
                )
            })
        };
        Ok(Self(
            texts.into_iter().map(network).collect::<Result<_, _>>()?,
        ))
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl Forwarded {
    /// The way of a request that came in from `peer`.
    ///
    /// `X-Forwarded-For` is read from the right: every proxy adds whom it saw at the end, and what
    /// stands left of the last one that is trusted anybody can have written.
    #[must_use]
    pub fn of(headers: &HeaderMap, peer: SocketAddr, over_tls: bool, trusted: &Trusted) -> Self {
        let mut source = peer.ip().to_canonical();
        if !trusted.has(source) {
            return Self {
                source,
                secure: over_tls,
            };
        }
        for hop in listed(headers, &FORWARDED_FOR).rev() {
            if !trusted.has(source) {
                break;
            }
            let Some(address) = address(hop) else { break };
            source = address;
        }
        let proto = listed(headers, &FORWARDED_PROTO).next_back();
        Self {
            source,
            secure: proto.map_or(over_tls, is_secure),
        }
    }
}

/// Whether a scheme is one over TLS. Proxies name that of the page or that of the WebSocket.
fn is_secure(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss")
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let address = bare.or_else(|| text.parse::<SocketAddr>().ok().map(|at| at.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn way(peer: &str, lines: &[&str], proto: Option<&str>) -> (String, bool) {
        let trusted = Trusted::parse(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        if let Some(proto) = proto {
            headers.insert(FORWARDED_PROTO, HeaderValue::from_str(proto).unwrap());
        }
        let way = Forwarded::of(&headers, peer.parse().unwrap(), false, &trusted);
        (way.source.to_string(), way.secure)
    }

    #[test]
    fn a_stranger_says_nothing_about_itself() {
        let said = way("198.51.100.7:5", &["203.0.113.1"], Some("https"));
        assert_eq!(said, ("198.51.100.7".into(), false));
    }

    #[test]
    fn forwarded_addresses_count_from_the_right() {
        for (lines, source) in [
            (vec![], "127.0.0.1"),
            (vec!["203.0.113.1"], "203.0.113.1"),
            // What the device itself wrote stands on the left.
            (vec!["1.1.1.1, 203.0.113.1"], "203.0.113.1"),
            (vec!["1.1.1.1", "203.0.113.1"], "203.0.113.1"),
            (vec!["1.1.1.1, 203.0.113.1, 10.2.3.4"], "203.0.113.1"),
            (vec!["10.9.9.9, 10.2.3.4"], "10.9.9.9"),
            (vec!["1.1.1.1, nonsense"], "127.0.0.1"),
            (vec!["nonsense, 203.0.113.1"], "203.0.113.1"),
            (vec!["1.1.1.1, nonsense, 10.2.3.4"], "10.2.3.4"),
            (vec!["203.0.113.1:4711"], "203.0.113.1"),
            (vec!["[2001:db8::1]:4711"], "2001:db8::1"),
            (vec!["2001:db8::1"], "2001:db8::1"),
            (vec!["::ffff:203.0.113.1"], "203.0.113.1"),
            (vec![""], "127.0.0.1"),
        ] {
            let (found, _) = way("127.0.0.1:5", &lines, None);
            assert_eq!(found, source, "{lines:?}");
        }
        let (found, _) = way("[::ffff:127.0.0.1]:5", &["203.0.113.1"], None);
        assert_eq!(found, "203.0.113.1");
    }

    #[test]
    fn a_trusted_proxy_says_whether_it_was_https() {
        for (proto, secure) in [
            (None, false),
            (Some("https"), true),
            (Some("HTTPS"), true),
            (Some("wss"), true),
            (Some("WSS"), true),
            (Some("http, wss"), true),
            (Some("http"), false),
            (Some("ws"), false),
            (Some("httpsx"), false),
            // The nearest proxy's word is the last.
            (Some("https, http"), false),
        ] {
            let (_, found) = way("10.0.0.1:5", &[], proto);
            assert_eq!(found, secure, "{proto:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        for text in ["proxy.example", "10.0.0.0/33", ""] {
            let error = Trusted::parse([text]).unwrap_err().to_string();
            assert!(error.contains("trusted-proxy = "), "{error}");
        }
    }
}
