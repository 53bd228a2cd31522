//! The scripted peer: an independent client of `tapcue.v1`, written from docs/protocol.md alone. It sees
//! raw frames and shares no type with the product.
//!
//! It sends heartbeats and answers `received` by itself, as every device must. Both can be paused.

mod connection;
mod expect;
mod state;

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response};
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async, connect_async_with_config};
use uuid::Uuid;

use self::connection::{Log, Shared, Wire};
use crate::wait::PATIENCE;

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "tapcue.v1";

/// A frame that arrived.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When it arrived.
    pub at: Instant,
    /// Its length, in bytes.
    pub bytes: usize,
    /// Its JSON.
    pub body: Value,
}

impl Frame {
    /// Its `type`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or("")
    }
}

/// How the relay closed a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code, if there was one.
    pub code: Option<u16>,
    /// When it was closed.
    pub at: Instant,
}

/// One connection of a device.
#[derive(Debug)]
pub struct Peer {
    name: String,
    shared: Arc<Shared>,
    writer: mpsc::UnboundedSender<Message>,
    /// The index of the next frame that [`Peer::expect`] looks at.
    cursor: usize,
    tasks: Vec<AbortHandle>,
}

impl Peer {
    /// Connects to `url` without a hello. `name` stands in failure messages.
    ///
    /// # Panics
    /// When the relay refuses the connection or the subprotocol.
    pub async fn connect(name: &str, url: &str) -> Self {
        Self::try_connect(name, url)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Like [`Peer::connect`], for a relay that may refuse.
    ///
    /// # Errors
    /// The handshake fails.
    pub async fn try_connect(name: &str, url: &str) -> Result<Self, tungstenite::Error> {
        let request = handshake(url)?;
        // Nagle's delay is off, as it should be on every device.
        let connecting = connect_async_with_config(request, None, true);
        let (socket, response) = timeout(PATIENCE, connecting)
            .await
            .unwrap_or_else(|_| panic!("{name}: no answer to the handshake"))?;
        Ok(Self::begin(name, socket, &response))
    }

    /// Sends `hello` over a stream of the caller, such as TLS, and waits for the `welcome`.
    ///
    /// # Panics
    /// When the relay refuses the connection or the hello.
    pub async fn greet_over<S>(name: &str, url: &str, stream: S, hello: Value) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut peer = Self::try_over(name, url, stream)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        peer.send(hello);
        let _ = peer.expect_kind("welcome").await;
        peer
    }

