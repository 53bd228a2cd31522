//! One device's WebSocket. It parses each message once, answers heartbeats itself, and is the only writer.
//!
//! Three futures run concurrently in one task, so that none delays another: the reader, the writer and the
//! watch over the link. A device that does not read may block the writer.

pub mod closing;
mod inbound;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use closing::{CLOSE_TIMEOUT, answer_close, broken, close_frame, say_goodbye};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use inbound::{Intake, Taken};
use tapcue_rules::limits::FRAME_BYTES;
use tapcue_rules::message::{ErrorCode, Read, ToDevice, ToRelay, Unread, close, with_recorded};
use tapcue_rules::state::LinkStatus;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role as End, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::metrics::{Metrics, Refused};
use crate::net::connection_limit::{Importance, Ticket};
use crate::session::device_handle::{Closing, DeviceHandle, Outgoing, beat_answer, frame};
use crate::session::registry::{Paired, Registry};
use crate::session::task::{Control, SessionHandle};

/// How long a device may take for its first message. Source: protocol.md.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

/// Silence after which a connection is closed, in milliseconds. Its session has counted it as lost since the
/// link timeout; a device that comes back opens a new connection.
const SILENT_AT_MOST_MS: u64 = 60_000;

/// The read buffer of one connection, in bytes. The default of 128 KiB would be allocated for each of tens of
/// thousands of connections; almost every frame of a device is under 200 bytes.
const READ_BUFFER: usize = 1_024;

/// The kernel's send buffer for frames to a device, in bytes, as requested (Linux doubles it). A stop waits
/// behind everything in it, so it is as small as is useful.
const SEND_BUFFER: usize = 8 * 1_024;

/// The kernel's receive buffer for frames from a device, in bytes, as requested. A stop waits behind
/// everything that its own device sent before it; a smaller buffer makes it wait for round trips as well. The
/// listener sets it.
pub const RECEIVE_BUFFER: usize = 128 * 1_024;

/// The WebSocket configuration of every connection.
#[must_use]
pub fn websocket_config() -> WebSocketConfig {
    websocket_config_up_to(FRAME_BYTES)
}

/// The same for frames and messages of at most `bytes`, of which four may wait to be written.
#[must_use]
pub fn websocket_config_up_to(bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * bytes)
        .max_message_size(Some(bytes))
        .max_frame_size(Some(bytes))
}

/// Sets a small kernel send buffer on a TCP connection.
pub fn shrink_send_buffer(tcp: &tokio::net::TcpStream) {
    let socket = socket2::SockRef::from(tcp);
    if let Err(error) = socket.set_send_buffer_size(SEND_BUFFER) {
        tracing::debug!(%error, "the kernel keeps its own buffer size");
    }
}

/// The peer of a connection.
#[derive(Debug)]
pub struct Caller {
    /// Its address, as far as it is known.
    pub address: IpAddr,
    /// The base URL of its QR link.
    pub base: String,
    /// Its slot in the connection limit.
    pub ticket: Arc<Ticket>,
}

