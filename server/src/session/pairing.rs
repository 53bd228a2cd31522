//! How the second device gets into a session: a short code to type, and a link to scan.
//!
//! A code is 8 characters of Crockford's base 32, `K7M-2QX4R`: the first 3 find the waiting
//! session, the last 5 are secret (2^25 possibilities). Five wrong secrets burn a code, so guessing
//! hits it with a chance of 5 / 2^25 = 1.5e-7. A link carries 128 bits of its own and is left alone
//! by guesses at the code. Both serve once, and together: when somebody has joined, both are gone. A link
//! that nobody used is gone once its session was empty for as long as a code is good for.
//!
//! Of what opens a session only SHA-256 is kept here, and compared in constant time. What is kept is
//! bounded: each bound stands with its constant. Wrong guesses are limited by [`crate::net::rate_limit`],
//! and those limits touch nothing but pairing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;
use tapcue_rules::message::Secret;
use tapcue_rules::time::Millis;

mod code;
mod guesses;
#[cfg(test)]
mod tests;
mod used;

use code::{Code, Locator};
use guesses::Guesses;
use used::Used;

/// How long a code is good for, in milliseconds. Source: protocol.md; time enough to read eight
/// characters to somebody across a room, twice.
pub const CODE_FOR_MS: u64 = 5 * 60 * 1_000;

/// Wrong secrets that burn a code. Source: protocol.md.
pub const WRONG_BURN: u8 = 5;

/// Bytes of secret in a link. Source: protocol.md, 128 bits.
pub const LINK_SECRET_BYTES: usize = 16;

/// Codes and links, and the sessions that wait behind them.
///
/// Every call takes the time: there is no clock in here.
pub struct Pairing {
    inner: Mutex<Inner>,
}

/// A code and a link, to be shown to the creator of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The code as people read it, `K7M-2QX4R`.
    pub code: Secret,
    /// The secret of the link: 128 bits in base64url without padding.
    pub link_secret: Secret,
    /// When the code stops working. The link works on while somebody is in the session.
    pub expires_at: Millis,
}

/// What a code and its link are for: one role in one session, and never another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which session.
    pub session: SessionId,
    /// Which role.
    pub role: Role,
}

/// Why no code was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Every locator is in use: 32,768 sessions wait at once.
    #[error("too many sessions are waiting for their second device; try again in a minute")]
    Crowded,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

/// Why a code or a link opened nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// Wrong, malformed, expired, burned or withdrawn: one answer for all.
    #[error("no session is waiting under this code")]
    Unknown {
        /// The session whose code this guess burned: its creator is to be shown a new one. Not for
        /// whoever guessed.
        burned: Option<SessionId>,
    },
    /// It was right, and a device has used it.
    #[error("somebody has already joined with this code")]
    Taken {
        /// The place it served. Its session knows whether that device was ever heard.
        place: Place,
    },
    /// Too many wrong guesses lately.
    #[error("too many wrong codes; wait a minute")]
    TooFast,
}

const UNKNOWN: RedeemError = RedeemError::Unknown { burned: None };

type Hash = [u8; 32];

#[derive(Default)]
struct Inner {
    /// Bounded by the sessions that somebody is in, or was in less than [`CODE_FOR_MS`] ago.
    waiting: HashMap<SessionId, Waiting>,
    /// The codes that stand. A locator finds at most one session.
    codes: HashMap<Locator, SessionId>,
    links: HashMap<Hash, SessionId>,
    used: Used,
    guesses: Guesses,
    /// What the secrets of links are derived from.
    link_key: [u8; 32],
}

/// A session that waits for its second device.
struct Waiting {
    /// Which role it waits for.
    role: Role,
    /// None once it is burned or expired.
    code: Option<StandingCode>,
    link: Hash,
    /// When the link stops working, unless somebody is in the session until then.
    link_expires_at: Millis,
}

struct StandingCode {
    locator: Locator,
    hash: Hash,
    wrong: u8,
    expires_at: Millis,
}

