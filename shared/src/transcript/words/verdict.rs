//! What a verification found, in sentences.

use crate::time::Millis;
use crate::transcript::civil;
use crate::transcript::{Problem, ProblemKind, Standing, Verdict};

/// A sentence for each thing that holds, or for what is wrong.
pub(in crate::transcript) fn verdict(verdict: &Verdict) -> Vec<String> {
    let n = verdict.entries;
    match (&verdict.problem, verdict.standing) {
        (Some(problem), _) => broken(problem),
        (None, Standing::Sealed) => sealed(verdict),
        (None, Standing::Prefix | Standing::Broken) => vec![
            format!("In order and unchanged: {n} entries, each with the hash of the one before."),
            "A prefix, not sealed yet: more may follow, and nobody has signed how far it goes."
                .into(),
            "Figures, timeline and outcomes follow from the entries.".into(),
        ],
    }
}

fn sealed(verdict: &Verdict) -> Vec<String> {
    let Verdict {
        entries, sealed, ..
    } = verdict;
    let mut words = vec![
        format!("Whole: all {sealed} sealed entries are here, from the first to the last."),
        "In order: each carries the hash of the one before.".into(),
        "Unchanged: every hash is right, and figures, timeline and outcomes follow from the entries."
            .into(),
    ];
    for seal in &verdict.seals {
        words.push(format!(
            "Signed: entries 1 to {}, on {}, by the key {}. Compare it with the relay's own.",
            seal.count,
            when(seal.sealed_at),
            seal.fingerprint
        ));
    }
    if entries > sealed {
        words.push(format!(
            "Entries {} to {entries} came after the last seal: in order, not signed yet.",
            sealed + 1
        ));
    }
    words
}

fn broken(problem: &Problem) -> Vec<String> {
    let mut words = vec![problem.words.clone()];
    let rest = match problem.kind {
        ProblemKind::Changed
        | ProblemKind::Missing
        | ProblemKind::Repeated
        | ProblemKind::OutOfOrder
        | ProblemKind::Added
        | ProblemKind::Foreign => {
            "That is the first thing wrong. Do not rely on it or on what follows."
        }
        ProblemKind::Derived => {
            "The entries themselves hold together. Rely on them, not on what is said about them."
        }
        ProblemKind::Seal | ProblemKind::Untrusted => {
            "Nobody who is known here vouches for this file."
        }
        ProblemKind::NotATranscript | ProblemKind::Unknown => "It cannot be verified here.",
    };
    words.push(rest.into());
    words
}

fn when(at: Millis) -> String {
    format!("{} UTC", super::moment(at, civil::Offset::minutes(0)))
}
