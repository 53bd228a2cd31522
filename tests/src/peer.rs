//! The scripted peer: an independent client of `tapcue.v1`, written from docs/protocol.md alone.
//! It sees raw frames and shares no type with the product.
//!
//! It beats and answers `received` by itself, as every device must; both can be paused.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::wait::PATIENCE;

/// The subprotocol.
pub const SUBPROTOCOL: &str = "tapcue.v1";

/// How often a device gives a sign of life.
const BEAT_EVERY: Duration = Duration::from_millis(500);

/// How many of the last frames a failure prints.
const LAST: usize = 12;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A frame that arrived.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When.
    pub at: Instant,
    /// How long it was, in bytes.
    pub bytes: usize,
    /// What it said.
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
    /// The close code, unless it closed without one.
    pub code: Option<u16>,
    /// When.
    pub at: Instant,
}

#[derive(Debug, Default)]
struct Log {
    frames: Vec<Frame>,
    /// The newest state, of a `welcome` or a `state`.
    state: Value,
    welcome: Value,
    closed: Option<Closed>,
}

#[derive(Debug)]
struct Shared {
    log: Mutex<Log>,
    changes: watch::Sender<u64>,
    takes: AtomicBool,
    reads: watch::Sender<bool>,
    /// Whether it beats; nothing before the welcome, unless the test said so.
    beats: watch::Sender<Option<bool>>,
}

/// One connection of a device.
#[derive(Debug)]
pub struct Peer {
    name: String,
    shared: Arc<Shared>,
    writer: mpsc::UnboundedSender<Message>,
    /// The next frame for [`Peer::expect`] to look at.
    cursor: usize,
    tasks: Vec<AbortHandle>,
}

impl Peer {
    /// A connection to `url`, before any hello. `name` is for failures.
    ///
    /// # Panics
    /// When the relay does not take it, or not with the subprotocol.
    pub async fn connect(name: &str, url: &str) -> Self {
        Self::try_connect(name, url)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The same, for a relay that may refuse.
    ///
    /// # Errors
    /// What the handshake came to.
    pub async fn try_connect(name: &str, url: &str) -> Result<Self, tungstenite::Error> {
        let mut request = url.into_client_request()?;
        let protocol = SUBPROTOCOL.parse().expect("a header value");
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        let connecting = connect_async(request);
        let (socket, response) = timeout(PATIENCE, connecting)
            .await
            .unwrap_or_else(|_| panic!("{name}: no answer to the handshake"))?;
        let agreed = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
        assert_eq!(
            agreed.map(|value| value.as_bytes()),
            Some(SUBPROTOCOL.as_bytes())
        );
        let extensions = response.headers().get("sec-websocket-extensions");
        assert_eq!(extensions, None, "no compression is negotiated");

        let shared = Arc::new(Shared {
            log: Mutex::default(),
            changes: watch::Sender::new(0),
            takes: AtomicBool::new(true),
            reads: watch::Sender::new(true),
            beats: watch::Sender::new(None),
        });
        let (sink, stream) = socket.split();
        let (writer, queue) = mpsc::unbounded_channel();
        let tasks = vec![
            tokio::spawn(write(sink, queue)).abort_handle(),
            tokio::spawn(read(stream, shared.clone(), writer.clone())).abort_handle(),
            tokio::spawn(beat(shared.clone(), writer.clone())).abort_handle(),
        ];
        Ok(Self {
            name: name.into(),
            shared,
            writer,
            cursor: 0,
            tasks,
        })
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

    /// Connects and comes back with `token`.
    pub async fn resume(name: &str, url: &str, token: &str) -> Self {
        Self::greet(name, url, json!({"type": "resume", "token": token})).await
    }

    /// Connects, says `hello` and waits for the `welcome`.
    pub async fn greet(name: &str, url: &str, hello: Value) -> Self {
        let mut peer = Self::connect(name, url).await;
        peer.send(hello);
        let _ = peer.expect_kind("welcome").await;
        peer
    }

    /// Sends one message.
    pub fn send(&self, message: Value) {
        self.send_raw(Message::text(message.to_string()));
    }

    /// Sends anything.
    pub fn send_raw(&self, message: Message) {
        // A closed connection shows where something is expected of it.
        let _ = self.writer.send(message);
    }

    /// Taps a cue, in the epoch on this device's screen; its id.
    pub fn cue(&self, cue: &str) -> String {
        let epoch = if cue == "stop" {
            Value::Null
        } else {
            self.state()["epoch"].clone()
        };
        self.cue_of(cue, epoch)
    }

    /// Taps a cue with an epoch of the caller's; its id.
    pub fn cue_of(&self, cue: &str, epoch: impl Into<Value>) -> String {
        let id = new_id();
        self.cue_again(&id, cue, epoch);
        id
    }

    /// Sends a cue with an id of the caller's.
    pub fn cue_again(&self, id: &str, cue: &str, epoch: impl Into<Value>) {
        let mut message = json!({"type": "cue", "id": id, "cue": cue});
        let epoch = epoch.into();
        if !epoch.is_null() {
            message["epoch"] = epoch;
        }
        self.send(message);
    }

    /// Says that the screen has painted `id`.
    pub fn shown(&self, id: &str) {
        self.send(json!({"type": "shown", "id": id}));
    }

    /// Says that a person acknowledged `id`.
    pub fn acknowledge(&self, id: &str) {
        self.send(json!({"type": "acknowledge", "id": id}));
    }

    /// Says "hands off" to the hold on this device's screen.
    ///
    /// # Panics
    /// When there is none.
    pub fn hands_off(&self) {
        let hold = self.state()["hold"]["id"].clone();
        let Some(id) = hold.as_str() else {
            self.fail("a hold to acknowledge");
        };
        self.acknowledge(id);
    }

    /// Answers an item of the set-up.
    pub fn confirm(&self, item: &str, value: bool) {
        self.send(json!({"type": "confirm", "item": item, "value": value}));
    }

    /// The newest state this device has.
    #[must_use]
    pub fn state(&self) -> Value {
        self.log().state.clone()
    }

    /// A field of the `welcome`.
    #[must_use]
    pub fn welcome(&self, field: &str) -> Value {
        self.log().welcome[field].clone()
    }

    /// A field of the `welcome` that is text.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn welcome_text(&self, field: &str) -> String {
        let value = self.welcome(field);
        let text = value.as_str();
        text.unwrap_or_else(|| self.fail(&format!("{field} in the welcome")))
            .to_owned()
    }

    /// The secret of the QR link.
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

    /// Whether any frame so far names `text` anywhere.
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

    /// Stops or resumes beating. Said before the welcome, it holds from the welcome on.
    pub fn set_beats(&self, on: bool) {
        self.shared.beats.send_replace(Some(on));
    }

    /// Stops or resumes answering `received`.
    pub fn set_takes(&self, on: bool) {
        self.shared.takes.store(on, Ordering::Relaxed);
    }

    /// Stops or resumes reading the socket.
    pub fn set_reads(&self, on: bool) {
        self.shared.reads.send_replace(on);
    }

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

    /// Says ready until the relay takes it: so soon after a hold it counts as a reflex.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn ready(&mut self) {
        let role = self.welcome_text("role");
        let taken = |state: &Value| state["phase"] == "live" || state["ready"][&role] == true;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
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

    fn log(&self) -> MutexGuard<'_, Log> {
        self.shared.log.lock().expect("the log")
    }

