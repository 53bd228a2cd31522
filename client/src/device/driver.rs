//! A device: the pure machine of `tapcue_rules::link`, driven by a real socket and a real clock.
//!
//! Liveness Invariant: nothing delays a stop. It has its own lane into the driver, shared with the thumb, and
//! its own lane to the socket. Neither the driver nor the socket's writer waits for a screen.

use std::sync::Arc;

use tapcue_rules::cue::Cue;
use tapcue_rules::ids::Id;
use tapcue_rules::link::{Effect, Input, Link};
use tapcue_rules::message::{ErrorCode, ToDevice, ToRelay};
use tapcue_rules::time::Millis;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::device::snapshot::{Snapshot, What};
use crate::relay::address::RelayAddress;
use crate::relay::clock::{Clock, RelayClock};
use crate::relay::socket::{Socket, SocketEvent};
use crate::relay::tls::Trust;

/// The maximum number of stops and thumbs that wait for the driver. When the lane is full a further one is
/// not queued: those ahead of it have the same effect and come after any queued thumb that is down.
const URGENT_AT_MOST: usize = 16;

/// A thumb that is put down is queued only while more than this much of the lane is free. The rest of the
/// lane then holds stops and lifts only, so a lift that finds it full is not needed.
const FREE_FOR_THUMB: usize = URGENT_AT_MOST / 2;

/// The maximum number of other inputs that wait for the driver. When the lane is full they are dropped; a
/// person does not tap that fast.
const INPUTS_AT_MOST: usize = 64;

/// The text for a thumb that was put down too soon after a hold began. The relay's own text speaks of a tap.
pub(crate) const TOO_SOON: &str = "Too soon after the pause to count. Let go, then hold again.";

/// A running device. Dropping it sends what was tapped and then closes. [`Device::close`] waits for that.
#[derive(Debug)]
pub struct Device {
    urgent: mpsc::Sender<Input>,
    inputs: mpsc::Sender<Input>,
    snapshots: watch::Receiver<Snapshot>,
    clock: Clock,
    task: JoinHandle<()>,
}

impl Device {
    /// Connects to a relay and sends `hello` (create, join or resume). After that it reconnects by itself
    /// whenever the connection breaks. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(relay: RelayAddress, hello: ToRelay) -> Self {
        Self::start_with(relay, Trust::default(), hello)
    }

    /// Starts a device like [`Device::start`], but trusts other authorities for https than the system's.
    #[must_use]
    pub fn start_with(relay: RelayAddress, trust: Trust, hello: ToRelay) -> Self {
        let clock = Clock::start();
        let link = Link::new(hello);
        let (urgent, urgent_in) = mpsc::channel(URGENT_AT_MOST);
        let (inputs, inputs_in) = mpsc::channel(INPUTS_AT_MOST);
        let (publish, snapshots) = watch::channel(Snapshot::new(link.view(clock.now())));
        let driver = Driver {
            relay,
            trust,
            link,
            clock,
            relay_clock: RelayClock::default(),
            socket: None,
            snapshot: snapshots.borrow().clone(),
            publish,
            thumb: None,
        };
        let task = tokio::spawn(driver.run(urgent_in, inputs_in));
        Self {
            urgent,
            inputs,
            snapshots,
            clock,
            task,
        }
    }

    /// Taps a cue and returns its id, which receipts and refusals name. Never waits; a stop goes ahead of
    /// everything.
    pub fn tap(&self, cue: Cue) -> Id {
        let id = Uuid::now_v7();
        if cue == Cue::Stop {
            // A full lane means that stops are already in flight.
            let _ = self.urgent.try_send(Input::Tap {
                id,
                cue,
                began: None,
            });
        } else {
            self.input(Input::Tap {
                id,
                cue,
                began: None,
            });
        }
        id
    }

    /// Hold to consent: puts a thumb down or lifts it, and returns the id of the message. Never waits. A lift
    /// has the priority of a stop, but never overtakes its own thumb.
    pub fn thumb(&self, down: bool) -> Id {
        self.thumb_since(down, None)
    }

    /// Does the same for a key that went down at `began` on this device's clock.
    pub(crate) fn thumb_since(&self, down: bool, began: Option<Millis>) -> Id {
        let id = Uuid::now_v7();
        if !down || self.urgent.capacity() > FREE_FOR_THUMB {
            // If the lane is full, see FREE_FOR_THUMB.
            let _ = self.urgent.try_send(Input::Thumb { id, down, began });
        }
        id
    }

    /// Acknowledges what is on the screen, with "seen" or "hands off".
    pub fn acknowledge(&self) {
        self.input(Input::Acknowledge { began: None });
    }

    /// Reports that the screen has painted the cue, hold or check-in with this id; a hold may be painted as
    /// `acknowledged`. Must be called only after the paint.
    pub fn painted(&self, id: Id, acknowledged: bool) {
        self.input(Input::Painted { id, acknowledged });
    }

    /// Sends any other message of a person. Without a link it is dropped.
    pub fn say(&self, message: ToRelay) {
        self.input(Input::Say { message });
    }

    /// The screen is hidden, locked or frozen. For the session, this device is away.
    pub fn hidden(&self) {
        self.input(Input::Hidden);
    }

    /// The screen is visible again.
    pub fn visible(&self) {
        self.input(Input::Visible);
    }

    /// Ends the session for both.
    pub fn end(&self) {
        self.say(ToRelay::End);
    }

    /// The device's snapshot, now and after every change.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshots.clone()
    }

    /// The clock of this device's snapshots.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Sends what was tapped, then closes and stops.
    pub async fn close(self) {
        let Self {
            urgent,
            inputs,
            task,
            ..
        } = self;
        drop((urgent, inputs));
        // A driver that panicked has nothing left to close.
        let _ = task.await;
    }

    fn input(&self, input: Input) {
        // If the lane is full, see INPUTS_AT_MOST.
        let _ = self.inputs.try_send(input);
    }
}

