//! A device's incoming frames: presence signs, limits, parsing and dispatch. `Rates` in `context.rs` has the
//! numbers of the rate limits; `websocket_config` in `connection.rs` limits a frame's size.
//!
//! Liveness Invariant: no limit delays a stop. A frame past the frame limit is only searched for the words of
//! a stop; nothing that could be a stop is dropped unread.

use std::sync::Arc;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use tapcue_rules::cue::Lane;
use tapcue_rules::entry::What;
use tapcue_rules::ids::Id;
use tapcue_rules::limits::NOTE_CHARS;
use tapcue_rules::message::{ErrorCode, Flaw, Read, ToRelay};
use tapcue_rules::state::{LinkStatus, Phase};
use tapcue_rules::time::Millis;
use tokio::time::Instant;

use crate::metrics::Refused;
use crate::net::rate_limit::{Rate, TokenBucket};
use crate::session::device_handle::{Closing, DeviceHandle, Sign};
use crate::session::mailbox;
use crate::session::registry::Registry;
use crate::session::task::{Control, DeviceMessage, Request, SessionHandle, Stop};

/// The rate of frames that are no protocol message beyond which the connection is closed.
const ABUSE: Rate = Rate::per_second(1, 20);

/// How often a device is told that it is too fast.
const COMPLAINTS: Rate = Rate::per_second(5, 5);

/// The word in every `received` message. One that is dropped is never sent again, so its device would count
/// as frozen for good; accepting it costs next to nothing.
static RECEIVED_WORD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""received""#));

/// The longest frame that is accepted as a `received` past the limit, in bytes. Its two fields with the
/// largest number take 50.
const RECEIVED_BYTES: usize = 64;

/// The outcome of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The frame was handled.
    Yes,
    /// Too many frames were no protocol message: the connection must be closed.
    Abuse,
}

/// The incoming side of one connection.
pub(super) struct Intake {
    registry: Arc<Registry>,
    session: Arc<SessionHandle>,
    device: Arc<DeviceHandle>,
    cues: TokenBucket,
    frames: TokenBucket,
    abuse: TokenBucket,
    complaints: TokenBucket,
}

impl Intake {
    pub(super) fn new(
        registry: Arc<Registry>,
        session: Arc<SessionHandle>,
        device: Arc<DeviceHandle>,
    ) -> Self {
        Self {
            registry,
            session,
            device,
            cues: TokenBucket::new(),
            frames: TokenBucket::new(),
            abuse: TokenBucket::new(),
            complaints: TokenBucket::new(),
        }
    }

    pub(super) fn close(&self, closing: Closing) {
        self.device.close(closing);
    }

    pub(super) fn text(&mut self, text: &str) -> Taken {
        self.device.hear();
        let now = self.registry.context.clock.now();
        self.note_silence(now);
        let within = self.frames.take(&self.registry.context.rates.frames, now);
        let is_live = || self.session.pulse.get().phase == Phase::Live;
        let may_pass = within
            || ToRelay::may_be_urgent(text)
            || may_be_received(text)
            || (is_live() && ToRelay::may_be_confirmed(text));
        if !may_pass {
            self.too_fast(None, now);
            return Taken::Yes;
        }
        match ToRelay::read(text) {
            Ok(Read { message, flaw }) if message.lane() == Lane::Urgent => {
                self.message(message, flaw, now);
            }
            // The connection is superseded, or its session is over: the close alone answers it.
            Ok(_) | Err(_) if self.device.closing().is_some() => {}
            Ok(Read { message, flaw }) => self.message(message, flaw, now),
            Err(_) => return self.bad(now),
        }
        Taken::Yes
    }

    /// Handles a binary frame. The protocol has none, but a stop in one still stops.
    pub(super) fn binary(&mut self, bytes: &[u8]) -> Taken {
        self.device.hear();
        let now = self.registry.context.clock.now();
        let text = String::from_utf8_lossy(bytes);
        match ToRelay::read(&text) {
            Ok(Read { message, flaw }) if message.lane() == Lane::Urgent => {
                self.note_silence(now);
                self.message(message, flaw.or(Some(Flaw::Form)), now);
                Taken::Yes
            }
            Ok(_) | Err(_) => self.bad(now),
        }
    }