    fn fail(&self, what: &str) -> ! {
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

impl Drop for Peer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    async fn wait<T>(&self, look: impl Fn(&Log) -> Option<T>) -> T {
        let mut changes = self.changes.subscribe();
        loop {
            if let Some(found) = look(&self.log.lock().expect("the log")) {
                return found;
            }
            changes.changed().await.expect("its own sender");
        }
    }

    fn change(&self, change: impl FnOnce(&mut Log)) {
        change(&mut self.log.lock().expect("the log"));
        self.changes.send_modify(|changes| *changes += 1);
    }
}

/// A fresh id, as a device makes it.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// The ids that the journal has confirmed among these frames.
#[must_use]
pub fn recorded(frames: &[Frame]) -> HashSet<String> {
    let recorded = frames.iter().filter(|frame| frame.kind() == "recorded");
    recorded
        .filter_map(|frame| frame.body["id"].as_str().map(str::to_owned))
        .collect()
}

/// A frame for a failure's message, without the drawing of the QR code.
fn brief(frame: &Frame) -> String {
    let mut body = frame.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("qr");
    }
    body.to_string()
}

async fn write(mut sink: SplitSink<Socket, Message>, mut queue: mpsc::UnboundedReceiver<Message>) {
    while let Some(message) = queue.recv().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

async fn read(
    mut stream: SplitStream<Socket>,
    shared: Arc<Shared>,
    writer: mpsc::UnboundedSender<Message>,
) {
    let mut reads = shared.reads.subscribe();
    let code = loop {
        if reads.wait_for(|reads| *reads).await.is_err() {
            return;
        }
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let body = serde_json::from_str(&text).expect("every frame is JSON");
                take(
                    &shared,
                    &writer,
                    Frame {
                        at: Instant::now(),
                        bytes: text.len(),
                        body,
                    },
                );
            }
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| frame.code.into()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Binary(_))) => panic!("the relay sends text"),
            Some(Err(_)) | None => break None,
        }
    };
    let at = Instant::now();
    shared.change(|log| log.closed = Some(Closed { code, at }));
}

fn take(shared: &Shared, writer: &mpsc::UnboundedSender<Message>, frame: Frame) {
    match frame.kind() {
        "welcome" => {
            shared.beats.send_modify(|on| {
                on.get_or_insert(true);
            });
            shared.change(|log| {
                log.state = frame.body["state"].clone();
                log.welcome = frame.body.clone();
                log.frames.push(frame);
            });
        }
        "state" => {
            if shared.takes.load(Ordering::Relaxed) {
                let received = json!({"type": "received", "seq": frame.body["seq"]});
                let _ = writer.send(Message::text(received.to_string()));
            }
            shared.change(|log| {
                log.state = frame.body["state"].clone();
                log.frames.push(frame);
            });
        }
        _ => shared.change(|log| log.frames.push(frame)),
    }
}

/// Beats from the welcome on, unless paused.
async fn beat(shared: Arc<Shared>, writer: mpsc::UnboundedSender<Message>) {
    let start = Instant::now();
    let mut beats = shared.beats.subscribe();
    let mut every = interval(BEAT_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 0_u64.. {
        every.tick().await;
        if beats.wait_for(|on| *on == Some(true)).await.is_err() {
            return;
        }
        let sent_at = start.elapsed().as_millis();
        let beat = json!({"type": "beat", "n": n, "sent_at": u64::try_from(sent_at).unwrap_or(0)});
        if writer.send(Message::text(beat.to_string())).is_err() {
            return;
        }
    }
}
