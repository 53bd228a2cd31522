//! After the end, on two real pages: the timeline, a note, the four exports, the check and the deletion. The
//! other page says who deleted the session. Also the drawing of the timeline, which the relay makes.

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::pages::past::{REVIEW, delete, export_all, look_back, until_drawn, until_says};
use tapcue_tests::pages::{SLOWER, STOP, TwoPages};
use tapcue_tests::samples::{KEEP, Samples};

const WORDS: &str = ".written .words";
const GONE: &str = ".gone-line";
const NOTE: &str = "Softer on the left: \"=1+1\" <b>";

/// Drawings arrive only in a tab that ran [`DRAW`].
const NO_DRAWING: &str = "
    const fetches = window.fetch;
    window.fetch = (url, ...rest) => sessionStorage.draw || !String(url).includes('format=drawing')
        ? fetches(url, ...rest) : Promise.reject(new TypeError('no network'));
";
const DRAW: &str = "sessionStorage.draw = 1;";
/// How wide the drawing on the page is, in its own units; after the event, if one is named.
const WIDTH: &str = "
    if (arguments[0]) dispatchEvent(new Event(arguments[0]));
    return document.querySelector('.strips .strip')?.viewBox.baseVal.width ?? 0;
";
/// The width of a drawing for paper.
const PAPER: u64 = 688;

