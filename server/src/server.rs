//! The relay as a whole: it binds, accepts connections, and shuts down in order.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, MissedTickBehavior, timeout};
use tower::ServiceExt as _;

use crate::clock::{Clock, LOOK_EVERY};
use crate::config::Config;
use crate::connection::RECEIVE_BUFFER;
use crate::context::Context;
use crate::http;
use crate::http::metrics::{Listener, Sources};
use crate::http::records::RecordLimits;
use crate::journal::Journal;
use crate::net::connection_limit::{Gate, Limits, Ticket};
use crate::net::forwarded::OverTls;
use crate::net::mdns::Announcement;
use crate::net::public_address;
use crate::net::write_timeout::WriteTimeout;
use crate::records::retention::Retention;
use crate::records::signing_key::SealKey;
use crate::service_manager::{Manager, Sign};
use crate::session::registry::Registry;
use crate::tls::{Accepted, Acceptor, Face, Names, Plain, Tls};

/// How long a connection may take for the headers of a request. `faults_admission.rs` holds it to that.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// How many connections may wait to be accepted: a burst of reconnecting devices after a restart. The kernel
/// has a limit of its own.
const BACKLOG: i32 = 4_096;

/// How long devices and sessions have to end at shutdown.
const GOODBYE: Duration = Duration::from_secs(3);

/// How long the journal has to become durable at shutdown. A disk that is unavailable for longer must not
/// prevent a restart.
const FLUSH: Duration = Duration::from_secs(5);

/// How often expired state is dropped and usage is logged, so that a leak can be found.
const HOUSEKEEPING: Duration = Duration::from_secs(10);

/// How long a write to a client that does not read may take before the connection speaks WebSocket.
/// Slow clients are closed within it (`faults_admission.rs`).
const STALLED: Duration = Duration::from_secs(10);

/// The kernel's send buffer of a connection, in bytes, as requested (Linux doubles it). By default it takes
/// megabytes for each of many clients that do not read, and copying them would delay heartbeats and stops by
/// seconds. This size is enough for 640 kB/s at a round trip of 100 ms.
const SEND_BUFFER: usize = 64 * 1_024;

/// How long to wait before the next accept when the machine lacks a resource.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A relay that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    local: SocketAddr,
    gate: Arc<Gate>,
    registry: Arc<Registry>,
    key: SealKey,
    tls: Option<Tls>,
    face: Face,
    /// Whether it is announced on the local network.
    discovery: bool,
    /// The listener for metrics, if they are served.
    metrics: Option<Listener>,
}

