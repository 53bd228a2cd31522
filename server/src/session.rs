//! A session: its task, what is posted to it, its devices' handles, and how devices get in.

pub mod device_handle;
pub mod finished;
pub mod mailbox;
pub mod notes;
pub mod pairing;
pub mod registry;
pub mod task;
pub mod token;
