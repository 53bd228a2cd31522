//! One task owns a session: it turns what devices say into entries, steps the session machine with
//! what the journal yields, and carries the effects out.
//!
//! Liveness Invariant: a stop, and everything else that leads to a hold, is stepped and fanned out
//! before it is handed to the journal; no journal, however slow or broken, stands before it. All
//! else is stepped when the journal yields it, which the embedded one does at once.
//!
//! Safety Invariant: when this task ends in whatever way, a panic included, its devices' connections
//! are closed, and the next one to take the session up begins with a hold.

mod receipts;

use std::sync::Arc;

use receipts::Receipts;
use tapcue_shared::cue::{Both, Cue, Lane, Role};
use tapcue_shared::entry::{Entry, What};
use tapcue_shared::ids::{Id, SessionId};
use tapcue_shared::message::{ErrorCode, Event, Limits, Secret, ToDevice, ToRelay, Welcome, close};
use tapcue_shared::session::{Effect, Session};
use tapcue_shared::state::{LinkStatus, Name, Options, Phase};
use tapcue_shared::time::Millis;
use tokio::sync::oneshot;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::hub::Hub;
use crate::journal::{Admission, Follower, JournalError};
use crate::mailbox::{Mail, Mailbox};
use crate::port::{Closing, Port, Pulse, Reading, frame};
use crate::token::TokenHash;

/// How long a session stays in memory without any device. What is on disk stays.
const IDLE_FOR: Duration = Duration::from_secs(60);

/// How long devices may stay connected after the end, to write a note and read the figures.
const AFTER_END: Duration = Duration::from_secs(600);

/// How many messages are taken before what changed is given to the devices: each still sees every
/// stop at once, and under load one state stands for several changes.
const BATCH: usize = 64;

/// How the rest of the relay reaches a session.
#[derive(Debug)]
pub struct Handle {
    /// Which session.
    pub id: SessionId,
    /// Where to post to its task.
    pub mailbox: Mailbox<Stop, Control, Said>,
    /// What beats are answered from.
    pub pulse: Pulse,
}

/// A stop of a device.
#[derive(Debug)]
pub struct Stop {
    /// Whose connection.
    pub port: Arc<Port>,
    /// The cue's id.
    pub id: Id,
    /// When it was tapped, by the device's estimate of the relay's clock.
    pub tapped_at: Option<Millis>,
}

/// Anything else a device says.
#[derive(Debug)]
pub struct Said {
    /// Whose connection.
    pub port: Arc<Port>,
    /// What.
    pub message: Box<ToRelay>,
}

/// A change of who is there.
#[derive(Debug)]
pub enum Control {
    /// A device wants in.
    Arrive(Box<Arrival>),
    /// A connection's link changed.
    Link(Arc<Port>, LinkStatus),
    /// A connection is gone.
    Leave(Arc<Port>),
    /// The code of this session was burned by wrong guesses.
    Burned,
    /// The relay is going down.
    ShutDown,
}

/// A device that wants in.
#[derive(Debug)]
pub struct Arrival {
    /// How.
    pub how: How,
    /// Its client, for the transcript.
    pub client: Option<String>,
    /// Its token, to be given back in the welcome.
    pub token: Secret,
    /// Where the QR link leads: `http://host:port`.
    pub base: Option<Arc<str>>,
    /// Where to answer.
    pub reply: oneshot::Sender<Result<Arrived, ErrorCode>>,
}

/// How a device comes in.
#[derive(Clone, Debug)]
pub enum How {
    /// It opened the session.
    Create(Role, Option<Name>, Options),
    /// It has redeemed the code or link.
    Join(Option<Name>),
    /// It has been here before.
    Resume,
}

/// A device that is in.
#[derive(Debug)]
pub struct Arrived {
    /// Its port.
    pub port: Arc<Port>,
    /// The first frame for it.
    pub welcome: ToDevice,
}

/// Runs a session until nobody needs it in memory.
pub async fn run(hub: Arc<Hub>, handle: Arc<Handle>) {
    let id = handle.id;
    let mut guard = Guard {
        hub: Arc::clone(&hub),
        handle: Arc::clone(&handle),
        ports: Both::default(),
    };
    let loaded = Loaded::from_journal(&hub, id).await;
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::error!(session = %id, %error, "cannot take the session up");
            return;
        }
    };
    let ports = &mut guard.ports;
    let session_now = loaded.session.as_ref().map_or(Millis(0), Session::now);
    let ahead_ms = session_now.since(hub.clock.now());
    let mut actor = Actor {
        limits: Limits::with_link_timeout(hub.config.link_timeout_ms()),
        hub,
        handle,
        ports,
        session: loaded.session,
        follower: loaded.follower,
        tokens: loaded.tokens,
        base: None,
        receipts: Receipts::default(),
        changed: Both::default(),
        ahead_ms,
        idle_since: Instant::now(),
        ended_at: None,
    };
    actor.run().await;
}

