//! Hold to consent on two real pages: a thumb, a key and a button that hold, and what releases the hold.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::browser::{Page, wall_clock_ms};
use tapcue_tests::pages::past::until_says;
use tapcue_tests::pages::{HANDS_OFF, READY, TwoPages};

/// The place of the thumb: between the bar and stop.
const THUMB: (f64, f64) = (195.0, 560.0);
/// The place of a second finger: on stop, which reports the stop itself while nothing holds on.
const SECOND: (f64, f64) = (195.0, 800.0);
/// Longer than a tap; a tap is a stop.
const STAYS: Duration = Duration::from_millis(900);
/// More than the delays of a slow machine, in milliseconds; `pages_ladder` checks the product's own figures.
const SOON_MS: u64 = 2_000;
const T: char = 't';
const COUNTS: &str = "#thumb[data-ask=keep], #thumb[data-ask=live]";
const LIFTED: &str = "[data-reason=released]";
const ON_RECEIVER: &str = "[data-layout=thumb]";
const NO_THUMB: &str = "[data-need=thumb][data-done=false]";
const HOLD_FOR_ME: &str = "[data-action=hold-for-me]";
const HELD_FOR_ME: &str = "[data-action=hold-for-me][aria-pressed=true]";

fn options() -> Value {
    json!({"rehearsal": false, "setup": false, "check_in_every_s": 0, "hold_to_consent": true})
}

async fn until_sees(page: &Page, css: &str) {
    page.until(css, async || page.sees(css).await).await;
}

/// Both pages are held, nothing is unacknowledged, and the receiver's page asks for the thumb.
async fn open() -> TwoPages {
    let pages = TwoPages::with(options(), &[]).await;
    for page in [&pages.receiver, &pages.helper] {
        page.until_screen("held").await;
    }
    if pages.helper.sees(HANDS_OFF).await {
        pages.hands_off().await;
    }
    asks(&pages.receiver, "put").await;
    pages
}

/// Waits until the receiver's page asks for this: `put`, `keep`, `again` or `live`.
async fn asks(receiver: &Page, what: &str) {
    until_sees(receiver, &format!("{ON_RECEIVER} #thumb[data-ask={what}]")).await;
}

/// Puts a thumb down until it counts: it does not count right after a hold.
async fn put_thumb(receiver: &Page) {
    receiver
        .until("a thumb that counts", async || {
            receiver.finger_down(THUMB, STAYS).await;
            let counts = receiver.sees(COUNTS).await;
            if !counts {
                receiver.lift_all().await;
            }
            counts
        })
        .await;
}

/// Holds on by a key instead of a thumb.
async fn hold_key(receiver: &Page) {
    receiver
        .until("a key that counts", async || {
            receiver.key_down(T, STAYS).await;
            let counts = receiver.sees(COUNTS).await;
            if !counts {
                receiver.key_up(T).await;
            }
            counts
        })
        .await;
}

/// Lifting a thumb while held stops nothing. Afterwards the page accepts touches at once.
async fn lift_while_held(pages: &TwoPages) {
    put_thumb(&pages.receiver).await;
    pages.receiver.lift_all().await;
    asks(&pages.receiver, "put").await;
    until_sees(&pages.helper, NO_THUMB).await;
    assert!(!pages.helper.sees(HANDS_OFF).await, "nothing was stopped");
}

/// The helper says "hands off" if needed, then ready; both pages go live.
async fn helper_goes(pages: &TwoPages) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    if helper.sees(HANDS_OFF).await {
        pages.hands_off().await;
    }
    helper
        .tap_until(READY, "live", async || helper.screen().await == "live")
        .await;
    asks(receiver, "live").await;
    helper
        .until("go", async || helper.is_coloured("go").await)
        .await;
}

