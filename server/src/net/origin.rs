//! Origins, as RFC 6454 compares them: by scheme, host and port, with each scheme's default port.

use std::net::Ipv6Addr;

use axum::http::uri::Authority;

/// The origin of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Whether its scheme is https.
    pub(crate) is_secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin in an `Origin` header or a URL without a path; none for `null` and for text that is no
    /// origin.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Self::at(authority.strip_suffix('/').unwrap_or(authority), is_secure)
    }

    /// The origin of a `Host` header under this scheme.
    pub(crate) fn at(host: &str, is_secure: bool) -> Option<Self> {
        let authority: Authority = host.parse().ok()?;
        let name = authority.host();
        let port = match host.strip_prefix(name)?.strip_prefix(':') {
            Some(_) => authority.port_u16()?,
            None if is_secure => 443,
            None => 80,
        };
        let address = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let host = match address.and_then(|address| address.parse::<Ipv6Addr>().ok()) {
            Some(address) => address.to_string(),
            // A trailing dot marks a fully qualified name, which is the same name.
            None => name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase(),
        };
        Some(Self {
            is_secure,
            host,
            port,
        })
    }
}
