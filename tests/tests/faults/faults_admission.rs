//! Too many connections, or connections that are too slow: live sessions continue.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::crowd::{connect_from, dawdle};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::http;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Frame, Peer, is_recorded, is_stop};
use tapcue_tests::relay::Relay;
use tapcue_tests::usage::{descriptors, memory_kib};
use tapcue_tests::wait;
use tokio::time::Instant;

/// Slow connections are closed within this time. Source: the fault table of the design.
const SHED_WITHIN: Duration = Duration::from_secs(10);

/// How long a stop may take to the other screen on a machine that serves a crowd.
const SOON: Duration = Duration::from_secs(1);

/// A stop of the receiver reaches the helper's device in time, and both go live again. Returns the stop's
/// delay.
async fn stops(pair: &mut Pair) -> Duration {
    let stop = pair.receiver.cue("stop");
    let tapped = Instant::now();
    pair.helper
        .expect_within(SOON, "the stop", is_stop(&stop))
        .await;
    let took = tapped.elapsed();
    pair.hands_off().await;
    pair.both_ready().await;
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_that_dawdle_are_shed() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let before = memory_kib(relay.pid());
    let mut crowd = Vec::new();
    for n in 0..1_000 {
        let stream = connect_from(n % 20, relay.addr()).await.expect("a place");
        let beginning = [
            "GET / HTTP/1.1\r\nHost: relay\r\nX: ",
            "",
            "POST /api/v1/sessions/0/notes HTTP/1.1\r\nHost: relay\r\nContent-Length: 9000\r\n\r\n",
            "GET /ws HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: tapcue.v1\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        ];
        crowd.push(dawdle(stream, beginning[usize::from(n % 4)]));
    }
    // One more client gets the page, and the pair works as before.
    assert_eq!(http::get(relay.addr(), "/").await.status, 200);
    let stop = stops(&mut pair).await;
    let peak = memory_kib(relay.pid());
    let mut longest = Duration::ZERO;
    for one in crowd {
        longest = longest.max(one.await.expect("its end"));
    }
    assert!(longest <= SHED_WITHIN, "one stayed for {longest:?}");
    assert_eq!(pair.receiver.state()["phase"], "live");
    let grown = peak.saturating_sub(before);
    assert!(grown < 64 * 1_024, "{grown} KiB for a thousand who dawdle");
    fault::came(
        "faults_admission::a_thousand_that_dawdle_are_shed",
        &format!(
            "all gone after {} at most, {grown} KiB at the peak; a stop passed in {}",
            ms(longest),
            ms(stop)
        ),
    );
}

/// The relay's limit on file descriptors.
const FEW: usize = 300;

async fn with_few_descriptors() -> Relay {
    let limit = format!("ulimit -n {FEW}; exec \"$0\" \"$@\"");
    Relay::start_behind(&["sh", "-c", &limit], &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_at_home_outlives_a_crowd() {
    let relay = with_few_descriptors().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    // More connections than descriptors, all silent.
    let mut crowd = Vec::new();
    for n in 0..1_000 {
        crowd.push(connect_from(n, relay.addr()).await.expect("a handshake"));
    }
    let stop = stops(&mut pair).await;

    // One of the pair's devices lost its link and comes back through the crowd.
    let token = pair.helper.welcome_text("token");
    let (came_back, helper) = wait::until("a place for one who comes back", async || {
        let began = Instant::now();
        let stream = connect_from(2_000, relay.addr()).await.ok()?;
        let mut helper = Peer::try_over("helper again", &url, stream).await.ok()?;
        helper.send(json!({"type": "resume", "token": token}));
        helper.expect_kind("welcome").await;
        Some((began.elapsed(), helper))
    })
    .await;
    pair.helper = helper;
    pair.hands_off().await;
    pair.both_ready().await;

    // Two new devices still form a session.
    let mut others = Pair::live(&url).await;
    stops(&mut others).await;
    assert_eq!(pair.receiver.state()["phase"], "live");
    let open = descriptors(relay.pid()).len();
    assert!(open <= FEW, "{open} descriptors");
    fault::came(
        "faults_admission::who_is_at_home_outlives_a_crowd",
        &format!(
            "live, a stop in {}, back through the crowd in {}, {open} of {FEW} descriptors in use",
            ms(stop),
            ms(came_back)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_descriptor_left_a_session_goes_on() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let open = descriptors(relay.pid()).len() as u64;
    relay.limit_descriptors(Some(open));
    // A new connection waits or is closed.
    let waiting = connect_from(1, relay.addr()).await;
    wait::until("word that nobody can be accepted", async || {
        relay
            .logs()
            .contains("cannot accept a connection")
            .then_some(())
    })
    .await;
    let stop = stops(&mut pair).await;
    let recorded = pair.receiver.cue("slower");
    pair.receiver
        .expect("the record", is_recorded(&recorded))
        .await;
    relay.limit_descriptors(None);
    drop(waiting);
    assert_eq!(http::get(relay.addr(), "/healthz").await.status, 200);
    fault::came(
        "faults_admission::without_a_descriptor_left_a_session_goes_on",
        &format!(
            "live and recorded, a stop in {}; accepted again when there were some",
            ms(stop)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_takes_no_place_of_anothers() {
    let relay = Relay::start_with(&["--connections-per-address", "8"], &[]).await;
    let url = relay.ws();
    let mut here = Vec::new();
    let mut refused = 0;
    for n in 0..12 {
        let stream = connect_from(1, relay.addr()).await.expect("a handshake");
        let Ok(mut peer) = Peer::try_over("one of many", &url, stream).await else {
            refused += 1;
            continue;
        };
        peer.send(json!({"type": "create", "role": "receiver", "options": waived()}));
        peer.expect_kind("welcome").await;
        assert!(n < 8, "the connection numbered {n} was let in");
        here.push(peer);
    }
    assert_eq!((here.len(), refused), (8, 4));
    let mut pair = Pair::live(&url).await;
    stops(&mut pair).await;
    assert!(here.iter().all(|peer| peer.closed().is_none()));
    fault::came(
        "faults_admission::one_address_takes_no_place_of_anothers",
        "8 of 12 let in, the other address served",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_too_many_sessions_waits_and_may_join() {
    let relay = Relay::start_with(&["--sessions-per-minute", "3"], &[]).await;
    let url = relay.ws();
    let mut first = Peer::create(&url, "receiver", waived()).await;
    for _ in 0..2 {
        let _ = Peer::create(&url, "receiver", waived()).await;
    }
    let mut fourth = Peer::connect("fourth", &url).await;
    fourth.send(json!({"type": "create", "role": "receiver"}));
    fourth.expect_error("too_fast").await;
    fourth.expect_closed(1008).await;
    let helper = Peer::join("helper", &url, &first.welcome_text("code")).await;
    let here = |state: &Value| state["peers"]["helper"] == "here";
    first.until("the helper", here).await;
    let token = first.welcome_text("token");
    let receiver = Peer::resume("receiver again", &url, &token).await;
    let mut pair = Pair { receiver, helper };
    pair.both_ready().await;
    fault::came(
        "faults_admission::who_opens_too_many_sessions_waits_and_may_join",
        "`too_fast` for the fourth; joining and coming back as ever",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_who_join_at_once_one_is_in() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut receiver = Peer::create(&url, "receiver", waived()).await;
    let join = json!({"type": "join", "code": receiver.welcome_text("code")});
    let mut crowd = Vec::new();
    for n in 0..1_000 {
        let stream = connect_from(n, relay.addr()).await.expect("a handshake");
        let peer = Peer::try_over("one of many", &url, stream).await;
        crowd.push(peer.expect("a WebSocket"));
    }
    // All joins are sent at once; the order of the answers does not matter.
    for peer in &crowd {
        peer.send(join.clone());
    }
    let mut inside = Vec::new();
    let mut refused = 0;
    for mut peer in crowd {
        let answer = |frame: &Frame| match frame.kind() {
            "welcome" => Some(true),
            // Past the relay's total limit on wrong codes, every join gets this error.
            "error" if frame.body["code"] == "taken" || frame.body["code"] == "too_fast" => {
                Some(false)
            }
            _ => None,
        };
        if peer.expect("an answer", answer).await {
            inside.push(peer);
        } else {
            refused += 1;
        }
    }
    // On a slow machine the same code can replace a device that is silent for a second; that device is told.
    let mut replaced = 0;
    let mut stay = Vec::new();
    for mut peer in inside {
        peer.send(json!({"type": "no message"}));
        let answer = |frame: &Frame| match frame.body["code"].as_str() {
            Some("bad_message") => Some(true),
            Some("superseded") => Some(false),
            _ => None,
        };
        if peer.expect("an answer", answer).await {
            stay.push(peer);
        } else {
            replaced += 1;
        }
    }
    assert_eq!((stay.len(), replaced + refused), (1, 999));
    let here = |state: &Value| state["peers"]["helper"] == "here";
    receiver.until("the helper", here).await;
    let helper = stay.remove(0);
    Pair { receiver, helper }.both_ready().await;
    fault::came(
        "faults_admission::of_a_thousand_who_join_at_once_one_is_in",
        &format!("1 in, {refused} refused, {replaced} replaced unheard and told"),
    );
}
