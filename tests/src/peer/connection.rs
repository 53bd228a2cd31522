//! One connection of a peer: its log, and the tasks that write, read and send heartbeats.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::{Closed, Frame, state};

/// How often a device sends a heartbeat.
const BEAT_EVERY: Duration = Duration::from_millis(500);

/// A byte stream that a connection can run over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Wire for T {}

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) frames: Vec<Frame>,
    /// The newest state, from a `welcome` or a `state`.
    pub(super) state: Value,
    pub(super) welcome: Value,
    pub(super) closed: Option<Closed>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) log: Mutex<Log>,
    pub(super) changes: watch::Sender<u64>,
    pub(super) takes: AtomicBool,
    pub(super) reads: watch::Sender<bool>,
    /// Whether it sends heartbeats. `None` until the welcome, unless the test sets it.
    pub(super) beats: watch::Sender<Option<bool>>,
    /// When it last sent a heartbeat.
    pub(super) last_beat: Mutex<Option<Instant>>,
}

impl Shared {
    pub(super) async fn wait<T>(&self, look: impl Fn(&Log) -> Option<T>) -> T {
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

/// Starts the tasks of a connection. Returns what they share, the queue to write to, and the handles
/// that end them.
pub(super) fn start(
    socket: WebSocketStream<impl Wire>,
) -> (
    Arc<Shared>,
    mpsc::UnboundedSender<Message>,
    Vec<AbortHandle>,
) {
    let shared = Arc::new(Shared {
        log: Mutex::default(),
        changes: watch::Sender::new(0),
        takes: AtomicBool::new(true),
        reads: watch::Sender::new(true),
        beats: watch::Sender::new(None),
        last_beat: Mutex::default(),
    });
    let (sink, stream) = socket.split();
    let (writer, queue) = mpsc::unbounded_channel();
    let tasks = vec![
        tokio::spawn(write(sink, queue)).abort_handle(),
        tokio::spawn(read(stream, shared.clone(), writer.clone())).abort_handle(),
        tokio::spawn(beat(shared.clone(), writer.clone())).abort_handle(),
    ];
    (shared, writer, tasks)
}

async fn write(
    mut sink: SplitSink<WebSocketStream<impl Wire>, Message>,
    mut queue: mpsc::UnboundedReceiver<Message>,
) {
    while let Some(message) = queue.recv().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

async fn read(
    mut stream: SplitStream<WebSocketStream<impl Wire>>,
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
                let mut body = serde_json::from_str(&text).expect("every frame is JSON");
                state::fill(&mut body);
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

/// Sends heartbeats from the welcome on, unless paused.
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
        *shared.last_beat.lock().expect("the last beat") = Some(Instant::now());
    }
}
