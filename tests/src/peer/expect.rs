//! What a test expects of a peer: frames, states and closes, each within a time.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::Log;
use super::{Frame, Peer};
use crate::wait::PATIENCE;

/// For how long something must have been on a screen before an act counts as an answer to it, and a
/// bit, in case a frame takes its time. Source: docs/protocol.md.
const MEANT: Duration = Duration::from_millis(480);

/// How many of the last frames a failure prints.
const LAST: usize = 12;

impl Peer {
    /// The next frame that `wanted` finds something in.
    ///
    /// # Panics
    /// When there is none within [`PATIENCE`], with the last frames.
    pub async fn expect<T>(&mut self, what: &str, wanted: impl Fn(&Frame) -> Option<T>) -> T {
        self.expect_within(PATIENCE, what, wanted).await
    }

    /// The next frame that `wanted` finds something in, within a time that the product promises.
    ///
    /// # Panics
    /// When there is none in time, with the last frames.
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

    /// Leaves what has arrived so far out of what is expected next.
    pub fn skip(&mut self) {
        let so_far = self.log().frames.len();
        self.cursor = so_far;
    }

    /// The next frame of this `type`.
    pub async fn expect_kind(&mut self, kind: &str) -> Value {
        self.expect(kind, |frame| {
            (frame.kind() == kind).then(|| frame.body.clone())
        })
        .await
    }

    /// The next `error` frame, which has this code; the frame.
    pub async fn expect_error(&mut self, code: &str) -> Value {
        let error = self.expect_kind("error").await;
        assert_eq!(error["code"], code, "{}: {error}", self.name);
        let words = error["message"].as_str().unwrap_or("");
        assert!(words.len() > 10, "an error has words for a person: {error}");
        error
    }

    /// Waits until the newest state satisfies `is`; that state.
    ///
    /// # Panics
    /// When it does not within [`PATIENCE`].
    pub async fn until(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until_within(PATIENCE, what, is).await
    }

    /// Waits until the newest state satisfies `is`, within a time that the product promises.
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
    /// When it does not, or not with this code.
    pub async fn expect_closed(&mut self, code: u16) {
        let closed = self.look(PATIENCE, "a close", |log| log.closed).await;
        assert_eq!(closed.code, Some(code), "{}: the close code", self.name);
    }

    /// Paints the hold and says "hands off" to it, until the relay takes it.
    ///
    /// # Panics
    /// When it is not taken.
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

    /// Paints a cue and says "seen" to it, until the relay takes it.
    ///
    /// # Panics
    /// When it is not taken.
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
            // What counts was on the screen for so long.
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

    /// Says ready until the relay takes it: it counts only when the hold has been on the screen.
    ///
    /// # Panics
    /// When it is not taken.
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
            // Longer than one tap counts as the same.
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

/// A frame for a failure's message, without the drawing of the QR code.
fn brief(frame: &Frame) -> String {
    let mut body = frame.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("qr");
    }
    body.to_string()
}
