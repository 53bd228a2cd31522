//! The sessions in memory, and how a device gets to its session.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;
use tapcue_rules::message::{ErrorCode, Pairing, Secret, ToDevice, ToRelay};
use tapcue_rules::state::Name;
use tapcue_rules::time::Millis;
use tokio::sync::{SetOnce, oneshot};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::context::Context;
use crate::journal::{Deletion, JournalError};
use crate::net::public_address;
use crate::net::rate_limit::{PerSource, Rate};
use crate::session::device_handle::{Pulse, Reading};
use crate::session::finished::Finished;
use crate::session::mailbox::{Mailbox, Refused};
use crate::session::pairing::{self, Place, RedeemError};
use crate::session::task::{self, Arrival, ArrivalKind, Arrived, Control, SessionHandle};
use crate::session::token::{self, TokenHash, whose};

/// How often the lookup is tried when a session's task ends just as a device arrives.
const TRIES: usize = 3;

/// How long a welcome waits for its token to be durable. A commit takes some milliseconds.
const WELCOME_WAITS: Duration = Duration::from_millis(500);

/// The sessions of this relay.
pub struct Registry {
    /// What every part of the relay shares.
    pub context: Context,
    /// The codes and links that wait for a device.
    pub pairing: pairing::Pairing,
    /// The tasks of sessions and connections, awaited at shutdown.
    pub tasks: TaskTracker,
    sessions: Mutex<HashMap<SessionId, Arc<SessionHandle>>>,
    down: tokio_util::sync::CancellationToken,
    /// The sessions that have just ended, for retention.
    pub finished: Finished,
    /// The rate limit on opening sessions, by source.
    openers: Mutex<PerSource>,
}

/// Why a device is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error code.
    pub code: ErrorCode,
    /// The role that deleted the session; none if its retention time was over.
    pub by: Option<Role>,
    /// The field of the hello that is invalid.
    pub field: Option<&'static str>,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            by: None,
            field: None,
        }
    }
}

impl Refusal {
    /// The error frame for the device.
    #[must_use]
    pub fn to_device(self) -> ToDevice {
        if self.code == ErrorCode::Deleted {
            return ErrorCode::deleted(self.by);
        }
        self.code.refused(self.field)
    }
}

/// A device that was let in, and its session.
#[derive(Debug)]
pub struct Paired {
    /// Its session.
    pub session: Arc<SessionHandle>,
    /// Its handle and its first frame.
    pub arrived: Arrived,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("config", &self.context.config)
            .field("sessions", &self.len())
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry without sessions.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn new(context: Context) -> Result<Arc<Self>, getrandom::Error> {
        let per_minute = context.config.sessions_per_min;
        Ok(Arc::new(Self {
            openers: Mutex::new(PerSource::new(Rate::per_minute(per_minute, per_minute))),
            context,
            pairing: pairing::Pairing::new()?,
            tasks: TaskTracker::new(),
            sessions: Mutex::default(),
            down: tokio_util::sync::CancellationToken::new(),
            finished: Finished::default(),
        }))
    }

    /// Passes a device's first message to its session.
    pub async fn admit(
        self: &Arc<Self>,
        hello: ToRelay,
        addr: IpAddr,
        base: Arc<str>,
    ) -> Result<Paired, Refusal> {
        let arrived = match hello {
            ToRelay::Create {
                role,
                name,
                options,
                client,
            } => {
                if !self.openers().take(addr, self.context.clock.now()) {
                    return Err(ErrorCode::TooFast.into());
                }
                let id = SessionId(Uuid::now_v7());
                let kind = ArrivalKind::Create(role, name, options.unwrap_or_default());
                self.arrive(id, kind, client, None, Some(base)).await
            }
            ToRelay::Join {
                code,
                secret,
                name,
                client,
            } => {
                let field = if secret.is_some() { "secret" } else { "code" };
                let joined = self.join(code, secret, name, client, addr).await;
                return joined.map_err(|code| Refusal {
                    field: code.is_about_the_code().then_some(field),
                    ..code.into()
                });
            }
            ToRelay::Resume { token, client } => {
                let id = token::session(&token).ok_or(ErrorCode::BadToken)?;
                let kind = ArrivalKind::Resume;
                let hash = TokenHash::of(&token);
                let arrived = self.arrive(id, kind, client, Some(token), Some(base)).await;
                if matches!(arrived, Err(ErrorCode::BadToken))
                    && let Ok(Some(deletion)) = self.deletion(id, &hash).await
                {
                    return Err(Refusal {
                        code: ErrorCode::Deleted,
                        by: deletion.by,
                        field: None,
                    });
                }
                arrived
            }
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
            | ToRelay::End => Err(ErrorCode::BadMessage),
        };
        Ok(arrived?)
    }

