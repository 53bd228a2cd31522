//! Sessions that are over: reading them, sealing them, and deleting them when they are due.

pub mod retention;
pub mod service;
pub mod signing_key;
