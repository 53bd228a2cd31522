//! Limits on requests for records. Cues and stops never come this way.

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

/// Requests from one address. A terminal client remembers 100 sessions and may request all of them at once; a
/// page requests a few. A long transcript takes some 10 ms of a core.
const REQUESTS: Rate = Rate::per_second(10, 300);

/// Requests with an invalid token from one address: one every six seconds, as for wrong codes. The burst is
/// the number of sessions that a terminal client remembers, since all may be deleted. No client can guess 256
/// bits at any rate; this limits what the attempts cost.
const WRONG_TOKENS: Rate = Rate::per_minute(10, 100);

/// How many transcripts wait for their turn at most; further requests are told to retry. A terminal client
/// requests one at a time, a page up to four.
const LINE_AT_MOST: usize = 64;

/// The memory for transcripts in flight, in KiB, so that slow clients have a bounded part of it. A transcript
/// of 10,000 entries takes about 4 MB; one that is larger than the whole budget is sent alone.
const ON_THEIR_WAY_KIB: usize = 64 * 1_024;

/// The rate limits, the queue and the memory budget of requests for records.
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
    /// Limits without requests so far.
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
    /// Drops the sources whose rate limit is full again.
    pub(crate) fn expire(&self, now: Millis) {
        let mut buckets = self.lock();
        buckets.requests.expire(now);
        buckets.wrong_tokens.expire(now);
    }

    /// A place in the queue; none if it is full.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.line).try_acquire_owned().ok()
    }

    /// Waits for memory to send this many bytes.
    pub(super) async fn room(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let kib = bytes.div_ceil(1_024).min(ON_THEIR_WAY_KIB);
        let kib = u32::try_from(kib).ok()?;
        Arc::clone(&self.room).acquire_many_owned(kib).await.ok()
    }

    /// Waits for a turn to make a transcript, first come, first served. The turn lasts until it is dropped.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    /// Admits a request, or returns how many milliseconds it must wait.
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

/// Admits a request unless its address is over the limit, and counts invalid tokens.
pub(super) async fn limited(
    State(shared): State<Shared>,
    Extension(client): Extension<Forwarded>,
    request: Request,
    next: Next,
) -> Response {
    let address = client.source;
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