    /// Issues a fresh code for a place, with its link and QR code. None if the system gives no randomness,
    /// too many sessions wait, or no link can be made.
    pub fn issue(&self, place: Place, base: Option<&str>, burned: bool) -> Option<Pairing> {
        let id = place.session;
        let issued = self
            .pairing
            .issue(place, self.context.clock.now())
            .inspect_err(|error| tracing::warn!(session = %id, %error, "no code"))
            .ok()?;
        let link = format!("{}/#join={}", base?, issued.link_secret.0);
        let (qr, qr_size) = public_address::qr_modules(&link)
            .inspect_err(|error| tracing::warn!(session = %id, %error, "no QR code"))
            .ok()?;
        Some(Pairing {
            code: issued.code,
            link: Secret(link),
            qr: Secret(qr),
            qr_size,
            code_expires_at: issued.expires_at,
            burned,
        })
    }

    /// Drops expired codes and links. A link stays valid while its session is in memory.
    pub(crate) fn expire_pairing(&self) {
        let sessions = self.sessions();
        let is_here = |session| sessions.contains_key(&session);
        self.pairing.expire(self.context.clock.now(), is_here);
    }

    /// Drops the sources whose rate limit is full again.
    pub(crate) fn expire(&self, now: Millis) {
        self.openers().expire(now);
    }

    /// Nothing panics under this lock.
    fn openers(&self) -> MutexGuard<'_, PerSource> {
        self.openers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a session whose task has ended.
    pub fn forget(&self, handle: &Arc<SessionHandle>) {
        let mut sessions = self.sessions();
        let current = sessions.get(&handle.id);
        if current.is_some_and(|current| Arc::ptr_eq(current, handle)) {
            sessions.remove(&handle.id);
        }
    }

    /// Tells every device that the relay is shutting down. No session is loaded after this.
    pub fn shut_down(&self) {
        self.down.cancel();
        let handles: Vec<_> = self.sessions().values().cloned().collect();
        for handle in handles {
            // A task whose mailbox is full or closed ends by itself.
            let _ = handle.mailbox.post_control(Control::ShutDown);
        }
        self.tasks.close();
    }

    /// Resolves when the relay shuts down.
    pub async fn going_down(&self) {
        self.down.cancelled().await;
    }

    /// Whether the relay is shutting down.
    #[must_use]
    pub fn is_going_down(&self) -> bool {
        self.down.is_cancelled()
    }

    /// The heartbeat values of each session in memory.
    pub(crate) fn readings(&self) -> Vec<Reading> {
        let sessions = self.sessions();
        sessions.values().map(|one| one.pulse.get()).collect()
    }

