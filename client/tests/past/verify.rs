//! `tapcue verify`: verdicts and their exit codes.

use serde_json::{Value, json};

use super::http::HttpRelay;
use super::{Home, SESSION, example};

/// The key of the worked example.
const KEY: &str = "197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61";

fn file(home: &Home, name: &str, text: &str) {
    std::fs::write(home.0.join(name), text).unwrap();
}

#[tokio::test]
async fn a_verdict_has_its_words_and_its_exit_code() {
    let home = Home::new();
    let mut prefix: Value = serde_json::from_str(example()).unwrap();
    prefix["seals"] = json!([]);
    let edited = example().replacen("\"by\":\"helper\",\"id\"", "\"by\":\"receiver\",\"id\"", 1);
    assert_ne!(edited, example());
    file(&home, "whole.json", example());
    file(&home, "prefix.json", &prefix.to_string());
    file(&home, "edited.json", &edited);
    file(&home, "other.json", "no JSON");
    for (name, exit, standing, place, says) in [
        (
            "whole.json",
            0,
            "sealed",
            json!(null),
            "VERIFIED: SEALED AND UNCHANGED",
        ),
        ("prefix.json", 5, "prefix", json!(null), "NOT SEALED"),
        ("edited.json", 1, "broken", json!(3), "ntry 3"),
    ] {
        let ran = home.run(&["verify", name]).await;
        ran.is(exit, "");
        assert!(ran.out.contains(says), "{name}: {}", ran.out);
        let ran = home.run(&["verify", name, "--json"]).await;
        let verdict = ran.json();
        assert_eq!((ran.exit, &verdict["standing"]), (exit, &json!(standing)));
        assert_eq!(verdict["problem"]["place"], place, "{name}");
        assert_eq!(verdict["session"], json!(SESSION));
    }
    home.run(&["show", "edited.json"]).await.is(1, "ntry 3");
    home.run(&["verify", "other.json"])
        .await
        .is(2, "Can’t read");
    home.run(&["verify", "missing.json"])
        .await
        .is(2, "missing.json");
}

#[tokio::test]
async fn the_key_is_named_or_asked_of_the_relay() {
    let home = Home::new();
    file(&home, "whole.json", example());
    let verify = ["verify", "whole.json"];
    let named = home.run(&[&verify[..], &["--key", KEY]].concat()).await;
    named.is(0, "");
    assert!(named.out.contains("the key you named"), "{}", named.out);
    let other = "0".repeat(64);
    let named = home.run(&[&verify[..], &["--key", &other]].concat()).await;
    named.is(1, "");
    assert!(named.out.contains("not the trusted one"));

    let own = json!({"public_key": KEY, "fingerprint": ""}).to_string();
    let relay = HttpRelay::start(&[(200, &own), (200, "{}")]).await;
    let asked = [&verify[..], &["--relay", &relay.address]].concat();
    home.run(&asked).await.is(0, "");
    assert_eq!(relay.asked()[0].what, "GET /api/v1/key");
    assert_eq!(relay.asked()[0].bearer, None);
    home.run(&asked).await.is(2, "is not a Tapcue server");
    let both = [&asked[..], &["--key", KEY]].concat();
    home.run(&both).await.is(2, "not with both");
    let unreachable = [&verify[..], &["--relay", "127.0.0.1:1"]].concat();
    home.run(&unreachable).await.is(2, "No server answers");
}
