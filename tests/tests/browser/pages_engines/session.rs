//! The flows of a running session.

use tapcue_tests::browser::{Kind, Page, wall_clock_ms};
use tapcue_tests::pages::{SLOWER, STOP, TwoPages};

use super::looks::Looks;
use super::report::measured;

/// A stop that no device acknowledged alarms on both after 3 s. Source: docs/safety.md, "The clock".
const NOT_ACKNOWLEDGED_MS: u64 = 3_000;

/// The clocks of this program and of a page differ by their rounding to whole milliseconds.
const ROUNDED_MS: u64 = 3;

/// How late a page may be beyond a bound, in milliseconds: two of its own refreshes.
const ALLOWED_MS: u64 = 500;

/// The other device is told of a lost link within this time after the last heartbeat, and each device's own
/// timeout is as long. Source: docs/safety.md, "The clock"; plus 250 ms for the way.
const LOST_WITHIN_MS: u64 = 2_250;

/// Both say ready: the receiver's page is live, and the helper's is green.
pub(crate) async fn live(pages: &TwoPages, looks: &Looks) {
    pages.both_ready().await;
    looks.look(&pages.receiver, "live-receiver").await;
    looks.look(&pages.helper, "live-helper").await;
}

/// A cue, its delivery lamps, and its acknowledgement.
pub(crate) async fn slower(pages: &TwoPages, looks: &Looks) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    receiver.tap(SLOWER).await;
    helper
        .until("slower", async || helper.is_coloured("slow").await)
        .await;
    receiver
        .until("the lamp of shown", async || {
            receiver.sees("[data-lamp=shown][data-on=true]").await
        })
        .await;
    let acknowledged = "[data-lamp=acknowledged][data-on=true]";
    assert!(!receiver.sees(acknowledged).await, "nobody tapped yet");
    looks.look(helper, "slower-helper").await;
    looks.look(receiver, "slower-receiver").await;
    helper
        .tap_until("[data-action=acknowledge]", "seen", async || {
            helper.is_coloured("go").await
        })
        .await;
    receiver
        .until("the lamp of acknowledged", async || {
            receiver.sees(acknowledged).await
        })
        .await;
}

/// Stop: red and audible on both pages, an alarm until "hands off", held until both say ready.
pub(crate) async fn stop(pages: &TwoPages, looks: &Looks) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    receiver.tap(STOP).await;
    for page in [receiver, helper] {
        page.until("red", async || page.is_coloured("stop").await)
            .await;
        page.until_screen("held").await;
    }
    let tapped = receiver.touched("stop").await;
    let red = helper
        .first_shown(tapped, "red", |it| it.is_coloured("stop"))
        .await;
    measured(
        "stop: tap → the other page red",
        format!("{} ms", red - tapped),
    );
    let tune = receiver.tunes(tapped).await;
    let tune = tune.first().expect("a tune at the tap");
    measured(
        "stop: tap → its own page sounds",
        format!("{} ms", tune - tapped),
    );
    for page in [receiver, helper] {
        until_alarm(page, "not_acknowledged").await;
    }
    for (page, told) in [receiver, helper].into_iter().zip(pages.newest_stop_told()) {
        let name = page.name();
        let alarm = page
            .first_shown(told, "the alarm", |it| it.alarm == "not_acknowledged")
            .await;
        let after = alarm - told;
        let promised = NOT_ACKNOWLEDGED_MS - ROUNDED_MS..=NOT_ACKNOWLEDGED_MS + ALLOWED_MS;
        assert!(promised.contains(&after), "{name}: {after} ms");
        measured(
            &format!("stop: not acknowledged → the {name}'s alarm"),
            format!("{after} ms"),
        );
        page.until("the alarm's tune", async || {
            !page.tunes(alarm).await.is_empty()
        })
        .await;
    }
    looks.look(receiver, "stop-receiver").await;
    looks.look(helper, "stop-helper").await;

    pages.hands_off().await;
    for page in [receiver, helper] {
        until_alarm(page, "").await;
        assert_eq!(page.screen().await, "held");
    }
    looks.look(receiver, "held-receiver").await;
    receiver.tap("[data-action=more-cues]").await;
    looks.look(receiver, "held-receiver-cues").await;
    receiver.tap("[data-action=more-cues]").await;
    looks.look(helper, "held-helper").await;
    pages.both_ready().await;
}

/// The helper's network fails, then the receiver's: each page says so by its own timeout. When they return,
/// nothing goes live by itself.
pub(crate) async fn link_lost(pages: &TwoPages, looks: &Looks) {
    let TwoPages {
        receiver,
        helper,
        receiver_network,
        helper_network,
        ..
    } = pages;
    helper_network.cut();
    let cut = wall_clock_ms();
    receiver.until_screen("held").await;
    helper.until_screen("lost").await;
    within(
        helper,
        cut,
        "lost",
        "link lost → the helper's own page says so",
    )
    .await;
    within(receiver, cut, "held", "link lost → the other page is told").await;
    looks.look(helper, "lost-helper").await;
    looks.look(receiver, "held-link-receiver").await;

    receiver_network.cut();
    let cut = wall_clock_ms();
    receiver.until_screen("lost").await;
    within(
        receiver,
        cut,
        "lost",
        "link lost → the receiver's own page says so",
    )
    .await;
    looks.look(receiver, "lost-receiver").await;

    let restored = wall_clock_ms();
    receiver_network.restore();
    helper_network.restore();
    for page in [receiver, helper] {
        page.until_screen("held").await;
        page.until("the link", async || {
            page.sees("[data-need=link][data-done=true]").await
        })
        .await;
    }
    pages.hands_off().await;
    for page in [receiver, helper] {
        let shown = page.shown().await;
        let live = shown
            .iter()
            .any(|it| it.at > restored && (it.go || it.screen == "live"));
        assert!(!live, "{} went live by itself", page.name());
    }
    pages.both_ready().await;
}

/// The receiver's page reloads while live: it comes back to its place, held.
pub(crate) async fn reloaded(pages: &TwoPages) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    let before = wall_clock_ms();
    receiver.reload().await;
    receiver.until_screen("held").await;
    helper
        .until("held", async || {
            let shown = helper.shown().await;
            shown
                .iter()
                .any(|it| it.at >= before && it.screen == "held")
        })
        .await;
    let role = receiver.attribute("body", "data-role").await;
    assert_eq!(role.as_deref(), Some("receiver"));
    receiver
        .until("the link", async || {
            receiver.sees("[data-need=link][data-done=true]").await
        })
        .await;
    if helper.sees(tapcue_tests::pages::HANDS_OFF).await {
        pages.hands_off().await;
    }
    pages.both_ready().await;
    // A reloaded page is silent until a tap, and there was one.
    receiver.tap(SLOWER).await;
    receiver
        .until("a sound", async || {
            let heard = receiver.heard().await;
            heard.iter().any(|it| it.kind == Kind::Tone)
        })
        .await;
}

async fn until_alarm(page: &Page, alarm: &str) {
    page.until(&format!("the alarm {alarm:?}"), async || {
        let now = page.attribute("body", "data-alarm").await;
        now.unwrap_or_default() == alarm
    })
    .await;
}

/// Checks that a screen was shown in time after a network was cut.
async fn within(page: &Page, cut: u64, screen: &str, what: &str) {
    let shown = page
        .first_shown(cut, screen, |it| it.screen == screen)
        .await;
    let after = shown - cut;
    assert!(after <= LOST_WITHIN_MS, "{what}: {after} ms");
    measured(what, format!("{after} ms"));
}