    /// Connects over a stream of the caller without a hello, to a relay that may refuse.
    ///
    /// # Errors
    /// The handshake fails.
    pub async fn try_over<S>(name: &str, url: &str, stream: S) -> Result<Self, tungstenite::Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let connecting = client_async(handshake(url)?, stream);
        let (socket, response) = timeout(PATIENCE, connecting)
            .await
            .unwrap_or_else(|_| panic!("{name}: no answer to the handshake"))?;
        Ok(Self::begin(name, socket, &response))
    }

    fn begin(name: &str, socket: WebSocketStream<impl Wire>, response: &Response) -> Self {
        let agreed = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
        assert_eq!(
            agreed.map(|value| value.as_bytes()),
            Some(SUBPROTOCOL.as_bytes())
        );
        let extensions = response.headers().get("sec-websocket-extensions");
        assert_eq!(extensions, None, "no compression is negotiated");

        let (shared, writer, tasks) = connection::start(socket);
        Self {
            name: name.into(),
            shared,
            writer,
            cursor: 0,
            tasks,
        }
    }

    /// Connects and opens a session with `options`.
    pub async fn create(url: &str, role: &str, options: Value) -> Self {
        Self::greet(
            role,
            url,
            json!({"type": "create", "role": role, "options": options}),
        )
        .await
    }

    /// Connects and joins with `code`.
    pub async fn join(name: &str, url: &str, code: &str) -> Self {
        Self::greet(name, url, json!({"type": "join", "code": code})).await
    }

    /// Connects and resumes with `token`.
    pub async fn resume(name: &str, url: &str, token: &str) -> Self {
        Self::greet(name, url, json!({"type": "resume", "token": token})).await
    }

    /// Connects, sends `hello` and waits for the `welcome`.
    pub async fn greet(name: &str, url: &str, hello: Value) -> Self {
        let mut peer = Self::connect(name, url).await;
        peer.send(hello);
        let _ = peer.expect_kind("welcome").await;
        peer
    }

    /// Sends one JSON message.
    pub fn send(&self, message: Value) {
        self.send_raw(Message::text(message.to_string()));
    }

    /// Sends any WebSocket message.
    pub fn send_raw(&self, message: Message) {
        // A closed connection is reported by the next expectation.
        let _ = self.writer.send(message);
    }

    /// Taps a cue in the epoch that this device shows; a stop has none. Returns the cue's id.
    pub fn cue(&self, cue: &str) -> String {
        let epoch = if cue == "stop" {
            Value::Null
        } else {
            self.state()["epoch"].clone()
        };
        self.cue_of(cue, epoch)
    }

    /// Taps a cue with this epoch. Returns the cue's id.
    pub fn cue_of(&self, cue: &str, epoch: impl Into<Value>) -> String {
        let id = new_id();
        self.cue_again(&id, cue, epoch);
        id
    }

    /// Sends a cue with this id.
    pub fn cue_again(&self, id: &str, cue: &str, epoch: impl Into<Value>) {
        let mut message = json!({"type": "cue", "id": id, "cue": cue});
        let epoch = epoch.into();
        if !epoch.is_null() {
            message["epoch"] = epoch;
        }
        self.send(message);
    }

    /// Puts the thumb down for hold to consent, in the epoch that this device shows. Returns the id.
    pub fn put_down(&self) -> String {
        let id = new_id();
        self.put_down_again(&id);
        id
    }

    /// Puts the thumb down with this id.
    pub fn put_down_again(&self, id: &str) {
        let epoch = self.state()["epoch"].clone();
        self.send(json!({"type": "thumb", "id": id, "down": true, "epoch": epoch}));
    }

    /// Lifts the thumb that was put down with the id `lifts`. Returns the id of the lift.
    pub fn lift(&self, lifts: &str) -> String {
        let id = new_id();
        self.send(json!({"type": "thumb", "id": id, "down": false, "lifts": lifts}));
        id
    }

    /// Reports that the screen has painted `id`.
    pub fn shown(&self, id: &str) {
        self.send(json!({"type": "shown", "id": id}));
    }

    /// Reports that a person acknowledged `id`.
    pub fn acknowledge(&self, id: &str) {
        self.send(json!({"type": "acknowledge", "id": id}));
    }

    /// Answers an item of the set-up lists.
    pub fn confirm(&self, item: &str, value: bool) {
        self.send(json!({"type": "confirm", "item": item, "value": value}));
    }

    /// The newest state on this device.
    #[must_use]
    pub fn state(&self) -> Value {
        self.log().state.clone()
    }

    /// A field of the `welcome`.
    #[must_use]
    pub fn welcome(&self, field: &str) -> Value {
        self.log().welcome[field].clone()
    }

    /// A text field of the `welcome`.
    ///
    /// # Panics
    /// When it is missing or not text.
    #[must_use]
    pub fn welcome_text(&self, field: &str) -> String {
        let value = self.welcome(field);
        let text = value.as_str();
        text.unwrap_or_else(|| self.fail(&format!("{field} in the welcome")))
            .to_owned()
    }

    /// The secret in the QR code's link.
    ///
    /// # Panics
    /// When the link has none.
    #[must_use]
    pub fn link_secret(&self) -> String {
        let link = self.welcome_text("link");
        let secret = link
            .split_once("#join=")
            .map(|(_, secret)| secret.to_owned());
        secret.unwrap_or_else(|| self.fail("#join= in the link"))
    }

    /// Every frame so far.
    #[must_use]
    pub fn frames(&self) -> Vec<Frame> {
        self.log().frames.clone()
    }

    /// Whether any frame so far contains `text`.
    #[must_use]
    pub fn saw(&self, text: &str) -> bool {
        let log = self.log();
        log.frames
            .iter()
            .any(|frame| frame.body.to_string().contains(text))
    }

    /// How the connection was closed, if it was.
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.log().closed
    }

    /// Stops or resumes heartbeats. A setting made before the welcome stays in force after it.
    pub fn set_beats(&self, on: bool) {
        self.shared.beats.send_replace(Some(on));
    }

    /// When it last sent a heartbeat.
    ///
    /// # Panics
    /// When one of its tasks panicked.
    #[must_use]
    pub fn last_beat(&self) -> Option<Instant> {
        *self.shared.last_beat.lock().expect("the last beat")
    }

    /// Stops or resumes answering `received`.
    pub fn set_takes(&self, on: bool) {
        self.shared.takes.store(on, Ordering::Relaxed);
    }

    /// Stops or resumes reading the socket.
    pub fn set_reads(&self, on: bool) {
        self.shared.reads.send_replace(on);
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.shared.log.lock().expect("the log")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The request that opens a WebSocket, with the subprotocol.
fn handshake(url: &str) -> Result<Request, tungstenite::Error> {
    let mut request = url.into_client_request()?;
    let protocol = SUBPROTOCOL.parse().expect("a header value");
    request
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    Ok(request)
}

/// A fresh id, as a device makes it.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Matches the `stop` frame with this id, for [`Peer::expect`].
pub fn is_stop(id: &str) -> impl Fn(&Frame) -> Option<()> {
    names("stop", id)
}

/// Matches the frame that carries the receipt of the cue with this id, for [`Peer::expect`].
pub fn is_recorded(id: &str) -> impl Fn(&Frame) -> Option<()> {
    move |frame| receipts(frame).any(|recorded| recorded == id).then_some(())
}

/// The ids in a frame of cues that are recorded: in one of its own, in a state or in a heartbeat's answer.
fn receipts(frame: &Frame) -> impl Iterator<Item = &str> {
    let alone = Some(&frame.body["id"]).filter(|_| frame.kind() == "recorded");
    let carried = frame.body["recorded"].as_array().into_iter().flatten();
    alone
        .into_iter()
        .chain(carried)
        .filter_map(|id| id.as_str())
}

fn names(kind: &str, id: &str) -> impl Fn(&Frame) -> Option<()> {
    move |frame| (frame.kind() == kind && frame.body["id"] == id).then_some(())
}

/// The ids that these frames confirm as recorded in the journal.
#[must_use]
pub fn recorded(frames: &[Frame]) -> HashSet<String> {
    frames
        .iter()
        .flat_map(receipts)
        .map(str::to_owned)
        .collect()
}
