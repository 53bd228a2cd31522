//! The eyes-free layout by real touch: the whole screen is the pad.

use std::time::Duration;

use serde_json::json;
use tapcue_tests::browser::{Page, wall_clock_ms};
use tapcue_tests::pages::{HANDS_OFF, TwoPages};

const ON: &str = "[data-action=eyes-free-on]";
const OUT: &str = "[data-action=eyes-free-off]";
const PAD: &str = "[data-layout=pad]";
const READY_SAID: &str = "[data-need=receiver_ready][data-done=true]";
/// The middle of the screen, in CSS pixels.
const MIDDLE: (f64, f64) = (195.0, 420.0);
/// The place of the way out while it is shown, in CSS pixels.
const CORNER: (f64, f64) = (350.0, 30.0);
/// The length of a swipe in CSS pixels: well over the least that counts.
const SWIPE: f64 = 130.0;
/// A press that says ready: longer than 800 ms, and much shorter than a resting hand.
const PRESS: Duration = Duration::from_millis(1_100);
/// A finger that rests where ready is not allowed is a stop before it lifts.
const REST: Duration = Duration::from_millis(3_000);

/// A swipe from the middle, `right` and `down` in CSS pixels.
async fn swipe(page: &Page, right: f64, down: f64) {
    const STEPS: u32 = 6;
    let at = |step| {
        let part = f64::from(step) / f64::from(STEPS);
        (MIDDLE.0 + right * part, MIDDLE.1 + down * part)
    };
    let points: Vec<_> = (0..=STEPS).map(at).collect();
    page.finger(&points, Duration::from_millis(20), Duration::ZERO)
        .await;
}

async fn tap(page: &Page, at: (f64, f64)) {
    page.finger(&[at], Duration::ZERO, Duration::from_millis(50))
        .await;
}

async fn until_sees(page: &Page, css: &str) {
    page.until(css, async || page.sees(css).await).await;
}

async fn until_colour(page: &Page, colour: &str) {
    page.until(colour, async || page.is_coloured(colour).await)
        .await;
}

/// Says "hands off", then ready by a long press, until it succeeds. On a busy machine a press may be too
/// short or too long, which makes it a stop.
async fn press_ready(pages: &TwoPages) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    receiver
        .until("ready by a long press", async || {
            if helper.sees(HANDS_OFF).await {
                pages.hands_off().await;
            }
            if !receiver.sees(READY_SAID).await && receiver.sees(".pad-press").await {
                receiver.finger(&[MIDDLE], Duration::ZERO, PRESS).await;
            }
            receiver.sees(READY_SAID).await && !helper.sees(HANDS_OFF).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_screen_is_the_pad() {
    let options = json!({"rehearsal": false, "setup": false, "check_in_every_s": 0});
    let pages = TwoPages::live_with(options, &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    receiver.tap(ON).await;
    until_sees(receiver, PAD).await;
    assert!(!receiver.sees("#stop").await, "the pad is all there is");
    receiver.picture("pad-live").await;

    for (right, down, colour) in [
        (-SWIPE, 0.0, "slow"),
        (0.0, -SWIPE, "more"),
        (SWIPE, 0.0, "go"),
        (0.0, SWIPE, "slow"),
    ] {
        swipe(receiver, right, down).await;
        until_colour(helper, colour).await;
        until_sees(
            receiver,
            ".last:not([data-empty=true]) [data-lamp=shown][data-on=true]",
        )
        .await;
    }
    receiver.picture("pad-shown").await;

    // A diagonal swipe is a stop. The gestures' own messages stay on this device.
    let askew = wall_clock_ms();
    swipe(receiver, SWIPE, -SWIPE).await;
    until_colour(helper, "stop").await;
    receiver.until_screen("held").await;
    let more = helper.shown().await;
    let more = more
        .iter()
        .any(|it| it.at >= askew && it.is_coloured("more"));
    assert!(!more, "an unclear swipe asked for more pressure");
    receiver.picture("pad-held").await;

    receiver.reload().await;
    until_sees(receiver, PAD).await;
    receiver.until_screen("held").await;
    press_ready(&pages).await;
    pages.both_ready().await;

    // A tap anywhere is a stop, in the corner too: the way out is hidden while hands are on.
    assert!(!receiver.sees(OUT).await, "a corner that swallows a stop");
    tap(receiver, CORNER).await;
    until_colour(helper, "stop").await;
    assert!(receiver.sees(PAD).await);

    // A resting finger is a stop while live.
    press_ready(&pages).await;
    pages.both_ready().await;
    let before = wall_clock_ms();
    let resting = async {
        receiver.finger(&[MIDDLE], Duration::ZERO, REST).await;
        wall_clock_ms()
    };
    let (lifted, ()) = tokio::join!(resting, until_colour(helper, "stop"));
    let red = helper
        .first_shown(before, "red", |it| it.is_coloured("stop"))
        .await;
    assert!(
        red + 1_000 < lifted,
        "red {} ms before the finger lifted",
        lifted.saturating_sub(red)
    );

    pages.hands_off().await;
    receiver.tap(OUT).await;
    until_sees(receiver, "#stop").await;
    assert!(!receiver.sees(PAD).await);
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rehearsal_teaches_each_gesture() {
    let options = json!({"rehearsal": true, "setup": false, "check_in_every_s": 0});
    let pages = TwoPages::with(options, &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    // Taking over the places may have caused a hold.
    for page in [receiver, helper] {
        page.until("the rehearsal or a hold", async || {
            ["rehearse", "held"].contains(&page.screen().await.as_str())
        })
        .await;
    }
    if receiver.screen().await == "held" {
        pages.hands_off().await;
    }
    receiver.until_screen("rehearse").await;
    receiver.tap(ON).await;
    until_sees(receiver, "[data-asked=left]").await;
    receiver.picture("pad-practice").await;

    let began = wall_clock_ms();
    swipe(receiver, -SWIPE, 0.0).await;
    until_sees(receiver, "[data-asked=down]").await;
    // A swipe in the wrong direction: the page says so and asks again.
    swipe(receiver, 0.0, -SWIPE).await;
    receiver
        .until("the other way round", async || {
            let line = receiver.text(".pad-line").await;
            line.is_some_and(|line| line.contains("upside down"))
        })
        .await;
    receiver.picture("pad-practice-turned").await;
    swipe(receiver, 0.0, SWIPE).await;
    until_sees(receiver, "[data-asked=right]").await;
    swipe(receiver, SWIPE, 0.0).await;
    until_sees(receiver, "[data-asked=up]").await;
    swipe(receiver, 0.0, -SWIPE).await;
    until_sees(receiver, ".compass:not([data-asked])").await;
    let shown = helper.shown().await;
    let disturbed = shown
        .iter()
        .any(|it| it.at >= began && it.screen != "rehearse");
    assert!(!disturbed, "the practice goes to nobody");

    tap(receiver, MIDDLE).await;
    until_colour(helper, "stop").await;
    press_ready(&pages).await;
    pages.both_ready().await;
    pages.close().await;
}
