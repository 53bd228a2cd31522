//! Each mistake on the wire gets its documented error and harms no other device.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_recorded, is_stop, new_id};
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::PATIENCE;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The longest frame, in bytes. Source: docs/protocol.md.
const FRAME_BYTES: usize = 16 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_third_device_is_told_that_both_roles_are_taken() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let code = pair.receiver.welcome_text("code");
    let secret = pair.receiver.link_secret();
    for join in [json!({"code": code}), json!({"secret": secret})] {
        let mut third = Peer::connect("third", &url).await;
        let mut hello = join;
        hello["type"] = json!("join");
        third.send(hello);
        third.expect_error("taken").await;
    }
    let slower = pair.receiver.cue("slower");
    let state = pair
        .helper
        .until("slower", |state| state["cue"]["id"] == json!(slower))
        .await;
    assert_eq!(state["phase"], "live", "a third device disturbs nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_secrets_burn_the_code_and_the_creator_gets_another() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut receiver = Peer::create(&url, "receiver", waived()).await;
    let code = receiver.welcome_text("code");
    for wrong in wrong_secrets(&code) {
        let mut stranger = Peer::connect("stranger", &url).await;
        stranger.send(json!({"type": "join", "code": wrong}));
        stranger.expect_error("unknown_code").await;
    }
    let pairing = receiver.expect_kind("pairing").await;
    assert_eq!(pairing["burned"], true);
    let mut late = Peer::connect("with the burned code", &url).await;
    late.send(json!({"type": "join", "code": code}));
    late.expect_error("unknown_code").await;
    // The link's own secret does not change.
    assert_eq!(pairing["link"], receiver.welcome("link"));
    let new = pairing["code"].as_str().expect("a code");
    let helper = Peer::join("helper", &url, new).await;
    Pair { receiver, helper }.both_ready().await;
    tapcue_tests::fault::came(
        "errors::five_wrong_secrets_burn_the_code_and_the_creator_gets_another",
        "burned at the fifth, a new code shown",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_frame_loses_nothing() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let deep = format!("{}1{}", "[".repeat(4_000), "]".repeat(4_000));
    let nested = format!(r#"{{"type":"beat","n":{deep},"sent_at":1}}"#);
    for text in [
        "",
        "{",
        "null",
        "[]",
        r#""stop""#,
        r#"{"type":"stop"}"#,
        r#"{"type":"cue"}"#,
        r#"{"type":"cue","id":"not an id","cue":"slower","epoch":1}"#,
        r#"{"type":"cue","id":"018f0000-0000-7000-8000-000000000000","cue":"harder","epoch":1}"#,
        &deep,
        &nested,
    ] {
        pair.receiver.send_raw(Message::text(text));
        let error = pair.receiver.expect_error("bad_message").await;
        assert_eq!(error["fatal"], false, "{error}");
    }
    // A cue without an epoch, and a second hello.
    let id = pair.receiver.cue_of("slower", Value::Null);
    assert_eq!(
        pair.receiver.expect_error("bad_message").await["id"],
        json!(id)
    );
    pair.receiver
        .send(json!({"type": "create", "role": "helper"}));
    pair.receiver.expect_error("bad_message").await;

    let left = pair.receiver.cue("left");
    let state = pair
        .helper
        .until("left", |state| state["cue"]["id"] == json!(left))
        .await;
    assert_eq!(state["phase"], "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn binary_is_refused_and_fragments_are_put_together() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    pair.receiver.send_raw(Message::binary(&b"\x00\x01"[..]));
    pair.receiver.expect_error("bad_message").await;

    let id = new_id();
    let epoch = &pair.receiver.state()["epoch"];
    let cue = json!({"type": "cue", "id": id, "cue": "stay", "epoch": epoch}).to_string();
    let (first, rest) = cue.split_at(20);
    fragment(&pair.receiver, first, Data::Text, false);
    fragment(&pair.receiver, rest, Data::Continue, true);
    let state = pair
        .helper
        .until("stay", |state| state["cue"]["id"] == json!(id))
        .await;
    assert_eq!(state["phase"], "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_frame_limit_closes_in_one_piece_or_in_many() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let long = "x".repeat(FRAME_BYTES + 1);
    pair.receiver.send_raw(Message::text(long));
    pair.receiver.expect_closed(1009).await;
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["reason"], "link_lost");

    let mut endless = Peer::create(&url, "receiver", waived()).await;
    // A message in fragments allows no other message between them.
    endless.set_beats(false);
    let part = "x".repeat(FRAME_BYTES / 4);
    fragment(&endless, &part, Data::Text, false);
    for _ in 0..4 {
        fragment(&endless, &part, Data::Continue, false);
    }
    endless.expect_closed(1009).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_just_within_the_limit_passes() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let id = new_id();
    let epoch = &pair.receiver.state()["epoch"];
    let mut cue = json!({"type": "cue", "id": id, "cue": "stay", "epoch": epoch, "more": ""});
    let room = FRAME_BYTES - cue.to_string().len();
    cue["more"] = json!("x".repeat(room));
    assert_eq!(cue.to_string().len(), FRAME_BYTES);
    pair.receiver.send(cue);
    pair.helper
        .until("stay", |state| state["cue"]["id"] == json!(id))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_hello_comes_first() {
    let relay = Relay::start().await;
    let url = relay.ws();
    for first in [
        json!({"type": "cue", "id": new_id(), "cue": "stop"}),
        json!({"type": "end"}),
        json!({"type": "join"}),
        json!({"type": "create", "role": "spectator"}),
        json!({"type": "create", "role": "helper", "name": "\u{202e}"}),
        json!({"type": "create", "role": "helper", "options": {"keep": "for ever"}}),
    ] {
        let mut device = Peer::connect("before its hello", &url).await;
        device.send(first);
        device.expect_error("bad_message").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_closed_after_five_seconds() {
    let relay = Relay::start().await;
    let before = Instant::now();
    let mut silent = Peer::connect("silent", &relay.ws()).await;
    silent.expect_closed(4004).await;
    let waited = before.elapsed();
    assert!(
        (4_900..8_000).contains(&waited.as_millis()),
        "closed after {waited:?}"
    );
    tapcue_tests::fault::came(
        "errors::who_says_nothing_is_closed_after_five_seconds",
        "closed (4004) after 5 s",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_opens_nothing_is_refused() {
    let relay = Relay::start().await;
    let mut stranger = Peer::connect("stranger", &relay.ws()).await;
    stranger.send(json!({"type": "resume", "token": "A".repeat(43)}));
    assert_eq!(stranger.expect_error("bad_token").await["fatal"], true);
    stranger.expect_closed(4003).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_cues_is_limited_and_a_stop_is_not() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    for n in 0..400 {
        let _ = pair.receiver.cue(if n % 2 == 0 { "left" } else { "right" });
    }
    let stop = pair.receiver.cue("stop");
    pair.helper
        .expect_within(Duration::from_secs(1), "the stop", is_stop(&stop))
        .await;
    pair.receiver.expect_error("too_fast").await;
    // Stops have no rate limit, even after a flood; each is resent until the state carries it.
    for n in 2..=30 {
        let stop = pair.receiver.cue("stop");
        let state = pair
            .helper
            .until("it", |state| state["hold"]["id"] == json!(stop))
            .await;
        assert_eq!(state["hold"]["count"], n, "every stop counts");
    }
    assert_eq!(pair.receiver.closed(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_flooded_is_here_again_when_it_ends() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    for n in 0..2_000 {
        let _ = pair.receiver.cue(if n % 2 == 0 { "left" } else { "right" });
    }
    let stops: Vec<_> = (0..50).map(|_| pair.receiver.cue("stop")).collect();
    let last = &stops[stops.len() - 1];
    pair.receiver
        .until("its stop", |state| state["hold"]["id"] == json!(last))
        .await;
    // Heartbeats pass the link timeout: states that arrived during the flood count as taken.
    for _ in 0..6 {
        pair.receiver.skip();
        pair.receiver.expect_kind("beat").await;
    }
    let here = |state: &Value| state["peers"]["receiver"] == "here";
    pair.helper.until("the receiver here", here).await;
    pair.hands_off().await;
    pair.both_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_abuse_closes_and_holds() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    for _ in 0..1_000 {
        pair.receiver.send_raw(Message::text("{"));
    }
    pair.receiver.expect_closed(1008).await;
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["reason"], "link_lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wrong_codes_from_one_address_touch_no_live_session() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let mut met = BTreeSet::new();
    let deadline = Instant::now() + PATIENCE;
    while !met.contains("too_fast") {
        assert!(
            Instant::now() < deadline,
            "wrong codes without end; met {met:?}"
        );
        let mut guesser = Peer::connect("guesser", &url).await;
        guesser.send(json!({"type": "join", "code": "000-00000"}));
        let error = guesser.expect_kind("error").await;
        met.insert(error["code"].as_str().expect("a code").to_owned());
    }
    let left = pair.receiver.cue("left");
    let state = pair
        .helper
        .until("left", |state| state["cue"]["id"] == json!(left))
        .await;
    assert_eq!(state["phase"], "live");
    let token = pair.helper.welcome_text("token");
    pair.helper = Peer::resume("helper again", &url, &token).await;
    tapcue_tests::fault::came(
        "errors::many_wrong_codes_from_one_address_touch_no_live_session",
        "`too_fast`, the session live, its device back",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_stop_still_passes() {
    let mut relay = Relay::start_on_small_disk().await;
    let mut pair = Pair::live(&relay.ws()).await;
    relay.fill_disk();
    let unrecorded = pair.receiver.cue("slower");
    pair.receiver.expect_error("unavailable").await;
    let stop = pair.receiver.cue("stop");
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["id"], json!(stop));
    let so_far = tapcue_tests::peer::recorded(&pair.receiver.frames());
    for id in [&unrecorded, &stop] {
        assert!(
            !so_far.contains(id),
            "a receipt while nothing can be recorded"
        );
    }
    relay.free_disk();
    // A device resends cues without a receipt.
    tapcue_tests::wait::until("the record of the stop", async || {
        pair.receiver.cue_again(&stop, "stop", Value::Null);
        let beat = |frame: &tapcue_tests::peer::Frame| (frame.kind() == "beat").then_some(());
        pair.receiver.expect("a beat", beat).await;
        tapcue_tests::peer::recorded(&pair.receiver.frames())
            .contains(&stop)
            .then_some(())
    })
    .await;
    // Everything with a receipt survives the relay.
    let receipts = tapcue_tests::peer::recorded(&pair.receiver.frames());
    relay.kill().await;
    relay.start_again().await;
    let token = pair.receiver.welcome_text("token");
    pair.receiver = Peer::resume("receiver again", &relay.ws(), &token).await;
    let known = [
        (unrecorded, "slower", json!(0)),
        (stop.clone(), "stop", Value::Null),
    ];
    for (id, cue, epoch) in known {
        if !receipts.contains(&id) {
            continue;
        }
        pair.receiver.cue_again(&id, cue, epoch);
        pair.receiver
            .expect("the record of old", is_recorded(&id))
            .await;
    }
    assert_eq!(pair.receiver.state()["hold"]["id"], json!(stop));
    assert_eq!(pair.receiver.state()["hold"]["count"], 1);
    tapcue_tests::fault::came(
        "errors::a_full_disk_is_said_and_stop_still_passes",
        "held by the stop, told, no receipt until there was room",
    );
}

/// A device can meet every error code of docs/protocol.md.
#[tokio::test(flavor = "multi_thread")]
async fn every_error_code_can_be_met() {
    let mut relay = Relay::start_on_small_disk().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let Pair { receiver, helper } = &mut pair;
    let mut met = BTreeSet::new();
    let mut meet = |code: &'static str| assert!(met.insert(code), "{code} twice");

    let mut stranger = Peer::connect("stranger", &url).await;
    stranger.send(json!({"type": "join", "code": "ZZZ-ZZZZZ"}));
    stranger.expect_error("unknown_code").await;
    meet("unknown_code");
    let mut third = Peer::connect("third", &url).await;
    third.send(json!({"type": "join", "secret": receiver.link_secret()}));
    third.expect_error("taken").await;
    meet("taken");
    let mut thief = Peer::connect("thief", &url).await;
    thief.send(json!({"type": "resume", "token": "no token"}));
    thief.expect_error("bad_token").await;
    meet("bad_token");

    receiver.send(json!({"type": "dance"}));
    receiver.expect_error("bad_message").await;
    meet("bad_message");
    let _ = helper.cue("slower");
    helper.expect_error("not_allowed").await;
    meet("not_allowed");
    let _ = receiver.cue("more_pressure");
    receiver
        .until("more", |state| state["cue"]["cue"] == "more_pressure")
        .await;
    let left = receiver.cue_of("left", 0);
    assert_eq!(receiver.expect_error("stale").await["id"], json!(left));
    meet("stale");
    for n in 0..400 {
        let _ = receiver.cue(if n % 2 == 0 { "left" } else { "right" });
    }
    receiver.expect_error("too_fast").await;
    meet("too_fast");

    let _ = helper.cue("stop");
    helper.until_phase("held").await;
    let _ = helper.cue("check_in");
    helper.expect_error("held").await;
    meet("held");
    let mut long = Peer::create(&url, "receiver", waived()).await;
    long.send_raw(Message::text("x".repeat(FRAME_BYTES + 1)));
    long.expect_error("too_large").await;
    meet("too_large");

    let mut other = Pair::open(&url).await;
    let token = other.helper.welcome_text("token");
    let _again = Peer::resume("helper again", &url, &token).await;
    other.helper.expect_error("superseded").await;
    meet("superseded");
    other.receiver.send(json!({"type": "end"}));
    other.receiver.until_phase("ended").await;
    let _ = other.receiver.cue("ready");
    other.receiver.expect_error("ended").await;
    meet("ended");

    // Other refusals arrive at the same time.
    let refused = |code: &'static str| {
        move |frame: &tapcue_tests::peer::Frame| (frame.body["code"] == code).then_some(())
    };
    relay.fill_disk();
    let _ = helper.cue("ready");
    helper.expect("unavailable", refused("unavailable")).await;
    meet("unavailable");
    relay.ask_to_go();
    helper
        .expect("shutting_down", refused("shutting_down"))
        .await;
    meet("shutting_down");
    relay.gone().await;

    let documented = BTreeSet::from([
        "bad_message",
        "unknown_code",
        "taken",
        "bad_token",
        "not_allowed",
        "held",
        "stale",
        "too_fast",
        "too_large",
        "unavailable",
        "superseded",
        "ended",
        "shutting_down",
    ]);
    assert_eq!(met, documented);
}

/// Five codes with the session's number and a wrong secret each.
fn wrong_secrets(code: &str) -> Vec<String> {
    let (place, secret) = code.split_once('-').expect("a code in two parts");
    let wrong = ["00000", "11111", "22222", "33333", "44444", "55555"];
    let wrong = wrong.into_iter().filter(|wrong| *wrong != secret).take(5);
    wrong.map(|wrong| format!("{place}-{wrong}")).collect()
}

fn fragment(peer: &Peer, part: &str, data: Data, last: bool) {
    let frame = Frame::message(part.to_owned(), OpCode::Data(data), last);
    peer.send_raw(Message::Frame(frame));
}
