//! A schedule: one relay after another, two devices, the network between them, and the events.
//!
//! One task does all work of the network and the devices, moment by moment. The relay's tasks run in between
//! on the same runtime, whose time stops while any work is left.

mod devices;
mod network;

use std::sync::{Arc, Mutex};

use network::Conn;
pub(crate) use network::Net;
use tapcue_rules::message::ToRelay;
use tapcue_rules::time::Millis;
use tapcue_server::clock::Clock;
use tapcue_server::config::{Config, Flags};
use tapcue_server::context::Context;
use tapcue_server::journal::Journal;
use tapcue_server::session::registry::Registry;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

use crate::device::Device;
use crate::journal::{Disk, SimJournal, durable_ids, has_durable_end};
use crate::observer::{Around, Observer};
use crate::rng::Rng;
use crate::runs::Keep;
use crate::trace::Trace;

/// The relay's wall clock when the world begins; any date works.
const WALL: u64 = 1_790_000_000_000;

pub(crate) struct Relay {
    pub(crate) registry: Arc<Registry>,
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
    /// The time from that kill to the next relay.
    pub(crate) back_after: Option<u64>,
    pub(crate) devices: [Device; 2],
    conns: Vec<Conn>,
    pub(crate) net: [Net; 2],
    pub(crate) disturbed_until: u64,
    pub(crate) observer: Observer,
    pub(crate) trace: Trace,
    keep: Keep,
    /// Devices that were replaced by others.
    gone: Vec<Device>,
    /// A kill lost an admission, so a token may open nothing.
    pub(crate) admission_lost: bool,
    /// The error of the wall clock of later relays, in milliseconds.
    pub(crate) wall_off: i64,
}

impl World {
    pub(crate) fn new(rng: Rng, devices: [Device; 2], net: [Net; 2], keep: Keep) -> Self {
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
            devices,
            conns: Vec::new(),
            net,
            disturbed_until: 0,
            observer: Observer::default(),
            trace: Trace::new(keep == Keep::Trace),
            keep,
            gone: Vec::new(),
            admission_lost: false,
            wall_off: 0,
        }
    }

    /// Replaces this device by another that knows nothing.
    pub(crate) fn exchange(&mut self, who: usize, hello: ToRelay) {
        let device = Device::new(who, hello, &mut self.rng);
        let gone = std::mem::replace(&mut self.devices[who], device);
        if self.keep == Keep::Histories {
            self.gone.push(gone);
        }
    }

    /// Each device's history, one line each; empty if none was kept.
    pub(crate) fn histories(&self, seed: u64) -> Vec<String> {
        if self.keep != Keep::Histories {
            return Vec::new();
        }
        let all = self.gone.iter().chain(&self.devices).enumerate();
        all.map(|(n, device)| device.history.line(&format!("seed {seed}, device {n}")))
            .collect()
    }

    pub(crate) fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// Runs everything that happens before `until`.
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

    fn relay_comes_and_goes(&mut self, now: u64) {
        if self.kill_at.is_some_and(|at| at <= now) {
            self.kill(now);
        }
        if self.relay.is_none() && self.relay_at.is_some_and(|at| at <= now) {
            self.relay_at = None;
            let rng = self.rng.fork();
            let (journal, _) = SimJournal::open(&self.disk, Arc::clone(&self.notify), rng);
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
            let context = Context::with_ids(config, clock, dyn_journal, ids);
            let registry = Registry::new(context).expect("there is randomness");
            self.relay = Some(Relay { registry, journal });
            self.life += 1;
            self.trace
                .line(now, || format!("relay {} is up", self.life));
        }
        if let Some(relay) = &self.relay {
            let _ = relay.journal.tick(now);
        }
    }

    /// The relay dies at once.
    pub(crate) fn kill(&mut self, now: u64) {
        self.kill_at = None;
        if let Some(after) = self.back_after.take() {
            self.relay_at = Some(now + after);
        }
        let Some(relay) = self.relay.take() else {
            return;
        };
        // The journal ignores handles of earlier relays, so the killed relay's rest writes nothing.
        let rng = self.rng.fork();
        let (_, lost) = SimJournal::open(&self.disk, Arc::clone(&self.notify), rng);
        if lost.entries {
            self.observer.see("restart lost entries");
        }
        if lost.admission {
            self.observer.see("restart lost an admission");
            self.admission_lost = true;
        }
        for conn in &mut self.conns {
            conn.task.abort();
            if self.rng.percent(15) {
                conn.dead = true;
            }
        }
        relay.registry.shut_down();
        let (durable, ended) = (durable_ids(&self.disk), has_durable_end(&self.disk));
        self.observer.killed(now, &durable, ended);
        self.observer.tally.restarts += 1;
        self.trace.line(now, || "relay killed".into());
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
                connected: device.ws.is_some(),
                thumb: device.thumb,
            };
            let view = device.link.view(device.clock(now));
            self.observer.screen(who, &view, &around);
            self.trace.shows(now, who, &view);
        }
    }

    fn next_moment(&self, now: u64) -> u64 {
        let mut next = u64::MAX;
        let mut at = |at: Option<u64>| next = next.min(at.unwrap_or(u64::MAX));
        for conn in self.conns.iter().filter(|conn| !conn.dead) {
            let net = &self.net[conn.who];
            let up = conn.up.front().map(|flight| flight.at + conn.late);
            at(up.map(|at| at.max(net.up_stalled_until)));
            let again = conn.again.iter().map(|flight| flight.at + conn.late).min();
            at(again.map(|at| at.max(net.up_stalled_until)));
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

    /// Nothing can be relied on before `until`.
    pub(crate) fn disturbed(&mut self, until: u64) {
        self.disturbed_until = self.disturbed_until.max(until);
    }
}
