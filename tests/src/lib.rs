//! Tests that run Tapcue from outside: real binaries, real sockets, real browsers. They use no code of
//! the product; the scripted peer speaks the wire protocol that docs/protocol.md describes.

pub mod bounds;
pub mod browser;
pub mod client;
pub mod clock;
pub mod crowd;
pub mod fault;
pub mod folder;
pub mod http;
pub mod lan;
pub mod next;
pub mod outage;
pub mod pages;
pub mod pair;
pub mod peer;
pub mod proxy;
pub mod raw;
pub mod record;
pub mod relay;
pub mod samples;
pub mod storage;
pub mod terminal;
pub mod tls;
pub mod usage;
pub mod wait;
