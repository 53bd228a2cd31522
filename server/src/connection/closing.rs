//! How a connection is closed: its last frames and its close code.

use futures_util::{FutureExt as _, SinkExt as _, Stream, StreamExt as _};
use tapcue_rules::message::{ErrorCode, ToDevice};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::session::device_handle::frame;

/// How long a device may take to read what is written before its close.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The close code and error for a connection that broke a rule of the WebSocket protocol. None if it just
/// ended.
#[must_use]
pub fn broken(error: &Error) -> Option<(u16, Option<ErrorCode>)> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            Some((1009, Some(ErrorCode::TooLarge)))
        }
        Error::Utf8(_) => Some((1007, Some(ErrorCode::BadMessage))),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some((1002, None)),
        Error::Capacity(CapacityError::TooManyHeaders)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Tls(_)
        | Error::WriteBufferFull(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => None,
    }
}

/// Sends the reason, if there is one, closes with `code`, and reads until the device has closed too.
pub async fn say_goodbye<S>(ws: &mut WebSocketStream<S>, code: u16, why: Option<ToDevice>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let _ = timeout(CLOSE_TIMEOUT, async {
        if let Some(why) = why {
            ws.send(Message::Text(frame(&why))).await?;
        }
        ws.send(close_frame(code)).await?;
        // Waits for the peer's close, so that a reset does not lose the last frames.
        while let Some(Ok(_)) = ws.next().await {}
        Ok::<(), Error>(())
    })
    .await;
}

/// Sends the prepared answer to a device's close, if there is room for it right now. It does not wait, so
/// that the session learns at once that the device is gone.
pub(super) fn answer_close(source: &mut (impl Stream<Item = Result<Message, Error>> + Unpin)) {
    let _ = tokio::task::unconstrained(source.next()).now_or_never();
}

/// A close frame without a reason.
pub(super) fn close_frame(code: u16) -> Message {
    Message::Close(Some(CloseFrame {
        code: CloseCode::from(code),
        reason: Utf8Bytes::default(),
    }))
}
