//! What a test expects of a peer: frames, states and closes, each within a time.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::Log;
use super::{Frame, Peer};
use crate::wait::PATIENCE;

/// How long a hold or cue must be on a screen before an answer to it counts, with a margin for slow
/// frames. Source: docs/protocol.md.
const MEANT: Duration = Duration::from_millis(480);

/// How many of the last frames a failure prints.
const LAST: usize = 12;

impl Peer {
    /// Waits for the next frame in which `wanted` finds something, and returns what it finds.
    ///
    /// # Panics
    /// When there is none within [`PATIENCE`]; the message lists the last frames.
    pub async fn expect<T>(&mut self, what: &str, wanted: impl Fn(&Frame) -> Option<T>) -> T {
        self.expect_within(PATIENCE, what, wanted).await
    }

    /// Like [`Peer::expect`], within a time that the product promises.
    ///
    /// # Panics
    /// When there is none in time; the message lists the last frames.
    pub async fn expect_within<T>(
        &mut self,
        time: Duration,
        what: &str,
        wanted: impl Fn(&Frame) -> Option<T>,
    ) -> T {
        let from = self.cursor;
        let found = self
            .look(time, what, move |log| {
                let rest = log.frames.iter().enumerate().skip(from);
                rest.filter_map(|(at, frame)| wanted(frame).map(|found| (at, found)))
                    .next()
            })
            .await;
        self.cursor = found.0 + 1;
        found.1
    }

    /// Excludes the frames that have arrived so far from later expectations.
    pub fn skip(&mut self) {
        let so_far = self.log().frames.len();
        self.cursor = so_far;
    }

    /// Waits for the next frame of this `type` and returns it.
    pub async fn expect_kind(&mut self, kind: &str) -> Value {
        self.expect(kind, |frame| {
            (frame.kind() == kind).then(|| frame.body.clone())
        })
        .await
    }

    /// Waits for the next `error` frame, checks that it has this code, and returns it.
    pub async fn expect_error(&mut self, code: &str) -> Value {
        let error = self.expect_kind("error").await;
        assert_eq!(error["code"], code, "{}: {error}", self.name);
        let words = error["message"].as_str().unwrap_or("");
        assert!(words.len() > 10, "an error has words for a person: {error}");
        error
    }

    /// Waits until the newest state satisfies `is`, and returns that state.
    ///
    /// # Panics
    /// When it does not within [`PATIENCE`].
    pub async fn until(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until_within(PATIENCE, what, is).await
    }

    /// Like [`Peer::until`], within a time that the product promises.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn until_within(
        &mut self,
        time: Duration,
        what: &str,
        is: impl Fn(&Value) -> bool,
    ) -> Value {
        self.look(time, what, |log| is(&log.state).then(|| log.state.clone()))
            .await
    }

    /// Waits until the session is in `phase`.
    pub async fn until_phase(&mut self, phase: &str) -> Value {
        self.until(phase, |state| state["phase"] == phase).await
    }

    /// Waits until the relay closes the connection.
    ///
    /// # Panics
    /// When it does not, or closes with another code.
    pub async fn expect_closed(&mut self, code: u16) {
        let closed = self.look(PATIENCE, "a close", |log| log.closed).await;
        assert_eq!(closed.code, Some(code), "{}: the close code", self.name);
    }

    /// Shows the hold and acknowledges it with "hands off", until the relay accepts that.
    ///
    /// # Panics
    /// When the relay does not accept it.
    pub async fn hands_off(&mut self) {
        self.until("a hold", |state| state["hold"]["id"].is_string())
            .await;
        let taken =
            |state: &Value| !state["hold"].is_object() || state["hold"]["acknowledged"] == true;
        self.acknowledge_until(taken, |peer| {
            let hold = &peer.state()["hold"]["id"];
            hold.as_str().map(str::to_owned)
        })
        .await;
    }

    /// Shows a cue and acknowledges it with "seen", until the relay accepts that.
    ///
    /// # Panics
    /// When the relay does not accept it.
    pub async fn seen(&mut self, id: &str) {
        let of = id.to_owned();
        let taken = move |state: &Value| {
            let earlier = state["earlier"].as_array().into_iter().flatten();
            let mut cues = earlier.chain([&state["cue"], &state["hold"]]);
            !cues.any(|cue| {
                let waits = cue["acknowledged"].is_null() || cue["acknowledged"] == false;
                cue["id"] == of.as_str() && waits
            })
        };
        let of = id.to_owned();
        self.until("the cue to be here", move |state| {
            state.to_string().contains(&of)
        })
        .await;
        let id = id.to_owned();
        self.acknowledge_until(taken, move |_| Some(id.clone()))
            .await;
    }

    async fn acknowledge_until(
        &mut self,
        taken: impl Fn(&Value) -> bool,
        what: impl Fn(&Self) -> Option<String>,
    ) {
        let deadline = Instant::now() + PATIENCE;
        if let Some(id) = what(self) {
            self.shown(&id);
        }
        while Instant::now() < deadline {
            // An answer counts only after this time on the screen.
            tokio::time::sleep(MEANT).await;
            if let Some(id) = what(self) {
                self.shown(&id);
                self.acknowledge(&id);
            }
            let looking = self.shared.wait(|log| taken(&log.state).then_some(()));
            if timeout(MEANT, looking).await.is_ok() {
                return;
            }
        }
        self.fail("it to be acknowledged");
    }

    /// Taps ready until the relay accepts it. A ready counts only when the hold has been on the screen.
    ///
    /// # Panics
    /// When the relay does not accept it.
    pub async fn ready(&mut self) {
        let role = self.welcome_text("role");
        let taken = |state: &Value| state["phase"] == "live" || state["ready"][&role] == true;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(hold) = self.state()["hold"]["id"].as_str() {
                self.shown(hold);
            }
            let _ = self.cue("ready");
            let looking = self.shared.wait(|log| taken(&log.state).then_some(()));
            // This is longer than the time in which two taps count as one.
            if timeout(Duration::from_millis(300), looking).await.is_ok() {
                return;
            }
        }
        self.fail("ready to be taken");
    }

    async fn look<T>(&self, time: Duration, what: &str, look: impl Fn(&Log) -> Option<T>) -> T {
        match timeout_at(Instant::now() + time, self.shared.wait(look)).await {
            Ok(found) => found,
            Err(_) => self.fail(&format!("{what} within {time:?}")),
        }
    }

    pub(super) fn fail(&self, what: &str) -> ! {
        let log = self.log();
        let unlike_beats = log.frames.iter().filter(|frame| frame.kind() != "beat");
        let frames: Vec<_> = unlike_beats.map(brief).collect();
        let last = frames[frames.len().saturating_sub(LAST)..].join("\n  ");
        let state = log.state.to_string();
        let closed = log.closed;
        drop(log);
        panic!(
            "{}: expected {what}\n  state {state}\n  closed {closed:?}\n  last frames:\n  {last}",
            self.name
        );
    }
}

/// A frame as text for a failure message, without the QR code.
fn brief(frame: &Frame) -> String {
    let mut body = frame.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("qr");
    }
    body.to_string()
}
