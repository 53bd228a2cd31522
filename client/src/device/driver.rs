//! A device: the pure machine of `tapcue_rules::link`, driven by a real socket and a real clock.
//!
//! Liveness Invariant: nothing stands in front of a stop. It has a lane of its own into the driver, which it
//! shares with the thumb,
//! and another to the socket, and neither the driver nor the socket's writer waits for a screen.

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

/// Stops and thumbs that wait for the driver. When full one more is not queued: those ahead of it say
/// the same and are newer than anything they would hold.
const URGENT_AT_MOST: usize = 16;

/// A thumb that is put down is only queued while so much of the lane is free. So whatever fills the
/// lane behind it is a stop or a lift, and a lift that finds it full is not missed.
const FREE_FOR_THUMB: usize = URGENT_AT_MOST / 2;

/// Other inputs that wait for the driver. When full they are refused: a person taps no faster.
const INPUTS_AT_MOST: usize = 64;

/// Why a thumb does not count that was put down at once after a hold began. The relay's own words for
/// it speak of a tap.
pub(crate) const TOO_SOON: &str = "Too soon after the pause to count. Let go, then hold again.";

/// A running device. Dropping it lets what was tapped leave and then closes; [`Device::close`]
/// waits for that.
#[derive(Debug)]
pub struct Device {
    urgent: mpsc::Sender<Input>,
    inputs: mpsc::Sender<Input>,
    snapshots: watch::Receiver<Snapshot>,
    clock: Clock,
    task: JoinHandle<()>,
}

impl Device {
    /// Connects to a relay and says `hello` (create, join or resume) there; from then on it comes
    /// back by itself whenever the connection breaks. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(relay: RelayAddress, hello: ToRelay) -> Self {
        Self::start_with(relay, Trust::default(), hello)
    }

    /// The same, where others vouch for a relay by https than those whom this system trusts.
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

    /// Taps a cue. Its id, which receipts and refusals name. Never waits; a stop goes ahead of
    /// everything.
    pub fn tap(&self, cue: Cue) -> Id {
        let id = Uuid::now_v7();
        if cue == Cue::Stop {
            // Full means that stops are already on their way.
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

    /// Hold to consent: a thumb was put down or lifted. The id of what is said of it. Never waits; a
    /// lift goes as far ahead as a stop, and never ahead of its own thumb.
    pub fn thumb(&self, down: bool) -> Id {
        self.thumb_since(down, None)
    }

    /// The same, where the key by which it is held went down at a moment of this device's clock.
    pub(crate) fn thumb_since(&self, down: bool, began: Option<Millis>) -> Id {
        let id = Uuid::now_v7();
        if !down || self.urgent.capacity() > FREE_FOR_THUMB {
            // Full: see FREE_FOR_THUMB.
            let _ = self.urgent.try_send(Input::Thumb { id, down, began });
        }
        id
    }

    /// A person said "seen" or "hands off" to what is on the screen.
    pub fn acknowledge(&self) {
        self.input(Input::Acknowledge { began: None });
    }

    /// The screen has painted the cue, hold or check-in with this id, a hold perhaps as `acknowledged`.
    /// To be called after the fact only.
    pub fn painted(&self, id: Id, acknowledged: bool) {
        self.input(Input::Painted { id, acknowledged });
    }

    /// Says anything else that a person caused. Dropped without a link.
    pub fn say(&self, message: ToRelay) {
        self.input(Input::Say { message });
    }

    /// The screen is hidden, locked or frozen: to the session, this device is away.
    pub fn hidden(&self) {
        self.input(Input::Hidden);
    }

    /// The screen is in sight again.
    pub fn visible(&self) {
        self.input(Input::Visible);
    }

    /// Ends the session for both.
    pub fn end(&self) {
        self.say(ToRelay::End);
    }

    /// What this device knows, now and after every change.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshots.clone()
    }

    /// The clock of this device's snapshots.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Sends what was tapped, closes and stops.
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
        // Full: see INPUTS_AT_MOST.
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
        // A socket that takes nothing is a closed one: the machine is told so at once.
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

    /// Takes from a frame what the screen needs beside the machine's view.
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
                // What answers a beat is proven to be no older than that beat.
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

/// Waits until then; for ever if there is no such moment.
pub(crate) async fn sleep_until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
