//! One task owns a session. It takes stops (`stops.rs`) and other messages (`commands.rs`) from its mailbox,
//! steps the session machine and appends to the journal (`recording.rs`), and carries out the effects
//! (`publish.rs`). docs/architecture.md, "How a tap travels", has the whole path.
//!
//! Liveness Invariant: a stop, and everything else that leads to a hold, is stepped and sent to both devices
//! before it goes to the journal. A slow or broken journal never delays it.
//!
//! Safety Invariant: however this task ends, also by a panic, its devices' connections are closed, and the
//! session's next task begins with a hold.

mod arrival;
mod commands;
mod ending;
mod links;
mod mail;
mod publish;
mod receipts;
mod recording;
mod restore;
mod stops;

use std::sync::Arc;

pub use mail::{
    Arrival, ArrivalKind, Arrived, Control, DeviceMessage, NoteRequest, Request, SessionHandle,
    Stop,
};
use publish::Change;
use receipts::Receipts;
use restore::Loaded;
use stops::Counts;
use tapcue_rules::cue::{Both, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::Id;
use tapcue_rules::message::{ErrorCode, Flaw, Limits, made_id};
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Phase};
use tapcue_rules::time::Millis;
use tokio::time::{Duration, Instant};

use crate::clock::{self, Clock};
use crate::journal::Ownership;
use crate::metrics::LinkLost;
use crate::session::device_handle::{Closing, DeviceHandle};
use crate::session::mailbox::Posted;
use crate::session::registry::Registry;
use crate::session::token::TokenHash;

/// How long a session without devices stays in memory. Its record on disk stays.
const IDLE_FOR: Duration = Duration::from_secs(60);

/// How many messages are processed before changed states go to the devices. Stops go out at once regardless;
/// under load one state covers several changes.
const BATCH: usize = 64;

/// Runs a session until it may leave memory. `is_new`: its id is fresh, so the journal has no entries of it.
pub async fn run(registry: Arc<Registry>, handle: Arc<SessionHandle>, is_new: bool) {
    let id = handle.id;
    let mut guard = Guard {
        registry: Arc::clone(&registry),
        handle: Arc::clone(&handle),
        devices: Both::default(),
    };
    let loaded = if is_new {
        Loaded::nothing(&registry, id).await
    } else {
        Loaded::from_journal(&registry, id).await
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::error!(session = %id, %error, "cannot take the session up");
            return;
        }
    };
    let devices = &mut guard.devices;
    registry.context.clock.look_and_say();
    let session_now = loaded.session.as_ref().map_or(Millis(0), Session::now);
    let ahead_ms = ahead(&registry.context.clock, session_now);
    handle.pulse.set_ahead(ahead_ms);
    let mut actor = Actor {
        limits: Limits::with_link_timeout(registry.context.config.link_timeout_ms()),
        registry,
        handle,
        devices,
        session: loaded.session,
        owned: loaded.owned,
        tokens: loaded.tokens,
        joined: None,
        base: None,
        counts: Counts::default(),
        receipts: loaded.receipts,
        length: loaded.length,
        failing: false,
        changed: Both::default(),
        ahead_ms,
        stop_read_at: None,
        idle_since: Instant::now(),
        ended_at: None,
    };
    actor.run().await;
}

/// Closes the session's mailbox and connections when its task ends, also by a panic.
struct Guard {
    registry: Arc<Registry>,
    handle: Arc<SessionHandle>,
    devices: Both<Option<Arc<DeviceHandle>>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                session = %self.handle.id,
                "its task panicked: its devices come back to a hold. Please report it"
            );
            self.registry.finished.disturbed();
        }
        self.registry.forget(&self.handle);
        for control in self.handle.mailbox.close() {
            if let Control::Arrive(arrival) = control {
                // The device retries, and finds the session reloaded.
                let _ = arrival.reply.send(Err(ErrorCode::Unavailable));
            }
        }
        for role in Role::BOTH {
            if let Some(device) = self.devices.of(role) {
                // 1012 is Service Restart: the device reconnects, and finds the session held.
                device.close(Closing {
                    code: 1012,
                    error: None,
                });
            }
        }
    }
}

