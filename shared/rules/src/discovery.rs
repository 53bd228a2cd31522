//! The names under which a relay is found on a local network without its address. The protocols are multicast
//! DNS (RFC 6762) and DNS-based service discovery (RFC 6763).

/// The service type of a relay.
pub const SERVICE: &str = "_tapcue._tcp.local.";

/// The host name that a relay answers to. A second relay on the same network gets a number appended.
pub const HOST: &str = "tapcue.local.";

/// The TXT record's key for the URL scheme of the relay: `http` or `https`.
pub const SCHEME: &str = "scheme";
