//! The installed page: it starts without a relay and says so, and updates with the relay. It stores nothing
//! of a session, and sleeps and wakes as on a phone.

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::next::{ABOUT, Next};
use tapcue_tests::pages::TwoPages;
use tapcue_tests::relay::Relay;

/// What every start of the page downloads, compressed and with headers, in bytes.
const COLD_START_BYTES: u64 = 80_000;

const GONE: &str = "[data-relay=gone]";

/// The page at an address that browsers treat as secure.
async fn secure_page(browser: &Browser, relay: &Relay) -> Page {
    let url = format!("http://localhost:{}/", relay.addr().port());
    let page = browser.open("page", &url).await;
    page.until_screen("start").await;
    page
}

/// Waits until the service worker serves the page.
async fn is_kept(page: &Page) {
    let script = "return navigator.serviceWorker.controller?.state ?? null;";
    page.until("a service worker", async || {
        page.run(script, vec![]).await == json!("activated")
    })
    .await;
}

/// A page that its browser has cached, from a release that can be followed by another.
async fn kept_page(browser: &Browser, relay: &Relay) -> (Next, Page) {
    let next = Next::before(relay.addr()).await;
    let page = browser.open("page", &next.url()).await;
    page.until_screen("start").await;
    is_kept(&page).await;
    (next, page)
}

/// Marks the page; a reload removes the mark.
async fn mark(page: &Page) {
    let _ = page.run("window.tapcueMark = true;", vec![]).await;
}

async fn is_marked(page: &Page) -> bool {
    page.run("return window.tapcueMark ?? false;", vec![]).await == json!(true)
}

/// Everything in the browser's caches: addresses and texts.
async fn caches(page: &Page) -> Vec<(String, String)> {
    let start = "
        window.tapcueCaches = null;
        (async () => {
            const all = [];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    const answer = await cache.match(request);
                    all.push([`${name} ${new URL(request.url).pathname}`, await answer.text()]);
                }
            }
            window.tapcueCaches = all;
        })();
    ";
    let _ = page.run(start, vec![]).await;
    page.until("the caches", async || {
        page.run("return window.tapcueCaches;", vec![])
            .await
            .is_array()
    })
    .await;
    let all = page.run("return window.tapcueCaches;", vec![]).await;
    serde_json::from_value(all).expect("addresses and texts")
}

async fn about(page: &Page) -> String {
    let script = "return document.querySelector('meta[name=description]')?.content;";
    let about = page.try_run(script).await.unwrap_or_default();
    about.as_str().unwrap_or_default().to_owned()
}