/// Closes what a session leaves behind, however it ends.
struct Guard {
    hub: Arc<Hub>,
    handle: Arc<Handle>,
    ports: Both<Option<Arc<Port>>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.hub.forget(&self.handle);
        for control in self.handle.mailbox.close() {
            if let Control::Arrive(arrival) = control {
                let _ = arrival.reply.send(Err(ErrorCode::BadToken));
            }
        }
        for role in Role::BOTH {
            if let Some(port) = self.ports.of(role) {
                // Service restart: the device comes back, and finds the session held.
                port.close(Closing {
                    code: 1012,
                    error: None,
                });
            }
        }
    }
}

/// What the journal knows of a session; nothing for a new one.
struct Loaded {
    session: Option<Session>,
    follower: Follower,
    tokens: Both<Option<TokenHash>>,
}

impl Loaded {
    async fn from_journal(hub: &Hub, id: SessionId) -> Result<Self, JournalError> {
        let mut tokens = Both::default();
        let mut session: Option<Session> = None;
        let mut after = 0;
        if let Some(recorded) = hub.journal.read(id).await? {
            for admission in recorded.admissions {
                *tokens.of_mut(admission.role) = Some(TokenHash(admission.token_sha256));
            }
            for numbered in &recorded.entries {
                after = numbered.seq;
                match &mut session {
                    None => session = Session::open(&numbered.entry),
                    // The effects were carried out when it happened.
                    Some(session) => drop(session.step(&numbered.entry)),
                }
            }
        }
        let follower = hub.journal.follow(id, after).await?;
        Ok(Self {
            session,
            follower,
            tokens,
        })
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

struct Actor<'a> {
    limits: Limits,
    hub: Arc<Hub>,
    handle: Arc<Handle>,
    ports: &'a mut Both<Option<Arc<Port>>>,
    /// None until the first entry of a new session.
    session: Option<Session>,
    follower: Follower,
    tokens: Both<Option<TokenHash>>,
    /// Where the QR link leads, while somebody may still join.
    base: Option<Arc<str>>,
    receipts: Receipts,
    /// What is to be given to each device at the end of the batch.
    changed: Both<Option<Change>>,
    /// How far the session's time is ahead of the relay's clock.
    ahead_ms: u64,
    idle_since: Instant,
    ended_at: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Change {
    event: Option<Event>,
    lane: Lane,
}

impl Actor<'_> {
    async fn run(&mut self) {
        if self.session.is_some() {
            let entry = self.entry(None, What::Restarted);
            self.apply_then_record(entry);
            self.flush();
        }
        loop {
            let mut more = true;
            for _ in 0..BATCH {
                let Some(mail) = self.handle.mailbox.take() else {
                    more = false;
                    break;
                };
                match mail {
                    Mail::Urgent(stop) => self.stop(stop),
                    Mail::Control(Control::ShutDown) => return self.shut_down(),
                    Mail::Control(control) => self.control(control),
                    Mail::Ordinary(said) => self.said(&said.port, *said.message),
                }
            }
            if self.handle.mailbox.take_overrun() {
                self.lose_both();
            }
            self.follow();
            self.due();
            self.flush();
            if more {
                tokio::task::yield_now().await;
                continue;
            }
            if self.is_over() {
                return;
            }
            let wake = self.wake_at();
            tokio::select! {
                () = self.handle.mailbox.posted() => {}
                () = self.follower.changed() => {}
                () = until(wake) => {}
            }
        }
    }

    /// Taken from any connection that was let in, superseded or not: a stop too many harms nobody.
    fn stop(&mut self, stop: Stop) {
        let what = What::Cue {
            cue: Cue::Stop,
            epoch: None,
            tapped_at: stop.tapped_at,
        };
        let mut entry = self.entry(Some(stop.port.role), what);
        entry.id = stop.id;
        self.apply_then_record(entry);
        self.flush();
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Arrive(arrival) => self.arrive(*arrival),
            Control::Link(port, status) if self.is_current(&port) => {
                let entry = self.entry(Some(port.role), What::Link { status });
                self.apply_then_record(entry);
            }
            Control::Leave(port) if self.is_current(&port) => {
                *self.ports.of_mut(port.role) = None;
                self.idle_since = Instant::now();
                let status = LinkStatus::Lost;
                let entry = self.entry(Some(port.role), What::Link { status });
                self.apply_then_record(entry);
            }
            // Of a connection that was superseded: its role is somebody else's now.
            Control::Link(..) | Control::Leave(_) => {}
            Control::Burned => self.renew_code(true),
            Control::ShutDown => self.shut_down(),
        }
    }

