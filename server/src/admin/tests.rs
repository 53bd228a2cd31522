//! Counting, backup and restore, on data directories that a journal wrote.

use std::path::PathBuf;

use rusqlite::Connection;
use tapcue_rules::cue::Role;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::SessionId;
use tapcue_rules::state::Options;
use tempfile::TempDir;
use uuid::Uuid;

use super::sessions::{Counts, Report};
use super::*;
use crate::journal::{
    Admission, Closing, Deletion, Journal as _, SqliteJournal, StoredSeal, archive,
};
use crate::records::retention::TOLD_MS;
use crate::records::signing_key::SealKey;

const OPENED: Millis = Millis(1_700_000_000_000);
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn entry(at: Millis, what: What) -> Entry {
    Entry {
        id: Uuid::now_v7(),
        at,
        by: Some(Role::Receiver),
        what,
    }
}

fn opened() -> Entry {
    let what = What::Opened {
        options: Options::default(),
        name: Some("plantedname".to_owned().try_into().unwrap()),
        client: None,
        relay: "test".into(),
    };
    entry(OPENED, what)
}

fn noted(text: &str) -> Entry {
    let what = What::Noted {
        text: text.into(),
        shared: true,
        about: None,
        salt: None,
    };
    entry(OPENED.plus(1), what)
}

fn ended() -> Entry {
    entry(OPENED.plus(2), What::Ended)
}

async fn record(journal: &SqliteJournal, entries: Vec<Entry>) -> SessionId {
    let session = SessionId(Uuid::now_v7());
    let _owned = journal.own(session).await.unwrap();
    for (n, entry) in entries.into_iter().enumerate() {
        let admission = (n == 0).then_some(Admission {
            role: Role::Receiver,
            token_sha256: [7; 32],
        });
        journal.append(session, entry, admission).unwrap();
    }
    journal.flush().await.unwrap();
    session
}

async fn delete(journal: &SqliteJournal, session: SessionId) {
    let deletion = Deletion {
        by: Some(Role::Helper),
        at: OPENED.plus(DAY_MS),
    };
    assert!(journal.delete(session, deletion).await.unwrap());
}

/// A data directory, and a folder for backups of it.
struct Place {
    data: TempDir,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            data: tempfile::tempdir().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn data(&self) -> &Path {
        self.data.path()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("one.backup")
    }

    fn journal(&self) -> SqliteJournal {
        SqliteJournal::open(self.data()).unwrap()
    }

    fn put_back(&self, replace: bool, now: Millis) -> Result<String, String> {
        restore::put_back(self.data(), &self.file(), replace, now).map_err(|e| format!("{e:#}"))
    }

