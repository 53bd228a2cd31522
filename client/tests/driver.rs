//! The device against a relay that is scripted frame by frame, over real sockets.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod relay;

use std::time::Duration;

use relay::{Relay, live_state, start_state};
use tapcue::device::driver::Device;
use tapcue::device::snapshot::{Snapshot, What};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::link::{Alarm, DeviceLink, Stage};
use tapcue_rules::message::{ErrorCode, Secret, ToRelay};
use tapcue_rules::state::{Hold, HoldReason, Options, Phase};
use tapcue_rules::time::Millis;
use tokio_tungstenite::tungstenite::Message;

fn create(role: Role) -> ToRelay {
    ToRelay::Create {
        role,
        name: None,
        options: None,
        client: None,
    }
}

async fn until(device: &Device, what: &str, check: impl FnMut(&Snapshot) -> bool) -> Snapshot {
    let mut snapshots = device.snapshots();
    tokio::time::timeout(Duration::from_secs(10), snapshots.wait_for(check))
        .await
        .unwrap_or_else(|_| panic!("not within 10 s: {what}"))
        .expect("the device runs")
        .clone()
}

/// Waits like [`until`], while the relay answers heartbeats.
async fn until_answered(
    device: &Device,
    peer: &mut relay::Peer,
    what: &str,
    check: impl FnMut(&Snapshot) -> bool,
) -> Snapshot {
    let answering = async {
        loop {
            peer.next_but_beats().await;
        }
    };
    tokio::select! {
        snapshot = until(device, what, check) => snapshot,
        () = answering => unreachable!("it answers for ever"),
    }
}

/// A paired, live device and its relay.
async fn live(role: Role) -> (Device, Relay, relay::Peer) {
    let relay = Relay::bind().await;
    let device = Device::start(relay.address(), create(role));
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Create { .. }));
    peer.welcome(role, live_state(1)).await;
    until_answered(&device, &mut peer, "live", |s| s.go(s.at)).await;
    (device, relay, peer)
}

#[tokio::test]
async fn hello_welcome_beats_and_a_measured_round_trip() {
    let relay = Relay::bind().await;
    let device = Device::start(relay.address(), create(Role::Receiver));
    let mut peer = relay.accept().await;
    assert_eq!(peer.next().await, create(Role::Receiver));
    peer.welcome(Role::Receiver, start_state(1)).await;
    let snapshot = until(&device, "welcome", |s| s.welcome.is_some()).await;
    assert_eq!(snapshot.role(), Some(Role::Receiver));
    let pairing = snapshot.pairing.expect("a code while nobody has joined");
    assert_eq!(pairing.code, Secret("K7M-2QX4R".into()));
    for expected in 0..3 {
        let ToRelay::Beat { n, sent_at } = peer.next().await else {
            panic!("a beat is next");
        };
        assert_eq!(n, expected);
        peer.beat(n, sent_at).await;
    }
    let snapshot = until(&device, "round trip", |s| s.view.round_trip_ms.is_some()).await;
    assert_eq!(snapshot.view.link, DeviceLink::Here);
    let ahead = snapshot.relay_ahead_ms.expect("the relay's clock is known");
    assert!((999_000..=1_001_000).contains(&ahead), "{ahead}");
    peer.state(2, live_state(2)).await;
    assert_eq!(peer.next_but_beats().await, ToRelay::Received { seq: 2 });
    until(&device, "no code once paired", |s| s.pairing.is_none()).await;
}

#[tokio::test]
async fn a_relay_that_vanishes_is_lost_in_time_and_resumed() {
    let (device, relay, peer) = live(Role::Helper).await;
    drop(peer);
    let lost = until(&device, "lost", |s| s.view.link == DeviceLink::Lost).await;
    assert!(!lost.view.go);
    assert_eq!(lost.view.alarm, Some(Alarm::LinkLost));
    let mut peer = relay.accept().await;
    let hello = peer.next().await;
    assert!(
        matches!(&hello, ToRelay::Resume { token, .. } if token.0 == relay::TOKEN),
        "it comes back with its token"
    );
    let mut held = live_state(5);
    held.phase = Phase::Held;
    held.hold = Some(Hold {
        id: uuid::Uuid::now_v7(),
        reason: HoldReason::LinkLost,
        by: Some(Role::Helper),
        since: Millis(1_000_000),
        tapped_at: None,
        shown: None,
        acknowledged: false,
        count: 0,
    });
    peer.welcome(Role::Helper, held).await;
    let back = until(&device, "back", |s| s.view.link == DeviceLink::Here).await;
    assert!(!back.view.go, "nothing restarts by itself");
}