/// A session with a cue and an acknowledged stop, ended by the receiver. Both pages show the end.
async fn ended() -> TwoPages {
    let options = json!({"rehearsal": false, "setup": false, "check_in_every_s": 0});
    let pages = TwoPages::live_with(options, &["receiver", "helper"]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    receiver.tap(SLOWER).await;
    helper
        .until("slower", async || helper.is_coloured("slow").await)
        .await;
    receiver.tap(STOP).await;
    helper
        .until("the stop", async || helper.is_coloured("stop").await)
        .await;
    pages.hands_off().await;
    receiver
        .tap_until("[data-action=end]", "the question", async || {
            receiver.sees("[data-action=end-confirm]").await
        })
        .await;
    receiver.tap("[data-action=end-confirm]").await;
    for page in [receiver, helper] {
        page.until_screen("end").await;
    }
    pages
}

/// What the timeline says about the chosen sign.
async fn told(page: &Page) -> String {
    page.text(".told").await.unwrap_or_default()
}

/// Steps with the button while it leads on and `more` holds for the text. Returns all texts on the way,
/// including the first.
async fn step(page: &Page, by: &str, more: impl Fn(&str) -> bool) -> Vec<String> {
    let way = format!("[data-action=timeline_{by}]:not([aria-disabled=true])");
    let mut seen = vec![told(page).await];
    while more(&seen[seen.len() - 1]) && page.sees(&way).await {
        page.tap(&way).await;
        let before = seen[seen.len() - 1].clone();
        page.until("another sign", async || told(page).await != before)
            .await;
        seen.push(told(page).await);
    }
    seen
}

#[tokio::test]
async fn a_session_is_looked_at_noted_exported_checked_and_deleted() {
    let pages = ended().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    look_back(helper).await;
    until_drawn(helper, ".moment.stop").await;
    until_says(helper, ".cue-counts", "Receiver: Slower").await;
    helper.picture("review").await;
    let address = helper.run("return location.href;", vec![]).await;
    let address = address.as_str().unwrap_or_default();
    assert!(
        !address.contains(['?', '#']),
        "nothing of the session in the address: {address}"
    );

    // A note on the stop, visible to both.
    let choose = "document.querySelector('.moment.stop').focus();";
    let _ = helper.run(choose, vec![]).await;
    until_says(helper, ".told", "Receiver: Stop").await;
    // Steps through the signs with the buttons: to the first, to the last, and back to the stop.
    step(helper, "before", |_| true).await;
    let mut forth = step(helper, "after", |_| true).await;
    assert!(forth.len() >= 5, "{forth:?}");
    let is_stop = |told: &str| told.contains("Receiver: Stop");
    let back = step(helper, "before", |told| !is_stop(told)).await;
    assert!(back.last().is_some_and(|told| is_stop(told)), "{back:?}");
    forth.reverse();
    assert!(forth.starts_with(&back), "{forth:?}, and {back:?}");
    helper.tap("[data-action=show-entry]").await;
    until_says(helper, ".entry.target", "confirmed after").await;
    helper.tap(".entry.target .entry-note").await;
    until_says(helper, ".on-what", "Stop").await;
    helper.type_into("textarea[name=note]", NOTE).await;
    helper.tap(".note-form .check").await;
    helper.tap("[data-action=save-note]").await;
    until_says(helper, WORDS, NOTE).await;
    until_drawn(helper, ".flag").await;

    let files = export_all(helper).await;
    let file = |ending: &str| files[ending].as_str().unwrap_or_default().to_owned();
    assert!(file("html").starts_with("<!DOCTYPE html>"), "{files}");
    assert!(
        file("csv").starts_with('\u{feff}'),
        "the mark that spreadsheets want"
    );
    assert!(file("txt").contains("Softer on the left"), "{files}");
    let transcript: Value = serde_json::from_str(&file("json")).expect("JSON");
    let entries = transcript["entries"].as_array().expect("entries");
    let texts = entries.iter().map(|entry| &entry["recorded"]["text"]);
    assert!(texts.into_iter().any(|text| text == NOTE), "{transcript}");

    helper.tap("[data-action=check]").await;
    let standing = async || helper.attribute(".found", "data-standing").await;
    helper
        .until("a verdict", async || standing().await.is_some())
        .await;
    assert_eq!(standing().await.as_deref(), Some("sealed"));
    until_says(helper, ".found", "by this server’s own key").await;

    // A reload returns to the review.
    helper.reload().await;
    until_says(helper, WORDS, NOTE).await;

    delete(helper).await;
    until_says(receiver, GONE, "The helper deleted this session").await;
    assert!(!receiver.sees(REVIEW).await, "there is nothing to look at");
    helper.tap("[data-action=to-start]").await;
    for page in [receiver, helper] {
        let kept = "return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);";
        let kept = page.run(kept, vec![]).await.to_string();
        assert!(!kept.contains("token"), "{}: {kept}", page.name());
    }
    pages.close().await;
}

#[tokio::test]
async fn a_review_that_is_open_says_who_deleted_the_session_and_when() {
    let pages = ended().await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    look_back(receiver).await;
    look_back(helper).await;
    delete(receiver).await;
    helper.tap("[data-export=html]").await;
    until_says(helper, GONE, "The receiver deleted this session on").await;
    helper.tap("[data-action=to-start]").await;
    helper.until_screen("start").await;
    assert!(!helper.sees(".past-sessions").await, "it is forgotten");
    pages.close().await;
}

/// Without a drawing the entries stand, and a line says so. Each width has its own drawing, and so has paper.
#[tokio::test]
async fn a_drawing_is_requested_for_each_width_and_without_it_the_entries_stand() {
    let samples = Samples::set().await;
    let browser = Browser::start().await;
    let page = browser.open("receiver", &samples.url()).await;
    page.until_screen("start").await;
    page.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({"source": NO_DRAWING}),
    )
    .await;
    let _ = page.run(KEEP, samples.kept(Some("short"), "en")).await;
    page.reload().await;
    until_says(&page, ".not-drawn", "be drawn right now").await;
    let joined = "return document.querySelector('.entry[data-what=joined]')?.textContent ?? '';";
    page.until("the words of an entry", async || {
        let joined = page.run(joined, vec![]).await.to_string();
        joined.contains("Paused: not live yet")
    })
    .await;
    let width = async |event: Value| {
        let width = page.run(WIDTH, vec![event]).await;
        width.as_f64().unwrap_or_default() as u64
    };
    let _ = page.run(DRAW, vec![]).await;
    let mut before = 0;
    for screen in [430, 844] {
        let size = json!({"width": screen, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        page.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
        page.until("a drawing of another width", async || {
            let now = width(Value::Null).await;
            now != before && now <= screen && now + 200 > screen
        })
        .await;
        before = width(Value::Null).await;
        assert!(!page.sees(".not-drawn").await, "it is drawn");
    }
    page.reload().await;
    page.until("the paper's width", async || {
        width(json!("beforeprint")).await == PAPER
    })
    .await;
    let room = "return document.querySelector('.strips').clientWidth;";
    let room = page.run(room, vec![]).await.as_u64();
    assert_eq!(Some(width(json!("afterprint")).await), room);
    page.close().await;
}
