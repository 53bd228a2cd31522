//! TLS in the relay: from files, from its own authority, the page about trust, and one port for https and
//! plain HTTP.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tapcue_tests::folder::folder;
use tapcue_tests::http::{get, request};
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::tls::{Client, Files, TLS12, TLS13, shown};
use tapcue_tests::wait::{PATIENCE, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, timeout};

const LOCAL_CA: [&str; 2] = ["--tls", "local-ca"];

/// The WebSocket URL of a device that comes by https.
fn wss(relay: &Relay, name: &str) -> String {
    format!("wss://{name}:{}/ws", relay.addr().port())
}

/// The authority that the relay has made.
fn authority(relay: &Relay) -> Client {
    Client::trusting(&relay.data().join("local-ca/ca.pem"))
}

/// The error of a relay that refuses to start with these flags.
async fn refusal(args: &[&str]) -> String {
    let data = folder();
    let ran = Command::new(binary("tapcue-server"))
        .args(args)
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ran = timeout(PATIENCE, ran).await.expect("an end");
    let ran = ran.expect("the relay's binary");
    assert!(!ran.status.success());
    String::from_utf8_lossy(&ran.stderr).into_owned()
}

#[tokio::test]
async fn a_certificate_from_files_is_shown_in_both_versions_of_tls() {
    let dir = folder();
    let files = Files::write(dir.path(), &["cue.example.org", "127.0.0.1"], 90);
    let relay = Relay::start_with(&files.flags(), &[]).await;
    relay.until_logged("listening on https://127.0.0.1:").await;
    let client = Client::trusting(&files.certificate);
    let der = shown(&client.connect(relay.addr(), "127.0.0.1").await);
    for version in [&TLS12, &TLS13] {
        let client = Client::of(&der, &[version]);
        let stream = client.connect(relay.addr(), "cue.example.org").await;
        let (_, connection) = stream.get_ref();
        assert_eq!(connection.protocol_version(), Some(version.version));
        assert_eq!(connection.alpn_protocol(), Some(b"http/1.1".as_slice()));
    }
    let page = client.get(relay.addr(), "cue.example.org", "/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").is_some());
    let hsts = page.header("strict-transport-security").expect("HSTS");
    assert!(hsts.starts_with("max-age=") && !hsts.contains("includeSubDomains"));
    // The address may belong to another machine later.
    let page = client.get(relay.addr(), "127.0.0.1", "/").await;
    assert_eq!(page.header("strict-transport-security"), None);
    let trust = client.get(relay.addr(), "127.0.0.1", "/trust").await;
    assert_eq!(trust.status, 404);
}

#[tokio::test]
async fn plain_http_beside_a_certificate_from_files_leads_to_https() {
    let dir = folder();
    let files = Files::write(dir.path(), &["127.0.0.1"], 90);
    let relay = Relay::start_with(&files.flags(), &[]).await;
    let answer = get(relay.addr(), "/x?y=1").await;
    let to = format!("https://{}/x?y=1", relay.addr());
    assert_eq!(answer.status, 308);
    assert_eq!(answer.header("location"), Some(to.as_str()));
    assert!(answer.header("content-security-policy").is_some());
    assert_eq!(get(relay.addr(), "/healthz").await.status, 200);
    assert!(Peer::try_connect("plain", &relay.ws()).await.is_err());
}

#[tokio::test]
async fn a_changed_certificate_is_shown_and_those_who_are_here_stay() {
    let dir = folder();
    let files = Files::write(dir.path(), &["127.0.0.1"], 90);
    let relay = Relay::start_with(&files.flags(), &[]).await;
    let addr = relay.addr();
    let client = Client::trusting(&files.certificate);
    let stream = client.connect(addr, "127.0.0.1").await;
    let first = shown(&stream);
    let create = json!({"type": "create", "role": "receiver", "options": waived()});
    let url = wss(&relay, "127.0.0.1");
    let mut receiver = Peer::greet_over("receiver", &url, stream, create).await;

    let files = Files::write(dir.path(), &["127.0.0.1"], 90);
    let second = Client::trusting(&files.certificate);
    let stream = until("the new certificate", async || {
        second.try_connect(addr, "127.0.0.1").await.ok()
    })
    .await;
    assert_ne!(shown(&stream), first);
    let join = json!({"type": "join", "code": receiver.welcome_text("code")});
    let helper = Peer::greet_over("helper", &url, stream, join).await;
    receiver
        .until("the helper", |state| state["peers"]["helper"] == "here")
        .await;

    std::fs::write(&files.key, "half a key").expect("a spoiled file");
    until("the log to say it", async || {
        relay.logs().contains("stays as it is").then_some(())
    })
    .await;
    relay.until_logged("key.pem").await;
    let still = second.connect(addr, "127.0.0.1").await;
    drop(still);
    assert!(receiver.closed().is_none() && helper.closed().is_none());
}

