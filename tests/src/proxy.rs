//! A TCP proxy between one device and the relay. Cutting it is like pulling that device's network.

mod recorder;

pub use recorder::{Message, Recorder, Toward};

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::recorder::Decoder;

/// How many bytes are moved at once: few, so that a throttle is smooth and little waits in the proxy.
const CHUNK: usize = 1_024;

/// The kernel's buffers on a throttled proxy's sockets, in bytes. They are small, so that the relay
/// itself sees the slow rate instead of filling buffers.
const SMALL_BUFFER: u32 = 4 * 1_024;

/// The condition of one direction through the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Everything passes.
    Open,
    /// Nothing passes and nothing is closed, as with a pulled cable, in a lift or at a dead access
    /// point.
    Silent,
    /// At most this many bytes per second.
    Slow(NonZeroU32),
}

#[derive(Clone, Copy, Debug)]
struct Ways {
    to_relay: Way,
    to_device: Way,
    /// How often all connections have been closed.
    closed: u64,
}

/// The proxy. Dropping it closes its connections.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    ways: watch::Sender<Ways>,
    recorder: Option<Recorder>,
    accepting: tokio::task::AbortHandle,
}

/// The options of a proxy.
#[derive(Clone, Debug, Default)]
struct Kind {
    /// Whether its buffers are small, for throttling.
    narrow: bool,
    /// Where it records what goes through, if it does.
    recorder: Option<Recorder>,
}

impl Proxy {
    /// Starts a proxy on a free port of loopback, in front of `relay`.
    #[must_use]
    pub fn before(relay: SocketAddr) -> Self {
        Self::new(relay, Kind::default())
    }

    /// Like [`Proxy::before`], with small buffers for throttling.
    #[must_use]
    pub fn narrow_before(relay: SocketAddr) -> Self {
        let narrow = true;
        Self::new(
            relay,
            Kind {
                narrow,
                ..Kind::default()
            },
        )
    }

    /// Like [`Proxy::before`], and records every message that comes to it.
    #[must_use]
    pub fn recording_before(relay: SocketAddr) -> Self {
        let recorder = Some(Recorder::default());
        Self::new(
            relay,
            Kind {
                recorder,
                ..Kind::default()
            },
        )
    }

    fn new(relay: SocketAddr, kind: Kind) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        if kind.narrow {
            // Accepted sockets inherit this size.
            let small = socket.set_send_buffer_size(SMALL_BUFFER);
            small.expect("a small buffer");
        }
        socket
            .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .expect("a free port");
        let listener = socket.listen(64).expect("a listener");
        let addr = listener.local_addr().expect("its address");
        let (ways, watched) = watch::channel(Ways {
            to_relay: Way::Open,
            to_device: Way::Open,
            closed: 0,
        });
        let recorder = kind.recorder.clone();
        let accepting = tokio::spawn(accept(listener, relay, kind, watched)).abort_handle();
        Self {
            addr,
            ways,
            recorder,
            accepting,
        }
    }

    /// The address that devices connect to.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The recorder of its messages.
    ///
    /// # Panics
    /// When it is not from [`Proxy::recording_before`].
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        self.recorder.as_ref().expect("a proxy that notes")
    }

    /// Cuts the device's network: both directions are silent, and nothing is closed.
    pub fn cut(&self) {
        self.set(Way::Silent, Way::Silent);
    }

    /// Restores the device's network. What waited on the way arrives.
    pub fn restore(&self) {
        self.set(Way::Open, Way::Open);
    }

    /// Sets each direction separately.
    pub fn set(&self, to_relay: Way, to_device: Way) {
        self.ways.send_modify(|ways| {
            ways.to_relay = to_relay;
            ways.to_device = to_device;
        });
    }

    /// Closes every connection that goes through. New ones are accepted.
    pub fn close(&self) {
        self.ways.send_modify(|ways| ways.closed += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, relay: SocketAddr, kind: Kind, ways: watch::Receiver<Ways>) {
    let mut connections = JoinSet::new();
    while let Ok((device, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(device, relay, kind.clone(), ways.clone()));
    }
}

/// Carries one connection until either end closes, or [`Proxy::close`] closes all.
async fn connection(
    device: TcpStream,
    relay: SocketAddr,
    kind: Kind,
    mut ways: watch::Receiver<Ways>,
) {
    let before = ways.borrow_and_update().closed;
    // While the network is cut, no connection to the relay is made.
    let open = |ways: &Ways| ways.to_relay != Way::Silent && ways.to_device != Way::Silent;
    if ways.wait_for(open).await.is_err() {
        return;
    }
    let socket = TcpSocket::new_v4().expect("a socket");
    if kind.narrow {
        let small = socket.set_recv_buffer_size(SMALL_BUFFER);
        small.expect("a small buffer");
    }
    let Ok(relay) = socket.connect(relay).await else {
        return;
    };
    if device
        .set_nodelay(true)
        .and_then(|()| relay.set_nodelay(true))
        .is_err()
    {
        return;
    }
    let (device_in, device_out) = device.into_split();
    let (relay_in, relay_out) = relay.into_split();
    let mut closing = ways.clone();
    let decoder = |toward| kind.recorder.as_ref().map(|it| it.decoder(toward));
    let up = (device_in, relay_out, decoder(Toward::Relay));
    let down = (relay_in, device_out, decoder(Toward::Device));
    tokio::select! {
        () = pump(up, ways.clone(), |ways| ways.to_relay) => {}
        () = pump(down, ways, |ways| ways.to_device) => {}
        _ = closing.wait_for(|ways| ways.closed > before) => {}
    }
}

async fn pump(
    (mut from, mut to, mut decoder): (
        impl AsyncReadExt + Unpin,
        impl AsyncWriteExt + Unpin,
        Option<Decoder>,
    ),
    mut ways: watch::Receiver<Ways>,
    way: impl Fn(&Ways) -> Way,
) {
    let mut chunk = [0; CHUNK];
    loop {
        // A cut holds back the end of the stream too.
        let read = from.read(&mut chunk).await.unwrap_or(0);
        if let Some(decoder) = &mut decoder {
            decoder.take(&chunk[..read]);
        }
        let passes = ways.wait_for(|ways| way(ways) != Way::Silent).await;
        let Ok(now) = passes.map(|ways| way(&ways)) else {
            return;
        };
        if read == 0 || to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
        if let Way::Slow(bytes_a_second) = now {
            let wire_time = read as f64 / f64::from(bytes_a_second.get());
            tokio::time::sleep(Duration::from_secs_f64(wire_time)).await;
        }
    }
}
