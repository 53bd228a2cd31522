//! Keeps house among the sessions that are over: seals each record once, deletes it when its time is
//! up, and forgets in the end that it was deleted. Looks at what ended while no relay ran as well.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tapcue_shared::ids::SessionId;
use tapcue_shared::state::Phase;
use tapcue_shared::time::Millis;
use tapcue_shared::transcript::Transcript;
use tapcue_shared::transcript::seal::Seal;
use tokio::sync::Notify;
use tokio::time::Instant;
use vouched::{Passed, Vouched};

use crate::hub::Hub;
use crate::journal::{Closing, JournalError, Recorded, StoredSeal, Unfinished};
use crate::record::Denied;
use crate::seal_key::SealKey;

mod vouched;

const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// How often everything is looked over.
const ROUND: Duration = Duration::from_secs(60);

/// A session without an end that nobody has touched for so long is taken as over, to be deleted in
/// its time. Who comes back before that goes on with it.
const ABANDONED_MS: u64 = DAY_MS;

/// For how long the other's device can be told that a session was deleted: as long as the longest
/// time that a session is kept if nobody says otherwise.
pub(crate) const TOLD_MS: u64 = 30 * DAY_MS;

/// The name of the note in the journal that says how far the date can be believed.
const VOUCHED: &str = "vouched";

/// The sessions to look at soon. Bounded by the sessions that end within one of its rounds; one that is
/// missed is found by the round.
#[derive(Debug, Default)]
pub struct Over {
    sessions: Mutex<BTreeSet<SessionId>>,
    notify: Notify,
}

impl Over {
    /// This session has ended, or has a new note.
    pub fn look_at(&self, session: SessionId) {
        self.lock().insert(session);
        self.notify.notify_one();
    }

