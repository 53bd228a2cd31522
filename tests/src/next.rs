//! A relay as if its next release were installed. A TCP proxy replaces the version in what passes, with
//! text of the same length. The product does not know of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::http;

/// What the page says of itself in this release, and in the next one.
pub const ABOUT: [&str; 2] = ["One-tap cues", "New-tap cues"];

/// The subprotocol, the one after it, and one that no relay speaks.
const PROTOCOL: [&str; 3] = ["tapcue.v1", "tapcue.v2", "tapcue.v0"];

/// Texts and their replacements, each of the same length.
type Swaps = Vec<(String, String)>;

/// The proxy. Dropping it closes its connections.
#[derive(Debug)]
pub struct Next {
    addr: SocketAddr,
    version: String,
    ways: Arc<Mutex<[Swaps; 2]>>,
    accepting: AbortHandle,
}

impl Next {
    /// Starts a proxy in front of `relay`. It leaves the version alone until a release is installed.
    ///
    /// # Panics
    /// When there is no free port, or the relay does not report its version.
    pub async fn before(relay: SocketAddr) -> Self {
        let version = http::get(relay, "/version").await.text();
        let version: serde_json::Value = serde_json::from_str(&version).expect("a version");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let addr = listener.local_addr().expect("its address");
        let ways = Arc::new(Mutex::new([always(), Vec::new()]));
        let accepting = tokio::spawn(accept(listener, relay, ways.clone())).abort_handle();
        Self {
            addr,
            version: version["web"].as_str().expect("a version").to_owned(),
            ways,
            accepting,
        }
    }

    /// The URL that devices connect to. It is a secure context, so that a page can be kept offline.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}/", self.addr.port())
    }

    /// The version of the page in this release.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The version of the page in the next release.
    #[must_use]
    pub fn next_version(&self) -> String {
        self.version.chars().rev().collect()
    }

    /// Installs a release with another page.
    ///
    /// # Panics
    /// When a task panicked while it held the lock.
    pub fn release(&self) {
        let pairs = [
            (self.version.as_str(), self.next_version()),
            (ABOUT[0], ABOUT[1].into()),
        ];
        self.install(
            pairs.map(|(old, new)| (old.to_owned(), new)).to_vec(),
            vec![],
        );
    }

    /// Installs a release with another page and another protocol. The relay then accepts only that
    /// protocol.
    pub fn release_protocol(&self) {
        let [old, new, none] = PROTOCOL.map(str::to_owned);
        let pairs = vec![
            (self.version.clone(), self.next_version()),
            (ABOUT[0].to_owned(), ABOUT[1].to_owned()),
            (old.clone(), new),
        ];
        self.install(pairs, vec![(old, none)]);
    }

    /// Installs a release. `also` replaces what a device says and the new release no longer understands.
    fn install(&self, pairs: Swaps, also: Swaps) {
        let mut to_relay = always();
        // Old text is replaced first, so that new text can then become what the relay knows.
        to_relay.extend(also);
        to_relay.extend(pairs.iter().map(|(old, new)| (new.clone(), old.clone())));
        *self.ways.lock().expect("the ways") = [to_relay, pairs];
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Renames the request headers whose answers would be compressed or have no body. Browsers spell these
/// names like this.
fn always() -> Swaps {
    let names = [
        ("Accept-Encoding:", "Xccept-Encoding:"),
        ("If-None-Match:", "Xf-None-Match:"),
    ];
    names
        .map(|(name, none)| (name.to_owned(), none.to_owned()))
        .to_vec()
}

async fn accept(listener: TcpListener, relay: SocketAddr, ways: Arc<Mutex<[Swaps; 2]>>) {
    let mut connections = JoinSet::new();
    while let Ok((device, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let ways = ways.clone();
        connections.spawn(async move {
            let Ok(relay) = TcpStream::connect(relay).await else {
                return;
            };
            let (device_in, device_out) = device.into_split();
            let (relay_in, relay_out) = relay.into_split();
            tokio::select! {
                () = carry(device_in, relay_out, || now(&ways, 0)) => {}
                () = carry(relay_in, device_out, || now(&ways, 1)) => {}
            }
        });
    }
}

/// The swaps of one direction at this moment, because a connection outlives a release.
fn now(ways: &Mutex<[Swaps; 2]>, way: usize) -> Swaps {
    ways.lock().expect("the ways")[way].clone()
}

/// Carries bytes and replaces each text wherever it appears, even if it arrives in pieces.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    swaps: impl Fn() -> Swaps,
) {
    let mut waiting = Vec::new();
    loop {
        let ended = !matches!(from.read_buf(&mut waiting).await, Ok(1..));
        let swaps = swaps();
        for (text, other) in &swaps {
            replace(&mut waiting, text.as_bytes(), other.as_bytes());
        }
        // Bytes that may begin a text wait until more has arrived.
        let open = if ended { 0 } else { open_end(&waiting, &swaps) };
        let now = waiting.len() - open;
        if to.write_all(&waiting[..now]).await.is_err() || ended {
            return;
        }
        waiting.drain(..now);
    }
}

fn replace(bytes: &mut [u8], text: &[u8], other: &[u8]) {
    assert_eq!(text.len(), other.len(), "{text:?}");
    let mut at = 0;
    while at + text.len() <= bytes.len() {
        if bytes[at..].starts_with(text) {
            bytes[at..at + text.len()].copy_from_slice(other);
            at += text.len();
        } else {
            at += 1;
        }
    }
}

/// How many bytes at the end are the beginning of a text.
fn open_end(bytes: &[u8], swaps: &Swaps) -> usize {
    let ends = swaps.iter().map(|(text, _)| {
        let longest = (text.len() - 1).min(bytes.len());
        let is_open = |length: &usize| text.as_bytes().starts_with(&bytes[bytes.len() - length..]);
        (1..=longest).rev().find(is_open).unwrap_or(0)
    });
    ends.max().unwrap_or(0)
}
