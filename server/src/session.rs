//! A session: its task, its mailbox, its device handles, its tokens, and the pairing of devices.

pub mod device_handle;
pub mod finished;
pub mod mailbox;
pub mod notes;
pub mod pairing;
pub mod registry;
pub mod task;
pub mod token;
