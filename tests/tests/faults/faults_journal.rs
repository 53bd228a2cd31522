//! The relay's files are removed, replaced or damaged, while it runs and between two starts. The relay calls
//! nothing recorded that is not, keeps what it can, and logs what it found.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tapcue_tests::fault;
use tapcue_tests::http;
use tapcue_tests::outage::Outage;
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::{Frame, Peer, is_recorded, is_stop};
use tapcue_tests::record;
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::until;

fn file(relay: &Relay, name: &str) -> PathBuf {
    relay.data().join(name)
}

fn remove(relay: &Relay, names: &[&str]) {
    for name in names {
        fs::remove_file(file(relay, name)).expect("a file of the journal");
    }
}

/// Files of the data directory whose names begin with `begins`.
fn kept(data: &Path, begins: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(data).expect("the data directory");
    let paths = files.map(|file| file.expect("a file").path());
    let begins = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(begins)
    };
    paths.filter(begins).collect()
}

/// A database of another relay.
async fn of_another() -> Vec<u8> {
    let mut other = Relay::start().await;
    drop(Pair::open(&other.ws()).await);
    other.ask_to_go();
    other.gone().await;
    fs::read(other.database()).expect("its database")
}

/// A change to a relay's files.
type Deed<'a> = &'a dyn Fn(&Relay);

