//! A device's machine: connect, beat, watch, send again, say what may be shown. The terminal client
//! drives this one; the web client's `link.js` is its twin, and both replay `shared/vectors`.
//!
//! Safety Invariant: [`View::go`] is true only while the last word of the relay is fresh and says
//! live, in the epoch of the state on screen, and this device has no stop of its own under way.

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
    /// Attempts since the link was last up.
    attempts: u32,
    role: Option<Role>,
    state: Option<State>,
    /// The last moment at which the relay is known not to have said its last word yet: when the
    /// newest beat that it answered was sent. Not when the answer arrived: a line that delays
    /// everything by seconds delivers old words at a steady pace.
    last_word: Millis,
    /// The phase and epoch that the relay named last; none until it has answered a beat that was
    /// sent at `trusted_from` or later, for until then nothing shows how old its words are.
    word: Option<(Phase, u64)>,
    /// When this connection was welcomed, or the page was last hidden and came back.
    trusted_from: Millis,
    notice: Option<StopNotice>,
    /// Since when this device knows of a stop that nobody has acknowledged. A further stop does
    /// not start the time anew.
    stop_since: Option<Millis>,
    /// The stop that a person dismissed on this device after the session was over.
    dismissed: Option<Id>,
    /// Hold to consent: live only while the receiver's thumb is down.
    consent: bool,
    /// The receiver's thumb, as this device told the relay in this epoch.
    thumb: Option<Thumb>,
    /// What the screen has painted, the oldest first; at most [`PAINTED_AT_MOST`].
    painted: VecDeque<Paint>,
    outgoing: Outgoing,
    next_beat: Millis,
    beats: u64,
    round_trips: Vec<u64>,
    /// Whether the relay said last that it cannot record.
    unrecorded: bool,
    clock: ClockFilter,
}

/// A thumb that was put down.
#[derive(Clone, Copy, Debug)]
struct Thumb {
    id: Id,
    epoch: u64,
}

/// Something that the screen has painted.
#[derive(Clone, Copy, Debug)]
struct Paint {
    id: Id,
    at: Moment,
    /// When it was first painted as acknowledged, if it was.
    acknowledged: Option<Millis>,
    /// Whether the relay was told so on this connection.
    told: bool,
}

/// How many painted things a device remembers: a screen never has as many (a hold, a cue with two
/// before it, a check-in), and the oldest is forgotten.
const PAINTED_AT_MOST: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conn {
    /// Before [`Input::Start`].
    Idle,
    /// Waiting to try again; never while hidden.
    Down {
        retry_at: Millis,
    },
    Connecting {
        since: Millis,
    },
    /// Connected, the hello is sent, no welcome yet.
    Greeting {
        since: Millis,
    },
    Up,
    /// For good.
    Closed(DeviceLink),
}

impl Link {
    /// A device that will say `hello` (create, join or resume) when it is connected.
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

    /// The newest state this device has taken.
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
                    // The socket may look open while it is dead: a new one is the only way to know.
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
            // A paint that was told ahead of a stop which the relay did not get was passed over.
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

    /// Waits before the next attempt: at first briefly, then twice as long each time.
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
        // The relay was told that this page was away: what it said before is void.
        self.word = None;
        self.trusted_from = now;
        self.clock.forget();
        match self.conn {
            Conn::Idle | Conn::Closed(_) => {}
            Conn::Up if now.since(self.last_word) < u64::from(self.limits.late_after_ms) => {
                self.beat(now, out);
            }
            // Asleep or not, whatever was there is not to be trusted.
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
