//! Connecting to a relay: its address, the sockets, which authority to trust, and its clock.

pub mod address;
pub mod clock;
pub(crate) mod discovery;
pub mod error;
pub mod socket;
pub mod tls;
