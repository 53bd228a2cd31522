//! What is specific to SQLite: files, locks, damage, and the disk.

use std::any::Any;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tapcue_rules::cue::Role;
use tapcue_rules::time::Millis;
use tempfile::TempDir;

use super::archive::{Archive, Stored, database};
use super::open::database_error;
use super::owners::Slot;
use super::writer::BATCH_AT_MOST;
use super::{SqliteJournal, readers, schema};
use crate::journal::conformance::{
    Place, admission, journal_conforms, new_session, noted, opened, until,
};
use crate::journal::{Deletion, Journal, JournalError, Ownership, Priority};

mod place;
mod share;

/// The oldest allowed version (docs/security.md): an older one could damage a WAL.
const SQLITE_FLOOR: i32 = 3_051_003;

#[test]
fn sqlite_is_not_older_than_its_floor() {
    assert!(
        rusqlite::version_number() >= SQLITE_FLOOR,
        "{}",
        rusqlite::version()
    );
}

/// A data directory.
struct Dir(TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn try_open(&self) -> Result<SqliteJournal, JournalError> {
        SqliteJournal::open(self.path())
    }

    /// A second connection to the database.
    fn connect(&self) -> Connection {
        let connection = Connection::open(self.path().join("journal.db")).unwrap();
        connection
            .busy_timeout(std::time::Duration::from_secs(10))
            .unwrap();
        connection
    }

    /// A copy of the files as a crash at this moment would leave them.
    fn crash(&self) -> Self {
        let copy = Self::new();
        for name in ["journal.db", "journal.db-wal"] {
            fs::copy(self.path().join(name), copy.path().join(name)).unwrap();
        }
        copy
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        fs::read_dir(self.path())
            .unwrap()
            .map(|file| file.unwrap())
            .map(|file| {
                let name = file.file_name().into_string().unwrap();
                (name, fs::read(file.path()).unwrap())
            })
            .collect()
    }
}

impl Place for Dir {
    fn open(&self) -> Arc<dyn Journal> {
        Arc::new(self.try_open().unwrap())
    }

    fn open_small(&self) -> (Arc<dyn Journal>, usize) {
        let journal = SqliteJournal::open_with(self.path(), 8).unwrap();
        // Eight in the queue, and one batch at the writer.
        (Arc::new(journal), 8 + BATCH_AT_MOST)
    }

    fn stick(&self) -> Box<dyn Any + Send> {
        let holder = self.connect();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        Box::new(holder)
    }
}

journal_conforms!(Dir::new());

/// A session with this many durable entries.
async fn recorded(journal: &SqliteJournal, count: u64) -> tapcue_rules::ids::SessionId {
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    journal.append(session, opened(), None).unwrap();
    for n in 2..=count {
        journal
            .append(session, noted(&format!("needle {n}")), None)
            .unwrap();
    }
    until(&owned, |f| f.durable() == count).await;
    session
}

async fn count(journal: &SqliteJournal, session: tapcue_rules::ids::SessionId) -> usize {
    let read = journal.read(session).await.unwrap();
    read.map_or(0, |recorded| recorded.entries.len())
}

#[tokio::test]
async fn many_reads_at_once_leave_no_more_connections_than_read_at_once() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 5).await;
    let reads = (0..100).map(|n| {
        let priority = if n % 2 == 0 {
            Priority::Live
        } else {
            Priority::Background
        };
        journal.page(session, 0, priority)
    });
    for page in futures_util::future::join_all(reads).await {
        assert_eq!(page.unwrap().entries.len(), 5);
    }
    let most = readers::AT_ONCE + crate::background::at_once();
    let idle = journal.readers.idle();
    assert!((1..=most).contains(&idle), "{idle} connections");
}

#[tokio::test]
async fn what_was_durable_survives_a_crash() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 50).await;
    let crashed = dir.crash();
    assert_eq!(count(&crashed.try_open().unwrap(), session).await, 50);
}

