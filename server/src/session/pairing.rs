//! How the second device gets into a session: with a short code to type or a link to scan.
//!
//! A code is 8 characters of Crockford's base 32, `K7M-2QX4R`: the first 3 find the waiting session, the last
//! 5 are secret (2^25 possibilities). Five wrong secrets burn a code, so guessing hits it with a chance of
//! 5 / 2^25 = 1.5e-7. A link has its own 128-bit secret, which wrong codes do not affect. One join uses up
//! both the code and the link. An unused link expires once its session was empty for a code's lifetime.
//!
//! The relay keeps only the SHA-256 of each secret, and compares it in constant time. All kept data is
//! bounded; each bound is stated at its constant. `pairing/guesses.rs` limits wrong guesses: 10 at once and one
//! each 6 s from an address. `task/arrival.rs` decides when a used code lets its device in once more.

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

/// How long a code is valid, in milliseconds. Source: protocol.md. It is enough to read eight characters
/// across a room twice.
pub const CODE_FOR_MS: u64 = 5 * 60 * 1_000;

/// Wrong secrets that burn a code. Source: protocol.md.
pub const WRONG_BURN: u8 = 5;

/// Bytes of secret in a link. Source: protocol.md, 128 bits.
pub const LINK_SECRET_BYTES: usize = 16;

/// Codes and links, and the sessions that they lead to.
///
/// Every call takes the current time; there is no clock in here.
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
    /// When the code expires. The link stays valid while a device is in the session.
    pub expires_at: Millis,
}

/// The one role in one session that a code and its link are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The session.
    pub session: SessionId,
    /// The role.
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

/// Why a code or a link was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// Wrong, malformed, expired, burned or withdrawn: one answer for all.
    #[error("no session is waiting under this code")]
    Unknown {
        /// The session whose code this guess burned, so that its creator gets a new one. The guesser is not
        /// told.
        burned: Option<SessionId>,
    },
    /// The code or link is right, but a device has used it.
    #[error("somebody has already joined with this code")]
    Taken {
        /// The place that it gave. The session knows whether a message ever came from that device.
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
    /// Bounded by the sessions that a device is in, or was in less than [`CODE_FOR_MS`] ago.
    waiting: HashMap<SessionId, Waiting>,
    /// The valid codes. A locator finds at most one session.
    codes: HashMap<Locator, SessionId>,
    links: HashMap<Hash, SessionId>,
    used: Used,
    guesses: Guesses,
    /// The key from which link secrets are derived.
    link_key: [u8; 32],
}

/// A session that waits for its second device.
struct Waiting {
    /// Which role it waits for.
    role: Role,
    /// None once it is burned or expired.
    code: Option<StandingCode>,
    link: Hash,
    /// When the link expires, unless a device is in the session until then.
    link_expires_at: Millis,
}

struct StandingCode {
    locator: Locator,
    hash: Hash,
    wrong: u8,
    expires_at: Millis,
}

impl Pairing {
    /// A pairing without waiting sessions.
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

    /// Issues a code for a place and revokes an earlier one. The link stays the same, because a person may be
    /// about to scan it.
    ///
    /// # Errors
    /// See [`IssueError`]. On an error the earlier code is revoked, and an existing link stays valid.
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

    /// Redeems a code, typed at `address`, for its place. This uses up the code and its link.
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

    /// Redeems a link's secret, opened at `address`, for its place. No caller can guess 128 bits, so wrong
    /// links are limited by address alone. A flood of wrong codes from many addresses does not block links.
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

    /// Withdraws the code and the link of a session that has ended.
    pub fn withdraw(&self, session: SessionId) {
        self.lock().forget(session);
    }

    /// Drops what has expired, and extends the links of sessions with a device. Call it about every minute: a
    /// link is valid for [`CODE_FOR_MS`] after the last call that found a device.
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
    /// A random code whose locator is free and that was not used lately.
    fn free_code(&self) -> Result<Code, IssueError> {
        if self.codes.len() >= Locator::COUNT {
            return Err(IssueError::Crowded);
        }
        // With one free locator of 32,768, this draws about that many codes, which takes some milliseconds.
        loop {
            let code = Code::random()?;
            if !self.codes.contains_key(&code.locator()) && !self.used.contains(&code.hash()) {
                return Ok(code);
            }
        }
    }

    /// The secret of a session's link: 128 bits of the SHA-256 of the session's id and 256 bits from the
    /// operating system. The relay can show it again without storing it.
    fn link_secret(&self, session: SessionId) -> Secret {
        let derived = Sha256::new()
            .chain_update(self.link_key)
            .chain_update(session.0.as_bytes())
            .finalize();
        Secret(BASE64URL_NOPAD.encode(&derived[..LINK_SECRET_BYTES]))
    }

    fn take_by_code(&mut self, code: Code, now: Millis) -> Result<Place, RedeemError> {
        // Used codes are checked first: one must not count as a wrong guess at the code that has its locator
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
        // The lookup's time depends only on the hash of the input, which tells nothing about any other
        // secret.
        let session = *self.links.get(&hash).ok_or(UNKNOWN)?;
        let waiting = self.waiting.get(&session);
        if waiting.is_none_or(|waiting| waiting.link_expires_at <= now) {
            // The link is kept: after the machine slept, a device may still be in the session.
            return Err(UNKNOWN);
        }
        self.use_up(session, now)
    }

    /// A device joined: the code and the link are remembered as used.
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

    /// Drops the links of sessions that had no device for [`CODE_FOR_MS`]. A device that resumes such a
    /// session gets the same link, which works again.
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
