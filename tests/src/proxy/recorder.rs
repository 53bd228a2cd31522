//! Records the WebSocket messages that come to a proxy in both directions, as their sender wrote them.
//! Messages that the proxy holds back are included.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::wait::PATIENCE;

/// The end of an HTTP head.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    /// From the device to the relay.
    Relay,
    /// From the relay to the device.
    Device,
}

/// A message that came to the proxy.
#[derive(Clone, Debug)]
pub struct Message {
    /// When it came to the proxy, passed on or not.
    pub at: Instant,
    /// Its direction.
    pub toward: Toward,
    /// Its JSON.
    pub body: Value,
}

impl Message {
    /// Whether it is the cue `cue`, sent by the device.
    #[must_use]
    pub fn is_cue(&self, cue: &str) -> bool {
        self.toward == Toward::Relay && self.body["type"] == "cue" && self.body["cue"] == cue
    }
}

/// The messages recorded so far.
#[derive(Clone, Debug)]
pub struct Recorder {
    messages: Arc<Mutex<Vec<Message>>>,
    count: watch::Sender<usize>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            messages: Arc::default(),
            count: watch::Sender::new(0),
        }
    }
}

impl Recorder {
    /// All messages recorded so far.
    ///
    /// # Panics
    /// When a task panicked while it recorded.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().expect("the messages").clone()
    }

    /// The first `n` messages from `from` on that `wanted` accepts, as soon as there are that many.
    ///
    /// # Panics
    /// When there are fewer within [`PATIENCE`].
    pub async fn first(
        &self,
        n: usize,
        from: Instant,
        what: &str,
        wanted: impl Fn(&Message) -> bool,
    ) -> Vec<Message> {
        let found = self.first_within(PATIENCE, n, from, wanted).await;
        found.unwrap_or_else(|| panic!("{n} of {what} within {PATIENCE:?}"))
    }

    /// Like [`Recorder::first`], or `None` when `time` is up.
    pub async fn first_within(
        &self,
        time: Duration,
        n: usize,
        from: Instant,
        wanted: impl Fn(&Message) -> bool,
    ) -> Option<Vec<Message>> {
        let mut count = self.count.subscribe();
        let looking = async {
            loop {
                let all = self.messages();
                let wanted = all.into_iter().filter(|it| it.at >= from && wanted(it));
                let found: Vec<_> = wanted.take(n).collect();
                if found.len() == n {
                    return found;
                }
                count.changed().await.expect("its own sender");
            }
        };
        timeout(time, looking).await.ok()
    }

    pub(super) fn decoder(&self, toward: Toward) -> Decoder {
        Decoder {
            recorder: self.clone(),
            toward,
            upgraded: None,
            bytes: Vec::new(),
        }
    }

    fn note(&self, toward: Toward, text: &[u8]) {
        let Ok(body) = serde_json::from_slice(text) else {
            return;
        };
        let at = Instant::now();
        let mut messages = self.messages.lock().expect("the messages");
        messages.push(Message { at, toward, body });
        self.count.send_replace(messages.len());
    }
}

/// Decodes one direction of one connection: an HTTP head, then frames of RFC 6455.
#[derive(Debug)]
pub(super) struct Decoder {
    recorder: Recorder,
    toward: Toward,
    /// Whether the head opens a WebSocket. `None` until the head is complete.
    upgraded: Option<bool>,
    bytes: Vec<u8>,
}

impl Decoder {
    pub(super) fn take(&mut self, read: &[u8]) {
        self.bytes.extend_from_slice(read);
        if self.upgraded.is_none() {
            let end = self.bytes.windows(HEAD_END.len());
            let Some(end) = end.into_iter().position(|four| four == HEAD_END) else {
                return;
            };
            let starts = |with: &[u8]| self.bytes.starts_with(with);
            self.upgraded = Some(starts(b"GET /ws ") || starts(b"HTTP/1.1 101 "));
            self.bytes.drain(..end + HEAD_END.len());
        }
        if self.upgraded == Some(false) {
            self.bytes.clear();
            return;
        }
        while let Some((text, whole)) = frame(&self.bytes) {
            if let Some(text) = text {
                self.recorder.note(self.toward, &text);
            }
            self.bytes.drain(..whole);
        }
    }
}

/// The payload of the first complete frame, if it is text in one piece, and the frame's length in bytes.
fn frame(bytes: &[u8]) -> Option<(Option<Vec<u8>>, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, mut at) = match second & 0x7f {
        126 => {
            let two = bytes.get(2..4)?.try_into().expect("two bytes");
            (usize::from(u16::from_be_bytes(two)), 4)
        }
        127 => {
            let eight = bytes.get(2..10)?.try_into().expect("eight bytes");
            let length = u64::from_be_bytes(eight);
            (usize::try_from(length).expect("a frame in memory"), 10)
        }
        short => (usize::from(short), 2),
    };
    let mask = if second & 0x80 == 0 {
        [0; 4]
    } else {
        at += 4;
        bytes.get(at - 4..at)?.try_into().expect("four bytes")
    };
    let payload = bytes.get(at..at + length)?;
    let text = (first == 0x81).then(|| {
        let unmasked = payload.iter().zip(mask.iter().cycle());
        unmasked.map(|(byte, mask)| byte ^ mask).collect()
    });
    Some((text, at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames are a masked and an unmasked one of RFC 6455, section 5.7, with JSON in them. They
    /// come byte by byte.
    #[test]
    fn frames_are_read_however_they_are_cut() {
        let recorder = Recorder::default();
        let mut decoder = recorder.decoder(Toward::Relay);
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        let masked = b"\"Hello\"".iter().zip(mask.iter().cycle());
        let mut bytes = b"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n\x81\x87".to_vec();
        bytes.extend(mask);
        bytes.extend(masked.map(|(byte, mask)| byte ^ mask));
        bytes.extend(b"\x89\x00\x81\x01" as &[u8]);
        bytes.extend(b"7");
        for byte in bytes {
            decoder.take(&[byte]);
        }
        let bodies: Vec<_> = recorder.messages().into_iter().map(|it| it.body).collect();
        assert_eq!(bodies, [Value::from("Hello"), Value::from(7)]);
    }

    #[test]
    fn other_requests_are_left_alone() {
        let recorder = Recorder::default();
        let mut decoder = recorder.decoder(Toward::Relay);
        decoder.take(b"GET / HTTP/1.1\r\n\r\n\x81\x01\x37");
        assert!(recorder.messages().is_empty());
    }
}
