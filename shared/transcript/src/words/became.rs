//! The outcome of an entry, in words.

use super::{Words, capital};
use crate::{Became, HoldBegun, Line, Outcome, Question, Then, Why};
use tapcue_rules::limits;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::HoldReason;

impl Words {
    /// The outcome of an entry; empty if there is nothing to add.
    pub(crate) fn became(&self, line: &Line) -> String {
        let (outcome, say) = (&line.outcome, &self.outcomes);
        let after = |text, ms: u64, wrong: &str| {
            let span = self.span(ms) + wrong;
            self.fill(text, &[("span", &span)])
        };
        let of_entry = |text, seq: u64| self.fill(text, &[("n", &seq)]);
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.result(outcome));
        if outcome.repeats > 0 {
            parts.push(self.fill(say.repeats, &[("n", &(outcome.repeats + 1))]));
        }
        // At this age its own device raises an alarm.
        if let Some(age) = outcome
            .age_ms
            .filter(|age| *age > limits::STOP_NOT_SHOWN_MS)
        {
            parts.push(after(say.late, age, ""));
        }
        let from = outcome.relayed_at.unwrap_or(line.at);
        if let Some(at) = outcome.shown_at {
            let wrong = outcome.shown_uncertainty_ms;
            let wrong = wrong.map_or_else(String::new, |ms| format!(" ±{}", self.span(ms)));
            parts.push(after(say.shown, at.since(from), &wrong));
        }
        if let Some(at) = outcome.acknowledged_at {
            parts.push(after(say.acknowledged, at.since(from), ""));
        }
        parts.extend(outcome.question.as_ref().map(|asked| self.asked(asked)));
        if let Some(seq) = outcome.answers {
            parts.push(of_entry(say.answers, seq));
        }
        parts.extend(outcome.hold.as_ref().map(|hold| self.held(hold)));
        if let Some(seq) = outcome.within {
            parts.push(of_entry(say.within, seq));
        }
        if outcome.live {
            parts.push(say.both_ready.into());
        }
        capital(&parts.join(self.marks.semicolon))
    }

    fn result(&self, outcome: &Outcome) -> Option<String> {
        let say = &self.outcomes;
        let words = match outcome.result {
            Became::Taken => return None,
            Became::Repeat => {
                let of = outcome.of.unwrap_or_default();
                return Some(self.fill(say.repeat, &[("n", &of)]));
            }
            Became::Stale => say.stale,
            Became::Refused => self.refused(outcome.code),
            Became::Ignored => match outcome.why {
                Some(Why::SameTap) => say.same_tap,
                Some(Why::Reflex) => say.reflex,
                Some(Why::Unseen) => say.unseen,
                Some(Why::LinkDown) => say.link_down,
                Some(Why::Overtaken) => say.overtaken,
                Some(Why::Already) | None => say.already,
            },
        };
        Some(words.into())
    }

    const fn refused(&self, code: Option<ErrorCode>) -> &'static str {
        let say = &self.outcomes;
        match code {
            Some(ErrorCode::Held) => say.refused_held,
            Some(ErrorCode::TooFast) => say.refused_too_fast,
            Some(ErrorCode::NotAllowed) => say.refused_not_allowed,
            Some(ErrorCode::Ended | ErrorCode::Deleted) => say.refused_ended,
            Some(ErrorCode::BadMessage) => say.refused_not_understood,
            Some(ErrorCode::Taken) => say.refused_taken,
            Some(
                ErrorCode::UnknownCode
                | ErrorCode::BadToken
                | ErrorCode::Stale
                | ErrorCode::TooLarge
                | ErrorCode::Unavailable
                | ErrorCode::NearlyFull
                | ErrorCode::Superseded
                | ErrorCode::ShuttingDown,
            )
            | None => say.refused,
        }
    }

    fn asked(&self, question: &Question) -> String {
        let say = &self.outcomes;
        let again = match question.again_at {
            Some(_) => format!("{}{}", say.asked_again, self.marks.comma),
            None => String::new(),
        };
        let after = self.span(question.after_ms.unwrap_or_default());
        let answer = match question.answered_by {
            Some(seq) => self.fill(say.answered_by, &[("span", &after), ("n", &seq)]),
            None => self.answer(question.answer).into(),
        };
        again + &answer
    }

    fn held(&self, hold: &HoldBegun) -> String {
        let say = &self.outcomes;
        let mut out = self.fill(say.held, &[("reason", &self.reason(hold.reason))]);
        if let Some(by) = hold.by {
            let whose = if hold.reason.is_stop() {
                say.by
            } else {
                say.of
            };
            out += &self.fill(whose, &[("role", &self.the_role(by))]);
        }
        if hold.stops > 1 {
            out += self.marks.comma;
            out += &self.fill(say.stops, &[("n", &hold.stops)]);
        }
        out += self.marks.semicolon;
        let after = |text, ms| self.fill(text, &[("span", &self.span(ms))]);
        out += &match (hold.live_again_after_ms, hold.then) {
            (Some(ms), _) if hold.reason == HoldReason::Start => after(say.live_after, ms),
            (Some(ms), _) => after(say.live_again_after, ms),
            (None, Some(Then::Held)) => say.then_held.into(),
            (None, Some(Then::Ended | Then::Live)) => say.not_live.into(),
            (None, None) => say.lasts.into(),
        };
        out
    }
}