/// Serves a device from the upgrade of its connection until it ends.
pub async fn run<S>(registry: Arc<Registry>, stream: S, already_read: Bytes, caller: Caller)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Caller {
        address,
        base,
        ticket,
    } = caller;
    let config = Some(websocket_config());
    let mut ws =
        WebSocketStream::from_partially_read(stream, already_read.to_vec(), End::Server, config)
            .await;
    // It keeps the 8 KiB buffer of the headers alive.
    drop(already_read);
    let hello = tokio::select! {
        biased;
        // Boxed, so that its memory is freed when it is done.
        hello = Box::pin(timeout(HELLO_TIMEOUT, hello(&mut ws, &registry.context.metrics))) => hello,
        () = ticket.revoked() => return,
        () = registry.going_down() => {
            let why = ErrorCode::ShuttingDown.to_device(None, true);
            return say_goodbye(&mut ws, 1012, Some(why)).await;
        }
    };
    let hello = match hello {
        Ok(Some(hello)) => hello,
        Ok(None) => return,
        Err(_) => return say_goodbye(&mut ws, close::IDLE, None).await,
    };
    let paired = match Box::pin(registry.admit(hello, address, base.into())).await {
        Ok(paired) => paired,
        Err(refusal) => {
            registry
                .context
                .metrics
                .refused_with(Refused::Device, refusal.code);
            let code = refused(refusal.code);
            return say_goodbye(&mut ws, code, Some(refusal.to_device())).await;
        }
    };
    ticket.raise_to(Importance::Guest);
    let Paired { session, arrived } = paired;
    tracing::debug!(session = %session.id, role = arrived.device.role.as_str(), "a device is in");
    let departure = Departure {
        session: Arc::clone(&session),
        device: Arc::clone(&arrived.device),
    };
    let (sink, source) = ws.split();
    let welcome = frame(&arrived.welcome);
    drop(arrived);
    let writer = write(&registry, &departure, sink, welcome);
    let intake = Intake::new(
        Arc::clone(&registry),
        session,
        Arc::clone(&departure.device),
    );
    let reader = read(source, intake);
    tokio::pin!(writer, reader);
    tokio::select! {
        biased;
        said_all = &mut writer => {
            if said_all {
                // Reads on for a moment: a close over unread frames would reset the connection and lose the
                // last written frames. The unread frames may hold a stop, too.
                let _ = timeout(CLOSE_TIMEOUT, reader).await;
            } else {
                // Safety Invariant: when a write fails, the connection is read to its end, because the last
                // message of its device may be a stop. The runtime's budget does not end that early; what is
                // left is what the kernel holds.
                let _ = tokio::task::unconstrained(reader).now_or_never();
            }
        }
        () = &mut reader => {
            if departure.device.closing().is_some() {
                // The device broke a protocol rule, and is told which.
                let _ = timeout(CLOSE_TIMEOUT, writer).await;
            }
        }
        () = watch(&registry, &departure, &ticket) => {}
    }
}

/// Tells the session that a connection has ended, however it ends.
struct Departure {
    session: Arc<SessionHandle>,
    device: Arc<DeviceHandle>,
}

impl Departure {
    fn tell(&self, status: LinkStatus) {
        let control = Control::Link(Arc::clone(&self.device), status);
        // A full lane marks itself as overrun, and the session then treats both links as lost. A closed lane
        // belongs to a session that closes this connection.
        let _ = self.session.mailbox.post_control(control);
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        let control = Control::Leave(Arc::clone(&self.device));
        let _ = self.session.mailbox.post_control(control);
    }
}

/// The device's first message. None if the connection has ended.
async fn hello<S>(ws: &mut WebSocketStream<S>, metrics: &Metrics) -> Option<ToRelay>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let parsed = match ws.next().await? {
            Ok(Message::Text(text)) => ToRelay::read(&text),
            Ok(Message::Close(_)) => {
                answer_close(ws);
                return None;
            }
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            Ok(Message::Binary(_)) => {
                let why = ErrorCode::BadMessage.to_device(None, true);
                say_goodbye(ws, 1003, Some(why)).await;
                return None;
            }
            Err(error) => {
                let (code, error) = broken(&error)?;
                let why = error.map(|error| error.to_device(None, true));
                say_goodbye(ws, code, why).await;
                return None;
            }
        };
        match parsed {
            Ok(Read {
                message:
                    hello @ (ToRelay::Create { .. } | ToRelay::Join { .. } | ToRelay::Resume { .. }),
                ..
            }) => return Some(hello),
            Err(Unread { hello: true, field }) => {
                metrics.refused_with(Refused::Device, ErrorCode::BadMessage);
                let why = ErrorCode::BadMessage.refused(field);
                say_goodbye(ws, refused(ErrorCode::BadMessage), Some(why)).await;
                return None;
            }
            // The message is out of order or invalid: the device is told so, and may still send its hello in
            // time. This includes a stop, because the relay does not know its session yet.
            Ok(_) | Err(Unread { hello: false, .. }) => {
                let error = frame(&ErrorCode::BadMessage.to_device(None, false));
                ws.send(Message::Text(error)).await.ok()?;
            }
        }
    }
}

