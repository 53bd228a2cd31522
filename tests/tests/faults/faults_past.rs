//! Past sessions beside live ones: reading and maintenance of past sessions wait.

mod stored;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::http::{self, Answer};
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::{Peer, is_stop};
use tapcue_tests::relay::Relay;
use tapcue_tests::usage::{memory_peak_kib, processor_time};
use tapcue_tests::wait::{self, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Entries of a long session, for the test build of the relay; `TAPCUE_ENTRIES` sets another number for a
/// measurement.
const ENTRIES: u64 = 4_000;

/// Abandoned sessions; `TAPCUE_LEFT` sets another number for a measurement.
const LEFT: u64 = 2_000;

/// Clients that read it at the same time.
const READERS: usize = 32;

/// Stops of another pair during the reads.
const STOPS: usize = 100;

/// The most transcripts that wait for their turn. Source: docs/protocol.md.
const LINE: usize = 64;

/// How many more requests come than the line holds.
const TOO_MANY: usize = 5;

/// How long a stop may take on two cores that carry the relay, its readers and this test.
const BESIDE_READERS: Duration = Duration::from_secs(1);

async fn ask(relay: &Relay, method: &str, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    http::request(relay.addr(), method, path, &[("Authorization", &bearer)]).await
}

fn transcript(id: impl std::fmt::Display) -> String {
    format!("/api/v1/sessions/{id}/transcript")
}

/// Reads a transcript without a timeout; returns the status.
async fn status_of(addr: SocketAddr, path: &str, token: &str) -> u16 {
    let mut stream = TcpStream::connect(addr).await.expect("a connection");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let status = answer.get(9..12).map(String::from_utf8_lossy);
    status.and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// How long each stop took to the other device, the shortest first.
async fn stops(pair: &mut Pair) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..STOPS {
        let tapped = Instant::now();
        let stop = pair.receiver.cue("stop");
        pair.helper.expect("the stop", is_stop(&stop)).await;
        took.push(tapped.elapsed());
        wait::at(tapped + Duration::from_millis(50)).await;
    }
    took.sort_unstable();
    took
}

fn p90(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() * 9 / 10]
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_a_long_session_delay_no_stop_and_take_little_memory() {
    let mut relay = Relay::start().await;
    relay.ask_to_go();
    relay.gone().await;
    let most = said("TAPCUE_ENTRIES", ENTRIES);
    let long = stored::long(relay.data(), most).await;
    relay.start_again().await;
    let relay = Arc::new(relay);
    let mut pair = Pair::live(&relay.ws()).await;
    let alone = stops(&mut pair).await;

    let idle = memory_peak_kib(relay.pid());
    let answer = ask(&relay, "GET", &transcript(long.id), &long.token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let read: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let entries = read["entries"].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(entries, most);
    let by_one = memory_peak_kib(relay.pid()) - idle;

    let (over, given) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let readers = (0..READERS).map(|_| {
        let (relay, over, given) = (Arc::clone(&relay), Arc::clone(&over), Arc::clone(&given));
        let (path, token) = (transcript(long.id), long.token.clone());
        tokio::spawn(async move {
            while !over.load(Ordering::Acquire) {
                let status = status_of(relay.addr(), &path, &token).await;
                assert!([200, 503].contains(&status), "{status}");
                given.fetch_add(usize::from(status == 200), Ordering::AcqRel);
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    // Work at the lowest priority may wait for long on a busy machine.
    wait::within(Duration::from_secs(100), "the first reader", async || {
        (given.load(Ordering::Acquire) > 0).then_some(())
    })
    .await;
    let beside = stops(&mut pair).await;
    over.store(true, Ordering::Release);
    for reader in readers {
        assert!(!reader.is_finished() || reader.await.is_ok(), "a reader");
    }
    let by_all = memory_peak_kib(relay.pid()) - idle;
    let slowest = *beside.last().expect("stops");
    assert!(slowest < BESIDE_READERS, "{slowest:?}");
    assert!(by_all < 4 * by_one, "{by_one} and {by_all} KiB");
    fault::came(
        "faults_past::readers_of_a_long_session_delay_no_stop_and_take_little_memory",
        &format!(
            "90 of 100 stops within {} beside {READERS} readers, {} without; {} MiB at the peak for all, \
             {} for one",
            ms(p90(&beside)),
            ms(p90(&alone)),
            by_all / 1_024,
            by_one / 1_024
        ),
    );
}

/// Every thread for past sessions hangs, so all that waits for one waits forever.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_live_waits_for_a_reader_and_the_line_has_an_end() {
    let relay = Relay::start_with(&[], &[("FAILPOINTS", "in-the-background=pause")]).await;
    let relay = Arc::new(relay);
    let ended = over(&relay).await;
    let threads = std::thread::available_parallelism()
        .expect("a number")
        .get();
    let turns = threads.saturating_sub(1).clamp(1, 2);
    let told = Arc::new(AtomicUsize::new(0));
    let asking = (0..turns + LINE + TOO_MANY).map(|_| {
        let (relay, told) = (Arc::clone(&relay), Arc::clone(&told));
        let (path, token) = (transcript(&ended.id), ended.tokens[0].clone());
        tokio::spawn(async move {
            let answer = ask(&relay, "GET", &path, &token).await;
            let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
            assert_eq!((answer.status, &body["code"]), (503, &json!("too_fast")));
            assert_eq!(answer.header("retry-after"), Some("5"));
            told.fetch_add(1, Ordering::AcqRel);
        })
    });
    let asking: Vec<_> = asking.collect();
    until("the end of the line", async || {
        (told.load(Ordering::Acquire) == TOO_MANY).then_some(())
    })
    .await;

    // A pair joins, goes live, stops, loses a link and comes back.
    let mut pair = Pair::live(&relay.ws()).await;
    let tapped = Instant::now();
    let stop = pair.receiver.cue("stop");
    pair.helper.expect("the stop", is_stop(&stop)).await;
    let took = tapped.elapsed();
    let token = pair.helper.welcome_text("token");
    drop(pair.helper);
    let mut back = Peer::resume("helper", &relay.ws(), &token).await;
    back.until_phase("held").await;
    // Tokens are checked, a note is added, and a session is deleted.
    let wrong = ask(&relay, "GET", &transcript(&ended.id), "x.y").await;
    assert_eq!(wrong.status, 401);
    let bearer = format!("Bearer {}", ended.tokens[0]);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let path = format!("/api/v1/sessions/{}", ended.id);
    let notes = format!("{path}/notes");
    let note = http::request_with(
        relay.addr(),
        "POST",
        &notes,
        &headers,
        "{\"text\":\"sore\"}",
    );
    assert_eq!(note.await.status, 201);
    assert_eq!(
        ask(&relay, "DELETE", &path, &ended.tokens[1]).await.status,
        204
    );
    assert_eq!(http::get(relay.addr(), "/readyz").await.status, 200);
    assert_eq!(told.load(Ordering::Acquire), TOO_MANY, "the others wait on");
    asking.iter().for_each(tokio::task::JoinHandle::abort);
    fault::came(
        "faults_past::nothing_live_waits_for_a_reader_and_the_line_has_an_end",
        &format!(
            "{LINE} waited, {TOO_MANY} were told to come again; meanwhile a stop in {}, one came back, a \
             note, a deletion",
            ms(took)
        ),
    );
}

struct Over {
    id: String,
    tokens: [String; 2],
}

/// A session that has ended.
async fn over(relay: &Relay) -> Over {
    let mut pair = Pair::live(&relay.ws()).await;
    let id = pair.receiver.welcome_text("session");
    let tokens = [&pair.receiver, &pair.helper].map(|peer| peer.welcome_text("token"));
    pair.helper.send(json!({"type": "end"}));
    pair.receiver.until_phase("ended").await;
    Over { id, tokens }
}

fn said(name: &str, otherwise: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(otherwise, |said| said.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_among_many_left_sessions_listens_first_and_looks_after_them_slowly() {
    let mut relay = Relay::start().await;
    relay.ask_to_go();
    relay.gone().await;
    let left = stored::left(relay.data(), said("TAPCUE_LEFT", LEFT)).await;
    let began = Instant::now();
    relay.start_again().await;
    let listening = began.elapsed();
    let url = relay.ws();
    let mut pairs = join_all((0..3).map(|_| Pair::live(&url))).await;
    let mut slowest = Duration::ZERO;
    for pair in &mut pairs {
        let tapped = Instant::now();
        let stop = pair.receiver.cue("stop");
        pair.helper.expect("the stop", is_stop(&stop)).await;
        slowest = slowest.max(tapped.elapsed());
    }
    assert_eq!(
        stored::ended(&relay.database()),
        0,
        "devices may still come back"
    );
    let used = processor_time(relay.pid()).expect("a relay that runs");
    // The check that begins after the time to reconnect ends them one by one.
    let by_then = wait::within(
        Duration::from_secs(170),
        "the first that is ended",
        async || Some(stored::ended(&relay.database())).filter(|ended| *ended > 0),
    )
    .await;
    assert!(by_then < left.len() as u64);
    let busy = processor_time(relay.pid()).expect("a relay that runs") - used;
    fault::came(
        "faults_past::a_start_among_many_left_sessions_listens_first_and_looks_after_them_slowly",
        &format!(
            "{} sessions: listening after {}, three pairs live and stopped ({} at most); the first ended \
             after {} s, {} of processor later",
            left.len(),
            ms(listening),
            ms(slowest),
            began.elapsed().as_secs(),
            ms(busy),
        ),
    );
}
