//! The flows of the two other ways to receive: the eyes-free pad, and hold to consent.

use std::time::Duration;

use tapcue_tests::browser::Page;
use tapcue_tests::pages::past::until_says;
use tapcue_tests::pages::{HANDS_OFF, READY, SILENCE, TwoPages};

use super::looks::Looks;
use super::prepare::join_by_code;

/// A place on the pad without a control, where a thumb rests.
const PLACE: (f64, f64) = (195.0, 560.0);
/// How long a tap lasts.
const TAP: Duration = Duration::from_millis(50);
/// Longer than a tap; a tap is a stop.
const STAYS: Duration = Duration::from_millis(900);
const COUNTS: &str = "#thumb[data-ask=keep], #thumb[data-ask=live]";

/// The pad from the rehearsal on: a tap anywhere is a stop. Runs in the session paired by code, with swapped
/// roles.
pub(crate) async fn pad(pages: &TwoPages, looks: &Looks) {
    let (receiver, helper) = (&pages.helper, &pages.receiver);
    receiver
        .tap_until("[data-action=signs-none]", "the list", async || {
            receiver.sees("[data-action=setup-done]").await
        })
        .await;
    receiver
        .tap_until("[data-action=eyes-free]", "the pad, chosen", async || {
            receiver
                .sees("[data-action=eyes-free][aria-pressed=true]")
                .await
        })
        .await;
    for page in [receiver, helper] {
        page.tap_until("[data-action=setup-done]", "rehearse", async || {
            page.screen().await != "setup"
        })
        .await;
    }
    receiver
        .until("the pad", async || receiver.sees("[data-layout=pad]").await)
        .await;
    assert!(!receiver.sees("#stop").await, "the pad is all there is");
    looks.look(receiver, "pad").await;
    receiver.pointer_down(PLACE, TAP).await;
    receiver.pointer_up().await;
    helper
        .until("the stop", async || helper.is_coloured("stop").await)
        .await;
    end(helper, receiver).await;
}

/// The session is live only while the thumb is down; lifting it is a stop. Runs in its own session.
pub(crate) async fn hold_to_consent(pages: &TwoPages, looks: &Looks) {
    let (receiver, helper) = (&pages.receiver, &pages.helper);
    for page in [receiver, helper] {
        page.until_screen("start").await;
    }
    receiver
        .tap_until("details.options summary", "the options", async || {
            receiver.sees("[name=option_consent]").await
        })
        .await;
    for option in ["option_rehearsal", "option_setup", "option_consent"] {
        receiver.tap(&format!("[name={option}]")).await;
    }
    looks.look(receiver, "start-options").await;
    join_by_code(receiver, helper).await;
    receiver
        .until("the place of the thumb", async || {
            receiver
                .sees("[data-layout=thumb] #thumb[data-ask=put]")
                .await
        })
        .await;
    looks.look(receiver, "thumb-put").await;
    helper
        .tap_until(READY, "ready", async || {
            helper
                .sees("[data-need=helper_ready][data-done=true]")
                .await
        })
        .await;
    receiver
        .until("a thumb that counts", async || {
            receiver.pointer_down(PLACE, STAYS).await;
            let counts = receiver.sees(COUNTS).await;
            if !counts {
                receiver.pointer_up().await;
            }
            counts
        })
        .await;
    for page in [receiver, helper] {
        page.until_screen("live").await;
    }
    looks.look(receiver, "thumb-live").await;
    receiver.pointer_up().await;
    helper
        .until("the thumb lifted", async || {
            helper.sees("[data-reason=released]").await
        })
        .await;
    assert!(helper.sees(HANDS_OFF).await, "it is a stop");
    looks.look(helper, "thumb-lifted-helper").await;
    end(helper, receiver).await;
}

/// Ends the session from the helper's page. Its stop stays red on both pages until a person answers it on
/// each. Then both go to the start.
async fn end(helper: &Page, receiver: &Page) {
    helper.tap("[data-action=end]").await;
    helper
        .tap_until("[data-action=end-confirm]", "ended", async || {
            !helper.sees("[data-action=end-confirm]").await
        })
        .await;
    for (page, answer) in [(receiver, SILENCE), (helper, HANDS_OFF)] {
        until_says(page, ".held", "The session has ended").await;
        assert!(page.is_coloured("stop").await, "{} is red", page.name());
        page.tap_to(answer, "end").await;
        until_says(page, ".figures", "Stops").await;
        page.tap_to("[data-action=again]", "start").await;
    }
}
