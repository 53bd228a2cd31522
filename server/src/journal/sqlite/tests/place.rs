//! The journal's files are removed, replaced or damaged while it runs and before it starts.

use std::path::PathBuf;
use std::time::Duration;

use tapcue_rules::ids::SessionId;

use super::*;

/// A change to the files of a data directory.
type Deed = fn(&Dir);

fn file(dir: &Dir, name: &str) -> PathBuf {
    dir.path().join(name)
}

fn remove(dir: &Dir, names: &[&str]) {
    for name in names {
        fs::remove_file(file(dir, name)).unwrap();
    }
}

fn cut(path: &Path, size: u64) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(size).unwrap();
}

/// The database of another journal, with a session of its own.
fn of_another() -> Vec<u8> {
    let other = Dir::new();
    drop(other.try_open().unwrap());
    fs::read(file(&other, "journal.db")).unwrap()
}

fn kept(dir: &Dir, begins: &str) -> Vec<String> {
    let names = dir.files().into_iter().map(|(name, _)| name);
    names.filter(|name| name.starts_with(begins)).collect()
}

/// Appends 30 entries, each until it is durable, and returns how many entries there are then.
async fn go_on(journal: &SqliteJournal, owned: &Ownership, session: SessionId, from: u64) -> u64 {
    for n in from + 1..=from + 30 {
        journal.append(session, noted("more"), None).unwrap();
        until(owned, |f| f.durable() == n && !f.failing()).await;
    }
    from + 30
}

