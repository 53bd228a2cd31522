//! The commands for ended sessions, as a program or a person runs them: their requests to the relay, output
//! and exit codes.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod http;
mod verify;

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use http::HttpRelay;
use serde_json::{Value, json};
use tapcue::device::credentials::{Memory, Place};
use tapcue_rules::cue::Role;
use tapcue_rules::language::Language;
use tapcue_rules::message::Secret;
use tapcue_rules::time::Millis;
use tapcue_transcript::read_export;
use tokio::process::Command;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// The session of the worked example in docs/transcript.md.
const SESSION: &str = "01997f6e-0a3b-7c0e-9d5a-000000000000";

const TOKEN: &str = "planted-token";

/// The sealed transcript of that example: the receiver's copy.
fn example() -> &'static str {
    let document = include_str!("../../../docs/transcript.md");
    let (_, block) = document.split_once("```json\n").unwrap();
    block.split_once("```").unwrap().0
}

/// A folder for a device's state and exports; dropping it removes the folder.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let unique = format!("tapcue-past-{}", uuid::Uuid::now_v7());
        let home = Self(std::env::temp_dir().join(unique));
        std::fs::create_dir_all(&home.0).unwrap();
        home
    }

    /// The home of the receiver in the example's session.
    fn with(relay: &str) -> Self {
        let home = Self::new();
        home.keep(relay, SESSION, Role::Receiver, 1_795_339_800_000);
        home
    }

    fn keep(&self, relay: &str, session: &str, role: Role, at: u64) {
        let place = Place {
            relay: relay.into(),
            session: serde_json::from_value(json!(session)).unwrap(),
            role,
            token: Secret(TOKEN.into()),
            opened_at: Millis(at),
            used_at: Millis(at),
            over: true,
            ca: None,
        };
        self.memory().keep(&place).unwrap();
    }

    fn memory(&self) -> Memory {
        Memory::in_directory(self.0.join("state"))
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let child = Command::new(env!("CARGO_BIN_EXE_tapcue"))
            .args(arguments)
            .current_dir(&self.0)
            .env("TAPCUE_STATE_DIR", self.0.join("state"))
            // This variable names the relay of new sessions, never of ended ones.
            .env("TAPCUE_RELAY", "http://127.0.0.1:1")
            .env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let Output {
            status,
            stdout,
            stderr,
        } = timeout(PATIENCE, child).await.expect("an end").unwrap();
        let ran = Ran {
            exit: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            errors: String::from_utf8(stderr).unwrap(),
        };
        assert!(!ran.errors.contains(TOKEN), "{}", ran.errors);
        assert!(!ran.out.contains(TOKEN), "{}", ran.out);
        ran
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Ran {
    exit: i32,
    out: String,
    errors: String,
}

impl Ran {
    /// Checks the exit code and a text on standard error.
    #[track_caller]
    fn is(&self, exit: i32, says: &str) {
        assert_eq!(self.exit, exit, "{self:?}");
        assert!(self.errors.contains(says), "{says:?} is missing: {self:?}");
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

#[tokio::test]
async fn a_session_is_shown_as_its_relay_keeps_it() {
    let relay = HttpRelay::start(&[(200, example())]).await;
    let home = Home::with(&relay.address);
    for named in [None, Some("1"), Some("01997f6e-0a3b"), Some(SESSION)] {
        let ran = home.run(&[&["show"], named.as_slice()].concat()).await;
        ran.is(0, "");
        for says in [SESSION, "10:30 (UTC+1:00)", "TIMELINE", "It was \"fine\"."] {
            assert!(
                ran.out.contains(says),
                "{says:?} is missing in\n{}",
                ran.out
            );
        }
    }
    let asked = &relay.asked()[0];
    assert_eq!(
        asked.what,
        format!("GET /api/v1/sessions/{SESSION}/transcript")
    );
    assert_eq!(asked.bearer, Some(format!("Bearer {TOKEN}")));
    let ran = home.run(&["show", "--json"]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (0, example()));
    home.run(&["show", "2"]).await.is(2, "tapcue sessions");
    home.run(&["show", "--as", "helper"])
        .await
        .is(2, "that role");
}

#[tokio::test]
async fn an_export_is_what_the_relay_would_give_and_stays_unless_it_is_forced() {
    let relay = HttpRelay::start(&[(200, example())]).await;
    let home = Home::with(&relay.address);
    let (_, transcript) = read_export(example(), &[]);
    let transcript = transcript.unwrap();
    for (format, end, text) in [
        ("json", "json", example().to_owned()),
        ("csv", "csv", transcript.csv(Language::En)),
        ("html", "html", transcript.html(Language::En, 60)),
        ("text", "txt", transcript.text(Language::En, 80, 60)),
    ] {
        let arguments = ["export", "--format", format];
        home.run(&arguments).await.is(0, "");
        let name = format!("tapcue-{SESSION}.{end}");
        let file = home.0.join(&name);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "{format}");
        std::fs::write(&file, "mine").unwrap();
        home.run(&arguments).await.is(2, "--force");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
        let forced = [&arguments[..], &["--force", "--json"]].concat();
        let done = home.run(&forced).await.json();
        assert_eq!(
            (&done["file"], &done["standing"]),
            (&json!(name), &json!("sealed"))
        );
        let piped = home.run(&[&arguments[..], &["-o", "-"]].concat()).await;
        assert_eq!((piped.exit, piped.out), (0, text), "{format}");
    }
    // The file alone is enough: the relay is gone.
    drop(relay);
    let file = format!("tapcue-{SESSION}.json");
    let again = home
        .run(&["export", &file, "--format", "csv", "-o", "-"])
        .await;
    assert_eq!(again.out, transcript.csv(Language::En));
    let shown = home.run(&["show", &file]).await;
    assert_eq!(shown.out, transcript.text(Language::En, 80, 60));
    home.run(&["show"]).await.is(1, "No server answers");
}

#[tokio::test]
async fn what_the_relay_refuses_is_said_with_what_to_do() {
    for (status, body, exit, says) in [
        (401, "{}", 3, "--only-here"),
        (410, r#"{"by":"helper","at":1}"#, 6, "The helper deleted"),
        (503, "{}", 1, "Try again"),
        (404, "not here", 1, "status 404"),
        (200, "{}", 1, "not a Tapcue record"),
    ] {
        let relay = HttpRelay::start(&[(status, body)]).await;
        let home = Home::with(&relay.address);
        home.run(&["show"]).await.is(exit, says);
        let kept = home.memory().places().len();
        assert_eq!(kept, usize::from(status != 410), "{status}");
    }
}

#[tokio::test]
async fn deleting_asks_first_and_forgets() {
    let relay = HttpRelay::start(&[(204, "")]).await;
    let home = Home::with(&relay.address);
    home.keep(&relay.address, SESSION, Role::Helper, 5);
    home.run(&["delete"]).await.is(2, "--yes");
    assert_eq!((relay.asked(), home.memory().places().len()), (vec![], 2));
    let ran = home.run(&["delete", "--yes"]).await;
    ran.is(0, "");
    assert!(ran.out.contains("for both of you"));
    assert_eq!(
        relay.asked()[0].what,
        format!("DELETE /api/v1/sessions/{SESSION}")
    );
    assert_eq!(home.memory().places(), [], "neither role's token is kept");

    let gone = r#"{"code":"deleted","by":"receiver","at":1}"#;
    for (status, body, exit, says, kept) in [
        (410, gone, 6, "You deleted", 0),
        (401, "{}", 3, "Nothing was deleted", 1),
        (503, "{}", 1, "Try again", 1),
    ] {
        let relay = HttpRelay::start(&[(status, body)]).await;
        let home = Home::with(&relay.address);
        home.run(&["delete", "--yes"]).await.is(exit, says);
        assert_eq!(home.memory().places().len(), kept, "{status}");
        let forgotten = home.run(&["delete", "--yes", "--only-here"]).await;
        assert_eq!(forgotten.exit, if kept > 0 { 0 } else { 2 });
        assert_eq!(home.memory().places(), []);
        assert_eq!(relay.asked().len(), 1, "the relay is not asked to forget");
    }
}

#[tokio::test]
async fn a_note_goes_to_the_relay_as_it_was_written() {
    let relay = HttpRelay::start(&[(201, ""), (201, ""), (409, "{}")]).await;
    let home = Home::with(&relay.address);
    home.run(&["note", "1", "sore \"today\"", "--shared"])
        .await
        .is(0, "");
    home.run(&["note", "1", "--about", "3"]).await.is(0, "");
    home.run(&["note", "1", "early"])
        .await
        .is(3, "after it ends");
    let long = "x".repeat(2_001);
    home.run(&["note", "1", &long])
        .await
        .is(2, "2000 characters");
    let asked = relay.asked();
    let bodies = asked
        .iter()
        .map(|asked| serde_json::from_str(&asked.body).unwrap());
    let bodies: Vec<Value> = bodies.collect();
    assert_eq!(
        bodies[0],
        json!({"text": "sore \"today\"", "shared": true, "about": null})
    );
    assert_eq!(bodies[1], json!({"text": "", "shared": false, "about": 3}));
    assert_eq!(asked.len(), 3);
    assert_eq!(
        asked[0].what,
        format!("POST /api/v1/sessions/{SESSION}/notes")
    );
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_checked_where_they_are_kept() {
    let gone = r#"{"code":"deleted","by":null,"at":1}"#;
    let relay = HttpRelay::start(&[(200, example()), (410, gone), (401, "{}")]).await;
    let home = Home::new();
    let empty = home.run(&["sessions"]).await;
    assert!(empty.out.contains("no saved sessions"));
    let session = |n: u8| format!("01997f6e-0a3{n}-7c0e-9d5a-000000000000");
    let kept = [
        &relay.address,
        &relay.address,
        &relay.address,
        "http://127.0.0.1:1",
    ];
    for (n, address) in (0_u8..).zip(kept) {
        home.keep(address, &session(n), Role::Helper, 9_000 - u64::from(n));
    }
    let list = home.run(&["sessions", "--json"]).await.json();
    let listed = list["sessions"].as_array().unwrap();
    let ids: Vec<_> = listed.iter().map(|item| item["session"].clone()).collect();
    assert_eq!(ids, [0, 1, 2, 3].map(|n| json!(session(n))));
    assert_eq!(listed[0]["state"], Value::Null, "nobody was asked");
    assert_eq!(relay.asked(), []);
    let list = home.run(&["sessions", "--check", "--json"]).await.json();
    let states = list["sessions"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|item| item["state"].clone()).collect();
    assert_eq!(states, ["kept", "deleted", "unknown", "unreachable"]);
    let text = home.run(&["sessions"]).await.out;
    assert!(
        text.contains("1  ") && text.contains("01997f6e-0a30"),
        "{text}"
    );
    assert_eq!(home.memory().places().len(), 4, "a list changes nothing");
}
