//! A device's handle: the session's task queues frames in it, and the device's socket writes them.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tapcue_rules::cue::{Lane, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::message::{ErrorCode, Limits, ToDevice};
use tapcue_rules::outbox::{Next, Outbox, RIDES_WITHIN_MS};
use tapcue_rules::presence::Presence;
use tapcue_rules::state::{LinkStatus, Phase};
use tapcue_rules::time::Millis;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::clock::{self, Clock};

/// One connection of one device, shared by its socket and its session's task.
#[derive(Debug)]
pub struct DeviceHandle {
    /// The role of the device.
    pub role: Role,
    inner: Mutex<Inner>,
    notify: Notify,
    heard: AtomicBool,
}

#[derive(Debug)]
struct Inner {
    outbox: Outbox<Queued>,
    /// When the relay read the frame of the waiting stop, if a device sent it.
    stop_read_at: Option<Instant>,
    presence: Presence,
    closing: Option<Closing>,
}

/// A frame that waits.
#[derive(Debug)]
enum Queued {
    Frame(Utf8Bytes),
    /// The answer to a heartbeat: its number, and when it was sent.
    Beat(u64, u64),
}

/// What the socket writes.
#[derive(Debug)]
pub enum Outgoing {
    /// A frame.
    Frame(Utf8Bytes),
    /// A receipt: the id of the cue and the number of its entry.
    Recorded(Id, u64),
    /// A state, with the ids of cues that became durable.
    State(Utf8Bytes, Vec<Id>),
    /// The answer to a heartbeat: its number, and when it was sent. It is made when it is written, so that it
    /// is never staler than the frames before it. It carries the ids of cues that became durable.
    Beat((u64, u64), Vec<Id>),
}

/// How a connection is closed, once its waiting frames are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The WebSocket close code.
    pub code: u16,
    /// The error sent in a frame before the close.
    pub error: Option<ErrorCode>,
}

impl DeviceHandle {
    /// The handle of a connected device.
    #[must_use]
    pub fn new(role: Role, limits: Limits, now: Millis) -> Self {
        Self {
            role,
            inner: Mutex::new(Inner {
                outbox: Outbox::default(),
                stop_read_at: None,
                presence: Presence::new(limits, now),
                closing: None,
            }),
            notify: Notify::new(),
            heard: AtomicBool::new(false),
        }
    }

    /// Queues a stop ahead of everything else. The state that carries it has this `seq` and must follow.
    /// `read_at`: when the relay read the stop's frame, if the other device sent it.
    pub fn put_stop(&self, seq: u64, frame: Utf8Bytes, read_at: Option<Instant>) {
        let mut inner = self.inner();
        inner.outbox.put_stop(seq, Queued::Frame(frame));
        inner.stop_read_at = inner.stop_read_at.or(read_at);
        drop(inner);
        self.notify.notify_one();
    }

    /// Queues the newest state in place of one that still waits.
    pub fn put_state(&self, seq: u64, frame: Utf8Bytes, lane: Lane) {
        self.put_state_from(seq, frame, lane, Millis(0));
    }

    /// The same for a state that may wait until `from` for a newer one.
    pub fn put_state_from(&self, seq: u64, frame: Utf8Bytes, lane: Lane, from: Millis) {
        let frame = Queued::Frame(frame);
        self.inner().outbox.put_state_from(seq, frame, lane, from);
        self.notify.notify_one();
    }

    /// Queues the answer to a heartbeat: its number, and when it was sent.
    pub fn put_beat(&self, n: u64, sent_at: u64) {
        self.inner().outbox.put_beat(Queued::Beat(n, sent_at));
        self.notify.notify_one();
    }

    /// Queues a receipt of the journal. That of a stop is sent at once; others ride on another frame.
    pub fn put_recorded(&self, id: Id, seq: u64, stops: bool, now: Millis) {
        let due = if stops {
            now
        } else {
            now.plus(RIDES_WITHIN_MS)
        };
        let mut inner = self.inner();
        let was_due = inner.outbox.due();
        inner.outbox.put_recorded(id, seq, due);
        drop(inner);
        // Otherwise the writer waits for an earlier one already.
        if was_due.is_none_or(|was| due < was) {
            self.notify.notify_one();
        }
    }