#[tokio::test]
async fn files_that_are_taken_away_are_written_again_whole() {
    let deeds: [(&str, Deed); 8] = [
        ("database removed", |dir| remove(dir, &["journal.db"])),
        ("log removed", |dir| remove(dir, &["journal.db-wal"])),
        ("all removed", |dir| {
            remove(dir, &["journal.db", "journal.db-wal", "journal.db-shm"]);
        }),
        ("database renamed", |dir| {
            fs::rename(file(dir, "journal.db"), file(dir, "old.db")).unwrap();
        }),
        ("database replaced", |dir| {
            remove(dir, &["journal.db"]);
            fs::write(file(dir, "journal.db"), of_another()).unwrap();
        }),
        ("log replaced", |dir| {
            remove(dir, &["journal.db-wal"]);
            fs::write(file(dir, "journal.db-wal"), "something else").unwrap();
        }),
        ("directory removed", |dir| {
            fs::remove_dir_all(dir.path()).unwrap();
        }),
        ("directory renamed", |dir| {
            let mut away = dir.path().to_owned();
            away.set_extension("away");
            fs::rename(dir.path(), &away).unwrap();
            fs::remove_dir_all(away).unwrap();
        }),
    ];
    for (what, deed) in deeds {
        let dir = Dir::new();
        let journal = dir.try_open().unwrap();
        // Some entries are in the database file, and some in the write-ahead log.
        let session = recorded(&journal, 700).await;
        let owned = journal.own(session).await.unwrap();
        deed(&dir);
        let count_now = go_on(&journal, &owned, session, 700).await;
        assert_eq!(count(&journal, session).await as u64, count_now, "{what}");
        assert!(journal.healthy(), "{what}");
        let crashed = dir.crash();
        let found = count(&crashed.try_open().unwrap(), session).await;
        assert_eq!(found as u64, count_now, "{what}: as recorded, so there");
        if what.contains("replaced") {
            assert_eq!(kept(&dir, "journal.foreign-").len(), 1, "{what}");
        }
        drop((owned, journal));
        assert_eq!(
            count(&dir.try_open().unwrap(), session).await as u64,
            count_now,
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_taken_away_is_missed_while_nothing_is_recorded() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 3).await;
    remove(&dir, &["journal.db"]);
    tokio::time::timeout(Duration::from_secs(30), async {
        while !file(&dir, "journal.db").exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("it is written again");
    journal.flush().await.unwrap();
    assert_eq!(count(&dir.crash().try_open().unwrap(), session).await, 3);
}

#[tokio::test]
async fn files_that_are_spoilt_end_what_is_recorded_and_new_sessions_are() {
    let deeds: [(&str, Deed); 4] = [
        ("database cut to nothing", |dir| {
            cut(&file(dir, "journal.db"), 0);
        }),
        ("database cut in the middle", |dir| {
            let path = file(dir, "journal.db");
            let half = fs::metadata(&path).unwrap().len() / 2 / 4_096 * 4_096;
            cut(&path, half);
        }),
        ("database written over", |dir| {
            fs::write(file(dir, "journal.db"), of_another()).unwrap();
        }),
        ("log cut to nothing", |dir| {
            cut(&file(dir, "journal.db-wal"), 0);
        }),
    ];
    for (what, deed) in deeds {
        let dir = Dir::new();
        let journal = dir.try_open().unwrap();
        let session = recorded(&journal, 700).await;
        let owned = journal.own(session).await.unwrap();
        deed(&dir);
        journal.append(session, noted("lost"), None).unwrap();
        until(&owned, Ownership::failing).await;
        journal.flush().await.unwrap();
        assert!(owned.failing(), "{what}: it stays unrecorded");
        assert_eq!(owned.durable(), 700, "{what}: no receipt");
        // The session continues unrecorded, and a new one is recorded.
        journal.append(session, noted("unrecorded"), None).unwrap();
        assert!(journal.healthy(), "{what}");
        let new = recorded(&journal, 50).await;
        assert!(!kept(&dir, "journal.corrupt-").is_empty(), "{what}");
        drop((owned, journal));
        let journal = dir.try_open().unwrap();
        assert_eq!(count(&journal, new).await, 50, "{what}");
        assert_eq!(count(&journal, session).await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_directory_that_another_relay_has_taken_is_left_to_it() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 3).await;
    let owned = journal.own(session).await.unwrap();
    fs::remove_dir_all(dir.path()).unwrap();
    let other = SqliteJournal::open(dir.path());
    // The first one to lock the directory has it; the other one leaves it unchanged.
    let Ok(other) = other else {
        return;
    };
    let theirs = recorded(&other, 3).await;
    journal.append(session, noted("nowhere"), None).unwrap();
    until(&owned, Ownership::failing).await;
    assert_eq!(owned.durable(), 3);
    assert_eq!(count(&other, theirs).await, 3);
    drop((owned, journal));
    drop(other);
    let journal = dir.try_open().unwrap();
    assert_eq!(count(&journal, theirs).await, 3);
    assert_eq!(count(&journal, session).await, 0);
}

#[tokio::test]
async fn what_another_program_may_do_with_a_database_is_no_fault() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 5).await;
    let owned = journal.own(session).await.unwrap();
    let beside = dir.connect();
    let mut now = 5;
    for what in [
        "PRAGMA wal_checkpoint(PASSIVE)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "CREATE TABLE beside (x INTEGER) STRICT",
        "DROP TABLE beside; PRAGMA wal_checkpoint(RESTART)",
        "VACUUM",
    ] {
        beside.execute_batch(what).unwrap();
        now = go_on(&journal, &owned, session, now).await;
    }
    drop(beside);
    for name in ["journal.db", "journal.db-wal"] {
        let touched = std::time::SystemTime::now() - Duration::from_secs(100);
        let path = file(&dir, name);
        let open = fs::OpenOptions::new().append(true).open(path).unwrap();
        open.set_modified(touched).unwrap();
        drop(open);
        now = go_on(&journal, &owned, session, now).await;
    }
    assert_eq!(
        count(&dir.crash().try_open().unwrap(), session).await as u64,
        now
    );
    assert!(kept(&dir, "journal.foreign-").is_empty() && kept(&dir, "journal.corrupt-").is_empty());
}

#[tokio::test]
async fn a_crash_at_any_moment_leaves_a_log_that_belongs() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    for n in 1..=120 {
        let entry = if n == 1 { opened() } else { noted("more") };
        journal.append(session, entry, None).unwrap();
        until(&owned, |f| f.durable() == n).await;
        // Twice, because a crash may follow a crash.
        let crashed = dir.crash();
        drop(crashed.try_open().unwrap());
        let again = crashed.try_open().unwrap();
        assert_eq!(count(&again, session).await as u64, n);
        assert!(kept(&crashed, "journal.foreign-").is_empty(), "after {n}");
    }
}

#[tokio::test]
async fn a_log_beside_another_database_is_set_aside_and_not_mixed_in() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let early = recorded(&journal, 5).await;
    drop(journal);
    let older = fs::read(file(&dir, "journal.db")).unwrap();
    // Until its log is checkpointed into it, a copy is as good as the database itself.
    drop(dir.try_open().unwrap());
    let journal = dir.try_open().unwrap();
    let late = recorded(&journal, 300).await;
    let last = recorded(&journal, 2).await;
    for (what, database) in [
        ("an older copy", Some(older)),
        ("another relay's", Some(of_another())),
        ("none", None),
        ("an empty file", Some(Vec::new())),
    ] {
        let crashed = dir.crash();
        let log = fs::read(file(&crashed, "journal.db-wal")).unwrap();
        match &database {
            Some(database) => fs::write(file(&crashed, "journal.db"), database).unwrap(),
            None => remove(&crashed, &["journal.db"]),
        }
        let reopened = crashed.try_open().unwrap();
        assert_eq!(count(&reopened, late).await, 0, "{what}");
        assert_eq!(count(&reopened, last).await, 0, "{what}");
        let there = if what == "an older copy" { 5 } else { 0 };
        assert_eq!(count(&reopened, early).await, there, "{what}");
        let aside = kept(&crashed, "journal.foreign-");
        let [aside] = &aside[..] else {
            panic!("{what}: {aside:?}");
        };
        assert_eq!(fs::read(file(&crashed, aside)).unwrap(), log, "{what}");
        // Together with its own database, the log is complete again.
        drop(reopened);
        let own = fs::read(file(&dir, "journal.db")).unwrap();
        fs::write(file(&crashed, "journal.db"), own).unwrap();
        let _ = fs::remove_file(file(&crashed, "journal.db-wal"));
        fs::rename(file(&crashed, aside), file(&crashed, "journal.db-wal")).unwrap();
        let whole = crashed.try_open().unwrap();
        assert_eq!(count(&whole, late).await, 300, "{what}");
    }
}