    fn said(&mut self, port: &Arc<Port>, message: ToRelay) {
        if !self.is_current(port) {
            return;
        }
        let mut id = None;
        let what = match message {
            ToRelay::Cue {
                id: cue_id,
                cue,
                epoch,
                tapped_at,
            } => {
                id = Some(cue_id);
                What::Cue {
                    cue,
                    epoch,
                    tapped_at,
                }
            }
            ToRelay::Shown { id, at } => What::Shown {
                of: id,
                painted_at: at,
            },
            ToRelay::Acknowledge { id } => What::Acknowledged { of: id },
            ToRelay::Confirm { item, value } => What::Confirmed { item, value },
            ToRelay::Note { text, shared } => What::Noted { text, shared },
            ToRelay::End => What::Ended,
            ToRelay::RenewCode if self.session.as_ref().is_some_and(Session::is_alone) => {
                return self.renew_code(false);
            }
            ToRelay::RenewCode => return port.put_error(ErrorCode::NotAllowed, None),
            // The socket answers these itself, and a second hello is no message for this moment.
            ToRelay::Create { .. }
            | ToRelay::Join { .. }
            | ToRelay::Resume { .. }
            | ToRelay::Away
            | ToRelay::Beat { .. }
            | ToRelay::Received { .. } => return port.put_error(ErrorCode::BadMessage, None),
        };
        let mut entry = self.entry(Some(port.role), what);
        entry.id = id.unwrap_or(entry.id);
        if let Err(error) = self.record(entry, None) {
            tracing::warn!(session = %self.handle.id, %error, "not recorded and not taken");
            port.put_error(ErrorCode::Unavailable, id);
        }
        self.follow();
    }

    fn arrive(&mut self, arrival: Arrival) {
        let Arrival {
            how,
            client,
            token,
            base,
            reply,
        } = arrival;
        self.base = base.or(self.base.take());
        let answer = self.admit(how, client, token);
        if let Err(Ok(arrived)) = reply.send(answer) {
            // The connection went away while it waited for this.
            self.control(Control::Leave(arrived.port));
        }
    }

    fn admit(
        &mut self,
        how: How,
        client: Option<String>,
        token: Secret,
    ) -> Result<Arrived, ErrorCode> {
        let hash = TokenHash::of(&token);
        let role = match how {
            How::Create(role, name, options) => {
                let relay = concat!("tapcue-server/", env!("CARGO_PKG_VERSION")).into();
                let what = What::Opened {
                    options,
                    name,
                    client,
                    relay,
                };
                self.admit_new(role, hash, what)?;
                role
            }
            How::Join(name) => {
                let session = self.session.as_ref().ok_or(ErrorCode::UnknownCode)?;
                let free = |role: &Role| session.peer(*role) == LinkStatus::Absent;
                let role = Role::BOTH.into_iter().find(free).ok_or(ErrorCode::Taken)?;
                self.base = None;
                self.admit_new(role, hash, What::Joined { name, client })?;
                role
            }
            How::Resume => {
                let known = |role: &Role| {
                    let known = self.tokens.of(*role).as_ref();
                    known.is_some_and(|known| known.is(&hash))
                };
                // Both are compared, whatever the first says.
                let [receiver, helper] = Role::BOTH.map(|role| known(&role));
                let role = match (receiver, helper) {
                    (true, _) => Role::Receiver,
                    (false, true) => Role::Helper,
                    (false, false) => return Err(ErrorCode::BadToken),
                };
                if let Some(old) = self.ports.of_mut(role).take() {
                    old.close(Closing {
                        code: close::SUPERSEDED,
                        error: Some(ErrorCode::Superseded),
                    });
                }
                let entry = self.entry(Some(role), What::Connected { client });
                self.apply_then_record(entry);
                role
            }
        };
        self.flush();
        self.welcome(role, token)
    }

    /// Lets a device in that was never here; its token's hash is recorded with the entry.
    fn admit_new(&mut self, role: Role, hash: TokenHash, what: What) -> Result<(), ErrorCode> {
        let entry = self.entry(Some(role), what);
        let admission = Admission {
            role,
            token_sha256: hash.0,
        };
        if let Err(error) = self.record(entry, Some(admission)) {
            tracing::warn!(session = %self.handle.id, %error, "nobody can be let in");
            return Err(ErrorCode::Unavailable);
        }
        *self.tokens.of_mut(role) = Some(hash);
        self.follow();
        Ok(())
    }

