//! No log level contains a name, code, secret, token, cue, note or address of a device.

use serde_json::json;
use tapcue_tests::crowd::{address, connect_from};
use tapcue_tests::http;
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;

/// An address that reaches a log only if the relay logs a device's address.
const FAR: u16 = 0x4D58;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_session_at_trace_leaves_no_secret() {
    let mut relay = Relay::start_with(&[], &[("TAPCUE_LOG", "trace"), ("RUST_LOG", "trace")]).await;
    let url = relay.ws();
    let options = json!({"rehearsal": false, "setup": false});
    let create = json!({
        "type": "create", "role": "receiver", "name": "Plantedruth", "options": options,
        "client": "plantedclient/1",
    });
    let mut receiver = Peer::greet("receiver", &url, create).await;
    let first_code = receiver.welcome_text("code");
    let link_secret = receiver.link_secret();
    receiver.send(json!({"type": "renew_code"}));
    let pairing = receiver.expect_kind("pairing").await;
    let code = pairing["code"].as_str().expect("a code").to_owned();
    // A mistyped code is secret too: it is close to the real one.
    let slip = format!("{}-PPPPP", &code[..3]);
    let mut stranger = Peer::connect("stranger", &url).await;
    stranger.send(json!({"type": "join", "code": slip}));
    stranger.expect_error("unknown_code").await;
    let wrong_token = "plantedtokenplantedtokenplantedtokenplanted";
    let mut thief = Peer::connect("thief", &url).await;
    thief.send(json!({"type": "resume", "token": wrong_token}));
    thief.expect_error("bad_token").await;

    let join = json!({"type": "join", "code": code, "name": "Plantedhal"});
    let helper = Peer::greet("helper", &url, join).await;
    let mut pair = Pair { receiver, helper };
    pair.both_ready().await;
    let mut ids = Vec::new();
    for cue in ["slower", "more_pressure", "ease_up", "stop"] {
        let id = pair.receiver.cue(cue);
        pair.helper
            .until(cue, |state| state["cue"]["id"] == json!(id))
            .await;
        pair.helper.seen(&id).await;
        ids.push(id);
    }
    // The relay does not log a message that it does not understand.
    let unread = json!({"type": "plantedtype", "cue": "plantedcue"});
    pair.receiver.send(unread);
    pair.receiver.expect_error("bad_message").await;
    let token = pair.receiver.welcome_text("token");
    pair.receiver = Peer::resume("receiver again", &url, &token).await;
    pair.receiver.send(json!({"type": "end"}));
    pair.helper.until_phase("ended").await;
    pair.receiver
        .send(json!({"type": "note", "text": "plantednote", "shared": true}));
    let _ = http::get(relay.addr(), "/?plantedquery=1").await;

    // Adds notes with the right token and a wrong one, then reads the record.
    let session = pair.helper.welcome_text("session");
    let notes = format!("/api/v1/sessions/{session}/notes");
    let transcript = format!("/api/v1/sessions/{session}/transcript?format=html&offset=60");
    let own = format!("Bearer {}", pair.helper.welcome_text("token"));
    let note = json!({"text": "plantedhttpnote", "shared": true}).to_string();
    for (bearer, body, status) in [
        (own.as_str(), note.as_str(), 201),
        ("Bearer plantedbearer", note.as_str(), 401),
        (own.as_str(), "{plantedbody", 422),
    ] {
        let json = ("Content-Type", "application/json");
        let headers = [("Authorization", bearer), json];
        let answer = http::request_with(relay.addr(), "POST", &notes, &headers, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let headers = [
        ("Authorization", own.as_str()),
        ("X-Forwarded-For", "203.0.113.77"),
        ("User-Agent", "plantedagent"),
        ("Cookie", "plantedcookie=1"),
    ];
    let answer = http::request(relay.addr(), "GET", &transcript, &headers).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("plantedhttpnote"));

    // A device with an address that no other device has.
    let far = connect_from(FAR, relay.addr()).await.expect("a place");
    let mut far = Peer::try_over("far", &url, far).await.expect("a WebSocket");
    far.send(json!({"type": "join", "code": slip}));
    far.expect_error("unknown_code").await;
    drop(far);
    let path = format!("/api/v1/sessions/{session}");
    let answer = http::request(relay.addr(), "DELETE", &path, &headers[..1]).await;
    assert_eq!(answer.status, 204);
    relay.ask_to_go();
    relay.gone().await;

    let secrets = [
        first_code,
        code,
        slip,
        link_secret,
        token,
        pair.helper.welcome_text("token"),
    ];
    let far = address(FAR).to_string();
    let words = [
        "planted",
        "slower",
        "more_pressure",
        "ease_up",
        "203.0.113.77",
        far.as_str(),
    ];
    let logs = relay.logs();
    assert!(
        logs.lines().count() > 5,
        "a log at trace has lines:\n{logs}"
    );
    let low = logs.to_lowercase();
    let planted = secrets.iter().chain(&ids).map(String::as_str).chain(words);
    for planted in planted {
        let bare = planted.replace('-', "").to_lowercase();
        for form in [planted.to_lowercase(), bare] {
            let line = low.lines().find(|line| line.contains(&form));
            assert!(line.is_none(), "{planted} is in the log: {line:?}");
        }
    }
}
