//! The wall clock jumps by a day; sessions, codes, check-ins and transcripts keep their times.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::clock::WallClock;
use tapcue_tests::fault;
use tapcue_tests::http;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_recorded, new_id};
use tapcue_tests::record;
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::until;
use tokio::time::Instant;

/// The most time that this test takes besides its waits, in milliseconds: far below a day.
const SOON_MS: i64 = 60_000;

/// How long a code is valid, in milliseconds. Source: docs/protocol.md.
const CODE_MS: i64 = 5 * 60_000;

/// The time from the question to the hold. Source: docs/protocol.md.
const NO_ANSWER: Duration = Duration::from_secs(15);

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_that_jumps_a_day_moves_nothing() {
    let clock = WallClock::right();
    let envs = clock.envs();
    let envs = envs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let mut relay = Relay::start_with(&[], &envs).await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let opened = time(&pair.receiver.welcome("opened_at"));

    for jump in ["+1d", "-1d"] {
        let waiting = Peer::create(&url, "receiver", waived()).await;
        let mut asked = Pair::live(&url).await;
        let epoch = pair.receiver.state()["epoch"].clone();
        let _ = asked.helper.cue("check_in");
        let asked_at = Instant::now();
        asked
            .receiver
            .until("the question", |state| state["check_in"].is_object())
            .await;

        clock.set(jump);
        let before = relay_at(&mut pair.helper).await;
        let slower = pair.receiver.cue("slower");
        let passed = |state: &Value| state["cue"]["id"] == json!(slower);
        let state = pair.helper.until("the cue", passed).await;
        assert_eq!((&state["phase"], &state["epoch"]), (&json!("live"), &epoch));
        assert!((time(&state["cue"]["at"]) - before).abs() < SOON_MS);
        // A code from before the jump is still valid.
        let code = waiting.welcome_text("code");
        let helper = Peer::join("helper", &url, &code).await;
        Pair {
            receiver: waiting,
            helper,
        }
        .both_ready()
        .await;
        let held = asked.receiver.until_phase("held").await;
        let after = asked_at.elapsed();
        assert_eq!(held["hold"]["reason"], "no_answer");
        let off = after.abs_diff(NO_ANSWER);
        assert!(off < Duration::from_secs(1), "no answer after {after:?}");
        assert_eq!(pair.helper.state()["phase"], "live");
    }
    let day = |relay: &Relay| {
        relay
            .logs()
            .lines()
            .last()
            .unwrap_or("")
            .get(..10)
            .map(str::to_owned)
    };
    let back_then = day(&relay);

    let alone = Peer::create(&url, "receiver", waived()).await;
    let alone = alone.welcome_text("token");
    let mut days = vec![back_then];
    for jump in ["+1d", "-1d"] {
        let epoch = pair.receiver.state()["epoch"].as_u64();
        let last = time(&pair.helper.state()["live_since"]);
        relay.kill().await;
        clock.set(jump);
        relay.start_again().await;
        pair = pair.back(&relay.ws()).await;
        days.push(day(&relay));
        let state = pair.helper.until_phase("held").await;
        assert!(state["epoch"].as_u64() > epoch);
        assert!(time(&state["hold"]["since"]) >= last, "time steps back");
        pair.hands_off().await;
        pair.both_ready().await;
        // The relay's clock on a device is the session's time.
        let now = relay_at(&mut pair.receiver).await;
        assert!((now - time(&pair.receiver.state()["live_since"])).abs() < SOON_MS);
        let stop = new_id();
        let tapped = json!({"type": "cue", "id": stop, "cue": "stop", "tapped_at": now});
        pair.receiver.send(tapped);
        let held = |state: &Value| state["hold"]["id"] == json!(stop);
        let state = pair.helper.until("the stop", held).await;
        assert_eq!(time(&state["hold"]["tapped_at"]), now);
        assert!((time(&state["hold"]["since"]) - now).abs() < SOON_MS);
        pair.receiver.expect("its record", is_recorded(&stop)).await;
        pair.hands_off().await;
        pair.both_ready().await;
        // A code stays valid for its usual time.
        let alone = Peer::resume("alone", &relay.ws(), &alone).await;
        let left = time(&alone.welcome("code_expires_at")) - time(&alone.welcome("relay_at"));
        assert!((left - CODE_MS).abs() < SOON_MS, "{left} ms left");
        let transcript = record::transcript(relay.addr(), &pair.receiver).await;
        record::check_order(&transcript);
        assert_eq!(record::count(&transcript, &stop), 1);
    }
    let transcript = record::transcript(relay.addr(), &pair.helper).await;
    let entries = transcript["entries"].as_array().expect("entries");
    let last = time(&entries[entries.len() - 1]["recorded"]["at"]);
    // The only offset is the day ahead from the restart.
    let off = last - opened - DAY_MS;
    assert!((0..3 * SOON_MS).contains(&off), "{off} ms more than a day");
    days.sort();
    days.dedup();
    assert!(days.len() >= 2, "the clock did jump: {days:?}");
    fault::came(
        "faults_clock::a_wall_clock_that_jumps_a_day_moves_nothing",
        &format!(
            "2 jumps in a live session, 2 over restarts: {} entries in order, live, codes and check-in on time",
            entries.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_start_with_a_wrong_clock_deletes_nothing() {
    let clock = WallClock::right();
    let envs = clock.envs();
    let envs = envs.each_ref().map(|(key, value)| (*key, value.as_str()));
    let mut relay = Relay::start_with(&[], &envs).await;
    let kept = ended(&relay, "1d").await;
    let deleted = ended(&relay, "1d").await;
    for wrong in ["+40d", "+365d", "-40d", "@1970-01-03 00:00:00"] {
        relay.kill().await;
        clock.set(wrong);
        let logs = relay.logs().len();
        relay.start_again().await;
        if wrong.starts_with('+') {
            let said = "sessions are past their date";
            until("said in the log", async || {
                relay.logs().split_off(logs).contains(said).then_some(())
            })
            .await;
            assert_eq!(asked(&relay, &kept).await, 503, "hidden, {wrong}");
        }
        // A requested deletion does not wait for the date, and neither does `keep: "none"`.
        let none = ended(&relay, "none").await;
        until("nothing is kept", async || {
            (asked(&relay, &none).await == 410).then_some(())
        })
        .await;
        if wrong == "+40d" {
            let (session, token) = &deleted;
            let path = format!("/api/v1/sessions/{session}");
            let bearer = format!("Bearer {token}");
            let headers = [("Authorization", bearer.as_str())];
            let gone = http::request(relay.addr(), "DELETE", &path, &headers).await;
            assert_eq!(gone.status, 204);
        }
        relay.kill().await;
        clock.set("+0");
        relay.start_again().await;
        assert_eq!(asked(&relay, &kept).await, 200, "after {wrong}");
        assert_eq!(asked(&relay, &deleted).await, 410, "after {wrong}");
    }
    fault::came(
        "faults_clock::one_start_with_a_wrong_clock_deletes_nothing",
        "4 wrong starts: hidden at most, and read after each right one; deletions by people at once",
    );
}

/// An ended session with this retention: its id and a token.
async fn ended(relay: &Relay, keep: &str) -> (String, String) {
    let mut options = waived();
    options["keep"] = json!(keep);
    let peer = Peer::create(&relay.ws(), "receiver", options).await;
    let place = (peer.welcome_text("session"), peer.welcome_text("token"));
    peer.send(json!({"type": "end"}));
    let mut peer = peer;
    peer.until_phase("ended").await;
    place
}

/// The status of the relay's answer to a request for the record.
async fn asked(relay: &Relay, (session, token): &(String, String)) -> u16 {
    record::ask(relay.addr(), session, token).await.status
}

/// The relay's clock, from the answer to the next heartbeat.
async fn relay_at(peer: &mut Peer) -> i64 {
    peer.skip();
    time(&peer.expect_kind("beat").await["relay_at"])
}

fn time(value: &Value) -> i64 {
    value.as_i64().expect("a time")
}
