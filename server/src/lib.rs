//! The Tapcue relay: pairs a receiver and a helper, carries their cues, and decides by the rules of
//! `tapcue-rules` who may do what.
//!
//! The path of a tap: [`connection`] reads and parses it once, and the session's own task in
//! [`session::task`] steps the session machine. The effects go into each device's outbox in
//! [`session::device_handle`]. The connection's writer sends them from there, a stop before anything else.
//! The [`journal`] runs beside this path, never on it.

pub mod admin;
mod background;
pub mod clock;
pub mod config;
pub mod connection;
pub mod context;
pub mod fail_points;
pub mod http;
pub mod journal;
pub mod log;
pub mod manual;
pub mod metrics;
pub mod net;
pub mod print;
pub mod records;
pub mod server;
mod service_manager;
pub mod session;
pub mod start_page;
pub mod tls;

pub use server::Server;
