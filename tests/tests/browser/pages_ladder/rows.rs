//! The bounds, and how a page is checked against them.

use serde_json::{Value, json};
use tapcue_tests::browser::{Heard, Kind, Page};

/// How often a stop is sent again, in milliseconds.
pub(crate) const AGAIN_EVERY_MS: u64 = 250;
/// A stop that reached no screen alarms on its own device after this time.
pub(crate) const NOT_SHOWN_MS: u64 = 500;
/// A stop that no device acknowledged alarms on both after this time.
pub(crate) const NOT_ACKNOWLEDGED_MS: u64 = 3_000;
/// The longest pause between two sounds of an alarm. Source: the ladder's row of 3 s.
pub(crate) const ALARM_AT_LEAST_EVERY_MS: u64 = 10_000;
/// The other device is told of a lost link within this time after the last heartbeat.
pub(crate) const TOLD_WITHIN_MS: u64 = 2_250;
/// An unanswered check-in is asked again after this time.
pub(crate) const ASKED_AGAIN_MS: u64 = 5_000;
/// An unanswered check-in leads to a hold after this time.
pub(crate) const NO_ANSWER_MS: u64 = 15_000;

/// How late a page may be, in milliseconds: one of its own refreshes (`REFRESH_MS` in main.js). Two browsers
/// on a machine of two cores get as much again.
pub(crate) const ALLOWED_MS: u64 = 500;

/// Two millisecond clocks may differ by one, and a timer may fire one early.
pub(crate) const EARLY_MS: u64 = 3;

/// The bound for what happens in the same task as the tap, in milliseconds. It covers only the page's drawing
/// on a busy machine, and ends well before any alarm.
pub(crate) const AT_ONCE: std::ops::RangeInclusive<u64> = 0..=250;

/// A page notes what it shows when the script that changed it ends.
pub(crate) const NOTED_WITHIN_MS: u64 = 100;

/// Prints a row, and fails if the measured time is outside the promised range.
pub(crate) fn row(bound: &str, promised: std::ops::RangeInclusive<u64>, measured: u64) {
    let (from, to) = promised.clone().into_inner();
    println!("row: {bound} | promised {from} to {to} ms | measured {measured} ms");
    assert!(promised.contains(&measured), "{bound}: {measured} ms");
}

/// A timer's bound: never early, and late by at most [`ALLOWED_MS`].
pub(crate) fn timer(bound: &str, ms: u64, measured: u64) {
    row(bound, ms - EARLY_MS..=ms + ALLOWED_MS, measured);
}

/// Live as soon as both say ready; only people ask questions.
pub(crate) fn waived() -> Value {
    json!({"rehearsal": false, "setup": false, "check_in_every_s": 0})
}

pub(crate) async fn until_alarm(page: &Page, alarm: &str) {
    page.until(&format!("the alarm {alarm:?}"), async || {
        let now = page.attribute("body", "data-alarm").await;
        now.unwrap_or_default() == alarm
    })
    .await;
}

pub(crate) async fn until_red(page: &Page) {
    page.until("red", async || page.is_coloured("stop").await)
        .await;
}

/// When the page first sounded this alarm.
pub(crate) async fn alarmed(page: &Page, from: u64, alarm: &str) -> u64 {
    page.first_shown(from, alarm, |shown| shown.alarm == alarm)
        .await
}

/// The alarm continues: checks the longest pause between its tunes, and that its words are spoken.
pub(crate) async fn repeats(page: &Page, from: u64, words: &str) {
    let who = page.name();
    page.until("three tunes of the alarm", async || {
        page.tunes(from).await.len() >= 3
    })
    .await;
    let tunes = page.tunes(from).await;
    // A page notes what it shows a moment after the sound begins.
    let from = from - NOTED_WITHIN_MS;
    let pauses = tunes.windows(2).map(|two| two[1] - two[0]);
    let longest = pauses.max().expect("three tunes");
    let bound = format!("{who}: the alarm sounds again");
    row(&bound, 0..=ALARM_AT_LEAST_EVERY_MS, longest);
    let said = page.heard().await;
    let said = said.iter().filter(|heard| heard.at >= from);
    assert!(said.into_iter().any(|heard| is(heard, Kind::Words, words)));
}

pub(crate) fn is(heard: &Heard, kind: Kind, what: &str) -> bool {
    heard.kind == kind && heard.what == what
}
