//! The WebSocket protocol, frame by frame, against an echo server behind the relay's own upgrade
//! (examples/echo.rs). Where the answer is the relay's own, the relay itself is tested. Autobahn's suite
//! covers more: docs/security.md.

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::json;
use tapcue_tests::pair::waived;
use tapcue_tests::raw::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, Raw, TEXT, frame, unmasked};
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::wait::PATIENCE;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The relay's limit on frames and messages, in bytes.
const FRAME_BYTES: usize = 16 * 1_024;

/// The echo server as a child process.
struct Echo {
    addr: SocketAddr,
    _child: Child,
}

impl Echo {
    async fn start(args: &[&str]) -> Self {
        let mut child = Command::new(binary("examples/echo"))
            .args(args)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the echo's binary");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let read = timeout(PATIENCE, output.read_line(&mut line)).await;
        read.expect("a line in time").expect("a line");
        let addr = line.trim().rsplit("//").next().expect("an address");
        Self {
            addr: addr.parse().expect("an address"),
            _child: child,
        }
    }
}

/// Checks that the next frame from the other side is this one.
async fn hears(raw: &mut Raw, first: u8, payload: &[u8]) {
    let heard = raw.hear().await.expect("a frame");
    assert_eq!(heard.first, first);
    assert!(
        heard.payload == payload,
        "{} bytes instead of {}",
        heard.payload.len(),
        payload.len()
    );
}

/// Sends all of `bytes` at once; returns the close code.
async fn closed_after(addr: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut raw = Raw::open(addr).await;
    raw.mouth.say(bytes).await;
    raw.ended().await
}