/// The helper's page turns red soon after `from`, and stays red until it is acknowledged.
async fn is_lifted(pages: &TwoPages, from: u64) {
    let helper = &pages.helper;
    until_sees(helper, LIFTED).await;
    let red = helper
        .first_shown(from, "red", |it| it.is_coloured("stop"))
        .await;
    assert!(red < from + SOON_MS, "red after {} ms", red - from);
    let word = helper.text(".held h1").await.unwrap_or_default();
    assert_eq!(word, "STOP");
    let why = helper.text(".why").await.unwrap_or_default();
    assert!(why.contains("let go"), "{why}");
    assert!(helper.sees(HANDS_OFF).await, "it waits for hands off");
    helper
        .until("its alarm", async || {
            let alarm = helper.attribute("body", "data-alarm").await;
            alarm.is_some_and(|alarm| alarm == "stop" || alarm == "not_acknowledged")
        })
        .await;
    until_sees(helper, NO_THUMB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_only_while_the_thumb_stays() {
    let pages = open().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    until_sees(helper, NO_THUMB).await;
    receiver.picture("thumb-put").await;

    put_thumb(receiver).await;
    // One act of the receiver says ready and "thumb down", and the helper sees both.
    until_sees(helper, "[data-need=thumb][data-done=true]").await;
    until_sees(helper, "[data-need=receiver_ready][data-done=true]").await;
    helper.picture("thumb-helper-held").await;
    helper_goes(&pages).await;
    until_sees(helper, ".thumb-down").await;
    receiver.picture("thumb-live").await;
    helper.picture("thumb-helper-live").await;

    let from = wall_clock_ms();
    receiver.lift_all().await;
    is_lifted(&pages, from).await;
    asks(receiver, "put").await;
    let tone = receiver.attribute("body", "data-tone").await;
    assert_eq!(tone.as_deref(), Some("stop"), "red on its own page");
    helper.picture("thumb-helper-lifted").await;
    receiver.picture("thumb-lifted").await;

    // It goes live again only by both people and a new thumb.
    put_thumb(receiver).await;
    helper_goes(&pages).await;
    receiver.lift_all().await;
    until_sees(helper, LIFTED).await;
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_finger_is_one_stop_and_the_first_has_to_lift() {
    let pages = open().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    lift_while_held(&pages).await;
    let fingers = receiver.second_finger(THUMB, Duration::from_secs(8), SECOND);
    let both = async {
        // The first finger makes it live while the browser still holds it down.
        until_sees(helper, "[data-need=thumb][data-done=true]").await;
        helper
            .tap_until(READY, "live", async || helper.screen().await == "live")
            .await;
    };
    tokio::join!(fingers, both);
    until_sees(helper, "[data-reason=stop]").await;
    let why = helper.text(".why").await.unwrap_or_default();
    assert!(!why.contains("stops"), "one, not several: {why}");
    assert!(why.contains("receiver"), "{why}");
    asks(receiver, "again").await;
    receiver.picture("thumb-again").await;
    pages.hands_off().await;
    // The finger that stayed does not count, even when the helper says ready.
    helper
        .tap_until(READY, "ready", async || {
            helper
                .sees("[data-need=helper_ready][data-done=true]")
                .await
        })
        .await;
    until_sees(helper, NO_THUMB).await;
    asks(receiver, "again").await;
    receiver.lift_all().await;
    asks(receiver, "put").await;
    put_thumb(receiver).await;
    helper.until_screen("live").await;
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_key_is_a_thumb_and_so_is_a_button() {
    let pages = open().await;
    let TwoPages { receiver, .. } = &pages;
    lift_while_held(&pages).await;
    hold_key(receiver).await;
    helper_goes(&pages).await;
    let from = wall_clock_ms();
    receiver.key_up(T).await;
    is_lifted(&pages, from).await;

    // A window that loses the focus cannot notice the key's release.
    hold_key(receiver).await;
    helper_goes(&pages).await;
    let from = wall_clock_ms();
    let blur = "window.dispatchEvent(new Event('blur'));";
    let _ = receiver.run(blur, vec![]).await;
    is_lifted(&pages, from).await;
    receiver.key_up(T).await;
    pages.hands_off().await;
    let why = pages.helper.text(".why").await.unwrap_or_default();
    assert!(!why.contains("stops"), "its release is not another: {why}");

    // A button for people who can hold neither: one press holds, another lets go.
    receiver.tap("[data-action=thumb-instead]").await;
    receiver
        .tap_until(HOLD_FOR_ME, "held by the button", async || {
            receiver.sees(HELD_FOR_ME).await
        })
        .await;
    helper_goes(&pages).await;
    receiver.picture("thumb-button").await;
    let from = wall_clock_ms();
    receiver.tap(HOLD_FOR_ME).await;
    is_lifted(&pages, from).await;
    assert!(!receiver.sees(HELD_FOR_ME).await, "it springs back");
    pages.close().await;
}

/// The thumb that stays down answers the helper's question, and the helper sees it.
#[tokio::test(flavor = "multi_thread")]
async fn holding_on_answers_the_helper() {
    let pages = open().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    put_thumb(receiver).await;
    helper_goes(&pages).await;
    helper.tap("[data-action=check-in]").await;
    until_says(receiver, "#thumb .why", "Still holding answers in").await;
    receiver.picture("thumb-asked").await;
    until_says(helper, ".thumb-down", "Still holding").await;
    helper.picture("thumb-still-holding").await;
    for page in [receiver, helper] {
        assert_eq!(page.screen().await, "live", "it stays live");
    }
    receiver.lift_all().await;
    until_sees(helper, LIFTED).await;
    pages.close().await;
}
