//! The terminal's commands for ended sessions on a real relay, as a script uses them.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::client::Client;
use tapcue_tests::folder::folder;
use tapcue_tests::http;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::wait::{PATIENCE, until};
use tokio::process::Command;
use tokio::time::{Instant, timeout};

/// The product's own helper and a scripted receiver.
struct Session {
    receiver: Peer,
    helper: Client,
}

impl Session {
    async fn live(relay: &Relay) -> Self {
        let url = relay.ws();
        let mut receiver = Peer::create(&url, "receiver", waived()).await;
        let mut helper = Client::join(&url, &receiver.welcome_text("code"));
        let here = |state: &Value| state["peers"]["helper"] == "here";
        receiver.until("the helper to be here", here).await;
        let said = timeout(PATIENCE, ready(&mut helper, &receiver)).await;
        said.expect("the helper's ready");
        receiver.ready().await;
        receiver.until_phase("live").await;
        Self { receiver, helper }
    }

    /// A session that was live, had a stop and has ended, as its relay stores it.
    async fn over(relay: &Relay) -> Self {
        let mut session = Self::live(relay).await;
        let _ = session.receiver.cue("slower");
        let _ = session.receiver.cue("stop");
        session.receiver.until_phase("held").await;
        let said = timeout(PATIENCE, hands_off(&mut session.helper, &session.receiver)).await;
        said.expect("the helper's hands off");
        session.receiver.send(json!({"type": "end"}));
        assert_eq!(session.helper.gone().await, Some(0));
        session
    }

    fn id(&self) -> String {
        self.receiver.welcome_text("session")
    }
}

/// Says ready until the relay accepts it: right after a hold it counts as a reflex.
async fn ready(helper: &mut Client, receiver: &Peer) {
    loop {
        helper.say("ready").await;
        let taken = || receiver.state()["ready"]["helper"] == true;
        let looking = until("ready", async || taken().then_some(()));
        // Longer than the time in which two taps count as one.
        if timeout(Duration::from_millis(300), looking).await.is_ok() {
            return;
        }
    }
}

/// Says "hands off" until the relay accepts it: right after a stop it does not count.
async fn hands_off(helper: &mut Client, receiver: &Peer) {
    loop {
        helper.say("ack").await;
        let taken = || receiver.state()["hold"]["acknowledged"] == true;
        let looking = until("hands off", async || taken().then_some(()));
        if timeout(Duration::from_millis(300), looking).await.is_ok() {
            return;
        }
    }
}

struct Ran {
    exit: Option<i32>,
    out: String,
    errors: String,
}