    fn welcome(&mut self, role: Role, token: Secret) -> Result<Arrived, ErrorCode> {
        let session = self.session.as_ref().ok_or(ErrorCode::Unavailable)?;
        let pairing = if session.is_alone() && session.phase() != Phase::Ended {
            self.hub.issue(self.handle.id, self.base.as_deref(), false)
        } else {
            None
        };
        let welcome = Welcome {
            session: self.handle.id,
            role,
            token,
            pairing,
            opened_at: session.opened_at(),
            relay_at: self.now(),
            options: session.options().clone(),
            limits: self.limits,
            state: session.state(),
        };
        let port = Arc::new(Port::new(role, self.limits, self.hub.clock.now()));
        *self.ports.of_mut(role) = Some(Arc::clone(&port));
        Ok(Arrived {
            port,
            welcome: ToDevice::Welcome(Box::new(welcome)),
        })
    }

    fn renew_code(&mut self, burned: bool) {
        let alone = self.session.as_ref().is_some_and(Session::is_alone);
        let Some(port) = Role::BOTH
            .iter()
            .find_map(|role| self.ports.of(*role).as_ref())
        else {
            return;
        };
        if !alone {
            return;
        }
        match self.hub.issue(self.handle.id, self.base.as_deref(), burned) {
            Some(pairing) => port.put_aside(&ToDevice::Pairing(Box::new(pairing))),
            None => port.put_error(ErrorCode::Unavailable, None),
        }
    }

    /// Steps and fans out first, and records after.
    fn apply_then_record(&mut self, entry: Entry) {
        self.step(&entry);
        self.receipts.stepped(entry.id);
        if let Err(error) = self.record(entry.clone(), None) {
            tracing::warn!(session = %self.handle.id, %error, "held, but not recorded yet");
            if let (What::Cue { .. }, Some(by)) = (&entry.what, entry.by)
                && let Some(port) = self.ports.of(by)
            {
                port.put_error(ErrorCode::Unavailable, Some(entry.id));
            }
            self.receipts.owe(entry);
        }
        self.follow();
    }

    fn record(&mut self, entry: Entry, admission: Option<Admission>) -> Result<(), JournalError> {
        self.hub.journal.append(self.handle.id, entry, admission)
    }

    /// Takes what the journal yields, and tells devices what is durable.
    fn follow(&mut self) {
        while let Some(numbered) = self.follower.try_next() {
            let entry = &numbered.entry;
            if !self.receipts.take_stepped(entry.id) {
                self.step(entry);
            }
            if let (What::Cue { .. }, Some(by)) = (&entry.what, entry.by) {
                self.receipts.await_durable(numbered.seq, by, entry.id);
            }
        }
        for (role, id, seq) in self.receipts.durable(self.follower.durable()) {
            if let Some(port) = self.ports.of(role) {
                port.put_recorded(id, seq);
            }
        }
        while let Some(owed) = self.receipts.owed() {
            if let Err(JournalError::Full) = self.record(owed.clone(), None) {
                self.receipts.still_owe(owed);
                break;
            }
        }
    }

    fn step(&mut self, entry: &Entry) {
        let effects = match &mut self.session {
            Some(session) => session.step(entry),
            None => {
                self.session = Session::open(entry);
                Vec::new()
            }
        };
        for effect in effects {
            match effect {
                Effect::Stop(notice) => {
                    let stop = frame(&ToDevice::Stop(notice));
                    for role in Role::BOTH {
                        if let Some(port) = self.ports.of(role) {
                            port.put_stop(stop.clone());
                        }
                    }
                }
                Effect::Publish { to, event, lane } => {
                    for role in Role::BOTH.into_iter().filter(|role| to.includes(*role)) {
                        self.change(role, Some(event), lane);
                    }
                }
                Effect::Again(role) => self.change(role, None, Lane::Ordinary),
                Effect::Refuse { role, code, id } => {
                    if let Some(port) = self.ports.of(role) {
                        port.put_error(code, Some(id));
                    }
                }
            }
        }
        self.beat_from_here();
    }

    fn change(&mut self, role: Role, event: Option<Event>, lane: Lane) {
        let before = self.changed.of(role);
        let urgent = before.is_some_and(|before| before.lane == Lane::Urgent);
        let event = event.or(before.and_then(|before| before.event));
        let lane = if urgent { Lane::Urgent } else { lane };
        *self.changed.of_mut(role) = Some(Change { event, lane });
    }

