//! Sessions from the code to the record, over real sockets and in real terminals.

mod after_end;
mod bounds;
mod commands;
#[cfg(target_os = "linux")]
mod discovery;
mod meant;
mod places;
mod record;
mod restart;
mod soak;
#[cfg(target_os = "linux")]
mod start;
mod stop;
mod terminals;
mod thumb;