/// Writes the waiting frames until the connection closes. Returns whether all was written, the close
/// included.
async fn write<S>(
    registry: &Registry,
    Departure { session, device }: &Departure,
    mut sink: SplitSink<WebSocketStream<S>, Message>,
    welcome: Utf8Bytes,
) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut next = Some((Outgoing::Frame(welcome), None));
    loop {
        while let Some((next, stop_read_at)) = next
            .take()
            .or_else(|| device.next(registry.context.clock.now()))
        {
            let frame = match next {
                Outgoing::Frame(frame) => frame,
                Outgoing::State(state, recorded) if recorded.is_empty() => state,
                Outgoing::State(state, recorded) => with_recorded(&state, &recorded).into(),
                Outgoing::Recorded(id, seq) => frame(&ToDevice::Recorded { id, seq }),
                Outgoing::Beat(echo, recorded) => {
                    let pulse = &session.pulse;
                    let unrecorded = !registry.context.journal.healthy() || pulse.unrecorded();
                    frame(&beat_answer(
                        echo,
                        device.role,
                        pulse,
                        &registry.context.clock,
                        unrecorded,
                        recorded,
                    ))
                }
            };
            if sink.send(Message::Text(frame)).await.is_err() {
                return false;
            }
            if let Some(read_at) = stop_read_at {
                registry.context.metrics.stop_passed(read_at.elapsed());
            }
        }
        if let Some(Closing { code, error }) = device.closing() {
            let said = timeout(CLOSE_TIMEOUT, async {
                if let Some(error) = error {
                    let error = frame(&error.to_device(None, true));
                    sink.send(Message::Text(error)).await?;
                }
                sink.send(close_frame(code)).await
            });
            return matches!(said.await, Ok(Ok(())));
        }
        tokio::select! {
            biased;
            () = device.changed() => {}
            () = registry.context.clock.until(device.due()) => {}
        }
    }
}

async fn read<S>(mut source: SplitStream<WebSocketStream<S>>, mut intake: Intake)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = source.next().await {
        let taken = match message {
            Ok(Message::Text(text)) => intake.text(&text),
            Ok(Message::Binary(bytes)) => intake.binary(&bytes),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            Ok(Message::Close(_)) => return answer_close(&mut source),
            Err(error) => {
                if let Some((code, error)) = broken(&error) {
                    intake.close(Closing { code, error });
                }
                return;
            }
        };
        if taken == Taken::Abuse {
            intake.close(Closing {
                code: 1008,
                error: Some(ErrorCode::BadMessage),
            });
        }
    }
}

/// Tells the session when the link turns late or lost, even without traffic. Ends a connection that is
/// abandoned, whose device does not read its close, or that must make room for another.
async fn watch(registry: &Registry, departure: &Departure, ticket: &Ticket) {
    let mut closing_since = None;
    loop {
        let now = registry.context.clock.now();
        let (change, next) = departure.device.watch(now);
        if let Some(status) = change {
            departure.tell(status);
        }
        if departure.device.silent_ms(now) >= SILENT_AT_MOST_MS {
            return;
        }
        if departure.device.closing().is_some() {
            let since = *closing_since.get_or_insert(now);
            if now.since(since) >= 2 * CLOSE_TIMEOUT.as_millis() as u64 {
                return;
            }
        }
        tokio::select! {
            biased;
            () = ticket.revoked() => return,
            // At once, not at the next check of the link: by then it could have been closed to make room.
            _ = departure.session.paired.wait(), if !ticket.is_at_home() => {
                ticket.raise_to(Importance::AtHome);
            }
            () = registry.context.clock.until(Some(next)) => {}
        }
    }
}

/// The close code for a refused first message.
fn refused(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::BadToken => close::BAD_TOKEN,
        ErrorCode::Ended => close::ENDED,
        ErrorCode::Deleted => close::DELETED,
        ErrorCode::Superseded => close::SUPERSEDED,
        ErrorCode::ShuttingDown => 1012,
        ErrorCode::Unavailable => 1013,
        ErrorCode::TooLarge => 1009,
        ErrorCode::TooFast
        | ErrorCode::BadMessage
        | ErrorCode::UnknownCode
        | ErrorCode::Taken
        | ErrorCode::NotAllowed
        | ErrorCode::Held
        | ErrorCode::NearlyFull
        | ErrorCode::Stale => 1008,
    }
}