    /// What beats are answered with from now on.
    fn beat_from_here(&self) {
        if let Some(session) = &self.session {
            self.handle.pulse.set(Reading {
                phase: session.phase(),
                epoch: session.epoch(),
                peers: Both {
                    receiver: session.peer(Role::Receiver),
                    helper: session.peer(Role::Helper),
                },
            });
        }
    }

    /// Gives each device the state, if it changed for it. Made once where both get the same.
    fn flush(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let Some(session) = self.session.as_ref() else {
            return;
        };
        let mut made: Option<(Option<Event>, tokio_tungstenite::tungstenite::Utf8Bytes)> = None;
        for role in Role::BOTH {
            let (Some(change), Some(port)) = (changed.of(role), self.ports.of(role)) else {
                continue;
            };
            let seq = session.seq();
            let frame = match &made {
                Some((event, frame)) if *event == change.event => frame.clone(),
                Some(_) | None => {
                    let state = Box::new(session.state());
                    let event = change.event;
                    let frame = frame(&ToDevice::State { seq, state, event });
                    made = Some((event, frame.clone()));
                    frame
                }
            };
            port.put_state(seq, frame, change.lane);
        }
        if session.phase() == Phase::Ended && self.ended_at.is_none() {
            self.ended_at = Some(Instant::now());
            self.hub.pairing.withdraw(self.handle.id);
        }
    }

    fn due(&mut self) {
        let deadline = self.session.as_ref().and_then(Session::deadline);
        if let Some((at, timer)) = deadline
            && self.now() >= at
        {
            let entry = self.entry(None, What::Due { timer });
            self.apply_then_record(entry);
        }
    }

    /// Changes of link were lost: nobody knows who is there, so nobody is.
    fn lose_both(&mut self) {
        for role in Role::BOTH {
            if let Some(port) = self.ports.of_mut(role).take() {
                port.close(Closing {
                    code: 1008,
                    error: None,
                });
                let status = LinkStatus::Lost;
                let entry = self.entry(Some(role), What::Link { status });
                self.apply_then_record(entry);
            }
        }
    }

    fn shut_down(&mut self) {
        for role in Role::BOTH {
            if let Some(port) = self.ports.of(role) {
                port.close(Closing {
                    code: 1012,
                    error: Some(ErrorCode::ShuttingDown),
                });
            }
        }
    }

    fn is_over(&mut self) -> bool {
        let ended_long = self.ended_at.is_some_and(|at| at.elapsed() >= AFTER_END);
        if ended_long {
            for role in Role::BOTH {
                if let Some(port) = self.ports.of_mut(role).take() {
                    port.close(Closing {
                        code: close::ENDED,
                        error: Some(ErrorCode::Ended),
                    });
                }
            }
        }
        let idle = self.is_empty() && self.idle_since.elapsed() >= IDLE_FOR;
        let never_was = self.session.is_none();
        (idle || ended_long || never_was)
            && self.receipts.owes_nothing()
            && self.handle.mailbox.close_if_empty()
    }

    /// When to look again if nothing happens; never for a session that waits for people.
    fn wake_at(&self) -> Option<Instant> {
        let due = self.session.as_ref().and_then(Session::deadline);
        let due = due.map(|(at, _)| self.hub.clock.instant(Millis(at.0 - self.ahead_ms)));
        let ended = self.ended_at.map(|at| at + AFTER_END);
        // What is owed to the journal keeps the session in memory past the idle time.
        let soon = Instant::now() + Duration::from_secs(1);
        let idle = self
            .is_empty()
            .then(|| soon.max(self.idle_since + IDLE_FOR));
        [due, ended, idle].into_iter().flatten().min()
    }

    fn is_empty(&self) -> bool {
        Role::BOTH.iter().all(|role| self.ports.of(*role).is_none())
    }

    /// The relay's clock, moved on where the wall clock has been set back since the last entry: the
    /// session's time never runs backwards and never stands still.
    fn now(&self) -> Millis {
        self.hub.clock.now().plus(self.ahead_ms)
    }

    fn is_current(&self, port: &Arc<Port>) -> bool {
        let current = self.ports.of(port.role).as_ref();
        current.is_some_and(|current| Arc::ptr_eq(current, port))
    }

    fn entry(&self, by: Option<Role>, what: What) -> Entry {
        Entry {
            id: Uuid::now_v7(),
            at: self.now(),
            by,
            what,
        }
    }
}
