//! Tapcue on a device: the library that Rust programs connect with, and the terminal client.
//!
//! [`device::driver::Device`] is all a program needs: it connects, comes back by itself, and hands out a
//! [`device::snapshot::Snapshot`] after every change. The rules it follows are those of `tapcue_rules`.
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