/// How far the time of a session loaded now is ahead of the relay's clock, in milliseconds. Session time
/// starts at the later of the current date and the session's last time, so it never runs backwards.
fn ahead(clock: &Clock, session_now: Millis) -> i64 {
    clock::signed(clock.date().max(session_now), clock.now())
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

struct Actor<'a> {
    limits: Limits,
    registry: Arc<Registry>,
    handle: Arc<SessionHandle>,
    devices: &'a mut Both<Option<Arc<DeviceHandle>>>,
    /// None until the first entry of a new session.
    session: Option<Session>,
    owned: Ownership,
    tokens: Both<Option<TokenHash>>,
    /// The connection that a `join` let in, until its device resumes with its token. While no message came on
    /// it, its welcome may be lost, so the same code or link works once more.
    joined: Option<Arc<DeviceHandle>>,
    /// The base URL of the QR link, while a second device may still join.
    base: Option<Arc<str>>,
    counts: Counts,
    receipts: Receipts,
    /// How many entries the session has in the journal.
    length: u64,
    /// Whether both devices were told that recording fails at present.
    failing: bool,
    /// The change to send to each device at the end of the batch.
    changed: Both<Option<Change>>,
    /// How far the session's time is ahead of the relay's clock, in milliseconds; negative if it is behind.
    ahead_ms: i64,
    /// When the relay read the frame of the stop being processed.
    stop_read_at: Option<Instant>,
    idle_since: Instant,
    ended_at: Option<Instant>,
}

