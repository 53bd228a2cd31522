//! What every journal must do. Each journal runs all of these tests against itself, with
//! [`journal_conforms`](super::journal_conforms).

use std::sync::Arc;
use std::time::Duration;

use tapcue_rules::cue::Role;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::SessionId;
use tapcue_rules::state::Options;
use tapcue_rules::time::Millis;
use uuid::Uuid;

use super::{Admission, Journal, JournalError, Numbered, Ownership};

mod over;
use over::DELETION;
pub(super) use over::{deleted_is_gone, what_is_over_is_closed_and_then_due};

/// A place that keeps what a journal recorded while the journal is closed and opened again.
pub(super) trait Place {
    /// Opens the journal after the previous one was dropped.
    fn open(&self) -> Arc<dyn Journal>;
    /// Opens it with room for a few entries that are not durable yet, and returns how many at most.
    fn open_small(&self) -> (Arc<dyn Journal>, usize);
    /// Prevents entries from becoming durable until the returned value is dropped.
    fn stick(&self) -> Box<dyn std::any::Any + Send>;
}

/// Makes one test for each requirement. Takes an expression that makes a new, empty [`Place`].
macro_rules! journal_conforms {
    ($place:expr) => {
        journal_conforms!($place;
            in_order_and_without_gaps,
            no_wakeup_is_lost,
            durable_only_after_the_commit,
            a_read_is_a_prefix,
            sessions_do_not_mix,
            deleted_is_gone,
            what_is_over_is_closed_and_then_due,
            reopening_finds_what_was_durable,
            owned_again_midway,
            owned_again_while_it_is_not_durable,
            a_stuck_journal_refuses_and_keeps_its_word,
            one_owner_and_no_append_without,
            a_cancelled_own_leaves_nothing,
        );
    };
    ($place:expr; $($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::journal::conformance::$name(&$place).await;
            }
        )+
    };
}
pub(super) use journal_conforms;

/// Long enough for any machine; a test that hangs fails after it.
const DEADLINE: Duration = Duration::from_secs(30);

pub(super) fn new_session() -> SessionId {
    SessionId(Uuid::now_v7())
}

/// The first entry of a session.
pub(super) fn opened() -> Entry {
    Entry {
        id: Uuid::now_v7(),
        at: Millis(1_700_000_000_000),
        by: Some(Role::Helper),
        what: What::Opened {
            options: Options::default(),
            name: None,
            client: Some("test/1".into()),
            relay: "0.0.0".into(),
        },
    }
}

/// An entry with a text.
pub(super) fn noted(text: &str) -> Entry {
    Entry {
        id: Uuid::now_v7(),
        at: Millis(1_700_000_000_001),
        by: Some(Role::Receiver),
        what: What::Noted {
            text: text.into(),
            shared: true,
            about: None,
            salt: None,
        },
    }
}

pub(super) fn admission(role: Role, byte: u8) -> Admission {
    Admission {
        role,
        token_sha256: [byte; 32],
    }
}

/// Returns when the condition holds.
pub(super) async fn until(owned: &Ownership, so: impl Fn(&Ownership) -> bool) {
    let until = async {
        while !so(owned) {
            owned.changed().await;
        }
    };
    tokio::time::timeout(DEADLINE, until)
        .await
        .expect("it becomes so");
}

/// Appends entries, which must get these numbers, and returns them.
fn append(
    journal: &dyn Journal,
    session: SessionId,
    numbers: std::ops::RangeInclusive<u64>,
) -> Vec<Numbered> {
    numbers
        .map(|seq| {
            // A kind of entry that a session's share of the queue never refuses.
            let of = Uuid::now_v7();
            let entry = if seq == 1 {
                opened()
            } else {
                Entry {
                    what: What::Acknowledged { of },
                    ..noted("")
                }
            };
            assert_eq!(journal.append(session, entry.clone(), None).unwrap(), seq);
            Numbered { seq, entry }
        })
        .collect()
}