/// Waits until the page is that of the next release, and the caches have nothing of the one before.
async fn is_new(page: &Page, next: &Next) {
    page.until("the next release", async || {
        about(page).await.starts_with(ABOUT[1])
    })
    .await;
    page.until_screen("start").await;
    page.until("only the next release in the caches", async || {
        let names = "caches.keys().then((names) => { window.tapcueNames = names; });
            return window.tapcueNames ?? null;";
        page.try_run(names).await == Some(json!([format!("tapcue-{}", next.next_version())]))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_kept_starts_without_a_relay_and_says_so() {
    let mut relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = secure_page(&browser, &relay).await;
    is_kept(&page).await;
    assert!(!page.sees(GONE).await);
    relay.kill().await;
    page.reload().await;
    page.until_screen("start").await;
    page.until("that no relay answers", async || page.sees(GONE).await)
        .await;
    let said = page.text(GONE).await.unwrap_or_default();
    let host = format!("localhost:{}", relay.addr().port());
    assert!(
        said.contains("Can’t reach the server") && said.contains(&host),
        "{said}"
    );
    page.picture("no-relay").await;
    relay.start_again().await;
    page.tap_until("[data-action=ask-relay]", "the relay again", async || {
        !page.sees(GONE).await
    })
    .await;
    page.tap("[data-action=create-receiver]").await;
    page.until_screen("pair").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_into_a_session_is_small_and_nothing_of_the_session_is_kept() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = secure_page(&browser, &relay).await;
    page.tap("[data-action=create-receiver]").await;
    page.until_screen("pair").await;
    is_kept(&page).await;
    let took = "
        const all = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type));
        return all.map(({ name, transferSize }) => [new URL(name).pathname, transferSize]);
    ";
    let took: Vec<(String, u64)> =
        serde_json::from_value(page.run(took, vec![]).await).expect("sizes");
    let sum: u64 = took.iter().map(|(_, bytes)| bytes).sum();
    println!("{sum} bytes: {took:?}");
    assert!(sum <= COLD_START_BYTES, "{sum} bytes: {took:?}");
    assert!(took.len() <= 10, "{took:?}");

    let place = page
        .run("return sessionStorage.getItem('tapcue.place');", vec![])
        .await;
    let place: Value = serde_json::from_str(place.as_str().expect("a place")).expect("a place");
    let code = page.text("#code").await.unwrap_or_default();
    let kept = caches(&page).await;
    assert!(kept.len() >= 5, "{kept:?}");
    for (address, text) in &kept {
        let (cache, path) = address.split_once(' ').expect("a cache and an address");
        let version = cache.strip_prefix("tapcue-").expect("a cache of ours");
        let own = path.starts_with(&format!("/v/{version}/"));
        assert!(
            own || ["/icon.svg", "/manifest.webmanifest"].contains(&path),
            "{address}"
        );
        for secret in [&place["token"], &place["session"], &json!(code.trim())] {
            let secret = secret.as_str().expect("text");
            assert!(!secret.is_empty() && !text.contains(secret), "{address}");
        }
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_release_is_taken_at_the_next_start() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (next, page) = kept_page(&browser, &relay).await;
    assert!(about(&page).await.starts_with(ABOUT[0]));
    next.release();
    page.reload().await;
    is_new(&page, &next).await;
    // It does not update again and again.
    mark(&page).await;
    ask(&page).await;
    assert!(is_marked(&page).await);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_session_is_left_alone_until_it_is_over() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (next, page) = kept_page(&browser, &relay).await;
    page.tap("[data-action=create-receiver]").await;
    page.until_screen("pair").await;
    next.release();
    mark(&page).await;
    ask(&page).await;
    assert_eq!(page.screen().await, "pair");
    assert!(is_marked(&page).await);
    page.tap("[data-action=end]").await;
    page.tap("[data-action=end-confirm]").await;
    page.until_screen("end").await;
    page.tap("[data-action=again]").await;
    is_new(&page, &next).await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_speak_the_relay_s_protocol_is_made_new() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (next, page) = kept_page(&browser, &relay).await;
    next.release_protocol();
    // A session started at once is refused, and the page still updates.
    page.tap("[data-action=create-receiver]").await;
    is_new(&page, &next).await;
    page.tap("[data-action=create-receiver]").await;
    page.until_screen("pair").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_page_and_one_that_was_left_hold_and_come_back_held() {
    let pages = TwoPages::live_with(json!({"rehearsal": false, "setup": false}), &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    helper.freeze().await;
    receiver.until_screen("held").await;
    helper.wake().await;
    helper.until_screen("held").await;
    pages.hands_off().await;
    pages.both_ready().await;

    // Leaves the page and comes back, from the browser's memory or by a new load.
    let _ = helper.run("location.href = '/healthz';", vec![]).await;
    receiver.until_screen("held").await;
    let _ = helper.run("history.back();", vec![]).await;
    helper.until_screen("held").await;
    helper.observe().await;
    pages.hands_off().await;
    pages.both_ready().await;
    pages.close().await;
    tapcue_tests::fault::came(
        "pages_installed::a_frozen_page_and_one_that_was_left_hold_and_come_back_held",
        "held at once, back to held",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clicker_s_key_becomes_stop_by_being_pressed() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = secure_page(&browser, &relay).await;
    page.tap("[data-panel=keys] summary").await;
    page.tap(".key-pad").await;
    page.press("F13").await;
    page.until("the choices", async || {
        page.sees("[data-choice=stop]").await
    })
    .await;
    page.tap("[data-choice=stop]").await;
    page.picture("keys").await;
    page.press("Escape").await;
    page.until("that Escape stays stop", async || {
        !page.sees("[data-choice=stop]").await
            && page
                .text(".key-pad")
                .await
                .is_some_and(|said| said.contains("always means"))
    })
    .await;
    page.reload().await;
    page.until_screen("start").await;
    page.tap("[data-action=create-receiver]").await;
    page.until_screen("pair").await;
    page.press("F13").await;
    page.until("the stop", async || {
        page.attribute("body", "data-tone").await.as_deref() == Some("stop")
    })
    .await;
    page.close().await;
}

/// Makes the page ask the relay for its version, and waits for the answer.
async fn ask(page: &Page) {
    let asked = "return performance.getEntriesByType('resource')
        .filter(({ name, responseEnd }) => responseEnd > 0 && new URL(name).pathname === '/version').length;";
    let before = page.run(asked, vec![]).await.as_u64();
    let _ = page
        .run("dispatchEvent(new Event('online'));", vec![])
        .await;
    page.until("an answer of the relay", async || {
        page.run(asked, vec![]).await.as_u64() > before
    })
    .await;
}
