//! The wire, frame by frame, with a client written from docs/protocol.md alone.

mod conformance;
mod errors;
mod headers;
mod http;
mod link;
mod progress;
mod spelling;
mod wire;
