//! Failing disks and damaged databases: stop holds, the relay calls nothing recorded that is not, and it goes
//! on.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;
use tapcue_tests::fault;
use tapcue_tests::outage::Outage;
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::{Frame, Peer, is_recorded, recorded};
use tapcue_tests::record;
use tapcue_tests::relay::Relay;
use tapcue_tests::storage::{Syncs, flip};
use tapcue_tests::wait;
use tokio::time::Instant;

/// How long another program locks the database.
const LOCKED_FOR: Duration = Duration::from_secs(10);

/// The size of a page of the database, in bytes. Source: SQLite's default.
const PAGE: u64 = 4_096;

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_fails_records_nothing() {
    let syncs = Syncs::new();
    let mut relay = with(&syncs).await;
    let mut outage = Outage::ahead(&relay).await;
    syncs.fail(true);
    outage.hold_out(&relay).await;
    relay.until_logged("see whether the disk is sound").await;
    syncs.fail(false);
    let figure = outage.after(&mut relay).await;
    fault::came("faults_storage::a_sync_that_fails_records_nothing", &figure);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_does_not_return_is_a_disk_that_is_away() {
    let syncs = Syncs::new();
    let mut relay = with(&syncs).await;
    let mut outage = Outage::ahead(&relay).await;
    syncs.hang(true);
    outage.hold_out(&relay).await;
    relay.until_logged("the disk does not answer").await;
    syncs.hang(false);
    let figure = outage.after(&mut relay).await;
    fault::came(
        "faults_storage::a_sync_that_does_not_return_is_a_disk_that_is_away",
        &figure,
    );
}

async fn with(syncs: &Syncs) -> Relay {
    let envs = syncs.envs();
    let envs = envs.each_ref().map(|(key, value)| (*key, value.as_str()));
    Relay::start_with(&[], &envs).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_program_holds_for_ten_seconds() {
    let mut relay = Relay::start().await;
    let mut outage = Outage::ahead(&relay).await;
    let other = Connection::open(relay.database()).expect("the relay's database");
    other.execute_batch("BEGIN EXCLUSIVE").expect("its lock");
    let until = Instant::now() + LOCKED_FOR;
    outage.hold_out(&relay).await;
    relay
        .until_logged("another program holds the database")
        .await;
    wait::at(until).await;
    other
        .execute_batch("ROLLBACK")
        .expect("its lock, given back");
    drop(other);
    let figure = outage.after(&mut relay).await;
    fault::came(
        "faults_storage::a_database_that_another_program_holds_for_ten_seconds",
        &figure,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_while_it_is_down_it_starts_all_the_same() {
    let mut relay = Relay::start().await;
    // Enough entries for tables of several pages.
    let pair = busy(&relay).await;
    let token = pair.receiver.welcome_text("token");
    drop(pair);
    relay.ask_to_go();
    relay.gone().await;
    let sound = fs::read(relay.database()).expect("the database");
    let pages = sound.len() as u64 / PAGE;
    assert!(pages >= 12, "{pages} pages");
    // Every byte of the header, and the start and the middle of each page.
    let header = (0..100).map(|at| (at, 1));
    let heads = (0..pages).map(|page| (page * PAGE + 100 * u64::from(page == 0), 4));
    let middles = (0..pages).map(|page| (page * PAGE + 2_000, 4));
    let places: Vec<_> = header.chain(heads).chain(middles).collect();
    let (mut aside, mut refused, mut whole) = (0, 0, 0);
    for &(at, count) in &places {
        clear(relay.data());
        fs::write(relay.database(), &sound).expect("the database, sound");
        flip(&relay.database(), at, count);
        let flipped = fs::read(relay.database()).expect("the database, flipped");
        let before = relay.logs().len();
        relay.start_again().await;
        // With any damage two people can work and stop.
        let mut new = Pair::open(&relay.ws()).await;
        let stop = new.helper.cue("stop");
        new.receiver
            .until("the stop", |state| state["hold"]["id"] == json!(stop))
            .await;
        new.helper.expect("its record", is_recorded(&stop)).await;
        let back = back(&relay, &token).await;
        let kept = set_aside(relay.data());
        match (&kept, back.as_deref()) {
            (Some(kept), Some("bad_token")) => {
                aside += 1;
                assert!(
                    fs::read(kept).expect("it") == flipped,
                    "kept as it was found"
                );
                let name = kept.display().to_string();
                relay.until_logged(&name).await;
                let logs = relay.logs().split_off(before);
                for words in ["is damaged", "set aside", &name, "tapcue-server restore"] {
                    assert!(logs.contains(words), "{words} in {logs}");
                }
            }
            // The page has only text: this one session cannot be resumed, and nothing else is lost.
            (None, Some("unavailable" | "bad_token")) => refused += 1,
            (None, None) => whole += 1,
            (kept, back) => panic!("at {at}: set aside {kept:?}, came back to {back:?}"),
        }
        relay.kill().await;
    }
    assert!(aside > pages, "{aside} of {} set aside", places.len());
    fault::came(
        "faults_storage::flipped_while_it_is_down_it_starts_all_the_same",
        &format!(
            "{} places: {aside} set aside, {refused} times one session refused, {whole} times of no \
             account; always a new pair stopped and recorded",
            places.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_while_it_runs_stop_holds_and_the_next_start_finds_it() {
    let mut relay = Relay::start().await;
    let pair = busy(&relay).await;
    drop(pair);
    // The shutdown moves everything from the log to the database.
    relay.ask_to_go();
    relay.gone().await;
    relay.start_again().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let pages = fs::metadata(relay.database()).expect("the database").len() / PAGE;
    for page in 1..pages {
        flip(&relay.database(), page * PAGE, 16);
    }
    let stop = pair.receiver.cue("stop");
    pair.helper
        .until("the stop", |state| state["hold"]["id"] == json!(stop))
        .await;
    relay.kill().await;
    let before = recorded(&pair.receiver.frames());
    relay.start_again().await;
    let kept = set_aside(relay.data()).expect("what was damaged, set aside");
    relay.until_logged(&kept.display().to_string()).await;
    let mut new = Pair::live(&relay.ws()).await;
    let stop = new.receiver.cue("stop");
    new.receiver.expect("its record", is_recorded(&stop)).await;
    fault::came(
        "faults_storage::flipped_while_it_runs_stop_holds_and_the_next_start_finds_it",
        &format!(
            "held by the stop, {} receipts of it before; set aside at the next start, a new pair \
             recorded",
            before.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_log_gives_a_prefix_and_a_hold() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let mut cues = Vec::new();
    for n in 0..30 {
        let cue = pair.receiver.cue(["slower", "left", "right"][n % 3]);
        pair.receiver.expect("its record", is_recorded(&cue)).await;
        cues.push(cue);
    }
    let epoch = pair.receiver.state()["epoch"].as_u64();
    relay.kill().await;
    let log = relay.data().join("journal.db-wal");
    let whole = fs::read(&log).expect("the write-ahead log");
    let database = fs::read(relay.database()).expect("the database");
    let length = whole.len() as u64;
    let mut kept = Vec::new();
    for (torn, garbled) in [
        (1, false),
        (700, true),
        (PAGE, false),
        (3 * PAGE + 77, true),
        (8 * PAGE, false),
    ] {
        fs::write(relay.database(), &database).expect("the database");
        fs::write(&log, &whole).expect("the log");
        let _ = fs::remove_file(relay.data().join("journal.db-shm"));
        if garbled {
            flip(&log, length - torn, torn as usize);
        } else {
            let log = OpenOptions::new().write(true).open(&log).expect("the log");
            log.set_len(length - torn).expect("a shorter log");
        }
        relay.start_again().await;
        let again = pair.back(&relay.ws()).await;
        for peer in [&again.receiver, &again.helper] {
            let state = peer.state();
            assert_eq!(state["phase"], "held");
            assert!(state["epoch"].as_u64() > epoch);
            assert!(state["cue"].is_null());
        }
        let transcript = record::transcript(relay.addr(), &again.receiver).await;
        record::check_order(&transcript);
        let there: Vec<_> = cues
            .iter()
            .map(|id| record::count(&transcript, id))
            .collect();
        let prefix = there.iter().take_while(|count| **count == 1).count();
        assert!(
            there[prefix..].iter().all(|count| *count == 0),
            "no prefix: {there:?}"
        );
        kept.push(prefix);
        // A device resends the cues that the relay lost, and gets their receipts again.
        let mut again = again;
        again.hands_off().await;
        again.both_ready().await;
        let last = again.receiver.cue("stay");
        again
            .receiver
            .expect("its record", is_recorded(&last))
            .await;
        relay.kill().await;
    }
    fault::came(
        "faults_storage::a_torn_log_gives_a_prefix_and_a_hold",
        &format!("torn at 5 places: started, held, with the first {kept:?} of 30 cues"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_in_one_session_stops_no_other_and_a_repeat_changes_nothing() {
    let mut relay = Relay::start().await;
    let mut pairs = Vec::new();
    for _ in 0..3 {
        let mut pair = Pair::live(&relay.ws()).await;
        let stop = pair.receiver.cue("stop");
        pair.receiver.expect("its record", is_recorded(&stop)).await;
        pairs.push(pair);
    }
    relay.ask_to_go();
    relay.gone().await;
    let database = Connection::open(relay.database()).expect("the database");
    let key = |pair: &Pair| {
        let id = pair.receiver.welcome_text("session").replace('-', "");
        id.to_uppercase()
    };
    // The entries are in the `log` table, or the start has moved them to `entries`.
    let gap = format!(
        "DELETE FROM {{}} WHERE hex(session) = '{}' AND seq = 3",
        key(&pairs[0])
    );
    let repeat = format!(
        "INSERT INTO log (session, seq, body) SELECT session, seq, replace(body, 'stop', 'ready')
         FROM {{}} WHERE hex(session) = '{}'",
        key(&pairs[1])
    );
    let (mut gone, mut repeated) = (0, 0);
    for table in ["log", "entries"] {
        gone += database
            .execute(&gap.replace("{}", table), [])
            .expect("a gap");
        repeated += database
            .execute(&repeat.replace("{}", table), [])
            .expect("repeats");
    }
    drop(database);
    assert!(
        gone == 1 && repeated > 3,
        "{gone} gone, {repeated} repeated"
    );
    relay.start_again().await;
    let token = pairs[0].receiver.welcome_text("token");
    assert_eq!(back(&relay, &token).await.as_deref(), Some("unavailable"));
    let session = pairs[0].receiver.welcome_text("session");
    relay.until_logged("entry 3 of session").await;
    assert_eq!(
        record::ask(relay.addr(), &session, &token).await.status,
        503
    );
    for pair in &pairs[1..] {
        let mut again = pair.back(&relay.ws()).await;
        assert_eq!(again.helper.state()["hold"]["reason"], "stop");
        assert_eq!(again.helper.state()["hold"]["count"], 1);
        let transcript = record::transcript(relay.addr(), &again.helper).await;
        record::check_order(&transcript);
        again.hands_off().await;
        again.both_ready().await;
    }
    fault::came(
        "faults_storage::a_gap_in_one_session_stops_no_other_and_a_repeat_changes_nothing",
        &format!(
            "the one with a gap refused, {repeated} repeated rows without effect, others live"
        ),
    );
}

/// A session with some hundred entries.
async fn busy(relay: &Relay) -> Pair {
    let mut pair = Pair::live(&relay.ws()).await;
    let mut last = String::new();
    for _ in 0..12 {
        for _ in 0..20 {
            last = pair.receiver.cue("stop");
        }
        pair.receiver.expect("the record", is_recorded(&last)).await;
    }
    pair
}

/// The error code of a device that comes back; none if it is let in.
async fn back(relay: &Relay, token: &str) -> Option<String> {
    let mut device = Peer::connect("back", &relay.ws()).await;
    device.send(json!({"type": "resume", "token": token}));
    let answer = |frame: &Frame| match frame.kind() {
        "welcome" => Some(None),
        "error" => Some(frame.body["code"].as_str().map(str::to_owned)),
        _ => None,
    };
    device.expect("an answer", answer).await
}

/// The database that was set aside, if there is one.
fn set_aside(data: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(data).expect("the data directory");
    let mut paths = files.map(|file| file.expect("a file").path());
    paths.find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("journal.corrupt-") && !name.ends_with("-wal") && !name.ends_with("-shm")
    })
}

/// Removes every database.
fn clear(data: &Path) {
    for file in fs::read_dir(data).expect("the data directory") {
        let path = file.expect("a file").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("journal.") && name != "journal.lock" {
            fs::remove_file(&path).expect("one file less");
        }
    }
}