    fn names(of: &Path) -> Vec<String> {
        let names = std::fs::read_dir(of).unwrap();
        names
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn stands(file: &Path, words: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes
        .windows(words.len())
        .any(|window| window == words.as_bytes())
}

#[tokio::test]
async fn what_is_stored_is_counted_and_dated_and_nothing_of_it_told() {
    let place = Place::new();
    let journal = place.journal();
    let closed = record(&journal, vec![opened(), ended()]).await;
    let seal = Some(StoredSeal {
        count: 2,
        body: "{}".into(),
    });
    let delete_at = OPENED.plus(5 * DAY_MS);
    let closing = Closing { delete_at, seal };
    journal.close(closed, closing).await.unwrap();
    record(&journal, vec![opened(), ended(), noted("plantednote")]).await;
    record(&journal, vec![opened()]).await;
    record(&journal, vec![noted("opens nothing")]).await;
    let gone = record(&journal, vec![opened()]).await;
    delete(&journal, gone).await;
    let at = OPENED.plus(7 * DAY_MS);
    let report = Report::of(place.data(), Some(OPENED), at).unwrap();
    let counts = Counts {
        live: 0,
        unfinished: 1,
        ended: 2,
        unreadable: 1,
        deleted: 1,
    };
    assert_eq!(report.counts, counts);
    let due: Vec<_> = report.sessions.iter().map(|row| row.due_at).collect();
    for expected in [
        Some(delete_at),
        Some(OPENED.plus(2 + 30 * DAY_MS)),
        Some(OPENED.plus(31 * DAY_MS)),
        None,
    ] {
        assert!(due.contains(&expected), "{expected:?} in {due:?}");
    }
    assert_eq!(report.overdue, 1);
    let text = report.text();
    assert!(text.contains("1 session is overdue"), "{text}");
    let json = serde_json::to_string(&report).unwrap();
    for planted in ["plantedname", "plantednote", "opens nothing", "0707"] {
        assert!(!text.contains(planted) && !json.contains(planted));
    }
    // The report is the same once all entries are in the table `entries`.
    drop(journal);
    drop(place.journal());
    let settled = Report::of(place.data(), None, at).unwrap();
    assert_eq!(settled.counts, counts);
    assert_eq!(settled.sessions.len(), 4);
    assert!(
        settled
            .text()
            .contains("none is running here, and 1 session")
    );
}

#[tokio::test]
async fn a_backup_takes_no_files_place_and_leaves_nothing_else_behind() {
    let place = Place::new();
    let journal = place.journal();
    record(&journal, vec![opened(), noted("plantednote")]).await;
    let gone = record(&journal, vec![opened(), noted("plantedbutgone")]).await;
    delete(&journal, gone).await;
    let said = backup::write(place.data(), &place.file()).unwrap();
    assert!(said.contains("1 session with 2 entries, and that 1 was deleted, in"));
    assert!(stands(&place.file(), "plantednote"));
    assert!(!stands(&place.file(), "plantedbutgone"));
    let before = std::fs::read(place.file()).unwrap();
    let refused = backup::write(place.data(), &place.file()).unwrap_err();
    assert!(refused.to_string().contains("choose another name"));
    assert_eq!(std::fs::read(place.file()).unwrap(), before);
    assert_eq!(Place::names(place.folder.path()), ["one.backup"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = place.file().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let nowhere = backup::write(place.folder.path(), &place.folder.path().join("two"));
    let words = format!("{:#}", nowhere.unwrap_err());
    assert!(words.contains("see that the path is right"), "{words}");
}

/// Damage that a copy does not detect: a row that violates the table's constraints.
#[tokio::test]
async fn a_copy_that_is_not_sound_is_thrown_away() {
    let place = Place::new();
    record(&place.journal(), vec![opened(), noted("kept")]).await;
    let beside = Connection::open(archive::database(place.data())).unwrap();
    let rule = |from: &str, to: &str| {
        format!(
            "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, 'body TEXT{from},', 'body TEXT{to},')
                WHERE name = 'entries';
            PRAGMA writable_schema = RESET;"
        )
    };
    beside.execute_batch(&rule(" NOT NULL", "")).unwrap();
    let broken = "INSERT INTO entries (session, seq, body) VALUES (x'00', 1, NULL)";
    beside.execute_batch(broken).unwrap();
    beside.execute_batch(&rule("", " NOT NULL")).unwrap();
    drop(beside);
    let refused = backup::write(place.data(), &place.file()).unwrap_err();
    let words = format!("{refused:#}");
    assert!(words.contains("was thrown away"), "{words}");
    assert_eq!(Place::names(place.folder.path()), [""; 0]);
}

#[tokio::test]
async fn put_back_into_an_empty_directory_it_is_as_it_was() {
    let place = Place::new();
    let journal = place.journal();
    let key = SealKey::open(place.data()).unwrap().public();
    let session = record(&journal, vec![opened(), noted("n"), ended()]).await;
    let there = journal.read(session).await.unwrap();
    backup::write(place.data(), &place.file()).unwrap();
    let elsewhere = Place {
        data: tempfile::tempdir().unwrap(),
        ..place
    };
    let said = elsewhere.put_back(false, now()).unwrap();
    assert!(said.contains("knows of no deletion"), "{said}");
    assert!(!stands(&elsewhere.data().join("journal.db"), "seal_key"));
    let restored = elsewhere.journal();
    assert_eq!(restored.read(session).await.unwrap(), there);
    assert_eq!(SealKey::open(elsewhere.data()).unwrap().public(), key);
    let names = Place::names(elsewhere.data());
    assert!(!names.iter().any(|name| name.contains("unfinished")));
}

#[tokio::test]
async fn what_was_deleted_since_stays_deleted_and_who_held_a_token_is_told() {
    let place = Place::new();
    let journal = place.journal();
    SealKey::open(place.data()).unwrap();
    let gone = record(&journal, vec![opened(), noted("plantedbutgone")]).await;
    let stays = record(&journal, vec![opened()]).await;
    backup::write(place.data(), &place.file()).unwrap();
    delete(&journal, gone).await;
    let known = journal.deleted(gone).await.unwrap();
    drop(journal);
    let refused = place.put_back(false, now()).unwrap_err();
    assert!(refused.contains("1 session already"), "{refused}");
    let said = place.put_back(true, now()).unwrap();
    assert!(said.contains("1 session of the backup was deleted since"));
    assert!(said.contains("journal.replaced-"), "{said}");
    assert!(!stands(&place.data().join("journal.db"), "plantedbutgone"));
    let journal = place.journal();
    assert_eq!(journal.read(gone).await.unwrap(), None);
    assert_eq!(journal.deleted(gone).await.unwrap(), known);
    assert!(journal.read(stays).await.unwrap().is_some());
    drop(journal);
    let report = Report::of(place.data(), None, now()).unwrap();
    assert_eq!(report.set_aside.len(), 1);
    // Deletions are also known from databases that were set aside.
    std::fs::remove_file(place.data().join("journal.db")).unwrap();
    let said = place.put_back(false, now()).unwrap();
    assert!(said.contains("1 session of the backup"), "{said}");
}

#[tokio::test]
async fn without_sessions_nothing_is_set_aside_and_the_deletions_are_kept() {
    let place = Place::new();
    let journal = place.journal();
    let gone = record(&journal, vec![opened()]).await;
    backup::write(place.data(), &place.file()).unwrap();
    delete(&journal, gone).await;
    drop(journal);
    place.put_back(false, now()).unwrap();
    assert!(place.journal().deleted(gone).await.unwrap().is_some());
    let names = Place::names(place.data());
    assert!(!names.iter().any(|name| name.contains("replaced")));
}

#[tokio::test]
async fn while_a_relay_runs_nothing_is_put_back() {
    let place = Place::new();
    let journal = place.journal();
    record(&journal, vec![opened()]).await;
    backup::write(place.data(), &place.file()).unwrap();
    assert!(outside_runs(place.data()));
    let refused = place.put_back(true, now()).unwrap_err();
    assert!(refused.contains("stop it, restore"), "{refused}");
    drop(journal);
    assert!(!outside_runs(place.data()));
}

fn outside_runs(data: &Path) -> bool {
    let running = crate::journal::archive::RunningSince::of(data).unwrap();
    running.0.is_some()
}

#[tokio::test]
async fn one_that_is_too_old_or_too_new_or_damaged_or_none_changes_nothing() {
    let place = Place::new();
    let journal = place.journal();
    let session = record(&journal, vec![opened()]).await;
    for n in 0..200 {
        record(&journal, vec![opened(), noted(&format!("note {n}"))]).await;
    }
    backup::write(place.data(), &place.file()).unwrap();
    drop(journal);
    let late = now().plus(TOLD_MS + 60_000);
    let refused = place.put_back(true, late).unwrap_err();
    assert!(refused.contains("30 d old"), "{refused}");
    let sound = std::fs::read(place.file()).unwrap();

    let newer = Connection::open(place.file()).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let refused = place.put_back(true, now()).unwrap_err();
    assert!(refused.contains("newer version"), "{refused}");

    let mut damaged = sound.clone();
    let middle = damaged.len() / 2 / 4_096 * 4_096;
    damaged[middle..middle + 4_096].fill(b'x');
    for (bytes, words) in [
        (damaged, "is damaged"),
        (vec![b'x'; 9_000], "is no journal"),
        (Vec::new(), "is no journal"),
    ] {
        std::fs::write(place.file(), bytes).unwrap();
        let refused = place.put_back(true, now()).unwrap_err();
        assert!(refused.contains(words), "{refused}");
    }
    assert!(place.journal().read(session).await.unwrap().is_some());
    assert_eq!(Place::names(place.data()).len(), 2, "database and lock");
}

#[tokio::test]
async fn a_damaged_database_is_set_aside_by_a_backup_and_its_key_too() {
    let place = Place::new();
    let journal = place.journal();
    SealKey::open(place.data()).unwrap();
    let session = record(&journal, vec![opened()]).await;
    backup::write(place.data(), &place.file()).unwrap();
    drop(journal);
    std::fs::write(place.data().join("journal.db"), "no database at all").unwrap();
    std::fs::write(place.data().join("seal.key"), "no key").unwrap();
    let refused = place.put_back(false, now()).unwrap_err();
    assert!(refused.contains("With --replace"), "{refused}");
    let said = place.put_back(true, now()).unwrap();
    assert!(said.contains("may be back"), "{said}");
    assert!(said.contains("seal.key.replaced-"), "{said}");
    assert!(place.journal().read(session).await.unwrap().is_some());
}

#[tokio::test]
async fn one_of_an_older_version_is_brought_up_to_date() {
    let place = Place::new();
    let journal = place.journal();
    let session = record(&journal, vec![opened()]).await;
    drop(journal);
    drop(place.journal());
    let old = place.data().join("journal.db");
    std::fs::rename(&old, place.file()).unwrap();
    let connection = Connection::open(place.file()).unwrap();
    connection
        .execute_batch(
            "DROP TABLE seals; DROP TABLE deleted; DROP TABLE deleted_admissions;
             DROP TABLE tie; DROP TABLE notes; ALTER TABLE sessions DROP COLUMN delete_at; PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(connection);
    place.put_back(false, now()).unwrap();
    assert!(place.journal().read(session).await.unwrap().is_some());
    std::fs::copy(place.file(), place.data().join("journal.db")).unwrap();
    let report = Report::of(place.data(), None, now()).unwrap_err();
    assert!(report.to_string().contains("older version"), "{report}");
}
