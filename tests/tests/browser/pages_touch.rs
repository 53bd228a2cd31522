//! One press is at most one act, on its intended target. Tests each cue, held short and long, by finger, pen,
//! mouse and key, while the page changes under it.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Engine, Hand, Page};
use tapcue_tests::fault;
use tapcue_tests::pages::{HANDS_OFF, READY, SLOWER, TwoPages};
use tapcue_tests::peer::Peer;
use tapcue_tests::proxy::{Proxy, Toward};
use tapcue_tests::relay::Relay;
use tokio::time::Instant;

const GOOD: &str = "[data-cue=good]";
const ASK: &str = "[data-action=check-in]";
const MORE: &str = "[data-action=more-cues]";
const END: &str = "[data-action=end]";
const SURE: &str = "[data-action=end-confirm]";
const ENTER: char = '\u{e007}';

/// How long people leave a finger on a button, in milliseconds.
const RESTS_MS: [u64; 6] = [0, 40, 70, 90, 200, 400];
/// How long each touch of a quick double tap lasts, and the pause between them.
const DOUBLE: [Duration; 2] = [Duration::from_millis(40); 2];

/// The time from the first tap of a quick double tap to the second.
const APART: Duration = Duration::from_millis(80);
/// The repeat interval of a held key.
const REPEATS: Duration = Duration::from_millis(30);

/// Every cue of the receiver's pad, in reading order.
const CUES: [&str; 7] = [
    "left",
    "stay",
    "right",
    "slower",
    "ease_up",
    "more_pressure",
    "good",
];

fn options() -> Value {
    json!({"rehearsal": false, "setup": false, "check_in_every_s": 0})
}

fn of(cue: &str) -> String {
    format!("[data-cue={cue}]")
}

async fn place(page: &Page, css: &str) -> (f64, f64) {
    let at = page.place(css).await;
    at.unwrap_or_else(|| panic!("{}: {css} to press", page.name()))
}

