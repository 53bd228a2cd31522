//! Receipts: what was painted and acknowledged, and which stops that answers.

use super::Fold;
use crate::outcome::Outcome;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::state::{HoldReason, State};
use tapcue_rules::time::Millis;

impl Fold {
    /// Assigns an accepted receipt to the entry that it is for.
    pub(super) fn receipt(
        &mut self,
        entry: &Entry,
        outcome: &mut Outcome,
        now: Millis,
        after: &State,
    ) {
        let (of, painted) = match &entry.what {
            What::Shown {
                of,
                painted_at,
                uncertainty_ms,
            } => (*of, Some((*painted_at, *uncertainty_ms))),
            What::Acknowledged { of } => (*of, None),
            What::Opened { .. }
            | What::Joined { .. }
            | What::Connected { .. }
            | What::Link { .. }
            | What::Cue { .. }
            | What::Stops { .. }
            | What::Thumb { .. }
            | What::Confirmed { .. }
            | What::Due { .. }
            | What::Restarted
            | What::Noted { .. }
            | What::Ended => return,
        };
        let Some(index) = self.by_id.get(&of).copied() else {
            return;
        };
        outcome.of = Some(index as u64 + 1);
        let since = self.moments.get(index).copied().unwrap_or(now);
        let hold = after.hold.as_ref().filter(|hold| hold.id == of);
        let Some(what) = self.outcomes.get_mut(index) else {
            return;
        };
        match painted {
            Some((painted_at, uncertainty)) => {
                let painted = painted_at.map_or(now, |at| at.clamp(since, now));
                // The machine's time of a hold has priority, because it is limited by the time of the hold's
                // renewal.
                let shown = hold.and_then(|hold| hold.shown).unwrap_or(painted);
                what.shown_at.get_or_insert(shown);
                if painted_at.is_some() {
                    what.shown_uncertainty_ms = what.shown_uncertainty_ms.or(uncertainty);
                }
                self.seen_with(index);
            }
            None => {
                what.acknowledged_at.get_or_insert(now);
                if self.is_hands_off(after) {
                    self.hands_off(now);
                }
            }
        }
    }

    /// Whether the current entry answered the hold, and not a cue below it.
    pub(super) fn is_hands_off(&self, after: &State) -> bool {
        let open = |state: &State| {
            let hold = state.hold.as_ref();
            hold.is_some_and(|hold| !hold.acknowledged && hold.reason != HoldReason::Start)
        };
        open(&self.before) && !open(after)
    }

    /// A screen shows only the newest stop of a person. When it is seen, all earlier ones count as seen.
    fn seen_with(&mut self, index: usize) {
        let Some((_, by)) = self
            .waiting
            .iter()
            .find(|(stop, _)| *stop == index)
            .copied()
        else {
            return;
        };
        let Some(newest) = self.outcomes.get(index) else {
            return;
        };
        let (at, uncertainty) = (newest.shown_at, newest.shown_uncertainty_ms);
        let mine = self.waiting.iter().filter(|(_, of)| *of == by);
        for (stop, _) in mine {
            if let Some(outcome) = self.outcomes.get_mut(*stop)
                && outcome.shown_at.is_none()
            {
                outcome.shown_at = at;
                outcome.shown_uncertainty_ms = uncertainty;
            }
        }
    }

    /// Answers every stop of the hold.
    fn hands_off(&mut self, now: Millis) {
        for (stop, _) in self.waiting.drain(..) {
            if let Some(outcome) = self.outcomes.get_mut(stop) {
                outcome.acknowledged_at.get_or_insert(now);
            }
        }
    }
}
