//! The way to a relay: its address, the sockets, whom to believe that it is the relay, and its clock.

pub mod address;
pub mod clock;
pub(crate) mod discovery;
pub mod error;
pub mod socket;
pub mod tls;
