//! A WebSocket written by hand: it sends any bytes, also those that break the protocol.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::peer::SUBPROTOCOL;
use crate::wait::PATIENCE;

/// The bit of a frame's first byte that marks the last frame of a message; the low four bits are its
/// kind.
pub const FIN: u8 = 0x80;
/// The kind of a frame that continues a message.
pub const CONTINUATION: u8 = 0x0;
/// The kind of a frame that begins a text message.
pub const TEXT: u8 = 0x1;
/// The kind of a frame that begins a binary message.
pub const BINARY: u8 = 0x2;
/// The kind of a close frame.
pub const CLOSE: u8 = 0x8;
/// The kind of a ping frame.
pub const PING: u8 = 0x9;
/// The kind of a pong frame.
pub const PONG: u8 = 0xA;

/// The key that masks every frame sent here.
const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// The bit of a frame's second byte that marks the frame as masked.
const MASKED: u8 = 0x80;

/// A frame from the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its first byte.
    pub first: u8,
    /// Its payload.
    pub payload: Vec<u8>,
}

impl Heard {
    /// The close code, if this is a close with one.
    #[must_use]
    pub fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk().copied();
        code.filter(|_| self.first == FIN | CLOSE)
            .map(u16::from_be_bytes)
    }
}

/// One connection.
#[derive(Debug)]
pub struct Raw {
    /// The half that reads.
    pub ear: Ear,
    /// The half that writes.
    pub mouth: Mouth,
}

/// The half of a connection that reads.
#[derive(Debug)]
pub struct Ear {
    stream: OwnedReadHalf,
    buffer: Vec<u8>,
}

/// The half of a connection that writes.
#[derive(Debug)]
pub struct Mouth(OwnedWriteHalf);

impl Raw {
    /// Opens a WebSocket to the relay at `addr`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn open(addr: SocketAddr) -> Self {
        let headers = format!(
            "Host: {addr}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
        );
        let opened = Self::open_with(addr, &headers).await;
        opened.unwrap_or_else(|answer| panic!("{answer}"))
    }

    /// Like [`Raw::open`], with the caller's header lines; only the key is added.
    ///
    /// # Errors
    /// The answer, when the relay refuses.
    ///
    /// # Panics
    /// When there is no answer, or an answer to another key.
    pub async fn open_with(addr: SocketAddr, headers: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(addr).await.expect("a connection");
        stream.set_nodelay(true).expect("small frames at once");
        let (read, write) = stream.into_split();
        let mut raw = Self {
            ear: Ear {
                stream: read,
                buffer: Vec::new(),
            },
            mouth: Mouth(write),
        };
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let request = format!("GET /ws HTTP/1.1\r\n{headers}{key}\r\n");
        assert!(raw.mouth.say(request.as_bytes()).await, "a request");
        let answer = timeout(PATIENCE, raw.ear.headers())
            .await
            .expect("an answer");
        // The key and its answer are the example of RFC 6455, section 1.3.
        let lower = answer.to_ascii_lowercase();
        if !lower.starts_with("http/1.1 101 ") {
            return Err(answer);
        }
        assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
        assert!(!lower.contains("sec-websocket-extensions"), "{answer}");
        Ok(raw)
    }

    /// The next frame, pings and pongs included. `None` when the connection has ended.
    ///
    /// # Panics
    /// When neither comes in time.
    pub async fn hear(&mut self) -> Option<Heard> {
        self.ear.hear().await
    }

    /// Sends a frame, and returns whether it was written.
    pub async fn frame(&mut self, first: u8, payload: &[u8]) -> bool {
        self.mouth.say(&frame(first, payload)).await
    }

    /// Sends a message of `tapcue.v1`.
    pub async fn tell(&mut self, message: &Value) {
        self.frame(FIN | TEXT, message.to_string().as_bytes()).await;
    }

    /// Reads messages of `tapcue.v1` until one has this `type`, and returns it.
    ///
    /// # Panics
    /// When none comes.
    pub async fn told(&mut self, kind: &str) -> Value {
        loop {
            let heard = self.hear().await.unwrap_or_else(|| panic!("no {kind}"));
            assert_eq!(heard.first, FIN | TEXT, "a {kind}: {heard:?}");
            let body: Value = serde_json::from_slice(&heard.payload).expect("JSON");
            if body["type"] == kind {
                return body;
            }
        }
    }

    /// Reads to the end of the connection, and returns the close code if there was one.
    pub async fn ended(&mut self) -> Option<u16> {
        self.ear.ended().await
    }
}

impl Mouth {
    /// Writes bytes as they are, and returns whether they were written.
    pub async fn say(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }
}

impl Ear {
    /// The next frame. `None` when the connection has ended.
    ///
    /// # Panics
    /// When neither comes in time.
    pub async fn hear(&mut self) -> Option<Heard> {
        let hearing = timeout(PATIENCE, self.frame()).await;
        hearing.expect("a frame, or the end of the connection")
    }

    /// Reads to the end of the connection, and returns the close code if there was one.
    pub async fn ended(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(heard) = self.hear().await {
            code = code.or(heard.close_code());
        }
        code
    }

    async fn frame(&mut self) -> Option<Heard> {
        loop {
            if let Some((heard, length)) = parse(&self.buffer) {
                self.buffer.drain(..length);
                return Some(heard);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Option<()> {
        let read = self.stream.read_buf(&mut self.buffer).await;
        matches!(read, Ok(1..)).then_some(())
    }

    async fn headers(&mut self) -> String {
        loop {
            let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let headers: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return String::from_utf8_lossy(&headers).into_owned();
            }
            self.more().await.expect("the answer's headers");
        }
    }
}

/// A masked frame, as a client must send it.
#[must_use]
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, payload.len(), MASKED);
    frame.extend(MASK);
    let masked = payload.iter().zip(MASK.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

/// An unmasked frame, which no client may send.
#[must_use]
pub fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, payload.len(), 0);
    frame.extend(payload);
    frame
}

fn header(first: u8, length: usize, masked: u8) -> Vec<u8> {
    let mut header = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => header.push(masked | short),
        (_, Ok(middle)) => {
            header.push(masked | 126);
            header.extend(middle.to_be_bytes());
        }
        _ => {
            header.push(masked | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header
}

/// The first complete frame in the bytes read, and its length in bytes.
fn parse(read: &[u8]) -> Option<(Heard, usize)> {
    let (&first, rest) = read.split_first()?;
    let (&second, rest) = rest.split_first()?;
    assert_eq!(second & MASKED, 0, "a server masks nothing");
    let (length, rest) = match second {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u64::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*length), rest)
        }
        short => (u64::from(short), rest),
    };
    let payload = rest.get(..usize::try_from(length).expect("a length"))?;
    let whole = read.len() - rest.len() + payload.len();
    let payload = payload.to_vec();
    Some((Heard { first, payload }, whole))
}
