//! How a session does not begin, and how it ends: a warning sign.

use tapcue_tests::browser::{Engine, Page};
use tapcue_tests::fault;
use tapcue_tests::pages::past::until_says;
use tapcue_tests::pages::{STOP, TwoPages};

const END_TODAY: &str = "[data-action=end-today]";
const CLEARED: &str = "[data-action=signs-cleared]";
const CHANGE: &str = "[data-action=signs-change]";
const DONE: &str = "[data-action=setup-done]";

async fn until_sees(page: &Page, css: &str) {
    page.until(css, async || page.sees(css).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_sign_has_three_ways_out() {
    let pages = TwoPages::by_link([Engine::Chromium; 2], async |_, _| {}).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    receiver
        .tap_until("[data-action=signs-apply]", "advice", async || {
            receiver.sees(END_TODAY).await
        })
        .await;
    for page in [receiver, helper] {
        until_says(page, "h1", "Better not today").await;
        assert!(page.sees(END_TODAY).await, "{}", page.name());
        let primary = page.attribute(END_TODAY, "class").await;
        assert_eq!(primary.as_deref(), Some("primary"));
    }
    assert!(!helper.sees(CLEARED).await, "it is the receiver's to say");
    let quiet = receiver.attribute(CHANGE, "class").await;
    assert_eq!(quiet.as_deref(), Some("quiet-button"));
    receiver.picture("advice-receiver").await;

    // A professional has cleared it: both are told, and go on.
    receiver
        .tap_until(CLEARED, "the list", async || receiver.sees(DONE).await)
        .await;
    for page in [receiver, helper] {
        until_says(page, ".setup", "a professional has cleared it").await;
        until_sees(page, DONE).await;
    }
    for page in [receiver, helper] {
        page.tap_until(DONE, "rehearse", async || page.screen().await != "setup")
            .await;
    }
    receiver.tap(STOP).await;
    pages.hands_off().await;
    for page in [receiver, helper] {
        until_says(page, ".before", "a professional has cleared it").await;
        until_says(page, ".before", "asks every 90 s. No answer in 15 s").await;
    }
    pages.both_ready().await;
    fault::came(
        "pages_ends::a_warning_sign_has_three_ways_out",
        "cleared, told to both, and live",
    );
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_sign_ends_it_for_today() {
    let pages = TwoPages::by_link([Engine::Chromium; 2], async |_, _| {}).await;
    let TwoPages { receiver, .. } = &pages;
    receiver
        .tap_until("[data-action=signs-apply]", "advice", async || {
            receiver.sees(END_TODAY).await
        })
        .await;
    // The answer can be changed, and given again.
    receiver
        .tap_until(CHANGE, "the list", async || receiver.sees(DONE).await)
        .await;
    assert!(!receiver.sees(END_TODAY).await);
    pages.close().await;
}
