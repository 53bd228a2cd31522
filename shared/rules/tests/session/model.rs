//! The rules over everything that can happen, on bounded models: the session machine (`session.rs`), and a
//! device with a relay (`device.rs`). The search runs the product's own code; only the acts of people,
//! devices and networks are bounded.
//!
//! Each test prints how many states it met, and whether these are all.

mod alphabets;
mod canonical;
mod device;
mod search;
mod session;
mod situations;
