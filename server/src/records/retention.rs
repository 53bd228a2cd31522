//! Retention: seals each finished record once, deletes it when it is due, and later forgets the deletion. It
//! also handles sessions that ended while no relay ran, and ends abandoned ones. It runs in the background,
//! one session at a time, with pauses. `service.rs` deletes what a person deletes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use standing::Standing;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;
use tapcue_transcript::Seal;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use trusted_date::{Passed, Vouched};

use crate::journal::{self, Closing, JournalError, Meta, StoredSeal, Unfinished};
use crate::records::signing_key::SealKey;
use crate::session::finished::COME_BACK;
use crate::session::notes::Denied;
use crate::session::registry::Registry;
use crate::session::task::Control;

mod standing;
mod trusted_date;

const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// How often every session is checked.
const ROUND: Duration = Duration::from_secs(60);

/// The pause after each session that was read, so that many of them take a small part of a core. Reading one
/// takes 0.5 ms, a long one about 100 ms.
const PAUSE: Duration = Duration::from_millis(20);

/// After this idle time a session without an end is over, in milliseconds. If it was never live, the relay
/// ends it; otherwise it stays as it is and is deleted when due. A device that comes back earlier continues
/// it.
const ABANDONED_MS: u64 = DAY_MS;

/// How long the other's device can be told that a session was deleted, in milliseconds: as long as the
/// default retention.
pub(crate) const TOLD_MS: u64 = 30 * DAY_MS;

/// The name of the journal's note that holds how far the date is trusted.
const VOUCHED: &str = "vouched";

/// Seals sessions that ended, and deletes those that are due.
#[derive(Debug)]
pub struct Retention {
    registry: Arc<Registry>,
    key: SealKey,
    /// Sessions without an end, and until when they need no further check. Bounded by the sessions of
    /// [`ABANDONED_MS`].
    open_until: HashMap<SessionId, Millis>,
    /// How far the date is trusted; none until it is read from the journal.
    vouched: Option<Vouched>,
    /// When the date was last read: by the runtime's clock, and by the relay's clock.
    read_at: Option<(Instant, Millis)>,
    /// How many hidden sessions there were at the last sweep.
    hidden: usize,
    /// The sweep in progress.
    sweep: Option<Sweep>,
    /// When the sweep continues.
    goes_on_at: Instant,
    /// From when on abandoned sessions are ended.
    ends_from: Instant,
}

/// A sweep over every session that is not closed or is past its date.
#[derive(Debug, Default)]
struct Sweep {
    /// The last session that was checked.
    after: Option<SessionId>,
    /// The next sessions to check.
    page: VecDeque<Unfinished>,
    /// The dates of sessions that are past their date and not due yet.
    hidden: Vec<Millis>,
}

impl Retention {
    /// Retention for the sessions of `registry`, with signatures by `key`.
    #[must_use]
    pub fn new(registry: Arc<Registry>, key: SealKey) -> Self {
        let now = Instant::now();
        Self {
            registry,
            key,
            open_until: HashMap::new(),
            vouched: None,
            read_at: None,
            hidden: 0,
            sweep: None,
            goes_on_at: now,
            ends_from: now + COME_BACK,
        }
    }