#[tokio::test]
async fn a_relay_that_falls_silent_is_lost_within_the_link_timeout() {
    let (device, _relay, mut peer) = live(Role::Helper).await;
    let before = device.clock().now();
    // The connection stays open and the relay reads it; it only sends nothing.
    let reading = tokio::spawn(async move { while peer.try_next().await.is_some() {} });
    let lost = until(&device, "lost", |s| s.view.link == DeviceLink::Lost).await;
    assert!(!lost.go(lost.at));
    let after = lost.at.since(before);
    assert!((1_500..=3_000).contains(&after), "lost after {after} ms");
    reading.abort();
}

#[tokio::test]
async fn a_stop_is_sent_again_until_the_state_carries_it() {
    let (device, _relay, mut peer) = live(Role::Receiver).await;
    let id = device.tap(Cue::Stop);
    let mut stops = 0;
    while stops < 3 {
        if let ToRelay::Cue {
            id: sent,
            cue: Cue::Stop,
            ..
        } = peer.next_but_beats().await
        {
            assert_eq!(sent, id, "the same stop, not another one");
            stops += 1;
        }
    }
    let own = until(&device, "own stop", |s| s.view.stopped).await;
    assert!(!own.view.go);
    assert_eq!(own.shouts, 1);
    let mut held = live_state(2);
    held.phase = Phase::Held;
    held.epoch += 1;
    held.hold = Some(Hold {
        id,
        reason: HoldReason::Stop,
        by: Some(Role::Receiver),
        since: Millis(1_000_000),
        tapped_at: None,
        shown: Some(Millis(1_000_010)),
        acknowledged: false,
        count: 1,
    });
    peer.state(2, held).await;
    let carried = until(&device, "carried", |s| !s.view.stopped).await;
    assert_eq!(carried.view.lamp.map(|lamp| lamp.stage), Some(Stage::Shown));
    assert_eq!(carried.phase(), Some(Phase::Held));
    // Messages keep their order, so no further stop comes before this one.
    device.say(ToRelay::RenewCode);
    loop {
        let message = peer.next_but_beats().await;
        if message == ToRelay::RenewCode {
            break;
        }
        stops += u32::from(matches!(message, ToRelay::Cue { cue: Cue::Stop, .. }));
    }
    assert!(stops <= 4, "at most one was under way: {stops}");
}

#[tokio::test]
async fn a_lift_knows_its_thumb_however_quickly_it_follows() {
    let relay = Relay::bind().await;
    let device = Device::start(relay.address(), create(Role::Receiver));
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Create { .. }));
    let options = Options {
        hold_to_consent: true,
        ..Options::default()
    };
    peer.welcome_with(Role::Receiver, live_state(1), options)
        .await;
    until(&device, "welcome", |s| s.welcome.is_some()).await;
    let put = device.thumb(true);
    let lifted = device.thumb(false);
    let mut said = Vec::new();
    while said.len() < 2 {
        if let ToRelay::Thumb {
            id, down, lifts, ..
        } = peer.next_but_beats().await
        {
            said.push((id, down, lifts));
        }
    }
    // The lift may overtake the thumb's message, so it names its thumb.
    assert!(said.contains(&(put, true, None)), "{said:?}");
    assert!(said.contains(&(lifted, false, Some(put))), "{said:?}");
    let stopped = until(&device, "stopped", |s| s.view.stopped).await;
    assert_eq!(stopped.shouts, 1);
    assert!(!stopped.view.go && !stopped.view.thumb);
}

#[tokio::test]
async fn a_stop_without_a_link_is_the_first_thing_said_when_it_is_back() {
    let (device, relay, peer) = live(Role::Receiver).await;
    drop(peer);
    until(&device, "lost", |s| s.view.link == DeviceLink::Lost).await;
    let id = device.tap(Cue::Stop);
    until(&device, "not delivered", |s| {
        s.view.alarm == Some(Alarm::NotDelivered)
    })
    .await;
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Resume { .. }));
    peer.welcome(Role::Receiver, live_state(3)).await;
    let first = peer.next_but_beats().await;
    assert!(
        matches!(first, ToRelay::Cue { id: sent, cue: Cue::Stop, .. } if sent == id),
        "{first:?}"
    );
}