#[tokio::test]
async fn a_torn_log_leaves_a_prefix() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    // These entries take many commits.
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    for n in 1..=20 {
        let entry = if n == 1 { opened() } else { noted("more") };
        journal.append(session, entry, None).unwrap();
        until(&owned, |f| f.durable() == n).await;
    }
    let whole = fs::metadata(dir.path().join("journal.db-wal"))
        .unwrap()
        .len();
    let mut counts = Vec::new();
    for cut in [0, 1, 2_000, 5_000, 20_000, 50_000, whole - 40] {
        let crashed = dir.crash();
        let log = fs::OpenOptions::new()
            .write(true)
            .open(crashed.path().join("journal.db-wal"))
            .unwrap();
        log.set_len(whole - cut).unwrap();
        let reopened = crashed.try_open().unwrap();
        let found = count(&reopened, session).await;
        counts.push(found);
        // The reopened journal continues from there.
        let owned = reopened.own(session).await.unwrap();
        reopened.append(session, opened(), None).unwrap();
        until(&owned, |f| f.durable() == found as u64 + 1).await;
    }
    assert_eq!(counts[0], 20);
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    assert!(counts[1] < 20 && counts[6] == 0, "{counts:?}");
}

#[tokio::test]
async fn half_a_commit_at_the_end_of_the_log_is_ignored() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 10).await;
    let crashed = dir.crash();
    let path = crashed.path().join("journal.db-wal");
    let mut log = fs::read(&path).unwrap();
    log.extend(vec![0xA5; 3_000]);
    fs::write(&path, log).unwrap();
    assert_eq!(count(&crashed.try_open().unwrap(), session).await, 10);
}

#[tokio::test]
async fn a_damaged_database_is_set_aside() {
    for damage in ["all of it", "a page of it"] {
        let dir = Dir::new();
        let journal = dir.try_open().unwrap();
        let session = recorded(&journal, 2_000).await;
        drop(journal);
        let path = dir.path().join("journal.db");
        let mut bytes = fs::read(&path).unwrap();
        if damage == "all of it" {
            bytes.fill(b'x');
        } else {
            let middle = bytes.len() / 2 / 4_096 * 4_096;
            bytes[middle..middle + 4_096].fill(b'x');
        }
        fs::write(&path, &bytes).unwrap();

        let journal = dir.try_open().unwrap();
        assert_eq!(count(&journal, session).await, 0, "{damage}");
        recorded(&journal, 3).await;
        let files = dir.files();
        let aside = files.iter().find(|(name, _)| {
            name.strip_prefix("journal.corrupt-")
                .is_some_and(|rest| rest.parse::<u64>().is_ok())
        });
        assert_eq!(aside.unwrap().1, bytes, "kept as it was");
    }
}

#[tokio::test]
async fn two_relays_do_not_share_a_directory() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let refused = dir.try_open().unwrap_err();
    assert!(matches!(refused, JournalError::InUse { .. }));
    let text = refused.to_string();
    assert!(text.contains(&dir.path().display().to_string()), "{text}");
    drop(journal);
    dir.try_open().unwrap();
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let dir = Dir::new();
    drop(dir.try_open().unwrap());
    dir.connect()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let refused = dir.try_open().unwrap_err().to_string();
    assert!(refused.contains("newer version"), "{refused}");
    assert!(refused.contains("schema is 99"), "{refused}");
    assert!(
        dir.files()
            .iter()
            .all(|(name, _)| !name.contains("corrupt"))
    );
}

#[test]
fn migrations_run_once_each_and_whole_or_not_at_all() {
    let mut connection = Connection::open_in_memory().unwrap();
    let path = Path::new("x.db");
    let migrate =
        |connection: &mut Connection, steps: &[&str]| schema::migrate(connection, path, steps);
    let one = "CREATE TABLE a (x) STRICT; -- refused: no type";
    assert!(migrate(&mut connection, &[one]).is_err());
    let one = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);";
    migrate(&mut connection, &[one]).unwrap();
    migrate(&mut connection, &[one]).unwrap();
    let broken = "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1);";
    assert!(migrate(&mut connection, &[one, broken]).is_err());
    let two = "ALTER TABLE a ADD COLUMN y INTEGER; INSERT INTO a VALUES (3, 4);";
    migrate(&mut connection, &[one, two]).unwrap();
    let sum: i64 = connection
        .query_row("SELECT sum(x) FROM a", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sum, 4);
    assert!(matches!(
        migrate(&mut connection, &[one]),
        Err(JournalError::Newer {
            found: 2,
            known: 1,
            ..
        })
    ));
}

