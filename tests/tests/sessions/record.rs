//! A session's record for its two people: reading, notes, deletion, sealing.

use std::path::Path;

use serde_json::{Value, json};
use tapcue_tests::http::{self, Answer};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::until;

struct Ended {
    pair: Pair,
    id: String,
    /// The tokens of the receiver and the helper.
    tokens: [String; 2],
}

/// A session that was live for a moment, had a stop, and has ended.
async fn ended(relay: &Relay, options: Value) -> Ended {
    let url = relay.ws();
    let mut pair = Pair::open_at(&url, &url, options).await;
    pair.both_ready().await;
    let slower = pair.receiver.cue("slower");
    pair.helper
        .until("slower", |state| state["cue"]["id"] == json!(slower))
        .await;
    pair.helper.shown(&slower);
    let _ = pair.receiver.cue("stop");
    pair.hands_off().await;
    let id = pair.receiver.welcome_text("session");
    let tokens = [&pair.receiver, &pair.helper].map(|peer| peer.welcome_text("token"));
    pair.helper.send(json!({"type": "end"}));
    pair.receiver.until_phase("ended").await;
    Ended { pair, id, tokens }
}

async fn ask(relay: &Relay, method: &str, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    http::request(relay.addr(), method, path, &[("Authorization", &bearer)]).await
}