impl Actor<'_> {
    async fn run(&mut self) {
        if self.session.is_some() && !self.has_ended() {
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
                    Posted::Urgent(stop) => self.stop(stop),
                    Posted::Control(Control::ShutDown) => return self.shut_down(),
                    Posted::Control(Control::Deleted(by)) => return self.deleted(by),
                    Posted::Control(control) => self.control(control),
                    Posted::Ordinary(posted) => self.take_message(&posted.device, *posted.request),
                }
            }
            if self.handle.mailbox.take_overrun() {
                self.lose_both();
            }
            self.tell_durable();
            if self.owned.deleted() {
                return self.deleted(None);
            }
            self.due();
            self.flush();
            self.let_go();
            if more {
                tokio::task::yield_now().await;
                continue;
            }
            if self.is_over() {
                return;
            }
            let (due, wake) = (self.due_at(), self.wake_at());
            // Each iteration checks every source again; the fixed poll order makes a run repeatable.
            tokio::select! {
                biased;
                () = self.handle.mailbox.posted() => {}
                () = self.owned.changed() => {}
                () = self.registry.context.clock.until(due) => {}
                () = until(wake) => {}
            }
        }
    }

    /// Handles a stop. A superseded connection may send one too: an extra stop does no harm.
    fn stop(&mut self, stop: Stop) {
        let Stop {
            device,
            id,
            what,
            flaw,
            read_at,
        } = stop;
        self.stop_read_at = Some(read_at);
        let mut entry = self.entry(Some(device.role), what);
        entry.id = id;
        let newest = self.is_current(&device);
        let session = self.session.as_ref();
        let used = session.is_some_and(|session| session.has_id_of_another_stop(&entry, newest));
        let flaw = if used { Some(Flaw::UsedId) } else { flaw };
        if matches!(flaw, Some(Flaw::Id | Flaw::UsedId)) {
            entry.id = self.id_for(id, device.role);
        }
        // A device keeps a stop pending until a frame names the id that it sent.
        let id = if used { id } else { entry.id };
        self.take_stop(device.role, entry);
        self.stop_read_at = None;
        self.flush();
        if let Some(flaw) = flaw {
            device.put_aside(&ErrorCode::flawed_stop(flaw, id));
        }
    }

    /// Makes an id for a stop that came without a valid id of its own. While its hold is unacknowledged, the
    /// same text is a retry of the same stop. After that it is a new stop, which needs a new id.
    fn id_for(&self, base: Id, role: Role) -> Id {
        let mut id = made_id(base, role, 0);
        if let Some(session) = &self.session {
            // The session remembers a bounded number of ids, so the loop ends.
            for nth in 1.. {
                if session.is_open_stop(id) || !session.has_stopped_by(id) {
                    break;
                }
                id = made_id(base, role, nth);
            }
        }
        id
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Arrive(arrival) => self.arrive(*arrival),
            Control::Link(device, status) if self.is_current(&device) => {
                if let Some(cause) = LinkLost::of(status) {
                    self.count_lost(device.role, cause);
                }
                let role = device.role.as_str();
                tracing::debug!(session = %self.handle.id, role, ?status, "a link changed");
                self.link(device.role, status);
            }
            Control::Leave(device) if self.is_current(&device) => {
                *self.devices.of_mut(device.role) = None;
                self.idle_since = Instant::now();
                self.count_lost(device.role, LinkLost::Closed);
                tracing::debug!(session = %self.handle.id, role = device.role.as_str(), "a device left");
                self.link(device.role, LinkStatus::Lost);
            }
            // A superseded connection: another connection has its role.
            Control::Link(..) | Control::Leave(_) => {}
            Control::Burned => self.renew_code(true),
            Control::Abandoned => self.end_abandoned(),
            Control::End(by) => self.end_for(by),
            Control::Note(request) => self.note(*request),
            Control::Deleted(by) => self.deleted(by),
            Control::ShutDown => self.shut_down(),
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
        self.record_counts_in_time();
        self.end_when_full();
    }

    /// Ends an abandoned session with an ordinary `Ended` entry, and frees its memory. It does nothing if a
    /// device has come back.
    fn end_abandoned(&mut self) {
        if self.session.is_none() || self.has_ended() || !self.is_empty() {
            return;
        }
        let entry = self.entry(None, What::Ended);
        self.apply_then_record(entry);
        let long_ago = Instant::now().checked_sub(IDLE_FOR);
        self.idle_since = long_ago.unwrap_or(self.idle_since);
    }

    fn would_change(&self, entry: &Entry) -> bool {
        let session = self.session.as_ref();
        session.is_none_or(|session| session.would_change(entry))
    }

    fn shut_down(&mut self) {
        self.record_counts();
        for role in Role::BOTH {
            if let Some(device) = self.devices.of(role) {
                device.close(Closing {
                    code: 1012,
                    error: Some(ErrorCode::ShuttingDown),
                });
            }
        }
    }

    /// The relay's clock time of the next event: a deadline, the moment from which no stop counts, or the
    /// recording of counted stops.
    fn due_at(&self) -> Option<Millis> {
        let due = self.session.as_ref().and_then(Session::deadline);
        let late = self.no_stop_from().filter(|at| *at > self.now());
        let due = due.map(|(at, _)| at).or(late);
        let due = due.map(|at| clock::moved(at, -self.ahead_ms));
        due.into_iter().chain(self.counts_due_at()).min()
    }

    /// When the task wakes without an event; none while a session with devices goes on.
    fn wake_at(&self) -> Option<Instant> {
        let kept = self
            .waits_until()
            .filter(|_| !self.handle.may_go.initialized());
        let ended = self.closes_at().or(kept);
        // Entries owed to the journal keep the session in memory past the idle timeout. They are retried every
        // second.
        let soon = Instant::now() + Duration::from_secs(1);
        let idle = self
            .is_empty()
            .then(|| soon.max(self.idle_since + IDLE_FOR));
        let owing = (!self.receipts.owes_nothing()).then_some(soon);
        [ended, idle, owing].into_iter().flatten().min()
    }

    fn has_ended(&self) -> bool {
        let ended = |session: &Session| session.phase() == Phase::Ended;
        self.session.as_ref().is_some_and(ended)
    }

    fn is_empty(&self) -> bool {
        Role::BOTH
            .iter()
            .all(|role| self.devices.of(*role).is_none())
    }

    /// The session's time: the date at which it was loaded, advanced by the relay's clock. It never runs
    /// backwards or stops, whatever happens to the wall clock.
    fn now(&self) -> Millis {
        clock::moved(self.registry.context.clock.now(), self.ahead_ms)
    }

    fn is_current(&self, device: &Arc<DeviceHandle>) -> bool {
        let current = self.devices.of(device.role).as_ref();
        current.is_some_and(|current| Arc::ptr_eq(current, device))
    }

    fn entry(&self, by: Option<Role>, what: What) -> Entry {
        Entry {
            id: self.registry.context.fresh_id(),
            at: self.now(),
            by,
            what,
        }
    }
}
