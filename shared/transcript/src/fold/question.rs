//! Check-ins: which entry asked, and the outcome of the question.

use super::Fold;
use crate::outcome::{Answer, Became, Outcome, Question};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::state::State;
use tapcue_rules::time::Millis;

impl Fold {
    pub(super) fn check_in(
        &mut self,
        entry: &Entry,
        outcome: &mut Outcome,
        after: &State,
        index: usize,
        now: Millis,
    ) {
        let was = self.before.check_in.as_ref();
        match (was, &after.check_in) {
            (None, None) => {}
            (None, Some(asked)) => {
                self.question = Some(index);
                outcome.question = Some(Question {
                    by: asked.by,
                    again_at: None,
                    answer: Answer::Open,
                    after_ms: None,
                    answered_by: None,
                });
            }
            (Some(was), Some(asked)) => {
                if asked.again && !was.again {
                    self.on_question(|question| question.again_at = Some(now));
                }
                let asks = matches!(
                    entry.what,
                    What::Due { .. }
                        | What::Cue {
                            cue: Cue::CheckIn,
                            ..
                        }
                );
                if asks && outcome.result == Became::Taken {
                    outcome.of = self.question.map(|index| index as u64 + 1);
                }
            }
            (Some(was), None) => {
                let held_on = What::Due {
                    timer: Timer::HeldOn,
                };
                let answered = entry.what == held_on
                    || entry.by == Some(Role::Receiver)
                        && matches!(
                            entry.what,
                            What::Cue { .. }
                                | What::Stops { .. }
                                | What::Thumb { .. }
                                | What::Confirmed { .. }
                        );
                let after_ms = now.since(was.asked_at);
                let answer = if answered {
                    Answer::Answered
                } else if matches!(
                    entry.what,
                    What::Due {
                        timer: Timer::NoAnswer
                    }
                ) {
                    Answer::None
                } else {
                    Answer::Dropped
                };
                let asked = self.question.map(|index| index as u64 + 1);
                if answered {
                    outcome.answers = asked;
                } else if answer == Answer::None {
                    outcome.of = asked;
                }
                self.on_question(|question| {
                    question.answer = answer;
                    question.after_ms = answered.then_some(after_ms);
                    question.answered_by = answered.then_some(index as u64 + 1);
                });
                self.question = None;
            }
        }
    }

    fn on_question(&mut self, change: impl FnOnce(&mut Question)) {
        let asked = self.question.and_then(|index| self.outcomes.get_mut(index));
        if let Some(question) = asked.and_then(|asked| asked.question.as_mut()) {
            change(question);
        }
    }
}
