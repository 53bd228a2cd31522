//! The HTTP interface to a session's record: reading it, deleting it, and adding a note
//! later. A token of the session gives access.

use axum::body::to_bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use tapcue_rules::ids::SessionId;
use tapcue_rules::language::Language;
use tapcue_rules::limits::NOTE_CHARS;
use tapcue_rules::message::{ErrorCode, Secret};
use tapcue_transcript::{Reading, Transcript};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Duration, timeout};

use crate::background;
use crate::http::Shared;
use crate::journal::{self, Numbered};
use crate::net::headers::text;
use crate::records::retention;
use crate::session::notes::{Denied, Note};

mod limits;
pub(crate) use limits::RecordLimits;

/// The greatest width of a text transcript, in characters.
const WIDEST: u16 = 400;

/// The width of a drawing if none is named: between the margins of an A4 page, in CSS pixels.
const PAPER: u16 = 688;

/// How long a request's body may take to arrive: as long as its headers may.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest request body, in bytes: a note of four-byte characters, each escaped, and the JSON around it.
const BODY_BYTES: usize = 12 * NOTE_CHARS + 1_024;

/// How long a transcript waits for its turn, and for memory to be sent.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// The `Retry-After` when too many requests wait, in seconds; some are done by then.
const AGAIN_AFTER_S: u64 = 5;

/// The routes, with a rate limit for each address.
pub(crate) fn router(shared: Shared) -> Router<Shared> {
    Router::new()
        .route("/api/v1/key", get(key))
        .route("/api/v1/sessions/{id}", axum::routing::delete(delete))
        .route("/api/v1/sessions/{id}/transcript", get(transcript))
        .route("/api/v1/sessions/{id}/notes", post(note))
        .layer(from_fn(whole))
        .layer(from_fn_with_state(shared, limits::limited))
}

/// Waits for a whole request, for at most [`BODY_TIMEOUT`]; a client that sends it too slowly is refused.
async fn whole(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match timeout(BODY_TIMEOUT, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(head, body.into())).await,
        Ok(Err(_)) => Refusal::BadNote.into_response(),
        Err(_) => {
            let last = [(header::CONNECTION, "close")];
            let why = "The request took too long to arrive.\n";
            (StatusCode::REQUEST_TIMEOUT, last, why).into_response()
        }
    }
}

/// The key that verifies this relay's seals.
async fn key(State(shared): State<Shared>) -> Response {
    let key = shared.key;
    Json(json!({"public_key": key, "fingerprint": key.fingerprint()})).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    format: Format,
    /// Minutes east of UTC, for the times in HTML and text.
    #[serde(default)]
    offset: i16,
    /// How wide the text may be, in characters, or the drawing, in CSS pixels.
    width: Option<u16>,
    /// The code of the language for all but JSON; English if it is unknown.
    lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
    Html,
    Text,
    /// The words of the page's review, as JSON.
    Words,
    /// The timeline as drawing data, as JSON.
    Drawing,
}

