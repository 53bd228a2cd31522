//! Asks a relay on this machine whether it is alive: for containers, which have no shell and no curl.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context as _;

use crate::print;

/// How long the relay may take to accept, and then to answer. A healthy relay answers within milliseconds; a
/// container asks every 10 s.
const PATIENCE: Duration = Duration::from_secs(2);

/// The request. Every relay answers it by plain http, even one that otherwise uses https.
const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// The first bytes of the answer of a relay that is alive.
const ALIVE: &[u8] = b"HTTP/1.1 200 ";

/// Asks the relay that listens on `listen`.
///
/// # Errors
/// No relay listens there, or it does not answer that it is alive.
pub fn run(listen: SocketAddr) -> anyhow::Result<()> {
    anyhow::ensure!(
        listen.port() != 0,
        "the relay chose its port itself: name it with --listen ADDRESS:PORT"
    );
    let hosts = match listen.ip() {
        ip if !ip.is_unspecified() => vec![ip],
        _ => vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ],
    };
    let answers = hosts.iter().map(|host| ask((*host, listen.port()).into()));
    let mut last = Ok(());
    for answer in answers {
        if answer.is_ok() {
            print::out("alive\n")?;
            return Ok(());
        }
        last = answer;
    }
    last.with_context(|| format!("no relay is alive at {listen}"))
}

fn ask(addr: SocketAddr) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(REQUEST)?;
    let mut answer = vec![0; ALIVE.len()];
    stream.read_exact(&mut answer)?;
    anyhow::ensure!(
        answer == ALIVE,
        "the program that listens there does not answer as a relay does"
    );
    Ok(())
}
