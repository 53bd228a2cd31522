//! A relay with scripted messages.

// Each test file uses a part of it.
#![allow(dead_code, reason = "shared by several test files")]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tapcue::relay::address::RelayAddress;
use tapcue_rules::cue::{Both, Role};
use tapcue_rules::ids::SessionId;
use tapcue_rules::message::{Limits, Pairing, SUBPROTOCOL, Secret, ToDevice, ToRelay, Welcome};
use tapcue_rules::state::{Hold, HoldReason, LinkStatus, Options, Phase, State};
use tapcue_rules::time::Millis;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async, accept_hdr_async};

/// The token in every welcome.
pub(crate) const TOKEN: &str = "planted-token";

/// Longer than any wait here on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far this relay's clock is ahead of its own start, so that clock offsets show.
const AHEAD_MS: u64 = 1_000_000;

pub(crate) struct Relay {
    listener: TcpListener,
    start: std::time::Instant,
}

pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    start: std::time::Instant,
    /// The phase and epoch in heartbeat answers: those of the last sent state.
    word: (Phase, u64),
}

impl Relay {
    pub(crate) async fn bind() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            start: std::time::Instant::now(),
        }
    }

    pub(crate) fn address(&self) -> RelayAddress {
        let address = self.listener.local_addr().unwrap();
        address.to_string().parse().unwrap()
    }

    pub(crate) async fn accept(&self) -> Peer {
        let tcp = self.tcp().await;
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let choose = |request: &Request, mut response: Response| {
            let offered = request.headers().get("sec-websocket-protocol");
            assert_eq!(offered, Some(&HeaderValue::from_static(SUBPROTOCOL)));
            assert_eq!(request.uri().path(), "/ws");
            let chosen = HeaderValue::from_static(SUBPROTOCOL);
            response
                .headers_mut()
                .insert("sec-websocket-protocol", chosen);
            Ok(response)
        };
        Peer {
            socket: accept_hdr_async(tcp, choose).await.unwrap(),
            start: self.start,
            word: (Phase::Waiting, 1),
        }
    }

    pub(crate) async fn accept_without_subprotocol(&self) {
        let tcp = self.tcp().await;
        // The device closes this connection at some point.
        let _ = accept_async(tcp).await;
    }

    /// Whether no connection comes for longer than the longest pause between attempts.
    pub(crate) async fn nobody_connects(&self) -> bool {
        timeout(Duration::from_millis(2_000), self.listener.accept())
            .await
            .is_err()
    }

    async fn tcp(&self) -> TcpStream {
        let accepted = timeout(PATIENCE, self.listener.accept()).await;
        accepted.expect("a connection in time").unwrap().0
    }
}

impl Peer {
    pub(crate) async fn send(&mut self, message: &ToDevice) {
        let text = serde_json::to_string(message).unwrap();
        self.raw(Message::text(text)).await;
    }

    pub(crate) async fn raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// Sends a close frame.
    pub(crate) async fn close(&mut self, code: u16) {
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        self.raw(Message::Close(Some(frame))).await;
    }

    pub(crate) async fn welcome(&mut self, role: Role, state: State) {
        self.welcome_with(role, state, Options::default()).await;
    }

    pub(crate) async fn welcome_with(&mut self, role: Role, state: State, options: Options) {
        let alone = Role::BOTH
            .iter()
            .any(|role| *state.peers.of(*role) == LinkStatus::Absent);
        self.word = (state.phase, state.epoch);
        let pairing = alone.then(|| Pairing {
            code: Secret("K7M-2QX4R".into()),
            link: Secret("http://192.168.1.20:8080/#join=0123456789ABCDEFGHJKMNPQRS".into()),
            qr: Secret(String::new()),
            qr_size: 33,
            code_expires_at: Millis(AHEAD_MS + 300_000),
            burned: false,
        });
        let welcome = Welcome {
            session: SessionId(uuid::Uuid::now_v7()),
            role,
            token: Secret(TOKEN.into()),
            pairing,
            opened_at: Millis(AHEAD_MS),
            relay_at: self.now(),
            options,
            limits: Limits::default(),
            state,
        };
        self.send(&ToDevice::Welcome(Box::new(welcome))).await;
    }

    pub(crate) async fn state(&mut self, seq: u64, state: State) {
        self.word = (state.phase, state.epoch);
        let message = ToDevice::State {
            seq,
            recorded: Vec::new(),
            state: Box::new(state),
        };
        self.send(&message).await;
    }

    pub(crate) async fn beat(&mut self, n: u64, sent_at: u64) {
        let (phase, epoch) = self.word;
        let message = ToDevice::Beat {
            n,
            sent_at,
            relay_at: self.now(),
            peer: LinkStatus::Here,
            phase,
            epoch,
            unrecorded: false,
            recorded: Vec::new(),
        };
        self.send(&message).await;
    }

    /// The next message of any kind.
    pub(crate) async fn next(&mut self) -> ToRelay {
        let next = timeout(PATIENCE, self.try_next()).await;
        next.expect("a message in time")
            .expect("an open connection")
    }

    /// The next message that is not a heartbeat; heartbeats are answered.
    pub(crate) async fn next_but_beats(&mut self) -> ToRelay {
        loop {
            let message = self.next().await;
            let ToRelay::Beat { n, sent_at } = message else {
                return message;
            };
            self.beat(n, sent_at).await;
        }
    }

    /// The next message; none once the connection is closed.
    pub(crate) async fn try_next(&mut self) -> Option<ToRelay> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    fn now(&self) -> Millis {
        let ms = u64::try_from(self.start.elapsed().as_millis()).unwrap();
        Millis(AHEAD_MS + ms)
    }
}

/// The state before the other device joined.
pub(crate) fn start_state(seq: u64) -> State {
    State {
        seq,
        hold: Some(Hold {
            id: uuid::Uuid::now_v7(),
            reason: HoldReason::Start,
            by: None,
            since: Millis(AHEAD_MS),
            tapped_at: None,
            shown: None,
            acknowledged: false,
            count: 0,
        }),
        peers: Both {
            receiver: LinkStatus::Here,
            helper: LinkStatus::Absent,
        },
        ..State::blank(Phase::Waiting)
    }
}

/// The state with both here and both ready.
pub(crate) fn live_state(seq: u64) -> State {
    State {
        phase: Phase::Live,
        hold: None,
        peers: Both {
            receiver: LinkStatus::Here,
            helper: LinkStatus::Here,
        },
        ready: Both {
            receiver: true,
            helper: true,
        },
        rehearsed: true,
        live_since: Some(Millis(AHEAD_MS)),
        ..start_state(seq)
    }
}