struct Driver {
    relay: RelayAddress,
    trust: Trust,
    link: Link,
    clock: Clock,
    relay_clock: RelayClock,
    socket: Option<Socket>,
    snapshot: Snapshot,
    publish: watch::Sender<Snapshot>,
    /// The newest thumb that was put down.
    thumb: Option<Id>,
}

impl Driver {
    async fn run(mut self, mut urgent: mpsc::Receiver<Input>, mut inputs: mpsc::Receiver<Input>) {
        self.step(Input::Start);
        loop {
            self.publish();
            let deadline = self.link.deadline(self.clock.now());
            let wake = deadline.map(|at| self.clock.instant(at));
            tokio::select! {
                biased;
                Some(input) = urgent.recv() => self.step(input),
                input = inputs.recv() => match input {
                    Some(input) => self.step(input),
                    None => break,
                },
                event = next_event(&mut self.socket) => self.socket_event(event),
                () = sleep_until(wake) => self.step(Input::Tick),
            }
        }
        while let Ok(input) = urgent.try_recv() {
            self.step(input);
        }
        if let Some(socket) = self.socket.take() {
            socket.finish().await;
        }
    }

    fn socket_event(&mut self, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.step(Input::Opened),
            SocketEvent::Frame(message) => {
                self.learn(&message);
                self.step(Input::Message { message: *message });
            }
            SocketEvent::Closed { code, reason } => {
                self.socket = None;
                if let Some(why) = reason {
                    let now = self.clock.now();
                    self.snapshot.notice(now, What::Unreachable { why });
                }
                self.step(Input::Closed { code });
            }
        }
    }

    fn step(&mut self, input: Input) {
        if let Input::Thumb { id, down: true, .. } = &input {
            self.thumb = Some(*id);
        }
        let mut next = Some(input);
        // A socket that accepts no more data counts as closed, and the machine learns of it at once.
        while let Some(input) = next.take() {
            for effect in self.link.step(self.clock.now(), input) {
                match effect {
                    Effect::Connect => {
                        self.socket = Some(Socket::open(&self.relay, &self.trust));
                    }
                    Effect::Disconnect => self.socket = None,
                    Effect::Shout => self.snapshot.shouts += 1,
                    Effect::TooSoon => self.snapshot.notice(self.clock.now(), What::TooSoon),
                    Effect::Send { message } => {
                        let sent = self.socket.as_ref().map(|socket| socket.send(message));
                        if matches!(sent, Some(Err(_))) {
                            self.socket = None;
                            next = Some(Input::Closed { code: None });
                        }
                    }
                }
            }
        }
    }

    /// Takes from a frame what the screen needs in addition to the machine's view.
    fn learn(&mut self, message: &ToDevice) {
        let now = self.clock.now();
        match message {
            ToDevice::Welcome(welcome) => {
                self.snapshot.last_word = now;
                self.relay_clock.word(now, welcome.relay_at);
                self.snapshot.pairing = welcome.pairing.clone().map(Arc::new);
                self.snapshot.welcome = Some(Arc::new(welcome.as_ref().clone()));
            }
            ToDevice::Beat {
                sent_at, relay_at, ..
            } => {
                // The answer to a heartbeat is at least as new as that heartbeat.
                let proven = Millis((*sent_at).min(now.0));
                self.snapshot.last_word = self.snapshot.last_word.max(proven);
                self.relay_clock.beat(now, *sent_at, *relay_at);
            }
            ToDevice::Pairing(pairing) => {
                self.snapshot.pairing = Some(Arc::new(pairing.as_ref().clone()));
            }
            ToDevice::Error {
                code,
                message,
                id,
                by,
                field: _,
                fatal,
            } => {
                let soon = *code == ErrorCode::Stale && id.is_some() && *id == self.thumb;
                let what = What::Refused {
                    code: *code,
                    message: if soon {
                        TOO_SOON.into()
                    } else {
                        message.clone()
                    },
                    id: *id,
                    by: *by,
                    fatal: *fatal,
                };
                self.snapshot.notice(now, what);
            }
            ToDevice::State { .. } | ToDevice::Stop(_) | ToDevice::Recorded { .. } => {}
        }
    }

    fn publish(&mut self) {
        let now = self.clock.now();
        self.snapshot.at = now;
        self.snapshot.view = self.link.view(now);
        self.snapshot.relay_ahead_ms = self.relay_clock.ahead_ms();
        let state = self.link.state();
        if state != self.snapshot.state.as_deref() {
            self.snapshot.state = state.cloned().map(Arc::new);
        }
        if self.snapshot.is_paired() {
            self.snapshot.pairing = None;
        }
        self.publish.send_replace(self.snapshot.clone());
    }
}

async fn next_event(socket: &mut Option<Socket>) -> SocketEvent {
    match socket {
        Some(socket) => socket.event().await,
        None => std::future::pending().await,
    }
}

/// Waits until then; forever if there is none.
pub(crate) async fn sleep_until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