/// The cues that a device said since `from`. The effects of a press arrive within two heartbeats.
async fn said(network: &Proxy, from: Instant) -> Vec<String> {
    let recorder = network.recorder();
    let now = Instant::now();
    recorder
        .first(2, now, "beats", |it| {
            it.toward == Toward::Relay && it.body["type"] == "beat"
        })
        .await;
    let cues = recorder
        .messages()
        .into_iter()
        .filter(|it| it.at >= from && it.toward == Toward::Relay && it.body["type"] == "cue");
    cues.map(|it| it.body["cue"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The helper says "seen": only one request for more pressure may be open.
async fn seen(helper: &Page) {
    helper
        .tap_until("[data-action=acknowledge]", "seen", async || {
            helper.is_coloured("go").await
        })
        .await;
}

/// The position of each cue, in CSS pixels.
async fn places(page: &Page) -> Value {
    let look = "
        const cues = [...document.querySelectorAll('[data-cue]')].filter((it) => it.checkVisibility());
        return Object.fromEntries(cues.map((it) => {
            const { left, top, width, height } = it.getBoundingClientRect();
            return [it.dataset.cue, [left, top, width, height].map(Math.round)];
        }));
    ";
    page.run(look, vec![]).await
}

/// Presses every cue of the pad for every length; each is said once.
async fn each_cue_once(engine: Engine, hands: &[Hand]) {
    let pages = TwoPages::with_in(engine, options(), &[]).await;
    pages.go_live().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    let from = Instant::now();
    let mut expected = Vec::new();
    for (index, cue) in CUES.into_iter().enumerate() {
        for (turn, &hand) in hands.iter().enumerate() {
            let rest = Duration::from_millis(RESTS_MS[(index + 3 * turn) % RESTS_MS.len()]);
            let at = place(receiver, &of(cue)).await;
            receiver.point(hand, at, rest).await;
            expected.push(cue);
            if cue == "more_pressure" {
                seen(helper).await;
            }
        }
    }
    assert_eq!(said(&pages.receiver_network, from).await, expected);
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_press_is_one_cue_in_chromium() {
    each_cue_once(Engine::Chromium, &[Hand::Finger, Hand::Mouse, Hand::Pen]).await;
    fault::came(
        "pages_touch::one_press_is_one_cue_in_chromium",
        "each once, by finger, mouse and pen",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_press_is_one_cue_in_firefox() {
    each_cue_once(Engine::Firefox, &[Hand::Mouse]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_press_is_one_cue_in_webkit() {
    each_cue_once(Engine::WebKit, &[Hand::Mouse]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_taps_two_fingers_and_a_held_key_are_one_act() {
    let pages = TwoPages::with(options(), &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    for page in [receiver, helper] {
        page.until_screen("held").await;
    }
    if helper.sees(HANDS_OFF).await {
        pages.hands_off().await;
    }
    // The second tap lands on what is there after going live.
    let from = Instant::now();
    let ready = "[data-need=helper_ready][data-done=true]";
    helper
        .tap_until(READY, "ready", async || helper.sees(ready).await)
        .await;
    let at = place(receiver, READY).await;
    receiver.tap_twice(at, APART).await;
    receiver.until_screen("live").await;
    assert_eq!(said(&pages.receiver_network, from).await, ["ready"]);
    assert_eq!(
        said(&pages.helper_network, from)
            .await
            .last()
            .map(String::as_str),
        Some("ready")
    );

    let from = Instant::now();
    let at = place(receiver, SLOWER).await;
    receiver.tap_twice(at, APART).await;
    // A hand that touches with two fingers at once.
    let other = place(receiver, &of("ease_up")).await;
    let good = place(receiver, GOOD).await;
    receiver
        .second_finger(good, Duration::from_millis(60), other)
        .await;
    let said_so_far = said(&pages.receiver_network, from).await;
    assert_eq!(said_so_far, ["slower", "good"]);

    // A key on a button: its repeats and its release do nothing more.
    let from = Instant::now();
    let focus = "document.querySelector('[data-cue=left]').focus();";
    let _ = receiver.run(focus, vec![]).await;
    receiver.hold_key(ENTER, 20, REPEATS).await;
    receiver.hold_key('s', 20, REPEATS).await;
    assert_eq!(
        said(&pages.receiver_network, from).await,
        ["left", "slower"]
    );
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cues_keep_their_places() {
    let pages = TwoPages::live_with(options(), &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    let live = places(receiver).await;

    // A question moves nothing: a tap aimed at slower says slower.
    let at = place(receiver, SLOWER).await;
    for _ in 0..2 {
        helper.tap(ASK).await;
        receiver
            .until("the question", async || receiver.sees(".question").await)
            .await;
        assert_eq!(places(receiver).await, live, "while asked");
        let from = Instant::now();
        receiver.point(Hand::Finger, at, DOUBLE[0]).await;
        assert_eq!(said(&pages.receiver_network, from).await, ["slower"]);
        // A cue at the same time as the question may not answer it; the next one does.
        receiver
            .until("an answer", async || {
                if !receiver.sees(".question").await {
                    return true;
                }
                receiver.point(Hand::Finger, at, DOUBLE[0]).await;
                false
            })
            .await;
        seen(helper).await;
    }

    // The question about ending covers and moves nothing.
    receiver.tap(END).await;
    receiver
        .until("the question", async || receiver.sees(SURE).await)
        .await;
    assert_eq!(places(receiver).await, live, "while ending is asked");
    assert!(receiver.sees(".badge").await && receiver.sees(".activity").await);
    let from = Instant::now();
    receiver.point(Hand::Finger, at, DOUBLE[0]).await;
    assert_eq!(said(&pages.receiver_network, from).await, ["slower"]);
    assert!(receiver.sees(SURE).await, "it is still asked");
    receiver.tap("#stop").await;
    receiver.until_screen("held").await;

    // While held the same cues stay at the same places, and ready replaces "feels good".
    pages.hands_off().await;
    receiver.tap(MORE).await;
    receiver
        .until("the cues", async || receiver.sees(SLOWER).await)
        .await;
    let held = places(receiver).await;
    for cue in CUES {
        let now = if cue == "good" { "ready" } else { cue };
        assert_eq!(held[now], live[cue], "{now} while held");
    }
    assert_eq!(held["stop"], live["stop"]);
    fault::came(
        "pages_touch::cues_keep_their_places",
        "the same places live, asked, ending and held",
    );
    pages.close().await;
}

/// With hold to consent, stop stays where it was rehearsed.
#[tokio::test(flavor = "multi_thread")]
async fn stop_keeps_its_place_beside_the_thumb() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = browser
        .open("receiver", &format!("http://{}/", relay.addr()))
        .await;
    page.until_screen("start").await;
    page.tap("details.options summary").await;
    page.tap("[name=option_consent]").await;
    page.tap_to("[data-action=create-receiver]", "pair").await;
    let stop = places(&page).await["stop"].clone();
    let same = async |screen: &str| {
        page.until_screen(screen).await;
        assert_eq!(places(&page).await["stop"], stop, "stop on {screen}");
    };
    let code = page.text("#code").await.unwrap_or_default();
    let mut helper = Peer::join("helper", &relay.ws(), code.trim()).await;
    same("setup").await;
    page.tap_until("[data-action=signs-none]", "the list", async || {
        page.sees("[data-action=setup-done]").await
    })
    .await;
    helper.confirm("set_up", true);
    page.tap_to("[data-action=setup-done]", "rehearse").await;
    same("rehearse").await;
    page.tap("#stop").await;
    same("held").await;
    helper.until_phase("held").await;
    helper
        .until("the stop", |state| state["hold"]["reason"] == "stop")
        .await;
    helper.hands_off().await;
    helper.ready().await;
    let thumb = (195.0, 460.0);
    page.until("a thumb that counts", async || {
        page.finger_down(thumb, Duration::from_millis(900)).await;
        let counts = page
            .sees("#thumb[data-ask=keep], #thumb[data-ask=live]")
            .await;
        if !counts {
            page.lift_all().await;
        }
        counts
    })
    .await;
    same("live").await;
    page.lift_all().await;
    same("held").await;
    page.close().await;
}