    /// Runs retention until the relay shuts down.
    pub async fn run(mut self) {
        let mut round = interval(ROUND);
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.registry.going_down() => return,
                _ = round.tick() => self.begin_round().await,
                () = sleep_until(self.goes_on_at), if self.sweep.is_some() => self.go_on().await,
                () = self.registry.finished.wait() => {
                    for session in self.registry.finished.take() {
                        self.look_at(session).await;
                    }
                }
            }
        }
    }

    /// Reads the date, forgets what has expired, and starts a sweep.
    async fn begin_round(&mut self) {
        self.registry.expire(self.registry.context.clock.now());
        // Records have dates of the wall clock.
        let date = self.registry.context.clock.date();
        self.open_until.retain(|_, until| *until > date);
        if let Err(error) = self.read_date(date).await {
            tracing::warn!(%error, "cannot note how far the date can be believed");
        }
        self.sweep.get_or_insert_default();
        let Some(believed) = self.vouched.as_ref().and_then(Vouched::date) else {
            return;
        };
        let before = Millis(believed.0.saturating_sub(TOLD_MS));
        if let Err(error) = self.registry.context.journal.forget(before).await {
            tracing::warn!(%error, "cannot forget what was deleted long ago");
        }
    }

    /// Continues the sweep until one session was read, then pauses.
    async fn go_on(&mut self) {
        let Some(mut sweep) = self.sweep.take() else {
            return;
        };
        if sweep.page.is_empty() {
            let date = self.registry.context.clock.date();
            match self
                .registry
                .context
                .journal
                .unfinished(date, sweep.after)
                .await
            {
                Ok(page) => sweep.page = page.into(),
                Err(error) => {
                    // The next round tries again.
                    tracing::warn!(%error, "cannot look over what is kept");
                    return;
                }
            }
        }
        if sweep.page.is_empty() {
            self.say_hidden(&sweep.hidden);
            return;
        }
        while let Some(Unfinished { session, delete_at }) = sweep.page.pop_front() {
            sweep.after = Some(session);
            if let Some(at) = delete_at.filter(|at| !self.is_due(*at)) {
                sweep.hidden.push(at);
                continue;
            }
            let goes_on =
                self.registry.handle(session).is_some() || self.open_until.contains_key(&session);
            if delete_at.is_some() || !goes_on {
                sweep.hidden.extend(self.look_at(session).await);
                break;
            }
        }
        self.goes_on_at = Instant::now() + PAUSE;
        self.sweep = Some(sweep);
    }

    /// Runs a whole round at once.
    #[cfg(test)]
    async fn look_over(&mut self) {
        self.begin_round().await;
        while self.sweep.is_some() {
            self.go_on().await;
        }
    }

    /// Reads the date, and stores how far it is trusted.
    async fn read_date(&mut self, date: Millis) -> Result<(), JournalError> {
        let journal = &self.registry.context.journal;
        let mut vouched = match self.vouched.take() {
            Some(vouched) => vouched,
            None => {
                let noted = journal.noted(VOUCHED).await?;
                noted
                    .and_then(|noted| serde_json::from_str(&noted).ok())
                    .unwrap_or_default()
            }
        };
        let (ran, moved) = (Instant::now(), self.registry.context.clock.now());
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

    /// Logs how many sessions are hidden until they are deleted, when there are more than before.
    fn say_hidden(&mut self, dates: &[Millis]) {
        let before = std::mem::replace(&mut self.hidden, dates.len());
        let (Some(first), Some(vouched)) = (dates.iter().min(), &self.vouched) else {
            return;
        };
        if dates.len() > before {
            tracing::info!(
                sessions = dates.len(),
                first_date = %words(*first),
                today = %words(self.registry.context.clock.date()),
                deleted_after_hours = vouched.left_ms(*first).div_ceil(HOUR_MS),
                "sessions are past their date: nobody can read them, and they are deleted once the relay \
                 has run for a day past it. If today is wrong, set this machine's clock"
            );
        }
    }

    /// Closes a session that is over. Returns its date if it is past it and not deleted yet.
    async fn look_at(&mut self, session: SessionId) -> Option<Millis> {
        match self.close(session).await {
            Ok(date) => date,
            Err(error) => {
                // The next round tries again.
                tracing::warn!(%session, %error, "cannot close a session that is over");
                None
            }
        }
    }

    async fn close(&mut self, session: SessionId) -> Result<Option<Millis>, Denied> {
        let date = self.registry.context.clock.date();
        let journal = &*self.registry.context.journal;
        let reading = standing::Reading::new(session);
        let reading = journal::fold(journal, session, reading, standing::Reading::step).await?;
        let Some(standing) = reading.standing() else {
            return Ok(None);
        };
        let delete_at = standing.delete_at();
        if standing.ended_at.is_none() {
            let open_until = standing.last_at.plus(ABANDONED_MS);
            // Its task may have an end that is not durable yet.
            if self.registry.handle(session).is_some() {
                return Ok(None);
            }
            if date < open_until {
                self.open_until.insert(session, open_until);
                return Ok(None);
            }
            if !standing.was_live {
                self.end_abandoned(session, standing.last_at);
                return Ok(None);
            }
        }
        // An ended session without retention is deleted whatever the date is.
        let at_once = standing.ended_at.is_some() && standing.keep_days == 0;
        if at_once || self.is_due(delete_at) {
            if self.registry.may_go(session) {
                self.registry.delete(session, None).await?;
                return Ok(None);
            }
            return Ok((!at_once).then_some(delete_at));
        }
        let Some(meta) = journal.meta(session).await? else {
            return Ok(None);
        };
        let seal = self.seal(&standing, &meta, date)?;
        let closing = Closing { delete_at, seal };
        journal.close(session, closing).await?;
        Ok((delete_at <= date).then_some(delete_at))
    }

    /// Ends a session that was never live and to which no device came back. First the relay must have run for
    /// a day in which one could have. A wrong date alone ends no session.
    fn end_abandoned(&mut self, session: SessionId, last_at: Millis) {
        if !self.is_due(last_at) || Instant::now() < self.ends_from {
            let later = self
                .registry
                .context
                .clock
                .date()
                .plus(COME_BACK.as_millis() as u64);
            self.open_until.insert(session, later);
            return;
        }
        if let Some(handle) = self.registry.session(session, false) {
            // No descriptors are left, despite the reserve. Devices in a session of two stay connected.
            let _ = handle.mailbox.post_control(Control::Abandoned);
        }
    }

    /// Seals all that is recorded; none if a seal covers it already.
    fn seal(
        &self,
        standing: &Standing,
        meta: &Meta,
        now: Millis,
    ) -> Result<Option<StoredSeal>, JournalError> {
        let count = standing.count();
        if meta.seals.last().is_some_and(|seal| seal.count >= count) {
            return Ok(None);
        }
        let Some(sealed) = standing.to_seal(now) else {
            return Ok(None);
        };
        let seal = self.key.sign(sealed);
        let body = serde_json::to_string(&seal).map_err(|_| JournalError::Unavailable)?;
        Ok(Some(StoredSeal { count, body }))
    }
}

/// A date for the log: the day, in UTC.
fn words(at: Millis) -> String {
    let seconds = i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX);
    let date = time::OffsetDateTime::from_unix_timestamp(seconds);
    date.map_or_else(|_| "no date".into(), |date| date.date().to_string())
}

/// The seals stored with a record. A seal that cannot be read is left out; a transcript without it says that
/// it is not sealed.
#[must_use]
pub fn seals(meta: &Meta) -> Vec<Seal> {
    let seals = meta.seals.iter();
    seals
        .filter_map(|stored| serde_json::from_str(&stored.body).ok())
        .collect()
}

#[cfg(test)]
mod tests;
