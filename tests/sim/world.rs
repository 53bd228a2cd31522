//! A schedule: one relay after the other, two devices, the network between them, and what happens.
//!
//! All of the network's and the devices' doings are done by one task, moment by moment; the relay's
//! tasks run in between on the same runtime, whose time stands still while anything can be done.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use tapcue_server::clock::Clock;
use tapcue_server::config::{Config, Flags};
use tapcue_server::hub::Hub;
use tapcue_server::journal::Journal;
use tapcue_server::socket;
use tapcue_shared::ids::Id;
use tapcue_shared::link::{Effect, Input};
use tapcue_shared::message::{ToDevice, ToRelay};
use tapcue_shared::time::Millis;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::protocol::Role as End;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use crate::device::Device;
use crate::journal::{Disk, SimJournal, is_durable};
use crate::observer::{Around, Observer};
use crate::rng::Rng;
use crate::trace::Trace;
use crate::wire::{DeviceEnd, RelayEnd, Wire};
use crate::word;

/// The relay's wall clock as the world begins; any day will do.
const WALL: u64 = 1_790_000_000_000;

/// How the network treats one device.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    pub(crate) delay: u64,
    pub(crate) jitter: u64,
    pub(crate) up_stalled_until: u64,
    pub(crate) down_stalled_until: u64,
    pub(crate) refused_until: u64,
    /// Bytes a millisecond to the device, if few.
    pub(crate) rate: Option<u64>,
}

struct Flight {
    at: u64,
    written: u64,
    bytes: Vec<u8>,
    said: Option<ToRelay>,
    /// The end of the stream.
    end: bool,
}

pub(crate) struct Conn {
    who: usize,
    life: u64,
    wire: Wire,
    up: VecDeque<Flight>,
    down: VecDeque<Flight>,
    up_free: u64,
    down_free: u64,
    /// Nothing gets through any more, and nobody is told.
    pub(crate) dead: bool,
    ending_down: bool,
    task: AbortHandle,
}

pub(crate) struct Relay {
    pub(crate) hub: Arc<Hub>,
    pub(crate) journal: Arc<SimJournal>,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    start: Instant,
    notify: Arc<Notify>,
    pub(crate) disk: Arc<Mutex<Disk>>,
    pub(crate) relay: Option<Relay>,
    pub(crate) life: u64,
    pub(crate) relay_at: Option<u64>,
    pub(crate) kill_at: Option<u64>,
    /// How long after that kill the next relay comes.
    pub(crate) back_after: Option<u64>,
    rehearses: bool,
    pub(crate) devices: [Device; 2],
    pub(crate) conns: Vec<Conn>,
    pub(crate) net: [Net; 2],
    pub(crate) disturbed_until: u64,
    pub(crate) observer: Observer,
    pub(crate) trace: Trace,
    /// A kill lost an admission, so that a token may open nothing.
    pub(crate) admission_lost: bool,
    /// The wall clock of relays to come is off by this many milliseconds.
    pub(crate) wall_off: i64,
}

