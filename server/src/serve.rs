//! The relay as a whole: binds, accepts, and goes down in order.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, timeout};
use tower::ServiceExt as _;

use crate::clock::Clock;
use crate::config::Config;
use crate::discovery::Announcement;
use crate::http;
use crate::hub::Hub;
use crate::journal::Journal;
use crate::keeper::Keeper;
use crate::seal_key::SealKey;
use crate::socket::RECEIVE_BUFFER;

/// How long a connection may take for the headers of a request. Source: quality.md.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// How many connections may wait to be accepted. As many as a burst of reconnecting devices after a
/// restart; the kernel has a limit of its own.
const BACKLOG: i32 = 4_096;

/// How long devices and sessions have to end when the relay goes down.
const GOODBYE: Duration = Duration::from_secs(3);

/// How long the journal has to become durable when the relay goes down. A disk that is away for
/// longer must not keep the relay from being started anew.
const FLUSH: Duration = Duration::from_secs(5);

/// How often what has run out is forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// How long to wait before accepting again when the machine is out of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A relay that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    local: SocketAddr,
    hub: Arc<Hub>,
    key: SealKey,
    /// Whether it is announced on the local network.
    discovery: bool,
}

impl Server {
    /// Binds the address. Nothing is accepted before [`run`](Self::run).
    pub fn bind(config: Config, journal: Arc<dyn Journal>) -> anyhow::Result<Self> {
        let listen = config.listen;
        let listener = match listener(listen) {
            Err(_) if config.listen_is_default => {
                let v4 = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), listen.port());
                listener(v4).with_context(|| cannot_listen(v4))?
            }
            bound => bound.with_context(|| cannot_listen(listen))?,
        };
        let listener = TcpListener::from_std(listener)?;
        let key = SealKey::open(&config.data)?;
        let discovery = config.discovery;
        Ok(Self {
            local: listener.local_addr()?,
            listener,
            hub: Hub::new(config, Clock::start(), journal)?,
            key,
            discovery,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Serves until `shutdown` resolves; then tells every device, waits for them, and makes what was
    /// appended durable.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let router = http::router(Arc::clone(&self.hub), self.local, self.key.public());
        let keeper = Keeper::new(Arc::clone(&self.hub), self.key);
        self.hub.tasks.spawn(keeper.run());
        let announced = if self.discovery {
            announce(self.local)
        } else {
            None
        };
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut shutdown => break,
                _ = housekeeping.tick() => {
                    self.hub.pairing.expire(self.hub.clock.now());
                    continue;
                }
            };
            match accepted {
                Ok((tcp, peer)) => serve(tcp, peer, router.clone()),
                Err(error) => {
                    // Out of descriptors, most likely: those who are here go on.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        tracing::info!("going down");
        self.hub.shut_down();
        if let Some(announced) = announced {
            self.hub.tasks.spawn(announced.end());
        }
        if timeout(GOODBYE, self.hub.tasks.wait()).await.is_err() {
            tracing::warn!("some devices did not hear that the relay goes down");
        }
        let flushed = timeout(FLUSH, self.hub.journal.flush()).await;
        flushed.context("the journal could not be written before the end; the log says why")??;
        Ok(())
    }
}

/// A relay that cannot be announced is a relay all the same.
fn announce(local: SocketAddr) -> Option<Announcement> {
    Announcement::start(local)
        .inspect_err(|error| tracing::warn!(%error, "not announced on the local network"))
        .unwrap_or_default()
}

/// Serves one connection in a task of its own.
fn serve(tcp: TcpStream, peer: SocketAddr, router: axum::Router) {
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "this connection will send small frames late");
    }
    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    tokio::spawn(async move {
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .serve_connection(TokioIo::new(tcp), service)
            .with_upgrades()
            .await;
        if let Err(error) = served {
            tracing::trace!(%error, "a connection ended early");
        }
    });
}

fn listener(addr: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    if addr.is_ipv6() && addr.ip().is_unspecified() {
        // All addresses means those of IPv4 too.
        socket.set_only_v6(false)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Accepted connections inherit it. Made smaller later, the kernel would drop what it has offered
    // room for, and a stop among it would wait 200 ms to be sent again.
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn cannot_listen(addr: SocketAddr) -> String {
    format!(
        "cannot listen on {addr}: if another program has this port, choose one with \
         --listen 0.0.0.0:PORT"
    )
}
