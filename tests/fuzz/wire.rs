//! The wire: whatever a frame holds, reading it neither panics nor gives another message than the one
//! that is written again.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tapcue_shared::message::{ToDevice, ToRelay};

/// Reads the bytes as what a device says and as what a relay says.
///
/// # Panics
/// When a message that was read is not the same when it is written and read again.
pub fn fuzz(data: &[u8]) {
    // What is no UTF-8 never gets past the WebSocket.
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    same_again::<ToRelay>(text);
    same_again::<ToDevice>(text);
}

/// What is read is the same when it is written and read again.
pub(crate) fn same_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Ok(read) = serde_json::from_str::<T>(text) else {
        return;
    };
    let written = serde_json::to_string(&read).expect("whatever was read can be written");
    let again = serde_json::from_str(&written).expect("whatever was written can be read");
    assert_eq!(read, again, "{written}");
}
