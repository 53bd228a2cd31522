//! A device: the pure machine of `tapcue_shared::link`, driven by a real socket and a real clock.
//!
//! Liveness Invariant: nothing stands in front of a stop. It has a lane of its own into the driver
//! and another to the socket, and neither the driver nor the socket's writer waits for a screen.

use std::sync::Arc;

use tapcue_shared::cue::Cue;
use tapcue_shared::ids::Id;
use tapcue_shared::link::{Effect, Input, Link};
use tapcue_shared::message::{ToDevice, ToRelay};
use tapcue_shared::time::Millis;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::address::RelayAddress;
use crate::clock::{Clock, RelayClock};
use crate::connect::{Socket, SocketEvent};
use crate::snapshot::{Snapshot, What};

/// Stops that wait for the driver. When full one more is not queued: those ahead of it say the same
/// and are newer than anything they would hold.
const STOPS_AT_MOST: usize = 16;

/// Other inputs that wait for the driver. When full they are refused: a person taps no faster.
const INPUTS_AT_MOST: usize = 64;

/// A running device. Dropping it lets what was tapped leave and then closes; [`Device::close`]
/// waits for that.
#[derive(Debug)]
pub struct Device {
    stops: mpsc::Sender<Id>,
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
        let clock = Clock::start();
        let link = Link::new(hello);
        let (stops, stops_in) = mpsc::channel(STOPS_AT_MOST);
        let (inputs, inputs_in) = mpsc::channel(INPUTS_AT_MOST);
        let (publish, snapshots) = watch::channel(Snapshot::new(link.view(clock.now())));
        let driver = Driver {
            relay,
            link,
            clock,
            relay_clock: RelayClock::default(),
            socket: None,
            snapshot: snapshots.borrow().clone(),
            publish,
        };
        let task = tokio::spawn(driver.run(stops_in, inputs_in));
        Self {
            stops,
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
            let _ = self.stops.try_send(id);
        } else {
            self.input(Input::Tap { id, cue });
        }
        id
    }

    /// A person said "seen" or "hands off" to what is on the screen.
    pub fn acknowledge(&self) {
        self.input(Input::Acknowledge);
    }

    /// The screen has painted the cue, hold or check-in with this id. To be called after the fact
    /// only.
    pub fn painted(&self, id: Id) {
        self.input(Input::Painted { id });
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
            stops,
            inputs,
            task,
            ..
        } = self;
        drop((stops, inputs));
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
    link: Link,
    clock: Clock,
    relay_clock: RelayClock,
    socket: Option<Socket>,
    snapshot: Snapshot,
    publish: watch::Sender<Snapshot>,
}

impl Driver {
    async fn run(mut self, mut stops: mpsc::Receiver<Id>, mut inputs: mpsc::Receiver<Input>) {
        self.step(Input::Start);
        loop {
            self.publish();
            let deadline = self.link.deadline(self.clock.now());
            let wake = deadline.map(|at| self.clock.instant(at));
            tokio::select! {
                biased;
                Some(id) = stops.recv() => self.step(Input::Tap { id, cue: Cue::Stop }),
                input = inputs.recv() => match input {
                    Some(input) => self.step(input),
                    None => break,
                },
                event = next_event(&mut self.socket) => self.socket_event(event),
                () = sleep_until(wake) => self.step(Input::Tick),
            }
        }
        while let Ok(id) = stops.try_recv() {
            self.step(Input::Tap { id, cue: Cue::Stop });
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
                if let Some(reason) = reason {
                    let now = self.clock.now();
                    self.snapshot.notice(now, What::Unreachable { reason });
                }
                self.step(Input::Closed { code });
            }
        }
    }

    fn step(&mut self, input: Input) {
        let mut next = Some(input);
        // A socket that takes nothing is a closed one: the machine is told so at once.
        while let Some(input) = next.take() {
            for effect in self.link.step(self.clock.now(), input) {
                match effect {
                    Effect::Connect => self.socket = Some(Socket::open(&self.relay)),
                    Effect::Disconnect => self.socket = None,
                    Effect::Shout => self.snapshot.shouts += 1,
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
                fatal,
            } => {
                let what = What::Refused {
                    code: *code,
                    message: message.clone(),
                    id: *id,
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

async fn sleep_until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