    fn take(&self) -> BTreeSet<SessionId> {
        std::mem::take(&mut *self.lock())
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, BTreeSet<SessionId>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one who keeps house.
#[derive(Debug)]
pub struct Keeper {
    hub: Arc<Hub>,
    key: SealKey,
    /// Sessions that nobody ended, and until when there is no use in looking at them again. Bounded
    /// by the sessions of [`ABANDONED_MS`].
    open_until: HashMap<SessionId, Millis>,
    /// How far the date can be believed; none until the journal was asked.
    vouched: Option<Vouched>,
    /// When the date was read last: by the time of this run, and by the relay's clock.
    read_at: Option<(Instant, Millis)>,
    /// How many sessions the log named last as hidden.
    hidden: usize,
}

impl Keeper {
    /// For the sessions of `hub`, signing with `key`.
    #[must_use]
    pub fn new(hub: Arc<Hub>, key: SealKey) -> Self {
        Self {
            hub,
            key,
            open_until: HashMap::new(),
            vouched: None,
            read_at: None,
            hidden: 0,
        }
    }

    /// Keeps house until the relay goes down.
    pub async fn run(mut self) {
        let mut round = tokio::time::interval(ROUND);
        loop {
            tokio::select! {
                () = self.hub.going_down() => return,
                _ = round.tick() => self.look_over().await,
                () = self.hub.over.notify.notified() => {
                    for session in self.hub.over.take() {
                        self.look_at(session).await;
                    }
                }
            }
        }
    }

    /// Looks at every session that nobody closed or whose time is up.
    pub async fn look_over(&mut self) {
        self.hub.expire(self.hub.clock.now());
        // Records have dates.
        let date = self.hub.clock.date();
        self.open_until.retain(|_, until| *until > date);
        if let Err(error) = self.read_date(date).await {
            tracing::warn!(%error, "cannot note how far the date can be believed");
        }
        match self.hub.journal.unfinished(date).await {
            Ok(unfinished) => {
                let mut hidden = Vec::new();
                for Unfinished { session, delete_at } in unfinished {
                    if let Some(at) = delete_at.filter(|at| !self.is_due(*at)) {
                        hidden.push(at);
                        continue;
                    }
                    let goes_on = delete_at.is_none()
                        && (self.hub.handle(session).is_some()
                            || self.open_until.contains_key(&session));
                    if !goes_on {
                        hidden.extend(self.look_at(session).await);
                    }
                }
                self.say_hidden(&hidden);
            }
            Err(error) => tracing::warn!(%error, "cannot look over what is kept"),
        }
        let Some(believed) = self.vouched.as_ref().and_then(Vouched::date) else {
            return;
        };
        let before = Millis(believed.0.saturating_sub(TOLD_MS));
        if let Err(error) = self.hub.journal.forget(before).await {
            tracing::warn!(%error, "cannot forget what was deleted long ago");
        }
    }

    /// Reads the date, and notes how far it can be believed.
    async fn read_date(&mut self, date: Millis) -> Result<(), JournalError> {
        let journal = &self.hub.journal;
        let mut vouched = match self.vouched.take() {
            Some(vouched) => vouched,
            None => {
                let noted = journal.noted(VOUCHED).await?;
                noted
                    .and_then(|noted| serde_json::from_str(&noted).ok())
                    .unwrap_or_default()
            }
        };
        let (ran, moved) = (Instant::now(), self.hub.clock.now());
        let passed = self.read_at.replace((ran, moved)).map(|last| Passed {
            ran_ms: ran.duration_since(last.0).as_millis() as u64,
            moved_ms: moved.since(last.1),
        });
        if vouched.read(date, passed) {
            tracing::warn!(
                date = %words(date),
                advice = "see that the clock of this machine is right",
                "the date jumped: no record is deleted by its date before the relay has run for a day"
            );
        }
        let body = serde_json::to_string(&vouched).map_err(|_| JournalError::Unavailable);
        self.vouched = Some(vouched);
        journal.note(VOUCHED, body?).await
    }

    /// Whether the relay has run past this date for long enough to delete by it.
    fn is_due(&self, at: Millis) -> bool {
        let believed = self.vouched.as_ref().and_then(Vouched::date);
        believed.is_some_and(|believed| believed >= at)
    }

    /// Says which sessions are hidden and will be deleted, when that changes.
    fn say_hidden(&mut self, dates: &[Millis]) {
        let before = std::mem::replace(&mut self.hidden, dates.len());
        let (Some(first), Some(vouched)) = (dates.iter().min(), &self.vouched) else {
            return;
        };
        if dates.len() > before {
            tracing::info!(
                sessions = dates.len(),
                first_date = %words(*first),
                today = %words(self.hub.clock.date()),
                deleted_after_hours = vouched.left_ms(*first).div_ceil(HOUR_MS),
                "sessions are past their date: nobody can read them, and they are deleted once the relay \
                 has run for a day past it. If today is wrong, set this machine's clock"
            );
        }
    }

    /// Closes a session that is over. Its date, if it is past it and not due yet.
    async fn look_at(&mut self, session: SessionId) -> Option<Millis> {
        match self.close(session).await {
            Ok(date) => date,
            Err(error) => {
                // The next round looks again.
                tracing::warn!(%session, %error, "cannot close a session that is over");
                None
            }
        }
    }

    async fn close(&mut self, session: SessionId) -> Result<Option<Millis>, Denied> {
        let date = self.hub.clock.date();
        let Some(recorded) = self.hub.journal.read(session).await? else {
            return Ok(None);
        };
        let Some(standing) = Standing::of(session, &recorded) else {
            return Ok(None);
        };
        let delete_at = standing.delete_at();
        if standing.ended_at.is_none() {
            let open_until = standing.last_at.plus(ABANDONED_MS);
            if date < open_until {
                self.open_until.insert(session, open_until);
                return Ok(None);
            }
            if self.hub.handle(session).is_some() {
                return Ok(None);
            }
        }
        // Of one that has ended and keeps nothing, whatever the date is.
        let at_once = standing.ended_at.is_some() && standing.keep_days == 0;
        if at_once || self.is_due(delete_at) {
            self.hub.delete(session, None).await?;
            return Ok(None);
        }
        let seal = self.seal(&standing.transcript, &recorded, date)?;
        let closing = Closing { delete_at, seal };
        self.hub.journal.close(session, closing).await?;
        Ok((delete_at <= date).then_some(delete_at))
    }

    /// A seal of all that is recorded, unless there is one.
    fn seal(
        &self,
        transcript: &Transcript,
        recorded: &Recorded,
        now: Millis,
    ) -> Result<Option<StoredSeal>, JournalError> {
        let count = recorded.entries.len() as u64;
        if recorded
            .seals
            .last()
            .is_some_and(|seal| seal.count >= count)
        {
            return Ok(None);
        }
        let Some(sealed) = transcript.to_seal(now) else {
            return Ok(None);
        };
        let seal = self.key.sign(sealed);
        let body = serde_json::to_string(&seal).map_err(|_| JournalError::Unavailable)?;
        Ok(Some(StoredSeal { count, body }))
    }
}

/// What the journal's record says of a session.
pub(crate) struct Standing {
    transcript: Transcript,
    keep_days: u64,
    pub(crate) ended_at: Option<Millis>,
    last_at: Millis,
}

impl Standing {
    /// None if there is nothing that opens a session.
    pub(crate) fn of(session: SessionId, recorded: &Recorded) -> Option<Self> {
        let entries = recorded.entries.iter();
        let last_at = recorded.entries.last()?.entry.at;
        let entries = entries.map(|numbered| (numbered.seq, &numbered.entry));
        let transcript = Transcript::read(session, entries, None).ok()?;
        let header = transcript.header();
        Some(Self {
            keep_days: u64::from(header.options.keep.days()),
            ended_at: header.ended_at,
            last_at,
            transcript,
        })
    }

    /// When it is to be deleted, if nobody comes back to it.
    pub(crate) fn delete_at(&self) -> Millis {
        let over_at = self.ended_at.unwrap_or(self.last_at.plus(ABANDONED_MS));
        over_at.plus(self.keep_days * DAY_MS)
    }

    /// Whether its newest entry left it live.
    pub(crate) fn is_live(&self) -> bool {
        let last = self.transcript.timeline().bands.last();
        last.is_some_and(|band| band.phase == Phase::Live)
    }
}

/// A date in words for the log: the day, in UTC.
fn words(at: Millis) -> String {
    let seconds = i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX);
    let date = time::OffsetDateTime::from_unix_timestamp(seconds);
    date.map_or_else(|_| "no date".into(), |date| date.date().to_string())
}

/// The seals that are kept with a record. One that cannot be read is left out: a transcript without
/// it says that it is not sealed.
#[must_use]
pub fn seals(recorded: &Recorded) -> Vec<Seal> {
    let seals = recorded.seals.iter();
    seals
        .filter_map(|stored| serde_json::from_str(&stored.body).ok())
        .collect()
}

#[cfg(test)]
mod tests;
