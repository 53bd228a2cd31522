//! What a relay tells its operator: metrics on a separate listener, and whether it is ready.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use serde_json::{Value, json};
use tapcue_tests::folder::folder;
use tapcue_tests::http::{get, request_over};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;
use tapcue_tests::tls::{Client, Files};
use tapcue_tests::wait::until;
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The text before the address of the metrics in the relay's log.
const AT: &str = "metrics are at http://";

/// A relay with a metrics listener, and that listener's address.
async fn watched(args: &[&str]) -> (Relay, SocketAddr) {
    let args = [&["--metrics", "127.0.0.1:0"], args].concat();
    let relay = Relay::start_with(&args, &[]).await;
    let at = until("where the metrics are", async || {
        let logs = relay.logs();
        let at = logs.split(AT).nth(1)?.split_once('/')?.0;
        Some(at.parse().expect("an address"))
    })
    .await;
    (relay, at)
}

async fn scraped(at: SocketAddr) -> String {
    let answer = get(at, "/metrics").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let kind = answer.header("content-type").expect("a content type");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    answer.text()
}

/// Each sample by its name and labels, as the text writes them.
fn samples(text: &str) -> BTreeMap<&str, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let samples = lines.map(|line| line.rsplit_once(' ').expect("a sample"));
    samples
        .map(|(name, value)| (name, value.parse().expect("a number")))
        .collect()
}

