//! Derives the outcome of an entry from its effects.

use super::Fold;
use crate::outcome::{Became, Outcome, Why};
use tapcue_rules::cue::Cue;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::limits;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::session::Effect;
use tapcue_rules::time::Millis;

impl Fold {
    /// The outcome of an entry, according to its effects.
    pub(super) fn judge(&mut self, entry: &Entry, effects: &[Effect], now: Millis) -> Outcome {
        let mut outcome = Outcome::default();
        let bounced = self.bounced(entry, now);
        let refused = effects.iter().find_map(|effect| match effect {
            Effect::Refuse { code, .. } => Some(*code),
            Effect::Stop(_) | Effect::Publish { .. } | Effect::Again(_) => None,
        });
        if let Some(code) = refused {
            outcome.code = Some(code);
            (outcome.result, outcome.why) = self.refusal(entry, code, now);
            return outcome;
        }
        let told_one = matches!(effects, [Effect::Again(_)]);
        let silent = effects.is_empty();
        let note = matches!(entry.what, What::Noted { .. });
        if !(told_one || silent) || (silent && note) {
            return outcome;
        }
        outcome.result = Became::Ignored;
        outcome.why = Some(Why::Already);
        let first = self.by_id.get(&entry.id).copied();
        match entry.what {
            What::Thumb { down: true, .. } if self.overtaken.contains(&entry.id) => {
                outcome.why = Some(Why::Overtaken);
            }
            What::Cue { .. } | What::Thumb { .. } if first.is_some() => {
                outcome.result = Became::Repeat;
                outcome.why = None;
                outcome.of = first.map(|first| first as u64 + 1);
            }
            What::Cue {
                cue: Cue::Ready, ..
            } if !bounced => {}
            What::Cue { .. } => outcome.why = Some(Why::SameTap),
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Stops { .. }
            | What::Thumb { .. }
            | What::Shown { .. }
            | What::Acknowledged { .. }
            | What::Confirmed { .. }
            | What::Due { .. }
            | What::Restarted
            | What::Noted { .. }
            | What::Ended => {}
        }
        outcome
    }

    /// Whether a ready is the same tap as the previous one. Remembers it if not.
    fn bounced(&mut self, entry: &Entry, now: Millis) -> bool {
        let What::Cue {
            cue,
            epoch: Some(epoch),
            ..
        } = entry.what
        else {
            return false;
        };
        let Some(by) = entry.by else {
            return false;
        };
        let before = self.last_ready.of_mut(by);
        if epoch != self.before.epoch {
            return false;
        }
        if cue != Cue::Ready {
            if cue != Cue::Stop {
                *before = None;
            }
            return false;
        }
        let bounced = before.is_some_and(|before| now.since(before) < limits::DEBOUNCE_MS);
        if !bounced {
            *before = Some(now);
        }
        bounced
    }

    fn refusal(&self, entry: &Entry, code: ErrorCode, now: Millis) -> (Became, Option<Why>) {
        if code != ErrorCode::Stale {
            return (Became::Refused, None);
        }
        let epoch = entry.what.tap().and_then(|tap| tap.epoch);
        let up = entry.by.is_some_and(|by| self.before.peers.of(by).is_up());
        let began = self.before.hold.as_ref().map(|hold| hold.since);
        if epoch != Some(self.before.epoch) {
            (Became::Stale, None)
        } else if !up {
            (Became::Ignored, Some(Why::LinkDown))
        } else if began.is_some_and(|began| now.since(began) < limits::REFLEX_MS) {
            (Became::Ignored, Some(Why::Reflex))
        } else {
            (Became::Ignored, Some(Why::Unseen))
        }
    }
}
