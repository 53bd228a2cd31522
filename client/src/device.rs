//! A device: the rules' machine with a real socket and a real clock, and the data it stores.

pub mod credentials;
pub mod driver;
pub mod snapshot;
