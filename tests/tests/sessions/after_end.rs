//! The record and the connections wait for a stop: five seconds after the end, and until an open stop is
//! acknowledged. This holds for every way of deletion.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::fault;
use tapcue_tests::http::{self, Answer};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_recorded};
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::{at, until, within};
use tokio::time::Instant;

/// Later than the time after the end in which a stop counts.
const LATE: Duration = Duration::from_millis(5_500);

/// A live session, its id and the helper's token.
struct Live {
    pair: Pair,
    id: String,
    token: String,
}

impl Live {
    async fn keeping(relay: &Relay, keep: &str) -> Self {
        let mut options = waived();
        options["keep"] = json!(keep);
        let mut pair = Pair::open_at(&relay.ws(), &relay.ws(), options).await;
        pair.both_ready().await;
        let id = pair.receiver.welcome_text("session");
        let token = pair.helper.welcome_text("token");
        Self { pair, id, token }
    }

    /// One of the two ends the session, and both see it.
    async fn end(&mut self, by: fn(&mut Pair) -> &mut Peer) {
        by(&mut self.pair).send(json!({"type": "end"}));
        for peer in [&mut self.pair.receiver, &mut self.pair.helper] {
            peer.until_phase("ended").await;
        }
    }

    async fn ask(&self, relay: &Relay, method: &str, below: &str) -> Answer {
        let path = format!("/api/v1/sessions/{}{below}", self.id);
        let bearer = format!("Bearer {}", self.token);
        http::request(relay.addr(), method, &path, &[("Authorization", &bearer)]).await
    }

    async fn is_kept(&self, relay: &Relay) -> bool {
        self.ask(relay, "GET", "/transcript").await.status == 200
    }

    /// The receiver's stop is red and unacknowledged on both devices.
    async fn stop(&mut self) {
        let _ = self.pair.receiver.cue("stop");
        self.is_red().await;
    }

    async fn is_red(&mut self) {
        for peer in [&mut self.pair.receiver, &mut self.pair.helper] {
            peer.until("the stop", is_open).await;
            assert!(peer.closed().is_none(), "{:?}", peer.closed());
        }
    }

    /// The stop stays red and unacknowledged on both devices until `moment`.
    async fn stays_red_until(&mut self, moment: Instant) {
        at(moment).await;
        for peer in [&self.pair.receiver, &self.pair.helper] {
            assert!(peer.closed().is_none(), "{:?}", peer.closed());
            assert!(is_open(&peer.state()), "{}", peer.state());
        }
    }

    /// After the end an acknowledged stop disappears.
    async fn hands_off(&mut self) {
        self.pair.helper.hands_off().await;
        for peer in [&mut self.pair.receiver, &mut self.pair.helper] {
            peer.until("hands off", |state| state["hold"].is_null())
                .await;
        }
    }

    async fn is_gone(&mut self, relay: &Relay) {
        for peer in [&mut self.pair.receiver, &mut self.pair.helper] {
            peer.expect_closed(4005).await;
        }
        assert_eq!(self.ask(relay, "GET", "/transcript").await.status, 410);
    }
}

