//! The terminal client: a pure model, what it draws, and the terminal it draws on.
//!
//! Liveness Invariant: a key is turned into acts, and a stop handed to the device, before anything
//! is drawn; drawing happens on a thread of its own and nobody waits for it.

pub mod app;
pub mod bell;
pub mod big;
#[cfg(test)]
mod fixture;
pub mod held_key;
pub mod input;
pub mod layout;
mod painter;
mod repeat;
pub mod run;
mod terminal;
pub mod theme;
pub mod view;
pub mod words;
