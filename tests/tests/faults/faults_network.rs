//! Real network failures between two machines made of network namespaces: packets are lost, slow, or arrive
//! from another address.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::lan::{Station, two_stations};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_stop};
use tapcue_tests::relay::Relay;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The other device is told within this time after the last heartbeat. Source: docs/safety.md, "The clock".
const TOLD_WITHIN: Duration = Duration::from_millis(2_250);

/// The relay's address for devices on another machine.
fn at(relay: &Relay, station: &Station) -> SocketAddr {
    SocketAddr::new(station.ip.parse().expect("an address"), relay.addr().port())
}

/// A connection from a machine; its socket stays in that machine's namespace.
fn connect(from: &Station, to: SocketAddr) -> TcpStream {
    let stream = from.within(|| std::net::TcpStream::connect(to));
    let stream = stream.expect("a connection from another machine");
    stream.set_nodelay(true).expect("no delay");
    stream.set_nonblocking(true).expect("not blocking");
    TcpStream::from_std(stream).expect("a stream")
}

/// A live pair: the receiver beside the relay, the helper on the other machine.
async fn pair(relay: &Relay, here: &Station, there: &Station) -> Pair {
    let addr = at(relay, here);
    let url = format!("ws://{addr}/ws");
    let create = json!({"type": "create", "role": "receiver", "options": waived()});
    let receiver = Peer::greet_over("receiver", &url, connect(here, addr), create).await;
    let join = json!({"type": "join", "code": receiver.welcome_text("code")});
    let helper = Peer::greet_over("helper", &url, connect(there, addr), join).await;
    let mut pair = Pair { receiver, helper };
    pair.both_ready().await;
    pair
}

fn lost(state: &Value) -> bool {
    state["peers"]["helper"] == "lost"
}

/// Reconnects the helper's device with its token.
async fn back(relay: &Relay, here: &Station, there: &Station, pair: &mut Pair) {
    let addr = at(relay, here);
    let url = format!("ws://{addr}/ws");
    let resume = json!({"type": "resume", "token": pair.helper.welcome_text("token")});
    pair.helper = Peer::greet_over("helper again", &url, connect(there, addr), resume).await;
    assert_eq!(pair.helper.state()["phase"], "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_vanishes_is_lost_in_time() {
    let [here, there] = two_stations();
    let relay = Relay::start_on(&here, &["--discovery", "off"]).await;
    let mut pair = pair(&relay, &here, &there).await;
    // No packet closes the connection: it is half open.
    there.unplug();
    let unplugged = Instant::now();
    let state = pair
        .receiver
        .until_within(TOLD_WITHIN, "the helper lost", lost)
        .await;
    let told = unplugged.elapsed();
    assert_eq!(state["hold"]["reason"], "link_lost");
    there.plug_in();
    back(&relay, &here, &there, &mut pair).await;
    pair.hands_off().await;
    pair.both_ready().await;
    fault::came(
        "faults_network::a_machine_that_vanishes_is_lost_in_time",
        &format!("told after {}", ms(told)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_that_arrive_one_way_only_are_no_link() {
    let mut longest = Duration::ZERO;
    for to_relay in [true, false] {
        let [here, there] = two_stations();
        let relay = Relay::start_on(&here, &["--discovery", "off"]).await;
        let mut pair = pair(&relay, &here, &there).await;
        let (deaf, from) = if to_relay {
            (&there, &here)
        } else {
            (&here, &there)
        };
        deaf.lose_packets_to(from);
        // A change of state, so that a device that hears nothing has a state to miss.
        let _ = pair.receiver.cue("slower");
        let began = Instant::now();
        let state = pair
            .receiver
            .until_within(TOLD_WITHIN, "the helper lost", lost)
            .await;
        longest = longest.max(began.elapsed());
        assert_eq!(state["phase"], "held");
        deaf.find_again(from);
        back(&relay, &here, &there, &mut pair).await;
    }
    fault::came(
        "faults_network::packets_that_arrive_one_way_only_are_no_link",
        &format!("told after {} at most", ms(longest)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_another_address_than_before_is_the_same_device() {
    let [here, mut there] = two_stations();
    let relay = Relay::start_on(&here, &["--discovery", "off"]).await;
    let mut pair = pair(&relay, &here, &there).await;
    let epoch = pair.receiver.state()["epoch"].as_u64();
    there.move_to("10.77.0.9");
    let moved = Instant::now();
    back(&relay, &here, &there, &mut pair).await;
    let took = moved.elapsed();
    let held = pair.receiver.until_phase("held").await;
    assert!(held["epoch"].as_u64() > epoch, "a new epoch");
    pair.hands_off().await;
    pair.both_ready().await;
    assert_eq!(pair.helper.closed(), None);
    fault::came(
        "faults_network::a_device_with_another_address_than_before_is_the_same_device",
        &format!("back and held after {}, live again by both", ms(took)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_overtakes_a_flood_on_a_thin_line() {
    let [here, there] = two_stations();
    let flags = ["--discovery", "off", "--cues-per-second", "1000000"];
    let relay = Relay::start_on(&here, &flags).await;
    let mut pair = pair(&relay, &here, &there).await;
    here.narrow("64kbit");
    let mut longest = Duration::ZERO;
    let mut cues = 0_u32;
    for _ in 0..5 {
        let flood = Instant::now();
        while flood.elapsed() < Duration::from_secs(1) {
            let id = pair.receiver.cue(["left", "right"][(cues % 2) as usize]);
            let taken = |state: &Value| state["cue"]["id"] == json!(id);
            pair.receiver.until("its state", taken).await;
            cues += 1;
        }
        let stop = pair.receiver.cue("stop");
        let tapped = Instant::now();
        pair.helper
            .expect_within(TOLD_WITHIN, "the stop", is_stop(&stop))
            .await;
        longest = longest.max(tapped.elapsed());
        pair.hands_off().await;
        pair.both_ready().await;
    }
    assert!(longest < Duration::from_millis(750), "{longest:?}");
    fault::came(
        "faults_network::a_stop_overtakes_a_flood_on_a_thin_line",
        &format!("{} at most of 5 stops behind {cues} cues", ms(longest)),
    );
}
