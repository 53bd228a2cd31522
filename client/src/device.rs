//! A device: the rules' machine driven by a real socket and a real clock, and what it keeps.

pub mod credentials;
pub mod driver;
pub mod snapshot;
