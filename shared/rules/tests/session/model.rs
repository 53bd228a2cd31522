//! The rules over everything that can happen, on bounded models: the session machine (`session.rs`)
//! and a device against a relay (`device.rs`). The code that is searched is the product's own; what is
//! bounded is what people, devices and networks may do.
//!
//! Each test prints how many states it met, and whether it met all there are.

mod alphabets;
mod canonical;
mod device;
mod search;
mod session;
mod situations;
