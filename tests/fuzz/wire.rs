//! The wire: reading any frame never panics, a message survives writing and reading, and a stop is read as a
//! stop.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tapcue_rules::cue::Lane;
use tapcue_rules::message::{ToDevice, ToRelay};

/// Reads the bytes as a device's message and as a relay's message.
///
/// # Panics
/// When a message differs after it is written and read again, or a stop is not read as a stop.
pub fn fuzz(data: &[u8]) {
    // The WebSocket rejects everything that is not UTF-8.
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    same_again::<ToRelay>(text);
    same_again::<ToDevice>(text);
    stops(text);
}

/// JSON that says stop is read as a stop, and a frame that the search skips has none.
fn stops(text: &str) {
    let read = ToRelay::read(text);
    let urgent = read.is_ok_and(|read| read.message.lane() == Lane::Urgent);
    let says = |body: &Value, name: &str, word: &str| {
        let said = body.get(name).and_then(Value::as_str);
        said.is_some_and(|said| said.trim().eq_ignore_ascii_case(word))
    };
    if let Ok(body) = serde_json::from_str::<Value>(text) {
        let stop = says(&body, "type", "cue") && says(&body, "cue", "stop");
        let lift = says(&body, "type", "thumb") && body.get("down") == Some(&Value::Bool(false));
        assert!(urgent || !(stop || lift), "no stop: {text}");
    }
    assert!(
        !urgent || ToRelay::may_be_urgent(text),
        "not looked at: {text}"
    );
}

/// A message is the same after it is written and read again.
pub(crate) fn same_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Ok(read) = serde_json::from_str::<T>(text) else {
        return;
    };
    let written = serde_json::to_string(&read).expect("whatever was read can be written");
    let again = serde_json::from_str(&written).expect("whatever was written can be read");
    assert_eq!(read, again, "{written}");
}
