//! A stop gets through first, ahead of everything else.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::json;
use tapcue_tests::fault::{self, ms};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Frame, Peer, is_stop};
use tapcue_tests::proxy::{Proxy, Way};
use tapcue_tests::relay::{Relay, ws};
use tokio::time::Instant;

/// Ten times the bench's figures, and a tenth of what a queue would take.
const SOON: Duration = Duration::from_secs(1);

/// The bound for a device that reads 64 kbit/s: the bench's 100 ms, and the delay of a loaded machine.
const NARROW_SOON: Duration = Duration::from_millis(500);

/// 64 kbit/s, in bytes per second.
const NARROW: NonZeroU32 = NonZeroU32::new(8_000).expect("not 0");

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_cues_do_not_stand_before_it() {
    let relay = Relay::start_with(&["--cues-per-second", "1000000"], &[]).await;
    let mut pair = Pair::live(&relay.ws()).await;
    let before = pair.helper.frames().len();
    for n in 0..10_000 {
        let _ = pair
            .receiver
            .cue(["left", "right", "slower", "ease_up"][n % 4]);
    }
    let stop = pair.receiver.cue("stop");
    let tapped = Instant::now();
    pair.helper.expect("the stop", is_stop(&stop)).await;
    let took = tapped.elapsed();
    pair.helper.until_phase("held").await;
    pair.receiver.until_phase("held").await;

    // Stale cues of the flood never arrive: the next change is the next state.
    pair.hands_off().await;
    let frames = pair.helper.frames();
    let stopped = frames
        .iter()
        .position(|frame| is_stop(&stop)(frame).is_some());
    let stopped = stopped.expect("the stop");
    for frame in &frames[stopped..] {
        let cue = &frame.body["state"]["cue"];
        assert!(
            cue.is_null() || cue["cue"] == "stop",
            "stale after the stop: {}",
            frame.body
        );
        let earlier = frame.body["state"]["earlier"].as_array();
        assert!(
            earlier.is_none_or(Vec::is_empty),
            "stale after the stop: {}",
            frame.body
        );
    }
    let states = frames[before..stopped]
        .iter()
        .filter(|frame| frame.kind() == "state")
        .count();
    assert!(
        states < 5_000,
        "{states} states for 10,000 cues: nothing was conflated"
    );
    fault::came(
        "stop::ten_thousand_cues_do_not_stand_before_it",
        &format!(
            "{} after all of it was written, {states} states before it",
            ms(took)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_from_a_device_that_was_just_replaced_counts() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let token = pair.receiver.welcome_text("token");
    // The older tab does not know yet that a newer one has its role.
    pair.receiver.set_reads(false);
    let newer = Peer::resume("newer", &relay.ws(), &token).await;
    pair.helper.until_phase("held").await;
    let stop = pair.receiver.cue("stop");
    pair.helper
        .expect_within(SOON, "the stop", is_stop(&stop))
        .await;
    let state = pair
        .helper
        .until("it", |state| state["hold"]["id"] == json!(stop));
    assert_eq!(state.await["hold"]["reason"], "stop");
    assert_eq!(newer.closed(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_it_before_the_backlog_it_does_not_have() {
    let relay = Relay::start_with(&["--cues-per-second", "1000000"], &[]).await;
    let slow = Proxy::narrow_before(relay.addr());
    let mut pair = Pair::open_at(&relay.ws(), &ws(slow.addr()), waived()).await;
    pair.both_ready().await;
    slow.set(Way::Open, Way::Slow(NARROW));

    // Two seconds of cues, paced by the receiver's own states, so that the flood lasts.
    let flood = Instant::now();
    let mut cues = 0_u32;
    while flood.elapsed() < Duration::from_secs(2) {
        let id = pair.receiver.cue(["left", "right"][(cues % 2) as usize]);
        pair.receiver
            .until("its state", |state| state["cue"]["id"] == json!(id))
            .await;
        cues += 1;
    }
    let stop = pair.receiver.cue("stop");
    let tapped = Instant::now();
    pair.helper
        .expect_within(NARROW_SOON, "the stop", is_stop(&stop))
        .await;
    let took = tapped.elapsed();
    pair.helper.until_phase("held").await;
    fault::came(
        "stop::a_slow_reader_gets_it_before_the_backlog_it_does_not_have",
        &format!("{} behind {cues} cues", ms(took)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_never_reads_is_lost_and_stops_nobody_else() {
    let relay = Relay::start_with(&["--cues-per-second", "1000000"], &[]).await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let mut others = Pair::live(&url).await;
    pair.helper.set_reads(false);
    let cut = Instant::now();
    let mut cues = 0;
    let lost = |state: &serde_json::Value| state["peers"]["helper"] == "lost";
    while !lost(&pair.receiver.state()) {
        let id = pair.receiver.cue(["left", "right"][cues % 2]);
        let taken = |state: &serde_json::Value| lost(state) || state["cue"]["id"] == json!(id);
        pair.receiver
            .until("its state, or the helper lost", taken)
            .await;
        cues += 1;
    }
    assert_eq!(
        pair.receiver.until_phase("held").await["hold"]["reason"],
        "link_lost"
    );
    let took = cut.elapsed();
    let stop = others.receiver.cue("stop");
    others
        .helper
        .expect_within(SOON, "the others' stop", is_stop(&stop))
        .await;
    fault::came(
        "stop::a_reader_that_never_reads_is_lost_and_stops_nobody_else",
        &format!("lost after {}, the other pair live", ms(took)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_works_while_waiting_and_after_the_end() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut receiver = tapcue_tests::peer::Peer::create(&url, "receiver", waived()).await;
    let stop = receiver.cue("stop");
    receiver
        .until("held", |state| state["hold"]["id"] == json!(stop))
        .await;

    let mut pair = Pair::open(&url).await;
    pair.receiver.send(json!({"type": "end"}));
    pair.helper.until_phase("ended").await;
    let late = pair.receiver.cue("stop");
    pair.helper.expect("the late stop", is_stop(&late)).await;
    assert_eq!(pair.helper.state()["phase"], "ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_and_ready_at_once_is_stop() {
    let relay = Relay::start().await;
    let mut pair = Pair::open(&relay.ws()).await;
    pair.helper.ready().await;
    for _ in 0..20 {
        let _ = pair.receiver.cue("ready");
        let stop = pair.helper.cue("stop");
        let held = pair
            .receiver
            .until("held", |state| state["hold"]["id"] == json!(stop))
            .await;
        assert_eq!(held["phase"], "held");
        assert_eq!(held["ready"], json!({"receiver": false, "helper": false}));
    }
    fault::came(
        "stop::stop_and_ready_at_once_is_stop",
        "held by the stop, 20 times of 20",
    );
}

/// A device gives a stop up after an error with its id. So only a refusal of the stop itself may have that
/// id.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_receipt_does_not_name_the_stop() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let stop = pair.receiver.cue("stop");
    pair.receiver.until_phase("held").await;
    pair.receiver
        .send(json!({"type": "acknowledge", "id": stop}));
    let error = pair.receiver.expect_error("not_allowed").await;
    assert_eq!(error.get("id"), None, "{error}");
    pair.hands_off().await;
    pair.helper.send(json!({"type": "end"}));
    pair.receiver.until_phase("ended").await;
    pair.receiver.send(json!({"type": "shown", "id": stop}));
    let error = pair.receiver.expect_error("ended").await;
    assert_eq!(error.get("id"), None, "{error}");
}

/// Both devices get the short notice before the state that carries the stop: on a slow link the state alone
/// comes too late.
#[tokio::test(flavor = "multi_thread")]
async fn both_devices_get_the_notice_before_the_state() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let stop = pair.receiver.cue("stop");
    for peer in [&mut pair.receiver, &mut pair.helper] {
        peer.until_phase("held").await;
        let frames = peer.frames();
        let place = |is: &dyn Fn(&Frame) -> bool| frames.iter().position(is);
        let notice = place(&|frame| frame.kind() == "stop" && frame.body["id"] == json!(stop));
        let state = place(&|frame| frame.body["state"]["hold"]["id"] == json!(stop));
        assert!(notice.is_some(), "the notice");
        assert!(notice < state, "{notice:?} before {state:?}");
    }
}