#[tokio::test]
async fn what_cannot_be_shown_is_said_at_the_start() {
    let (dir, other) = (folder(), folder());
    let files = Files::write(dir.path(), &["127.0.0.1"], 90);
    let others = Files::write(other.path(), &["127.0.0.1"], 90);
    let mixed = Files {
        key: others.key.clone(),
        ..files.clone()
    };
    let said = refusal(&mixed.flags()).await;
    assert!(
        said.contains("does not belong to the certificate"),
        "{said}"
    );
    let missing = Files {
        key: dir.path().join("none.pem"),
        ..files.clone()
    };
    let said = refusal(&missing.flags()).await;
    assert!(
        said.contains("cannot read the key") && said.contains("none.pem"),
        "{said}"
    );
    let ended = Files::write(other.path(), &["127.0.0.1"], 0);
    let said = refusal(&ended.flags()).await;
    assert!(
        said.contains("ended on") && said.contains("renew it"),
        "{said}"
    );
    let said = refusal(&["--tls-only"]).await;
    assert!(said.contains("--tls-only needs"), "{said}");
}

#[tokio::test]
async fn an_authority_of_its_own_vouches_for_this_machine_and_outlives_a_restart() {
    let mut relay = Relay::start_with(&LOCAL_CA, &[]).await;
    let client = authority(&relay);
    let port = relay.addr().port();
    for name in ["127.0.0.1", "localhost", "tapcue.local"] {
        let page = client
            .get(relay.addr(), &format!("{name}:{port}"), "/")
            .await;
        assert_eq!(page.status, 200, "{name}");
        // People may stop trusting the authority, and plain HTTP must still work for them.
        assert_eq!(page.header("strict-transport-security"), None);
    }
    assert!(
        client
            .try_connect(relay.addr(), "cue.example.org")
            .await
            .is_err()
    );
    let stranger = folder();
    let stranger = Files::write(stranger.path(), &["127.0.0.1"], 90);
    let stranger = Client::trusting(&stranger.certificate);
    assert!(
        stranger
            .try_connect(relay.addr(), "127.0.0.1")
            .await
            .is_err()
    );
    let before = shown(&client.connect(relay.addr(), "localhost").await);
    relay.ask_to_go();
    assert!(relay.gone().await.success());
    relay.start_again().await;
    // A certificate trusted before the restart is trusted after it.
    let after = shown(&client.connect(relay.addr(), "localhost").await);
    assert_ne!(before, after, "a certificate of its own for each start");
}

