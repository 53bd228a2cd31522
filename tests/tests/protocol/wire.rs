//! The whole flow between two scripted devices: pairing, rehearsal, cues, stop, check-in, end.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, is_recorded, is_stop, new_id};
use tapcue_tests::relay::Relay;

/// How long a stop may take on an idle relay over loopback, on a busy machine. The bench has the exact
/// figures.
const STOP_WITHIN: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn from_pairing_to_the_end() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let create = json!({"type": "create", "role": "receiver", "name": "Ruth"});
    let mut receiver = Peer::greet("receiver", &url, create).await;
    assert_eq!(receiver.welcome("role"), "receiver");
    assert_eq!(receiver.state()["phase"], "waiting");
    let code = receiver.welcome_text("code");
    assert_code(&code);
    assert!(receiver.welcome_text("link").starts_with("http"));
    let in_five_minutes = receiver
        .welcome("code_expires_at")
        .as_u64()
        .zip(receiver.welcome("relay_at").as_u64());
    let (expires, now) = in_five_minutes.expect("two times");
    assert!(
        (290_000..=300_000).contains(&(expires - now)),
        "five minutes: {}",
        expires - now
    );

    let typed = code.to_lowercase().replace('-', " ");
    let join = json!({"type": "join", "code": typed, "name": "Hal"});
    let mut helper = Peer::greet("helper", &url, join).await;
    assert_eq!(helper.welcome("role"), "helper");
    assert_eq!(helper.welcome("session"), receiver.welcome("session"));
    assert_ne!(helper.welcome("token"), receiver.welcome("token"));
    let state = receiver
        .until("the helper", |state| state["peers"]["helper"] == "here")
        .await;
    assert_eq!(state["phase"], "held");
    assert_eq!(state["hold"]["reason"], "start");
    assert_eq!(state["names"], json!({"receiver": "Ruth", "helper": "Hal"}));

    receiver.confirm("warning_signs", false);
    receiver.confirm("set_up", true);
    helper.confirm("set_up", true);
    let all = json!({"receiver": true, "helper": true, "warning_signs": false, "cleared": false});
    helper
        .until("the set-up", |state| state["confirmed"] == all)
        .await;

    // Two readies do not suffice before the rehearsal.
    receiver.ready().await;
    helper.ready().await;
    let state = helper
        .until("both ready", |state| state["ready"]["receiver"] == true)
        .await;
    assert_eq!(state["phase"], "held", "not live before a rehearsed stop");

    let stop = receiver.cue("stop");
    let notice = helper.expect_kind("stop").await;
    assert_eq!(
        (&notice["id"], &notice["by"]),
        (&json!(stop), &json!("receiver"))
    );
    let state = helper
        .until("the stop", |state| state["hold"]["reason"] == "stop")
        .await;
    assert_eq!(state["hold"]["id"], json!(stop));
    assert_eq!(
        state["seq"], notice["seq"],
        "the notice names the state that carries it"
    );
    assert_eq!(state["ready"], json!({"receiver": false, "helper": false}));
    helper.shown(&stop);
    receiver
        .until("stop shown", |state| state["hold"]["shown"].is_u64())
        .await;
    helper.seen(&stop).await;
    let state = receiver
        .until("hands off", |state| state["hold"]["acknowledged"] == true)
        .await;
    assert_eq!(state["rehearsed"], true);
    assert_eq!(state["phase"], "held", "hands off alone does not go on");

    let mut pair = Pair { receiver, helper };
    pair.both_ready().await;

    let slower = pair.receiver.cue("slower");
    pair.helper
        .until("slower", |state| state["cue"]["id"] == json!(slower))
        .await;
    pair.helper.shown(&slower);
    pair.receiver
        .until("shown", |state| state["cue"]["shown"].is_u64())
        .await;
    pair.helper.seen(&slower).await;
    pair.receiver
        .until("acknowledged", |state| {
            state["cue"]["acknowledged"].is_u64()
        })
        .await;
    pair.receiver
        .expect("the record of slower", is_recorded(&slower))
        .await;

    // Both cues stay visible.
    let left = pair.receiver.cue("left");
    let state = pair
        .helper
        .until("left", |state| state["cue"]["id"] == json!(left))
        .await;
    assert_eq!(state["earlier"][0]["cue"], "slower");

    let asked = pair.helper.cue("check_in");
    pair.receiver
        .until("the question", |state| {
            state["check_in"]["id"] == json!(asked)
        })
        .await;
    let _ = pair.receiver.cue("good");
    pair.helper
        .until("the answer", |state| state["check_in"].is_null())
        .await;

    pair.helper.send(json!({"type": "end"}));
    let state = pair.receiver.until_phase("ended").await;
    assert_eq!(state["ended"]["by"], "helper");
    assert_eq!(state["ended"]["stops"], 1);
    assert!(state["ended"]["live_ms"].is_u64());
    for figure in ["stop_shown", "stop_acknowledged"] {
        let spread = &state["ended"][figure];
        assert_eq!(
            spread["median_ms"], spread["worst_ms"],
            "{figure} of one stop"
        );
    }

    // After the end a note is accepted, and a cue is not.
    pair.receiver
        .send(json!({"type": "note", "text": "Easier on the left.", "shared": true}));
    let _ = pair.receiver.cue("slower");
    pair.receiver.expect_error("ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_link_s_secret_either_role_may_create() {
    let relay = Relay::start().await;
    let mut helper = Peer::create(&relay.ws(), "helper", waived()).await;
    let join = json!({"type": "join", "secret": helper.link_secret()});
    let receiver = Peer::greet("receiver", &relay.ws(), join).await;
    assert_eq!(receiver.welcome("role"), "receiver");
    assert!(
        receiver.welcome("code").is_null(),
        "who joins has no code to give away"
    );
    helper
        .until("the receiver", |state| state["peers"]["receiver"] == "here")
        .await;
    Pair { receiver, helper }.both_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_holds_both_and_what_came_before_it_is_never_shown() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let before = pair.receiver.state()["epoch"].as_u64().expect("an epoch");

    let stop = pair.receiver.cue("stop");
    pair.helper
        .expect_within(STOP_WITHIN, "the stop", is_stop(&stop))
        .await;
    let held = |state: &Value| state["phase"] == "held" && state["hold"]["reason"] == "stop";
    pair.receiver.until_within(STOP_WITHIN, "held", held).await;
    let state = pair.helper.until_within(STOP_WITHIN, "held", held).await;
    assert_eq!(state["epoch"], before + 1);
    assert_eq!(state["cue"]["cue"], "stop");

    // A cue tapped before the stop arrives after it.
    let late = pair.receiver.cue_of("more_pressure", before);
    let error = pair.receiver.expect_error("stale").await;
    assert_eq!(error["id"], json!(late));
    assert_eq!(error["fatal"], false);
    // With the current epoch it is refused while held.
    let refused = pair.receiver.cue("more_pressure");
    assert_eq!(
        pair.receiver.expect_error("held").await["id"],
        json!(refused)
    );

    // A further stop counts and alarms again.
    let again = pair.receiver.cue("stop");
    let state = pair
        .helper
        .until("the second", |state| state["hold"]["id"] == json!(again))
        .await;
    assert_eq!(state["hold"]["count"], 2);
    assert_eq!(state["hold"]["acknowledged"], false);

    // The receiver cannot say "hands off".
    pair.receiver.acknowledge(&again);
    pair.receiver.expect_error("not_allowed").await;

    // Without "hands off" the helper's ready does not count, however long the screen has shown the stop.
    pair.receiver.ready().await;
    pair.helper.shown(&again);
    tokio::time::sleep(Duration::from_millis(600)).await;
    pair.helper.skip();
    let _ = pair.helper.cue("ready");
    pair.helper.expect_error("held").await;
    assert_eq!(pair.helper.state()["phase"], "held");
    pair.helper.hands_off().await;
    pair.helper.ready().await;
    pair.receiver.until_phase("live").await;
    pair.helper.until_phase("live").await;

    // Resends the old cue, then a cue that the helper sees: the relay has handled all earlier ones by then.
    pair.receiver.cue_again(&late, "more_pressure", before);
    let seen = pair.receiver.cue("ease_up");
    pair.helper
        .until("ease up", |state| state["cue"]["id"] == json!(seen))
        .await;
    for never in [&late, &refused] {
        assert!(!pair.helper.saw(never), "a stale cue reached the helper");
    }
    tapcue_tests::fault::came(
        "wire::a_stop_holds_both_and_what_came_before_it_is_never_shown",
        "refused as stale, as held, as not allowed; never on the helper's device",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_helper_may_stop_too() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let stop = pair.helper.cue("stop");
    let state = pair.receiver.until_phase("held").await;
    assert_eq!(state["hold"]["id"], json!(stop));
    assert_eq!(state["hold"]["by"], "helper");
    pair.hands_off().await;
    pair.both_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_by_reflex_is_not_consent() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let epoch = pair.receiver.state()["epoch"].as_u64().expect("an epoch");
    let _ = pair.receiver.cue("stop");
    let reflex = pair.receiver.cue_of("ready", epoch + 1);
    pair.receiver
        .expect("its record", is_recorded(&reflex))
        .await;
    pair.receiver.until_phase("held").await;
    pair.hands_off().await;
    assert_eq!(pair.receiver.state()["ready"]["receiver"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_warning_sign_keeps_it_held() {
    let relay = Relay::start().await;
    let options = json!({"rehearsal": false});
    let url = relay.ws();
    let mut pair = Pair::open_at(&url, &url, options).await;
    pair.receiver.confirm("set_up", true);
    pair.helper.confirm("set_up", true);
    pair.receiver.confirm("warning_signs", true);
    pair.helper
        .until("the advice", |state| {
            state["confirmed"]["warning_signs"] == true
        })
        .await;
    pair.receiver.ready().await;
    pair.helper.ready().await;
    let both = json!({"receiver": true, "helper": true});
    let state = pair
        .helper
        .until("both ready", |state| state["ready"] == both)
        .await;
    assert_eq!(state["phase"], "held");
    // Only the receiver answers.
    pair.helper.skip();
    pair.helper.confirm("warning_signs", false);
    pair.helper.expect_error("not_allowed").await;
    pair.receiver.confirm("warning_signs", false);
    pair.helper.until_phase("live").await;
    // Changing an answer while live is a stop.
    pair.receiver.confirm("warning_signs", true);
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["reason"], "stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_without_an_answer_leads_to_held() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let options = json!({"rehearsal": false, "setup": false, "check_in_every_s": 1});
    let mut pair = Pair::open_at(&url, &url, options).await;
    pair.both_ready().await;
    let state = pair
        .receiver
        .until("the question", |state| state["check_in"].is_object())
        .await;
    let question = state["check_in"]["id"].as_str().expect("an id").to_owned();
    assert!(
        state["check_in"]["by"].is_null(),
        "the relay asked by itself"
    );
    pair.receiver.shown(&question);
    pair.helper
        .until("shown", |state| state["check_in"]["shown"].is_u64())
        .await;
    pair.receiver
        .until("asked again", |state| state["check_in"]["again"] == true)
        .await;
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["reason"], "no_answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_tap_or_the_same_id_is_one_cue() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let id = pair.receiver.cue("slower");
    let epoch = pair.receiver.state()["epoch"].clone();
    pair.receiver.cue_again(&id, "slower", epoch.clone());
    let tapped_twice = pair.receiver.cue_of("slower", epoch);
    let left = pair.receiver.cue("left");
    let state = pair
        .helper
        .until("left", |state| state["cue"]["id"] == json!(left))
        .await;
    assert_eq!(state["earlier"].as_array().map(Vec::len), Some(1));
    assert_eq!(state["earlier"][0]["id"], json!(id));
    assert!(!pair.helper.saw(&tapped_twice));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_renewed_until_somebody_joins() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut receiver = Peer::create(&url, "receiver", waived()).await;
    let old = receiver.welcome_text("code");
    receiver.send(json!({"type": "renew_code"}));
    let pairing = receiver.expect_kind("pairing").await;
    let new = pairing["code"].as_str().expect("a code").to_owned();
    assert_code(&new);
    assert_ne!(new, old);
    assert_ne!(pairing["burned"], true);
    let mut stranger = Peer::connect("with the old code", &url).await;
    stranger.send(json!({"type": "join", "code": old}));
    stranger.expect_error("unknown_code").await;
    let _helper = Peer::join("helper", &url, &new).await;
    receiver
        .until("the helper", |state| state["peers"]["helper"] == "here")
        .await;
    receiver.send(json!({"type": "renew_code"}));
    receiver.expect_error("not_allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_comes_back_to_held_and_replaces_the_older() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let epoch = pair.helper.state()["epoch"].as_u64();
    let token = pair.receiver.welcome_text("token");
    let mut older = std::mem::replace(
        &mut pair.receiver,
        Peer::resume("receiver again", &url, &token).await,
    );
    let error = older.expect_error("superseded").await;
    assert_eq!(error["fatal"], true);
    older.expect_closed(4001).await;
    assert_eq!(pair.receiver.welcome("role"), "receiver");
    assert_eq!(
        pair.receiver.state()["phase"],
        "held",
        "coming back never stays live"
    );
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["reason"], "link_lost");
    assert!(state["epoch"].as_u64() > epoch);
    pair.hands_off().await;
    pair.both_ready().await;
    tapcue_tests::fault::came(
        "wire::a_device_comes_back_to_held_and_replaces_the_older",
        "the older is told and closed (4001), held with a new epoch",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beat_is_answered_with_how_things_are() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let beat = pair.helper.expect("a beat that says live", |frame| {
        (frame.kind() == "beat" && frame.body["phase"] == "live").then(|| frame.body.clone())
    });
    let beat = beat.await;
    assert_eq!(beat["peer"], "here");
    assert_eq!(beat["epoch"], pair.helper.state()["epoch"]);
    assert!(beat["n"].is_u64() && beat["sent_at"].is_u64() && beat["relay_at"].is_u64());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_ignored() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let id = new_id();
    let epoch = pair.receiver.state()["epoch"].clone();
    pair.receiver.send(json!({
        "type": "cue", "id": id, "cue": "stay", "epoch": epoch, "mood": {"of": ["the", "day"]},
    }));
    pair.helper
        .until("stay", |state| state["cue"]["id"] == json!(id))
        .await;
}

/// A code has three and five characters of Crockford's base 32.
fn assert_code(code: &str) {
    let (place, secret) = code.split_once('-').expect("a code in two parts");
    assert_eq!((place.len(), secret.len()), (3, 5), "{code}");
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    assert!(
        code.chars().all(|c| c == '-' || alphabet.contains(c)),
        "{code}"
    );
}
