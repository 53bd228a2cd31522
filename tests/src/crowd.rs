//! Clients that connect from many addresses of 127.0.0.0/8.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};

/// The loopback address numbered `n`, which is never 127.0.0.1.
#[must_use]
pub fn address(n: u16) -> Ipv4Addr {
    let [high, low] = n.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

/// Connects to `relay` from the address numbered `n`.
///
/// # Errors
/// The socket cannot be bound, or the connection fails.
pub async fn connect_from(n: u16, relay: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((address(n), 0)))?;
    let stream = socket.connect(relay).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends the beginning of a request, then one byte every 500 ms until the relay closes the connection.
/// Resolves to how long that took.
pub fn dawdle(mut stream: TcpStream, beginning: &'static str) -> JoinHandle<Duration> {
    tokio::spawn(async move {
        let began = Instant::now();
        let mut pace = interval(Duration::from_millis(500));
        // The relay may close the connection before anything is written.
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
