//! The Tapcue relay: pairs a receiver and a helper, carries their cues, and decides by the rules of
//! `tapcue-shared` who may do what.
//!
//! A tap's way through here: [`socket`] reads and parses it once, the session's own task in
//! [`actor`] steps the session machine, the effects go into each device's outbox in [`port`], and
//! the socket's writer takes them from there, a stop before anything else. The [`journal`] runs
//! beside this way, never in it.

pub mod actor;
pub mod admission;
mod api;
mod asked;
pub mod assets;
mod background;
pub mod clock;
pub mod config;
mod discovery;
pub mod fail_points;
pub mod healthcheck;
pub mod http;
pub mod hub;
pub mod journal;
pub mod keeper;
pub mod limits;
pub mod log;
pub mod mailbox;
mod manager;
pub mod manual;
pub mod metrics;
pub mod operate;
mod origin;
pub mod pairing;
pub mod port;
pub mod print;
pub mod reach;
pub mod record;
pub mod seal_key;
pub mod serve;
pub mod socket;
mod stall;
pub mod start_page;
pub mod tls;
pub mod token;
pub mod upgrade;
pub mod way;

pub use serve::Server;
