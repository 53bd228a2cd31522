//! Two real pages: the whole flow, and what happens when the network or the relay fails.

use std::time::Duration;

use tapcue_tests::browser::{Browser, Engine, Page, wall_clock_ms};
use tapcue_tests::pages::{SLOWER, STOP, TwoPages};
use tapcue_tests::relay::Relay;

/// The other device is told within this time after the last heartbeat. Source: docs/safety.md, "The clock".
const TOLD_WITHIN_MS: u64 = 2_250;

/// A page's own link timeout: 2 s without a message from the relay, plus 250 ms to draw it on a busy machine.
const OWN_WATCH_MS: u64 = 2_250;

const MORE: &str = "[data-cue=more_pressure]";

/// Two pages paired by the link, set up, rehearsed and both ready; takes pictures on the way.
async fn live() -> TwoPages {
    let look = async |page: &Page, screen: &str| page.picture(screen).await;
    let pages = TwoPages::by_link([Engine::Chromium; 2], look).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    receiver.picture("setup-signs").await;
    helper.picture("setup-helper").await;
    receiver
        .tap_until("[data-action=signs-none]", "the list", async || {
            receiver.sees("[data-action=setup-done]").await
        })
        .await;
    for page in [receiver, helper] {
        page.tap_until("[data-action=setup-done]", "rehearse", async || {
            page.screen().await != "setup"
        })
        .await;
    }
    for page in [receiver, helper] {
        page.until_screen("rehearse").await;
    }
    receiver.picture("rehearse-receiver").await;
    receiver.tap(STOP).await;
    helper
        .until("the stop", async || helper.is_coloured("stop").await)
        .await;
    helper.picture("rehearse-stop").await;
    pages.hands_off().await;
    pages.both_ready().await;
    pages
}

