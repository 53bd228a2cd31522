//! The bounds, and how a page is held to them.

use serde_json::{Value, json};
use tapcue_tests::browser::{Heard, Kind, Page};

/// A stop is sent again at this pace.
pub(crate) const AGAIN_EVERY_MS: u64 = 250;
/// A stop that nobody was shown alarms on its own device.
pub(crate) const NOT_SHOWN_MS: u64 = 500;
/// A stop that nobody acknowledged alarms on both.
pub(crate) const NOT_ACKNOWLEDGED_MS: u64 = 3_000;
/// An alarm sounds again at least this often. Source: the ladder's row of 3 s.
pub(crate) const ALARM_AT_LEAST_EVERY_MS: u64 = 10_000;
/// The other device is told of a lost link at worst this long after the last sign.
pub(crate) const TOLD_WITHIN_MS: u64 = 2_250;
/// A check-in is asked again.
pub(crate) const ASKED_AGAIN_MS: u64 = 5_000;
/// A check-in that nobody answered leads to a hold.
pub(crate) const NO_ANSWER_MS: u64 = 15_000;

/// What a page may take beyond its bound: one of its own refreshes (`REFRESH_MS` in main.js), and as
/// much again for two browsers on a machine of two cores.
pub(crate) const ALLOWED_MS: u64 = 500;

/// A clock of whole milliseconds on two sides may be off by one, and a timer may fire one early.
pub(crate) const EARLY_MS: u64 = 3;

/// What happens in the same task as the tap, in milliseconds: no wait for anything but the page's own
/// drawing on a busy machine, and well before any alarm.
pub(crate) const AT_ONCE: std::ops::RangeInclusive<u64> = 0..=250;

/// A page notes what it shows when the script that changed it is done.
pub(crate) const NOTED_WITHIN_MS: u64 = 100;

/// Prints a row, and fails if what was measured lies outside what was promised.
pub(crate) fn row(bound: &str, promised: std::ops::RangeInclusive<u64>, measured: u64) {
    let (from, to) = promised.clone().into_inner();
    println!("row: {bound} | promised {from} to {to} ms | measured {measured} ms");
    assert!(promised.contains(&measured), "{bound}: {measured} ms");
}

/// A timer's bound: never early, and late by no more than what a page may take.
pub(crate) fn timer(bound: &str, ms: u64, measured: u64) {
    row(bound, ms - EARLY_MS..=ms + ALLOWED_MS, measured);
}

/// Live as soon as both say ready; questions are people's alone.
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

/// The alarm goes on: the longest pause between its tunes, and that its words are said.
pub(crate) async fn repeats(page: &Page, from: u64, words: &str) {
    let who = page.name();
    page.until("three tunes of the alarm", async || {
        page.tunes(from).await.len() >= 3
    })
    .await;
    let tunes = page.tunes(from).await;
    // A page notes what it shows a moment after it began to sound it.
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
