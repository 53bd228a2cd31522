//! A device's state machine: it connects, sends heartbeats, watches the link, retries and decides what to
//! show. The terminal client drives this one. The web client's `link.js` mirrors it, and both replay
//! `shared/vectors`.
//!
//! Safety Invariant: [`View::go`] is true only under three conditions. The relay's last status is fresh and
//! says live. It is for the epoch of the state on screen. This device has no stop of its own in flight.

mod act;
mod clock;
mod incoming;
mod outgoing;
mod paint;
#[cfg(test)]
mod tests;
mod thumb;
mod types;
mod view;

use std::collections::VecDeque;

use clock::{ClockFilter, Moment};
use outgoing::Outgoing;
pub use types::{Alarm, Clock, DeviceLink, Effect, Input, Lamp, Stage, View};

use crate::cue::Role;
use crate::ids::Id;
use crate::limits;
use crate::message::{Limits, StopNotice, ToRelay, close};
use crate::state::{Phase, State};
use crate::time::Millis;

/// A device.
#[derive(Clone, Debug)]
pub struct Link {
    hello: ToRelay,
    client: Option<String>,
    conn: Conn,
    limits: Limits,
    hidden: bool,
    /// The number of attempts since the link was last up.
    attempts: u32,
    role: Option<Role>,
    state: Option<State>,
    /// When this device sent the newest heartbeat that the relay answered. The time of the answer does not
    /// count: a link that delays everything by seconds delivers old answers at a steady rate.
    last_word: Millis,
    /// The phase and epoch in the relay's last answer. None until the relay has answered a heartbeat that was
    /// sent at `trusted_from` or later, because older answers may be stale.
    word: Option<(Phase, u64)>,
    /// When this connection was welcomed, or when the page was last shown again.
    trusted_from: Millis,
    notice: Option<StopNotice>,
    /// Since when this device knows of a stop that is not acknowledged. A further stop does not restart the
    /// time.
    stop_since: Option<Millis>,
    /// The stop that a person dismissed on this device after the session ended.
    dismissed: Option<Id>,
    /// Hold to consent: live only while the receiver's thumb is down.
    consent: bool,
    /// The receiver's thumb, as this device reported it to the relay in this epoch.
    thumb: Option<Thumb>,
    /// What the screen has painted, oldest first; at most [`PAINTED_AT_MOST`].
    painted: VecDeque<Paint>,
    outgoing: Outgoing,
    next_beat: Millis,
    beats: u64,
    round_trips: Vec<u64>,
    /// Whether the relay last said that it cannot record.
    unrecorded: bool,
    clock: ClockFilter,
}

/// A thumb that was put down.
#[derive(Clone, Copy, Debug)]
struct Thumb {
    id: Id,
    epoch: u64,
}

/// An item that the screen has painted.
#[derive(Clone, Copy, Debug)]
struct Paint {
    id: Id,
    at: Moment,
    /// When it was first painted as acknowledged, if it was.
    acknowledged: Option<Millis>,
    /// Whether this was reported to the relay on this connection.
    told: bool,
}

/// How many painted items a device remembers; then it drops the oldest. A screen never has as many: a hold, a
/// cue with two before it, and a check-in.
const PAINTED_AT_MOST: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conn {
    /// Before [`Input::Start`].
    Idle,
    /// Waits to connect again. A hidden page does not try.
    Down {
        retry_at: Millis,
    },
    Connecting {
        since: Millis,
    },
    /// Connected, and the hello is sent. No welcome has arrived.
    Greeting {
        since: Millis,
    },
    Up,
    /// Closed for good.
    Closed(DeviceLink),
}

