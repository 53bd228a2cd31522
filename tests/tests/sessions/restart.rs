//! The relay crashes or shuts down: both devices are held, and the record is complete.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_rules::limits::UNRECORDED_AT_MOST;
use tapcue_tests::fault::{self, ms};
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::{Frame, Peer, is_recorded, new_id, recorded};
use tapcue_tests::relay::Relay;
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_mid_session_it_comes_back_held() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let mut cues = Vec::new();
    for n in 0..12 {
        let cue = ["slower", "left", "right", "ease_up"][n % 4];
        let id = pair.receiver.cue(cue);
        pair.helper
            .until("the cue", |state| state["cue"]["id"] == json!(id))
            .await;
        cues.push((id, cue));
    }
    let (first, _) = cues[0].clone();
    pair.receiver
        .expect("the first record", is_recorded(&first))
        .await;
    let epoch = pair.receiver.state()["epoch"].as_u64().expect("an epoch");
    relay.kill().await;
    let recorded = recorded(&pair.receiver.frames());

    let down = Instant::now();
    relay.start_again().await;
    let serving = down.elapsed();
    let mut pair = pair.back(&relay.ws()).await;
    let devices = down.elapsed();
    // The first device back learns that the other is lost: the state of links does not survive a kill.
    let state = pair.receiver.welcome("state");
    assert_eq!(state["phase"], "held");
    assert_eq!(state["hold"]["reason"], "link_lost");
    assert_eq!(state["peers"]["helper"], "lost");
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let both = json!({"receiver": "here", "helper": "here"});
        let state = peer
            .until("both here", |state| state["peers"] == both)
            .await;
        assert_eq!(state["phase"], "held");
        assert_eq!(state["hold"]["reason"], "link_lost");
        assert!(state["epoch"].as_u64().expect("an epoch") > epoch);
        assert!(state["cue"].is_null());
    }

    // A device resends cues without a receipt, and may resend others.
    for (id, cue) in &cues {
        pair.receiver.cue_again(id, cue, epoch);
    }
    pair.hands_off().await;
    pair.both_ready().await;
    for (id, cue) in &cues {
        pair.receiver.cue_again(id, cue, epoch);
    }
    let last = pair.receiver.cue("stay");
    pair.helper
        .until("stay", |state| state["cue"]["id"] == json!(last))
        .await;
    let frames = pair.receiver.frames();
    for (id, _) in &cues {
        assert!(
            !pair.helper.saw(id),
            "a cue from before the kill was shown after it"
        );
        if recorded.contains(id) {
            let refused = |frame: &&Frame| frame.kind() == "error" && frame.body["id"] == json!(id);
            let refused = frames.iter().find(refused);
            assert!(refused.is_none(), "recorded, and not known: {refused:?}");
        }
    }
    assert!(
        serving < Duration::from_secs(1),
        "serving after {serving:?}"
    );
    assert!(
        devices < Duration::from_secs(2),
        "devices after {devices:?}"
    );
    fault::came(
        "restart::killed_in_mid_session_it_comes_back_held",
        &format!(
            "serving after {}, devices back after {}",
            ms(serving),
            ms(devices)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_nobody_acknowledged_outlives_the_relay_and_counts_once() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let stop = pair.receiver.cue("stop");
    pair.receiver.expect("the record", is_recorded(&stop)).await;
    relay.kill().await;
    relay.start_again().await;
    let mut pair = pair.back(&relay.ws()).await;
    pair.receiver.cue_again(&stop, "stop", Value::Null);
    pair.receiver
        .expect("its record again", is_recorded(&stop))
        .await;
    let state = pair
        .helper
        .until("the helper's state", |state| state["hold"].is_object())
        .await;
    assert_eq!(state["hold"]["reason"], "stop");
    assert_eq!(state["hold"]["id"], json!(stop));
    assert_eq!(state["hold"]["count"], 1, "the same id twice is one stop");
    assert_eq!(state["hold"]["acknowledged"], false);
    fault::came(
        "restart::a_stop_that_nobody_acknowledged_outlives_the_relay_and_counts_once",
        "still held by it, counted once",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_the_instant_of_the_kill_arrives_after_it() {
    let mut relay = Relay::start().await;
    let pair = Pair::live(&relay.ws()).await;
    let stop = pair.receiver.cue("stop");
    relay.kill().await;
    relay.start_again().await;
    let mut pair = pair.back(&relay.ws()).await;
    // The first try may have got through or not.
    pair.receiver.cue_again(&stop, "stop", Value::Null);
    let state = pair
        .helper
        .until("the stop", |state| state["hold"]["id"] == json!(stop))
        .await;
    assert_eq!(state["hold"]["count"], 1);
    pair.receiver.expect("the record", is_recorded(&stop)).await;
    fault::came(
        "restart::a_stop_of_the_instant_of_the_kill_arrives_after_it",
        "held by that stop, counted once, recorded",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_survives_kill_after_kill() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::open(&relay.ws()).await;
    let mut known = Vec::new();
    for kill in 0..5 {
        let mut stops = Vec::new();
        for _ in 0..20 + kill {
            stops.push(pair.receiver.cue("stop"));
        }
        pair.receiver
            .expect("a record", is_recorded(&stops[kill]))
            .await;
        relay.kill().await;
        known.extend(recorded(&pair.receiver.frames()));
        relay.start_again().await;
        pair = pair.back(&relay.ws()).await;
    }
    // The relay answers a known id with its receipt and changes nothing. Only the newest are sent: a device
    // keeps at most 32, and up to 24 of them had no receipt at the last kill.
    let newest = &known[known.len() - (UNRECORDED_AT_MOST - 24)..];
    let before = pair.helper.state()["hold"]["count"].clone();
    for id in newest {
        pair.receiver.cue_again(id, "stop", Value::Null);
        pair.receiver
            .expect("the record of old", is_recorded(id))
            .await;
    }
    assert_eq!(
        pair.helper.state()["hold"]["count"],
        before,
        "{} stops of old",
        newest.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_does_not_outlive_the_relay_and_the_creator_gets_another() {
    let mut relay = Relay::start().await;
    let url = relay.ws();
    let receiver = Peer::create(&url, "receiver", tapcue_tests::pair::waived()).await;
    let token = receiver.welcome_text("token");
    relay.kill().await;
    relay.start_again().await;
    let receiver = Peer::resume("receiver again", &url, &token).await;
    let helper = Peer::join("helper", &url, &receiver.welcome_text("code")).await;
    Pair { receiver, helper }.both_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_go_it_says_so_and_goes() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let last = pair.receiver.cue("slower");
    pair.helper
        .until("slower", |state| state["cue"]["id"] == json!(last))
        .await;
    relay.ask_to_go();
    let asked = Instant::now();
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let is_it = |frame: &Frame| (frame.body["code"] == "shutting_down").then_some(());
        peer.expect("shutting_down", is_it).await;
    }
    assert!(relay.gone().await.success());
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(5), "gone after {took:?}");
    relay.start_again().await;
    let mut pair = pair.back(&relay.ws()).await;
    assert_eq!(
        pair.helper.until_phase("held").await["hold"]["reason"],
        "link_lost"
    );
    pair.hands_off().await;
    pair.both_ready().await;
    fault::came(
        "restart::told_to_go_it_says_so_and_goes",
        &format!("gone after {}, held, live again", ms(took)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_stays_ended() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let end = new_id();
    pair.receiver.send(json!({"type": "end", "id": end}));
    let ended = pair.helper.until_phase("ended").await["ended"].clone();
    // The end is durable once a later entry is.
    let stop = pair.receiver.cue("stop");
    pair.receiver
        .expect("a record after the end", is_recorded(&stop))
        .await;
    relay.kill().await;
    relay.start_again().await;
    let pair = pair.back(&relay.ws()).await;
    let state = pair.helper.state();
    assert_eq!(state["phase"], "ended");
    assert_eq!(state["ended"]["at"], ended["at"]);
    assert_eq!(state["ended"]["live_ms"], ended["live_ms"]);
}