/// Scrapes until a sample equals `value`.
async fn until_is(at: SocketAddr, name: &str, value: f64) {
    until(format!("{name} to be {value}"), async || {
        let text = scraped(at).await;
        (samples(&text).get(name) == Some(&value)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn metrics_follow_a_session_and_name_nobody() {
    let (relay, at) = watched(&[]).await;
    let before = scraped(at).await;
    let before = samples(&before);
    assert_eq!(before["tapcue_sessions{phase=\"live\"}"], 0.0);
    assert_eq!(before["tapcue_links_lost_total{cause=\"closed\"}"], 0.0);
    assert_eq!(before["tapcue_cues_total{lane=\"urgent\"}"], 0.0);
    assert_eq!(before["tapcue_ready"], 1.0);
    assert_eq!(before["tapcue_journal_recording"], 1.0);

    let create = json!({"type": "create", "role": "receiver", "name": "Zora Quillfeather",
        "options": waived()});
    let receiver = Peer::greet("receiver", &relay.ws(), create).await;
    let code = receiver.welcome_text("code");
    let link = receiver.link_secret();
    let helper = Peer::join("helper", &relay.ws(), &code).await;
    let mut pair = Pair { receiver, helper };
    pair.both_ready().await;
    until_is(at, "tapcue_sessions{phase=\"live\"}", 1.0).await;
    until_is(at, "tapcue_devices{link=\"here\"}", 2.0).await;

    let slower = pair.receiver.cue("slower");
    let stop = pair.receiver.cue("stop");
    let held = |state: &Value| state["hold"]["id"] == json!(stop);
    pair.helper.until("held by the stop", held).await;
    until_is(at, "tapcue_cues_total{lane=\"urgent\"}", 1.0).await;
    until_is(at, "tapcue_sessions{phase=\"held\"}", 1.0).await;
    // The relay counts it after it wrote the frame, and only for the other device.
    until_is(at, "tapcue_stop_relay_seconds_count", 1.0).await;

    let stale = "tapcue_refusals_total{of=\"cue\",reason=\"stale\"}";
    let text = scraped(at).await;
    let so_far = samples(&text).get(stale).copied().unwrap_or_default();
    pair.receiver.skip();
    let refused = pair.receiver.cue_of("slower", 0);
    pair.receiver.expect_error("stale").await;
    until_is(at, stale, so_far + 1.0).await;
    let mut stranger = Peer::connect("stranger", &relay.ws()).await;
    stranger.send(json!({"type": "join", "code": "AAAAAA"}));
    stranger.expect_error("unknown_code").await;
    let wrong = "tapcue_refusals_total{of=\"device\",reason=\"unknown_code\"}";
    until_is(at, wrong, 1.0).await;

    let (token, session) = (
        pair.receiver.welcome_text("token"),
        pair.receiver.welcome_text("session"),
    );
    let others = pair.helper.welcome_text("token");
    // A link that is already lost does not count as lost again when its connection closes.
    pair.helper.set_beats(false);
    until_is(at, "tapcue_links_lost_total{cause=\"silence\"}", 1.0).await;
    drop((pair.helper, pair.receiver));
    until_is(at, "tapcue_devices{link=\"lost\"}", 2.0).await;

    let text = scraped(at).await;
    assert!(text.ends_with("# EOF\n"), "{text}");
    let built = format!(
        "tapcue_build_info{{version=\"{}\"}} 1",
        env!("CARGO_PKG_VERSION")
    );
    assert!(text.contains(&built), "{text}");
    let now = samples(&text);
    let ordinary = now["tapcue_cues_total{lane=\"ordinary\"}"];
    assert!(ordinary >= 2.0, "{ordinary}");
    assert!(now["tapcue_stop_relay_seconds_sum"] > 0.0, "{text}");
    assert_eq!(now["tapcue_links_lost_total{cause=\"closed\"}"], 1.0);
    let said = [code, link, token, others, session, slower, stop, refused];
    let said = said.iter().map(String::as_str);
    for secret in said.chain(["Zora", "127.0.0.1"]) {
        assert!(!text.contains(secret), "{secret:?} stands in {text}");
    }
}

#[tokio::test]
async fn metrics_are_where_they_were_asked_for_and_nowhere_else() {
    let (relay, at) = watched(&[]).await;
    let elsewhere = get(relay.addr(), "/metrics").await.text();
    assert!(!elsewhere.contains("tapcue_cues"), "{elsewhere}");
    for path in ["/", "/ws", "/healthz", "/metrics/"] {
        assert_eq!(get(at, path).await.status, 404, "{path}");
    }
    let without = Relay::start().await;
    assert!(!without.logs().contains(AT), "{}", without.logs());
}

#[tokio::test]
async fn whoever_asks_for_metrics_and_dawdles_keeps_nobody_from_them_for_good() {
    let (_relay, at) = watched(&[]).await;
    let mut idle = Vec::new();
    // Fills all eight places with connections that send nothing.
    for _ in 0..8 {
        idle.push(TcpStream::connect(at).await.expect("a connection"));
    }
    assert!(scraped(at).await.contains("tapcue_ready 1"));
}

#[tokio::test]
async fn a_relay_whose_certificate_has_ended_is_not_ready() {
    let folder = folder();
    let ends = OffsetDateTime::now_utc() + Duration::seconds(10);
    let files = Files::write_until(folder.path(), &["localhost"], ends);
    let (relay, at) = watched(&files.flags()).await;
    let client = Client::trusting(&files.certificate);
    let ready = client.get(relay.addr(), "localhost", "/readyz").await;
    assert_eq!(ready.status, 200, "{ready:?}");
    until("the end of the certificate", async || {
        // The request is plain HTTP: no client accepts an expired certificate.
        let ready = get(relay.addr(), "/readyz").await;
        (ready.status == 503 && ready.text().contains("certificate ended on")).then_some(())
    })
    .await;
    assert_eq!(get(relay.addr(), "/healthz").await.status, 200);
    until_is(at, "tapcue_ready", 0.0).await;
    until_is(at, "tapcue_journal_recording", 1.0).await;
}

#[tokio::test]
async fn a_relay_that_goes_down_is_not_ready() {
    let mut relay = Relay::start().await;
    // A device that reads nothing delays the relay's shutdown.
    let peer = Peer::create(&relay.ws(), "receiver", waived()).await;
    peer.set_reads(false);
    let addr = relay.addr();
    let host = addr.to_string();
    let mut here = TcpStream::connect(addr).await.expect("a connection");
    let first = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
    here.write_all(first.as_bytes()).await.expect("a request");
    let mut said = Vec::new();
    while !said.ends_with(b"alive\n") {
        assert!(here.read_buf(&mut said).await.expect("an answer") > 0);
    }
    relay.ask_to_go();
    until("no new connection", async || {
        TcpStream::connect(addr).await.is_err().then_some(())
    })
    .await;
    let ready = request_over(here, "GET", "/readyz", &[("Host", &host)], "").await;
    assert_eq!(ready.status, 503, "{ready:?}");
    assert_eq!(ready.text(), "The relay is going down.\n");
    relay.gone().await;
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_metrics_that_there_are() {
    let (_relay, at) = watched(&[]).await;
    let text = scraped(at).await;
    let there = samples(&text);
    let there: BTreeSet<&str> = there.keys().map(|name| name_of(name)).collect();
    for file in ["dashboard.json", "alerts.yml"] {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/package/watch");
        let path = format!("{path}/{file}");
        let text = std::fs::read_to_string(&path).expect("a file of the package");
        let asked = text
            .match_indices("tapcue_")
            .map(|(at, _)| name_of(&text[at..]));
        let asked: BTreeSet<&str> = asked.collect();
        let lacking: Vec<_> = asked.difference(&there).collect();
        assert!(lacking.is_empty(), "{file} asks for {lacking:?}");
        assert!(asked.len() > 5, "{file} asks for {asked:?}");
    }
}

/// The leading part of a text that is a metric's name.
fn name_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}
