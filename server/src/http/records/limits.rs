//! How often an address may ask for records. A cue or a stop never comes this way.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::header;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::time::Millis;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::background;
use crate::http::Shared;
use crate::net::forwarded::Forwarded;
use crate::net::rate_limit::{PerSource, Rate};

/// Requests from one address. A terminal remembers 100 sessions and may ask for all of them at once;
/// a page that is read asks for a few. A long transcript costs some 10 ms of a core.
const REQUESTS: Rate = Rate::per_second(10, 300);

/// Requests with a token that opens nothing, from one address: one every six seconds, as for wrong
/// codes. At once as many as a terminal remembers sessions, for all of them may be long gone. Nobody
/// guesses 256 bits at any pace; this keeps the attempt from costing anything.
const WRONG_TOKENS: Rate = Rate::per_minute(10, 100);

/// Transcripts that wait for their turn at most; who comes then is told to come again. A terminal and a
/// page ask for one at a time.
const LINE_AT_MOST: usize = 64;

/// What transcripts on their way may take of the memory, in KiB, so that readers, however slow, have a
/// bounded part of it. One of 10,000 entries has some 4 MB; one that is larger than all of it goes alone.
const ON_THEIR_WAY_KIB: usize = 64 * 1_024;

/// Who asked lately, and whose turn it is.
#[derive(Debug)]
pub(crate) struct RecordLimits {
    buckets: Mutex<Buckets>,
    line: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

#[derive(Debug)]
struct Buckets {
    requests: PerSource,
    wrong_tokens: PerSource,
}

impl Default for RecordLimits {
    /// Nobody has asked yet.
    fn default() -> Self {
        Self {
            buckets: Mutex::new(Buckets {
                requests: PerSource::new(REQUESTS),
                wrong_tokens: PerSource::new(WRONG_TOKENS),
            }),
            line: Arc::new(Semaphore::new(LINE_AT_MOST)),
            turns: Arc::new(Semaphore::new(background::at_once())),
            room: Arc::new(Semaphore::new(ON_THEIR_WAY_KIB)),
        }
    }
}

impl RecordLimits {
    /// Forgets those who need not wait any more.
    pub(crate) fn expire(&self, now: Millis) {
        let mut buckets = self.lock();
        buckets.requests.expire(now);
        buckets.wrong_tokens.expire(now);
    }

    /// A place in the line; none if it is full.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.line).try_acquire_owned().ok()
    }

    /// Room for so many bytes on their way.
    pub(super) async fn room(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let kib = bytes.div_ceil(1_024).min(ON_THEIR_WAY_KIB);
        let kib = u32::try_from(kib).ok()?;
        Arc::clone(&self.room).acquire_many_owned(kib).await.ok()
    }

    /// A turn at a transcript, for as long as it is kept: first come, first served.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    /// Lets a request through, or says for how many milliseconds not.
    fn admit(&mut self, address: IpAddr, now: Millis) -> Result<(), u64> {
        let guessing = self.wrong_tokens.wait_ms(address, now);
        if guessing > 0 {
            return Err(guessing);
        }
        if self.requests.take(address, now) {
            return Ok(());
        }
        Err(self.requests.wait_ms(address, now))
    }

    fn wrong_token(&mut self, address: IpAddr, now: Millis) {
        let _allowed = self.wrong_tokens.take(address, now);
    }
}

/// Lets a request through unless its address asked too often, and counts tokens that open nothing.
pub(super) async fn limited(
    State(shared): State<Shared>,
    Extension(way): Extension<Forwarded>,
    request: Request,
    next: Next,
) -> Response {
    let address = way.source;
    let clock = &shared.registry.context.clock;
    let admitted = shared.record_limits.lock().admit(address, clock.now());
    if let Err(wait_ms) = admitted {
        return too_often(wait_ms);
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        let now = shared.registry.context.clock.now();
        shared.record_limits.lock().wrong_token(address, now);
    }
    response
}

fn too_often(wait_ms: u64) -> Response {
    let seconds = wait_ms.div_ceil(1_000).max(1);
    let body = json!({
        "code": ErrorCode::TooFast,
        "message": format!("Too many requests from this address. Try again in {seconds} s."),
    });
    let after = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
    (StatusCode::TOO_MANY_REQUESTS, after, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_too_often_or_guesses_waits_and_another_does_not() {
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let record_limits = RecordLimits::default();
        let mut buckets = record_limits.lock();
        let now = Millis(1_700_000_000_000);
        for _ in 0..300 {
            assert_eq!(buckets.admit(one, now), Ok(()));
        }
        assert_eq!(buckets.admit(one, now), Err(100));
        assert_eq!(buckets.admit(one, now.plus(100)), Ok(()));
        for _ in 0..100 {
            assert_eq!(buckets.admit(two, now), Ok(()));
            buckets.wrong_token(two, now);
        }
        assert_eq!(buckets.admit(two, now), Err(6_000));
        assert_eq!(buckets.admit(two, now.plus(6_000)), Ok(()));
        drop(buckets);
        record_limits.expire(now.plus(1_000_000));
        assert_eq!(record_limits.lock().requests.len(), 0);
        assert_eq!(record_limits.lock().wrong_tokens.len(), 0);
    }
}
