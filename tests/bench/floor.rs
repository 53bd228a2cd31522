//! The floor: a bare relay that pairs two connections by their first frame and forwards the frames of each to
//! the other. It is a lower bound, because a real relay must do more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

/// The size of Tapcue's buffer, so that the comparison of memory is fair.
const READ_BUFFER: usize = 1_024;

type Socket = WebSocketStream<TcpStream>;
type Halves = (SplitSink<Socket, Message>, SplitStream<Socket>);
type Waiting = Arc<Mutex<HashMap<String, Halves>>>;

/// Serves until the process ends.
pub(crate) fn run() -> anyhow::Result<()> {
    // The same runtime as in Tapcue.
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let waiting = Waiting::default();
    loop {
        let (tcp, _) = listener.accept().await?;
        tcp.set_nodelay(true)?;
        let waiting = Arc::clone(&waiting);
        tokio::spawn(async move {
            // A broken connection needs no report: the load notices it.
            let _ = connection(tcp, waiting).await;
        });
    }
}

async fn connection(tcp: TcpStream, waiting: Waiting) -> anyhow::Result<()> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0);
    let socket = accept_async_with_config(tcp, Some(config)).await?;
    let (sink, mut source) = socket.split();
    let Some(Ok(Message::Text(key))) = source.next().await else {
        return Ok(());
    };
    let other = {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let other = waiting.remove(key.as_str());
        if other.is_none() {
            waiting.insert(key.to_string(), (sink, source));
            return Ok(());
        }
        other
    };
    if let Some((other_sink, other_source)) = other {
        tokio::spawn(forward(other_source, sink));
        forward(source, other_sink).await;
    }
    Ok(())
}

async fn forward(mut from: SplitStream<Socket>, mut to: SplitSink<Socket, Message>) {
    while let Some(Ok(message)) = from.next().await {
        if to.send(message).await.is_err() {
            return;
        }
    }
}