#[tokio::test]
async fn garbage_is_passed_over_and_is_no_sign_of_life() {
    let (device, _relay, mut peer) = live(Role::Helper).await;
    for garbage in [
        Message::text("{"),
        Message::text("{\"type\":\"of_another_year\"}"),
        Message::text("[".repeat(10_000)),
        Message::binary(vec![0_u8; 100]),
        Message::Ping(vec![1_u8].into()),
    ] {
        peer.raw(garbage).await;
    }
    peer.state(2, live_state(2)).await;
    assert_eq!(peer.next_but_beats().await, ToRelay::Received { seq: 2 });
    let lost = until(&device, "lost", |s| s.view.link == DeviceLink::Lost).await;
    assert!(!lost.view.go);
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_the_connection_not_the_device() {
    let (device, relay, mut peer) = live(Role::Helper).await;
    peer.raw(Message::text("x".repeat(17 * 1024))).await;
    until(&device, "lost", |s| s.view.link == DeviceLink::Lost).await;
    let mut peer = relay.accept().await;
    assert!(matches!(peer.next().await, ToRelay::Resume { .. }));
}

#[tokio::test]
async fn a_refusal_is_final_and_says_why() {
    let relay = Relay::bind().await;
    let hello = ToRelay::Join {
        code: Some(Secret("AAA-AAAAA".into())),
        secret: None,
        name: None,
        client: None,
    };
    let device = Device::start(relay.address(), hello);
    let mut peer = relay.accept().await;
    peer.next().await;
    peer.send(&ErrorCode::UnknownCode.to_device(None, true))
        .await;
    let refused = until(&device, "refused", |s| s.view.link == DeviceLink::Refused).await;
    let notice = refused.notices.back().expect("a notice");
    assert!(matches!(
        &notice.what,
        What::Refused {
            code: ErrorCode::UnknownCode,
            fatal: true,
            ..
        }
    ));
    drop(peer);
    assert!(relay.nobody_connects().await);
}

#[tokio::test]
async fn a_relay_of_another_protocol_is_not_talked_to() {
    let relay = Relay::bind().await;
    let device = Device::start(relay.address(), create(Role::Helper));
    relay.accept_without_subprotocol().await;
    let snapshot = until(&device, "a reason", |s| !s.notices.is_empty()).await;
    assert_eq!(snapshot.view.link, DeviceLink::Connecting);
    let mut peer = relay.accept().await;
    assert_eq!(peer.next().await, create(Role::Helper), "it tries again");
}

#[tokio::test]
async fn what_was_tapped_leaves_before_the_device_closes() {
    let (device, _relay, mut peer) = live(Role::Receiver).await;
    let id = device.tap(Cue::Stop);
    device.end();
    device.close().await;
    let mut said = Vec::new();
    while let Some(message) = peer.try_next().await {
        said.push(message);
    }
    let stop = said
        .iter()
        .position(|m| matches!(m, ToRelay::Cue { id: sent, .. } if *sent == id));
    let end = said.iter().position(|m| *m == ToRelay::End);
    assert!(stop.is_some() && end.is_some(), "{said:?}");
    assert!(stop < end, "the stop goes first");
}

#[tokio::test]
async fn shown_is_sent_once_for_what_was_painted() {
    let (device, _relay, mut peer) = live(Role::Helper).await;
    let id = uuid::Uuid::now_v7();
    device.painted(id, false);
    device.painted(id, false);
    device.say(ToRelay::RenewCode);
    assert!(matches!(peer.next_but_beats().await, ToRelay::Shown { id: of, .. } if of == id));
    assert_eq!(peer.next_but_beats().await, ToRelay::RenewCode);
}

#[tokio::test]
async fn superseded_is_final() {
    let (device, relay, mut peer) = live(Role::Helper).await;
    peer.send(&ErrorCode::Superseded.to_device(None, true))
        .await;
    until(&device, "superseded", |s| {
        s.view.link == DeviceLink::Superseded
    })
    .await;
    drop(peer);
    assert!(relay.nobody_connects().await);
}
