//! A device's machine: connect, beat, watch, send again, say what may be shown. The terminal client
//! drives this one; the web client's `link.js` is its twin, and both replay `shared/vectors`.
//!
//! Safety Invariant: [`View::go`] is true only while the last word of the relay is fresh and says
//! live, in the epoch of the state on screen, and this device has no stop of its own under way.

mod outgoing;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use outgoing::Outgoing;

use crate::cue::{Cue, Role};
use crate::ids::Id;
use crate::limits;
use crate::message::{ErrorCode, Limits, Secret, StopNotice, ToDevice, ToRelay, close};
use crate::state::{HoldReason, Phase, State};
use crate::time::Millis;

/// What happens to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// The app is there: connect.
    Start,
    /// The transport is connected.
    Opened,
    /// The transport closed, or could not be opened.
    Closed {
        /// The close code, if the relay sent one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
    },
    /// A frame of the relay's.
    Message {
        /// It.
        message: ToDevice,
    },
    /// A person tapped a cue.
    Tap {
        /// A fresh id.
        id: Id,
        /// Which.
        cue: Cue,
    },
    /// A person said "seen" or "hands off" to what is on the screen.
    Acknowledge,
    /// The screen has painted the cue, hold or check-in with this id.
    Painted {
        /// It.
        id: Id,
    },
    /// Any other message a person caused: sent if the link is up, otherwise dropped.
    Say {
        /// It.
        message: ToRelay,
    },
    /// The page was hidden or the screen locked.
    Hidden,
    /// It is in sight again.
    Visible,
    /// Time passed.
    Tick,
}

/// What the machine asks of whoever drives it, in the order to do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Open a transport.
    Connect,
    /// Drop the transport, without waiting for its close.
    Disconnect,
    /// Send this.
    Send {
        /// It.
        message: ToRelay,
    },
    /// Say "stop" aloud on this device, now.
    Shout,
}

/// What a device may show, beside the state itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// This device's link, by its own watch.
    pub link: DeviceLink,
    /// Whether go may be shown.
    pub go: bool,
    /// Whether stop is to be shown although the state on screen does not carry it yet: this
    /// device's own, or one that arrived ahead of its state.
    pub stopped: bool,
    /// The last cue this device sent, and how far it got.
    pub lamp: Option<Lamp>,
    /// What to sound, until it is gone.
    pub alarm: Option<Alarm>,
    /// The least round trip of the last few seconds, in milliseconds.
    pub round_trip_ms: Option<u64>,
}

/// A device's link by its own watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceLink {
    /// Never was up yet.
    Connecting,
    /// The relay spoke just now.
    Here,
    /// It has been silent for half the timeout.
    Late,
    /// It has been silent too long, or the connection closed.
    Lost,
    /// Another device or tab has this role.
    Superseded,
    /// The relay refused the code, the token or the session; not tried again.
    Refused,
    /// The session is over and the connection closed.
    Over,
}

/// The last cue a device sent, and how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lamp {
    /// The cue's id.
    pub id: Id,
    /// Which.
    pub cue: Cue,
    /// How far.
    pub stage: Stage,
    /// Why not, if refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
}

/// How far a cue got. The order is the order of getting there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not sent: there is no link.
    Waiting,
    /// Handed to the transport.
    Sent,
    /// The relay has it.
    Relayed,
    /// The other screen has painted it.
    Shown,
    /// The other person acknowledged it.
    Acknowledged,
    /// The relay did not take it.
    Refused,
    /// It could not be sent in time and was dropped.
    Expired,
}

