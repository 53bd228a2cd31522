//! What a relay has recorded of a session, read over HTTP.

use std::net::SocketAddr;

use serde_json::Value;

use crate::http::{self, Answer};
use crate::peer::Peer;

/// Requests a session's transcript with a token.
pub async fn ask(addr: SocketAddr, session: &str, token: &str) -> Answer {
    let path = format!("/api/v1/sessions/{session}/transcript");
    let bearer = format!("Bearer {token}");
    http::request(addr, "GET", &path, &[("Authorization", &bearer)]).await
}

/// The transcript of a device's session.
///
/// # Panics
/// When the relay refuses it.
pub async fn transcript(addr: SocketAddr, of: &Peer) -> Value {
    let answer = ask(addr, &of.welcome_text("session"), &of.welcome_text("token")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// The entries of a cue in a transcript, by itself or among stops that were recorded together. Entries with
/// the outcome `repeat` are left out.
#[must_use]
pub fn entries_of<'a>(transcript: &'a Value, id: &str) -> Vec<&'a Value> {
    let entries = transcript["entries"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let is_it = |entry: &&Value| {
        let recorded = &entry["recorded"];
        let earlier = recorded["earlier"].as_array();
        let is_among = earlier.is_some_and(|ids| ids.iter().any(|earlier| earlier == id));
        (recorded["id"] == id || is_among) && entry["outcome"]["result"] != "repeat"
    };
    entries.iter().filter(is_it).collect()
}

/// How often a cue stands in a transcript: see [`entries_of`].
#[must_use]
pub fn count(transcript: &Value, id: &str) -> usize {
    entries_of(transcript, id).len()
}

/// Checks that the entries are numbered without a gap and in order of time, and that each contains the
/// hash of the one before it.
///
/// # Panics
/// When they are not.
pub fn check_order(transcript: &Value) {
    let entries = transcript["entries"].as_array().expect("entries");
    for (place, pair) in (2_u64..).zip(entries.windows(2)) {
        let [before, entry] = pair else { continue };
        let (before_at, at) = (&before["recorded"]["at"], &entry["recorded"]["at"]);
        assert_eq!(entry["recorded"]["seq"], place, "{entry}");
        assert_eq!(entry["recorded"]["prev"], before["hash"], "{entry}");
        assert!(before_at.as_u64() <= at.as_u64(), "{before_at}, then {at}");
    }
}