impl Server {
    /// Binds the address. No connection is accepted before [`run`](Self::run).
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
        let local = listener.local_addr()?;
        let key = SealKey::open(&config.data)?;
        let names = Names::here(local.ip(), config.public_url.as_deref());
        let tls = Tls::open(&config.tls, &config.data, &names)?;
        let face = tls.as_ref().map(|tls| tls.face(&config.tls));
        if face.as_ref().is_some_and(|face| face.authority.is_some())
            && let Some(address) = public_address::lan_address()
            && public_address::is_everywhere(local.ip())
            && !names.ips.contains(&address)
        {
            tracing::warn!(
                "devices cannot come by https to {address}: the relay's own authority vouches for \
                 private addresses only. Use a local name, or a certificate from files (--tls-cert)"
            );
        }
        let discovery = config.discovery;
        let metrics = config.metrics.map(Listener::bind).transpose()?;
        let gate = Gate::new(Limits::of_this_process(
            config.connections,
            config.connections_per_address,
        ));
        Ok(Self {
            local,
            listener,
            gate,
            registry: Registry::new(Context::new(config, Clock::start(), journal))?,
            key,
            tls,
            face: face.unwrap_or_default(),
            discovery,
            metrics,
        })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Its address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme(), self.local)
    }

    /// The link that people open on their phones; none if no phone can reach the relay. With the relay's own
    /// authority it leads to the page about trust, which continues by itself on a phone that trusts the
    /// relay.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        let public_url = self.registry.context.config.public_url.as_deref();
        let own = self.addresses().first().copied();
        let base = match (public_url, own) {
            (Some(url), _) => url.to_owned(),
            (None, own) => self.at(own?),
        };
        Some(self.for_new_phones(base))
    }

    /// The same link with this machine's other addresses, in case the first one does not work.
    #[must_use]
    pub fn other_links(&self) -> Vec<String> {
        if self.registry.context.config.public_url.is_some() {
            return Vec::new();
        }
        let others = self.addresses().into_iter().skip(1);
        others.map(|ip| self.for_new_phones(self.at(ip))).collect()
    }

    /// Whether it listens only where no other machine can connect.
    #[must_use]
    pub fn is_for_this_machine_only(&self) -> bool {
        !public_address::is_everywhere(self.local.ip())
            && !public_address::is_for_phones(self.local.ip())
    }

    /// Its URL on this machine.
    #[must_use]
    pub fn own_url(&self) -> String {
        format!("{}://localhost:{}", self.scheme(), self.local.port())
    }

    /// The addresses at which phones may reach it, the most likely first.
    fn addresses(&self) -> Vec<IpAddr> {
        match self.local.ip() {
            ip if public_address::is_everywhere(ip) => {
                let mut all = public_address::lan_addresses();
                all.retain(|ip| self.local.is_ipv6() || ip.is_ipv4());
                all
            }
            ip if public_address::is_for_phones(ip) => vec![ip],
            _ => Vec::new(),
        }
    }

    fn at(&self, ip: IpAddr) -> String {
        format!(
            "{}://{}",
            self.scheme(),
            SocketAddr::new(ip, self.local.port())
        )
    }

    fn for_new_phones(&self, base: String) -> String {
        match &self.face.authority {
            // A device that does not trust the authority yet cannot start by https.
            Some(_) => {
                let base = base.replacen("https://", "http://", 1);
                format!("{base}{}", crate::http::trust_page::PATH)
            }
            None => base,
        }
    }

    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The fingerprint of the relay's own authority, if it has one: SHA-256 in pairs of hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        let authority = self.face.authority.as_ref();
        authority.map(|authority| authority.fingerprint())
    }

    /// Serves until `shutdown` resolves. Then it tells every device, waits for them, and makes what was
    /// appended durable.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let public = self.key.public();
        let plain = self.face.plain;
        let sources = Sources {
            registry: Arc::clone(&self.registry),
            gate: Arc::clone(&self.gate),
            face: self.face.clone(),
        };
        let record_limits = Arc::<RecordLimits>::default();
        let router = http::router(
            Arc::clone(&self.registry),
            Arc::clone(&record_limits),
            self.local,
            public,
            self.face,
        );
        let acceptor = self.tls.as_ref().map(Tls::acceptor);
        if let Some(metrics) = self.metrics {
            let registry = Arc::clone(&self.registry);
            self.registry.tasks.spawn(async move {
                tokio::select! {
                    () = metrics.run(sources) => {}
                    () = registry.going_down() => {}
                }
            });
        }
        if let Some(tls) = self.tls {
            let (registry, listen) = (Arc::clone(&self.registry), self.local.ip());
            self.registry.tasks.spawn(async move {
                let names = || Names::here(listen, registry.context.config.public_url.as_deref());
                tokio::select! {
                    () = tls.keep(names) => {}
                    () = registry.going_down() => {}
                }
            });
        }
        let retention = Retention::new(Arc::clone(&self.registry), self.key);
        self.registry.tasks.spawn(retention.run());
        let announced = if self.discovery {
            announce(self.local, plain)
        } else {
            None
        };
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(shutdown);
        let mut manager = Manager::of_environment();
        manager.tell(Sign::Ready);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut shutdown => break,
                _ = looks.tick() => {
                    self.registry.context.clock.look_and_say();
                    continue;
                }
                () = manager.due() => {
                    // While the sessions stay locked this does not return, so no sign of life is sent.
                    let _ = self.registry.len();
                    manager.tell(Sign::Alive);
                    continue;
                }
                _ = housekeeping.tick() => {
                    self.registry.expire_pairing();
                    record_limits.expire(self.registry.context.clock.now());
                    self.gate.say_who_was_refused();
                    tracing::debug!(
                        tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks(),
                        sessions = self.registry.len(),
                        connections = self.gate.connections(),
                        "in use"
                    );
                    continue;
                }
            };
            match accepted {
                Ok((tcp, peer)) => {
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    let trusted = self.registry.context.config.trusted_proxies.has(peer.ip());
                    // A connection without a ticket is closed.
                    if let Some(ticket) = self.gate.admit((!trusted).then_some(peer.ip())) {
                        serve(tcp, peer, ticket, router.clone(), acceptor.clone());
                    }
                }
                Err(error) => {
                    // No descriptors are left, despite the reserve. Devices in a session of two stay
                    // connected.
                    let someone_goes = self.gate.make_room();
                    tracing::warn!(%error, someone_goes, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        tracing::info!("going down");
        manager.tell(Sign::Stopping);
        self.registry.shut_down();
        if let Some(announced) = announced {
            self.registry.tasks.spawn(announced.end());
        }
        if timeout(GOODBYE, self.registry.tasks.wait()).await.is_err() {
            tracing::warn!("some devices did not hear that the relay goes down");
        }
        let flushed = timeout(FLUSH, self.registry.context.journal.flush()).await;
        flushed.context("the journal could not be written before the end; the log says why")??;
        Ok(())
    }
}

/// Announces the relay. A failure is only logged, because the relay works without it.
fn announce(local: SocketAddr, plain: Plain) -> Option<Announcement> {
    // Where plain http is served whole, people need no trust in a certificate and nothing to set up.
    let scheme = match plain {
        Plain::Same => "http",
        Plain::Redirect | Plain::OnlyTrust => "https",
    };
    Announcement::start(local, scheme)
        .inspect_err(|error| tracing::warn!(%error, "not announced on the local network"))
        .unwrap_or_default()
}

/// Serves one connection in a task of its own. With an acceptor it may be TLS or plain http.
pub fn serve(
    tcp: TcpStream,
    peer: SocketAddr,
    ticket: Ticket,
    router: axum::Router,
    acceptor: Option<Acceptor>,
) {
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "this connection will send small frames late");
    }
    let ticket = Arc::new(ticket);
    tokio::spawn(async move {
        let served = async {
            let accepted = match acceptor {
                None => Some(Accepted::Plain(tcp)),
                Some(acceptor) => Box::pin(acceptor.accept(tcp)).await,
            };
            let caller = |over_tls| (peer, OverTls(over_tls), Arc::clone(&ticket));
            match accepted {
                Some(Accepted::Plain(tcp)) => answer(tcp, caller(false), router).await,
                Some(Accepted::Secure(tls)) => {
                    // Boxed, so that a plain connection does not reserve memory for a TLS one.
                    Box::pin(answer(*tls, caller(true), router)).await;
                }
                None => {}
            }
        };
        tokio::select! {
            biased;
            () = served => {}
            () = ticket.revoked() => tracing::debug!("a connection made room for another"),
        }
    });
}

/// Answers the requests of one connection.
async fn answer<S>(
    stream: S,
    (peer, over_tls, ticket): (SocketAddr, OverTls, Arc<Ticket>),
    router: axum::Router,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(over_tls);
        request.extensions_mut().insert(Arc::clone(&ticket));
        router.clone().oneshot(request)
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream, STALLED)), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::trace!(%error, "a connection ended early");
    }
}

/// A listening socket on `addr`, with the options of a relay.
///
/// # Errors
/// The error of the system, such as an address in use.
pub fn listener(addr: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    if addr.is_ipv6() && addr.ip().is_unspecified() {
        // All addresses include those of IPv4.
        socket.set_only_v6(false)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Accepted connections inherit these sizes. If the receive buffer shrank later, the kernel would drop
    // data for which it had offered room. A stop in that data would be sent again after 200 ms.
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
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
