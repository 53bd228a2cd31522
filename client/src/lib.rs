//! Tapcue on a device: the library that Rust programs connect with, and the terminal client.
//!
//! [`driver::Device`] is all a program needs: it connects, comes back by itself, and hands out a
//! [`snapshot::Snapshot`] after every change. The rules it follows are those of `tapcue_shared`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tapcue::driver::Device;
//! use tapcue_shared::{cue::Cue, message::{Secret, ToRelay}};
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

pub mod address;
pub mod cli;
pub mod clock;
pub mod connect;
mod discover;
pub mod driver;
pub mod no_way;
mod past;
pub mod print;
pub mod remember;
pub mod run;
pub mod script;
mod signals;
pub mod snapshot;
pub mod transport;
pub mod tui;
pub mod words;