fn is_open(state: &Value) -> bool {
    state["hold"]["reason"] == "stop" && state["hold"]["acknowledged"] == false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_after_the_end_holds_both_though_nothing_is_kept() {
    let relay = Relay::start().await;
    for by in [
        (|pair| &mut pair.helper) as fn(&mut Pair) -> &mut Peer,
        |pair| &mut pair.receiver,
    ] {
        let mut session = Live::keeping(&relay, "none").await;
        session.end(by).await;
        let ended = Instant::now();
        session.stop().await;
        session.stays_red_until(ended + LATE).await;
        session.hands_off().await;
        session.is_gone(&relay).await;
    }
    fault::came(
        "after_end::a_stop_after_the_end_holds_both_though_nothing_is_kept",
        "held both until hands off, then deleted",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stop_keeps_what_is_to_keep_nothing() {
    let relay = Relay::start().await;
    let mut session = Live::keeping(&relay, "none").await;
    session.stop().await;
    session.end(|pair| &mut pair.receiver).await;
    let ended = Instant::now();
    session.stays_red_until(ended + LATE).await;
    assert!(session.is_kept(&relay).await);
    session.hands_off().await;
    session.is_gone(&relay).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_stop_what_is_to_keep_nothing_goes_by_itself() {
    let relay = Relay::start().await;
    let mut session = Live::keeping(&relay, "none").await;
    session.end(|pair| &mut pair.helper).await;
    session.is_gone(&relay).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_waits_for_an_open_stop_and_says_so() {
    let relay = Relay::start().await;
    let mut session = Live::keeping(&relay, "30d").await;
    session.stop().await;
    let asked = Instant::now();
    let answer = session.ask(&relay, "DELETE", "").await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["code"], "held");
    session.stays_red_until(asked + LATE).await;
    assert_eq!(session.pair.helper.state()["phase"], "ended");
    session.hands_off().await;
    assert!(session.is_kept(&relay).await, "it was not deleted");
    assert_eq!(session.ask(&relay, "DELETE", "").await.status, 204);
    session.is_gone(&relay).await;
    fault::came(
        "after_end::a_deletion_waits_for_an_open_stop_and_says_so",
        "refused (409, held), red on both; deleted after hands off",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_the_other_deletes_the_session_holds_both() {
    let relay = Relay::start().await;
    let mut session = Live::keeping(&relay, "30d").await;
    let path = format!("/api/v1/sessions/{}", session.id);
    let bearer = format!("Bearer {}", session.token);
    let addr = relay.addr();
    let deleting = tokio::spawn(async move {
        http::request(addr, "DELETE", &path, &[("Authorization", &bearer)]).await
    });
    session.pair.receiver.until_phase("ended").await;
    session.stop().await;
    assert_eq!(deleting.await.expect("an answer").status, 409);
    session.is_red().await;
    session.hands_off().await;
    assert_eq!(session.ask(&relay, "DELETE", "").await.status, 204);
    session.is_gone(&relay).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stop_outlives_a_relay_that_goes_after_the_end() {
    let mut relay = Relay::start().await;
    for kill in [true, false] {
        let mut session = Live::keeping(&relay, "none").await;
        session.stop().await;
        session.end(|pair| &mut pair.helper).await;
        // The end is durable once a later entry is.
        let again = session.pair.receiver.cue("stop");
        let recorded = is_recorded(&again);
        session.pair.receiver.expect("its record", recorded).await;
        if kill {
            relay.kill().await;
        } else {
            relay.ask_to_go();
            assert!(relay.gone().await.success());
        }
        relay.start_again().await;
        let started = Instant::now();
        session.pair = session.pair.back(&relay.ws()).await;
        session.is_red().await;
        session.stays_red_until(started + LATE).await;
        session.hands_off().await;
        session.is_gone(&relay).await;
    }
    fault::came(
        "after_end::an_open_stop_outlives_a_relay_that_goes_after_the_end",
        "red on both again; deleted after hands off",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_without_a_device_ends_the_wait_for_a_stop() {
    let relay = Relay::start().await;
    let mut session = Live::keeping(&relay, "none").await;
    session.stop().await;
    session.end(|pair| &mut pair.receiver).await;
    let Live { pair, id, token } = session;
    drop(pair);
    let left = Instant::now();
    let path = format!("/api/v1/sessions/{id}/transcript");
    let bearer = format!("Bearer {token}");
    // A relay that has just started gives devices more time to come back, and checks once a minute.
    within(Duration::from_secs(170), "the deletion", async || {
        let headers = [("Authorization", bearer.as_str())];
        let answer = http::request(relay.addr(), "GET", &path, &headers).await;
        (answer.status == 410).then_some(())
    })
    .await;
    assert!(left.elapsed() >= Duration::from_secs(55), "it waited");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_and_leaves_has_deleted() {
    let relay = Relay::start().await;
    let mut session = Live::keeping(&relay, "30d").await;
    session.end(|pair| &mut pair.helper).await;
    let path = format!("/api/v1/sessions/{}", session.id);
    let bearer = format!("Bearer {}", session.token);
    let headers = [("Authorization", bearer.as_str())];
    let asked = http::request(relay.addr(), "DELETE", &path, &headers);
    let answered = tokio::time::timeout(Duration::from_secs(1), asked).await;
    assert!(answered.is_err(), "it waits for a stop");
    until("the deletion", async || {
        let answer = session.ask(&relay, "GET", "/transcript").await;
        (answer.status == 410).then_some(())
    })
    .await;
    session.is_gone(&relay).await;
}