impl World {
    pub(crate) fn new(rng: Rng, devices: [Device; 2], net: [Net; 2], tracing: bool) -> Self {
        Self {
            rng,
            start: Instant::now(),
            notify: Arc::default(),
            disk: Arc::default(),
            relay: None,
            life: 0,
            relay_at: Some(0),
            kill_at: None,
            back_after: None,
            rehearses: false,
            devices,
            conns: Vec::new(),
            net,
            disturbed_until: 0,
            observer: Observer::default(),
            trace: Trace::new(tracing),
            admission_lost: false,
            wall_off: 0,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// Lets everything happen that happens before `until`.
    pub(crate) async fn run_until(&mut self, until: u64) {
        loop {
            let now = self.now();
            self.moment(now);
            if now >= until || self.observer.violation.is_some() {
                return;
            }
            let next = self.next_moment(now).clamp(now + 1, until);
            let wake = self.start + Duration::from_millis(next);
            tokio::select! {
                biased;
                () = self.notify.notified() => {}
                () = tokio::time::sleep_until(wake) => {}
            }
        }
    }

    fn moment(&mut self, now: u64) {
        self.hear_relay(now);
        self.relay_comes_and_goes(now);
        self.carry(now);
        for who in 0..2 {
            self.device_moment(who, now);
        }
        self.observer.time(now);
        self.look(now);
    }

    /// What the relay has written since.
    fn hear_relay(&mut self, now: u64) {
        for at in 0..self.conns.len() {
            let conn = &mut self.conns[at];
            let mut words = Vec::new();
            let mut state = conn.wire.state();
            let prompt = state.down_at_most > 4_096;
            while let Some(chunk) = state.down.pop_front() {
                let net = &self.net[conn.who];
                let jitter = self.rng.range(0, net.jitter);
                let takes = net.rate.map_or(0, |rate| chunk.bytes.len() as u64 / rate);
                let at = (chunk.written + net.delay + jitter).max(conn.down_free + takes);
                conn.down_free = at;
                words.push(word::read(&chunk.bytes, chunk.written));
                conn.down.push_back(Flight {
                    at,
                    written: chunk.written,
                    bytes: chunk.bytes,
                    said: None,
                    end: false,
                });
            }
            if state.relay_gone && !conn.ending_down {
                conn.ending_down = true;
                let at = conn.down_free.max(now + self.net[conn.who].delay);
                conn.down.push_back(Flight {
                    at,
                    written: now,
                    bytes: Vec::new(),
                    said: None,
                    end: true,
                });
            }
            drop(state);
            let (who, life) = (conn.who, conn.life);
            for word in words {
                if let Some((id, seq)) = word.recorded {
                    let durable = is_durable(&self.disk, seq, id);
                    self.observer.recorded(id, durable || life < self.life);
                }
                self.observer.word(who, at, life, &word, prompt);
            }
        }
    }

    fn relay_comes_and_goes(&mut self, now: u64) {
        if self.kill_at.is_some_and(|at| at <= now) {
            self.kill(now);
        }
        if self.relay.is_none() && self.relay_at.is_some_and(|at| at <= now) {
            self.relay_at = None;
            let rng = self.rng.fork();
            let (journal, lost) = SimJournal::open(&self.disk, Arc::clone(&self.notify), rng);
            self.admission_lost |= lost;
            let flags = Flags {
                data: Some("in-memory".into()),
                ..Flags::default()
            };
            let config = Config::from_flags(flags).expect("defaults are right");
            let wall = WALL.saturating_add_signed(self.wall_off) + now;
            let clock = Clock::starting_at(Millis(wall));
            let dyn_journal: Arc<dyn Journal> = journal.clone();
            let chance = std::sync::Mutex::new(self.rng.fork());
            let ids = Box::new(move || chance.lock().expect("no panic").id());
            let hub = Hub::with_ids(config, clock, dyn_journal, ids).expect("there is randomness");
            self.relay = Some(Relay { hub, journal });
            self.life += 1;
            self.trace
                .line(now, || format!("relay {} is up", self.life));
        }
        if let Some(relay) = &self.relay {
            let _ = relay.journal.tick(now);
        }
    }

    /// The relay is gone from one instant to the next.
    pub(crate) fn kill(&mut self, now: u64) {
        self.kill_at = None;
        if let Some(after) = self.back_after.take() {
            self.relay_at = Some(now + after);
        }
        let Some(relay) = self.relay.take() else {
            return;
        };
        // A journal's handle of an older life writes nothing: what is left of this relay is deaf.
        let rng = self.rng.fork();
        let (_, lost) = SimJournal::open(&self.disk, Arc::clone(&self.notify), rng);
        self.admission_lost |= lost;
        for conn in &mut self.conns {
            conn.task.abort();
            if self.rng.percent(15) {
                conn.dead = true;
            }
        }
        relay.hub.shut_down();
        self.observer.killed(now);
        self.trace.line(now, || "relay killed".into());
    }

    /// The network moves on what is due.
    fn carry(&mut self, now: u64) {
        for at in 0..self.conns.len() {
            let conn = &mut self.conns[at];
            let net = &self.net[conn.who];
            if conn.dead {
                conn.up.clear();
                conn.down.clear();
                continue;
            }
            let (up_open, down_open) = (net.up_stalled_until <= now, net.down_stalled_until <= now);
            let listens = conn.life == self.life && self.relay.is_some();
            while up_open && conn.up.front().is_some_and(|flight| flight.at <= now) {
                let Some(flight) = conn.up.pop_front() else {
                    break;
                };
                let heard = listens && !conn.wire.state().relay_gone;
                if flight.end {
                    conn.wire.end_up();
                    if heard {
                        self.observer.ended(conn.who, at, now);
                    }
                    continue;
                }
                conn.wire.deliver_up(&flight.bytes);
                if let Some(said) = flight.said.filter(|_| heard) {
                    self.observer.delivered(conn.who, at, &said, now);
                }
            }
            while down_open && conn.down.front().is_some_and(|flight| flight.at <= now) {
                let Some(flight) = conn.down.pop_front() else {
                    break;
                };
                if flight.end {
                    conn.wire.state().device_eof = true;
                    continue;
                }
                conn.wire.deliver_down(&flight.bytes);
                let device = &mut self.devices[conn.who];
                if device.conn == Some(at) {
                    device.written.push_back(flight.written);
                }
            }
        }
    }

    fn device_moment(&mut self, who: usize, now: u64) {
        let device = &mut self.devices[who];
        if device.frozen_until > now {
            return;
        }
        if device.hidden_until.is_some_and(|at| at <= now) {
            device.hidden_until = None;
            self.input(who, Input::Visible, now);
        }
        if self.devices[who].opening.is_some_and(|at| at <= now) {
            self.open(who, now);
        }
        let device = &mut self.devices[who];
        if device.withholds_until <= now
            && let Some(message) = device.withheld.take()
        {
            self.send(who, message, now);
        }
        self.read_frames(who, now);
        let device = &mut self.devices[who];
        let deadline = device.link.deadline(device.clock(now));
        if deadline.is_some_and(|at| at <= device.clock(now)) {
            self.input(who, Input::Tick, now);
        }
        let device = &mut self.devices[who];
        if device.paint_at.is_some_and(|at| at <= now) && device.hidden_until.is_none() {
            device.paint_at = None;
            for id in device.on_screen() {
                self.observer.painted(who, id);
                self.input(who, Input::Painted { id }, now);
            }
        }
    }

    fn open(&mut self, who: usize, now: u64) {
        self.devices[who].opening = None;
        let refused = self.net[who].refused_until > now;
        let Some(relay) = self.relay.as_ref().filter(|_| !refused) else {
            return self.input(who, Input::Closed { code: None }, now);
        };
        let room = if self.net[who].rate.is_some() {
            2_048
        } else {
            64 * 1_024
        };
        let wire = Wire::new(Arc::clone(&self.notify), self.start, room);
        let serve = socket::run(
            Arc::clone(&relay.hub),
            RelayEnd(wire.clone()),
            bytes::Bytes::new(),
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            "http://relay".into(),
        );
        let task = tokio::spawn(serve).abort_handle();
        let device = &mut self.devices[who];
        device.conn = Some(self.conns.len());
        device.written.clear();
        let end = DeviceEnd(wire.clone());
        device.ws = Some(WebSocket::from_raw_socket(end, End::Client, None));
        self.conns.push(Conn {
            who,
            life: self.life,
            wire,
            up: VecDeque::new(),
            down: VecDeque::new(),
            up_free: now,
            down_free: now,
            dead: false,
            ending_down: false,
            task,
        });
        self.input(who, Input::Opened, now);
    }

    fn read_frames(&mut self, who: usize, now: u64) {
        loop {
            let Some(ws) = &mut self.devices[who].ws else {
                return;
            };
            let read = ws.read();
            self.collect(who, None, now);
            match read {
                Ok(Message::Text(text)) => {
                    let Ok(message) = serde_json::from_str::<ToDevice>(&text) else {
                        return self.observer.fail(format!("unreadable: {text}"));
                    };
                    let written = self.devices[who].written.pop_front();
                    self.take(who, message, written.unwrap_or(now), now);
                }
                Ok(Message::Close(frame)) => {
                    let code = frame.map(|frame| frame.code.into());
                    self.drop_transport(who, now);
                    self.trace.line(now, || format!("{who} closed {code:?}"));
                    self.input(who, Input::Closed { code }, now);
                }
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.drop_transport(who, now);
                    self.trace.line(now, || format!("{who} lost its transport"));
                    self.input(who, Input::Closed { code: None }, now);
                }
            }
        }
    }

    fn take(&mut self, who: usize, message: ToDevice, written: u64, now: u64) {
        self.trace.told(now, who, &message);
        if let ToDevice::Welcome(welcome) = &message {
            self.rehearses = welcome.options.rehearsal && !welcome.state.rehearsed;
            let pairing = welcome.pairing.as_ref();
            self.devices[who].invitation = pairing.map(|pairing| pairing.link.0.clone());
            self.devices[who].token = Some(ToRelay::Resume {
                token: welcome.token.clone(),
                client: None,
            });
        }
        let paints = matches!(
            message,
            ToDevice::State { .. } | ToDevice::Welcome(_) | ToDevice::Stop(_)
        );
        self.observer.took(who, &message, written);
        self.input(who, Input::Message { message }, now);
        if paints {
            let at = now + self.rng.range(4, 120);
            self.devices[who].paint_at.get_or_insert(at);
        }
    }

    /// Gives a device's machine an input and does what it asks for.
    pub(crate) fn input(&mut self, who: usize, input: Input, now: u64) {
        let device = &mut self.devices[who];
        for effect in device.link.step(device.clock(now), input) {
            match effect {
                Effect::Connect => {
                    let net = &self.net[who];
                    let stalled = net.up_stalled_until.max(net.down_stalled_until);
                    let at = now.max(stalled) + 2 * net.delay;
                    self.devices[who].opening = Some(at);
                }
                Effect::Disconnect => self.drop_transport(who, now),
                Effect::Send { message } => self.send(who, message, now),
                Effect::Shout => {}
            }
        }
    }

    fn send(&mut self, who: usize, mut message: ToRelay, now: u64) {
        let device = &mut self.devices[who];
        if let Some(off) = device.wall_off {
            let wall = Some(Millis((WALL + now).saturating_add_signed(off)));
            match &mut message {
                ToRelay::Cue { tapped_at, .. } => *tapped_at = wall,
                ToRelay::Shown { at, .. } => *at = wall,
                _ => {}
            }
        }
        let withheld = device.withholds_until > now;
        if withheld && matches!(message, ToRelay::Received { .. }) {
            device.withheld = Some(message);
            return;
        }
        if let ToRelay::Acknowledge { id } = &message {
            self.observer.acknowledged(*id, now);
        }
        let Some(ws) = &mut device.ws else {
            return;
        };
        let text = serde_json::to_string(&message).expect("messages serialize");
        self.trace.said(now, who, &message);
        let sent = ws.send(Message::text(text));
        self.collect(who, Some(message), now);
        if sent.is_err() {
            self.drop_transport(who, now);
            self.input(who, Input::Closed { code: None }, now);
        }
    }

    /// Puts what a device has written on its way.
    fn collect(&mut self, who: usize, mut said: Option<ToRelay>, now: u64) {
        let Some(at) = self.devices[who].conn else {
            return;
        };
        let conn = &mut self.conns[at];
        let mut state = conn.wire.state();
        while let Some(chunk) = state.up.pop_front() {
            let net = &self.net[who];
            let jitter = self.rng.range(0, net.jitter);
            let at = (now + net.delay + jitter).max(conn.up_free);
            conn.up_free = at;
            conn.up.push_back(Flight {
                at,
                written: chunk.written,
                bytes: chunk.bytes,
                said: said.take(),
                end: false,
            });
        }
    }

    /// The device lets go of its transport; the relay may hear of it later, or never.
    pub(crate) fn drop_transport(&mut self, who: usize, now: u64) {
        let device = &mut self.devices[who];
        device.ws = None;
        device.withheld = None;
        device.opening = None;
        let Some(at) = device.conn.take() else {
            return;
        };
        if self.rng.percent(20) {
            // Not even what was on its way: a phone that left the room.
            self.conns[at].dead |= self.rng.percent(50);
            return;
        }
        let conn = &mut self.conns[at];
        conn.up.push_back(Flight {
            at: conn.up_free.max(now + self.net[who].delay),
            written: now,
            bytes: Vec::new(),
            said: None,
            end: true,
        });
    }

    /// Both ends see the end at once, and what was on its way is gone.
    pub(crate) fn cut(&mut self, who: usize, relay_knows: bool, device_knows: bool, now: u64) {
        let Some(at) = self.devices[who].conn else {
            return;
        };
        self.conns[at].dead = true;
        if relay_knows {
            let conn = &self.conns[at];
            let heard = conn.life == self.life && self.relay.is_some();
            let heard = heard && !conn.wire.state().relay_gone;
            conn.wire.end_up();
            if heard {
                self.observer.ended(who, at, now);
            }
        }
        if device_knows {
            self.conns[at].wire.state().device_eof = true;
        }
    }

    fn look(&mut self, now: u64) {
        let way: u64 = self.net.iter().map(|net| net.delay + net.jitter).sum();
        for device in &mut self.devices {
            let up = device.is_up(now);
            device.up_since = device.up_since.filter(|_| up).or(up.then_some(now));
        }
        let up_from = self.devices.iter().map(|d| d.up_since.unwrap_or(u64::MAX));
        let calm_from = up_from.max().unwrap_or(0).max(self.disturbed_until);
        for who in 0..2 {
            let device = &self.devices[who];
            let around = Around {
                now,
                calm_from,
                way,
                hidden: device.hidden_until.is_some(),
                frozen: device.frozen_until > now,
            };
            let view = device.link.view(device.clock(now));
            self.observer
                .screen(who, &view, device.link.state(), &around);
            self.trace.shows(now, who, &view);
        }
    }

    fn next_moment(&self, now: u64) -> u64 {
        let mut next = u64::MAX;
        let mut at = |at: Option<u64>| next = next.min(at.unwrap_or(u64::MAX));
        for conn in self.conns.iter().filter(|conn| !conn.dead) {
            let net = &self.net[conn.who];
            let up = conn.up.front().map(|flight| flight.at);
            at(up.map(|at| at.max(net.up_stalled_until)));
            let down = conn.down.front().map(|flight| flight.at);
            at(down.map(|at| at.max(net.down_stalled_until)));
        }
        for device in &self.devices {
            let awake = |at: u64| at.max(device.frozen_until);
            let deadline = device.link.deadline(device.clock(now));
            at(deadline.map(|at| awake(at.0.saturating_sub(device.clock_base))));
            at(device.opening.map(awake));
            at(device.hidden_until.map(awake));
            at(device
                .paint_at
                .filter(|_| device.hidden_until.is_none())
                .map(awake));
            at(device.withheld.as_ref().map(|_| device.withholds_until));
            at((device.frozen_until > now).then_some(device.frozen_until));
        }
        let way: u64 = self.net.iter().map(|net| net.delay + net.jitter).sum();
        at(self.observer.next_due(way, now));
        at(self.relay_at.filter(|_| self.relay.is_none()));
        at(self.kill_at);
        at(self
            .relay
            .as_ref()
            .and_then(|relay| relay.journal.tick(now)));
        next
    }

    /// Nobody is to count on anything before `until`.
    pub(crate) fn disturbed(&mut self, until: u64) {
        self.disturbed_until = self.disturbed_until.max(until);
    }

    /// A person can do something on a device only while it answers and is in sight.
    pub(crate) fn person(&mut self, who: usize, act: impl FnOnce(&mut Self)) {
        let now = self.now();
        let device = &self.devices[who];
        if device.frozen_until <= now && device.hidden_until.is_none() && !device.is_over(now) {
            act(self);
        }
    }

    pub(crate) fn input_now(&mut self, who: usize, input: Input) {
        let now = self.now();
        self.input(who, input, now);
    }

    /// Whether it cannot go live before a stop of the receiver's was acknowledged.
    pub(crate) fn rehearses(&self) -> bool {
        let state = self.devices[0].link.state();
        self.rehearses && state.is_none_or(|state| !state.rehearsed)
    }

    pub(crate) fn tap(&mut self, who: usize, cue: tapcue_shared::cue::Cue, now: u64) {
        let id: Id = self.rng.id();
        let epoch = self.devices[who].link.state().map(|state| state.epoch);
        self.observer.tapped(who, id, cue, epoch, now);
        self.trace
            .line(now, || format!("{who} taps {}", cue.as_str()));
        self.input(who, Input::Tap { id, cue }, now);
    }
}
