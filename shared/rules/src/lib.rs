//! The rules of Tapcue: what a session may do, and the messages on the wire.
//!
//! This crate is pure: each machine takes events and returns effects. It has no clock, socket, disk or
//! randomness; its `clippy.toml` bans them. The relay, the devices and the tests provide those and drive
//! these machines:
//!
//! - [`session::Session`] decides, on the relay, who may do what and when the session is live;
//! - [`presence::Presence`] watches one device from the relay's side of the link;
//! - [`outbox::Outbox`] keeps the frames that wait for one device, a stop first;
//! - [`link::Link`] is a device: it connects, sends heartbeats, watches the link, retries and decides what to
//!   show.
//!
//! `tapcue-transcript` reads a session back from its journal.

pub mod code;
pub mod cue;
pub mod discovery;
pub mod entry;
pub mod ids;
pub mod invisible;
pub mod language;
pub mod limits;
pub mod link;
pub mod message;
pub mod outbox;
pub mod presence;
pub mod session;
pub mod state;
pub mod time;
