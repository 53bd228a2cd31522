//! What holds before anyone knows what a connection is for: how many there may be, from whom, and how this
//! relay is reached.

pub mod connection_limit;
pub mod forwarded;
pub(crate) mod headers;
pub(crate) mod mdns;
pub(crate) mod origin;
pub mod public_address;
pub mod rate_limit;
pub(crate) mod write_timeout;
