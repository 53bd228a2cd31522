//! Sealing and deleting when due, with a journal in files and a clock that the tests set.

use serde_json::json;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::state::Options;
use tapcue_transcript::{Transcript, seal as sealing};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::context::Context;
use crate::journal::{Journal, Recorded, SqliteJournal};

/// When the sessions of these tests were opened.
const OPENED: Millis = Millis(1_700_000_000_000);
/// When those with an end ended.
const ENDED: Millis = Millis(OPENED.0 + 60_000);
/// The margin around a moment, because the relay's clock advances during a test.
const MINUTE_MS: u64 = 60_000;

fn entry(at: Millis, what: What) -> Entry {
    let by = Some(Role::Receiver);
    Entry {
        id: Uuid::now_v7(),
        at,
        by,
        what,
    }
}

fn opened(keep: &str) -> Entry {
    let options = Options {
        keep: keep.to_owned().try_into().unwrap(),
        ..Options::default()
    };
    let what = What::Opened {
        options,
        name: None,
        client: None,
        relay: "test".into(),
    };
    entry(OPENED, what)
}

/// A session with these entries, as an earlier run of the relay left it.
async fn left_behind(dir: &TempDir, entries: &[Entry]) -> SessionId {
    let session = SessionId(Uuid::now_v7());
    let journal = SqliteJournal::open(dir.path()).unwrap();
    let _owned = journal.own(session).await.unwrap();
    for entry in entries {
        journal.append(session, entry.clone(), None).unwrap();
    }
    journal.flush().await.unwrap();
    session
}

/// Runs a whole round of retention at `now`, for a relay that has run for two days past it. Returns the
/// journal.
async fn looked_over(dir: &TempDir, now: Millis) -> Arc<SqliteJournal> {
    vouch(dir, now).await;
    just_looked_over(dir, now).await
}

/// Notes that the relay has run for two days past `now`.
async fn vouch(dir: &TempDir, now: Millis) {
    let journal = SqliteJournal::open(dir.path()).unwrap();
    let vouched = json!({
        "ran_ms": 2 * DAY_MS,
        "date": now,
        "readings": [[0, now]],
    });
    journal.note(VOUCHED, vouched.to_string()).await.unwrap();
}

/// Runs a whole round at `now`, without any more running time. Returns the journal.
async fn just_looked_over(dir: &TempDir, now: Millis) -> Arc<SqliteJournal> {
    let (journal, mut retention) = retention(dir, now);
    retention.look_over().await;
    journal
}

/// Retention of a relay whose devices have had time to come back, and its journal.
fn retention(dir: &TempDir, now: Millis) -> (Arc<SqliteJournal>, Retention) {
    let journal = Arc::new(SqliteJournal::open(dir.path()).unwrap());
    let flags = Flags {
        data: Some(dir.path().into()),
        ..Flags::default()
    };
    let config = Config::from_flags(flags).unwrap();
    let context = Context::new(config, Clock::starting_at(now), journal.clone());
    let registry = Registry::new(context).unwrap();
    let key = SealKey::open(dir.path()).unwrap();
    *registry.finished.disturbed_at() = Instant::now().checked_sub(COME_BACK).unwrap();
    let mut retention = Retention::new(registry, key);
    retention.ends_from = Instant::now();
    (journal, retention)
}

async fn a_minute_passes() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn what_ended_while_no_relay_ran_is_sealed_once_and_deleted_in_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let session = left_behind(&dir, &[opened("2d"), entry(ENDED, What::Ended)]).await;
    let mut first = None;
    for later in [1, 2 * DAY_MS - MINUTE_MS] {
        let journal = looked_over(&dir, ENDED.plus(later)).await;
        let recorded = journal.read(session).await.unwrap().unwrap();
        let [seal] = seals(&recorded.meta).try_into().unwrap();
        assert!(sealing::holds(&seal));
        assert_eq!(seal.sealed.count, 2);
        assert_eq!(first.get_or_insert(seal.clone()), &seal, "sealed once");
    }
    let journal = looked_over(&dir, ENDED.plus(2 * DAY_MS)).await;
    assert_eq!(journal.read(session).await.unwrap(), None);
    let deleted = journal.deleted(session).await.unwrap().unwrap();
    assert_eq!(deleted.deletion.by, None);
    drop(journal);
    let journal = looked_over(&dir, ENDED.plus(2 * DAY_MS + TOLD_MS + 1_000)).await;
    assert_eq!(journal.deleted(session).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_to_keep_nothing_is_deleted_though_the_relay_was_killed_as_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let session = left_behind(&dir, &[opened("none"), entry(ENDED, What::Ended)]).await;
    let journal = looked_over(&dir, ENDED).await;
    assert_eq!(journal.read(session).await.unwrap(), None);
}

