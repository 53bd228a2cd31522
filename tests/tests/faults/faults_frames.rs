//! Devices that break the rules on purpose: each loses at most its own connection. Beside each, a pair is
//! live, stays live, and its stop gets through.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::http;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_stop, new_id};
use tapcue_tests::raw::{CONTINUATION, FIN, PING, Raw, TEXT, frame};
use tapcue_tests::relay::Relay;
use tapcue_tests::usage::memory_kib;
use tokio::time::{Instant, timeout};

/// Ten times the bench's figures, and still less than a wait for one device's turn.
const SOON: Duration = Duration::from_secs(1);

/// The most that one flooding device may add to the relay's memory. This covers buffers of the allocator and
/// of a session, not the sent data.
const FLAT_KIB: u64 = 8 * 1_024;

/// The nesting depth in the fault table's row.
const DEEP: usize = 100_000;

/// The nesting depth that fits in a frame within the limit.
const FITS: usize = 16_000;

/// Sends a stop of the receiver to its helper's socket; returns how long it took.
async fn stop(pair: &mut Pair) -> Duration {
    assert_eq!(pair.helper.state()["phase"], "live", "it stayed live");
    let stop = pair.receiver.cue("stop");
    let tapped = Instant::now();
    pair.helper.expect("the stop", is_stop(&stop)).await;
    let took = tapped.elapsed();
    assert!(took < SOON, "the other pair's stop took {took:?}");
    took
}

fn create() -> Value {
    json!({"type": "create", "role": "receiver", "options": waived()})
}

/// By how many KiB the relay grew since `before`; fails if that is too much.
fn grown(relay: &Relay, before: u64) -> u64 {
    let grown = memory_kib(relay.pid()).saturating_sub(before);
    assert!(grown < FLAT_KIB, "the relay grew by {grown} KiB");
    grown
}

