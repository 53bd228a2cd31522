//! Accessibility: a whole session by keyboard, a choice of language, and a screen that does not flash under
//! fast repeated cues.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::pages::READY;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;
use tokio::time::{Instant, interval, timeout_at};

/// How long a key has to take effect before it is pressed again.
const KEY_EFFECT: Duration = Duration::from_millis(700);

/// More Tab steps than any screen needs.
const STEPS: usize = 60;

/// Presses Tab until the matching element has the focus.
async fn reach(page: &Page, css: &str) {
    let focused = format!("return document.activeElement?.matches({css:?}) ?? false;");
    for _ in 0..STEPS {
        if page.run(&focused, vec![]).await == json!(true) {
            return;
        }
        page.press("Tab").await;
    }
    panic!("{}: Tab leads to no {css}", page.name());
}

/// Moves the focus as [`reach`] does, and presses Enter there.
async fn enter(page: &Page, css: &str, done: impl AsyncFn() -> bool) {
    reach(page, css).await;
    key(page, "Enter", done).await;
}

/// Presses a key until it takes effect: ready does not count right after a hold.
async fn key(page: &Page, name: &str, done: impl AsyncFn() -> bool) {
    page.until(&format!("what {name} does"), async || {
        if done().await {
            return true;
        }
        page.press(name).await;
        let until = Instant::now() + KEY_EFFECT;
        let effect = async { while !done().await {} };
        timeout_at(until, effect).await.is_ok()
    })
    .await;
}

async fn shows(page: &Page, screen: &str) -> bool {
    page.screen().await == screen
}

async fn both_ready(receiver: &Page, helper: &Page) {
    for (page, role) in [(receiver, "receiver"), (helper, "helper")] {
        let said = format!("[data-need={role}_ready][data-done=true]");
        key(page, "r", async || {
            page.sees(&said).await || shows(page, "live").await
        })
        .await;
    }
    for page in [receiver, helper] {
        page.until_screen("live").await;
    }
}

async fn hands_off(helper: &Page) {
    enter(helper, "[data-action=hands-off]", async || {
        !helper.sees("[data-action=hands-off]").await
    })
    .await;
}

/// A page at the start screen.
async fn start(browser: &Browser, relay: &Relay) -> Page {
    let url = format!("http://{}/", relay.addr());
    let page = browser.open("page", &url).await;
    page.until_screen("start").await;
    page
}

#[tokio::test]
async fn a_session_by_the_keyboard_alone() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let receiver = browser.open("receiver", &url).await;
    let helper = browser.open("helper", &url).await;

    receiver.until_screen("start").await;
    enter(&receiver, "[data-action=create-receiver]", async || {
        shows(&receiver, "pair").await
    })
    .await;
    let code = receiver.text("#code").await.unwrap_or_default();
    helper.until_screen("start").await;
    enter(&helper, "[data-action=join]", async || {
        shows(&helper, "join").await
    })
    .await;
    reach(&helper, "input.code-field").await;
    for letter in code.chars().filter(char::is_ascii_alphanumeric) {
        helper.press(&letter.to_string()).await;
    }
    key(&helper, "Enter", async || shows(&helper, "setup").await).await;

    enter(&receiver, "[data-action=signs-none]", async || {
        receiver.sees("[data-action=setup-done]").await
    })
    .await;
    for page in [&receiver, &helper] {
        enter(page, "[data-action=setup-done]", async || {
            shows(page, "rehearse").await
        })
        .await;
    }
    key(&receiver, "Escape", async || shows(&receiver, "held").await).await;
    hands_off(&helper).await;
    both_ready(&receiver, &helper).await;

    key(&receiver, "s", async || helper.is_coloured("slow").await).await;
    key(&helper, "Enter", async || helper.is_coloured("go").await).await;
    key(&receiver, " ", async || helper.is_coloured("stop").await).await;
    hands_off(&helper).await;
    both_ready(&receiver, &helper).await;

    key(&helper, "q", async || {
        helper.sees("[data-action=end-confirm]").await
    })
    .await;
    enter(&helper, "[data-action=end-confirm]", async || {
        shows(&helper, "end").await
    })
    .await;
    receiver.until_screen("end").await;
    tokio::join!(receiver.close(), helper.close());
}

/// Every Chromium page reports the breaches of its policy when it closes. This test shows such a failure.
#[tokio::test]
#[should_panic(expected = "style-src-attr: inline")]
async fn a_page_that_breaks_its_policy_fails_its_test() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = start(&browser, &relay).await;
    assert!(page.breaches().await.is_empty());
    let breach = "document.body.setAttribute('style', 'color: red');";
    let _ = page.run(breach, vec![]).await;
    page.until("the breach", async || !page.breaches().await.is_empty())
        .await;
    page.close().await;
}