#[tokio::test]
async fn deleted_words_stand_in_no_file() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let kept = recorded(&journal, 2).await;
    let session = new_session();
    let owned = journal.own(session).await.unwrap();
    let token = Some(admission(Role::Helper, 0xC7));
    journal.append(session, opened(), token).unwrap();
    for _ in 0..200 {
        journal
            .append(session, noted("haystack and secret words"), None)
            .unwrap();
    }
    until(&owned, |f| f.durable() == 201).await;
    let stands = |bytes: &[u8]| {
        dir.files()
            .iter()
            .any(|(_, file)| file.windows(bytes.len()).any(|window| window == bytes))
    };
    assert!(stands(b"secret words") && stands(&[0xC7; 32]));
    let deletion = Deletion {
        by: None,
        at: Millis(1),
    };
    assert!(journal.delete(session, deletion).await.unwrap());
    // The other's device can be told by its token until the deletion is forgotten.
    assert!(!stands(b"secret words") && stands(&[0xC7; 32]));
    journal.forget(Millis(2)).await.unwrap();
    assert!(!stands(&[0xC7; 32]));
    assert_eq!(count(&journal, kept).await, 2);
}

/// Makes every insert fail, without a lock.
const SPOIL: &str = "CREATE TRIGGER spoil BEFORE INSERT ON log
    BEGIN SELECT RAISE(ABORT, 'spoiled'); END";

#[tokio::test]
async fn it_records_again_after_an_error_of_the_database() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 2).await;
    let owned = journal.own(session).await.unwrap();
    let beside = dir.connect();
    beside.execute_batch(SPOIL).unwrap();
    for _ in 0..1_000 {
        journal.append(session, noted("kept"), None).unwrap();
    }
    until(&owned, Ownership::failing).await;
    assert_eq!(owned.durable(), 2);
    beside.execute_batch("DROP TRIGGER spoil").unwrap();
    until(&owned, |f| f.durable() == 1_002 && !f.failing()).await;
    assert_eq!(count(&journal, session).await, 1_002);
}

#[tokio::test]
async fn closing_does_not_hang_on_a_disk_that_is_away() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 2).await;
    let owned = journal.own(session).await.unwrap();
    let beside = dir.connect();
    beside.execute_batch(SPOIL).unwrap();
    journal.append(session, noted("lost"), None).unwrap();
    until(&owned, Ownership::failing).await;
    drop(journal);
    assert_eq!(owned.durable(), 2, "not recorded, and never said so");
    beside.execute_batch("DROP TRIGGER spoil").unwrap();
    drop(beside);
    assert_eq!(count(&dir.try_open().unwrap(), session).await, 2);
}

#[tokio::test]
async fn what_is_queued_is_recorded_on_closing() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = new_session();
    let _owned = journal.own(session).await.unwrap();
    for n in 0..4_000 {
        let entry = if n == 0 { opened() } else { noted("queued") };
        journal.append(session, entry, None).unwrap();
    }
    drop(journal);
    assert_eq!(count(&dir.try_open().unwrap(), session).await, 4_000);
    let files = dir.files();
    assert!(files.iter().any(|(name, _)| name == "journal.db"));
}