async fn entries(journal: &dyn Journal, session: SessionId) -> Vec<Numbered> {
    let read = journal.read(session).await.unwrap();
    read.map_or_else(Vec::new, |recorded| recorded.entries)
}

pub(super) async fn in_order_and_without_gaps(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    assert_eq!(owned.durable(), 0);
    let appended = append(&*journal, session, 1..=1_000);
    until(&owned, |f| f.durable() == 1_000).await;
    assert_eq!(entries(&*journal, session).await, appended);
    assert!(journal.healthy() && !owned.failing() && !owned.deleted());
}

pub(super) async fn no_wakeup_is_lost(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    let appender = {
        let journal = Arc::clone(&journal);
        tokio::task::spawn_blocking(move || append(&*journal, session, 1..=20_000))
    };
    // Each progress is awaited, as a session's task does it: a lost wakeup would hang here.
    let next = |owned: &Ownership| {
        owned.wake_from(Some(owned.durable() + 1));
        owned.durable() == 20_000
    };
    until(&owned, next).await;
    let appended = appender.await.unwrap();
    assert_eq!(entries(&*journal, session).await, appended);
}

pub(super) async fn durable_only_after_the_commit(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    let stuck = place.stick();
    let appended = append(&*journal, session, 1..=3);
    // They have their numbers anyway: recording does not delay a cue.
    until(&owned, Ownership::failing).await;
    assert_eq!(owned.durable(), 0);
    assert!(!journal.healthy());
    // What is not durable is neither read nor deleted while it may be lost, and no caller waits for it.
    assert_eq!(journal.read(session).await.unwrap(), None);
    assert!(matches!(
        journal.delete(session, DELETION).await,
        Err(JournalError::Unavailable)
    ));
    let other = journal.own(new_session()).await.unwrap();
    assert!(other.failing());
    drop(stuck);
    until(&owned, |f| f.durable() == 3 && !f.failing()).await;
    until(&other, |f| !f.failing()).await;
    assert!(journal.healthy());
    assert_eq!(entries(&*journal, session).await, appended);
}

pub(super) async fn a_read_is_a_prefix(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let _owned = journal.own(session).await.unwrap();
    let mut appended = Vec::new();
    for round in 0..40 {
        let first = round * 25 + 1;
        appended.extend(append(&*journal, session, first..=first + 19));
        let before = appended.len();
        let reading = {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move { entries(&*journal, session).await })
        };
        // Appended during the read: these entries may be in it; the earlier ones must be.
        appended.extend(append(&*journal, session, first + 20..=first + 24));
        let read = reading.await.unwrap();
        assert!(read.len() >= before);
        assert_eq!(read, appended[..read.len()]);
    }
    assert_eq!(entries(&*journal, session).await, appended);
}

pub(super) async fn sessions_do_not_mix(place: &impl Place) {
    let journal = place.open();
    let (one, other) = (new_session(), new_session());
    let own_one = journal.own(one).await.unwrap();
    let own_other = journal.own(other).await.unwrap();
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    for seq in 1..=100 {
        of_one.extend(append(&*journal, one, seq..=seq));
        of_other.extend(append(&*journal, other, seq..=seq));
    }
    journal.flush().await.unwrap();
    assert_eq!((own_one.durable(), own_other.durable()), (100, 100));
    assert_eq!(entries(&*journal, one).await, of_one);
    assert_eq!(entries(&*journal, other).await, of_other);
}