    /// Queues a new code or any other message.
    pub fn put_aside(&self, message: &ToDevice) {
        let frame = Queued::Frame(frame(message));
        self.inner().outbox.put_aside(frame);
        self.notify.notify_one();
    }

    /// Queues an error.
    pub fn put_error(&self, code: ErrorCode, id: Option<Id>) {
        self.put_aside(&code.to_device(id, false));
    }

    /// Closes the connection once the waiting frames are written. The first reason given stays.
    pub fn close(&self, closing: Closing) {
        self.inner().closing.get_or_insert(closing);
        self.notify.notify_one();
    }

    /// What to write next. For a stop of the other device, also when the relay read it.
    #[must_use]
    pub fn next(&self, now: Millis) -> Option<(Outgoing, Option<Instant>)> {
        let mut inner = self.inner();
        // Before a close nothing waits for another frame.
        let now = inner.closing.map_or(now, |_| Millis(u64::MAX));
        let next = match inner.outbox.next(now)? {
            Next::Frame(Queued::Frame(frame)) => Outgoing::Frame(frame),
            Next::Carrier(Queued::Frame(frame), recorded) => Outgoing::State(frame, recorded),
            Next::Frame(Queued::Beat(n, at)) => Outgoing::Beat((n, at), Vec::new()),
            Next::Carrier(Queued::Beat(n, at), recorded) => Outgoing::Beat((n, at), recorded),
            Next::Recorded { id, seq } => Outgoing::Recorded(id, seq),
        };
        // A waiting stop is always next.
        Some((next, inner.stop_read_at.take()))
    }

    /// When there is something to write, if nothing changes before.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        self.inner().outbox.due()
    }

    /// How to close once [`next`](Self::next) has nothing; none if the connection stays open.
    #[must_use]
    pub fn closing(&self) -> Option<Closing> {
        self.inner().closing
    }

    /// Resolves when there may be something to write.
    pub async fn changed(&self) {
        self.notify.notified().await;
    }

    /// Notes that the device has received the state `seq`.
    pub fn received(&self, seq: u64) {
        let mut inner = self.inner();
        inner.outbox.received(seq);
        let waits = inner.outbox.waiting() > 0;
        drop(inner);
        if waits {
            self.notify.notify_one();
        }
    }

    /// Notes that the device sent a message, so it has its welcome.
    pub fn hear(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// Whether the device ever sent a message on this connection.
    #[must_use]
    pub fn was_heard(&self) -> bool {
        self.heard.load(Ordering::Relaxed)
    }

    /// Applies a presence sign of the device. Returns the link's new status if it changed.
    #[must_use]
    pub fn sign(&self, now: Millis, sign: Sign) -> Option<LinkStatus> {
        let mut inner = self.inner();
        match sign {
            Sign::Beat => inner.presence.beat(now),
            Sign::Away => inner.presence.away(),
        }
        let untaken = inner.outbox.untaken_since();
        inner.presence.change(now, untaken)
    }

    /// Applies the passage of time. Returns the link's new status if it changed, and when to check again.
    #[must_use]
    pub fn watch(&self, now: Millis) -> (Option<LinkStatus>, Millis) {
        let mut inner = self.inner();
        let untaken = inner.outbox.untaken_since();
        let change = inner.presence.change(now, untaken);
        (change, inner.presence.deadline(now, untaken))
    }

    /// For how long the device has sent no heartbeat, in milliseconds.
    #[must_use]
    pub fn silent_ms(&self, now: Millis) -> u64 {
        self.inner().presence.silent_ms(now)
    }

    /// A panic elsewhere cannot leave these half changed, so a poisoned lock is safe to use.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A presence sign that a device sends unasked. Nothing else counts as a sign: a device that only answers the
/// relay is not shown to be alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A heartbeat: the device is alive and in view.
    Beat,
    /// Its page was hidden.
    Away,
}

/// A message as a frame that is ready to be written.
#[must_use]
pub fn frame(message: &ToDevice) -> Utf8Bytes {
    match serde_json::to_string(message) {
        Ok(text) => text.into(),
        // These types always serialize; if one did not, an empty object would state nothing false.
        Err(_) => Utf8Bytes::from_static("{}"),
    }
}