async fn transcript(relay: &Relay, id: &str, token: &str) -> Value {
    let answer = ask(relay, "GET", &path(id, ""), token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn path(id: &str, query: &str) -> String {
    format!("/api/v1/sessions/{id}/transcript{query}")
}

/// The transcript, once the relay has sealed at least `entries` entries.
async fn sealed(relay: &Relay, id: &str, token: &str, entries: usize) -> Value {
    until("the seal", async || {
        let transcript = transcript(relay, id, token).await;
        let count = transcript["seals"][0]["count"].as_u64();
        let seals = transcript["seals"].as_array().map_or(0, Vec::len);
        let newest = transcript["seals"][seals.wrapping_sub(1)]["count"].as_u64();
        let all = transcript["entries"].as_array().map_or(0, Vec::len);
        (count.is_some() && newest == Some(all as u64) && all >= entries).then_some(transcript)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn either_reads_it_in_every_format_and_nobody_else() {
    let relay = Relay::start().await;
    let session = ended(&relay, waived()).await;
    let other = ended(&relay, waived()).await;
    for token in &session.tokens {
        for (format, kind) in [
            ("json", "application/json"),
            ("csv", "text/csv"),
            ("html", "text/html"),
            ("text", "text/plain"),
            ("words", "application/json"),
            ("drawing", "application/json"),
        ] {
            let query = format!("?format={format}&offset=60");
            let answer = ask(&relay, "GET", &path(&session.id, &query), token).await;
            assert_eq!(answer.status, 200, "{format}: {}", answer.text());
            assert!(
                answer
                    .header("content-type")
                    .is_some_and(|is| is.starts_with(kind))
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(answer.text().to_lowercase().contains("slower"), "{format}");
        }
    }
    for (query, tag, says) in [
        ("?format=html&lang=de", "<html lang=\"de\">", "Langsamer"),
        ("?format=text&lang=zh", "", "慢一点"),
        ("?format=csv&lang=es", "", "Más despacio"),
        ("?format=html&lang=ar", "dir=\"rtl\"", "أبطأ"),
        ("?format=html&lang=tlh", "<html lang=\"en\">", "Slower"),
        ("?format=words&lang=fr", "\"entries\":[", "Plus lentement"),
        (
            "?format=drawing&width=358&lang=de",
            "{\"width\":358,",
            "Langsamer",
        ),
        ("?format=drawing", "{\"width\":688,", "Slower"),
        ("?lang=de", "", "\"slower\""),
    ] {
        let answer = ask(&relay, "GET", &path(&session.id, query), &session.tokens[0]).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let text = answer.text();
        assert!(text.contains(tag) && text.contains(says), "{query}: {text}");
    }
    let nobody = "0190f0c47b7e7cc08000000000000001.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for token in [other.tokens[0].as_str(), nobody, "", "x"] {
        for (method, path) in [
            ("GET", path(&session.id, "")),
            ("DELETE", format!("/api/v1/sessions/{}", session.id)),
        ] {
            let answer = ask(&relay, method, &path, token).await;
            assert_eq!(answer.status, 401, "{method}");
            assert!(answer.text().contains("bad_token"));
        }
    }
    let without = http::get(relay.addr(), &path(&session.id, "")).await;
    assert_eq!(without.status, 401);
    assert_eq!(without.header("www-authenticate"), Some("Bearer"));
    let wrong = ask(
        &relay,
        "GET",
        &path(&session.id, "?format=pdf"),
        &session.tokens[0],
    )
    .await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sealed_by_the_relays_own_key_also_after_a_kill() {
    let mut relay = Relay::start().await;
    let session = ended(&relay, waived()).await;
    let before = sealed(&relay, &session.id, &session.tokens[0], 1).await;
    let key = http::get(relay.addr(), "/api/v1/key").await;
    let key: Value = serde_json::from_slice(&key.body).expect("JSON");
    assert_eq!(before["seals"][0]["public_key"], key["public_key"]);
    relay.kill().await;
    relay.start_again().await;
    let same = transcript(&relay, &session.id, &session.tokens[0]).await;
    assert_eq!(same["seals"], before["seals"], "sealed once");
    let late = ended(&relay, waived()).await;
    let after = sealed(&relay, &late.id, &late.tokens[1], 1).await;
    assert_eq!(after["seals"][0]["public_key"], key["public_key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_goes_on_it_reads_as_a_prefix() {
    let relay = Relay::start().await;
    let pair = Pair::live(&relay.ws()).await;
    let id = pair.receiver.welcome_text("session");
    let token = pair.helper.welcome_text("token");
    let first = transcript(&relay, &id, &token).await;
    assert_eq!(first["seals"], json!([]));
    let _ = pair.receiver.cue("slower");
    let second = until("one more entry", async || {
        let next = transcript(&relay, &id, &token).await;
        let count = |of: &Value| of["entries"].as_array().map_or(0, Vec::len);
        (count(&next) > count(&first)).then_some(next)
    })
    .await;
    let entries = |of: &Value| of["entries"].as_array().cloned().unwrap_or_default();
    for (before, after) in entries(&first).iter().zip(&entries(&second)) {
        assert_eq!(before["entry"], after["entry"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_of_the_next_day_is_sealed_and_a_private_one_stays_private() {
    let mut relay = Relay::start().await;
    let session = ended(&relay, waived()).await;
    let first = sealed(&relay, &session.id, &session.tokens[0], 1).await;
    let entries = first["entries"].as_array().map_or(0, Vec::len);
    // The next day no device is connected, and the relay has restarted.
    drop(session.pair);
    relay.ask_to_go();
    relay.gone().await;
    relay.start_again().await;
    let note = |text: &str, shared: bool| json!({"text": text, "shared": shared, "about": 3});
    for note in [note("plantedprivate", false), note("plantedshared", true)] {
        let answer = post(&relay, &session.id, &session.tokens[0], &note).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let own = sealed(&relay, &session.id, &session.tokens[0], entries + 2)
        .await
        .to_string();
    let theirs = sealed(&relay, &session.id, &session.tokens[1], entries + 2)
        .await
        .to_string();
    assert!(own.contains("plantedprivate") && own.contains("plantedshared"));
    assert!(!theirs.contains("plantedprivate") && theirs.contains("plantedshared"));
    for wrong in [
        json!({"text": "x".repeat(2_001)}),
        json!({"words": "x"}),
        json!(7),
    ] {
        let answer = post(&relay, &session.id, &session.tokens[0], &wrong).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
}

async fn post(relay: &Relay, id: &str, token: &str, note: &Value) -> Answer {
    let path = format!("/api/v1/sessions/{id}/notes");
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    http::request_with(relay.addr(), "POST", &path, &headers, &note.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_waits_for_the_end() {
    let relay = Relay::start().await;
    let pair = Pair::live(&relay.ws()).await;
    let id = pair.receiver.welcome_text("session");
    let token = pair.receiver.welcome_text("token");
    let answer = post(&relay, &id, &token, &json!({"text": "early"})).await;
    assert_eq!(answer.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_by_one_it_is_gone_for_both_and_from_every_file() {
    let mut relay = Relay::start().await;
    let mut session = ended(&relay, waived()).await;
    let note = json!({"text": "plantedsecretwords", "shared": true});
    let _ = post(&relay, &session.id, &session.tokens[0], &note).await;
    assert!(stands(relay.data(), b"plantedsecretwords"));
    let path = format!("/api/v1/sessions/{}", session.id);
    let answer = ask(&relay, "DELETE", &path, &session.tokens[0]).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    let error = session.pair.helper.expect_error("deleted").await;
    assert_eq!(error["by"], "receiver");
    session.pair.helper.expect_closed(4005).await;
    assert!(!stands(relay.data(), b"plantedsecretwords"));
    assert!(!stands(relay.data(), b"slower"));
    // Now and after a restart the other device learns who deleted it; a stranger learns nothing.
    for again in [false, true] {
        if again {
            relay.kill().await;
            relay.start_again().await;
        }
        let answer = ask(&relay, "DELETE", &path, &session.tokens[1]).await;
        assert_eq!(answer.status, 410, "{}", answer.text());
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["by"], "receiver");
        let mut back = Peer::connect("helper", &relay.ws()).await;
        back.send(json!({"type": "resume", "token": session.tokens[1]}));
        let error = back.expect_error("deleted").await;
        assert_eq!(error["by"], "receiver");
        back.expect_closed(4005).await;
        let stranger = format!("{}.AAAA", session.id.replace('-', ""));
        assert_eq!(ask(&relay, "DELETE", &path, &stranger).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_one_that_goes_on_stops_both() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let path = format!("/api/v1/sessions/{}", pair.receiver.welcome_text("session"));
    let token = pair.helper.welcome_text("token");
    assert_eq!(ask(&relay, "DELETE", &path, &token).await.status, 204);
    for peer in [&mut pair.receiver, &mut pair.helper] {
        peer.until_phase("ended").await;
        peer.expect_closed(4005).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_to_keep_nothing_is_gone_as_it_ends() {
    let relay = Relay::start().await;
    let options = json!({"rehearsal": false, "setup": false, "keep": "none"});
    let mut session = ended(&relay, options).await;
    session.pair.receiver.expect_closed(4005).await;
    let answer = ask(&relay, "GET", &path(&session.id, ""), &session.tokens[0]).await;
    assert_eq!(answer.status, 410);
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["by"], Value::Null);
    assert!(!stands(relay.data(), b"slower"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_often_waits_and_who_is_at_work_does_not() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let id = pair.receiver.welcome_text("session");
    let token = pair.receiver.welcome_text("token");
    let stranger = format!("{}.AAAA", id.replace('-', ""));
    let transcript = path(&id, "");
    let elsewhere = Relay::start().await;
    for (relay, path, token, burst) in [
        (&elsewhere, "/api/v1/key", "", 300),
        // Guessed tokens, on the pair's own relay: the pair's requests do not wait.
        (&relay, transcript.as_str(), stranger.as_str(), 100),
    ] {
        let mut asked = 0;
        let refused = until("too many", async || {
            let answers = (0..20).map(|_| ask(relay, "GET", path, token));
            asked += 20;
            let answers = futures_util::future::join_all(answers).await;
            answers.into_iter().find(|answer| answer.status == 429)
        })
        .await;
        assert!(asked >= burst, "{asked}");
        let body: Value = serde_json::from_slice(&refused.body).expect("JSON");
        assert_eq!(body["code"], "too_fast");
        let after = refused.header("retry-after").and_then(|it| it.parse().ok());
        assert!(after.is_some_and(|after: u64| (1..=6).contains(&after)));
        assert_eq!(refused.header("cache-control"), Some("no-store"));
    }
    let answer = ask(&relay, "GET", &path(&id, ""), &token).await;
    assert_eq!(answer.status, 429, "not even with the right one");
    let _ = pair.receiver.cue("stop");
    pair.helper
        .until("stop", |state| state["hold"]["reason"] == "stop")
        .await;
    let another = Pair::live(&relay.ws()).await;
    drop(another);
    assert_eq!(http::get(relay.addr(), "/").await.status, 200);
}

/// Whether any file in a folder contains these bytes.
fn stands(folder: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(folder).expect("the data directory");
    files.into_iter().any(|file| {
        let file = std::fs::read(file.expect("a file").path()).expect("its bytes");
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}
