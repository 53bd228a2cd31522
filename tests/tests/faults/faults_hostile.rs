//! Hostile people and programs, and text that must not be executed.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tapcue_tests::crowd::connect_from;
use tapcue_tests::fault::{self, ms};
use tapcue_tests::http;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Peer, SUBPROTOCOL, is_stop};
use tapcue_tests::relay::Relay;
use tapcue_tests::usage::{descriptors, memory_kib};
use tapcue_tests::wait;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Pairs that flood.
const PAIRS: usize = 200;

/// Stops during the flood.
const STOPS: usize = 20;

/// How long a stop may take beside a flood, on two cores that carry both the relay and the flood. The bench
/// measures the relay's own share on a separate core.
const BESIDE_A_FLOOD: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sessions_that_flood_do_not_stand_before_a_stop() {
    let relay = Relay::start_with(&["--sessions-per-minute", "1000"], &[]).await;
    let url = relay.ws();
    let mut pair = Pair::live(&url).await;
    let floods = join_all((0..PAIRS).map(|_| Pair::live(&url))).await;
    let before = memory_kib(relay.pid());
    // Half as many again as the rate limit of a device.
    let floods: Vec<_> = floods
        .into_iter()
        .map(|flood| {
            tokio::spawn(async move {
                let mut pace = interval(Duration::from_millis(33));
                pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
                for n in 0_usize.. {
                    pace.tick().await;
                    let _ = flood.receiver.cue(["left", "right"][n % 2]);
                }
            })
        })
        .collect();
    let mut took = Vec::new();
    for _ in 0..STOPS {
        let stop = pair.receiver.cue("stop");
        let tapped = Instant::now();
        pair.helper
            .expect_within(BESIDE_A_FLOOD, "the stop", is_stop(&stop))
            .await;
        took.push(tapped.elapsed());
        pair.hands_off().await;
        pair.both_ready().await;
    }
    let grown = memory_kib(relay.pid()).saturating_sub(before);
    for flood in floods {
        flood.abort();
    }
    took.sort_unstable();
    assert!(grown < 64 * 1_024, "{grown} KiB more under the flood");
    fault::came(
        "faults_hostile::two_hundred_sessions_that_flood_do_not_stand_before_a_stop",
        &format!(
            "{} in the middle and {} at most of {STOPS} stops, {grown} KiB more memory",
            ms(took[STOPS / 2]),
            ms(took[STOPS - 1])
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_to_come_from_elsewhere_guesses_no_longer() {
    let relay = Relay::start().await;
    let mut guesses = 0;
    loop {
        let mut request = relay.ws().into_client_request().expect("an address");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse().expect("it"));
        let forged = format!("203.0.113.{guesses}");
        headers.insert("x-forwarded-for", forged.parse().expect("an address"));
        let (mut socket, _) = tokio_tungstenite::connect_async(request)
            .await
            .expect("a WebSocket");
        let join = json!({"type": "join", "code": "000-00000"}).to_string();
        socket.send(Message::text(join)).await.expect("a guess");
        let answer = socket.next().await.expect("an answer").expect("a frame");
        guesses += 1;
        if answer.to_text().expect("text").contains("too_fast") {
            break;
        }
        assert!(guesses < 30, "a header made every guess another's");
    }
    let evil = [
        ("Connection", "upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", SUBPROTOCOL),
        ("Origin", "http://evil.example"),
        ("X-Forwarded-Host", "evil.example"),
    ];
    let answer = http::request(relay.addr(), "GET", "/ws", &evil).await;
    assert_eq!(answer.status, 403);
    fault::came(
        "faults_hostile::who_says_to_come_from_elsewhere_guesses_no_longer",
        &format!("`too_fast` at guess {guesses}; 403 for the page of another site"),
    );
}

/// Clients that ask for much of the page and read nothing.
const READERS: u16 = 300;

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_pages_and_reads_nothing_is_given_up() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let page = http::get(relay.addr(), "/").await.text();
    let script = page
        .split('"')
        .find(|part| part.ends_with(".js"))
        .expect("the page's script")
        .trim_start_matches(['.', '/'])
        .to_owned();
    let ask = format!("GET /{script} HTTP/1.1\r\nHost: relay\r\n\r\n").repeat(50);
    let (open, memory) = (descriptors(relay.pid()).len(), memory_kib(relay.pid()));
    let mut readers = Vec::new();
    for n in 0..READERS {
        let mut stream = connect_from(n % 10, relay.addr()).await.expect("a place");
        stream.write_all(ask.as_bytes()).await.expect("a request");
        readers.push(stream);
    }
    let began = Instant::now();
    let peak = memory_kib(relay.pid());
    let left = pair.receiver.cue("left");
    let seen = |state: &Value| state["cue"]["id"] == json!(left);
    let beside = pair.helper.until("left", seen).await;
    let passed = began.elapsed();
    assert_eq!(beside["phase"], "live", "{}", beside["hold"]);
    let given_up = wait::until("all of them given up", async || {
        (descriptors(relay.pid()).len() <= open + 2).then(|| began.elapsed())
    })
    .await;
    let grown = peak.saturating_sub(memory);
    assert!(grown < 64 * 1_024, "{grown} KiB for {READERS} readers");
    let right = pair.receiver.cue("right");
    let seen = |state: &Value| state["cue"]["id"] == json!(right);
    let after = pair.helper.until("right", seen).await;
    assert_eq!(after["phase"], "live", "{}", after["hold"]);
    drop(readers);
    fault::came(
        "faults_hostile::who_asks_for_pages_and_reads_nothing_is_given_up",
        &format!(
            "all given up after {}, {grown} KiB at the peak; a cue passed meanwhile in {}",
            ms(given_up),
            ms(passed)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_and_formulas_stay_text() {
    let relay = Relay::start().await;
    let url = relay.ws();
    let markup = "<img src=x onerror=a()>";
    let formula = "=HYPERLINK(\"x\")";
    let create = json!({
        "type": "create", "role": "receiver", "name": markup, "options": waived(),
        "client": "<script>a()</script>",
    });
    let receiver = Peer::greet("receiver", &url, create).await;
    let join = json!({
        "type": "join", "code": receiver.welcome_text("code"), "name": formula,
        "client": "@SUM(A1)",
    });
    let helper = Peer::greet("helper", &url, join).await;
    let mut pair = Pair { receiver, helper };
    pair.both_ready().await;
    pair.receiver.send(json!({"type": "end"}));
    pair.helper.until_phase("ended").await;
    let notes = ["</style><script>a()</script>", "+1+1", "\t=1+1", "\r=1+1"];
    let session = pair.receiver.welcome_text("session");
    let bearer = format!("Bearer {}", pair.receiver.welcome_text("token"));
    let authorization = ("Authorization", bearer.as_str());
    for text in notes {
        let note = json!({"text": text, "shared": true});
        let answer = http::request_with(
            relay.addr(),
            "POST",
            &format!("/api/v1/sessions/{session}/notes"),
            &[authorization, ("Content-Type", "application/json")],
            &note.to_string(),
        )
        .await;
        assert_eq!(answer.status, 201, "{text:?}: {}", answer.text());
    }
    let export = async |format: &str| {
        let path = format!("/api/v1/sessions/{session}/transcript?format={format}");
        let answer = http::request(relay.addr(), "GET", &path, &[authorization]).await;
        assert_eq!(answer.status, 200, "{format}");
        answer
    };
    let html = export("html").await;
    assert!(html.header("content-security-policy").is_some());
    let html = html.text();
    assert!(
        html.contains("&lt;img src=x onerror=a()&gt;"),
        "the name, as text"
    );
    for never in ["<img", "<script>a()", "</style><script"] {
        assert!(!html.contains(never), "{never} in the HTML");
    }
    let csv = export("csv").await.text();
    let mut reader = csv_cells(&csv);
    let dangerous: Vec<_> = reader
        .by_ref()
        .filter(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']))
        .collect();
    assert!(dangerous.is_empty(), "formulas: {dangerous:?}");
    assert!(csv.contains("=HYPERLINK"), "the name is there all the same");
    let json: Value = serde_json::from_slice(&export("json").await.body).expect("JSON");
    assert!(json.to_string().contains(markup), "as it was typed");
    fault::came(
        "faults_hostile::markup_and_formulas_stay_text",
        "HTML shows it as text, no cell of the CSV is a formula, JSON has it as typed",
    );
}

/// The cells of a CSV file: commas and line ends separate them, and quotes enclose cells with either.
fn csv_cells(csv: &str) -> impl Iterator<Item = String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = csv.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.extend(characters.next());
            }
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells.into_iter().collect::<HashSet<_>>().into_iter()
}
