//! What an operator does with the relay's data: count it, back it up while people work, and restore it. All
//! through the real binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tapcue_tests::folder::folder;
use tapcue_tests::http;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::wait::until;
use tempfile::TempDir;

/// Runs a command of the relay's binary on a data directory.
fn run(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(binary("tapcue-server"));
    command.args(args).arg("--data").arg(data);
    command.output().expect("the relay's binary")
}

/// Runs a command that must succeed; returns its output.
fn done(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// Runs a command that must fail; returns its message for the operator.
fn refused(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn stored(data: &Path) -> Value {
    serde_json::from_str(&done(data, &["sessions", "--json"])).expect("JSON")
}

/// A backup file in a folder of its own.
struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(folder())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("one.backup")
    }

    fn name(&self) -> String {
        self.path().display().to_string()
    }
}

struct Session {
    id: String,
    /// The tokens of the receiver and the helper.
    tokens: [String; 2],
}

impl Session {
    fn of(pair: &Pair) -> Self {
        Self {
            id: pair.receiver.welcome_text("session"),
            tokens: [&pair.receiver, &pair.helper].map(|peer| peer.welcome_text("token")),
        }
    }

    /// A session that has ended.
    async fn ended(relay: &Relay) -> Self {
        let mut pair = Pair::live(&relay.ws()).await;
        let session = Self::of(&pair);
        pair.helper.send(json!({"type": "end"}));
        pair.receiver.until_phase("ended").await;
        session
    }

    async fn ask(&self, relay: &Relay, method: &str, below: &str) -> http::Answer {
        let bearer = format!("Bearer {}", self.tokens[0]);
        let path = format!("/api/v1/sessions/{}{below}", self.id);
        http::request(relay.addr(), method, &path, &[("Authorization", &bearer)]).await
    }

    /// The hashes of its entries; each covers all entries before it.
    async fn hashes(&self, relay: &Relay) -> Vec<Value> {
        let answer = self.ask(relay, "GET", "/transcript").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let transcript: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let entries = transcript["entries"].as_array().expect("entries");
        entries.iter().map(|entry| entry["hash"].clone()).collect()
    }
}

/// Two cues reach the helper's screen. They differ, because two equal cues so close together count as one
/// tap.
async fn both_ways(pair: &mut Pair) {
    for way in ["left", "right"] {
        let cue = pair.receiver.cue(way);
        pair.helper
            .until(way, |state| state["cue"]["id"] == json!(cue))
            .await;
    }
}

async fn stop(relay: &mut Relay) {
    relay.ask_to_go();
    assert!(relay.gone().await.success());
}

