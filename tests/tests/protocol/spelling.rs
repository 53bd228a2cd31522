//! Messages as clients write them: a stop works in any spelling, and a refused hello names the wrong field.

use serde_json::{Value, json};
use tapcue_tests::fault;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Frame, Peer, new_id};
use tapcue_tests::relay::Relay;
use tokio_tungstenite::tungstenite::Message;

/// Stops with a mistake in them; `ID` stands for a new id.
const BADLY_WRITTEN: &[(&str, Option<&str>)] = &[
    (
        r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":1.5}"#,
        Some("tapped_at"),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":"soon"}"#,
        Some("tapped_at"),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","tapped_at":1e99}"#,
        Some("tapped_at"),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","uncertainty_ms":-1}"#,
        Some("uncertainty_ms"),
    ),
    (
        r#"{"type":"cue","id":"ID","cue":"stop","epoch":"x"}"#,
        Some("epoch"),
    ),
    (r#"{"type":"cue","id":"no uuid","cue":"stop"}"#, Some("id")),
    (r#"{"type":"cue","id":17,"cue":"stop"}"#, Some("id")),
    (r#"{"type":"cue","cue":"stop"}"#, Some("id")),
    (r#"{"type":"CUE","id":"ID","cue":"Stop"}"#, None),
    (r#"{"type":"cue","id":"ID","cue":"stop"} and more"#, None),
    (
        "\u{feff}{\"type\":\"cue\",\"id\":\"ID\",\"cue\":\"stop\"}",
        None,
    ),
    (
        r#"{"type":"beat","n":1,"sent_at":1}{"type":"cue","id":"ID","cue":"stop"}"#,
        None,
    ),
];

fn by_stop(state: &Value) -> bool {
    state["phase"] == "held" && state["hold"]["reason"] == "stop"
}

async fn go_on(pair: &mut Pair) {
    pair.hands_off().await;
    pair.both_ready().await;
}

/// Sends each of them as text and as binary, from both devices.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_stops_however_it_is_written() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let mut stops = 0;
    for (text, field) in BADLY_WRITTEN {
        for binary in [false, true] {
            let text = text.replace("ID", &new_id());
            let Pair { receiver, helper } = &mut pair;
            let (from, to) = if binary {
                (helper, receiver)
            } else {
                (receiver, helper)
            };
            from.skip();
            from.send_raw(if binary {
                Message::binary(text.clone().into_bytes())
            } else {
                Message::text(text.clone())
            });
            let state = to.until(&text, by_stop).await;
            from.until(&text, by_stop).await;
            // The answer names the wrong field; for a wrong id, it has the id that the relay made.
            let told = |frame: &Frame| (frame.kind() == "error").then(|| frame.body.clone());
            let told = from.expect(&text, told).await;
            assert_eq!(told["code"], "bad_message", "{told}");
            assert_eq!(told["field"], json!(field), "{told}");
            assert_eq!(told["fatal"], false, "{told}");
            let made = if *field == Some("id") {
                &state["hold"]["id"]
            } else {
                &Value::Null
            };
            assert_eq!(&told["id"], made, "{told}");
            stops += 1;
            go_on(&mut pair).await;
        }
    }
    fault::came(
        "spelling::a_stop_stops_however_it_is_written",
        &format!("{stops} stops of {stops} held, each answered with what was no good"),
    );
}

/// The same text is the same stop while its hold lasts, and a new stop afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_without_an_id_counts_once_while_its_hold_stands_and_anew_after_it() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        for _ in 0..4 {
            pair.receiver.send(json!({"type": "cue", "cue": "stop"}));
        }
        // The relay answers messages in order.
        let last = pair.receiver.cue_of("slower", 0);
        let answered = |frame: &Frame| (frame.body["id"] == last.as_str()).then_some(());
        pair.receiver
            .expect("the answer to the last", answered)
            .await;
        let state = pair.helper.until("held", by_stop).await;
        assert_eq!(state["hold"]["count"], 1, "{state}");
        ids.push(state["hold"]["id"].clone());
        go_on(&mut pair).await;
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

/// A device that sends identical stops: each stops again once the earlier one was answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_stops_are_all_alike_stops_every_time() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let fixed = new_id();
    let mut stops = 0;
    for id in [json!(null), json!("tap"), json!(fixed)] {
        for by_helper in [false, true] {
            let stop = json!({"type": "cue", "cue": "stop", "id": id});
            let mut before = Value::Null;
            for is_ready in [false, true, false] {
                let Pair { receiver, helper } = &mut pair;
                let (from, to) = if by_helper {
                    (helper, receiver)
                } else {
                    (receiver, helper)
                };
                from.send(stop.clone());
                let anew = |state: &Value| {
                    let hold = &state["hold"];
                    by_stop(state) && hold["acknowledged"] == false && hold["id"] != before
                };
                let state = to.until("another stop", anew).await;
                before = state["hold"]["id"].clone();
                stops += 1;
                pair.hands_off().await;
                if is_ready {
                    // It stays held, because the other device is not ready.
                    let by = if by_helper {
                        &mut pair.helper
                    } else {
                        &mut pair.receiver
                    };
                    by.ready().await;
                } else {
                    pair.both_ready().await;
                }
            }
        }
    }
    fault::came(
        "spelling::a_device_whose_stops_are_all_alike_stops_every_time",
        &format!(
            "{stops} of {stops} stopped: without an id, with a word for one, and with one UUID"
        ),
    );
}

/// Hold to consent: any thumb message without a clear "down" counts as a lift.
#[tokio::test(flavor = "multi_thread")]
async fn a_lifted_thumb_stops_however_it_is_written() {
    let relay = Relay::start().await;
    for text in [
        r#"{"type":"thumb","id":"ID","down":"false"}"#,
        r#"{"type":"thumb","id":"ID","down":0,"lifts":7}"#,
        r#"{"type":"thumb","id":"ID"}"#,
        r#"{"type":"thumb","down":false,"tapped_at":-3}"#,
    ] {
        let (mut pair, _) = Pair::live_by_thumb(&relay.ws()).await;
        pair.receiver
            .send_raw(Message::text(text.replace("ID", &new_id())));
        let released = |state: &Value| state["hold"]["reason"] == "released";
        pair.helper.until(text, released).await;
    }
}

/// Over the frame limit the relay only searches a frame for a stop; every spelling still works.
#[tokio::test(flavor = "multi_thread")]
async fn past_the_limit_it_stops_however_it_is_written() {
    let relay = Relay::start_with(&["--cues-per-second", "1"], &[]).await;
    let mut pair = Pair::live(&relay.ws()).await;
    for (before, (text, _)) in BADLY_WRITTEN.iter().enumerate() {
        for n in 0..40 {
            pair.receiver
                .send(json!({"type": "received", "seq": n, "filler": "x".repeat(99)}));
        }
        let text = text.replace("ID", &new_id());
        pair.receiver.send_raw(Message::text(text.clone()));
        let counted = |state: &Value| state["hold"]["count"] == before + 1;
        pair.helper.until(&text, counted).await;
    }
    let too_fast = |frame: &Frame| (frame.body["code"] == "too_fast").then_some(());
    pair.receiver.expect("the limit", too_fast).await;
}

/// The relay names the wrong field and closes the connection, so that no device waits for a welcome.
#[tokio::test(flavor = "multi_thread")]
async fn a_hello_that_is_refused_names_its_field_and_closes() {
    let relay = Relay::start().await;
    let url = relay.ws();
    for (hello, code, field) in [
        (
            json!({"type": "create", "role": "helper", "name": "x".repeat(41)}),
            "bad_message",
            "name",
        ),
        (
            json!({"type": "create", "role": "helper", "name": "\u{202e}\u{200b}"}),
            "bad_message",
            "name",
        ),
        (
            json!({"type": "create", "role": "both"}),
            "bad_message",
            "role",
        ),
        (json!({"type": "create"}), "bad_message", "role"),
        (
            json!({"type": "create", "role": "helper", "options": {"keep": "400d"}}),
            "bad_message",
            "options.keep",
        ),
        (json!({"type": "join"}), "bad_message", "code"),
        (json!({"type": "join", "code": 7}), "bad_message", "code"),
        (
            json!({"type": "join", "code": "no code"}),
            "unknown_code",
            "code",
        ),
        (
            json!({"type": "join", "secret": "no secret"}),
            "unknown_code",
            "secret",
        ),
        (json!({"type": "resume"}), "bad_message", "token"),
    ] {
        let mut peer = Peer::connect("refused", &url).await;
        peer.send(hello.clone());
        let error = peer.expect_error(code).await;
        assert_eq!(error["field"], field, "{hello}: {error}");
        assert_eq!(error["fatal"], true, "{hello}");
        peer.expect_closed(1008).await;
    }
    // A frame that is not a hello costs nothing yet, and a stop before the hello belongs to no session.
    let mut peer = Peer::connect("early", &url).await;
    for early in ["{}", r#"{"type":"cue","cue":"stop"}"#] {
        peer.send_raw(Message::text(early));
        let error = peer.expect_error("bad_message").await;
        assert_eq!(error["fatal"], false, "{early}");
    }
    peer.send(json!({"type": "create", "role": "helper"}));
    peer.expect_kind("welcome").await;
}

/// The relay shows only the visible part of a name, and reads a code as people write it.
#[tokio::test(flavor = "multi_thread")]
async fn names_and_codes_are_taken_as_people_write_them() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let wide = |code: &str| -> String {
        let widen = |c: char| match c {
            '-' => '\u{30FC}',
            c => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
        };
        code.chars().map(widen).collect()
    };
    let persian = |code: &str| -> String {
        let digit = |c: char| match c.to_digit(10) {
            Some(digit) => char::from_u32(0x06F0 + digit).unwrap_or(c),
            None => c.to_ascii_lowercase(),
        };
        code.chars().map(digit).collect()
    };
    type Writing<'a> = &'a dyn Fn(&str) -> String;
    let writings: [Writing<'_>; 5] = [
        &wide,
        &persian,
        &|code| format!("Code: {code}"),
        &|code| format!("\u{201C}{}\u{201D}.", code.replace('-', "\u{2014}")),
        &|code| format!("\u{200F}\u{2068}{}\u{2069}", code.replace('-', "\u{A0}")),
    ];
    for writing in writings {
        let hello = json!({"type": "create", "role": "receiver", "options": waived(),
            "name": "\u{200F}Ana\u{202E} Mar\u{200B}ía\u{7}\n"});
        let first = Peer::greet("first", &url, hello).await;
        assert_eq!(first.state()["names"]["receiver"], "Ana María");
        let code = writing(&first.welcome_text("code"));
        let second = Peer::join("second", &url, &code).await;
        assert_eq!(second.welcome_text("role"), "helper", "{code}");
    }
}
