//! Upgrades a request to a WebSocket: the handshake of RFC 6455, and the stream that results. Other modules
//! decide who is let in and what is sent.

use axum::http::header;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::connection::shrink_send_buffer;
use crate::net::headers::lists;
use crate::net::write_timeout::WriteTimeout;

/// A status, and the reason as text for a person.
pub type Refusal = (StatusCode, &'static str);

/// Serves the stream of an upgraded connection.
pub trait Serve: Send + 'static {
    /// Serves the stream until it ends. `already_read` holds the bytes that came after the request.
    fn serve<S>(self, stream: S, already_read: Bytes) -> impl Future<Output = ()> + Send
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static;
}

/// The `Sec-WebSocket-Accept` that answers these headers.
///
/// # Errors
/// They request no WebSocket or another version of it, or they have no key.
pub fn accept(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    if !lists(headers, &header::UPGRADE, "websocket")
        || !lists(headers, &header::CONNECTION, "upgrade")
    {
        let why = "This address is for WebSockets; the page is at /.";
        return Err((StatusCode::UPGRADE_REQUIRED, why));
    }
    if !lists(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
        let why = "This relay speaks version 13 of the WebSocket protocol.";
        return Err((StatusCode::BAD_REQUEST, why));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let accept = key.map(|key| derive_accept_key(key.as_bytes()));
    accept
        .and_then(|accept| HeaderValue::from_str(&accept).ok())
        .ok_or((StatusCode::BAD_REQUEST, "The handshake has no key."))
}

/// The response that upgrades a connection, without a subprotocol, and the future that serves the connection.
/// Run the future concurrently with the response.
pub fn begin<B>(
    request: &mut hyper::Request<B>,
    accept: HeaderValue,
    to: impl Serve,
) -> (Response, impl Future<Output = ()> + Send + 'static) {
    let upgrade = hyper::upgrade::on(request);
    let serving = async move {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return tracing::debug!(%error, "the upgrade did not come through"),
        };
        let upgraded = match upgraded.downcast::<TokioIo<WriteTimeout<TcpStream>>>() {
            Ok(parts) => {
                let tcp = parts.io.into_inner().into_inner();
                shrink_send_buffer(&tcp);
                return to.serve(tcp, parts.read_buf).await;
            }
            Err(other) => other,
        };
        match upgraded.downcast::<TokioIo<WriteTimeout<TlsStream<TcpStream>>>>() {
            Ok(parts) => {
                let secure = parts.io.into_inner().into_inner();
                shrink_send_buffer(secure.get_ref().0);
                // Boxed, so that a plain connection does not reserve memory for a TLS one.
                Box::pin(to.serve(secure, parts.read_buf)).await;
            }
            Err(other) => to.serve(TokioIo::new(other), Bytes::new()).await,
        }
    };
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    let answer = (StatusCode::SWITCHING_PROTOCOLS, headers).into_response();
    (answer, serving)
}
