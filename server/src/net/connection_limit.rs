//! Limits the number of connections, in all and per address. The least important connections make room first.
//!
//! A connection starts as a stranger. It becomes a guest once its device is in a session, and is at home once
//! that session has two devices. Without room, the oldest stranger is closed, else the oldest guest; a
//! connection at home never is. A flood of connections thus does not affect two people at work, and one of
//! their devices that reconnects finds room.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::net::rate_limit::source_of;

/// File descriptors that connections never get: they are for the journal and its readers, the listener, the
/// log, discovery, certificates, backups, and closing connections. A relay that does all of this used fewer
/// than 40.
const RESERVED: usize = 128;

/// The most connections in all, however many descriptors there are: at about 6 kB each, 600 MB.
const IN_ALL_AT_MOST: usize = 100_000;

/// The default limit on connections from one address: 250 pairs behind one router, with their pages.
const PER_SOURCE: usize = 1_000;

/// One in so many of an address's connections may be a stranger. After a restart many devices behind one
/// address reconnect at once, and each is a stranger for some milliseconds.
const STRANGERS_ONE_IN: usize = 4;

/// The assumed limit on descriptors where the system tells none.
#[cfg(not(unix))]
const DESCRIPTORS: usize = 8_192;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub in_all: usize,
    /// From one address (of IPv6: from one /64).
    pub per_source: usize,
    /// From one address, without a session.
    pub strangers_per_source: usize,
}

impl Limits {
    /// No limits, for connections that are not sockets of the system.
    pub const NONE: Self = Self {
        in_all: usize::MAX,
        per_source: usize::MAX,
        strangers_per_source: usize::MAX,
    };

    /// The limits of this process: as many connections as it may have descriptors, less a reserve. Raises its
    /// limit on descriptors to the maximum. `None` stands for the default.
    #[must_use]
    pub fn of_this_process(in_all: Option<usize>, per_source: Option<usize>) -> Self {
        let possible = descriptors().saturating_sub(RESERVED).max(1);
        let wanted = in_all.unwrap_or(IN_ALL_AT_MOST);
        if in_all.is_some_and(|wanted| wanted > possible) {
            tracing::warn!(
                "{wanted} connections were asked for, and this process may have {possible}: raise \
                 its limit on open files (ulimit -n)"
            );
        }
        let per_source = per_source.unwrap_or(PER_SOURCE);
        Self {
            in_all: wanted.min(possible),
            per_source,
            strangers_per_source: per_source.div_ceil(STRANGERS_ONE_IN),
        }
    }
}

/// The limit on open files, after raising it to its maximum.
#[cfg(unix)]
fn descriptors() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let mut raised = limit;
    raised.current = limit.maximum;
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current,
        Err(error) => {
            tracing::debug!(%error, "the limit on open files stays as it is");
            limit.current
        }
    };
    // `None` means no limit.
    now.and_then(|now| usize::try_from(now).ok())
        .unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    DESCRIPTORS
}

/// How important a connection is. A later variant stays longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Importance {
    /// It has named no session yet, or requests pages.
    Stranger,
    /// Its device is alone in a session so far.
    Guest,
    /// Its device is in a session of two.
    AtHome,
}

/// The connection limiter.
#[derive(Debug)]
pub struct Gate {
    limits: Limits,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    in_all: usize,
    /// How many connections were refused or closed to make room, and how many of these the log has reported.
    refused: u64,
    said: u64,
    strangers: Waiting,
    guests: Waiting,
    sources: HashMap<IpAddr, Source>,
}

/// The connections that may have to make room, oldest first.
type Waiting = BTreeMap<u64, (Arc<Notice>, Option<IpAddr>)>;

#[derive(Debug, Default)]
struct Source {
    connections: usize,
    strangers: HashSet<u64>,
}

/// The signal that a connection must close.
#[derive(Debug, Default)]
struct Notice {
    given: AtomicBool,
    changed: Notify,
}