async fn transcript(
    State(shared): State<Shared>,
    Path(id): Path<SessionId>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (registry, token) = (&shared.registry, bearer(&headers)?);
    // A caller without access takes no place in the queue.
    let role = registry.readable(id, &token).await?;
    let place = shared.record_limits.place().ok_or(Refusal::Busy)?;
    let turn = timeout(TURN_TIMEOUT, shared.record_limits.turn()).await;
    let turn = turn.ok().flatten().ok_or(Refusal::Busy)?;
    drop(place);
    // The turn lasts as long as the transcript is in memory, even after its client has left.
    let reading = (Reading::new(id, Some(role)), turn);
    let step = |(reading, _): &mut (Reading, _), numbered: &Numbered| {
        reading.push(numbered.seq, &numbered.entry);
    };
    let read = journal::fold(&*registry.context.journal, id, reading, step).await;
    let (reading, turn) = read.map_err(Denied::from)?;
    // The session may have been deleted meanwhile.
    registry.readable(id, &token).await?;
    let meta = registry
        .context
        .journal
        .meta(id)
        .await
        .map_err(Denied::from)?;
    let made = background::run(move || {
        let transcript = reading.finish().ok()?;
        let seals = meta.iter().flat_map(retention::seals);
        Some((written(&transcript.with_seals(seals), &wanted), turn))
    });
    let ((kind, body), turn) = made.await.flatten().ok_or(Refusal::Unreadable)?;
    // The turn ends once there is memory to send the transcript, however slowly its client reads.
    let room = timeout(TURN_TIMEOUT, shared.record_limits.room(body.len())).await;
    let room = room.ok().flatten().ok_or(Refusal::Busy)?;
    drop(turn);
    let body = Bytes::from_owner(OnItsWay { body, _room: room });
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// A transcript in flight, which holds its share of memory until the client has all of it.
struct OnItsWay {
    body: String,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for OnItsWay {
    fn as_ref(&self) -> &[u8] {
        self.body.as_bytes()
    }
}

fn written(transcript: &Transcript, wanted: &Wanted) -> (&'static str, String) {
    let offset = wanted.offset;
    let language = wanted.lang.as_deref().and_then(Language::of_code);
    let language = language.unwrap_or_default();
    match wanted.format {
        Format::Json => ("application/json", transcript.json()),
        Format::Csv => ("text/csv; charset=utf-8", transcript.csv(language)),
        Format::Html => (
            "text/html; charset=utf-8",
            transcript.html(language, offset.into()),
        ),
        Format::Words => ("application/json", transcript.words_json(language)),
        Format::Drawing => {
            let width = wanted.width.unwrap_or(PAPER);
            (
                "application/json",
                transcript.drawing_json(language, width.into()),
            )
        }
        Format::Text => {
            let width = wanted.width.unwrap_or(80).clamp(40, WIDEST);
            (
                "text/plain; charset=utf-8",
                transcript.text(language, width.into(), offset.into()),
            )
        }
    }
}

async fn delete(
    State(shared): State<Shared>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    shared.registry.delete_for(id, &bearer(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn note(
    State(shared): State<Shared>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
    note: Result<Json<Note>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, Refusal> {
    let token = bearer(&headers)?;
    let Json(note) = note.map_err(|_| Refusal::BadNote)?;
    if note.text.chars().count() > NOTE_CHARS {
        return Err(Refusal::BadNote);
    }
    shared.registry.note(id, &token, note).await?;
    Ok(StatusCode::CREATED.into_response())
}

fn bearer(headers: &HeaderMap) -> Result<Secret, Refusal> {
    let value = text(headers, &header::AUTHORIZATION);
    let value = value.and_then(|value| value.trim().split_once(' '));
    // The name of the scheme is case-insensitive (RFC 9110, 11.1).
    let token = value.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    let (_, token) = token.ok_or(Refusal::Denied(Denied::BadToken))?;
    Ok(Secret(token.trim().to_owned()))
}

/// Why a request was refused.
enum Refusal {
    Denied(Denied),
    /// The body is not a valid note.
    BadNote,
    /// The record cannot be read as a transcript.
    Unreadable,
    /// Too many transcripts are being read, or their clients are slow.
    Busy,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Refusal::Denied(denied)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let is_busy = matches!(self, Refusal::Busy);
        let (status, body) = match self {
            Refusal::Denied(Denied::BadToken) => (
                StatusCode::UNAUTHORIZED,
                json!({
                    "code": ErrorCode::BadToken,
                    "message": "This token opens no session here. Use the device that took part in \
                                it; if that was long ago, its time may be up.",
                }),
            ),
            Refusal::Denied(Denied::Deleted(deletion)) => (
                StatusCode::GONE,
                json!({
                    "code": ErrorCode::Deleted,
                    "by": deletion.by,
                    "at": deletion.at,
                    "message": "This session was deleted. No record is kept.",
                }),
            ),
            Refusal::Denied(Denied::Hidden) => (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({
                    "code": ErrorCode::Unavailable,
                    "message": "This session's time is up by the relay's date. It is deleted when the \
                                relay has run for a day past it. If the date is wrong, have whoever runs \
                                the relay set its clock.",
                }),
            ),
            Refusal::Denied(Denied::NotOver) => (
                StatusCode::CONFLICT,
                json!({
                    "code": ErrorCode::NotAllowed,
                    "message": "Notes are for after the end: end the session first.",
                }),
            ),
            Refusal::Denied(Denied::Full) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                json!({
                    "code": ErrorCode::TooLarge,
                    "message": "This session's record is full: it takes no more notes.",
                }),
            ),
            Refusal::Denied(Denied::OpenStop) => (
                StatusCode::CONFLICT,
                json!({
                    "code": ErrorCode::Held,
                    "message": "This session is over and not deleted yet: a stop of it waits for \
                                \"hands off\". Say it, or close the session on both devices for a \
                                minute; then delete it again.",
                }),
            ),
            Refusal::Denied(Denied::Journal(_) | Denied::Slow) => (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({
                    "code": ErrorCode::Unavailable,
                    "message": "The relay cannot read or write its records just now. Try again; if \
                                it stays so, whoever runs the relay finds why in its log.",
                }),
            ),
            Refusal::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({
                    "code": ErrorCode::TooFast,
                    "message": "Many people are reading their sessions just now. Try again in some \
                                seconds.",
                }),
            ),
            Refusal::BadNote => (
                StatusCode::UNPROCESSABLE_ENTITY,
                json!({
                    "code": ErrorCode::BadMessage,
                    "message": format!(
                        "A note has a text of at most {NOTE_CHARS} characters and says whether it \
                         is shared."
                    ),
                }),
            ),
            Refusal::Unreadable => (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({
                    "code": ErrorCode::Unavailable,
                    "message": "This session's record cannot be read as a transcript.",
                }),
            ),
        };
        let challenge = (status == StatusCode::UNAUTHORIZED)
            .then_some([(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))]);
        if is_busy {
            let after = [(header::RETRY_AFTER, HeaderValue::from(AGAIN_AFTER_S))];
            return (status, after, Json(body)).into_response();
        }
        match challenge {
            Some(challenge) => (status, challenge, Json(body)).into_response(),
            None => (status, Json(body)).into_response(),
        }
    }
}