/// What to sound, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// This device's stop is not on the other screen: say it out loud.
    NotDelivered,
    /// The link is lost: hands off.
    LinkLost,
    /// A stop that nobody has acknowledged for too long.
    NotAcknowledged,
    /// A stop to be acknowledged on this device.
    Stop,
    /// Another hold to be acknowledged on this device.
    Hold,
    /// A question to be answered on this device.
    CheckIn,
}

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
    /// The last word of the relay: when, and the phase and epoch it named last.
    last_word: Millis,
    word: Option<(Phase, u64)>,
    notice: Option<StopNotice>,
    /// The hold on screen, and since when this device knows it.
    hold_seen: Option<(Id, Millis)>,
    /// What the screen has painted and the relay was told so.
    painted: Option<Id>,
    told_painted: Option<Id>,
    outgoing: Outgoing,
    next_beat: Millis,
    beats: u64,
    round_trips: Vec<u64>,
}

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
            notice: None,
            hold_seen: None,
            painted: None,
            told_painted: None,
            outgoing: Outgoing::default(),
            next_beat: Millis(0),
            beats: 0,
            round_trips: Vec::new(),
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
            Input::Tap { id, cue } => self.tap(now, id, cue, &mut out),
            Input::Acknowledge => self.acknowledge(&mut out),
            Input::Painted { id } => {
                self.painted = Some(id);
                self.tell_painted(&mut out);
            }
            Input::Say { message } => self.say(message, &mut out),
            Input::Hidden => {
                self.hidden = true;
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
            .hold_seen
            .map(|(_, at)| at.plus(limits::STOP_NOT_ACKNOWLEDGED_MS));
        [
            conn,
            self.outgoing.deadline(now, self.conn == Conn::Up),
            escalation.filter(|at| *at > now),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What may be shown at this moment.
    #[must_use]
    pub fn view(&self, now: Millis) -> View {
        let link = self.link(now);
        let stopped = self.stopped();
        View {
            link,
            go: self.go(link, stopped),
            stopped,
            lamp: self.outgoing.lamp(),
            alarm: self.alarm(now, link),
            round_trip_ms: self.round_trips.iter().min().copied(),
        }
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
        for message in self.outgoing.tick(now, up) {
            out.push(Effect::Send { message });
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
        self.notice = None;
        self.told_painted = None;
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
            Some(close::ENDED) => Some(DeviceLink::Over),
            Some(close::BAD_TOKEN) => Some(DeviceLink::Refused),
            Some(_) | None => None,
        };
        match (self.conn, ended) {
            (Conn::Idle | Conn::Closed(_) | Conn::Down { .. }, _) => {}
            (_, Some(ended)) => self.conn = Conn::Closed(ended),
            (Conn::Up | Conn::Connecting { .. } | Conn::Greeting { .. }, None) => self.down(now),
        }
    }

    fn message(&mut self, now: Millis, message: ToDevice, out: &mut Vec<Effect>) {
        if !matches!(self.conn, Conn::Up | Conn::Greeting { .. }) {
            return;
        }
        self.last_word = now;
        match message {
            ToDevice::Welcome(welcome) => {
                self.conn = Conn::Up;
                self.attempts = 0;
                self.limits = welcome.limits;
                self.role = Some(welcome.role);
                self.hello = ToRelay::Resume {
                    token: Secret(welcome.token.0.clone()),
                    client: self.client.clone(),
                };
                self.take(now, welcome.state);
                self.next_beat = now;
                if !self.hidden {
                    self.beat(now, out);
                }
                for message in self.outgoing.again(now) {
                    out.push(Effect::Send { message });
                }
                self.tell_painted(out);
            }
            ToDevice::State { seq, state, .. } => {
                // One connection delivers in order, so an older one can only be a repeat.
                if self.state.as_ref().is_none_or(|mine| state.seq >= mine.seq) {
                    self.take(now, *state);
                }
                let message = ToRelay::Received { seq };
                out.push(Effect::Send { message });
                self.tell_painted(out);
            }
            ToDevice::Stop(notice) => {
                if self.state.as_ref().is_none_or(|mine| notice.seq > mine.seq) {
                    self.notice = Some(notice);
                }
            }
            ToDevice::Beat {
                sent_at,
                phase,
                epoch,
                ..
            } => {
                self.word = Some((phase, epoch));
                self.round_trips.push(now.0.saturating_sub(sent_at));
                if self.round_trips.len() > limits::ROUND_TRIPS {
                    self.round_trips.remove(0);
                }
            }
            ToDevice::Recorded { id, .. } => self.outgoing.recorded(id),
            ToDevice::Error {
                code, id, fatal, ..
            } => {
                if let Some(id) = id {
                    self.outgoing.refused(id, code);
                }
                if fatal {
                    self.fatal(code);
                }
            }
            ToDevice::Pairing(_) => {}
        }
    }

    /// The relay closes after this; whether to come back depends on why.
    fn fatal(&mut self, code: ErrorCode) {
        let ended = match code {
            ErrorCode::Superseded => DeviceLink::Superseded,
            ErrorCode::Ended => DeviceLink::Over,
            ErrorCode::UnknownCode | ErrorCode::Taken | ErrorCode::BadToken => DeviceLink::Refused,
            // A hello the relay could not read will not read better the next time.
            ErrorCode::BadMessage if self.conn != Conn::Up => DeviceLink::Refused,
            ErrorCode::BadMessage
            | ErrorCode::NotAllowed
            | ErrorCode::Held
            | ErrorCode::Stale
            | ErrorCode::TooFast
            | ErrorCode::TooLarge
            | ErrorCode::Unavailable
            | ErrorCode::ShuttingDown => return,
        };
        self.conn = Conn::Closed(ended);
    }

    fn take(&mut self, now: Millis, state: State) {
        self.word = Some((state.phase, state.epoch));
        if self.notice.is_some_and(|notice| notice.seq <= state.seq) {
            self.notice = None;
        }
        let open = state.hold.as_ref().filter(|hold| !hold.acknowledged);
        self.hold_seen = match (open, self.hold_seen) {
            (Some(hold), Some((id, at))) if hold.id == id => Some((id, at)),
            (Some(hold), _) => Some((hold.id, now)),
            (None, _) => None,
        };
        self.outgoing.carried(&state, self.role);
        self.state = Some(state);
    }

    fn tap(&mut self, now: Millis, id: Id, cue: Cue, out: &mut Vec<Effect>) {
        if cue == Cue::Stop && self.role != Some(Role::Helper) {
            out.push(Effect::Shout);
        }
        let epoch = self.state.as_ref().map(|state| state.epoch);
        let up = self.conn == Conn::Up;
        if let Some(message) = self.outgoing.tap(now, id, cue, epoch, up) {
            out.push(Effect::Send { message });
        }
    }

    fn acknowledge(&mut self, out: &mut Vec<Effect>) {
        let Some(state) = &self.state else {
            return;
        };
        let hold = state
            .hold
            .as_ref()
            .filter(|hold| !hold.acknowledged && hold.reason != HoldReason::Start);
        let cue = state.cue.as_ref().filter(|cue| cue.acknowledged.is_none());
        let id = hold.map(|hold| hold.id).or(cue.map(|cue| cue.id));
        if let Some(id) = id.filter(|_| self.role == Some(Role::Helper)) {
            self.say(ToRelay::Acknowledge { id }, out);
        }
    }

    /// Tells the relay what the screen has painted, once on each connection.
    fn tell_painted(&mut self, out: &mut Vec<Effect>) {
        let known = self.told_painted == self.painted;
        if let Some(id) = self.painted.filter(|_| self.conn == Conn::Up && !known) {
            self.told_painted = Some(id);
            self.say(ToRelay::Shown { id, at: None }, out);
        }
    }

    fn say(&mut self, message: ToRelay, out: &mut Vec<Effect>) {
        if self.conn == Conn::Up {
            out.push(Effect::Send { message });
        }
    }

    fn visible(&mut self, now: Millis, out: &mut Vec<Effect>) {
        self.hidden = false;
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

    fn link(&self, now: Millis) -> DeviceLink {
        match self.conn {
            Conn::Closed(ended) => ended,
            Conn::Up => {
                let silent = now.since(self.last_word);
                if silent >= u64::from(self.limits.lost_after_ms) {
                    DeviceLink::Lost
                } else if silent >= u64::from(self.limits.late_after_ms) {
                    DeviceLink::Late
                } else {
                    DeviceLink::Here
                }
            }
            Conn::Idle | Conn::Down { .. } | Conn::Connecting { .. } | Conn::Greeting { .. } => {
                if self.state.is_some() {
                    DeviceLink::Lost
                } else {
                    DeviceLink::Connecting
                }
            }
        }
    }

    fn stopped(&self) -> bool {
        self.notice.is_some() || self.outgoing.stop_is_under_way()
    }

    fn go(&self, link: DeviceLink, stopped: bool) -> bool {
        let up = matches!(link, DeviceLink::Here | DeviceLink::Late);
        let state = self.state.as_ref();
        let live = state.is_some_and(|state| {
            state.phase == Phase::Live && self.word == Some((Phase::Live, state.epoch))
        });
        up && live && !stopped && !self.hidden
    }

    fn alarm(&self, now: Millis, link: DeviceLink) -> Option<Alarm> {
        let state = self.state.as_ref()?;
        if state.phase == Phase::Ended {
            return None;
        }
        if self.outgoing.stop_not_delivered(now) {
            return Some(Alarm::NotDelivered);
        }
        if link == DeviceLink::Lost {
            return Some(Alarm::LinkLost);
        }
        let helps = self.role == Some(Role::Helper);
        let hold = state.hold.as_ref().filter(|hold| !hold.acknowledged);
        let long = self
            .hold_seen
            .is_some_and(|(_, at)| now.since(at) >= limits::STOP_NOT_ACKNOWLEDGED_MS);
        match hold.map(|hold| hold.reason) {
            Some(HoldReason::Stop) if long => Some(Alarm::NotAcknowledged),
            Some(HoldReason::Stop) if helps => Some(Alarm::Stop),
            _ if self.notice.is_some() && helps => Some(Alarm::Stop),
            Some(HoldReason::LinkLost | HoldReason::Away | HoldReason::NoAnswer)
            | Some(HoldReason::Released)
                if helps =>
            {
                Some(Alarm::Hold)
            }
            _ if state.check_in.is_some() && !helps => Some(Alarm::CheckIn),
            _ => None,
        }
    }
}