#[tokio::test(flavor = "multi_thread")]
async fn json_of_any_depth_is_refused() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut others = Pair::live(&url).await;
    let mut pair = Pair::live(&url).await;

    let nested = "[".repeat(FITS);
    for text in [
        nested.clone(),
        format!(r#"{{"type":"beat","n":1,"sent_at":1,"more":{nested}"#),
        format!(r#"{{"more":{}"#, r#"{"a":"#.repeat(FITS / 6)),
    ] {
        let mut raw = Raw::open(relay.addr()).await;
        raw.frame(FIN | TEXT, text.as_bytes()).await;
        let error = raw.told("error").await;
        assert_eq!(
            (&error["code"], &error["fatal"]),
            (&json!("bad_message"), &json!(false))
        );
        // The connection can still say hello.
        raw.tell(&create()).await;
        raw.told("welcome").await;

        pair.receiver
            .send_raw(tokio_tungstenite::tungstenite::Message::text(text));
        pair.receiver.expect_error("bad_message").await;
    }
    stop(&mut pair).await;

    let mut raw = Raw::open(relay.addr()).await;
    raw.frame(FIN | TEXT, "[".repeat(DEEP).as_bytes()).await;
    assert_eq!(raw.ended().await, Some(1009));

    let session = others.receiver.welcome_text("session");
    let bearer = format!("Bearer {}", others.receiver.welcome_text("token"));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let path = format!("/api/v1/sessions/{session}/notes");
    let body = format!(r#"{{"text":{}"#, "[".repeat(DEEP));
    let answer = http::request_with(relay.addr(), "POST", &path, &headers, &body).await;
    assert!(matches!(answer.status, 413 | 422), "{}", answer.status);

    let took = stop(&mut others).await;
    fault::came(
        "faults_frames::json_of_any_depth_is_refused",
        &format!(
            "1009 and `bad_message`, the other pair live, its stop after {}",
            ms(took)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_fragments_take_no_memory() {
    let relay = Relay::start().await;
    let mut others = Pair::live(&relay.ws()).await;
    let before = memory_kib(relay.pid());

    let part = [b' '; 1_024];
    let mut raw = Raw::open(relay.addr()).await;
    let mut parts = 1;
    raw.frame(TEXT, &part).await;
    while parts < 1_000 && raw.frame(CONTINUATION, &part).await {
        parts += 1;
    }
    assert_eq!(raw.ended().await, Some(1009));

    // Empty fragments until the relay closes the connection.
    let Raw { mut ear, mut mouth } = Raw::open(relay.addr()).await;
    let began = Instant::now();
    let said = tokio::spawn(async move {
        let many = frame(CONTINUATION, b"").repeat(1_000);
        let mut said: u64 = 1;
        mouth.say(&frame(TEXT, b"")).await;
        while mouth.say(&many).await {
            said += 1_000;
        }
        said
    });
    let took = stop(&mut others).await;
    assert_eq!(ear.ended().await, Some(4004));
    assert!(
        began.elapsed() < Duration::from_secs(9),
        "{:?}",
        began.elapsed()
    );
    let said = said.await.expect("a count");
    assert!(said > 10_000, "only {said} fragments are no flood");
    let grown = grown(&relay, before);
    fault::came(
        "faults_frames::endless_fragments_take_no_memory",
        &format!(
            "1009, and 4004 after {said} empty ones; {grown} KiB more memory; the others' stop after {}",
            ms(took)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_utf_8_costs_one_connection() {
    let relay = Relay::start().await;
    let mut others = Pair::live(&relay.ws()).await;

    for bytes in [
        frame(FIN | TEXT, b"\"\xFF\""),
        // The message continues, but its bytes are already invalid.
        frame(TEXT, b"\"\xED\xA0\x80"),
    ] {
        let mut raw = Raw::open(relay.addr()).await;
        raw.tell(&create()).await;
        let welcome = raw.told("welcome").await;
        let join = json!({"type": "join", "code": welcome["code"]});
        let mut helper = Peer::greet("helper", &relay.ws(), join).await;
        raw.mouth.say(&bytes).await;
        let error = raw.told("error").await;
        assert_eq!(
            (&error["code"], &error["fatal"]),
            (&json!("bad_message"), &json!(true))
        );
        assert_eq!(raw.ended().await, Some(1007));
        let held = helper.until("held", |state| {
            state["hold"].is_object() && state["peers"]["receiver"] != "here"
        });
        assert_eq!(held.await["phase"], "held");

        let mut back = Raw::open(relay.addr()).await;
        back.tell(&json!({"type": "resume", "token": welcome["token"]}))
            .await;
        assert_eq!(back.told("welcome").await["session"], welcome["session"]);
    }
    let took = stop(&mut others).await;
    fault::came(
        "faults_frames::what_is_no_utf_8_costs_one_connection",
        &format!(
            "1007, held, back with its token; the others' stop after {}",
            ms(took)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pings_takes_no_memory() {
    let relay = Relay::start().await;
    let mut others = Pair::live(&relay.ws()).await;

    let mut raw = Raw::open(relay.addr()).await;
    raw.tell(&create()).await;
    let welcome = raw.told("welcome").await;
    let join = json!({"type": "join", "code": welcome["code"]});
    let mut helper = Peer::greet("helper", &relay.ws(), join).await;
    let before = memory_kib(relay.pid());

    let many = frame(FIN | PING, &[b'*'; 125]).repeat(100);
    let began = Instant::now();
    let mut pings = 0_u64;
    let mut took = None;
    while took.is_none() || began.elapsed() < Duration::from_secs(4) {
        let said = timeout(SOON, raw.mouth.say(&many)).await;
        assert!(said.expect("the relay reads on"), "the connection stands");
        pings += 100;
        if took.is_none() && began.elapsed() > Duration::from_secs(1) {
            took = Some(stop(&mut others).await);
        }
    }
    assert!(pings > 10_000, "only {pings} pings are no flood");
    let lost = |state: &Value| state["peers"]["receiver"] == "lost";
    helper.until("the one who floods to be lost", lost).await;
    let grown = grown(&relay, before);

    let id = new_id();
    raw.tell(&json!({"type": "cue", "id": id, "cue": "stop"}))
        .await;
    helper.expect("its own stop", is_stop(&id)).await;
    fault::came(
        "faults_frames::a_flood_of_pings_takes_no_memory",
        &format!(
            "{grown} KiB more memory after {pings} pings; lost, its own stop passed, the others' after {}",
            ms(took.expect("a stop"))
        ),
    );
}
