//! The review of ten thousand entries: little of it is built before it first appears, all of it in the end.
//! Neither keys nor printing wait for that.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::pages::past::until_says;
use tapcue_tests::samples::{KEEP, Samples};

/// The sample, and how many entries it has.
const SAMPLE: &str = "dense";
const ENTRIES: u64 = 9_992;
/// The most elements on the page when the timeline first appears.
const AT_FIRST: u64 = 1_500;
/// The most elements in all strips: dense entries are merged, and a sign is a handful of elements.
const DRAWN: u64 = 10_000;

/// The page builds the rest while idle, which is rare on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// Counts the elements when the first sign appears; the page paints later than this.
const WATCH: &str = "
    new MutationObserver((_, watch) => {
        if (!document.querySelector('.review-page .moment')) return;
        watch.disconnect();
        window.tapcueAtFirst = document.querySelectorAll('*').length;
    }).observe(document, { childList: true, subtree: true });
";

/// What the page does before printing, and the elements afterwards.
const PRINT: &str = "
    dispatchEvent(new Event('beforeprint'));
    const count = (css) => document.querySelectorAll(css).length;
    return {
        entries: count('.entry'),
        empty: count('.strips .strip:not(:has(.hour))'),
        story: count('.story[open] li'),
    };
";

async fn count(page: &Page, css: &str) -> u64 {
    let script = "return document.querySelectorAll(arguments[0]).length;";
    let count = page.run(script, vec![json!(css)]).await;
    count.as_u64().unwrap_or_default()
}

/// The entry whose button has the focus.
async fn focused(page: &Page) -> Value {
    let script = "return Number(document.activeElement.closest('.entry')?.dataset.seq);";
    page.run(script, vec![]).await
}

#[tokio::test]
async fn a_long_review_is_seen_before_all_of_it_is_made() {
    let samples = Samples::set().await;
    let browser = Browser::start().await;
    let page = browser.open("receiver", &samples.url()).await;
    page.until_screen("start").await;
    page.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({"source": WATCH}),
    )
    .await;
    let _ = page.run(KEEP, samples.kept(Some(SAMPLE), "en")).await;

    // Printing builds all of it at once.
    page.reload().await;
    page.until("entries", async || count(&page, ".entry").await > 0)
        .await;
    let printed = page.run(PRINT, vec![]).await;
    let [entries, empty, story] = ["entries", "empty", "story"].map(|name| printed[name].as_u64());
    assert_eq!((entries, empty), (Some(ENTRIES), Some(0)), "on paper");
    assert!(story >= Some(600), "{story:?} lines of the story on paper");

    // Keys reach the last sign, and the list beyond its first hundred entries.
    page.reload().await;
    page.until("entries", async || count(&page, ".entry").await > 0)
        .await;
    let sign = "document.querySelector('.moment[tabindex=\"0\"]').focus();";
    let _ = page.run(sign, vec![]).await;
    page.press("End").await;
    until_says(&page, ".told", "6:04:34").await;
    let row = "document.querySelector('.entry-note[tabindex=\"0\"]').focus();";
    let _ = page.run(row, vec![]).await;
    for _ in 0..11 {
        page.press("PageDown").await;
    }
    assert_eq!(focused(&page).await, json!(111));

    // In the end all entries are there; at first there were few.
    page.until_within(LONG, "all entries", async || {
        count(&page, ".entry").await == ENTRIES
    })
    .await;
    page.until_within(LONG, "all strips", async || {
        count(&page, ".strips .strip:not(:has(.hour))").await == 0
    })
    .await;
    let at_first = page.run("return window.tapcueAtFirst;", vec![]).await;
    let at_first = at_first.as_u64().unwrap_or(u64::MAX);
    assert!(at_first <= AT_FIRST, "{at_first} elements at first");
    let drawn = count(&page, ".strips *").await;
    assert!(drawn <= DRAWN, "{drawn} elements in the strips");
    let alike = count(&page, ".whole-line *").await;
    assert!(alike <= 12, "{alike} elements in the line of all");

    // A filter shows its own entries; without it all return.
    page.tap("[data-filter=holds]").await;
    page.until("only what held", async || {
        count(&page, ".entry").await > 0
            && count(&page, ".entry:not([data-tint], [data-what=ended])").await == 0
    })
    .await;
    page.tap("[data-filter=all]").await;
    page.until_within(LONG, "all entries again", async || {
        count(&page, ".entry").await == ENTRIES
    })
    .await;
    page.close().await;
}
