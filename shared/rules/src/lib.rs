//! The rules of Tapcue: what a session may do, and what travels on the wire.
//!
//! Everything here is pure: events in, effects out. There is no clock, no socket, no disk and no
//! randomness in this crate (its `clippy.toml` bans them); the relay, the devices and the tests
//! bring those and drive these machines:
//!
//! - [`session::Session`] decides, on the relay, who may do what and when it is live;
//! - [`presence::Presence`] watches one device from the relay's side of the link;
//! - [`outbox::Outbox`] holds what waits for one device, a stop ahead of everything;
//! - [`link::Link`] is a device: it connects, beats, watches, resends and says what to show.
//!
//! A session read back from its journal is `tapcue-transcript`.

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
