//! The network side: limits on connections and rates, the addresses of peers, and how this relay is reached.

pub mod connection_limit;
pub mod forwarded;
pub(crate) mod headers;
pub(crate) mod mdns;
pub(crate) mod origin;
pub mod public_address;
pub mod rate_limit;
pub(crate) mod write_timeout;
