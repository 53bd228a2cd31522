//! The terminal client: a pure model, its views, and the terminal.
//!
//! Liveness Invariant: a key becomes an act, and a stop reaches the device, before anything is drawn. Drawing
//! runs on its own thread, and nothing waits for it.

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
