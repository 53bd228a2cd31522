//! Many who come from many addresses: each of 127.0.0.0/8 is one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};

/// The address of loopback that is numbered `n`, other than the usual one.
#[must_use]
pub fn address(n: u16) -> Ipv4Addr {
    let [high, low] = n.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

/// A connection to `relay` from the address numbered `n`.
///
/// # Errors
/// It is not taken.
pub async fn connect_from(n: u16, relay: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((address(n), 0)))?;
    let stream = socket.connect(relay).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Somebody who begins a request and goes on with it byte by byte, for as long as the relay bears it.
/// Resolves with how long that was.
pub fn dawdle(mut stream: TcpStream, beginning: &'static str) -> JoinHandle<Duration> {
    tokio::spawn(async move {
        let began = Instant::now();
        let mut pace = interval(Duration::from_millis(500));
        // A relay that closes at once may do so before anything is written.
        let mut open = stream.write_all(beginning.as_bytes()).await.is_ok();
        let mut answer = [0; 512];
        while open {
            tokio::select! {
                _ = pace.tick() => open = stream.write_all(b"x").await.is_ok(),
                read = stream.read(&mut answer) => open = matches!(read, Ok(1..)),
            }
        }
        began.elapsed()
    })
}
