//! Where a request came from: the client's address, and whether the client used TLS. Forwarding headers count
//! only from trusted proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use ipnet::IpNet;

use crate::net::headers::listed;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the connection itself uses TLS. The listener that accepted it sets this beside the peer's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverTls(pub bool);

/// The proxies whose forwarding headers count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted(Vec<IpNet>);

/// Where a request came from, as trusted proxies forwarded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The client's address, as far as it is known.
    pub source: IpAddr,
    /// Whether the client used https.
    pub secure: bool,
}

impl Trusted {
    /// Parses addresses and networks.
    ///
    /// # Errors
    /// One of them is neither; the error text is for the operator.
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

    /// Whether this address is a trusted proxy's.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl Forwarded {
    /// Finds the client of a request that came from `peer`.
    ///
    /// `X-Forwarded-For` is read from the right: each proxy appends the address that it saw. A client may
    /// have forged every entry left of those that trusted proxies appended.
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

/// Whether a scheme uses TLS. Proxies name the scheme of the page or of the WebSocket.
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

    fn client(peer: &str, lines: &[&str], proto: Option<&str>) -> (String, bool) {
        let trusted = Trusted::parse(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        if let Some(proto) = proto {
            headers.insert(FORWARDED_PROTO, HeaderValue::from_str(proto).unwrap());
        }
        let client = Forwarded::of(&headers, peer.parse().unwrap(), false, &trusted);
        (client.source.to_string(), client.secure)
    }

    #[test]
    fn a_stranger_says_nothing_about_itself() {
        let said = client("198.51.100.7:5", &["203.0.113.1"], Some("https"));
        assert_eq!(said, ("198.51.100.7".into(), false));
    }

    #[test]
    fn forwarded_addresses_count_from_the_right() {
        for (lines, source) in [
            (vec![], "127.0.0.1"),
            (vec!["203.0.113.1"], "203.0.113.1"),
            // Entries that the client itself wrote are on the left.
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
            let (found, _) = client("127.0.0.1:5", &lines, None);
            assert_eq!(found, source, "{lines:?}");
        }
        let (found, _) = client("[::ffff:127.0.0.1]:5", &["203.0.113.1"], None);
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
            // The nearest proxy's value is the last.
            (Some("https, http"), false),
        ] {
            let (_, found) = client("10.0.0.1:5", &[], proto);
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
