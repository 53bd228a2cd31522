//! One WebSocket to the relay: frames out, frames in, and its end. The device's machine decides whether to
//! open one; see [`crate::device::driver`].

use std::time::Duration;

use futures_util::{SinkExt, StreamExt, stream::SplitSink, stream::SplitStream};
use tapcue_rules::cue::Lane;
use tapcue_rules::limits::FRAME_BYTES;
use tapcue_rules::message::{SUBPROTOCOL, ToDevice, ToRelay};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::http::uri::InvalidUri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::relay::address::RelayAddress;
use crate::relay::error::ConnectError;
use crate::relay::tls::{Trust, Wire, connect};

/// The maximum number of ordinary frames that wait for the transport. When it is reached the connection
/// counts as broken: a person's taps and two heartbeats a second pile up only on a dead link.
const ORDINARY_AT_MOST: usize = 64;

/// The maximum number of stops that wait for the transport. When it is reached a further one is not queued:
/// those ahead of it have the same effect, and the machine retries the newest until the relay's state
/// contains it.
const URGENT_AT_MOST: usize = 16;

/// The maximum number of events that wait for the driver. When it is reached the socket is not read, which
/// causes TCP back-pressure.
const EVENTS_AT_MOST: usize = 64;

/// The read buffer in bytes. Frames are small; the library's default is 128 KiB.
const READ_BUFFER: usize = 4 * 1024;

/// How long [`Socket::finish`] waits until queued messages are sent. Enough for a LAN, and short enough not
/// to delay a person who closed the screen.
const FINISH_WITHIN: Duration = Duration::from_millis(400);

type Stream = WebSocketStream<Box<dyn Wire>>;

/// An event of a socket.
#[derive(Debug)]
pub enum SocketEvent {
    /// It is connected, and the relay uses this protocol.
    Opened,
    /// A frame from the relay.
    Frame(Box<ToDevice>),
    /// It is closed, or could not be opened. This is the last event.
    Closed {
        /// The relay's close code, if it sent one.
        code: Option<u16>,
        /// The reason; none after an ordinary close.
        reason: Option<ConnectError>,
    },
}

/// The transport accepts nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection takes no more frames")]
pub struct Stuck;

/// One connection. Dropping it closes it at once, without a close frame.
#[derive(Debug)]
pub struct Socket {
    lanes: Lanes,
    events: mpsc::Receiver<SocketEvent>,
    task: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Lanes {
    urgent: mpsc::Sender<ToRelay>,
    ordinary: mpsc::Sender<ToRelay>,
}

impl Socket {
    /// Starts to connect. The first event has the result. Must be called within a tokio runtime.
    #[must_use]
    pub fn open(relay: &RelayAddress, trust: &Trust) -> Self {
        let (urgent, urgent_out) = mpsc::channel(URGENT_AT_MOST);
        let (ordinary, ordinary_out) = mpsc::channel(ORDINARY_AT_MOST);
        let (tell, events) = mpsc::channel(EVENTS_AT_MOST);
        let opening = open(relay.clone(), trust.clone());
        let task = tokio::spawn(run(opening, urgent_out, ordinary_out, tell));
        Self {
            lanes: Lanes { urgent, ordinary },
            events,
            task: Some(task),
        }
    }

    /// Queues a message; a stop goes ahead of all others. Never waits. On a closed connection it queues
    /// nothing, and [`Socket::event`] reports the close after the earlier events.
    ///
    /// # Errors
    /// The transport accepts nothing more.
    pub fn send(&self, message: ToRelay) -> Result<(), Stuck> {
        let (lane, full_is_fine) = match message.lane() {
            Lane::Urgent => (&self.lanes.urgent, true),
            Lane::Ordinary => (&self.lanes.ordinary, false),
        };
        match lane.try_send(message) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) if full_is_fine => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Stuck),
            // This is not an error: the relay's last frames, such as the reason for the close, may still wait
            // to be read.
            Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// The next event. Cancelling it loses no event.
    pub async fn event(&mut self) -> SocketEvent {
        self.events.recv().await.unwrap_or(SocketEvent::Closed {
            code: None,
            reason: None,
        })
    }

    /// Sends what is queued and closes, within a short time limit.
    pub async fn finish(mut self) {
        let Some(mut task) = self.task.take() else {
            return;
        };
        let Self { lanes, events, .. } = &mut self;
        let closed = mpsc::channel(1);
        *lanes = Lanes {
            urgent: closed.0.clone(),
            ordinary: closed.0,
        };
        let drain = async { while events.recv().await.is_some() {} };
        let both = async { tokio::join!(drain, &mut task) };
        if tokio::time::timeout(FINISH_WITHIN, both).await.is_err() {
            task.abort();
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn run(
    opening: impl Future<Output = Result<Stream, ConnectError>>,
    urgent: mpsc::Receiver<ToRelay>,
    ordinary: mpsc::Receiver<ToRelay>,
    tell: mpsc::Sender<SocketEvent>,
) {
    let (code, reason) = match opening.await {
        Ok(stream) => {
            if tell.send(SocketEvent::Opened).await.is_err() {
                return;
            }
            let (sink, stream) = stream.split();
            // Neither direction waits for the other: frames arrive even from a relay that does not read.
            tokio::select! {
                read = read(stream, &tell) => read,
                wrote = write(sink, urgent, ordinary) => (None, wrote.err().map(ConnectError::from)),
            }
        }
        Err(error) => (None, Some(error)),
    };
    // If this fails, there is no receiver any more.
    let _ = tell.send(SocketEvent::Closed { code, reason }).await;
}

async fn open(relay: RelayAddress, trust: Trust) -> Result<Stream, ConnectError> {
    let uri: Uri = relay
        .websocket()
        .parse()
        .map_err(|error: InvalidUri| ConnectError::Other(error.to_string()))?;
    let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let wire = connect(&relay, &trust).await?;
    let (stream, _) = client_async_with_config(request, wire, Some(config)).await?;
    Ok(stream)
}

async fn read(
    mut stream: SplitStream<Stream>,
    tell: &mpsc::Sender<SocketEvent>,
) -> (Option<u16>, Option<ConnectError>) {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                // New messages may be added to the protocol. An unknown one is ignored, and is not a sign of
                // life either.
                if let Ok(message) = serde_json::from_str(&text)
                    && tell
                        .send(SocketEvent::Frame(Box::new(message)))
                        .await
                        .is_err()
                {
                    return (None, None);
                }
            }
            Some(Ok(Message::Close(frame))) => return (frame.map(|frame| frame.code.into()), None),
            Some(Ok(
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
            )) => {}
            Some(Err(error)) => return (None, Some(error.into())),
            None => return (None, None),
        }
    }
}

/// Writes until both lanes are closed and empty, then sends a close frame.
async fn write(
    mut sink: SplitSink<Stream, Message>,
    mut urgent: mpsc::Receiver<ToRelay>,
    mut ordinary: mpsc::Receiver<ToRelay>,
) -> Result<(), tungstenite::Error> {
    loop {
        let message = tokio::select! {
            biased;
            Some(message) = urgent.recv() => message,
            Some(message) = ordinary.recv() => message,
            else => break,
        };
        let text = serde_json::to_string(&message).map_err(|e| tungstenite::Error::Io(e.into()))?;
        sink.send(Message::text(text)).await?;
    }
    sink.close().await
}
