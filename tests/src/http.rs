//! A minimal HTTP client: one request, one answer, as they are on the wire.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wait::PATIENCE;

/// An answer to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, with names in lower case, in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// Everything after the headers, with any chunked encoding removed.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of this name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Requests `path` with further header lines.
///
/// # Panics
/// When no answer comes.
pub async fn request(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    request_with(addr, method, path, headers, "").await
}

/// Like [`request`], with a body.
///
/// # Panics
/// When no answer comes.
pub async fn request_with(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let stream = TcpStream::connect(addr).await;
    let stream = stream.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    let host = addr.to_string();
    let headers = [&[("Host", host.as_str())], headers].concat();
    request_over(stream, method, path, &headers, body).await
}

/// Like [`request_with`], over a stream of the caller. `headers` must name the host.
///
/// # Panics
/// When no answer comes.
pub async fn request_over(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    let upgrades = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("upgrade"));
    if !upgrades {
        text.push_str("Connection: close\r\n");
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    let asking = async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await?;
        let mut answer = Vec::new();
        // An upgraded connection stays open, so reading stops after its headers.
        while stream.read_buf(&mut answer).await? > 0 {
            if upgrades && answer.windows(4).any(|end| end == b"\r\n\r\n") {
                break;
            }
        }
        std::io::Result::Ok(answer)
    };
    let answer = timeout(PATIENCE, asking).await;
    let answer = answer.unwrap_or_else(|_| panic!("{method} {path}: no answer"));
    parse(&answer.unwrap_or_else(|error| panic!("{method} {path}: {error}")))
}

/// Requests `path` with GET.
pub async fn get(addr: SocketAddr, path: &str) -> Answer {
    request(addr, "GET", path, &[]).await
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .expect("the end of the headers");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = &answer[end + 4..];
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    Answer {
        status: status.expect("a status line"),
        body: if chunked {
            unchunk(body)
        } else {
            body.to_vec()
        },
        headers,
    }
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body
            .windows(2)
            .position(|end| end == b"\r\n")
            .expect("a chunk's length");
        let length = String::from_utf8_lossy(&body[..end]).into_owned();
        let length = usize::from_str_radix(&length, 16).expect("a chunk's length in hexadecimal");
        if length == 0 {
            return whole;
        }
        let chunk = &body[end + 2..];
        whole.extend_from_slice(&chunk[..length]);
        body = &chunk[length + 2..];
    }
}