/// Keeps the receiver's "more pressure" in flight until the helper's stop has ended its epoch.
async fn more_pressure_that_the_stop_overtakes(pages: &TwoPages) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    pages.receiver_network.cut();
    receiver.tap(MORE).await;
    helper.tap(STOP).await;
    helper
        .until("red", async || helper.is_coloured("stop").await)
        .await;
    let stopped = wall_clock_ms();
    pages.receiver_network.restore();
    receiver
        .until("the refusal", async || {
            receiver.sees("[data-stage=refused]").await
        })
        .await;
    receiver.until_screen("held").await;
    pages.hands_off().await;
    pages.both_ready().await;
    for shown in helper.shown().await {
        let stale = shown.at > stopped && shown.colours.iter().any(|colour| colour == "more");
        assert!(!stale, "more pressure of an older epoch was shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_flow_on_two_pages() {
    let pages = live().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    receiver.picture("live-receiver").await;
    helper.picture("live-helper").await;

    receiver.tap(SLOWER).await;
    helper
        .until("slower", async || helper.is_coloured("slow").await)
        .await;
    let lit = "[data-lamp=shown][data-on=true]";
    receiver
        .until("the lamp of shown", async || receiver.sees(lit).await)
        .await;
    assert!(
        !receiver
            .sees("[data-lamp=acknowledged][data-on=true]")
            .await,
        "nobody tapped yet"
    );
    helper.picture("live-slower").await;
    receiver.picture("live-receiver-shown").await;
    let lit = "[data-lamp=acknowledged][data-on=true]";
    helper
        .tap_until("[data-action=acknowledge]", "seen", async || {
            helper.is_coloured("go").await
        })
        .await;
    receiver
        .until("the lamp of acknowledged", async || {
            receiver.sees(lit).await
        })
        .await;

    // One cue is shown; another is tapped in the same epoch after the stop.
    receiver.tap(MORE).await;
    helper
        .until("more pressure", async || helper.is_coloured("more").await)
        .await;
    receiver.tap(STOP).await;
    helper
        .until("red", async || helper.is_coloured("stop").await)
        .await;
    receiver.until_screen("held").await;
    let stopped = wall_clock_ms();
    receiver.picture("held-receiver").await;
    helper.picture("held-helper").await;
    pages.hands_off().await;
    pages.both_ready().await;
    for shown in helper.shown().await {
        let stale = shown.at > stopped && shown.colours.iter().any(|colour| colour == "more");
        assert!(
            !stale,
            "more pressure from before the stop was shown after it"
        );
    }

    more_pressure_that_the_stop_overtakes(&pages).await;

    helper.tap("[data-action=check-in]").await;
    receiver
        .until("the question", async || receiver.sees(".question").await)
        .await;
    receiver.picture("check-in").await;
    receiver.tap("[data-cue=good]").await;
    receiver
        .until("no question", async || !receiver.sees(".question").await)
        .await;

    helper.tap("[data-action=end]").await;
    helper.tap("[data-action=end-confirm]").await;
    for page in [receiver, helper] {
        page.until_screen("end").await;
    }
    receiver.picture("end").await;
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_network_turns_both_red_and_comes_back_held() {
    let pages = live().await;
    let TwoPages {
        receiver,
        helper,
        helper_network,
        ..
    } = &pages;
    helper_network.cut();
    let cut = wall_clock_ms();
    receiver.until_screen("held").await;
    helper.until_screen("lost").await;
    receiver.picture("link-lost-other").await;
    helper.picture("link-lost-own").await;

    let told = first_after(receiver, cut, "held").await;
    println!("the other page was red {told} ms after the cut");
    assert!(told <= TOLD_WITHIN_MS, "the other was told after {told} ms");
    let own = first_after(helper, cut, "lost").await;
    println!("the page itself was red {own} ms after the cut");
    assert!(own <= OWN_WATCH_MS, "its own watch took {own} ms");

    helper_network.restore();
    helper.until_screen("held").await;
    receiver
        .until("the link", async || {
            receiver.sees("[data-need=link][data-done=true]").await
        })
        .await;
    pages.hands_off().await;
    for page in [receiver, helper] {
        let lived = page
            .shown()
            .await
            .into_iter()
            .any(|shown| shown.at > cut + own && shown.go);
        assert!(!lived, "it went live by itself");
    }
    pages.both_ready().await;
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_relay_leaves_both_held() {
    let mut pages = live().await;
    // Taken before: a page may show the loss before the kill returns.
    let killed = wall_clock_ms();
    pages.relay.kill().await;
    for page in [&pages.receiver, &pages.helper] {
        page.until_screen("lost").await;
    }
    // A device shows its own stop even without a relay.
    pages.receiver.tap(STOP).await;
    let undelivered = async || pages.receiver.is_coloured("stop").await;
    pages.receiver.until("its own stop", undelivered).await;
    pages.receiver.picture("stop-not-delivered").await;
    pages.relay.start_again().await;
    for page in [&pages.receiver, &pages.helper] {
        page.until_screen("held").await;
    }
    let TwoPages { helper, .. } = &pages;
    helper
        .until("the late stop", async || helper.is_coloured("stop").await)
        .await;
    for page in [&pages.receiver, &pages.helper] {
        let first = first_after(page, killed, "lost").await;
        let lived = page
            .shown()
            .await
            .into_iter()
            .any(|shown| shown.at > killed + first && shown.go);
        assert!(!lived, "it went live by itself");
    }
    pages.hands_off().await;
    pages.both_ready().await;
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_code_and_the_other_way_round() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let helper = browser.open("helper", &url).await;
    helper.tap("[data-action=create-helper]").await;
    helper.until_screen("pair").await;
    let first = helper.text("#code").await.unwrap_or_default();
    helper
        .tap_until("[data-action=new-code]", "a new code", async || {
            helper.text("#code").await.is_some_and(|code| code != first)
        })
        .await;
    let code = helper.text("#code").await.unwrap_or_default();
    let receiver = browser.open("receiver", &url).await;
    receiver.tap("[data-action=join]").await;
    receiver.until_screen("join").await;
    receiver
        .type_into("#code-input", &code.to_lowercase().replace('-', ""))
        .await;
    receiver.tap("[data-action=join]").await;
    receiver.until_screen("setup").await;

    // A warning sign: both get the advice, and neither can go live.
    receiver
        .tap_until("[data-action=signs-apply]", "the advice", async || {
            receiver.sees("[data-step=advice]").await
        })
        .await;
    helper
        .until("the advice", async || {
            helper.sees("[data-step=advice]").await
        })
        .await;
    helper.picture("advice").await;

    // The same tab takes its role back with its own token.
    receiver.run("location.reload();", vec![]).await;
    receiver
        .until("the advice again", async || {
            receiver.sees("[data-step=advice]").await
        })
        .await;
    receiver.close().await;
    // Closing a page is a lost link at once.
    let lost = "[data-link=lost]";
    helper
        .until_within(Duration::from_secs(5), "the receiver lost", async || {
            helper.sees(lost).await
        })
        .await;
    helper.close().await;
}

/// How long after `from` the page first showed a screen, in milliseconds.
async fn first_after(page: &Page, from: u64, screen: &str) -> u64 {
    let shown = page.shown().await;
    let first = shown
        .iter()
        .find(|shown| shown.at >= from && shown.screen == screen);
    first
        .unwrap_or_else(|| panic!("{screen} among {shown:#?}"))
        .at
        - from
}
