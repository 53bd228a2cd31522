//! A place in a session belongs to its device: a used code or link gives it to no other.

use serde_json::{Value, json};
use tapcue_tests::fault;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_stop};
use tapcue_tests::relay::Relay;
use tokio_tungstenite::tungstenite::Message;

/// A live pair, and its used code and link.
struct Used {
    relay: Relay,
    pair: Pair,
    joins: [Value; 2],
}

impl Used {
    async fn opened_by(creator: &str) -> Self {
        let relay = Relay::start().await;
        let url = relay.ws();
        let first = Peer::create(&url, creator, waived()).await;
        let joins = [
            json!({"type": "join", "code": first.welcome_text("code")}),
            json!({"type": "join", "secret": first.link_secret()}),
        ];
        let second = Peer::greet("second", &url, joins[0].clone()).await;
        let (receiver, helper) = if creator == "receiver" {
            (first, second)
        } else {
            (second, first)
        };
        let mut pair = Pair { receiver, helper };
        for peer in [&mut pair.receiver, &mut pair.helper] {
            let here = |state: &Value| {
                state["peers"]["receiver"] == "here" && state["peers"]["helper"] == "here"
            };
            peer.until("both here", here).await;
        }
        pair.both_ready().await;
        Self { relay, pair, joins }
    }

    fn of(&mut self, role: &str) -> (&mut Peer, &mut Peer) {
        let Pair { receiver, helper } = &mut self.pair;
        if role == "receiver" {
            (receiver, helper)
        } else {
            (helper, receiver)
        }
    }

    /// Neither the code nor the link lets another device in.
    async fn keep_out(&self) {
        for join in &self.joins {
            let mut intruder = Peer::connect("intruder", &self.relay.ws()).await;
            intruder.send(join.clone());
            intruder.expect_error("taken").await;
            intruder.expect_closed(1008).await;
        }
    }
}

/// A connection that sends nothing after its hello.
async fn silent(name: &str, url: &str, hello: Value) -> Peer {
    let mut peer = Peer::connect(name, url).await;
    peer.set_beats(false);
    peer.set_takes(false);
    peer.send(hello);
    let _ = peer.expect_kind("welcome").await;
    peer
}

async fn until_link(peer: &mut Peer, role: &str, status: &str) {
    let is = |state: &Value| state["peers"][role] == status;
    peer.until(&format!("the {role} {status}"), is).await;
}

/// Waits until a device is late or lost.
async fn until_silent(peer: &mut Peer, role: &str) {
    let silent =
        |state: &Value| ["late", "lost"].contains(&state["peers"][role].as_str().unwrap_or(""));
    peer.until(&format!("the {role} silent"), silent).await;
}

/// A device keeps its place when its connection breaks before it sent anything, for both roles and both
/// creators.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_code_takes_no_place_from_a_device_that_comes_back() {
    for creator in ["receiver", "helper"] {
        for role in ["receiver", "helper"] {
            let mut used = Used::opened_by(creator).await;
            let url = used.relay.ws();
            let token = used.of(role).0.welcome_text("token");
            let resume = json!({"type": "resume", "token": token});
            // The device's socket closes.
            *used.of(role).0 = Peer::connect("nobody", &url).await;
            until_link(used.of(role).1, role, "lost").await;
            used.keep_out().await;
            // The device comes back and sends nothing.
            let unheard = silent("back unheard", &url, resume.clone()).await;
            until_link(used.of(role).1, role, "here").await;
            used.keep_out().await;
            drop(unheard);
            until_link(used.of(role).1, role, "lost").await;
            used.keep_out().await;
            // The device comes back and sends heartbeats.
            *used.of(role).0 = Peer::greet("back", &url, resume).await;
            until_link(used.of(role).1, role, "here").await;
            used.keep_out().await;
            used.pair.hands_off().await;
            used.pair.both_ready().await;
        }
    }
    fault::came(
        "places::a_used_code_takes_no_place_from_a_device_that_comes_back",
        "32 times `taken`, by code and by link; the pair live again each time",
    );
}

