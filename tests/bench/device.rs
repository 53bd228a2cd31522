//! A device of the load: a raw client that does what a device must (heartbeats, `received`, `shown`) and
//! notes what it sees and when.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpSocket;
use tokio::sync::{Mutex, Notify};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::paced::{Line, RECEIVE_BUFFER};
use crate::wire::{self, CueId, Frame, STOP};

/// The timeout of everything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How many bytes a device reads at a time; tens of thousands of devices share this process.
const READ_BUFFER: usize = 4_096;

type Socket = WebSocketStream<Line>;

/// The relay at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tapcue,
    Floor,
}

impl Kind {
    /// Both relays, in the order of their turns.
    pub(crate) const BOTH: [Kind; 2] = [Kind::Tapcue, Kind::Floor];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The device that taps.
    Receiver,
    /// The device that watches.
    Helper,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The code of its welcome.
    pub(crate) code: Option<String>,
    /// Whether it got a welcome.
    pub(crate) welcomed: bool,
    /// The newest epoch.
    pub(crate) epoch: u64,
    /// Whether the newest state is live.
    pub(crate) live: bool,
    /// The reason of the current hold.
    pub(crate) hold: Option<String>,
    /// The id of the hold that its screen has shown.
    shown_hold: Option<String>,
    /// The number of the newest cue on its screen.
    pub(crate) newest: u64,
    /// The times from tap to this device, for every cue that it has seen, in order.
    pub(crate) latencies: Vec<Duration>,
    /// When a stop first arrived.
    pub(crate) stopped: Option<Instant>,
    /// How many cues first arrived after a stop: there must be none.
    pub(crate) stale: u64,
    /// The codes of the errors it got.
    pub(crate) errors: Vec<String>,
    /// How many frames it received and sent, without heartbeats and their answers.
    pub(crate) frames: u64,
    pub(crate) closed: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Device {
    kind: Kind,
    role: Role,
    origin: Instant,
    sink: Mutex<SplitSink<Socket, Message>>,
    tapped: Cell<u64>,
    beats: Cell<u64>,
    pub(crate) log: RefCell<Log>,
    changed: Notify,
    reader: RefCell<Option<AbortHandle>>,
}

impl Device {
    /// Connects and sends `hello`. `origin` is the start of the load.
    pub(crate) async fn connect(
        (kind, role): (Kind, Role),
        addr: SocketAddr,
        slow: bool,
        origin: Instant,
        hello: &str,
    ) -> anyhow::Result<Rc<Self>> {
        let socket = TcpSocket::new_v4()?;
        if slow {
            // Set before connecting: the first offered window never shrinks.
            socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        }
        let tcp = timeout(PATIENCE, socket.connect(addr)).await??;
        tcp.set_nodelay(true)?;
        let line = if slow {
            Line::slow(tcp)
        } else {
            Line::fast(tcp)
        };
        let mut request = format!("ws://{addr}/ws").into_client_request()?;
        if kind == Kind::Tapcue {
            let protocol = HeaderValue::from_static("tapcue.v1");
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocol);
        }
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let connecting = client_async_with_config(request, line, Some(config));
        let (socket, _) = timeout(PATIENCE, connecting).await??;
        let (sink, source) = socket.split();
        let device = Rc::new(Self {
            kind,
            role,
            origin,
            sink: Mutex::new(sink),
            tapped: Cell::new(0),
            beats: Cell::new(0),
            log: RefCell::default(),
            changed: Notify::new(),
            reader: RefCell::default(),
        });
        let reader = tokio::task::spawn_local(Rc::clone(&device).read(source));
        *device.reader.borrow_mut() = Some(reader.abort_handle());
        device.send(hello.to_owned()).await?;
        Ok(device)
    }

    /// Sends a frame at once.
    pub(crate) async fn send(&self, text: String) -> anyhow::Result<()> {
        self.log.borrow_mut().frames += 1;
        self.write(text).await
    }

    async fn write(&self, text: String) -> anyhow::Result<()> {
        let sent = self.sink.lock().await.send(Message::text(text)).await;
        sent.context("a device cannot send")
    }

    /// Writes frames as fast as the connection takes them; returns when the system has taken them all.
    pub(crate) async fn send_all(&self, texts: Vec<String>) -> anyhow::Result<()> {
        let mut sink = self.sink.lock().await;
        for text in texts {
            sink.feed(Message::text(text)).await?;
        }
        Ok(sink.flush().await?)
    }

    /// The text and the number of the next cue, tapped now.
    pub(crate) fn next_cue(&self, cue: &str) -> (String, u64) {
        let n = self.tapped.get() + 1;
        self.tapped.set(n);
        let tapped_ns = self.origin.elapsed().as_nanos() as u64;
        let id = CueId { tapped_ns, n };
        (wire::cue(id, cue, self.log.borrow().epoch), n)
    }

    /// Taps a cue; returns its number.
    pub(crate) async fn tap(&self, cue: &str) -> anyhow::Result<u64> {
        let (text, n) = self.next_cue(cue);
        self.send(text).await?;
        Ok(n)
    }

