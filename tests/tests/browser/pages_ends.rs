//! Sessions that do not begin, and sessions that end. Tests a warning sign, a stop before the other device
//! joined, and an end while a stop is unacknowledged.

use serde_json::json;
use tapcue_tests::browser::{Browser, Engine, Kind, Page};
use tapcue_tests::fault;
use tapcue_tests::pages::past::until_says;
use tapcue_tests::pages::{HANDS_OFF, SILENCE, STOP, TwoPages};
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;

const END_TODAY: &str = "[data-action=end-today]";
const CLEARED: &str = "[data-action=signs-cleared]";
const CHANGE: &str = "[data-action=signs-change]";
const DONE: &str = "[data-action=setup-done]";

/// The least contrast of a stop. Source: WCAG 2.2, 1.4.6, level AAA for small text.
const CONTRAST: f64 = 7.0;

async fn until_sees(page: &Page, css: &str) {
    page.until(css, async || page.sees(css).await).await;
}

async fn until_alarm(page: &Page, is: impl Fn(&str) -> bool) {
    page.until("the alarm", async || {
        let alarm = page.attribute("body", "data-alarm").await;
        is(&alarm.unwrap_or_default())
    })
    .await;
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
        until_says(page, "h1", "Not today").await;
        assert!(page.sees(END_TODAY).await, "{}", page.name());
        let primary = page.attribute(END_TODAY, "class").await;
        assert_eq!(primary.as_deref(), Some("primary"));
    }
    assert!(!helper.sees(CLEARED).await, "it is the receiver's to say");
    let quiet = receiver.attribute(CHANGE, "class").await;
    assert_eq!(quiet.as_deref(), Some("quiet-button"));
    receiver.picture("advice-receiver").await;

    // A professional has cleared it: both are told and can go on.
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
    // The answer can be changed and given again.
    receiver
        .tap_until(CHANGE, "the list", async || receiver.sees(DONE).await)
        .await;
    assert!(!receiver.sees(END_TODAY).await);
    pages.close().await;
}

/// The receiver's page in a theme, alone in its session, after its stop.
async fn alone(browser: &Browser, relay: &Relay, theme: &str) -> (Page, u64) {
    let url = format!("http://{}/", relay.addr());
    let page = browser.open("receiver", &url).await;
    page.until_screen("start").await;
    let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
    page.devtools("Emulation.setEmulatedMedia", json!({"features": features}))
        .await;
    page.tap_to("[data-action=create-receiver]", "pair").await;
    page.tap(STOP).await;
    until_says(&page, ".notice", "Nobody is here yet").await;
    let tapped = page.touched("stop").await;
    (page, tapped)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_alone_is_one_tone_and_can_be_read() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    for theme in ["light", "dark"] {
        let (page, tapped) = alone(&browser, &relay, theme).await;
        let contrast = "
            const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            const light = (css, of) => {
                const parts = getComputedStyle(document.querySelector(css))[of].match(/[\\d.]+/g).slice(0, 3);
                const [red, green, blue] = parts.map((part) => linear(part / 255));
                return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const [dark, bright] = [light('.pair .hint', 'color'), light('body', 'backgroundColor')].sort((a, b) => a - b);
            return (bright + 0.05) / (dark + 0.05);
        ";
        let found = page.run(contrast, vec![]).await;
        let found = found.as_f64().expect("a contrast");
        assert!(found >= CONTRAST, "{theme}: {found:.1}:1");
        // Waits longer than the stop used to repeat, and longer than "Not delivered" would take.
        let code = page.text("#code").await.unwrap_or_default();
        page.until("the code's countdown", async || {
            let left = page.text(".countdown").await.unwrap_or_default();
            left.contains("4:56") || left.contains("4:55")
        })
        .await;
        assert_eq!(page.attribute("body", "data-alarm").await, None, "{theme}");
        assert_eq!(page.tunes(tapped).await.len(), 1, "{theme}: one tone");
        let said = page.heard().await;
        let loud = said
            .iter()
            .any(|it| it.kind == Kind::Words && it.what.contains("Not delivered"));
        assert!(!loud, "{theme}: nobody to deliver it to");
        // The joining helper finds a held session without a stop: no hands were there to stop.
        let mut helper = Peer::join("helper", &relay.ws(), code.trim()).await;
        page.until_screen("setup").await;
        let state = helper
            .until("both here", |state| {
                state["peers"]["receiver"] == "here" && state["phase"] == "held"
            })
            .await;
        assert_eq!(state["hold"]["reason"], "start");
        page.close().await;
    }
    fault::came(
        "pages_ends::a_stop_while_alone_is_one_tone_and_can_be_read",
        "one tone, no alarm, at least 7:1 in both themes",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_silences_no_stop() {
    let options = json!({"rehearsal": false, "setup": false, "check_in_every_s": 0});
    let pages = TwoPages::live_with(options, &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    receiver.tap(STOP).await;
    helper
        .until("red", async || helper.is_coloured("stop").await)
        .await;
    receiver.tap("[data-action=end]").await;
    receiver.tap("[data-action=end-confirm]").await;
    for page in [receiver, helper] {
        until_says(page, ".held", "The session has ended").await;
        assert!(page.is_coloured("stop").await, "{} is red", page.name());
        until_alarm(page, |alarm| alarm == "not_acknowledged").await;
        assert!(!page.sees("[data-action=end]").await, "nothing left to end");
    }
    receiver.picture("ended-stop-receiver").await;
    helper.picture("ended-stop-helper").await;
    // The receiver silences its own device; the helper's alarm goes on.
    receiver.tap_to(SILENCE, "end").await;
    until_alarm(receiver, str::is_empty).await;
    assert!(helper.is_coloured("stop").await);
    helper.tap_to(HANDS_OFF, "end").await;
    until_alarm(helper, str::is_empty).await;
    until_says(helper, ".figures", "Stop → hands are off").await;
    fault::came(
        "pages_ends::the_end_silences_no_stop",
        "red and alarming on both until a person said it on each",
    );
    pages.close().await;
}
