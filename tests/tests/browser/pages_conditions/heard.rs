//! What a screen reader hears: repeated words are announced again.

use serde_json::json;
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::fault;
use tapcue_tests::pages::{HANDS_OFF, READY, SLOWER, STOP, TwoPages};
use tapcue_tests::pair::waived;
use tapcue_tests::relay::Relay;

use super::paste;

/// Notes every text that newly appears in a live region: what a screen reader announces.
const HEAR: &str = "
    const said = window.tapcueSaid = [];
    const texts = new WeakMap();
    const look = () => {
        for (const region of document.querySelectorAll('[aria-live]')) {
            const text = region.textContent;
            if (text !== '' && texts.get(region) !== text) said.push(text);
            texts.set(region, text);
        }
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
";

async fn times(page: &Page, words: &str) -> usize {
    let script = "return window.tapcueSaid.filter((text) => text.includes(arguments[0])).length;";
    let times = page.run(script, vec![json!(words)]).await;
    usize::try_from(times.as_u64().unwrap_or(0)).expect("a number")
}

async fn until_times(page: &Page, words: &str, n: usize) {
    page.until(&format!("{words}, {n} times"), async || {
        times(page, words).await == n
    })
    .await;
}

/// Whether the accessibility tree has these words as a text.
async fn in_the_tree(page: &Page, words: &str) -> bool {
    let tree = page
        .devtools("Accessibility.getFullAXTree", json!({}))
        .await;
    let nodes = tree["nodes"].as_array().expect("nodes");
    nodes
        .iter()
        .any(|node| node["name"]["value"] == words && node["ignored"] == false)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_again_is_heard_again() {
    let pages = TwoPages::live_with(waived(), &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    for page in [receiver, helper] {
        page.run(HEAR, vec![]).await;
    }
    for n in 1..=3 {
        receiver.tap(SLOWER).await;
        until_times(helper, "Slower", n).await;
        helper
            .tap_until("[data-action=acknowledge]", "seen", async || {
                helper.is_coloured("go").await
            })
            .await;
    }
    assert!(in_the_tree(helper, "Slower").await);
    for n in 1..=2 {
        helper
            .tap_until("[data-action=check-in]", "the question", async || {
                times(receiver, "Does this feel okay?").await >= n
            })
            .await;
        until_times(receiver, "Does this feel okay?", n).await;
        receiver
            .tap_until("[data-cue=good]", "the answer", async || {
                times(helper, "Feels good").await >= n
            })
            .await;
    }
    for n in 1..=3 {
        receiver.tap(STOP).await;
        until_times(helper, "Stop. Hands off.", n).await;
    }
    assert!(in_the_tree(helper, "Stop. Hands off.").await);
    // Ready is said, withdrawn by a stop, and said again.
    let ready = times(receiver, "You are ready").await;
    for n in 1..=2 {
        helper
            .tap_until(HANDS_OFF, "hands off", async || {
                !helper.sees(HANDS_OFF).await
            })
            .await;
        receiver
            .tap_until(READY, "ready", async || receiver.sees(".said").await)
            .await;
        until_times(receiver, "You are ready", ready + n).await;
        receiver.tap(STOP).await;
        receiver
            .until("not ready", async || !receiver.sees(".said").await)
            .await;
    }
    pages.close().await;

    // The relay gives the same refusal twice.
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = browser
        .open("guest", &format!("http://{}/", relay.addr()))
        .await;
    page.tap("[data-action=join]").await;
    page.until_screen("join").await;
    page.run(HEAR, vec![]).await;
    for n in 1..=2 {
        page.tap("[data-action=join]").await;
        until_times(&page, "8 more to go", n).await;
    }
    paste(&page, "#code-input", "3CG-8V22Q").await;
    for n in 1..=2 {
        page.tap("[data-action=join]").await;
        until_times(&page, "doesn’t match a waiting session", n).await;
    }
    page.close().await;
    fault::came(
        "pages_conditions::heard::what_is_said_again_is_heard_again",
        "stop and slower three times, the question, ready and two refusals twice: announced each time",
    );
}
