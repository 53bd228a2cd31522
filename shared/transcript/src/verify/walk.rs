//! Walks along the chain, from the first entry to the last or to the first faulty one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Fault, Problem, ProblemKind};
use crate::chain::{Hash, genesis, hash};
use tapcue_rules::ids::SessionId;

/// What an entry of a file says about itself.
struct Item {
    seq: Option<u64>,
    session: Option<SessionId>,
    prev: Option<Hash>,
    /// The hash written beside it.
    claimed: Option<Hash>,
    /// The hash computed from it.
    computed: Option<Hash>,
}

impl Item {
    fn of(value: &Value) -> Self {
        let recorded = value.get("recorded").filter(|value| value.is_object());
        let field = |name: &str| recorded.and_then(|recorded| recorded.get(name)).cloned();
        Self {
            seq: field("seq").and_then(|seq| seq.as_u64()),
            session: field("session").and_then(|id| serde_json::from_value(id).ok()),
            prev: field("prev").and_then(|prev| serde_json::from_value(prev).ok()),
            claimed: value
                .get("hash")
                .and_then(|hash| serde_json::from_value(hash.clone()).ok()),
            computed: recorded.and_then(|recorded| hash(recorded).ok()),
        }
    }
}

/// The hashes of the entries in order; or the first fault, with its place.
///
/// `head` is the hash of the newest entry according to the file.
pub(super) fn walk(
    session: SessionId,
    entries: &[Value],
    head: Option<Hash>,
) -> Result<Vec<Hash>, Problem> {
    let items: Vec<Item> = entries.iter().map(Item::of).collect();
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(seq) = item.seq {
            places.insert(seq, index);
        }
    }
    let mut hashes: Vec<Hash> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let place = index as u64 + 1;
        let n = place;
        let wrong = |kind, fault| Problem::at(kind, place, fault);
        let (Some(computed), Some(seq)) = (item.computed, item.seq) else {
            return Err(wrong(ProblemKind::Changed, Fault::NoEntry { n }));
        };
        if item.claimed != Some(computed) {
            return Err(wrong(ProblemKind::Changed, Fault::Changed { n }));
        }
        if item.session != Some(session) {
            return Err(wrong(ProblemKind::Foreign, Fault::Foreign { n }));
        }
        if seq < place {
            let same = usize::try_from(seq - seq.min(1)).ok();
            let same = same.and_then(|first| hashes.get(first)) == Some(&computed);
            return Err(if same {
                wrong(ProblemKind::Repeated, Fault::Repeated { n, seq })
            } else {
                wrong(ProblemKind::Added, Fault::Added { n, seq })
            });
        }
        if seq > place {
            return Err(if places.contains_key(&place) {
                wrong(ProblemKind::OutOfOrder, Fault::OutOfOrder { n, seq })
            } else {
                wrong(ProblemKind::Missing, Fault::Missing { n })
            });
        }
        let before = hashes.last().copied().unwrap_or_else(|| genesis(session));
        if item.prev != Some(before) {
            return Err(unlinked(&items, index, computed, head));
        }
        hashes.push(computed);
    }
    Ok(hashes)
}

/// An entry does not contain the hash of the one before it. If the following entry or the head confirms its
/// hash, the entry before it was changed.
fn unlinked(items: &[Item], index: usize, computed: Hash, head: Option<Hash>) -> Problem {
    let next = items.get(index + 1);
    let vouched = next.map_or(head, |next| next.prev) == Some(computed);
    let place = if vouched { index.max(1) } else { index + 1 } as u64;
    Problem::at(ProblemKind::Changed, place, Fault::Neighbour { n: place })
}