impl Link {
    /// Creates a device that sends `hello` (create, join or resume) when it is connected.
    #[must_use]
    pub fn new(hello: ToRelay) -> Self {
        let client = match &hello {
            ToRelay::Create { client, .. }
            | ToRelay::Join { client, .. }
            | ToRelay::Resume { client, .. } => client.clone(),
            ToRelay::Cue { .. }
            | ToRelay::Thumb { .. }
            | ToRelay::Shown { .. }
            | ToRelay::Acknowledge { .. }
            | ToRelay::Confirm { .. }
            | ToRelay::Away
            | ToRelay::Beat { .. }
            | ToRelay::Received { .. }
            | ToRelay::Note { .. }
            | ToRelay::RenewCode
            | ToRelay::End => None,
        };
        Self {
            hello,
            client,
            conn: Conn::Idle,
            limits: Limits::default(),
            hidden: false,
            attempts: 0,
            role: None,
            state: None,
            last_word: Millis(0),
            word: None,
            trusted_from: Millis(0),
            notice: None,
            stop_since: None,
            dismissed: None,
            consent: false,
            thumb: None,
            painted: VecDeque::new(),
            outgoing: Outgoing::default(),
            next_beat: Millis(0),
            beats: 0,
            round_trips: Vec::new(),
            unrecorded: false,
            clock: ClockFilter::default(),
        }
    }

    /// Takes one input at a moment of the device's monotonic clock.
    #[must_use = "the effects are what the device has to do"]
    pub fn step(&mut self, now: Millis, input: Input) -> Vec<Effect> {
        let mut out = Vec::new();
        self.timers(now, &mut out);
        match input {
            Input::Tick => {}
            Input::Start => {
                if self.conn == Conn::Idle {
                    self.connect(now, &mut out);
                }
            }
            Input::Opened => self.opened(now, &mut out),
            Input::Closed { code } => self.closed(now, code),
            Input::Message { message } => self.message(now, message, &mut out),
            Input::Tap { id, cue, began } => {
                self.tap(now, began.unwrap_or(now), (id, cue), &mut out);
            }
            Input::Thumb {
                id,
                down: true,
                began,
            } => {
                self.thumb_down(now, began.unwrap_or(now), id, &mut out);
            }
            Input::Thumb {
                id, down: false, ..
            } => self.thumb_lifted(now, id, &mut out),
            Input::Acknowledge { began } => self.acknowledge(began.unwrap_or(now), &mut out),
            Input::Painted { id, acknowledged } => self.painted(now, id, acknowledged, &mut out),
            Input::Say { message } => self.say(message, &mut out),
            Input::Hidden => {
                self.hidden = true;
                self.word = None;
                self.thumb = None;
                self.say(ToRelay::Away, &mut out);
            }
            Input::Visible => self.visible(now, &mut out),
        }
        out
    }

