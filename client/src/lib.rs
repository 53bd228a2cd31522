//! Tapcue on a device: the library with which Rust programs connect, and the terminal client.
//!
//! A program needs only [`device::driver::Device`]. It connects, reconnects by itself, and provides a
//! [`device::snapshot::Snapshot`] after every change. It follows the rules of `tapcue_rules`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tapcue::device::driver::Device;
//! use tapcue_rules::{cue::Cue, message::{Secret, ToRelay}};
//!
//! let hello = ToRelay::Join {
//!     code: Some(Secret("K7M-2QX4R".into())),
//!     secret: None,
//!     name: None,
//!     client: None,
//! };
//! let device = Device::start("http://localhost:8080".parse()?, hello);
//! device.tap(Cue::Stop);
//! # Ok(())
//! # }
//! ```

pub mod cli;
pub mod device;
pub mod exit;
mod history;
pub mod print;
pub mod relay;
pub mod run;
mod signals;
pub mod tui;
pub mod words;
