//! The network between the relay and the devices: what is in flight, and what happens to it.

use std::collections::VecDeque;

use tapcue_rules::cue::Cue;
use tapcue_rules::message::ToRelay;
use tokio::task::AbortHandle;

use super::World;
use crate::journal::{is_admission_open, is_durable};
use crate::wire::Wire;
use crate::word::{self, Kind};

/// How the network treats one device.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    pub(crate) delay: u64,
    pub(crate) jitter: u64,
    pub(crate) up_stalled_until: u64,
    pub(crate) down_stalled_until: u64,
    pub(crate) refused_until: u64,
    /// The bandwidth to the device in bytes per millisecond, if it is limited.
    pub(crate) rate: Option<u64>,
    /// The percentage of frames that arrive twice, in either direction.
    pub(crate) twice: u64,
}

#[derive(Clone)]
pub(super) struct Flight {
    pub(super) at: u64,
    written: u64,
    bytes: Vec<u8>,
    said: Option<ToRelay>,
    /// Whether this is the end of the stream.
    end: bool,
}

pub(super) struct Conn {
    pub(super) who: usize,
    life: u64,
    wire: Wire,
    pub(super) up: VecDeque<Flight>,
    /// Frames that reach the relay a second time, later: a device that resends.
    pub(super) again: Vec<Flight>,
    pub(super) down: VecDeque<Flight>,
    up_free: u64,
    down_free: u64,
    /// How much later the rest of it arrives: a path that lingers.
    pub(super) late: u64,
    /// Nothing gets through any more, and neither end is told.
    pub(super) dead: bool,
    ending_down: bool,
    pub(super) task: AbortHandle,
}

impl Conn {
    pub(super) fn new(who: usize, life: u64, wire: Wire, task: AbortHandle, now: u64) -> Self {
        Self {
            who,
            life,
            wire,
            up: VecDeque::new(),
            again: Vec::new(),
            down: VecDeque::new(),
            up_free: now,
            down_free: now,
            late: 0,
            dead: false,
            ending_down: false,
            task,
        }
    }

    /// The relay at its other end.
    pub(super) fn life(&self) -> u64 {
        self.life
    }
}

impl World {
    /// Takes what the relay has written since the last call.
    pub(super) fn hear_relay(&mut self, now: u64) {
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
                let word = word::read(&chunk.bytes, chunk.written);
                // A welcome makes a connection, so it cannot come twice.
                let again = matches!(word.kind, Kind::State(_) | Kind::Beat);
                let twice = again && net.twice > 0 && self.rng.percent(net.twice);
                words.push(word);
                let flight = Flight {
                    at,
                    written: chunk.written,
                    bytes: chunk.bytes,
                    said: None,
                    end: false,
                };
                if twice {
                    self.observer.see("duplicate to a device");
                    state.down_bytes += flight.bytes.len();
                    conn.down.push_back(flight.clone());
                }
                conn.down.push_back(flight);
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
                for (id, seq) in &word.recorded {
                    let durable = is_durable(&self.disk, *seq, *id);
                    self.observer.recorded(*id, durable, now);
                }
                if word.kind == Kind::Welcome && is_admission_open(&self.disk) {
                    self.observer.see("let in before the token was recorded");
                }
                self.observer.word(who, at, life, &word, prompt);
            }
        }
    }

    /// The network delivers what is due.
    pub(super) fn carry(&mut self, now: u64) {
        for at in 0..self.conns.len() {
            let conn = &mut self.conns[at];
            let net = &self.net[conn.who];
            if conn.dead {
                conn.up.clear();
                conn.again.clear();
                conn.down.clear();
                continue;
            }
            let (up_open, down_open) = (net.up_stalled_until <= now, net.down_stalled_until <= now);
            let listens = conn.life == self.life && self.relay.is_some();
            let late = conn.late;
            let due = |flight: &Flight| flight.at + late <= now;
            while up_open && conn.up.front().is_some_and(due) {
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
                    let sent = flight.written;
                    self.observer.delivered((conn.who, at), &said, sent, now);
                }
            }
            if up_open {
                let due = conn.again.extract_if(.., |flight| flight.at + late <= now);
                for flight in due.collect::<Vec<_>>() {
                    let state = conn.wire.state();
                    let (heard, over) = (listens && !state.relay_gone, state.relay_eof);
                    drop(state);
                    if !over {
                        conn.wire.deliver_up(&flight.bytes);
                    }
                    if let Some(said) = flight.said.filter(|_| heard && !over) {
                        let sent = flight.written;
                        self.observer.delivered((conn.who, at), &said, sent, now);
                    }
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

    /// Sends what a device has written.
    pub(super) fn collect(&mut self, who: usize, mut said: Option<ToRelay>, now: u64) {
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
            if said.as_ref().is_some_and(goes_on) {
                // After this message the device sends no earlier stop again.
                let stop = |flight: &Flight| flight.said.as_ref().is_some_and(is_stop);
                conn.again.retain(|flight| !stop(flight));
            }
            let twice = net.twice > 0 && comes_again(said.as_ref());
            let twice = twice && self.rng.percent(net.twice);
            let flight = Flight {
                at,
                written: chunk.written,
                bytes: chunk.bytes,
                said: said.take(),
                end: false,
            };
            if twice {
                self.observer.see("duplicate to the relay");
                let later = self.rng.pick(&[0, 10, 300, 1_500]);
                conn.again.push(Flight {
                    at: at + later,
                    ..flight.clone()
                });
            }
            conn.up.push_back(flight);
        }
    }

    /// The device drops its transport; the relay may learn of it later, or never.
    pub(crate) fn drop_transport(&mut self, who: usize, now: u64) {
        let device = &mut self.devices[who];
        device.ws = None;
        device.withheld = None;
        device.opening = None;
        let Some(at) = device.conn.take() else {
            return;
        };
        if self.rng.percent(20) {
            // Even frames in flight are lost, as when a phone leaves the room.
            self.conns[at].dead |= self.rng.percent(50);
            return;
        }
        let conn = &mut self.conns[at];
        if self.rng.percent(30) {
            conn.late = self.rng.range(100, 4_000);
        }
        conn.up.push_back(Flight {
            at: conn.up_free.max(now + self.net[who].delay),
            written: now,
            bytes: Vec::new(),
            said: None,
            end: true,
        });
    }

    /// The connection ends, and frames in flight are lost. Each end learns of it at once if its flag says so.
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
}

/// Whether its sender goes on with this: a ready, or a thumb that is down.
fn goes_on(said: &ToRelay) -> bool {
    matches!(
        said,
        ToRelay::Cue {
            cue: Cue::Ready,
            ..
        } | ToRelay::Thumb { down: true, .. }
    )
}

fn is_stop(said: &ToRelay) -> bool {
    matches!(
        said,
        ToRelay::Cue { cue: Cue::Stop, .. } | ToRelay::Thumb { down: false, .. }
    )
}

fn comes_again(said: Option<&ToRelay>) -> bool {
    matches!(
        said,
        Some(
            ToRelay::Cue { .. }
                | ToRelay::Thumb { .. }
                | ToRelay::Acknowledge { .. }
                | ToRelay::Shown { .. }
                | ToRelay::Confirm { .. }
        )
    )
}
