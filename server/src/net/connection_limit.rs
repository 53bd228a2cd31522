//! Who may be connected: a bounded number in all and from each address, and those who are of no use
//! to anybody make room first.
//!
//! A connection begins as a stranger. It is a guest once its device is in a session, and at home once
//! that session has two devices. Where there is no room the stranger who has been here longest goes,
//! then the guest; whoever is at home never does. So a flood of connections costs two people who are
//! at work nothing, and one of their devices that has to come back finds a place.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::net::rate_limit::source_of;

/// Descriptors that connections never get: for the journal and its readers, the listener, the log,
/// discovery, certificates, backups, and for connections on their way out. A relay that does all of
/// this was seen with fewer than 40.
const RESERVED: usize = 128;

/// Connections in all, however many descriptors there are: at some 6 kB each, 600 MB.
const IN_ALL_AT_MOST: usize = 100_000;

/// Connections from one address unless told otherwise: 250 pairs behind one router, with their pages.
const PER_SOURCE: usize = 1_000;

/// One in so many of an address's connections may be strangers: after a restart a house full of
/// devices comes back at once, and each is a stranger for some milliseconds.
const STRANGERS_ONE_IN: usize = 4;

/// Where nothing is known of descriptors.
#[cfg(not(unix))]
const DESCRIPTORS: usize = 8_192;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub in_all: usize,
    /// From one address (of IPv6: from one /64).
    pub per_source: usize,
    /// From one address and in no session.
    pub strangers_per_source: usize,
}

impl Limits {
    /// Without any: for connections that are not the system's.
    pub const NONE: Self = Self {
        in_all: usize::MAX,
        per_source: usize::MAX,
        strangers_per_source: usize::MAX,
    };

    /// What this process can carry: as many as it may have descriptors, but for a reserve. Asks the
    /// system for as many descriptors as it may have. What is `None` is as it comes.
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

/// As many open files as this process may have, after asking for as many as it may ask for.
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
    // None is: without a limit.
    now.and_then(|now| usize::try_from(now).ok())
        .unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    DESCRIPTORS
}

/// Whom a connection is of use to. The later, the longer it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Importance {
    /// It has not said which session it is for, or asks for pages.
    Stranger,
    /// Its device is in a session, alone so far.
    Guest,
    /// Its device is in a session of two.
    AtHome,
}

/// Lets connections in.
#[derive(Debug)]
pub struct Gate {
    limits: Limits,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    in_all: usize,
    /// How many connections were turned away or sent away, and of how many that was said.
    refused: u64,
    said: u64,
    strangers: Waiting,
    guests: Waiting,
    sources: HashMap<IpAddr, Source>,
}

/// Who may have to go, the longest here first.
type Waiting = BTreeMap<u64, (Arc<Notice>, Option<IpAddr>)>;

#[derive(Debug, Default)]
struct Source {
    connections: usize,
    strangers: HashSet<u64>,
}

/// How a connection learns that it has to go.
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
    /// Nobody is here yet.
    #[must_use]
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            inner: Mutex::default(),
        })
    }

    /// Lets a connection in, or does not. `address`: whom it counts for; none if only in all, as a
    /// trusted proxy's, which speaks for many.
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

    /// The machine is out of descriptors all the same: whoever is of no use to anybody goes. False if
    /// there is none such.
    pub fn make_room(&self) -> bool {
        self.lock().send_one_away()
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.lock().in_all
    }

    /// How many connections were turned away or sent away since the start.
    pub fn refused(&self) -> u64 {
        self.lock().refused
    }

    /// Tells whoever runs the relay, if anybody was turned away or sent away since it last did.
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
    /// Whether one more may come, if need be because another was told to go. Whoever was told still
    /// counts until its task has heard of it: the reserve has room for those few.
    fn has_room(&mut self, source: Option<IpAddr>, limits: &Limits) -> bool {
        let on_their_way_out = RESERVED / 2;
        if self.in_all >= limits.in_all.saturating_add(on_their_way_out) {
            return false;
        }
        let theirs = source.and_then(|source| self.sources.get(&source));
        if let Some(theirs) = theirs {
            let full = theirs.connections >= limits.per_source;
            if full || theirs.strangers.len() >= limits.strangers_per_source {
                // The longest here: ids go up.
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

/// A connection's right to be here, for as long as this is kept.
#[derive(Debug)]
pub struct Ticket {
    gate: Arc<Gate>,
    id: u64,
    notice: Arc<Notice>,
    place: Mutex<(Importance, Option<IpAddr>)>,
}

impl Ticket {
    /// Counts a connection for the address that its proxy named. False if there are too many from
    /// there.
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

    /// The connection has come to be of use. Nothing changes for one that was told to go, and none
    /// ever loses its standing.
    pub fn rise_to(&self, standing: Importance) {
        let mut place = self.place();
        if standing <= place.0 {
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
        if standing == Importance::Guest {
            inner.guests.insert(self.id, found);
        }
        place.0 = standing;
    }

    /// Whether nothing can send it away any more.
    #[must_use]
    pub fn is_at_home(&self) -> bool {
        self.place().0 == Importance::AtHome
    }

    /// Resolves when the connection has to go.
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