    /// When to give the next [`Input::Tick`], if nothing happens before.
    #[must_use]
    pub fn deadline(&self, now: Millis) -> Option<Millis> {
        let conn = match self.conn {
            Conn::Idle | Conn::Closed(_) => None,
            Conn::Down { .. } if self.hidden => None,
            Conn::Down { retry_at } => Some(retry_at),
            Conn::Connecting { since } | Conn::Greeting { since } => {
                Some(since.plus(limits::CONNECT_TIMEOUT_MS))
            }
            Conn::Up => {
                let late = self.last_word.plus(u64::from(self.limits.late_after_ms));
                let lost = self.last_word.plus(u64::from(self.limits.lost_after_ms));
                let watch = if late > now { late } else { lost };
                Some(if self.hidden {
                    watch
                } else {
                    watch.min(self.next_beat)
                })
            }
        };
        let escalation = self
            .stop_since
            .map(|at| at.plus(limits::STOP_NOT_ACKNOWLEDGED_MS));
        [
            conn,
            self.outgoing.deadline(now, self.conn == Conn::Up),
            escalation.filter(|at| *at > now),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The newest state that this device has received.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// This device's role, once it has one.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    fn timers(&mut self, now: Millis, out: &mut Vec<Effect>) {
        match self.conn {
            Conn::Idle | Conn::Closed(_) => {}
            Conn::Down { retry_at } => {
                if now >= retry_at && !self.hidden {
                    self.connect(now, out);
                }
            }
            Conn::Connecting { since } | Conn::Greeting { since } => {
                if now.since(since) >= limits::CONNECT_TIMEOUT_MS {
                    out.push(Effect::Disconnect);
                    self.down(now);
                }
            }
            Conn::Up => {
                if now.since(self.last_word) >= u64::from(self.limits.lost_after_ms) {
                    // A dead socket can look open. Only a new connection shows whether the relay is
                    // reachable.
                    out.push(Effect::Disconnect);
                    self.attempts = 0;
                    self.down(now);
                } else if now >= self.next_beat && !self.hidden {
                    self.beat(now, out);
                }
            }
        }
        let up = self.conn == Conn::Up;
        for message in self.outgoing.tick(now, self.clock.best(), up) {
            let stop = if let ToRelay::Cue { id, .. } | ToRelay::Thumb { id, .. } = message {
                Some(id)
            } else {
                None
            };
            out.push(Effect::Send { message });
            // The relay ignored a paint that it received before the stop, so it is sent again.
            if let Some(id) = stop {
                self.tell_again(id, out);
            }
        }
    }

    fn beat(&mut self, now: Millis, out: &mut Vec<Effect>) {
        self.next_beat = now.plus(u64::from(self.limits.beat_every_ms));
        let message = ToRelay::Beat {
            n: self.beats,
            sent_at: now.0,
        };
        self.beats += 1;
        out.push(Effect::Send { message });
    }

    fn connect(&mut self, now: Millis, out: &mut Vec<Effect>) {
        self.conn = Conn::Connecting { since: now };
        out.push(Effect::Connect);
    }

    /// Waits before the next attempt. The delay is short at first and doubles each time, up to a maximum.
    fn down(&mut self, now: Millis) {
        let (first, longest) = limits::RECONNECT_MS;
        let pause = (first << self.attempts.min(16)).min(longest);
        self.attempts += 1;
        self.conn = Conn::Down {
            retry_at: now.plus(pause),
        };
    }

    fn opened(&mut self, now: Millis, out: &mut Vec<Effect>) {
        if matches!(self.conn, Conn::Connecting { .. }) {
            self.conn = Conn::Greeting { since: now };
            let message = self.hello.clone();
            out.push(Effect::Send { message });
        }
    }

    fn closed(&mut self, now: Millis, code: Option<u16>) {
        let ended = match code {
            Some(close::SUPERSEDED) => Some(DeviceLink::Superseded),
            Some(close::ENDED | close::DELETED) => Some(DeviceLink::Over),
            Some(close::BAD_TOKEN) => Some(DeviceLink::Refused),
            Some(_) | None => None,
        };
        match (self.conn, ended) {
            (Conn::Idle | Conn::Closed(_) | Conn::Down { .. }, _) => {}
            (_, Some(ended)) => self.conn = Conn::Closed(ended),
            (Conn::Up | Conn::Connecting { .. } | Conn::Greeting { .. }, None) => self.down(now),
        }
    }

    fn say(&mut self, message: ToRelay, out: &mut Vec<Effect>) {
        if self.conn == Conn::Up {
            out.push(Effect::Send { message });
        }
    }

    fn visible(&mut self, now: Millis, out: &mut Vec<Effect>) {
        self.hidden = false;
        // The relay was told that this page was away, so its earlier status no longer counts.
        self.word = None;
        self.trusted_from = now;
        self.clock.forget();
        match self.conn {
            Conn::Idle | Conn::Closed(_) => {}
            Conn::Up if now.since(self.last_word) < u64::from(self.limits.late_after_ms) => {
                self.beat(now, out);
            }
            // The device may have slept, so the old connection is not trusted.
            Conn::Up | Conn::Connecting { .. } | Conn::Greeting { .. } => {
                out.push(Effect::Disconnect);
                self.down(now);
                self.attempts = 0;
                self.connect(now, out);
            }
            Conn::Down { .. } => {
                self.attempts = 0;
                self.connect(now, out);
            }
        }
    }
}