/// The same code replaces a device that joined and sent nothing; it is told, and its token is invalid.
#[tokio::test(flavor = "multi_thread")]
async fn a_join_whose_welcome_was_lost_joins_again_and_replaces_itself() {
    for creator in ["receiver", "helper"] {
        let relay = Relay::start().await;
        let url = relay.ws();
        let mut first = Peer::create(&url, creator, waived()).await;
        let by_code = json!({"type": "join", "code": first.welcome_text("code")});
        let by_link = json!({"type": "join", "secret": first.link_secret()});
        let mut lost = silent("lost", &url, by_code.clone()).await;
        let lost_token = lost.welcome_text("token");
        let role = lost.welcome_text("role");
        until_link(&mut first, &role, "here").await;
        // While the first device can still send its first message, its place is its own.
        let mut early = Peer::connect("early", &url).await;
        early.send(by_code.clone());
        early.expect_error("taken").await;
        // First the code replaces a silent device, then the link does.
        until_silent(&mut first, &role).await;
        let mut again = silent("again", &url, by_code.clone()).await;
        lost.expect_error("superseded").await;
        lost.expect_closed(4001).await;
        until_link(&mut first, &role, "here").await;
        until_silent(&mut first, &role).await;
        let second = Peer::greet("second", &url, by_link.clone()).await;
        again.expect_error("superseded").await;
        again.expect_closed(4001).await;
        assert_eq!(second.welcome_text("role"), role);
        for token in [lost_token, again.welcome_text("token")] {
            let mut old = Peer::connect("old", &url).await;
            old.send(json!({"type": "resume", "token": token}));
            old.expect_error("bad_token").await;
            old.expect_closed(4003).await;
        }
        let (receiver, helper) = if creator == "receiver" {
            (first, second)
        } else {
            (second, first)
        };
        Pair { receiver, helper }.both_ready().await;
        for join in [by_code, by_link] {
            let mut third = Peer::connect("third", &url).await;
            third.send(join);
            third.expect_error("taken").await;
        }
    }
    fault::came(
        "places::a_join_whose_welcome_was_lost_joins_again_and_replaces_itself",
        "in by code and by link; the replaced told (4001), their tokens bad, then `taken`",
    );
}

/// Any first frame binds the place to its device, and so does its token.
#[tokio::test(flavor = "multi_thread")]
async fn a_joined_device_is_replaced_by_nobody_from_its_first_frame_on() {
    let frames = [
        json!({"type": "beat", "n": 0, "sent_at": 0}).to_string(),
        json!({"type": "away"}).to_string(),
        json!({"type": "cue", "id": tapcue_tests::peer::new_id(), "cue": "stop"}).to_string(),
        "no message at all".to_owned(),
    ];
    for said in frames
        .map(Message::text)
        .into_iter()
        .chain([Message::binary(vec![1])])
    {
        let relay = Relay::start().await;
        let url = relay.ws();
        let first = Peer::create(&url, "receiver", waived()).await;
        let join = json!({"type": "join", "code": first.welcome_text("code")});
        let mut second = silent("second", &url, join.clone()).await;
        second.send_raw(said.clone());
        // The relay answers every frame.
        second.expect("an answer", |_| Some(())).await;
        let mut third = Peer::connect("third", &url).await;
        third.send(join);
        third.expect_error("taken").await;
        assert_eq!(second.closed(), None, "{said:?}");
    }
    // A device that resumes by token counts as heard, though its new connection sends nothing.
    let relay = Relay::start().await;
    let url = relay.ws();
    let first = Peer::create(&url, "helper", waived()).await;
    let join = json!({"type": "join", "code": first.welcome_text("code")});
    let second = silent("second", &url, join.clone()).await;
    let token = second.welcome_text("token");
    drop(second);
    let back = silent("back", &url, json!({"type": "resume", "token": token})).await;
    let mut third = Peer::connect("third", &url).await;
    third.send(join);
    third.expect_error("taken").await;
    assert_eq!(back.closed(), None);
}

/// A restarted relay knows no earlier code and gives no place away.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_code_opens_nothing_after_a_restart() {
    let mut used = Used::opened_by("receiver").await;
    used.relay.kill().await;
    used.relay.start_again().await;
    let url = used.relay.ws();
    for join in &used.joins {
        let mut intruder = Peer::connect("intruder", &url).await;
        intruder.send(join.clone());
        intruder.expect_error("unknown_code").await;
    }
    used.pair = used.pair.back(&url).await;
    for join in &used.joins {
        let mut intruder = Peer::connect("intruder", &url).await;
        intruder.send(join.clone());
        intruder.expect_error("unknown_code").await;
    }
    used.pair.hands_off().await;
    used.pair.both_ready().await;
}

/// A replaced connection changes nothing; only its stop counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_connection_is_told_and_only_its_stop_counts() {
    let mut used = Used::opened_by("receiver").await;
    let url = used.relay.ws();
    let token = used.pair.helper.welcome_text("token");
    // The older connection does not notice that it is replaced.
    used.pair.helper.set_reads(false);
    let newer = Peer::resume("newer", &url, &token).await;
    let mut older = std::mem::replace(&mut used.pair.helper, newer);
    used.pair.hands_off().await;
    used.pair.both_ready().await;
    older.send(json!({"type": "end"}));
    let stop = older.cue("stop");
    used.pair.receiver.expect("the stop", is_stop(&stop)).await;
    assert_eq!(used.pair.receiver.state()["ended"], Value::Null);
    older.set_reads(true);
    older.expect_error("superseded").await;
    older.expect_closed(4001).await;
}