/// A close frame with a code and a reason.
fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_every_form_of_length_come_back_whole() {
    let echo = Echo::start(&["--limit", "65536"]).await;
    let mut raw = Raw::open(echo.addr).await;
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
        for kind in [TEXT, BINARY] {
            let payload = b"*".repeat(length);
            raw.frame(FIN | kind, &payload).await;
            hears(&mut raw, FIN | kind, &payload).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_one_at_a_time_make_the_same_messages() {
    let echo = Echo::start(&[]).await;
    let mut raw = Raw::open(echo.addr).await;
    let text = "slowly: ä€𝄞".as_bytes();
    let said = [
        frame(FIN | TEXT, text),
        frame(TEXT, text),
        frame(FIN | PING, b"in between"),
        frame(FIN | CONTINUATION, &b"+".repeat(130)),
    ];
    for byte in said.concat() {
        assert!(raw.mouth.say(&[byte]).await);
    }
    hears(&mut raw, FIN | TEXT, text).await;
    hears(&mut raw, FIN | PONG, b"in between").await;
    let whole = [text, &b"+".repeat(130)].concat();
    hears(&mut raw, FIN | TEXT, &whole).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_answered_and_pongs_are_not() {
    let echo = Echo::start(&[]).await;
    let mut raw = Raw::open(echo.addr).await;
    for length in [0, 1, 124, 125] {
        let payload = b"\xFE".repeat(length);
        raw.frame(FIN | PONG, &payload).await;
        raw.frame(FIN | PING, &payload).await;
        hears(&mut raw, FIN | PONG, &payload).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_closes_with_1002() {
    let echo = Echo::start(&[]).await;
    let long = b"*".repeat(126);
    let mut said = vec![
        ("a ping of 126 bytes", frame(FIN | PING, &long)),
        ("a close of 126 bytes", frame(FIN | CLOSE, &long)),
        ("a ping in pieces", frame(PING, b"1")),
        ("a close in pieces", frame(CLOSE, b"")),
        ("a continuation of nothing", frame(FIN | CONTINUATION, b"1")),
        (
            "a message inside another",
            [frame(TEXT, b"1"), frame(FIN | TEXT, b"2")].concat(),
        ),
        ("a frame that is not masked", unmasked(FIN | TEXT, b"{}")),
        ("a close of one byte", frame(FIN | CLOSE, &[3])),
    ];
    for bit in [0x40, 0x20, 0x10] {
        said.push(("a reserved bit of a text", frame(FIN | bit | TEXT, b"1")));
        said.push(("a reserved bit of a ping", frame(FIN | bit | PING, b"1")));
    }
    for kind in (0x3..=0x7).chain(0xB..=0xF) {
        said.push(("a reserved kind", frame(FIN | kind, b"")));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000] {
        said.push(("a close code nobody may send", close(code, b"")));
    }
    for (what, bytes) in said {
        let code = closed_after(echo.addr, &bytes).await;
        assert_eq!(code, Some(1002), "{what}: {:02X?}", &bytes[..2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_utf_8_closes_with_1007() {
    let echo = Echo::start(&[]).await;
    let bad = b"\xCE\xBA\xE1\xBD\xB9\xED\xA0\x80edited";
    let split = |at: usize| {
        let (first, rest) = bad.split_at(at);
        [frame(TEXT, first), frame(FIN | CONTINUATION, rest)].concat()
    };
    let euro = "€".as_bytes();
    for (what, bytes) in [
        ("whole", frame(FIN | TEXT, bad)),
        ("split inside the fault", split(6)),
        ("split before the fault", split(5)),
        ("before the message ends", frame(TEXT, bad)),
        ("cut short", frame(FIN | TEXT, &euro[..2])),
        ("too large a number", frame(FIN | TEXT, b"\xF4\x90\x80\x80")),
        ("a long form", frame(FIN | TEXT, b"\xC0\xAF")),
        ("in a close's reason", close(1000, b"\xFF")),
    ] {
        let code = closed_after(echo.addr, &bytes).await;
        assert_eq!(code, Some(1007), "{what}");
    }

    // A character split between two frames arrives whole.
    let mut raw = Raw::open(echo.addr).await;
    let split = [
        frame(TEXT, &euro[..1]),
        frame(FIN | CONTINUATION, &euro[1..]),
    ];
    raw.mouth.say(&split.concat()).await;
    hears(&mut raw, FIN | TEXT, euro).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_is_answered_and_nothing_after_it_is() {
    let echo = Echo::start(&[]).await;
    let relay = Relay::start().await;
    for addr in [echo.addr, relay.addr()] {
        for code in [1000, 1001, 1003, 1007, 1011, 3000, 4999] {
            let said = [
                close(code, "bye — €".as_bytes()),
                frame(FIN | PING, b"1"),
                frame(FIN | TEXT, b"{}"),
            ];
            let mut raw = Raw::open(addr).await;
            raw.mouth.say(&said.concat()).await;
            let heard = raw.hear().await.expect("a close");
            assert_eq!(heard.close_code(), Some(code));
            assert_eq!(raw.hear().await, None, "{code}: nothing after a close");
        }
        let mut raw = Raw::open(addr).await;
        raw.frame(FIN | CLOSE, b"").await;
        hears(&mut raw, FIN | CLOSE, b"").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_in_a_session_is_answered_too() {
    let relay = Relay::start().await;
    let mut raw = Raw::open(relay.addr()).await;
    raw.tell(&json!({"type": "create", "role": "receiver", "options": waived()}))
        .await;
    raw.told("welcome").await;
    raw.mouth.say(&close(1000, b"")).await;
    assert_eq!(raw.ended().await, Some(1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_limit_closes_with_1009_however_much_follows() {
    let echo = Echo::start(&[]).await;
    let relay = Relay::start().await;
    let within = b" ".repeat(FRAME_BYTES);
    let mut raw = Raw::open(echo.addr).await;
    raw.frame(FIN | TEXT, &within).await;
    hears(&mut raw, FIN | TEXT, &within).await;
    let parts = |n: usize| {
        let rest = (1..n).flat_map(|_| frame(CONTINUATION, &within[..FRAME_BYTES / 4]));
        let parts: Vec<u8> = frame(TEXT, &within[..FRAME_BYTES / 4])
            .into_iter()
            .chain(rest)
            .collect();
        parts
    };
    for addr in [echo.addr, relay.addr()] {
        for (what, bytes) in [
            (
                "one byte more",
                frame(FIN | TEXT, &b" ".repeat(FRAME_BYTES + 1)),
            ),
            ("a megabyte", frame(FIN | TEXT, &b" ".repeat(1 << 20))),
            ("in five parts", parts(5)),
            ("in 200 parts", parts(200)),
            // The first bytes of a frame that claims a length of 2^62.
            (
                "a length",
                [&[FIN | TEXT, 0xFF, 0x40][..], &[0; 11]].concat(),
            ),
        ] {
            let code = closed_after(addr, &bytes).await;
            assert_eq!(code, Some(1009), "{what}");
        }
    }
}
