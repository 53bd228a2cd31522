//! By what names a relay is found on a local network without its address: multicast DNS (RFC 6762) and
//! DNS-based service discovery (RFC 6763).

/// The type of service that a relay is.
pub const SERVICE: &str = "_tapcue._tcp.local.";

/// The host name that a relay answers to. A second relay on the same network gets a number behind it.
pub const HOST: &str = "tapcue.local.";

/// The TXT record's key for how the relay is spoken to: `http` or `https`.
pub const SCHEME: &str = "scheme";
