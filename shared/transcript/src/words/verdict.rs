//! The result of a verification, in sentences.

use super::Words;
use crate::civil;
use crate::{Problem, ProblemKind, Standing, Verdict};

impl Words {
    /// A sentence for each valid property, or for the fault.
    pub(crate) fn verdict(&self, verdict: &Verdict) -> Vec<String> {
        let say = &self.verdicts;
        match (&verdict.problem, verdict.standing) {
            (Some(problem), _) => self.broken(problem),
            (None, Standing::Sealed) => self.sealed(verdict),
            (None, Standing::Prefix | Standing::Broken) => vec![
                self.fill(say.chain, &[("n", &verdict.entries)]),
                say.prefix.into(),
                if verdict.earlier {
                    say.earlier
                } else {
                    say.follows
                }
                .into(),
            ],
        }
    }

    fn sealed(&self, verdict: &Verdict) -> Vec<String> {
        let say = &self.verdicts;
        let Verdict {
            entries, sealed, ..
        } = verdict;
        let mut words = vec![
            self.fill(say.whole, &[("n", sealed)]),
            say.order.into(),
            if verdict.earlier {
                say.earlier
            } else {
                say.unchanged
            }
            .into(),
        ];
        for seal in &verdict.seals {
            let moment = self.moment(seal.sealed_at, civil::Offset::minutes(0));
            let when = self.fill(say.when, &[("moment", &moment)]);
            words.push(self.fill(
                say.signed,
                &[
                    ("count", &seal.count),
                    ("when", &when),
                    ("key", &seal.fingerprint),
                ],
            ));
        }
        if entries > sealed {
            let from = sealed + 1;
            words.push(self.fill(say.after, &[("from", &from), ("n", entries)]));
        }
        words
    }

    fn broken(&self, problem: &Problem) -> Vec<String> {
        let say = &self.verdicts;
        let rest = match problem.kind {
            ProblemKind::Changed
            | ProblemKind::Missing
            | ProblemKind::Repeated
            | ProblemKind::OutOfOrder
            | ProblemKind::Added
            | ProblemKind::Foreign => say.first_wrong,
            ProblemKind::Derived => say.entries_hold,
            ProblemKind::Seal | ProblemKind::Untrusted => say.nobody_vouches,
            ProblemKind::NotATranscript | ProblemKind::Unknown => say.not_here,
        };
        vec![self.fault(&problem.fault), rest.into()]
    }
}
