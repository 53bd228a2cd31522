//! Headers as browsers and proxies write them: lists on several lines, upper case, default ports.

use serde_json::json;
use tapcue_tests::fault;
use tapcue_tests::http;
use tapcue_tests::raw::Raw;
use tapcue_tests::relay::Relay;

/// The lines that a handshake needs besides the tested ones.
const WHOLE: [&str; 5] = [
    "Host: cue.example",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: tapcue.v1",
];

/// The handshake with one line replaced by others, or with further lines.
fn lines(replaced: usize, others: &[&str]) -> String {
    let kept = WHOLE.iter().enumerate().filter(|(at, _)| *at != replaced);
    let kept = kept.map(|(_, line)| *line);
    let all: Vec<&str> = kept.chain(others.iter().copied()).collect();
    all.join("\r\n") + "\r\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_read_as_their_rfcs_have_them() {
    let relay = Relay::start_with(&["--trusted-proxy", "127.0.0.1"], &[]).await;
    let addr = relay.addr();
    let mut inside = 0;
    // The replaced line, its replacements, and whether the invitation is https; none if refused.
    let rows: &[(usize, &[&str], Option<bool>)] = &[
        (5, &[], Some(false)),
        (
            1,
            &["Connection: keep-alive", "Connection: Upgrade"],
            Some(false),
        ),
        (1, &["connection: UPGRADE"], Some(false)),
        (1, &["Connection: keep-alive"], None),
        (2, &["Upgrade: h2c", "Upgrade: WebSocket"], Some(false)),
        (3, &["Sec-WebSocket-Version: 8"], None),
        (
            4,
            &[
                "Sec-WebSocket-Protocol: other",
                "Sec-WebSocket-Protocol: tapcue.v1",
            ],
            Some(false),
        ),
        (4, &["Sec-WebSocket-Protocol: other"], None),
        (5, &["Origin: http://cue.example:80"], Some(false)),
        (5, &["Origin: HTTP://CUE.example"], Some(false)),
        (5, &["Origin: http://cue.example."], Some(false)),
        (5, &["Origin: https://cue.example:443"], Some(false)),
        (
            0,
            &["Host: cue.example:80", "Origin: http://cue.example"],
            Some(false),
        ),
        (5, &["Origin: http://cue.example:8080"], None),
        (5, &["Origin: http://evil.example"], None),
        (5, &["Origin: null"], None),
        (5, &["X-Forwarded-Proto: https"], Some(true)),
        (5, &["X-Forwarded-Proto: wss"], Some(true)),
        (
            5,
            &["X-Forwarded-Proto: WSS", "Origin: https://cue.example"],
            Some(true),
        ),
        (
            5,
            &["X-Forwarded-Proto: http", "X-Forwarded-Proto: https"],
            Some(true),
        ),
        (5, &["X-Forwarded-Proto: https, http"], Some(false)),
        (
            5,
            &["X-Forwarded-Proto: wss", "Origin: http://cue.example"],
            None,
        ),
    ];
    for (replaced, others, secure) in rows {
        let opened = Raw::open_with(addr, &lines(*replaced, others)).await;
        let Some(secure) = *secure else {
            assert!(opened.is_err(), "let in: {others:?}");
            continue;
        };
        let mut device = opened.unwrap_or_else(|answer| panic!("{others:?}: {answer}"));
        device
            .tell(&json!({"type": "create", "role": "helper"}))
            .await;
        let link = device.told("welcome").await["link"].clone();
        let link = link.as_str().expect("a link");
        let scheme = if secure {
            "https://cue.example"
        } else {
            "http://cue.example"
        };
        assert!(link.starts_with(scheme), "{others:?}: {link}");
        inside += 1;
    }
    fault::came(
        "headers::values_are_read_as_their_rfcs_have_them",
        &format!(
            "{inside} of {} let in, each invitation with the scheme that its proxy named",
            rows.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_of_authorization_has_no_case() {
    let relay = Relay::start().await;
    let mut device = Raw::open(relay.addr()).await;
    device
        .tell(&json!({"type": "create", "role": "helper"}))
        .await;
    let welcome = device.told("welcome").await;
    let [session, token] =
        ["session", "token"].map(|of| welcome[of].as_str().expect("text").to_owned());
    let path = format!("/api/v1/sessions/{session}/transcript");
    for (value, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER   {token}"), 200),
        (format!("Basic {token}"), 401),
        (token, 401),
    ] {
        let headers = [("Authorization", value.as_str())];
        let answer = http::request(relay.addr(), "GET", &path, &headers).await;
        assert_eq!(answer.status, status, "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_a_browser_has_is_not_sent_again_however_it_says_so() {
    let relay = Relay::start().await;
    let first = http::get(relay.addr(), "/").await;
    let tag = first.header("etag").expect("a tag");
    for lines in [
        vec![("If-None-Match", "\"other\""), ("If-None-Match", tag)],
        vec![("if-none-match", "W/\"a\", *")],
    ] {
        let again = http::request(relay.addr(), "GET", "/", &lines).await;
        assert_eq!(again.status, 304, "{lines:?}");
    }
    let french = [("Accept-Language", "ja"), ("Accept-Language", "FR-ca")];
    let page = http::request(relay.addr(), "GET", "/", &french).await;
    let link = page.header("link").expect("the words to load first");
    assert!(link.contains("/i18n/fr.js"), "{link}");
}