#[tokio::test(flavor = "multi_thread")]
async fn taken_away_in_a_session_they_are_written_again_whole() {
    let another = of_another().await;
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let mut cues = Vec::new();
    let deeds: [(&str, Deed); 6] = [
        ("database removed", &|relay| remove(relay, &["journal.db"])),
        ("log removed", &|relay| remove(relay, &["journal.db-wal"])),
        ("all removed", &|relay| {
            remove(relay, &["journal.db", "journal.db-wal", "journal.db-shm"]);
        }),
        ("database renamed", &|relay| {
            fs::rename(relay.database(), file(relay, "old.db")).expect("another name");
        }),
        ("database replaced", &|relay| {
            remove(relay, &["journal.db"]);
            fs::write(relay.database(), &another).expect("another database");
        }),
        ("directory removed", &|relay| {
            fs::remove_dir_all(relay.data()).expect("no directory");
        }),
    ];
    for (what, deed) in &deeds {
        let before = pair.receiver.cue("slower");
        let recorded = is_recorded(&before);
        pair.receiver.expect("its record", recorded).await;
        deed(&relay);
        let after = pair.receiver.cue("ease_up");
        pair.receiver.expect(what, is_recorded(&after)).await;
        assert!(relay.database().exists(), "{what}");
        cues.extend([before, after]);
    }
    for words in ["is gone", "was replaced", "was written anew"] {
        relay.until_logged(words).await;
    }
    assert_eq!(
        kept(relay.data(), "journal.corrupt-"),
        Vec::<PathBuf>::new()
    );
    assert_eq!(http::get(relay.addr(), "/readyz").await.status, 200);
    relay.kill().await;
    relay.start_again().await;
    let pair = pair.back(&relay.ws()).await;
    let transcript = record::transcript(relay.addr(), &pair.receiver).await;
    record::check_order(&transcript);
    for id in &cues {
        assert_eq!(record::count(&transcript, id), 1, "{id} was recorded");
    }
    fault::came(
        "faults_journal::taken_away_in_a_session_they_are_written_again_whole",
        &format!(
            "{} ways in one session: written again each time, {} receipts true after kill -9",
            deeds.len(),
            cues.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_place_to_write_to_it_says_so_and_stop_passes() {
    let mut relay = Relay::start().await;
    let mut outage = Outage::ahead(&relay).await;
    fs::remove_dir_all(relay.data()).expect("no directory");
    fs::write(relay.data(), "in the way").expect("a file in its place");
    outage.hold_out(&relay).await;
    for words in ["is gone", "let no other program remove"] {
        relay.until_logged(words).await;
    }
    fs::remove_file(relay.data()).expect("the file");
    let figure = outage.after(&mut relay).await;
    fault::came(
        "faults_journal::with_no_place_to_write_to_it_says_so_and_stop_passes",
        &figure,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn spoilt_in_a_session_it_is_unrecorded_and_new_ones_are_recorded() {
    let another = of_another().await;
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let slower = pair.receiver.cue("slower");
    pair.receiver
        .expect("its record", is_recorded(&slower))
        .await;
    fs::write(relay.database(), another).expect("another database, written over it");
    // The relay notices that without any act of a device.
    for peer in [&pair.receiver, &pair.helper] {
        unrecorded(peer).await;
    }
    let stop = pair.receiver.cue("stop");
    pair.helper.expect("the stop", is_stop(&stop)).await;
    pair.helper
        .until("held", |state| state["hold"]["id"] == json!(stop))
        .await;
    let mut new = Pair::live(&relay.ws()).await;
    let cue = new.receiver.cue("stop");
    new.receiver.expect("its record", is_recorded(&cue)).await;
    assert_eq!(http::get(relay.addr(), "/readyz").await.status, 200);
    let frames = pair.receiver.frames();
    assert!(
        frames
            .iter()
            .all(|frame| is_recorded(&stop)(frame).is_none()),
        "no receipt for what is not recorded"
    );
    for words in ["written over", "was begun anew", "tapcue-server restore"] {
        relay.until_logged(words).await;
    }
    assert!(!kept(relay.data(), "journal.corrupt-").is_empty());
    relay.kill().await;
    relay.start_again().await;
    let new = new.back(&relay.ws()).await;
    let transcript = record::transcript(relay.addr(), &new.receiver).await;
    assert_eq!(record::count(&transcript, &cue), 1);
    fault::came(
        "faults_journal::spoilt_in_a_session_it_is_unrecorded_and_new_ones_are_recorded",
        "both told, stopped; a new pair recorded, and whole after kill -9",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_beside_another_database_is_set_aside_and_said() {
    let another = of_another().await;
    let mut relay = Relay::start().await;
    drop(Pair::live(&relay.ws()).await);
    relay.ask_to_go();
    relay.gone().await;
    let older = fs::read(relay.database()).expect("the database");
    // Until the relay folds the log into the database, a copy equals the database.
    relay.start_again().await;
    relay.ask_to_go();
    relay.gone().await;
    relay.start_again().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let slower = pair.receiver.cue("slower");
    pair.receiver
        .expect("its record", is_recorded(&slower))
        .await;
    relay.kill().await;
    let log = file(&relay, "journal.db-wal");
    let newer = fs::read(&log).expect("the log");
    let own = fs::read(relay.database()).expect("the database");
    for (what, database) in [("an older copy", &older), ("another relay's", &another)] {
        fs::write(relay.database(), database).expect("another database");
        fs::write(&log, &newer).expect("the log");
        let logs = relay.logs().len();
        relay.start_again().await;
        until(what, async || {
            let logs = relay.logs().split_off(logs);
            logs.contains("belongs to another database").then_some(())
        })
        .await;
        let aside = kept(relay.data(), "journal.foreign-");
        let [aside] = &aside[..] else {
            panic!("{what}: {aside:?}");
        };
        assert_eq!(fs::read(aside).expect("it"), newer, "{what}");
        let mut new = Pair::live(&relay.ws()).await;
        let stop = new.receiver.cue("stop");
        new.receiver.expect("its record", is_recorded(&stop)).await;
        relay.kill().await;
        fs::remove_file(aside).expect("it");
    }
    // With its own log the database is complete.
    fs::write(relay.database(), own).expect("its database");
    fs::write(&log, newer).expect("the log");
    relay.start_again().await;
    let pair = pair.back(&relay.ws()).await;
    let transcript = record::transcript(relay.addr(), &pair.receiver).await;
    assert_eq!(record::count(&transcript, &slower), 1);
    fault::came(
        "faults_journal::a_log_beside_another_database_is_set_aside_and_said",
        "beside an older copy and another relay's: kept, said, new pairs recorded; with its own it is whole",
    );
}

/// Waits until a device is told that its session is not recorded.
async fn unrecorded(peer: &Peer) {
    until("\"not recorded\" said", async || {
        let frames = peer.frames();
        let newest = frames
            .iter()
            .rfind(|frame: &&Frame| frame.kind() == "beat")?;
        (newest.body["unrecorded"] == true).then_some(())
    })
    .await;
}