#[tokio::test]
async fn a_gap_in_the_database_is_an_error_not_a_skip() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let session = recorded(&journal, 5).await;
    dir.connect()
        .execute("DELETE FROM log WHERE seq = 3", [])
        .unwrap();
    let read = journal.read(session).await;
    assert!(matches!(read, Err(JournalError::Unreadable { seq: 3, .. })));
    let rest = journal.page(session, 3, Priority::Live).await.unwrap();
    assert_eq!(rest.entries.len(), 2, "after the gap");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_to_entries_is_not_seen_from_outside() {
    let dir = Dir::new();
    let journal = Arc::new(dir.try_open().unwrap());
    let mut sessions = Vec::new();
    for _ in 0..20 {
        let session = new_session();
        let owned = journal.own(session).await.unwrap();
        journal.append(session, opened(), None).unwrap();
        sessions.push((session, owned));
    }
    let rows = |dir: &Dir| -> (i64, i64) {
        let sum = "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM log)";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        dir.connect().query_row(sum, [], row).unwrap()
    };
    let (mut crashes, mut ended) = (0, 0);
    for round in 2..=200 {
        for (session, _) in &sessions {
            journal.append(*session, noted("mixed"), None).unwrap();
        }
        // Each read sees every entry, whether in `log`, in `entries` or in both.
        let (session, _) = sessions[round % sessions.len()];
        assert_eq!(count(&journal, session).await, round);
        journal.flush().await.unwrap();
        let all = 20 * round as u64;
        let mut archive = Archive::open(&database(dir.path())).unwrap();
        assert_eq!(archive.tally().unwrap().entries, all);
        let mut each = Vec::new();
        let found = |stored: Stored, record: Option<Vec<_>>| {
            each.push((
                stored.entries,
                record.map_or(0, |record| record.len() as u64),
            ));
        };
        archive.each(found).unwrap();
        assert_eq!(each, [(round as u64, round as u64); 20]);
        let (entries, log) = rows(&dir);
        ended += usize::from((entries + log) as u64 == all && entries > 0);
        if (entries + log) as u64 > all && round % 10 == 0 {
            crashes += 1;
            let crashed = dir.crash();
            let reopened = crashed.try_open().unwrap();
            assert_eq!(rows(&crashed), (all as i64, 0));
            for (session, _) in &sessions {
                assert_eq!(count(&reopened, *session).await, round);
                let owned = reopened.own(*session).await.unwrap();
                assert_eq!(owned.durable(), round as u64);
            }
        }
    }
    assert!(crashes > 2 && ended > 2, "{crashes} {ended}");
}

#[tokio::test]
async fn what_is_deleted_during_a_move_leaves_no_row() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let (first, second) = (recorded(&journal, 400).await, recorded(&journal, 400).await);
    let by = Deletion {
        by: None,
        at: Millis(1),
    };
    for (session, left) in [(first, 400), (second, 0)] {
        assert!(journal.delete(session, by).await.unwrap());
        let in_either = "SELECT count(DISTINCT session || seq)
                         FROM (SELECT session, seq FROM log UNION ALL SELECT session, seq FROM entries)";
        let count: i64 = dir
            .connect()
            .query_row(in_either, [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, left);
        assert!(!journal.delete(session, by).await.unwrap(), "it is gone");
    }
    // A deletion by its session alone: these are of no session any more.
    recorded(&journal, 700).await;
    assert_eq!(count(&journal, first).await, 0);
}

#[tokio::test]
async fn a_session_that_is_not_followed_takes_no_room() {
    let dir = Dir::new();
    let journal = dir.try_open().unwrap();
    let mut owned = Vec::new();
    for _ in 0..100 {
        let session = new_session();
        owned.push(journal.own(session).await.unwrap());
        journal.append(session, opened(), None).unwrap();
    }
    assert_eq!(journal.registry.len(), 100);
    // Some are durable by now, and some are not.
    drop(owned);
    journal.flush().await.unwrap();
    assert_eq!(journal.registry.len(), 0);
    let deletion = Deletion {
        by: None,
        at: Millis(1),
    };
    journal.delete(new_session(), deletion).await.unwrap();
    assert_eq!(journal.registry.len(), 0);
    assert!(size_of::<Slot>() <= 192, "{}", size_of::<Slot>());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_user_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let parent = Dir::new();
    let dir = parent.path().join("a/data");
    let journal = SqliteJournal::open(&dir).unwrap();
    recorded(&journal, 2).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let mut seen = 0;
    for file in fs::read_dir(&dir).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
        seen += 1;
    }
    assert_eq!(seen, 4, "database, log, shared memory, lock");
}

#[test]
fn errors_say_what_to_do() {
    let dir = Dir::new();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let text = SqliteJournal::open(&file).unwrap_err().to_string();
    assert!(text.contains("choose a data directory"), "{text}");
    assert!(text.contains(&file.display().to_string()), "{text}");
    let full = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(13), None);
    let text = database_error(&file, full).to_string();
    assert!(text.contains("free some space"), "{text}");
}