    /// The next cue in turn.
    pub(crate) fn turn(&self) -> &'static str {
        wire::CUES[(self.tapped.get() % wire::CUES.len() as u64) as usize]
    }

    pub(crate) async fn beat(&self) -> anyhow::Result<()> {
        let n = self.beats.get() + 1;
        self.beats.set(n);
        self.write(wire::beat(n)).await
    }

    /// Waits until `is` holds for its log.
    pub(crate) async fn until(&self, what: &str, is: impl Fn(&Log) -> bool) -> anyhow::Result<()> {
        self.until_within(PATIENCE, what, is).await
    }

    /// Waits like [`Device::until`], for at most this time.
    pub(crate) async fn until_within(
        &self,
        patience: Duration,
        what: &str,
        is: impl Fn(&Log) -> bool,
    ) -> anyhow::Result<()> {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                {
                    let log = self.log.borrow();
                    if is(&log) {
                        return Ok(());
                    }
                    if let Some(why) = &log.closed {
                        bail!("a device's connection ended before {what}: {why}");
                    }
                }
                changed.await;
            }
        };
        timeout(patience, waiting)
            .await
            .with_context(|| format!("a device waited in vain for {what}"))?
    }

    /// Closes the connection.
    pub(crate) fn hang_up(&self) {
        if let Some(reader) = self.reader.borrow_mut().take() {
            reader.abort();
        }
    }

    async fn read(self: Rc<Self>, mut source: SplitStream<Socket>) {
        let why = loop {
            match source.next().await {
                Some(Ok(Message::Text(text))) => {
                    let at = Instant::now();
                    if let Err(error) = self.take(&text, at).await {
                        break format!("{error:#}");
                    }
                }
                Some(Ok(Message::Close(why))) => break format!("closed by the relay: {why:?}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => break error.to_string(),
                None => break "its end".into(),
            }
            self.changed.notify_one();
        };
        self.log.borrow_mut().closed = Some(why);
        self.changed.notify_one();
    }

    async fn take(&self, text: &str, at: Instant) -> anyhow::Result<()> {
        let frame: Frame<'_> = serde_json::from_str(text)?;
        if frame.kind == "beat" {
            return Ok(());
        }
        self.log.borrow_mut().frames += 1;
        match &*frame.kind {
            "welcome" => {
                let Some(state) = frame.state else {
                    bail!("a welcome without a state");
                };
                let new = self.see(&state, at);
                {
                    let mut log = self.log.borrow_mut();
                    log.welcomed = true;
                    log.code = frame.code.as_deref().map(str::to_owned);
                }
                self.show(new).await?;
            }
            "state" => {
                let (Some(seq), Some(state)) = (frame.seq, frame.state) else {
                    bail!("a state without its parts");
                };
                let new = self.see(&state, at);
                self.send(wire::received(seq)).await?;
                self.show(new).await?;
            }
            "stop" => {
                self.log.borrow_mut().stopped.get_or_insert(at);
            }
            "error" => {
                let code = frame.code.unwrap_or_default().into_owned();
                self.log.borrow_mut().errors.push(code);
            }
            "cue" if self.kind == Kind::Floor => {
                let (Some(id), Some(cue)) = (&frame.id, &frame.cue) else {
                    bail!("a cue without its parts");
                };
                if cue == STOP {
                    self.log.borrow_mut().stopped.get_or_insert(at);
                } else {
                    self.see_cue(id, at);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Reports that the screen has painted the new cues and holds.
    async fn show(&self, new: Vec<String>) -> anyhow::Result<()> {
        for id in new {
            self.send(wire::shown(&id)).await?;
        }
        Ok(())
    }

    /// Notes a state; returns the ids of its hold and cues that this device has not shown yet.
    fn see(&self, state: &wire::State<'_>, at: Instant) -> Vec<String> {
        let mut new = Vec::new();
        {
            let mut log = self.log.borrow_mut();
            log.epoch = state.epoch;
            log.live = state.phase == "live";
            if let Some(hold) = &state.hold
                && log.shown_hold.as_deref() != Some(&*hold.id)
            {
                let id = hold.id.clone().into_owned();
                log.shown_hold = Some(id.clone());
                new.push(id);
            }
            log.hold = state
                .hold
                .as_ref()
                .map(|hold| hold.reason.clone().into_owned());
            if state.hold.as_ref().is_some_and(|hold| hold.reason == STOP) {
                log.stopped.get_or_insert(at);
            }
        }
        if self.role == Role::Receiver {
            return new;
        }
        // The oldest first, so that their numbers grow.
        for cue in state.earlier.iter().rev().chain(&state.cue) {
            if cue.cue != STOP && self.see_cue(&cue.id, at) {
                new.push(cue.id.clone().into_owned());
            }
        }
        new
    }

    /// Notes a cue; returns whether it is new.
    fn see_cue(&self, id: &str, at: Instant) -> bool {
        let Some(id) = CueId::parse(id) else {
            return false;
        };
        let mut log = self.log.borrow_mut();
        if id.n <= log.newest {
            return false;
        }
        log.newest = id.n;
        if log.stopped.is_some() {
            log.stale += 1;
        }
        let tapped = self.origin + Duration::from_nanos(id.tapped_ns);
        log.latencies.push(at.saturating_duration_since(tapped));
        true
    }
}
