//! `tapcue --json` as a program runs it: input lines, output lines, exit codes.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod relay;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use relay::{Peer, Relay, live_state, start_state};
use serde_json::Value;
use tapcue::device::credentials::Memory;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::limits::MEANT_MS;
use tapcue_rules::message::{ConfirmItem, ErrorCode, ToRelay, close};
use tapcue_rules::state::{Ended, LinkStatus, Phase, ShownCue, State};
use tapcue_rules::time::Millis;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

struct Script {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    state: PathBuf,
}

impl Script {
    fn start(arguments: &[&str]) -> Self {
        let unique = format!("tapcue-script-{}", uuid::Uuid::now_v7());
        Self::start_in(arguments, std::env::temp_dir().join(unique))
    }

    fn start_in(arguments: &[&str], state: PathBuf) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tapcue"))
            .arg("--json")
            .args(arguments)
            .env("TAPCUE_STATE_DIR", &state)
            .env_remove("TAPCUE_RELAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            state,
        }
    }

    async fn say(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next line of this type.
    async fn next(&mut self, kind: &str) -> Value {
        let found = async {
            loop {
                let line = self.lines.next_line().await.unwrap();
                let line: Value = serde_json::from_str(&line.expect("more lines")).unwrap();
                if line["type"] == kind {
                    return line;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("such a line in time")
    }

    async fn exit(&mut self) -> Option<i32> {
        let status = timeout(PATIENCE, self.child.wait()).await;
        status.expect("an end in time").unwrap().code()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // The folder may not exist.
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

async fn hosted(relay: &Relay, role: &str) -> (Script, Peer) {
    let address = relay.address().http();
    let script = Script::start(&["host", "--as", role, "--relay", &address]);
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Create { .. }));
    (script, peer)
}

/// The state after the helper ended the session.
fn ended_state(seq: u64) -> State {
    let ended = Ended {
        at: Millis(1_000_000),
        by: Some(Role::Helper),
        live_ms: 0,
        stops: 1,
        stop_shown: None,
        tap_shown: None,
        tap_acknowledged: None,
        stop_acknowledged: None,
    };
    State {
        phase: Phase::Ended,
        ended: Some(ended),
        ..live_state(seq)
    }
}

#[tokio::test]
async fn a_session_from_the_code_to_the_end() {
    let relay = Relay::bind().await;
    let (mut script, mut peer) = hosted(&relay, "receiver").await;
    peer.welcome(Role::Receiver, start_state(1)).await;
    let pairing = script.next("pairing").await;
    assert_eq!(pairing["code"], "K7M-2QX4R");
    let state = script.next("state").await;
    assert_eq!(
        (&state["phase"], &state["go"]),
        (&"waiting".into(), &false.into())
    );
    assert!(!state.to_string().contains(relay::TOKEN));

    let said = peer.next_but_beats().await;
    assert!(matches!(said, ToRelay::Shown { .. }), "{said:?}");
    script.say("confirm warning_signs no").await;
    let item = ConfirmItem::WarningSigns;
    let said = peer.next_but_beats().await;
    assert_eq!(said, ToRelay::Confirm { item, value: false });
    script.say("stop").await;
    script.next("shout").await;
    let said = peer.next_but_beats().await;
    assert!(
        matches!(said, ToRelay::Cue { cue: Cue::Stop, .. }),
        "{said:?}"
    );
    script.say("stopp").await;
    script.next("unknown").await;

    let memory = Memory::in_directory(script.state.clone());
    let kept = memory.last(Some(Role::Receiver)).unwrap();
    assert_eq!(kept.token.0, relay::TOKEN);
    // No screen has shown the stop, so the program waits for its acknowledgement.
    peer.state(9, ended_state(9)).await;
    while script.next("state").await["phase"] != "ended" {}
    tokio::time::sleep(Duration::from_millis(MEANT_MS)).await;
    script.say("ack").await;
    assert_eq!(script.exit().await, Some(0));
    assert_eq!(memory.last(None), None, "nobody comes back to what ended");
    let [place] = memory.places().try_into().unwrap();
    assert!(
        place.over && place.session == kept.session,
        "and it can be read"
    );
}

#[tokio::test]
async fn a_written_line_is_a_painted_screen() {
    let relay = Relay::bind().await;
    let (mut script, mut peer) = hosted(&relay, "helper").await;
    let mut state = live_state(1);
    let id = uuid::Uuid::now_v7();
    state.cue = Some(ShownCue::new(id, Cue::Slower, Millis(1_000_000), None));
    peer.welcome(Role::Helper, state).await;
    assert_eq!(script.next("state").await["cue"]["cue"], "slower");
    let said = peer.next_but_beats().await;
    assert!(
        matches!(said, ToRelay::Shown { id: of, .. } if of == id),
        "{said:?}"
    );
    script.say("ack").await;
    assert_eq!(script.next("too_soon").await["type"], "too_soon");
    tokio::time::sleep(Duration::from_millis(MEANT_MS)).await;
    script.say("ack").await;
    assert_eq!(peer.next_but_beats().await, ToRelay::Acknowledge { id });
    script.say("leave").await;
    assert_eq!(script.exit().await, Some(0));
}

/// A state is printed again once the lost link is back, and not repeated meanwhile.
#[tokio::test]
async fn a_lost_link_is_one_line_whatever_is_on_the_screen() {
    let relay = Relay::bind().await;
    let (mut script, mut peer) = hosted(&relay, "helper").await;
    let mut state = live_state(1);
    let id = uuid::Uuid::now_v7();
    state.cue = Some(ShownCue::new(id, Cue::Slower, Millis(1_000_000), None));
    peer.welcome(Role::Helper, state.clone()).await;
    let shown = |said: &ToRelay| matches!(said, ToRelay::Shown { id: of, .. } if *of == id);
    assert!(shown(&peer.next_but_beats().await));
    drop(peer);
    while script.next("state").await["link"] != "lost" {}
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Resume { .. }));
    peer.welcome(Role::Helper, state).await;
    let mut more = 0;
    while script.next("state").await["link"] == "lost" {
        more += 1;
    }
    assert_eq!(more, 0, "lines of a lost link after the first");
    assert!(shown(&peer.next_but_beats().await), "told again");
}

#[tokio::test]
async fn it_comes_back_with_its_token_after_a_crash() {
    let relay = Relay::bind().await;
    let (mut script, mut peer) = hosted(&relay, "helper").await;
    let mut alone = start_state(1);
    alone.peers.receiver = LinkStatus::Absent;
    alone.peers.helper = LinkStatus::Here;
    peer.welcome(Role::Helper, alone).await;
    script.next("pairing").await;
    script.child.kill().await.unwrap();
    let again = Script::start_in(&["resume"], script.state.clone());
    let hello = relay.accept().await.next().await;
    assert!(matches!(&hello, ToRelay::Resume { token, .. } if token.0 == relay::TOKEN));
    drop(again);
}

#[tokio::test]
async fn refused_superseded_unreachable_and_usage_have_their_exit_codes() {
    let relay = Relay::bind().await;
    let address = relay.address().http();
    let mut script = Script::start(&["join", "AAA-AAAAA", "--relay", &address]);
    let mut peer = relay.accept().await;
    peer.next().await;
    peer.send(&ErrorCode::UnknownCode.to_device(None, true))
        .await;
    assert_eq!(script.next("failed").await["exit"], 3);
    assert_eq!(script.exit().await, Some(3));

    let (mut script, mut peer) = hosted(&relay, "helper").await;
    peer.welcome(Role::Helper, live_state(1)).await;
    script.next("state").await;
    peer.send(&ErrorCode::Superseded.to_device(None, true))
        .await;
    assert_eq!(script.exit().await, Some(4));

    drop(relay);
    let mut script = Script::start(&["join", "AAA-AAAAA", "--relay", &address]);
    assert_eq!(script.exit().await, Some(1));
    assert_eq!(Script::start(&["host"]).exit().await, Some(2));
    assert_eq!(Script::start(&["resume"]).exit().await, Some(2));
}

#[tokio::test]
async fn a_link_carries_its_relay_and_its_secret() {
    let relay = Relay::bind().await;
    let link = format!(
        "{}/#join=0123456789ABCDEFGHJKMNPQRS",
        relay.address().http()
    );
    let _script = Script::start(&["join", &link]);
    let hello = relay.accept().await.next().await;
    assert!(matches!(
        &hello,
        ToRelay::Join { secret: Some(secret), code: None, .. }
            if secret.0 == "0123456789ABCDEFGHJKMNPQRS"
    ));
}

#[tokio::test]
async fn who_deleted_a_session_is_said_and_nothing_of_it_is_remembered() {
    for by in [Some(Role::Helper), None] {
        let relay = Relay::bind().await;
        let (mut script, mut peer) = hosted(&relay, "receiver").await;
        peer.welcome(Role::Receiver, live_state(1)).await;
        script.next("state").await;
        let memory = Memory::in_directory(script.state.clone());
        assert_eq!(memory.places().len(), 1);
        peer.state(2, ended_state(2)).await;
        peer.send(&ErrorCode::deleted(by)).await;
        // All of it may arrive before the device reads any.
        peer.close(close::DELETED).await;
        let error = script.next("error").await;
        assert_eq!(error["code"], "deleted");
        assert_eq!(error["by"], serde_json::json!(by));
        assert_eq!(script.exit().await, Some(0));
        assert_eq!(memory.places(), []);
    }
}

#[tokio::test]
async fn one_that_was_deleted_meanwhile_is_not_come_back_to() {
    let relay = Relay::bind().await;
    let (mut script, mut peer) = hosted(&relay, "receiver").await;
    peer.welcome(Role::Receiver, live_state(1)).await;
    script.next("state").await;
    script.say("leave").await;
    assert_eq!(script.exit().await, Some(0));
    let mut again = Script::start_in(&["resume"], script.state.clone());
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Resume { .. }));
    peer.send(&ErrorCode::deleted(Some(Role::Helper))).await;
    let failed = again.next("failed").await;
    assert_eq!(failed["exit"], 6);
    assert!(failed["message"].to_string().contains("The helper deleted"));
    assert_eq!(again.exit().await, Some(6));
    let memory = Memory::in_directory(script.state.clone());
    assert_eq!(memory.places(), []);
}

#[tokio::test]
async fn a_wrong_address_in_the_environment_is_as_wrong_as_on_the_command_line() {
    for (language, words) in [("en", "not a server address"), ("de", "keine Adresse")] {
        let ran = Command::new(env!("CARGO_BIN_EXE_tapcue"))
            .args(["host", "--as", "helper", "--lang", language])
            .env("TAPCUE_STATE_DIR", std::env::temp_dir())
            .env("TAPCUE_RELAY", "nowhere at all")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ran = timeout(PATIENCE, ran).await.expect("an end").unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{said}");
        assert!(
            said.contains("TAPCUE_RELAY") && said.contains(words),
            "{said}"
        );
    }
}