/// A stopped relay whose data directory is empty.
async fn empty() -> Relay {
    let mut relay = Relay::start().await;
    stop(&mut relay).await;
    for file in std::fs::read_dir(relay.data()).expect("its data") {
        std::fs::remove_file(file.expect("a file").path()).expect("a file removed");
    }
    relay
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_people_at_work_is_their_record_up_to_then_anywhere() {
    let relay = Relay::start_with(&["--cues-per-second", "1000000"], &[]).await;
    let mut pair = Pair::live(&relay.ws()).await;
    let session = Session::of(&pair);
    both_ways(&mut pair).await;
    let before = session.hashes(&relay).await;
    let file = File::new();
    let (data, name) = (relay.data().to_owned(), file.name());
    let backing = tokio::task::spawn_blocking(move || done(&data, &["backup", &name]));
    let mut during = 0;
    // Cues are shown and recorded for as long as the backup takes.
    while !backing.is_finished() {
        both_ways(&mut pair).await;
        during += 1;
    }
    let said = backing.await.expect("a backup");
    assert!(during > 0);
    assert!(said.contains("1 session with"), "{said}");
    assert!(said.contains("the relay's key"), "{said}");
    assert_eq!(said.lines().count(), 1);
    let _ = pair.receiver.cue("stop");
    pair.helper
        .until("stop", |state| state["hold"]["reason"] == "stop")
        .await;
    let after = session.hashes(&relay).await;

    let mut elsewhere = empty().await;
    done(elsewhere.data(), &["restore", &file.name()]);
    elsewhere.start_again().await;
    let restored = session.hashes(&elsewhere).await;
    assert!(restored.starts_with(&before), "all before it is in it");
    assert!(after.starts_with(&restored), "and nothing but the record");
    let key = async |relay: &Relay| http::get(relay.addr(), "/api/v1/key").await.text();
    assert_eq!(key(&elsewhere).await, key(&relay).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_after_the_backup_stays_deleted() {
    let mut relay = Relay::start().await;
    let kept = Session::ended(&relay).await;
    let gone = Session::ended(&relay).await;
    let before = kept.hashes(&relay).await;
    let file = File::new();
    done(relay.data(), &["backup", &file.name()]);
    assert_eq!(gone.ask(&relay, "DELETE", "").await.status, 204);
    let restore = ["restore", &file.name(), "--replace"];
    let words = refused(relay.data(), &restore);
    assert!(words.contains("stop it, restore"), "{words}");
    assert_eq!(kept.hashes(&relay).await, before, "it goes on");
    stop(&mut relay).await;
    let words = refused(relay.data(), &restore[..2]);
    assert!(words.contains("With --replace"), "{words}");
    let said = done(relay.data(), &restore);
    assert!(said.contains("stays deleted"), "{said}");
    relay.start_again().await;
    assert_eq!(kept.hashes(&relay).await, before);
    let answer = gone.ask(&relay, "GET", "/transcript").await;
    assert_eq!(answer.status, 410, "{}", answer.text());
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["by"], "receiver");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_counted_and_no_word_of_it_told() {
    let mut relay = Relay::start().await;
    let options = json!({"rehearsal": false, "setup": false, "keep": "7d"});
    let mut pair = Pair::open_at(&relay.ws(), &relay.ws(), options).await;
    pair.both_ready().await;
    let live = Session::of(&pair);
    let ended = Session::ended(&relay).await;
    let bearer = format!("Bearer {}", ended.tokens[0]);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let path = format!("/api/v1/sessions/{}/notes", ended.id);
    let note = r#"{"text": "plantednote", "shared": true}"#;
    let noted = http::request_with(relay.addr(), "POST", &path, &headers, note).await;
    assert_eq!(noted.status, 201);
    let gone = Session::ended(&relay).await;
    assert_eq!(gone.ask(&relay, "DELETE", "").await.status, 204);

    let report = until("live as it is recorded", async || {
        // The relay holds a session if the machine pauses for two seconds.
        if pair.helper.state()["phase"] != "live" {
            pair.hands_off().await;
            pair.both_ready().await;
        }
        let report = stored(relay.data());
        (report["counts"]["live"] == 1).then_some(report)
    })
    .await;
    let counts = json!({"live": 1, "unfinished": 0, "ended": 1, "unreadable": 0, "deleted": 1});
    assert_eq!(report["counts"], counts);
    assert!(report["relay_since"].is_u64());
    let row = |report: &Value, session: &Session| {
        let rows = report["sessions"].as_array().cloned().expect("sessions");
        let found = rows.into_iter().find(|row| row["session"] == session.id);
        found.expect("its row")
    };
    let days = |row: &Value, since: &str| {
        let at = |name: &str| row[name].as_u64().expect("a time");
        (at("due_at") - at(since)) as f64 / 86_400_000.0
    };
    // An abandoned session counts as ended a day after its newest entry.
    assert!((days(&row(&report, &live), "last_at") - 8.0).abs() < 0.01);
    assert!((days(&row(&report, &ended), "opened_at") - 30.0).abs() < 0.01);
    let text = done(relay.data(), &["sessions"]);
    let both = format!("{text}{report}");
    assert!(text.contains("2: 1 live, 0 not ended, 1 ended"), "{text}");
    for secret in [
        "plantednote",
        "slower",
        &ended.tokens[0][33..],
        &live.tokens[1][33..],
    ] {
        assert!(!both.contains(secret), "{secret} in {both}");
    }

    // A killed relay leaves its session live; after the restart no device came back, so it is not live.
    relay.kill().await;
    assert_eq!(stored(relay.data())["relay_since"], Value::Null);
    relay.start_again().await;
    let report = stored(relay.data());
    assert_eq!(report["counts"]["live"], 0, "{report}");
    assert_eq!(report["counts"]["unfinished"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_command_no_relay_starts_and_every_flag_still_stands_before_it() {
    let nowhere = folder();
    for args in [&["sessions"][..], &["backup", "x"]] {
        let words = refused(nowhere.path(), args);
        assert!(words.contains("see that the path is right"), "{words}");
    }
    let words = refused(nowhere.path(), &["restore", "/nowhere/at/all"]);
    assert!(words.contains("see that the path is right"), "{words}");
    assert!(
        std::fs::read_dir(nowhere.path())
            .expect("it")
            .next()
            .is_none()
    );
    let relay = Relay::start_with(&["--log", "warn"], &[]).await;
    let _pair = Pair::open_at(&relay.ws(), &relay.ws(), waived()).await;
    let mut before = Command::new(binary("tapcue-server"));
    before.arg("--data").arg(relay.data()).arg("sessions");
    let output = before.output().expect("the relay's binary");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("Sessions   1"));
}
