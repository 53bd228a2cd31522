//! A session's share of the queue.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::time::Millis;
use uuid::Uuid;

use super::super::owners::SHARE;
use super::{Dir, Place as _, new_session, opened, until};
use crate::journal::{Journal as _, JournalError};

fn cue(cue: Cue) -> Entry {
    Entry {
        id: Uuid::now_v7(),
        at: Millis(1),
        by: Some(Role::Receiver),
        what: What::Cue {
            cue,
            epoch: None,
            tapped_at: None,
            uncertainty_ms: None,
        },
    }
}

#[tokio::test]
async fn one_session_takes_no_more_than_its_share() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let [flooded, other] = [new_session(), new_session()];
    let first = journal.own(flooded).await.unwrap();
    let second = journal.own(other).await.unwrap();
    let stuck = dir.stick();
    for session in [flooded, other] {
        journal.append(session, opened(), None).unwrap();
    }
    for _ in 1..SHARE {
        journal.append(flooded, cue(Cue::Slower), None).unwrap();
    }
    let refused = journal.append(flooded, cue(Cue::Slower), None);
    assert!(matches!(refused, Err(JournalError::OverShare)));
    // Entries that stop are accepted, and so is every entry of another session.
    journal.append(flooded, cue(Cue::Stop), None).unwrap();
    let hands_off = What::Acknowledged { of: Uuid::nil() };
    for what in [hands_off, What::Restarted, What::Ended] {
        let entry = Entry {
            what,
            ..cue(Cue::Stop)
        };
        journal.append(flooded, entry, None).unwrap();
    }
    journal.append(other, cue(Cue::Ready), None).unwrap();
    drop(stuck);
    until(&first, |f| f.durable() == SHARE + 4).await;
    until(&second, |f| f.durable() == 2).await;
    journal.append(flooded, cue(Cue::Slower), None).unwrap();
}
