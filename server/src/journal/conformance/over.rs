//! Sessions that are over or to be deleted.

use tapcue_rules::cue::Role;
use tapcue_rules::time::Millis;

use super::super::{Closing, Deletion, JournalError, Ownership, StoredSeal, Unfinished};
use super::{Place, admission, append, entries, new_session, noted, opened, until};

pub(in super::super) async fn deleted_is_gone(place: &impl Place) {
    let journal = place.open();
    let (session, other) = (new_session(), new_session());
    assert!(!journal.delete(session, DELETION).await.unwrap());
    let owned = journal.own(session).await.unwrap();
    let _other = journal.own(other).await.unwrap();
    let of_other = append(&*journal, other, 1..=2);
    let token = Some(admission(Role::Helper, 1));
    journal.append(session, opened(), token).unwrap();
    let deleting = journal.delete(session, DELETION);
    assert!(matches!(
        journal.append(session, noted("after"), None),
        Err(JournalError::NotOwned)
    ));
    assert!(deleting.await.unwrap());
    until(&owned, Ownership::deleted).await;
    assert!(!journal.delete(session, DELETION).await.unwrap());
    assert_eq!(journal.read(session).await.unwrap(), None);
    // The journal keeps by whom and when it was deleted, and who may be told. The first deletion counts.
    let deleted = journal.deleted(session).await.unwrap().unwrap();
    assert_eq!(deleted.deletion, DELETION);
    assert_eq!(deleted.admissions, [admission(Role::Helper, 1)]);
    assert_eq!(journal.deleted(other).await.unwrap(), None);
    journal.forget(DELETION.at).await.unwrap();
    assert!(journal.deleted(session).await.unwrap().is_some());
    journal.forget(DELETION.at.plus(1)).await.unwrap();
    assert_eq!(journal.deleted(session).await.unwrap(), None);
    assert_eq!(entries(&*journal, other).await, of_other);
    // No entry is left, so the numbers start again.
    let again = journal.own(session).await.unwrap();
    drop(owned);
    let appended = append(&*journal, session, 1..=1);
    until(&again, |f| f.durable() == 1).await;
    let read = journal.read(session).await.unwrap().unwrap();
    assert_eq!((read.entries, read.meta.admissions), (appended, Vec::new()));
}

/// The deletion that these tests use.
pub(super) const DELETION: Deletion = Deletion {
    by: Some(Role::Helper),
    at: Millis(77),
};

pub(in super::super) async fn what_is_over_is_closed_and_then_due(place: &impl Place) {
    let journal = place.open();
    let (session, other) = (new_session(), new_session());
    // These make several pages.
    let others = (0..4).map(|_| new_session());
    for session in [session, other].into_iter().chain(others) {
        let owned = journal.own(session).await.unwrap();
        journal.append(session, opened(), None).unwrap();
        until(&owned, |f| f.durable() == 1).await;
    }
    let unfinished = async |now| {
        let mut found: Vec<Unfinished> = Vec::new();
        loop {
            let after = found.last().map(|last| last.session);
            let page = journal.unfinished(Millis(now), after).await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert!(found.is_sorted_by(|one, next| one.session.0 < next.session.0));
        found.retain(|found| [session, other].contains(&found.session));
        found
    };
    assert_eq!(unfinished(0).await.len(), 2);
    let seal = |count| StoredSeal {
        count,
        body: format!("{{\"count\":{count}}}"),
    };
    for (count, at) in [(1, 900), (3, 1_000)] {
        let closing = Closing {
            delete_at: Millis(at),
            seal: Some(seal(count)),
        };
        journal.close(session, closing).await.unwrap();
    }
    let later = Closing {
        delete_at: Millis(1_000),
        seal: None,
    };
    journal.close(session, later).await.unwrap();
    let read = journal.read(session).await.unwrap().unwrap();
    assert_eq!(read.meta.seals, [seal(1), seal(3)]);
    assert_eq!(unfinished(999).await.len(), 1);
    let due = unfinished(1_000).await;
    let due = due.iter().find(|found| found.session == session);
    assert_eq!(due.unwrap().delete_at, Some(Millis(1_000)));
    assert!(journal.delete(session, DELETION).await.unwrap());
    // Nothing is recorded for a session that does not exist.
    let closing = Closing {
        delete_at: Millis(1),
        seal: Some(seal(1)),
    };
    journal.close(session, closing).await.unwrap();
    assert_eq!(journal.read(session).await.unwrap(), None);
    let owned = journal.own(session).await.unwrap();
    journal.append(session, opened(), None).unwrap();
    until(&owned, |f| f.durable() == 1).await;
    let read = journal.read(session).await.unwrap().unwrap();
    assert_eq!(read.meta.seals, []);
}