pub(super) async fn reopening_finds_what_was_durable(place: &impl Place) {
    let session = new_session();
    let journal = place.open();
    let owned = journal.own(session).await.unwrap();
    let mut appended = append(&*journal, session, 1..=1);
    for (seq, role) in [(2, Role::Helper), (3, Role::Receiver)] {
        let entry = noted("admitted");
        let token = Some(admission(role, seq));
        let seq = u64::from(seq);
        assert_eq!(journal.append(session, entry.clone(), token).unwrap(), seq);
        appended.push(Numbered { seq, entry });
    }
    until(&owned, |f| f.durable() == 3).await;
    drop((owned, journal));

    let journal = place.open();
    let read = journal.read(session).await.unwrap().unwrap();
    assert_eq!(read.entries, appended);
    assert_eq!(
        read.meta.admissions,
        [admission(Role::Helper, 2), admission(Role::Receiver, 3)]
    );
    let owned = journal.own(session).await.unwrap();
    assert_eq!(owned.durable(), 3);
    let more = append(&*journal, session, 4..=5);
    journal.flush().await.unwrap();
    drop((owned, journal));

    let journal = place.open();
    appended.extend(more);
    assert_eq!(entries(&*journal, session).await, appended);
    assert_eq!(journal.read(new_session()).await.unwrap(), None);
}

pub(super) async fn owned_again_midway(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let mut appended = Vec::new();
    for first in [1, 11, 21] {
        // What the last owner appended is durable once there is a next one.
        let last = first - 1;
        let owned = journal.own(session).await.unwrap();
        assert_eq!(owned.durable(), last);
        assert_eq!(entries(&*journal, session).await, appended);
        appended.extend(append(&*journal, session, first..=last + 10));
    }
}

pub(super) async fn owned_again_while_it_is_not_durable(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    let stuck = place.stick();
    let appended = append(&*journal, session, 1..=5);
    until(&owned, Ownership::failing).await;
    drop(owned);
    // There may be more entries than on the disk, and the next owner must not append over them.
    assert!(matches!(
        journal.own(session).await,
        Err(JournalError::Unavailable)
    ));
    drop(stuck);
    journal.flush().await.unwrap();
    let owned = journal.own(session).await.unwrap();
    assert_eq!(owned.durable(), 5);
    assert_eq!(entries(&*journal, session).await, appended);
}

pub(super) async fn a_stuck_journal_refuses_and_keeps_its_word(place: &impl Place) {
    let (journal, room) = place.open_small();
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    let stuck = place.stick();
    let mut appended = Vec::new();
    loop {
        assert!(appended.len() <= room, "nothing is without bounds");
        let entry = if appended.is_empty() {
            opened()
        } else {
            noted("more")
        };
        match journal.append(session, entry.clone(), None) {
            Ok(seq) => {
                assert_eq!(seq, appended.len() as u64 + 1);
                appended.push(Numbered { seq, entry });
            }
            Err(JournalError::Full) => break,
            Err(e) => panic!("{e}"),
        }
    }
    until(&owned, Ownership::failing).await;
    assert_eq!(owned.durable(), 0);
    drop(stuck);
    let last = appended.len() as u64;
    until(&owned, |f| f.durable() == last).await;
    // The refused entry left no gap.
    appended.extend(append(&*journal, session, last + 1..=last + 1));
    until(&owned, |f| f.durable() == last + 1).await;
    assert_eq!(entries(&*journal, session).await, appended);
}

pub(super) async fn one_owner_and_no_append_without(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    assert!(matches!(
        journal.append(session, opened(), None),
        Err(JournalError::NotOwned)
    ));
    let owned = journal.own(session).await.unwrap();
    assert!(matches!(
        journal.own(session).await,
        Err(JournalError::AlreadyOwned)
    ));
    append(&*journal, session, 1..=1);
    drop(owned);
    assert!(matches!(
        journal.append(session, noted("late"), None),
        Err(JournalError::NotOwned)
    ));
    assert_eq!(entries(&*journal, session).await.len(), 1);
}

pub(super) async fn a_cancelled_own_leaves_nothing(place: &impl Place) {
    let journal = place.open();
    let session = new_session();
    let mut following = journal.own(session);
    // One poll starts the future.
    let begun = std::future::poll_fn(|cx| std::task::Poll::Ready(following.as_mut().poll(cx)));
    drop(begun.await);
    drop(following);
    let owned = journal.own(session).await.unwrap();
    append(&*journal, session, 1..=1);
    until(&owned, |f| f.durable() == 1).await;
}
