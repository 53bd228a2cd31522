//! A minimal HTTP client: one request to a relay, one answer.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tapcue_rules::message::Secret;
use tapcue_transcript::MAX_BYTES;
use tokio::time::timeout;

use crate::relay::address::RelayAddress;
use crate::relay::error::ConnectError;
use crate::relay::tls::{Trust, Wire, connect};

/// The connection timeout, the same as for the first connection of a session.
const CONNECT_WITHIN: Duration = Duration::from_secs(6);

/// The timeout for a whole answer. The relay itself waits up to 10 seconds for its disk before it reports
/// that.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    /// GET, DELETE or POST.
    pub(super) method: Method,
    /// The path, starting with a slash.
    pub(super) path: String,
    /// The token that gives access to the session.
    pub(super) token: Option<&'a Secret>,
    /// The JSON to send.
    pub(super) body: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// The whole body.
    pub(super) body: Bytes,
}

/// Sends a request to a relay.
///
/// # Errors
/// The reason why there is no answer.
pub(super) async fn ask(
    relay: &RelayAddress,
    trust: &Trust,
    ask: Ask<'_>,
) -> Result<Answer, ConnectError> {
    let connecting = timeout(CONNECT_WITHIN, connect(relay, trust)).await;
    let stream = connecting.map_err(|_| ConnectError::Silent)??;
    let request = request(relay, ask).map_err(ConnectError::Other)?;
    let answering = timeout(ANSWER_WITHIN, answer(stream, request)).await;
    let answer = answering.map_err(|_| ConnectError::Silent)?;
    answer.map_err(ConnectError::Other)
}

fn request(relay: &RelayAddress, ask: Ask<'_>) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(ask.path)
        .header(HOST, relay.authority());
    if let Some(token) = ask.token {
        request = request.header(AUTHORIZATION, format!("Bearer {}", token.0));
    }
    if ask.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = Full::new(Bytes::from(ask.body.unwrap_or_default()));
    // A token that is not a valid header value comes from a damaged file.
    request.body(body).map_err(|error| error.to_string())
}

async fn answer(stream: Box<dyn Wire>, request: Request<Full<Bytes>>) -> Result<Answer, String> {
    let words = |error: hyper::Error| error.to_string();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(words)?;
    // The task ends with the answer, or with an error that the answer reports.
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(words)?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_BYTES).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    driving.abort();
    Ok(Answer {
        status: parts.status.as_u16(),
        body,
    })
}