    fn message(&mut self, message: ToRelay, flaw: Option<Flaw>, now: Millis) {
        let lane = message.lane();
        let (id, what) = match message {
            ToRelay::Beat { n, sent_at } => {
                self.sign(now, Sign::Beat);
                return self.device.put_beat(n, sent_at);
            }
            ToRelay::Received { seq } => return self.device.received(seq),
            ToRelay::Away => return self.sign(now, Sign::Away),
            ToRelay::RenewCode => return self.ordinary(Request::RenewCode, None, now),
            ToRelay::Note { ref text, .. } if text.chars().count() > NOTE_CHARS => {
                return self.device.put_error(ErrorCode::TooLarge, None);
            }
            message @ (ToRelay::Create { .. }
            | ToRelay::Join { .. }
            | ToRelay::Resume { .. }
            | ToRelay::Cue { .. }
            | ToRelay::Thumb { .. }
            | ToRelay::Shown { .. }
            | ToRelay::Acknowledge { .. }
            | ToRelay::Confirm { .. }
            | ToRelay::Note { .. }
            | ToRelay::End) => match What::of(message) {
                Some(what) => what,
                // A second hello.
                None => return self.device.put_error(ErrorCode::BadMessage, None),
            },
        };
        match (lane, id) {
            (Lane::Urgent, Some(id)) => self.stop(id, what, flaw),
            (_, Some(id)) => {
                self.registry.context.metrics.cue(Lane::Ordinary);
                if self.cues.take(&self.registry.context.rates.cues, now) {
                    self.ordinary(Request::Record(Some(id), what), Some(id), now);
                } else {
                    self.too_fast(Some(id), now);
                }
            }
            (_, None) => self.ordinary(Request::Record(None, what), None, now),
        }
    }

    fn stop(&self, id: Id, what: What, flaw: Option<Flaw>) {
        self.registry.context.metrics.cue(Lane::Urgent);
        let stop = Stop {
            device: Arc::clone(&self.device),
            id,
            what,
            flaw,
            read_at: Instant::now(),
        };
        match self.session.mailbox.post_urgent(stop) {
            // Full: the stops ahead hold the session already, and this device resends its stop.
            Ok(()) | Err(mailbox::Refused::Full) => {}
            Err(mailbox::Refused::Closed) => self.session_is_gone(),
        }
    }

    fn ordinary(&mut self, request: Request, id: Option<Id>, now: Millis) {
        let message = DeviceMessage {
            device: Arc::clone(&self.device),
            request: Box::new(request),
        };
        match self.session.mailbox.post_ordinary(message) {
            Ok(()) => {}
            Err(mailbox::Refused::Full) => self.too_fast(id, now),
            Err(mailbox::Refused::Closed) => self.session_is_gone(),
        }
    }

    /// The session's task has ended. The device reconnects, which reloads the session with a hold.
    fn session_is_gone(&self) {
        self.close(Closing {
            code: 1012,
            error: None,
        });
    }

    fn too_fast(&mut self, id: Option<Id>, now: Millis) {
        if id.is_some() {
            self.registry
                .context
                .metrics
                .refused_with(Refused::Cue, ErrorCode::TooFast);
        }
        if self.complaints.take(&COMPLAINTS, now) {
            self.device.put_error(ErrorCode::TooFast, id);
        }
    }

    fn bad(&mut self, now: Millis) -> Taken {
        self.device.put_error(ErrorCode::BadMessage, None);
        if self.abuse.take(&ABUSE, now) {
            Taken::Yes
        } else {
            Taken::Abuse
        }
    }

    /// Reports a silence that passed unwatched while the relay itself was suspended. What the device sent in
    /// that time is handled after the hold.
    fn note_silence(&self, now: Millis) {
        let (change, _) = self.device.watch(now);
        self.tell(change);
    }

    fn sign(&self, now: Millis, sign: Sign) {
        self.tell(self.device.sign(now, sign));
    }

    fn tell(&self, change: Option<LinkStatus>) {
        if let Some(status) = change {
            let control = Control::Link(Arc::clone(&self.device), status);
            // Full: the mailbox marks itself as overrun. Closed: the next message detects it.
            let _ = self.session.mailbox.post_control(control);
        }
    }
}

/// Whether a frame could be a `received`, as devices write it.
fn may_be_received(text: &str) -> bool {
    text.len() <= RECEIVED_BYTES && RECEIVED_WORD.find(text.as_bytes()).is_some()
}
