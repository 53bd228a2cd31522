//! One connection: what both ends have written and the network has not carried yet. The world has the network
//! itself, with its delays and faults.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

/// What one end wrote at once. The WebSocket library writes frame by frame, so it is one frame.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) written: u64,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// From the device, for the network to take.
    pub(crate) up: VecDeque<Chunk>,
    /// From the relay, for the network to take.
    pub(crate) down: VecDeque<Chunk>,
    /// How many bytes of the relay have not reached the device yet.
    pub(crate) down_bytes: usize,
    /// How many bytes the relay may have in flight before its writes wait.
    pub(crate) down_at_most: usize,
    pub(crate) relay_in: VecDeque<u8>,
    pub(crate) relay_eof: bool,
    pub(crate) device_in: VecDeque<u8>,
    pub(crate) device_eof: bool,
    /// The relay's end was dropped.
    pub(crate) relay_gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Shared by both ends and the network.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    state: Arc<Mutex<State>>,
    world: Arc<Notify>,
    start: Instant,
}

impl Wire {
    pub(crate) fn new(world: Arc<Notify>, start: Instant, down_at_most: usize) -> Self {
        let state = State {
            down_at_most,
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            world,
            start,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes arrive at the relay.
    pub(crate) fn deliver_up(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.relay_in.extend(bytes);
        wake(&mut state.reader);
    }

    /// The relay reads the end of the stream after everything that has arrived.
    pub(crate) fn end_up(&self) {
        let mut state = self.state();
        state.relay_eof = true;
        wake(&mut state.reader);
        wake(&mut state.writer);
    }

    /// Bytes arrive at the device.
    pub(crate) fn deliver_down(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.device_in.extend(bytes);
        state.down_bytes = state.down_bytes.saturating_sub(bytes.len());
        wake(&mut state.writer);
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// The relay's end.
#[derive(Debug)]
pub(crate) struct RelayEnd(pub(crate) Wire);

impl AsyncRead for RelayEnd {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        if state.relay_in.is_empty() {
            if state.relay_eof {
                return Poll::Ready(Ok(()));
            }
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let (front, _) = state.relay_in.as_slices();
        let count = front.len().min(buf.remaining());
        buf.put_slice(&front[..count]);
        state.relay_in.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for RelayEnd {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.0.now();
        let mut state = self.0.state();
        if state.relay_eof {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        // It takes a frame whole or not at all, so that a chunk is a frame.
        if state.down_bytes >= state.down_at_most {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.down_bytes += buf.len();
        state.down.push_back(Chunk {
            written,
            bytes: buf.to_vec(),
        });
        self.0.world.notify_one();
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for RelayEnd {
    fn drop(&mut self) {
        self.0.state().relay_gone = true;
        self.0.world.notify_one();
    }
}

/// The device's end, which reads and writes without blocking.
#[derive(Debug)]
pub(crate) struct DeviceEnd(pub(crate) Wire);

impl Read for DeviceEnd {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut state = self.0.state();
        if state.device_in.is_empty() {
            if state.device_eof {
                return Ok(0);
            }
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let (front, _) = state.device_in.as_slices();
        let count = front.len().min(buf.len());
        buf[..count].copy_from_slice(&front[..count]);
        state.device_in.drain(..count);
        Ok(count)
    }
}

impl Write for DeviceEnd {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.0.now();
        let bytes = buf.to_vec();
        self.0.state().up.push_back(Chunk { written, bytes });
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