impl Notice {
    fn give(&self) {
        self.given.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    async fn given(&self) {
        let changed = self.changed.notified();
        if !self.given.load(Ordering::Acquire) {
            changed.await;
        }
    }
}

impl Gate {
    /// A limiter without connections.
    #[must_use]
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            inner: Mutex::default(),
        })
    }

    /// Admits a connection if there is room. `address`: the source it counts for. None counts it only in all,
    /// as for a trusted proxy, which forwards many clients.
    #[must_use]
    pub fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Ticket> {
        let source = address.map(source_of);
        let mut inner = self.lock();
        let id = inner.next;
        inner.next += 1;
        if !inner.has_room(source, &self.limits) {
            inner.refused += 1;
            return None;
        }
        inner.in_all += 1;
        let notice = Arc::default();
        inner.strangers.insert(id, (Arc::clone(&notice), source));
        if let Some(source) = source {
            inner.count(id, source);
        }
        Some(Ticket {
            gate: Arc::clone(self),
            id,
            notice,
            place: Mutex::new((Importance::Stranger, source)),
        })
    }

    /// Closes the least important connection, for a machine that is out of descriptors anyway. Returns false
    /// if none may be closed.
    pub fn make_room(&self) -> bool {
        self.lock().send_one_away()
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.lock().in_all
    }

    /// How many connections were refused or closed to make room since the start.
    pub fn refused(&self) -> u64 {
        self.lock().refused
    }

    /// Logs a warning if connections were refused or closed to make room since the last call.
    pub fn say_who_was_refused(&self) {
        let refused = {
            let mut inner = self.lock();
            let all = inner.refused;
            all - std::mem::replace(&mut inner.said, all)
        };
        if refused > 0 {
            tracing::warn!(
                refused,
                "there were too many connections, in all or from one address. If these are people \
                 behind a proxy, name it with --trusted-proxy; else see --connections-per-address"
            );
        }
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether one more connection may come, if necessary because another was told to close. That one still
    /// counts until its task ends; the reserve has room for those few.
    fn has_room(&mut self, source: Option<IpAddr>, limits: &Limits) -> bool {
        let on_their_way_out = RESERVED / 2;
        if self.in_all >= limits.in_all.saturating_add(on_their_way_out) {
            return false;
        }
        let theirs = source.and_then(|source| self.sources.get(&source));
        if let Some(theirs) = theirs {
            let full = theirs.connections >= limits.per_source;
            if full || theirs.strangers.len() >= limits.strangers_per_source {
                // Ids increase, so the smallest is the oldest.
                let first = theirs.strangers.iter().min().copied();
                let Some(first) = first else { return false };
                self.send_away(first);
                return true;
            }
        }
        self.in_all < limits.in_all || self.send_one_away()
    }

    fn send_one_away(&mut self) -> bool {
        let first = self.strangers.keys().next().or(self.guests.keys().next());
        let first = first.copied();
        if let Some(first) = first {
            self.send_away(first);
        }
        first.is_some()
    }

    fn send_away(&mut self, id: u64) {
        let found = self
            .strangers
            .remove(&id)
            .or_else(|| self.guests.remove(&id));
        if let Some((notice, source)) = found {
            self.refused += 1;
            self.no_stranger(id, source);
            notice.give();
        }
    }

    fn count(&mut self, id: u64, source: IpAddr) {
        let source = self.sources.entry(source).or_default();
        source.connections += 1;
        source.strangers.insert(id);
    }

    fn no_stranger(&mut self, id: u64, source: Option<IpAddr>) {
        if let Some(source) = source.and_then(|source| self.sources.get_mut(&source)) {
            source.strangers.remove(&id);
        }
    }

    fn leave(&mut self, id: u64, source: Option<IpAddr>) {
        self.in_all -= 1;
        self.strangers.remove(&id);
        self.guests.remove(&id);
        self.no_stranger(id, source);
        if let Some(source) = source
            && let Some(theirs) = self.sources.get_mut(&source)
        {
            theirs.connections -= 1;
            if theirs.connections == 0 {
                self.sources.remove(&source);
            }
        }
    }
}

/// A connection's slot in the limit, held until this is dropped.
#[derive(Debug)]
pub struct Ticket {
    gate: Arc<Gate>,
    id: u64,
    notice: Arc<Notice>,
    place: Mutex<(Importance, Option<IpAddr>)>,
}

impl Ticket {
    /// Counts a connection for the address that its proxy named. Returns false if that address has too many.
    #[must_use]
    pub fn count_for(&self, address: IpAddr) -> bool {
        let source = source_of(address);
        let mut place = self.place();
        if place.1.is_some() {
            return true;
        }
        let mut inner = self.gate.lock();
        if !inner.strangers.contains_key(&self.id) {
            return false;
        }
        let theirs = inner.sources.get(&source);
        let limits = &self.gate.limits;
        if theirs.is_some_and(|theirs| {
            theirs.connections >= limits.per_source
                || theirs.strangers.len() >= limits.strangers_per_source
        }) {
            inner.refused += 1;
            return false;
        }
        inner.count(self.id, source);
        if let Some((_, counted)) = inner.strangers.get_mut(&self.id) {
            *counted = Some(source);
        }
        place.1 = Some(source);
        true
    }

    /// Raises a connection's importance, which never falls. A connection that was told to close stays as it
    /// is.
    pub fn raise_to(&self, importance: Importance) {
        let mut place = self.place();
        if importance <= place.0 {
            return;
        }
        let mut inner = self.gate.lock();
        let found = match place.0 {
            Importance::Stranger => inner.strangers.remove(&self.id),
            Importance::Guest => inner.guests.remove(&self.id),
            Importance::AtHome => None,
        };
        let Some(found) = found else { return };
        inner.no_stranger(self.id, place.1);
        if importance == Importance::Guest {
            inner.guests.insert(self.id, found);
        }
        place.0 = importance;
    }

    /// Whether the connection can no longer be closed to make room.
    #[must_use]
    pub fn is_at_home(&self) -> bool {
        self.place().0 == Importance::AtHome
    }

    /// Resolves when the connection must close to make room.
    pub async fn revoked(&self) {
        self.notice.given().await;
    }

    /// Nothing panics under this lock.
    fn place(&self) -> MutexGuard<'_, (Importance, Option<IpAddr>)> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let source = self.place().1;
        self.gate.lock().leave(self.id, source);
    }
}

#[cfg(test)]
mod tests;