/// The session values in heartbeat answers, readable without waking the session's task.
#[derive(Debug)]
pub struct Pulse {
    /// Phase, epoch and links, packed.
    now: AtomicU64,
    /// How far the session's time is ahead of the relay's clock, in milliseconds.
    ahead_ms: AtomicI64,
    /// Whether recording fails at present.
    unrecorded: AtomicBool,
}

/// One reading of a [`Pulse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The session's phase.
    pub phase: Phase,
    /// Its epoch.
    pub epoch: u64,
    /// The receiver's link and the helper's.
    pub peers: tapcue_rules::cue::Both<LinkStatus>,
}

const PHASES: [Phase; 4] = [Phase::Waiting, Phase::Held, Phase::Live, Phase::Ended];
const STATUSES: [LinkStatus; 5] = [
    LinkStatus::Absent,
    LinkStatus::Here,
    LinkStatus::Late,
    LinkStatus::Lost,
    LinkStatus::Away,
];

impl Default for Pulse {
    fn default() -> Self {
        Self {
            now: AtomicU64::new(0),
            ahead_ms: AtomicI64::new(0),
            unrecorded: AtomicBool::new(false),
        }
    }
}

impl Pulse {
    /// Sets whether recording fails at present.
    pub fn set_unrecorded(&self, is: bool) {
        self.unrecorded.store(is, Ordering::Release);
    }

    /// Whether recording fails at present.
    #[must_use]
    pub fn unrecorded(&self) -> bool {
        self.unrecorded.load(Ordering::Acquire)
    }

    /// Sets how far the session's time is ahead of the relay's clock, in milliseconds.
    pub fn set_ahead(&self, ms: i64) {
        self.ahead_ms.store(ms, Ordering::Release);
    }

    /// The current session time, which the devices take for the relay's clock.
    #[must_use]
    pub fn time(&self, clock: &Clock) -> Millis {
        clock::moved(clock.now(), self.ahead_ms.load(Ordering::Acquire))
    }

    /// Sets all values at once: a reader never sees the phase of one moment with the epoch of another.
    pub fn set(&self, reading: Reading) {
        let place = |status: LinkStatus| {
            let at = STATUSES.iter().position(|other| *other == status);
            at.unwrap_or_default() as u64
        };
        let phase = PHASES.iter().position(|other| *other == reading.phase);
        let packed = (reading.epoch << 8)
            | (place(reading.peers.helper) << 5)
            | (place(reading.peers.receiver) << 2)
            | phase.unwrap_or_default() as u64;
        self.now.store(packed, Ordering::Release);
    }

    /// Reads all values at once.
    #[must_use]
    pub fn get(&self) -> Reading {
        let packed = self.now.load(Ordering::Acquire);
        let status = |at: u64| {
            let status = STATUSES.get((at & 7) as usize);
            status.copied().unwrap_or(LinkStatus::Absent)
        };
        let phase = PHASES.get((packed & 3) as usize);
        Reading {
            phase: phase.copied().unwrap_or(Phase::Waiting),
            epoch: packed >> 8,
            peers: tapcue_rules::cue::Both {
                receiver: status(packed >> 2),
                helper: status(packed >> 5),
            },
        }
    }
}

/// Makes the answer to a heartbeat. `echo`: the heartbeat's number, and when it was sent.
#[must_use]
pub fn beat_answer(
    echo: (u64, u64),
    role: Role,
    pulse: &Pulse,
    clock: &Clock,
    unrecorded: bool,
    recorded: Vec<Id>,
) -> ToDevice {
    let reading = pulse.get();
    ToDevice::Beat {
        n: echo.0,
        sent_at: echo.1,
        relay_at: pulse.time(clock),
        peer: *reading.peers.of(role.other()),
        phase: reading.phase,
        epoch: reading.epoch,
        unrecorded,
        recorded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tapcue_rules::cue::Both;

    #[test]
    fn a_pulse_reads_back_what_was_set() {
        let pulse = Pulse::default();
        for phase in PHASES {
            for receiver in STATUSES {
                for helper in STATUSES {
                    for epoch in [0, 1, 77 << 20] {
                        let reading = Reading {
                            phase,
                            epoch,
                            peers: Both { receiver, helper },
                        };
                        pulse.set(reading);
                        assert_eq!(pulse.get(), reading);
                    }
                }
            }
        }
    }
}