    /// How many sessions are in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions().len()
    }

    /// Whether no session is in memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    async fn join(
        self: &Arc<Self>,
        code: Option<Secret>,
        secret: Option<Secret>,
        name: Option<Name>,
        client: Option<String>,
        addr: IpAddr,
    ) -> Result<Paired, ErrorCode> {
        let now = self.context.clock.now();
        let redeemed = match (&secret, &code) {
            (Some(secret), _) => self.pairing.redeem_link(&secret.0, addr, now),
            (None, Some(code)) => self.pairing.redeem_code(&code.0, addr, now),
            (None, None) => return Err(ErrorCode::BadMessage),
        };
        let (place, again) = match redeemed {
            Ok(place) => (place, false),
            Err(RedeemError::Taken { place }) => (place, true),
            Err(RedeemError::Unknown { burned }) => {
                if let Some(handle) = burned.and_then(|id| self.sessions().get(&id).cloned()) {
                    // If the mailbox is full or closed, the creator has to ask for a new code.
                    let _ = handle.mailbox.post_control(Control::Burned);
                }
                return Err(ErrorCode::UnknownCode);
            }
            Err(RedeemError::TooFast) => return Err(ErrorCode::TooFast),
        };
        let Place { session, role } = place;
        let kind = ArrivalKind::Join { role, name, again };
        self.arrive(session, kind, client, None, None).await
    }

    async fn arrive(
        self: &Arc<Self>,
        id: SessionId,
        kind: ArrivalKind,
        client: Option<String>,
        token: Option<Secret>,
        base: Option<Arc<str>>,
    ) -> Result<Paired, ErrorCode> {
        let token = match token {
            Some(token) => token,
            None => token::fresh(id).map_err(|error| {
                tracing::error!(%error, "the operating system gives no randomness");
                ErrorCode::Unavailable
            })?,
        };
        let gets_token = !matches!(kind, ArrivalKind::Resume);
        for _ in 0..TRIES {
            let is_new = matches!(kind, ArrivalKind::Create(..));
            let session = self.session(id, is_new).ok_or(ErrorCode::ShuttingDown)?;
            let (reply, answer) = oneshot::channel();
            let arrival = Arrival {
                kind: kind.clone(),
                client: client.clone(),
                token: token.clone(),
                base: base.clone(),
                reply,
            };
            match session
                .mailbox
                .post_control(Control::Arrive(Box::new(arrival)))
            {
                Ok(()) => {
                    let arrived = answer.await.map_err(|_| ErrorCode::Unavailable)??;
                    if gets_token {
                        self.make_durable(id).await;
                    }
                    return Ok(Paired { session, arrived });
                }
                Err(Refused::Full) => return Err(ErrorCode::Unavailable),
                // The task was just ending: the next try starts a new one.
                Err(Refused::Closed) => self.forget(&session),
            }
        }
        Err(ErrorCode::Unavailable)
    }

    /// Waits until a new token is durable before its welcome goes out, but not for long. Two people can work
    /// together while nothing can be recorded, and are told so.
    async fn make_durable(&self, id: SessionId) {
        let flushed = tokio::time::timeout(WELCOME_WAITS, self.context.journal.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!(session = %id, "a device is let in whose token is not recorded yet");
        }
    }

    /// How a session was deleted, for a caller that holds one of its tokens.
    pub(crate) async fn deletion(
        &self,
        session: SessionId,
        hash: &TokenHash,
    ) -> Result<Option<Deletion>, JournalError> {
        let deleted = self.context.journal.deleted(session).await?;
        let deleted = deleted.filter(|deleted| whose(&deleted.admissions, hash).is_some());
        Ok(deleted.map(|deleted| deleted.deletion))
    }

    /// The session's handle, if it is in memory.
    #[must_use]
    pub fn handle(&self, id: SessionId) -> Option<Arc<SessionHandle>> {
        self.sessions().get(&id).cloned()
    }

    /// The session's handle; its task is started if it is not running. None if the relay is shutting down.
    pub(crate) fn session(
        self: &Arc<Self>,
        id: SessionId,
        is_new: bool,
    ) -> Option<Arc<SessionHandle>> {
        let mut sessions = self.sessions();
        if self.down.is_cancelled() {
            return None;
        }
        let handle = sessions.entry(id).or_insert_with(|| {
            let handle = Arc::new(SessionHandle {
                id,
                mailbox: Mailbox::default(),
                pulse: Pulse::default(),
                paired: SetOnce::new(),
                may_go: SetOnce::new(),
            });
            self.tasks
                .spawn(task::run(Arc::clone(self), Arc::clone(&handle), is_new));
            handle
        });
        Some(Arc::clone(handle))
    }

    /// A panic elsewhere cannot leave the map half changed, so a poisoned lock is safe to use.
    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<SessionHandle>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
