//! What a page says about sharing and about the relay, for each way in which these can fail.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::fault;
use tapcue_tests::relay::Relay;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::{before_each_document, no_longer, until_said};

const SHARE: &str = "[data-action=share]";

/// A gateway between a page and its relay, by what it answers instead of the relay.
#[derive(Clone, Copy)]
enum Way {
    Open,
    NoUpgrade,
    SignIn,
    Elsewhere,
    Busy,
    BadGateway,
}

const WAYS: [Way; 6] = [
    Way::Open,
    Way::NoUpgrade,
    Way::SignIn,
    Way::Elsewhere,
    Way::Busy,
    Way::BadGateway,
];

impl Way {
    fn answer(self, head: &str) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::NoUpgrade => head
                .starts_with("GET /ws")
                .then_some("HTTP/1.1 403 Forbidden\r\n"),
            Self::SignIn => Some("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"),
            Self::Elsewhere => Some("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n"),
            Self::Busy => Some("HTTP/1.1 503 Service Unavailable\r\n"),
            Self::BadGateway => Some("HTTP/1.1 502 Bad Gateway\r\n"),
        }
    }
}

struct Gateway {
    addr: SocketAddr,
    way: Arc<AtomicUsize>,
}

impl Gateway {
    async fn before(relay: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("its address");
        let way = Arc::new(AtomicUsize::new(0));
        let set = Arc::clone(&way);
        tokio::spawn(async move {
            while let Ok((page, _)) = listener.accept().await {
                let way = Arc::clone(&set);
                tokio::spawn(async move { serve(page, relay, &way).await });
            }
        });
        Self { addr, way }
    }

    fn set(&self, way: Way) {
        self.way.store(way as usize, Ordering::SeqCst);
    }
}

/// Forwards one request or answers it itself. Each request has its own connection.
async fn serve(mut page: TcpStream, relay: SocketAddr, way: &AtomicUsize) -> Option<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut some = [0; 4_096];
        let read = page.read(&mut some).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&some[..read]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    if let Some(answer) = WAYS[way.load(Ordering::SeqCst)].answer(&text) {
        let body = "<p>Welcome to this network.</p>";
        let length = body.len();
        let whole = format!("{answer}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        page.write_all(whole.as_bytes()).await.ok()?;
        return page.shutdown().await.ok();
    }
    let mut to_relay = TcpStream::connect(relay).await.ok()?;
    // A kept-alive connection would carry the next request past the gateway.
    let upgrade = text.starts_with("GET /ws");
    let head = if upgrade {
        text
    } else {
        text.replace("Connection: keep-alive", "Connection: close")
    };
    to_relay.write_all(head.as_bytes()).await.ok()?;
    copy_bidirectional(&mut page, &mut to_relay).await.ok()?;
    Some(())
}

/// Asks for a session without success, waits for these words, and opens the gateway again.
async fn in_vain(page: &Page, gateway: &Gateway, way: Way, words: &str) {
    gateway.set(way);
    page.tap("[data-action=create-receiver]").await;
    until_said(page, ".trouble[data-kind=busy]", words).await;
    gateway.set(Way::Open);
    page.until_screen("pair").await;
    page.run("sessionStorage.clear();", vec![]).await;
    page.reload().await;
    page.until_screen("start").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_of_not_reaching_the_relay_has_its_words() {
    let relay = Relay::start().await;
    let gateway = Gateway::before(relay.addr()).await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", gateway.addr);
    let page = browser.open("receiver", &url).await;
    page.until_screen("start").await;
    in_vain(&page, &gateway, Way::NoUpgrade, "blocks WebSockets").await;
    in_vain(&page, &gateway, Way::SignIn, "sign-in page").await;
    in_vain(&page, &gateway, Way::Elsewhere, "sign-in page").await;
    in_vain(&page, &gateway, Way::Busy, "is full").await;
    in_vain(&page, &gateway, Way::BadGateway, "Can’t reach the server").await;

    for (what, script) in [
        ("fetch", "window.fetch = undefined;"),
        ("WebSocket", "window.WebSocket = undefined;"),
    ] {
        let lacking = before_each_document(&page, script).await;
        page.reload().await;
        until_said(&page, ".relay", &format!("This browser lacks {what}")).await;
        no_longer(&page, lacking).await;
    }
    page.reload().await;
    page.until_screen("start").await;
    gateway.set(Way::NoUpgrade);
    let network = |offline: bool| json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    page.devtools("Network.enable", json!({})).await;
    page.devtools("Network.emulateNetworkConditions", network(true))
        .await;
    page.tap("[data-action=create-receiver]").await;
    until_said(&page, ".trouble[data-kind=busy]", "has no network").await;
    page.devtools("Network.emulateNetworkConditions", network(false))
        .await;
    page.close().await;
    fault::came(
        "pages_conditions::said::each_way_of_not_reaching_the_relay_has_its_words",
        "8 ways told apart, each with what to do",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn copied_is_said_of_what_was_copied() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let page = browser.open("receiver", "about:blank").await;
    let no_share = "Object.defineProperty(Navigator.prototype, 'share', { configurable: true, value: undefined });";
    let refused = "Promise.reject(new DOMException('', 'NotAllowedError'))";
    let copies = |answer: &str, old: bool| {
        format!(
            "{no_share} Clipboard.prototype.writeText = () => {answer}; document.execCommand = () => {old};"
        )
    };
    let share_fails = "Navigator.prototype.share = () => { throw new DOMException('', 'NotAllowedError'); };
        Clipboard.prototype.writeText = () => { throw new TypeError(); }; document.execCommand = () => { throw new TypeError(); };";
    for (script, copied) in [
        (copies("Promise.resolve()", false), true),
        (copies(refused, true), true),
        (copies(refused, false), false),
        (copies("new Promise(() => {})", false), false),
        (
            format!(
                "{no_share} delete Navigator.prototype.clipboard; document.execCommand = undefined;"
            ),
            false,
        ),
        (share_fails.to_owned(), false),
    ] {
        let added = before_each_document(&page, &script).await;
        page.go_to(&url).await;
        page.tap("[data-action=create-receiver]").await;
        page.until_screen("pair").await;
        page.tap(SHARE).await;
        if copied {
            until_said(&page, SHARE, "Copied").await;
        } else {
            until_said(&page, ".by-hand", "Not copied").await;
            assert_ne!(
                page.text(SHARE).await.as_deref(),
                Some("Copied"),
                "{script}"
            );
            let link = page
                .run(
                    "return document.querySelector('.link-field').value;",
                    vec![],
                )
                .await;
            let link = link.as_str().unwrap_or_default();
            assert!(
                link.contains("#join="),
                "the link to copy by hand: {script}"
            );
        }
        page.run("sessionStorage.clear();", vec![]).await;
        no_longer(&page, added).await;
    }
    page.close().await;
}
