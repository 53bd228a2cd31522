//! The rows of the check-in.

use serde_json::json;
use tapcue_tests::browser::{Kind, Page, wall_clock_ms};
use tapcue_tests::pages::{HANDS_OFF, TwoPages};
use tapcue_tests::proxy::Message;
use tokio::time::Instant;

use super::rows::{
    ALLOWED_MS, ASKED_AGAIN_MS, NO_ANSWER_MS, alarmed, repeats, row, timer, until_alarm, waived,
};

/// The button of "feels good", which never moves.
const GOOD: &str = "[data-cue=good]";

/// The helper asks: a timely answer keeps it live; an unanswered question is asked again, then holds.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_the_helpers() {
    let pages = TwoPages::live_with(waived(), &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    let from = wall_clock_ms();
    helper.tap("[data-action=check-in]").await;
    receiver.tap(GOOD).await;
    receiver
        .until("no question", async || !receiver.sees(".question").await)
        .await;
    until_alarm(receiver, "").await;
    // Only one device asks aloud, and once: two voices at the same time blur the words.
    let asked = helper.touched("check_in").await;
    assert_eq!(questions(receiver, asked).await, 1);
    assert_eq!(questions(helper, asked).await, 0);
    for page in [receiver, helper] {
        let shown = page.shown().await;
        let left = shown.iter().any(|it| it.at >= from && it.screen != "live");
        assert!(!left, "an answer in time keeps it live");
    }

    helper.tap("[data-action=check-in]").await;
    let asked = helper.touched("check_in").await;
    unanswered(&pages, asked).await;
    pages.close().await;
}

/// The relay asks after the shortest interval that a session can choose.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_by_the_clock() {
    let options = json!({"rehearsal": false, "setup": false, "check_in_every_s": 1});
    let pages = TwoPages::live_with(options, &[]).await;
    let TwoPages {
        receiver,
        receiver_network: network,
        ..
    } = &pages;
    let question = |it: &Message| it.body["state"]["check_in"]["by"].is_null() && asks(it);
    let messages = network.recorder().messages();
    let live = messages
        .iter()
        .find(|it| it.body["state"]["phase"] == "live");
    let mut since = live.expect("live").at;
    for sign in ["live", "an answer"] {
        let asked = network
            .recorder()
            .first(1, since, "a question", question)
            .await;
        let waited = u64::try_from((asked[0].at - since).as_millis()).expect("a while");
        timer(
            &format!("relay: asks by the clock after {sign}"),
            1_000,
            waited,
        );
        until_alarm(receiver, "check_in").await;
        receiver.tap(GOOD).await;
        let answer = network
            .recorder()
            .first(1, asked[0].at, "the answer", |it| it.is_cue("good"))
            .await;
        since = answer[0].at;
    }
    pages.close().await;
}

/// How often a page asked aloud since `from`.
async fn questions(page: &Page, from: u64) -> usize {
    let heard = page.heard().await.into_iter();
    let words = heard.filter(|it| it.kind == Kind::Words && it.at >= from);
    words.filter(|it| it.what == "Does this feel okay?").count()
}

/// Whether a question is open and was asked once.
fn asks(message: &Message) -> bool {
    let question = &message.body["state"]["check_in"];
    question.is_object() && question["again"] != true
}

/// A question that was asked at `asked` stays unanswered.
async fn unanswered(pages: &TwoPages, asked: u64) {
    let TwoPages {
        receiver,
        helper,
        receiver_network: network,
        ..
    } = pages;
    let shown = alarmed(receiver, asked, "check_in");
    until_alarm(receiver, "check_in").await;
    row(
        "receiver: the question is there",
        0..=ALLOWED_MS,
        shown.await - asked,
    );
    let from = Instant::now();
    network
        .recorder()
        .first(1, from, "the second question", |it| {
            it.body["state"]["check_in"]["again"] == true
        })
        .await;
    let since = wall_clock_ms() - asked;
    timer("receiver: asked again", ASKED_AGAIN_MS, since);
    repeats(receiver, asked + ASKED_AGAIN_MS, "Does this feel okay?").await;
    for page in [receiver, helper] {
        page.until_screen("held").await;
        let held = page
            .first_shown(asked, "held", |it| it.screen == "held")
            .await;
        let bound = format!("{}: no answer → held", page.name());
        timer(&bound, NO_ANSWER_MS, held - asked);
        let reason = page.attribute("[data-reason]", "data-reason").await;
        assert_eq!(reason.as_deref(), Some("no_answer"));
    }
    until_alarm(helper, "hold").await;
    let from = alarmed(helper, asked, "hold").await;
    repeats(helper, from, "Pause. Hands off.").await;
    assert!(helper.sees(HANDS_OFF).await);
    pages.hands_off().await;
    until_alarm(helper, "").await;
}
