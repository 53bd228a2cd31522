//! The devices: passes events to their machines, and does what the machines ask for.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tapcue_rules::cue::Cue;
use tapcue_rules::ids::Id;
use tapcue_rules::link::{Effect, Input};
use tapcue_rules::message::{ToDevice, ToRelay};
use tapcue_rules::time::Millis;
use tapcue_server::connection::{self, Caller};
use tapcue_server::net::connection_limit::{Gate, Limits};
use tokio_tungstenite::tungstenite::protocol::Role as End;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use super::network::Conn;
use super::{WALL, World};
use crate::device::Device;
use crate::observer::Origin;
use crate::runs::Keep;
use crate::tally::Rule;
use crate::wire::{DeviceEnd, RelayEnd, Wire};

impl World {
    pub(super) fn device_moment(&mut self, who: usize, now: u64) {
        let device = &mut self.devices[who];
        if device.frozen_until > now {
            return;
        }
        if device.hidden_until.is_some_and(|at| at <= now) {
            device.hidden_until = None;
            self.observer.visible(who, now);
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
            for (id, acknowledged) in device.on_screen(now) {
                self.observer.painted(who, id, now);
                self.input(who, Input::Painted { id, acknowledged }, now);
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
        let ticket = Gate::new(Limits::NONE).admit(None);
        let caller = Caller {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            base: "http://relay".into(),
            ticket: Arc::new(ticket.expect("a place without limits")),
        };
        let serve = connection::run(
            Arc::clone(&relay.registry),
            RelayEnd(wire.clone()),
            bytes::Bytes::new(),
            caller,
        );
        let task = tokio::spawn(serve).abort_handle();
        let device = &mut self.devices[who];
        device.conn = Some(self.conns.len());
        device.written.clear();
        let end = DeviceEnd(wire.clone());
        // A small buffer, because each read clears it.
        let config = Some(
            connection::websocket_config()
                .max_message_size(None)
                .max_frame_size(None),
        );
        device.ws = Some(WebSocket::from_raw_socket(end, End::Client, config));
        let conn = Conn::new(who, self.life, wire, task, now);
        self.conns.push(conn);
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
                        return self
                            .observer
                            .fail(Rule::FaultsPass, format!("unreadable: {text}"));
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
            self.devices[who].options = Some(welcome.options.clone());
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
        let conn = self.devices[who].conn;
        let life = conn.map_or(self.life, |at| self.conns[at].life());
        let origin = Origin { life, written, now };
        let taken = message.clone();
        self.input(who, Input::Message { message }, now);
        // A machine that gave up its connection in this step takes nothing from it.
        if self.devices[who].conn == conn {
            self.observer.took(who, &taken, origin);
        }
        if paints {
            self.paint_soon(who, now);
        }
    }

    /// The screen paints its content a moment later.
    fn paint_soon(&mut self, who: usize, now: u64) {
        let at = now + self.rng.range(4, 120);
        self.devices[who].paint_at.get_or_insert(at);
    }

    /// Gives a device's machine an input and does what it asks for.
    pub(crate) fn input(&mut self, who: usize, input: Input, now: u64) {
        for effect in self.step(who, input, now) {
            match effect {
                Effect::Connect => {
                    let net = &self.net[who];
                    let stalled = net.up_stalled_until.max(net.down_stalled_until);
                    let at = now.max(stalled) + 2 * net.delay;
                    self.devices[who].opening = Some(at);
                }
                Effect::Disconnect => {
                    if self.observer.showed_go(who) {
                        self.observer.see("watchdog ended go");
                    }
                    self.drop_transport(who, now);
                }
                Effect::Send { message } => self.send(who, message, now),
                Effect::Shout | Effect::TooSoon => {}
            }
        }
    }

    fn step(&mut self, who: usize, input: Input, now: u64) -> Vec<Effect> {
        let device = &mut self.devices[who];
        let at = device.clock(now);
        if self.keep != Keep::Histories {
            return device.link.step(at, input);
        }
        let before = device.link.view(at);
        let effects = device.link.step(at, input.clone());
        device
            .history
            .step(at, &before, &input, &effects, &device.link);
        effects
    }

    fn send(&mut self, who: usize, mut message: ToRelay, now: u64) {
        let device = &mut self.devices[who];
        if let Some(off) = device.wall_off {
            let wall = Some(Millis((WALL + now).saturating_add_signed(off)));
            match &mut message {
                ToRelay::Cue { tapped_at, .. } | ToRelay::Thumb { tapped_at, .. } => {
                    *tapped_at = wall
                }
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
            self.observer.acknowledged(who, *id, now);
        }
        let Some(ws) = &mut device.ws else {
            return;
        };
        if let ToRelay::Cue { id, .. } = &message {
            self.observer.sent(*id, now);
        }
        let text = serde_json::to_string(&message).expect("messages serialize");
        self.trace.said(now, who, &message);
        let sent = ws.send(Message::text(text));
        self.collect(who, Some(message), now);
        if sent.is_err() {
            self.drop_transport(who, now);
            self.input(who, Input::Closed { code: None }, now);
        }
    }

    /// A person can act on a device only while it responds and is visible.
    pub(crate) fn person(&mut self, who: usize, act: impl FnOnce(&mut Self)) {
        let now = self.now();
        let device = &self.devices[who];
        if device.frozen_until <= now && device.hidden_until.is_none() && !device.is_over(now) {
            act(self);
        }
    }

    /// A person says "hands off", or "seen".
    pub(crate) fn acknowledge(&mut self, who: usize, now: u64) {
        let shows = |device: &Device| {
            let view = device.link.view(device.clock(now));
            (view.stopped, view.ahead)
        };
        let (red, ahead) = shows(&self.devices[who]);
        self.input(who, Input::Acknowledge { began: None }, now);
        let (still_red, still_ahead) = shows(&self.devices[who]);
        let dismissed = red && !still_red;
        // A stop that no state carries is dismissed on this device only; another one may stay red.
        if ahead != still_ahead {
            self.observer.own_stop_dismissed(who);
        }
        if dismissed {
            self.observer.dismissed(who);
        }
    }

    pub(crate) fn input_now(&mut self, who: usize, input: Input) {
        let now = self.now();
        self.input(who, input, now);
    }

    /// Puts a thumb on a device, or lifts it.
    pub(crate) fn thumb(&mut self, who: usize, down: bool, now: u64) {
        let id: Id = self.rng.id();
        self.devices[who].thumb = down;
        self.observer.thumb(down, now);
        self.trace.line(now, || format!("{who} thumb down={down}"));
        self.input(
            who,
            Input::Thumb {
                id,
                down,
                began: None,
            },
            now,
        );
    }

    pub(crate) fn tap(&mut self, who: usize, cue: Cue, now: u64) {
        let id: Id = self.rng.id();
        let epoch = self.devices[who].link.state().map(|state| state.epoch);
        let up = self.devices[who].is_up(now);
        self.observer.tapped(who, id, cue, epoch, up, now);
        self.trace
            .line(now, || format!("{who} taps {}", cue.as_str()));
        self.input(
            who,
            Input::Tap {
                id,
                cue,
                began: None,
            },
            now,
        );
        if cue == Cue::Stop {
            self.paint_soon(who, now);
        }
    }
}
