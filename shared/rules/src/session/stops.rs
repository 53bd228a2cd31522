//! Stops: the effect of each, and which of them need an entry of their own. A stop overtakes other messages in
//! the relay's mailbox and in [`outbox`](crate::outbox); [`ToRelay::lane`](crate::message::ToRelay::lane) decides
//! which messages do.

use super::estimate::Estimate;
use super::rules::refuse;
use super::tally::StopSaid;
use super::{Audience, Effect, Kind, Session};
use crate::cue::{Cue, Lane, Role};
use crate::entry::{Entry, What};
use crate::ids::Id;
use crate::limits;
use crate::message::{ErrorCode, StopNotice};
use crate::state::{Ended, HoldReason, Phase};
use crate::time::Millis;

/// The effect that a stop or a lifted thumb would have now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It begins a hold or lifts a thumb that is down. It always gets an entry of its own.
    Acts,
    /// It is a further stop in a hold whose stop is not acknowledged.
    Adds,
    /// It lifts a thumb that is not down. The message that put the thumb down may come later and must not
    /// count.
    Lifts,
    /// It changes nothing. Holds the error code, if it is refused.
    Nothing(Option<ErrorCode>),
}

impl Session {
    /// The effect that a stop or a lifted thumb would have now.
    #[must_use]
    pub fn weight(&self, entry: &Entry) -> Weight {
        match (&entry.what, entry.by) {
            (What::Cue { cue: Cue::Stop, .. } | What::Stops { .. }, Some(by)) => {
                if self.repeats.contains(by, entry.id, Kind::Stop) {
                    Weight::Nothing(None)
                } else if self.is_long_over(entry.at) {
                    Weight::Nothing(Some(ErrorCode::Ended))
                } else if self.is_stopped() {
                    Weight::Adds
                } else {
                    Weight::Acts
                }
            }
            (What::Thumb { down: false, .. }, Some(by)) => {
                let ended = self.ended.is_some();
                if !self.thumb_counts(by) || self.repeats.contains(by, entry.id, Kind::Lifted) {
                    Weight::Nothing(None)
                } else if self.phase() == Phase::Live
                    || self.permission.thumb()
                    || self.permission.thumb_at_end()
                {
                    Weight::Acts
                } else if ended {
                    Weight::Nothing(None)
                } else {
                    Weight::Lifts
                }
            }
            _ => Weight::Acts,
        }
    }

    /// Whether a stop that is not acknowledged holds the session. A lifted thumb does not count here.
    fn is_stopped(&self) -> bool {
        let stop = self.permission.open_stop();
        stop.is_some_and(|hold| hold.reason == HoldReason::Stop)
    }

    pub(super) fn stop(&mut self, id: Id, by: Role, tap: Option<Estimate>) -> Vec<Effect> {
        self.stop_for(HoldReason::Stop, id, by, tap)
    }

    /// Handles a stop or a lifted thumb, which counts as a stop. It goes ahead of everything.
    pub(super) fn stop_for(
        &mut self,
        reason: HoldReason,
        id: Id,
        by: Role,
        tap: Option<Estimate>,
    ) -> Vec<Effect> {
        let said = StopSaid {
            since: self.now,
            tap,
            count: 1,
        };
        self.stopped(reason, id, by, tap, said)
    }

    /// Takes several stops at once.
    ///
    /// Invariant: the result is the same as for each of them in turn, the remembered ids included.
    pub(super) fn stops(
        &mut self,
        entry: &Entry,
        by: Role,
        count: u32,
        since: Millis,
        newest: Option<Estimate>,
    ) -> Vec<Effect> {
        if count == 0 {
            return Vec::new();
        }
        for id in entry.taps() {
            self.repeats.count(by, id);
        }
        // The time when the first of them was tapped is unknown.
        let said = StopSaid {
            since: since.min(self.now),
            tap: None,
            count,
        };
        self.stopped(HoldReason::Stop, entry.id, by, newest, said)
    }

    fn stopped(
        &mut self,
        reason: HoldReason,
        id: Id,
        by: Role,
        newest: Option<Estimate>,
        said: StopSaid,
    ) -> Vec<Effect> {
        if self.is_long_over(self.now) {
            return refuse(by, ErrorCode::Ended, id);
        }
        let tapped_at = newest.map(|tap| tap.at);
        let more = said.count - 1;
        self.seq += u64::from(more);
        let notice = StopNotice {
            id,
            reason,
            by,
            at: self.now,
            tapped_at,
            seq: self.seq + 1,
        };
        self.hold(reason, Some(by), id);
        self.permission.stopped(tapped_at, more);
        if self.ended.is_none() && by == Role::Receiver && reason == HoldReason::Stop {
            self.screen.put_stop(id, self.now, tapped_at);
        }
        self.tally.stopped(id, by, said);
        self.count_again();
        self.seq += 1;
        vec![
            Effect::Stop(notice),
            Effect::Publish {
                to: Audience::Both,
                lane: Lane::Urgent,
            },
        ]
    }

    /// Whether the session ended so long before `at` that a stop no longer concerns it.
    fn is_long_over(&self, at: Millis) -> bool {
        let now = self.now.max(at);
        let long = |ended: &Ended| now.since(ended.at) > limits::STOP_AFTER_END_MS;
        self.ended.as_ref().is_some_and(long)
    }
}