/// Runs the terminal client in `state`, which is also its working directory.
async fn tapcue(state: &Path, arguments: &[&str]) -> Ran {
    let child = Command::new(binary("tapcue"))
        .args(arguments)
        .current_dir(state)
        .env("TAPCUE_STATE_DIR", state)
        .env_remove("TAPCUE_RELAY")
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, child).await.expect("an end in time");
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("the client's binary");
    Ran {
        exit: status.code(),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        errors: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// Runs a command that must succeed; returns its output.
async fn done(state: &Path, arguments: &[&str]) -> String {
    let ran = tapcue(state, arguments).await;
    assert_eq!(
        ran.exit,
        Some(0),
        "{arguments:?}: {} {}",
        ran.out,
        ran.errors
    );
    ran.out
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_listed_shown_exported_and_verified() {
    let relay = Relay::start().await;
    let session = Session::over(&relay).await;
    let (id, state) = (session.id(), session.helper.state());
    let list = json_of(&done(state, &["sessions", "--check", "--json"]).await);
    let listed = &list["sessions"][0];
    assert_eq!(
        (&listed["session"], &listed["role"]),
        (&json!(id), &json!("helper"))
    );
    assert_eq!(
        (&listed["state"], &listed["over"]),
        (&json!("kept"), &json!(true))
    );
    let shown = done(state, &["show"]).await;
    assert!(shown.contains(&id) && shown.contains("TIMELINE"), "{shown}");

    let file = format!("tapcue-{id}.json");
    let verdict = until("the seal", async || {
        done(state, &["export", "--force"]).await;
        let ran = tapcue(state, &["verify", &file, "--json"]).await;
        (ran.exit != Some(5)).then_some(ran)
    })
    .await;
    assert_eq!(verdict.exit, Some(0), "{}", verdict.out);
    let verdict = json_of(&verdict.out);
    assert_eq!(
        (&verdict["standing"], &verdict["session"]),
        (&json!("sealed"), &json!(id))
    );
    let url = format!("http://{}", relay.addr());
    done(state, &["verify", &file, "--relay", &url]).await;

    // The same code makes the formats, so the relay's and the terminal's files are equal byte for byte.
    let whole = std::fs::read_to_string(state.join(&file)).expect("the export");
    let token = token(state);
    let bearer = format!("Bearer {token}");
    for format in ["json", "csv", "html", "text"] {
        let path = format!("/api/v1/sessions/{id}/transcript?format={format}");
        let answer = http::request(relay.addr(), "GET", &path, &[("Authorization", &bearer)]).await;
        let told = answer.text();
        assert!(told.to_lowercase().contains("slower"), "{format}: {told}");
        let asked = ["export", "--format", format, "-o", "-"];
        assert_eq!(done(state, &asked).await, told, "{format}");
        let of_file = ["export", &file, "--format", format, "-o", "-"];
        assert_eq!(done(state, &of_file).await, told, "{format} of the file");
    }

    let mut parts = json_of(&whole);
    let entries = parts["entries"].as_array_mut().expect("entries");
    let slower = |entry: &Value| entry["recorded"]["cue"] == "slower";
    let place = entries.iter().position(slower).expect("the cue") + 1;
    entries[place - 1]["recorded"]["cue"] = json!("ease_up");
    let edited = parts.to_string();
    let mut parts = json_of(&whole);
    let entries = parts["entries"].as_array_mut().expect("entries");
    let _removed = entries.remove(place - 1);
    let shorter = parts.to_string();
    for (text, kind) in [(edited, "changed"), (shorter, "missing")] {
        std::fs::write(state.join("other.json"), text).expect("a file");
        let ran = tapcue(state, &["verify", "other.json", "--json"]).await;
        assert_eq!(ran.exit, Some(1), "{kind}: {}", ran.out);
        let problem = json_of(&ran.out)["problem"].clone();
        assert_eq!(
            (&problem["kind"], &problem["place"]),
            (&json!(kind), &json!(place))
        );
    }
    for text in [shown, list.to_string(), verdict.to_string(), whole] {
        assert!(
            !text.contains(&token),
            "the token is nowhere but in its file"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_session_is_spoken_of_in_the_devices_language() {
    let relay = Relay::start().await;
    let session = Session::over(&relay).await;
    let state = session.helper.state();
    for (arguments, says) in [
        (vec!["show"], vec!["ZEITLEISTE", "Langsamer", "EINTRÄGE"]),
        (
            vec!["sessions", "--check"],
            vec!["Eröffnet", "Helfer", "aufbewahrt"],
        ),
        (
            vec!["export", "-o", "it.json"],
            vec!["Geschrieben nach it.json"],
        ),
        (
            vec!["export", "--format", "html", "-o", "-"],
            vec!["<html lang=\"de\">"],
        ),
        (vec!["verify", "it.json"], vec!["UNVERÄNDERT"]),
        (vec!["note", "1", "gut"], vec!["nur für Sie"]),
        (vec!["delete", "--yes"], vec!["Für beide gelöscht"]),
    ] {
        let asked = [&["--lang", "de"], &arguments[..]].concat();
        let ran = tapcue(state, &asked).await;
        for word in says {
            assert!(ran.out.contains(word), "{word}: {} {}", ran.out, ran.errors);
        }
    }
    let ran = tapcue(state, &["show", "--lang", "de"]).await;
    assert!(ran.errors.contains("kennt keine Sitzung"), "{}", ran.errors);
    // The output for programs is the same in every language.
    let ran = tapcue(state, &["show", "--lang", "de", "--json"]).await;
    assert!(
        json_of(&ran.out)["message"]
            .as_str()
            .is_some_and(|told| told.contains("no saved sessions"))
    );
}

/// The only token in a device's state.
fn token(state: &Path) -> String {
    let files = std::fs::read_dir(state.join("sessions")).expect("what it remembers");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let place = json_of(&std::fs::read_to_string(&files[0]).expect("a place"));
    place["token"].as_str().expect("a token").to_owned()
}

/// Stores what the product's own receiver would have stored.
fn remember_receiver(state: &Path, relay: &Relay, session: &Session) {
    let folder = state.join("sessions");
    std::fs::create_dir_all(&folder).expect("a folder");
    let place = json!({
        "relay": format!("http://{}", relay.addr()),
        "session": session.id(),
        "role": "receiver",
        "token": session.receiver.welcome_text("token"),
    });
    std::fs::write(folder.join("place.json"), place.to_string()).expect("a place");
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_for_one_or_both_and_deleting_is_for_both() {
    let relay = Relay::start().await;
    let session = Session::over(&relay).await;
    let other = folder();
    remember_receiver(other.path(), &relay, &session);
    let (mine, theirs) = (session.helper.state(), other.path());
    done(mine, &["note", "1", "plantedprivate"]).await;
    done(
        mine,
        &["note", "1", "plantedshared", "--shared", "--about", "3"],
    )
    .await;
    let (own, seen) = (done(mine, &["show"]).await, done(theirs, &["show"]).await);
    assert!(
        own.contains("plantedprivate") && own.contains("plantedshared"),
        "{own}"
    );
    assert!(
        !seen.contains("plantedprivate") && seen.contains("plantedshared"),
        "{seen}"
    );

    assert_eq!(
        tapcue(mine, &["delete"]).await.exit,
        Some(2),
        "nobody can be asked"
    );
    done(mine, &["delete", "--yes"]).await;
    let list = json_of(&done(mine, &["sessions", "--json"]).await);
    assert_eq!(list["sessions"], json!([]));
    let list = json_of(&done(theirs, &["sessions", "--check", "--json"]).await);
    assert_eq!(list["sessions"][0]["state"], "deleted");
    assert_eq!(list["sessions"][0]["deleted"]["by"], "helper");
    let ran = tapcue(theirs, &["show"]).await;
    assert_eq!(ran.exit, Some(6), "{}", ran.errors);
    assert!(ran.errors.contains("The helper deleted"), "{}", ran.errors);
    assert_eq!(
        tapcue(theirs, &["show"]).await.exit,
        Some(2),
        "forgotten here too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_in_a_live_session_is_told_who_deleted_it() {
    let relay = Relay::start().await;
    let mut session = Session::live(&relay).await;
    let theirs = folder();
    remember_receiver(theirs.path(), &relay, &session);
    let early = tapcue(theirs.path(), &["note", "1", "early"]).await;
    assert_eq!(early.exit, Some(3), "{}", early.errors);
    let before = Instant::now();
    done(theirs.path(), &["delete", "--yes"]).await;
    let told = |line: &Value| line["type"] == "error" && line["code"] == "deleted";
    let line = session.helper.until(before, "who deleted it", told).await;
    assert_eq!(line.body["by"], "receiver");
    assert_eq!(session.helper.gone().await, Some(0));
    let list = json_of(&done(session.helper.state(), &["sessions", "--json"]).await);
    assert_eq!(list["sessions"], json!([]));
}