#[tokio::test]
async fn a_note_is_sealed_with_the_rest_and_moves_no_deadline() {
    let dir = tempfile::tempdir().unwrap();
    let note = What::Noted {
        text: "sore".into(),
        shared: true,
        about: None,
        salt: None,
    };
    let noted = [
        opened("2d"),
        entry(ENDED, What::Ended),
        entry(ENDED.plus(DAY_MS), note),
    ];
    let session = left_behind(&dir, &noted).await;
    let journal = looked_over(&dir, ENDED.plus(DAY_MS + 1)).await;
    let recorded = journal.read(session).await.unwrap().unwrap();
    assert_eq!(seals(&recorded.meta).last().unwrap().sealed.count, 3);
    drop(journal);
    let journal = looked_over(&dir, ENDED.plus(2 * DAY_MS)).await;
    assert_eq!(journal.read(session).await.unwrap(), None);
}

#[tokio::test]
async fn one_that_was_live_and_nobody_ended_waits_a_day_and_then_as_long_as_any() {
    let dir = tempfile::tempdir().unwrap();
    let session = left_behind(&dir, &live("2d")).await;
    for (later, there) in [
        (ABANDONED_MS - MINUTE_MS, true),
        (ABANDONED_MS + MINUTE_MS, true),
        (ABANDONED_MS + 2 * DAY_MS - MINUTE_MS, true),
        (ABANDONED_MS + 2 * DAY_MS + MINUTE_MS, false),
    ] {
        let journal = looked_over(&dir, OPENED.plus(later)).await;
        let recorded = journal.read(session).await.unwrap();
        assert_eq!(recorded.is_some(), there, "{later}");
        let sealed = recorded.is_some_and(|recorded| !recorded.meta.seals.is_empty());
        assert!(!sealed, "nobody ended it");
    }
}

/// A session that was live and has no end.
fn live(keep: &str) -> Vec<Entry> {
    let mut opened = opened(keep);
    if let What::Opened { options, .. } = &mut opened.what {
        (options.rehearsal, options.setup) = (false, false);
    }
    let by = |role, what| Entry {
        by: Some(role),
        ..entry(OPENED.plus(10_000), what)
    };
    let ready = |role| {
        let cue = What::Cue {
            cue: Cue::Ready,
            epoch: Some(2),
            tapped_at: None,
            uncertainty_ms: None,
        };
        by(role, cue)
    };
    let joined = What::Joined {
        name: None,
        client: None,
    };
    let joined = Entry {
        at: OPENED.plus(1),
        ..by(Role::Helper, joined)
    };
    // Both screens show the hold with which the session begins.
    let shown = What::Shown {
        of: joined.id,
        painted_at: None,
        uncertainty_ms: None,
    };
    let shown = Role::BOTH.map(|role| Entry {
        at: OPENED.plus(1_000),
        ..by(role, shown.clone())
    });
    let ready = Role::BOTH.map(ready);
    let mut entries = vec![opened, joined];
    entries.extend(shown.into_iter().chain(ready));
    entries
}

/// Waits until a session has ended and is sealed, and returns its record.
async fn ended(journal: &SqliteJournal, retention: &mut Retention, session: SessionId) -> Recorded {
    let looking = async {
        loop {
            retention.registry.finished.wait().await;
            for session in retention.registry.finished.take() {
                retention.look_at(session).await;
            }
            let recorded = journal.read(session).await.unwrap().unwrap();
            if !recorded.meta.seals.is_empty() {
                return recorded;
            }
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, looking).await.unwrap()
}

#[tokio::test]
async fn one_that_was_never_live_ends_after_a_day_of_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let session = left_behind(&dir, &[opened("2d")]).await;
    let other = left_behind(&dir, &live("2d")).await;
    let journal = looked_over(&dir, OPENED.plus(ABANDONED_MS - MINUTE_MS)).await;
    let before = journal.read(session).await.unwrap().unwrap();
    assert_eq!(before.entries.len(), 1, "not yet a day");
    drop(journal);
    let now = OPENED.plus(ABANDONED_MS + MINUTE_MS);
    vouch(&dir, now).await;
    let (journal, mut retention) = retention(&dir, now);
    retention.look_over().await;
    let recorded = ended(&journal, &mut retention, session).await;
    let last = &recorded.entries.last().unwrap().entry;
    assert_eq!((last.by, &last.what), (None, &What::Ended));
    assert!(last.at >= now);
    let [seal] = seals(&recorded.meta).try_into().unwrap();
    assert!(sealing::holds(&seal));
    assert_eq!(seal.sealed.count, recorded.entries.len() as u64);
    assert_eq!(recorded.meta.delete_at, Some(last.at.plus(2 * DAY_MS)));
    // The record makes a complete transcript. The relay does not end a session that was live.
    let entries = recorded.entries.iter().map(|it| (it.seq, &it.entry));
    let transcript = Transcript::read(session, entries, None).unwrap();
    assert_eq!(transcript.header().ended_at, Some(last.at));
    let other = journal.read(other).await.unwrap().unwrap();
    assert!(other.entries.iter().all(|it| it.entry.what != What::Ended));
    // The session leaves memory when it is no longer needed.
    let gone = async {
        while retention.registry.handle(session).is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let patience = Duration::from_secs(100);
    tokio::time::timeout(patience, gone).await.unwrap();
}

#[tokio::test]
async fn nobody_is_given_up_by_a_wrong_date_or_before_they_could_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let session = left_behind(&dir, &[opened("2d")]).await;
    let much_later = OPENED.plus(40 * DAY_MS);
    // First a relay that starts with this date; then one that has run past it and has just started.
    let journal = just_looked_over(&dir, much_later).await;
    assert_eq!(
        journal.read(session).await.unwrap().unwrap().entries.len(),
        1
    );
    drop(journal);
    vouch(&dir, much_later).await;
    let (journal, mut retention) = retention(&dir, much_later);
    retention.ends_from = Instant::now() + COME_BACK;
    retention.look_over().await;
    assert!(retention.registry.is_empty());
    assert_eq!(
        journal.read(session).await.unwrap().unwrap().entries.len(),
        1
    );
    assert!(
        retention.open_until.contains_key(&session),
        "it looks again"
    );
}