#[tokio::test]
async fn the_page_about_trust_has_what_phones_install() {
    let relay = Relay::start_with(&LOCAL_CA, &[]).await;
    let addr = relay.addr();
    let page = get(addr, "/trust").await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(
        policy.contains(&format!("connect-src 'self' https://{addr};")),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text();
    for inline in ["<script>", "<style", " onclick=", " style=", "javascript:"] {
        assert!(!text.contains(inline), "{inline} in the page");
    }
    for file in [
        "/styles/style.css",
        "/styles/pages.css",
        "/styles/trust.css",
        "/device/trust.js",
        "/icon.svg",
    ] {
        assert!(text.contains(file), "{file}");
        assert_eq!(get(addr, file).await.status, 200, "{file}");
    }
    // The page and the relay's own terminal show the same number.
    let number = text
        .split("class=\"fingerprint\"")
        .nth(1)
        .expect("a fingerprint");
    let (_, number) = number.split_once('>').expect("its text");
    let number = number.split("</code>").next().unwrap_or_default();
    // The number may wrap between two pairs.
    let number = number.replace("<wbr>", "");
    assert_eq!(number.len(), 32 * 3 - 1, "{number}");
    let (first, second) = number.split_at(number.len() / 2);
    for half in [first, second.trim_start_matches(':')] {
        relay.until_logged(half).await;
    }

    let der = get(addr, "/trust/tapcue-ca.crt").await;
    assert_eq!(
        der.header("content-type"),
        Some("application/x-x509-ca-cert")
    );
    let named = der.header("content-disposition").expect("a name");
    assert!(named.contains("tapcue-ca.crt"), "{named}");
    let client = Client::of(&der.body, &[&TLS13]);
    let page = client.get(addr, &addr.to_string(), "/trust").await;
    assert!(page.text().contains("Nothing more to do"));

    let profile = get(addr, "/trust/tapcue.mobileconfig").await;
    let kind = profile.header("content-type");
    assert_eq!(kind, Some("application/x-apple-aspen-config"));
    assert!(profile.text().contains("com.apple.security.root"));
    // People may continue without trust.
    assert_eq!(get(addr, "/").await.status, 200);
}

#[tokio::test]
async fn https_only_leaves_the_way_to_trust_open() {
    let relay = Relay::start_with(&["--tls", "local-ca", "--tls-only"], &[]).await;
    let addr = relay.addr();
    let start = get(addr, "/").await;
    assert_eq!(
        (start.status, start.header("location")),
        (307, Some("/trust"))
    );
    for path in [
        "/trust",
        "/device/trust.js",
        "/trust/tapcue-ca.crt",
        "/healthz",
    ] {
        assert_eq!(get(addr, path).await.status, 200, "{path}");
    }
    assert_eq!(get(addr, "/api/v1/key").await.status, 308);
    assert!(Peer::try_connect("plain", &relay.ws()).await.is_err());
    let page = authority(&relay).get(addr, &addr.to_string(), "/").await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_given_up_after_5_seconds() {
    let relay = Relay::start_with(&LOCAL_CA, &[]).await;
    let began = Instant::now();
    // A silent connection, a half handshake, and a half request.
    let slow = async |said: &'static [u8]| {
        let mut stream = TcpStream::connect(relay.addr()).await.expect("a relay");
        stream.write_all(said).await.expect("a beginning");
        let mut rest = Vec::new();
        // A reset counts as the end too.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut rest))
            .await
            .expect("an end");
        began.elapsed()
    };
    let (nothing, handshake, plain) = tokio::join!(
        slow(b""),
        slow(&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]),
        slow(b"GET / HTTP/1.1\r\n"),
    );
    for (name, took) in [("silence", nothing), ("TLS", handshake), ("http", plain)] {
        let is_right = took > Duration::from_secs(4) && took < Duration::from_secs(8);
        assert!(is_right, "{name}: {took:?}");
    }
    let client = authority(&relay);
    assert_eq!(
        client
            .get(relay.addr(), "localhost", "/healthz")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_session_over_tls_stops_and_its_link_is_https() {
    let relay = Relay::start_with(&LOCAL_CA, &[]).await;
    let client = authority(&relay);
    let url = wss(&relay, "tapcue.local");
    let connect = async || client.connect(relay.addr(), "tapcue.local").await;
    let create = json!({"type": "create", "role": "receiver", "options": waived()});
    let mut receiver = Peer::greet_over("receiver", &url, connect().await, create).await;
    let link = receiver.welcome_text("link");
    let base = format!("https://tapcue.local:{}/#join=", relay.addr().port());
    assert!(link.starts_with(&base), "{base}");
    let join = json!({"type": "join", "code": receiver.welcome_text("code")});
    let mut helper = Peer::greet_over("helper", &url, connect().await, join).await;
    receiver
        .until("the helper", |state| state["peers"]["helper"] == "here")
        .await;
    helper.ready().await;
    receiver.ready().await;
    for peer in [&mut receiver, &mut helper] {
        peer.until_phase("live").await;
    }
    let stop = receiver.cue("stop");
    let frame = helper.expect_kind("stop").await;
    assert_eq!(frame["id"], stop.as_str());
    helper.until_phase("held").await;

    // A device that came by plain HTTP gets a plain HTTP link.
    let plain = Peer::create(&relay.ws(), "receiver", waived()).await;
    assert!(plain.welcome_text("link").starts_with("http://"));
}

#[tokio::test]
async fn a_page_that_came_by_plain_http_may_not_speak_by_tls() {
    let relay = Relay::start_with(&LOCAL_CA, &[]).await;
    let client = authority(&relay);
    let host = relay.addr().to_string();
    for (scheme, status) in [("https", 101), ("http", 403)] {
        let stream = client.connect(relay.addr(), "127.0.0.1").await;
        let origin = format!("{scheme}://{host}");
        let headers = [
            ("Host", host.as_str()),
            ("Origin", &origin),
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", "tapcue.v1"),
        ];
        let answer = tapcue_tests::http::request_over(stream, "GET", "/ws", &headers, "").await;
        assert_eq!(answer.status, status, "{scheme}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_may_say_that_it_was_https() {
    for (args, status) in [(vec!["--trusted-proxy", "127.0.0.0/8"], 403), (vec![], 101)] {
        let relay = Relay::start_with(&args, &[]).await;
        let headers = [
            ("Origin", &*format!("http://{}", relay.addr())),
            ("X-Forwarded-Proto", "https"),
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", "tapcue.v1"),
        ];
        let answer = request(relay.addr(), "GET", "/ws", &headers).await;
        assert_eq!(answer.status, status, "{args:?}");
    }
}
