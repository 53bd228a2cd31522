//! The relay's own listener, HTTP with timeouts, handshake and WebSocket, with an echo behind them: each
//! message goes back to its sender. It is for WebSocket test suites that do not know `tapcue.v1`, so any path
//! and any subprotocol works.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use clap::Parser;
use futures_util::{SinkExt as _, StreamExt as _};
use tapcue_rules::limits::FRAME_BYTES;
use tapcue_server::connection::closing::{broken, say_goodbye};
use tapcue_server::connection::websocket_config_up_to;
use tapcue_server::http::upgrade::{self, Serve};
use tapcue_server::net::connection_limit::{Gate, Limits};
use tapcue_server::server;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// The relay's WebSocket with an echo behind it.
#[derive(Parser)]
struct Flags {
    /// Where to listen, as ADDRESS:PORT. Port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How many bytes a frame, and a message, may have. The relay's own limit, unless said.
    #[arg(long, default_value_t = FRAME_BYTES)]
    limit: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Flags { listen, limit } = Flags::parse();
    let listener = TcpListener::from_std(server::listener(listen)?)?;
    println!("listening on http://{}", listener.local_addr()?);
    let router = Router::new().fallback(websocket).with_state(Echo { limit });
    let gate = Gate::new(Limits::NONE);
    loop {
        let (tcp, peer) = listener.accept().await?;
        if let Some(ticket) = gate.admit(None) {
            server::serve(tcp, peer, ticket, router.clone(), None);
        }
    }
}

async fn websocket(State(echo): State<Echo>, mut request: Request) -> Response {
    match upgrade::accept(request.headers()) {
        Ok(accept) => {
            let (response, serving) = upgrade::begin(&mut request, accept, echo);
            tokio::spawn(serving);
            response
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Sends every message back.
#[derive(Clone, Copy)]
struct Echo {
    /// How many bytes a frame, and a message, may have.
    limit: usize,
}

impl Serve for Echo {
    async fn serve<S>(self, stream: S, already_read: Bytes)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let config = Some(websocket_config_up_to(self.limit));
        let read = already_read.to_vec();
        let mut ws = WebSocketStream::from_partially_read(stream, read, Role::Server, config).await;
        while let Some(message) = ws.next().await {
            match message {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                    if ws.send(message).await.is_err() {
                        return;
                    }
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_)) => {
                }
                Err(error) => {
                    if let Some((code, _)) = broken(&error) {
                        say_goodbye(&mut ws, code, None).await;
                    }
                    return;
                }
            }
        }
    }
}