#[tokio::test]
async fn a_long_look_rests_after_each_session_and_leaves_nothing_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(left_behind(&dir, &[opened("2d"), entry(ENDED, What::Ended)]).await);
    }
    let (journal, mut retention) = retention(&dir, ENDED.plus(1));
    retention.begin_round().await;
    let mut steps = 0;
    while retention.sweep.is_some() {
        let before = Instant::now();
        retention.go_on().await;
        steps += 1;
        let rests = retention.goes_on_at >= before + PAUSE;
        assert!(rests || retention.sweep.is_none());
    }
    assert!(steps > sessions.len());
    for session in sessions {
        let recorded = journal.read(session).await.unwrap().unwrap();
        assert_eq!(recorded.meta.seals.len(), 1);
    }
}

#[tokio::test]
async fn one_start_with_a_wrong_clock_deletes_nothing_and_hides_at_most() {
    for wrong in [
        ENDED.plus(40 * DAY_MS),
        ENDED.plus(365 * DAY_MS),
        Millis(ENDED.0 - 40 * DAY_MS),
        Millis(0),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let kept = left_behind(&dir, &[opened("2d"), entry(ENDED, What::Ended)]).await;
        let gone = left_behind(&dir, &[opened("2d"), entry(ENDED, What::Ended)]).await;
        let journal = just_looked_over(&dir, ENDED.plus(1)).await;
        let deletion = crate::journal::Deletion {
            by: Some(Role::Helper),
            at: ENDED,
        };
        assert!(journal.delete(gone, deletion).await.unwrap());
        drop(journal);
        for _ in 0..3 {
            let journal = just_looked_over(&dir, wrong).await;
            assert!(journal.read(kept).await.unwrap().is_some(), "{wrong:?}");
            assert!(journal.deleted(gone).await.unwrap().is_some(), "{wrong:?}");
        }
        let journal = just_looked_over(&dir, ENDED.plus(DAY_MS)).await;
        assert!(journal.read(kept).await.unwrap().is_some(), "{wrong:?}");
    }
}

#[tokio::test]
async fn what_is_to_keep_nothing_is_deleted_whatever_the_date_is() {
    for date in [Millis(0), Millis(ENDED.0 - DAY_MS), ENDED.plus(DAY_MS)] {
        let dir = tempfile::tempdir().unwrap();
        let session = left_behind(&dir, &[opened("none"), entry(ENDED, What::Ended)]).await;
        let journal = just_looked_over(&dir, date).await;
        assert_eq!(journal.read(session).await.unwrap(), None, "{date:?}");
    }
}

#[tokio::test]
async fn what_is_due_waits_for_a_stop_while_a_device_may_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let stop = What::Cue {
        cue: Cue::Stop,
        epoch: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    let mut joined = entry(
        OPENED.plus(1),
        What::Joined {
            name: None,
            client: None,
        },
    );
    joined.by = Some(Role::Helper);
    let entries = [
        opened("2d"),
        joined,
        entry(ENDED, stop),
        entry(ENDED, What::Ended),
    ];
    let session = left_behind(&dir, &entries).await;
    let due = ENDED.plus(3 * DAY_MS);
    vouch(&dir, due).await;
    let (journal, mut retention) = retention(&dir, due);
    // As after a device that came back and left again.
    let task = retention.registry.session(session, false).unwrap();
    retention.look_over().await;
    retention.look_at(session).await;
    assert!(journal.read(session).await.unwrap().is_some());
    // The task first runs at some moment of the first of these minutes.
    while !task.may_go.initialized() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        a_minute_passes().await;
    }
    retention.look_at(session).await;
    assert_eq!(journal.read(session).await.unwrap(), None);
}

#[tokio::test]
async fn nothing_is_deleted_before_its_devices_could_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let session = left_behind(&dir, &[opened("none"), entry(ENDED, What::Ended)]).await;
    let (journal, mut retention) = retention(&dir, ENDED.plus(DAY_MS));
    for disturbed in [true, false] {
        if disturbed {
            retention.registry.finished.disturbed();
        } else {
            *retention.registry.finished.disturbed_at() =
                Instant::now().checked_sub(COME_BACK).unwrap();
        }
        retention.look_over().await;
        let there = journal.read(session).await.unwrap().is_some();
        assert_eq!(there, disturbed);
    }
}
