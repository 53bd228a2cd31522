//! Silence stops: a link that is lost, late, hidden or frozen.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::Peer;
use tapcue_tests::proxy::{Proxy, Way};
use tapcue_tests::relay::{Relay, ws};
use tapcue_tests::wait;
use tokio::time::Instant;

/// The other device is told within this time after the last heartbeat. Source: docs/safety.md, "The clock".
const TOLD_WITHIN: Duration = Duration::from_millis(2_250);

/// The link timeout less the longest time since the last heartbeat: an earlier loss is too soon.
const NOT_BEFORE: Duration = Duration::from_millis(1_400);

struct Wired {
    relay: Relay,
    network: Proxy,
    pair: Pair,
}

/// A live pair; the test controls the helper's network.
async fn helper_behind_a_proxy() -> Wired {
    let relay = Relay::start().await;
    let network = Proxy::before(relay.addr());
    let mut pair = Pair::open_at(&relay.ws(), &ws(network.addr()), waived()).await;
    pair.both_ready().await;
    Wired {
        relay,
        network,
        pair,
    }
}

fn lost(state: &Value) -> bool {
    state["peers"]["helper"] == "lost"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_network_holds_the_other_in_time() {
    let Wired {
        relay,
        network,
        mut pair,
    } = helper_behind_a_proxy().await;
    let epoch = pair.receiver.state()["epoch"].as_u64();
    network.cut();
    let cut = Instant::now();
    let state = pair
        .receiver
        .until_within(TOLD_WITHIN, "the helper lost", lost)
        .await;
    let told = cut.elapsed();
    assert!(told > NOT_BEFORE, "lost after {told:?} already");
    assert_eq!(state["phase"], "held");
    assert_eq!(state["hold"]["reason"], "link_lost");
    assert_eq!(state["hold"]["by"], "helper");
    assert!(state["epoch"].as_u64() > epoch);

    // The network is back, and a device that noticed the loss reconnects with its token.
    network.restore();
    let token = pair.helper.welcome_text("token");
    pair.helper = Peer::resume("helper again", &ws(network.addr()), &token).await;
    assert_eq!(pair.helper.state()["phase"], "held");
    let here = |state: &Value| state["peers"]["helper"] == "here";
    let state = pair.receiver.until("the helper back", here).await;
    assert_eq!(
        state["phase"], "held",
        "coming back leads to held, never to live"
    );
    pair.hands_off().await;
    pair.both_ready().await;
    fault::came(
        "link::a_pulled_network_holds_the_other_in_time",
        &format!("told after {}", ms(told)),
    );
    drop(relay);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_comes_back_by_itself_stays_held() {
    let Wired {
        network,
        mut pair,
        relay,
    } = helper_behind_a_proxy().await;
    network.cut();
    pair.receiver
        .until_within(TOLD_WITHIN, "the helper lost", lost)
        .await;
    network.restore();
    // The old connection closes or works again; the session is not live.
    let back = |state: &Value| state["peers"]["helper"] == "here";
    wait::until("the old connection closed or back", async || {
        (pair.helper.closed().is_some() || back(&pair.receiver.state())).then_some(())
    })
    .await;
    assert_eq!(pair.receiver.state()["phase"], "held");
    drop(relay);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_way_loss_is_loss() {
    let mut longest = Duration::ZERO;
    for (to_relay, to_device) in [(Way::Silent, Way::Open), (Way::Open, Way::Silent)] {
        let Wired {
            network,
            mut pair,
            relay,
        } = helper_behind_a_proxy().await;
        network.set(to_relay, to_device);
        // A change of state, so that a device that hears nothing has a state to miss.
        let _ = pair.receiver.cue("slower");
        let asked = Instant::now();
        let state = pair.receiver.until("the helper lost", lost).await;
        assert_eq!(state["phase"], "held");
        let took = asked.elapsed();
        assert!(
            took <= TOLD_WITHIN,
            "{to_relay:?} {to_device:?}: told after {took:?}"
        );
        longest = longest.max(took);
        drop(relay);
    }
    fault::came(
        "link::one_way_loss_is_loss",
        &format!("told after {} at most", ms(longest)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_connection_is_lost_at_once() {
    let Wired {
        network,
        mut pair,
        relay,
    } = helper_behind_a_proxy().await;
    network.close();
    let at_once = Duration::from_millis(500);
    let state = pair
        .receiver
        .until_within(at_once, "the helper lost", lost)
        .await;
    assert_eq!(state["hold"]["reason"], "link_lost");
    drop(relay);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_is_said_and_stays_live() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    pair.helper.set_beats(false);
    let late = |state: &Value| state["peers"]["helper"] == "late";
    let state = pair.receiver.until("late", late).await;
    assert_eq!(state["phase"], "live");
    pair.helper.set_beats(true);
    let here = |state: &Value| state["peers"]["helper"] == "here";
    let state = pair.receiver.until("here again", here).await;
    assert_eq!(state["phase"], "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_page_is_away_at_once() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    pair.helper.set_beats(false);
    pair.helper.send(json!({"type": "away"}));
    let at_once = Duration::from_millis(500);
    let away = |state: &Value| state["peers"]["helper"] == "away";
    let state = pair.receiver.until_within(at_once, "away", away).await;
    assert_eq!(state["phase"], "held");
    assert_eq!(state["hold"]["reason"], "away");
    pair.helper.set_beats(true);
    let here = |state: &Value| state["peers"]["helper"] == "here";
    let state = pair.receiver.until("here again", here).await;
    assert_eq!(state["phase"], "held");
    pair.hands_off().await;
    pair.both_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_beats_and_takes_no_state_is_lost() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    pair.helper.set_takes(false);
    let _ = pair.receiver.cue("slower");
    let sent = Instant::now();
    let state = pair
        .receiver
        .until_within(TOLD_WITHIN, "the helper lost", lost)
        .await;
    assert!(
        sent.elapsed() > NOT_BEFORE,
        "lost after {:?} already",
        sent.elapsed()
    );
    assert_eq!(state["phase"], "held");
    assert_eq!(state["hold"]["reason"], "link_lost");
    assert_eq!(pair.helper.closed(), None, "it was beating all along");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_another_link_timeout_keeps_that() {
    let relay = Relay::start_with(&["--link-timeout", "1"], &[]).await;
    let mut pair = Pair::live(&relay.ws()).await;
    assert_eq!(pair.receiver.welcome("limits")["lost_after_ms"], 1_000);
    pair.helper.set_beats(false);
    let within = Duration::from_millis(1_250);
    pair.receiver
        .until_within(within, "the helper lost", lost)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stale_arrives_when_the_network_is_back() {
    let relay = Relay::start().await;
    let network = Proxy::before(relay.addr());
    let mut pair = Pair::open_at(&ws(network.addr()), &relay.ws(), waived()).await;
    pair.both_ready().await;
    network.cut();
    // A cue tapped without a network waits in the device's own socket.
    let stale = pair.receiver.cue("more_pressure");
    let gone = |state: &Value| state["peers"]["receiver"] == "lost";
    pair.helper
        .until_within(TOLD_WITHIN, "the receiver lost", gone)
        .await;
    network.restore();
    let token = pair.receiver.welcome_text("token");
    pair.receiver = Peer::resume("receiver again", &relay.ws(), &token).await;
    pair.hands_off().await;
    pair.both_ready().await;
    let left = pair.receiver.cue("left");
    pair.helper
        .until("left", |state| state["cue"]["id"] == json!(left))
        .await;
    assert!(
        !pair.helper.saw(&stale),
        "a cue from before the hold was shown"
    );
    fault::came(
        "link::nothing_stale_arrives_when_the_network_is_back",
        "never on the helper's device",
    );
}

/// The welcome with the token was lost. The code lets a device in once more, until a device in that place has
/// been heard.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_welcome_costs_no_place() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut receiver = Peer::create(&url, "receiver", waived()).await;
    let join = json!({"type": "join", "code": receiver.welcome_text("code")});
    let mut unlucky = Peer::connect("unlucky", &url).await;
    unlucky.set_beats(false);
    unlucky.set_takes(false);
    unlucky.send(join.clone());
    unlucky.expect_kind("welcome").await;
    let lost_token = unlucky.welcome_text("token");
    drop(unlucky);
    receiver
        .until("the helper lost", |state| {
            state["peers"]["helper"] == "lost"
        })
        .await;
    let helper = Peer::greet("helper", &url, join.clone()).await;
    let mut third = Peer::connect("third", &url).await;
    third.send(join);
    third.expect_error("taken").await;
    let mut thief = Peer::connect("thief", &url).await;
    thief.send(json!({"type": "resume", "token": lost_token}));
    thief.expect_error("bad_token").await;
    Pair { receiver, helper }.both_ready().await;
}