impl Pairing {
    /// Nobody waits.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut inner = Inner::default();
        getrandom::fill(&mut inner.link_key)?;
        Ok(Self {
            inner: Mutex::new(inner),
        })
    }

    /// Issues a code for a place, instead of an earlier one. The link stays the same: somebody may be
    /// about to scan it.
    ///
    /// # Errors
    /// See [`IssueError`]; then an earlier code is gone and the link stands if it stood.
    pub fn issue(&self, place: Place, now: Millis) -> Result<Issued, IssueError> {
        let Place { session, role } = place;
        let mut inner = self.lock();
        inner.revoke_code(session);
        if inner.codes.len() >= Locator::COUNT {
            inner.expire_codes(now);
        }
        let code = inner.free_code()?;
        let link_secret = inner.link_secret(session);
        let link = hash(link_secret.0.as_bytes());
        let expires_at = now.plus(CODE_FOR_MS);
        let standing = StandingCode {
            locator: code.locator(),
            hash: code.hash(),
            wrong: 0,
            expires_at,
        };
        inner.codes.insert(code.locator(), session);
        inner.links.insert(link, session);
        inner.waiting.insert(
            session,
            Waiting {
                role,
                code: Some(standing),
                link,
                link_expires_at: expires_at,
            },
        );
        Ok(Issued {
            code: Secret(code.to_string()),
            link_secret,
            expires_at,
        })
    }

    /// Takes the place behind a code as typed at `address`. Who gets a place has it alone: its code
    /// and its link are used up.
    ///
    /// # Errors
    /// See [`RedeemError`].
    pub fn redeem_code(
        &self,
        text: &str,
        address: IpAddr,
        now: Millis,
    ) -> Result<Place, RedeemError> {
        let mut inner = self.lock();
        if !inner.guesses.allow_code(address, now) {
            return Err(RedeemError::TooFast);
        }
        let outcome = match Code::parse(text) {
            Some(code) => inner.take_by_code(code, now),
            None => Err(UNKNOWN),
        };
        if outcome.is_err() {
            inner.guesses.wrong_code(address, now);
        }
        outcome
    }

    /// Takes the place behind the secret of a link, opened at `address`. Nobody can guess 128 bits,
    /// so these wrong guesses are limited by address alone: whoever floods the relay with wrong
    /// codes from many addresses does not keep a link from working.
    ///
    /// # Errors
    /// See [`RedeemError`]. Burns nothing.
    pub fn redeem_link(
        &self,
        secret: &str,
        address: IpAddr,
        now: Millis,
    ) -> Result<Place, RedeemError> {
        let mut inner = self.lock();
        if !inner.guesses.allow_link(address, now) {
            return Err(RedeemError::TooFast);
        }
        let outcome = inner.take_by_link(secret, now);
        if outcome.is_err() {
            inner.guesses.wrong_link(address, now);
        }
        outcome
    }

    /// Takes back the code and the link of a session that waits no longer, because it ended.
    pub fn withdraw(&self, session: SessionId) {
        self.lock().forget(session);
    }

    /// Forgets what has run out, and lets the links live on of the sessions that somebody is in. Call it
    /// every minute or so: a link works for [`CODE_FOR_MS`] after the last call that found somebody.
    pub fn expire(&self, now: Millis, is_here: impl Fn(SessionId) -> bool) {
        let mut inner = self.lock();
        inner.expire_codes(now);
        inner.expire_links(now, is_here);
        inner.used.expire(now);
        inner.guesses.expire(now);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics under this lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Pairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pairing")
            .field("waiting", &self.lock().waiting.len())
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// A code whose locator is free and that nobody has used lately.
    fn free_code(&self) -> Result<Code, IssueError> {
        if self.codes.len() >= Locator::COUNT {
            return Err(IssueError::Crowded);
        }
        // With one locator free of 32,768 this draws that often: some milliseconds.
        loop {
            let code = Code::random()?;
            if !self.codes.contains_key(&code.locator()) && !self.used.contains(&code.hash()) {
                return Ok(code);
            }
        }
    }

    /// The secret of a session's link: 128 bits of the SHA-256 of 256 bits from the operating
    /// system and the session's id. So it can be shown again without being kept.
    fn link_secret(&self, session: SessionId) -> Secret {
        let derived = Sha256::new()
            .chain_update(self.link_key)
            .chain_update(session.0.as_bytes())
            .finalize();
        Secret(BASE64URL_NOPAD.encode(&derived[..LINK_SECRET_BYTES]))
    }

    fn take_by_code(&mut self, code: Code, now: Millis) -> Result<Place, RedeemError> {
        // First: a code that was used must not count as a guess at the code that has its locator
        // now.
        let hash = code.hash();
        if let Some(place) = self.used.find(&hash, now) {
            return Err(RedeemError::Taken { place });
        }
        let session = *self.codes.get(&code.locator()).ok_or(UNKNOWN)?;
        let standing = self
            .waiting
            .get_mut(&session)
            .and_then(|waiting| waiting.code.as_mut())
            .ok_or(UNKNOWN)?;
        if standing.expires_at <= now {
            self.revoke_code(session);
            return Err(UNKNOWN);
        }
        if bool::from(standing.hash.ct_eq(&hash)) {
            return self.use_up(session, now);
        }
        standing.wrong += 1;
        if standing.wrong < WRONG_BURN {
            return Err(UNKNOWN);
        }
        self.revoke_code(session);
        Err(RedeemError::Unknown {
            burned: Some(session),
        })
    }

    fn take_by_link(&mut self, secret: &str, now: Millis) -> Result<Place, RedeemError> {
        let hash = hash(secret.as_bytes());
        if let Some(place) = self.used.find(&hash, now) {
            return Err(RedeemError::Taken { place });
        }
        // The lookup's time depends on the hash of what was sent, which tells nothing about a
        // secret that hashes to something else.
        let session = *self.links.get(&hash).ok_or(UNKNOWN)?;
        let waiting = self.waiting.get(&session);
        if waiting.is_none_or(|waiting| waiting.link_expires_at <= now) {
            // It stays: after a sleep of the machine somebody may be here all the same.
            return Err(UNKNOWN);
        }
        self.use_up(session, now)
    }

    /// Somebody joined: code and link have served, and are remembered as used.
    fn use_up(&mut self, session: SessionId, now: Millis) -> Result<Place, RedeemError> {
        let Waiting {
            role, code, link, ..
        } = self.forget(session).ok_or(UNKNOWN)?;
        let place = Place { session, role };
        self.used.add(link, place, now);
        if let Some(code) = code {
            self.used.add(code.hash, place, now);
        }
        Ok(place)
    }

    fn forget(&mut self, session: SessionId) -> Option<Waiting> {
        let waiting = self.waiting.remove(&session)?;
        self.links.remove(&waiting.link);
        if let Some(code) = &waiting.code {
            self.codes.remove(&code.locator);
        }
        Some(waiting)
    }

    fn revoke_code(&mut self, session: SessionId) {
        let waiting = self.waiting.get_mut(&session);
        if let Some(code) = waiting.and_then(|waiting| waiting.code.take()) {
            self.codes.remove(&code.locator);
        }
    }

    /// The link of a session that nobody is in for long lets nobody in. Who comes back to the session is
    /// shown the same link, and it works again.
    fn expire_links(&mut self, now: Millis, is_here: impl Fn(SessionId) -> bool) {
        let mut left = Vec::new();
        for (session, waiting) in &mut self.waiting {
            if is_here(*session) {
                waiting.link_expires_at = now.plus(CODE_FOR_MS);
            } else if waiting.link_expires_at <= now {
                left.push(*session);
            }
        }
        for session in left {
            self.forget(session);
        }
    }

    fn expire_codes(&mut self, now: Millis) {
        for waiting in self.waiting.values_mut() {
            if let Some(code) = waiting.code.take_if(|code| code.expires_at <= now) {
                self.codes.remove(&code.locator);
            }
        }
    }
}

fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}
