//! Hold to consent over the wire: live only while the receiver's thumb is down; lifting it is a stop.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::pair::{Pair, consent};
use tapcue_tests::peer::{Frame, Peer, is_recorded, new_id};
use tapcue_tests::relay::Relay;

/// Ten times the bench's figures.
const SOON: Duration = Duration::from_secs(1);

fn is_release(id: &str) -> impl Fn(&Frame) -> Option<()> {
    let id = json!(id);
    move |frame| {
        let stop = frame.kind() == "stop" && frame.body["id"] == id;
        (stop && frame.body["reason"] == "released").then_some(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ready_is_not_enough_without_the_thumb() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::open_at(&url, &url, consent()).await;
    pair.helper.ready().await;
    pair.receiver.ready().await;
    let both = |state: &Value| state["ready"] == json!({"receiver": true, "helper": true});
    let state = pair.helper.until("both ready", both).await;
    assert_eq!(state["phase"], "held");
    assert_eq!(state["thumb"], false);
    // The helper's thumb does not count.
    pair.helper.skip();
    let _ = pair.helper.put_down();
    pair.helper.expect_error("not_allowed").await;
    let _ = pair.receiver.put_down();
    let state = pair.helper.until_phase("live").await;
    assert_eq!(state["thumb"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifted_thumb_stops_ahead_of_everything_and_latches() {
    let relay = Relay::start().await;
    let (mut pair, down) = Pair::live_by_thumb(&relay.ws()).await;
    // More than every limit on cues and frames.
    for n in 0..1_000 {
        let _ = pair.receiver.cue(if n % 2 == 0 { "left" } else { "right" });
    }
    let up = pair.receiver.lift(&down);
    pair.helper
        .expect_within(SOON, "the release", is_release(&up))
        .await;
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let state = peer.until_phase("held").await;
        assert_eq!(state["hold"]["reason"], "released");
        assert_eq!(state["hold"]["id"], json!(up));
        assert_eq!(state["hold"]["by"], "receiver");
        assert_eq!(state["thumb"], false);
    }
    // Both ready and the thumb down again: it stays held until the helper says "hands off".
    pair.receiver.ready().await;
    let _ = pair.receiver.put_down();
    let thumb = |state: &Value| state["thumb"] == true;
    let state = pair.helper.until("the thumb", thumb).await;
    assert_eq!(state["phase"], "held");
    pair.helper.hands_off().await;
    pair.helper.ready().await;
    pair.helper.until_phase("live").await;
    let recorded = tapcue_tests::peer::recorded(&pair.receiver.frames());
    assert!(recorded.contains(&up), "it was answered for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lift_that_overtakes_its_own_thumb_takes_it_back() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::open_at(&url, &url, consent()).await;
    pair.helper.ready().await;
    pair.receiver.ready().await;
    let down = new_id();
    let _ = pair.receiver.lift(&down);
    pair.receiver.put_down_again(&down);
    pair.receiver
        .expect("its receipt", is_recorded(&down))
        .await;
    assert_eq!(pair.receiver.state()["phase"], "held");
    assert_eq!(pair.receiver.state()["thumb"], false);
    // A new thumb counts.
    let _ = pair.receiver.put_down();
    pair.receiver.until_phase("live").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thumb_on_the_screen_through_a_lost_link_does_not_count() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let (mut pair, down) = Pair::live_by_thumb(&relay.ws()).await;
    let token = pair.receiver.welcome_text("token");
    drop(pair.receiver);
    pair.helper.until_phase("held").await;
    pair.receiver = Peer::resume("receiver", &url, &token).await;
    pair.hands_off().await;
    pair.helper.ready().await;
    pair.receiver.ready().await;
    // The same message again is not a new thumb.
    pair.receiver.put_down_again(&down);
    let answered = |frame: &Frame| (frame.kind() == "state").then_some(());
    pair.receiver.skip();
    pair.receiver.expect("an answer to it", answered).await;
    assert_eq!(pair.receiver.state()["phase"], "held");
    let _ = pair.receiver.put_down();
    pair.receiver.until_phase("live").await;
}