#[tokio::test]
async fn a_language_is_chosen_and_kept() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let page = start(&browser, &relay).await;
    for (language, direction, receive) in [
        ("de", "ltr", "Ich werde behandelt"),
        ("ar", "rtl", "أنا المتلقي"),
        ("zh", "ltr", "我是接受者"),
        ("en", "ltr", "I’m receiving"),
    ] {
        let is_there = format!(
            "return document.querySelector('[data-action=language] [value={language}]') !== null;"
        );
        page.until("the language to choose", async || {
            page.run(&is_there, vec![]).await == json!(true)
        })
        .await;
        page.choose("[data-action=language]", language).await;
        for again in [false, true] {
            if again {
                page.reload().await;
                page.until_screen("start").await;
            }
            page.until(receive, async || {
                let words = page.text("[data-action=create-receiver]").await;
                words.is_some_and(|words| words.contains(receive))
            })
            .await;
            assert_eq!(
                page.attribute("html", "dir").await.as_deref(),
                Some(direction)
            );
            let lang = page.attribute("html", "lang").await.unwrap_or_default();
            assert!(lang.starts_with(language), "{lang}");
        }
    }
    page.close().await;
}

/// Notes the lightness of the ground in each frame, as WCAG 2.2 defines it, and the large word.
const WATCH: &str = "
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const frames = window.tapcueFrames = [];
    const step = (at) => {
        const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g);
        const light = 0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
        frames.push([at, light, document.querySelector('.surface .word')?.textContent ?? '']);
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
";

/// The least change of light that counts as half of a flash. Source: WCAG 2.2, "general flash".
const SWING: f64 = 0.1;

/// Two opposite changes are one flash. Source: WCAG 2.2, 2.3.1.
const FLASHES_AT_MOST: usize = 3;

/// The times when the light turned by a change that counts.
fn turns(frames: &[(f64, f64, String)]) -> Vec<f64> {
    let mut turns = Vec::new();
    let mut extreme = frames[0].1;
    let mut rising = None;
    for &(at, light, _) in frames {
        let up = light > extreme;
        if rising == Some(up) {
            extreme = light;
        } else if (light - extreme).abs() >= SWING && light.min(extreme) < 0.8 {
            turns.push(at);
            rising = Some(up);
            extreme = light;
        }
    }
    turns
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hammering_hand_does_not_make_it_flash() {
    let relay = Relay::start().await;
    let mut receiver = Peer::create(&relay.ws(), "receiver", waived()).await;
    let browser = Browser::start().await;
    let link = format!("http://{}/#join={}", relay.addr(), receiver.link_secret());
    let helper = browser.open("helper", &link).await;
    helper.until_screen("join").await;
    helper.tap("[data-action=join]").await;
    helper.until_screen("held").await;
    receiver.ready().await;
    helper
        .tap_until(READY, "live", async || shows(&helper, "live").await)
        .await;
    let _ = helper.run(WATCH, vec![]).await;
    // At the fastest rate that a device may use: amber is light, the other colours are dark.
    let mut pace = interval(Duration::from_millis(50));
    for n in 0..80 {
        pace.tick().await;
        let _ = receiver.cue(["slower", "left", "more_pressure", "stay"][n % 4]);
    }
    let last = receiver.cue("right");
    receiver
        .until("the last on the other screen", |state| {
            state["cue"]["id"] == json!(last) && !state["cue"]["shown"].is_null()
        })
        .await;
    let frames = helper.run("return window.tapcueFrames;", vec![]).await;
    let frames: Vec<(f64, f64, String)> = serde_json::from_value(frames).expect("frames");
    let words = frames.windows(2).filter(|pair| pair[0].2 != pair[1].2);
    let words = words.count();
    let turns = turns(&frames);
    let within = |from: f64| {
        turns
            .iter()
            .filter(move |at| (from..from + 1_000.0).contains(*at))
    };
    let most = turns.iter().map(|from| within(*from).count()).max();
    let most = most.expect("colours that change") / 2;
    println!(
        "{} frames, {words} changes of the word, at most {most} flashes in a second",
        frames.len()
    );
    assert!(words > 20, "the words change at once: {words}");
    assert!(most <= FLASHES_AT_MOST, "{most} flashes in a second");
    let state: Value = receiver.state();
    assert_eq!(state["phase"], "live");
    helper.close().await;
}
