//! A connection whose reader is as slow as a bad mobile link.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How often a slow reader reads.
const EVERY: Duration = Duration::from_millis(10);

/// How many bytes a slow reader reads at a time: 80 bytes each 10 ms are 64 kbit/s.
const AT_ONCE: usize = 80;

/// The requested size of the kernel's buffer for a slow reader, in bytes; Linux doubles it.
pub(crate) const RECEIVE_BUFFER: u32 = 2_304;

/// A TCP connection, read at full speed or at 64 kbit/s.
#[derive(Debug)]
pub(crate) struct Line {
    tcp: TcpStream,
    /// For a slow reader: when it may read again.
    slow: Option<Pin<Box<Sleep>>>,
}

impl Line {
    /// A connection that is read at full speed.
    pub(crate) fn fast(tcp: TcpStream) -> Self {
        Self { tcp, slow: None }
    }

    /// A connection that is read at 64 kbit/s.
    pub(crate) fn slow(tcp: TcpStream) -> Self {
        let slow = Some(Box::pin(sleep_until(Instant::now())));
        Self { tcp, slow }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { tcp, slow } = self.get_mut();
        let Some(next) = slow else {
            return Pin::new(tcp).poll_read(cx, buf);
        };
        ready!(next.as_mut().poll(cx));
        let mut bytes = [0; AT_ONCE];
        let room = buf.remaining().min(AT_ONCE);
        let mut part = ReadBuf::new(&mut bytes[..room]);
        ready!(Pin::new(tcp).poll_read(cx, &mut part))?;
        let read = part.filled();
        buf.put_slice(read);
        // The pace follows the clock, not the timer's resolution; idle time gives no credit.
        let took = EVERY.mul_f64(read.len() as f64 / AT_ONCE as f64);
        let from = next.deadline().max(Instant::now() - EVERY);
        next.as_mut().reset(from + took);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tcp).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(cx)
    }
}
