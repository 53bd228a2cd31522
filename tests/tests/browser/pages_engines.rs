//! Every flow in every engine, and between two different engines. Each flow is written once. The results are
//! a table: `engines/table.md` in the target folder.

mod after;
mod hands;
mod looks;
mod prepare;
mod report;
mod session;

use tapcue_tests::browser::Engine::{self, Chromium, Firefox, WebKit};
use tapcue_tests::pages::TwoPages;

use self::looks::Looks;
use self::report::{FLOWS, Report};

/// Runs every flow in order, with one page for the receiver and one for the helper.
async fn every_flow(receiver: Engine, helper: Engine) {
    let mut report = Report::begin(receiver, helper);
    let looks = Looks::of(receiver, helper);
    let mut flows = FLOWS.into_iter();
    let mut next = || flows.next().expect("a name for each flow");

    let pairing = TwoPages::by_link([receiver, helper], async |page, screen| {
        looks.look(page, screen).await;
    });
    let pages = report.flow(next(), pairing).await;
    report
        .flow(next(), prepare::rehearsed(&pages, &looks))
        .await;
    report.flow(next(), session::live(&pages, &looks)).await;
    report.flow(next(), session::slower(&pages, &looks)).await;
    report.flow(next(), session::stop(&pages, &looks)).await;
    report
        .flow(next(), session::link_lost(&pages, &looks))
        .await;
    report.flow(next(), session::reloaded(&pages)).await;
    report.flow(next(), after::ended(&pages, &looks)).await;
    report.flow(next(), after::reviewed(&pages, &looks)).await;
    report.flow(next(), after::exported(&pages)).await;
    report.flow(next(), after::verified(&pages)).await;
    report.flow(next(), after::deleted(&pages)).await;
    report.flow(next(), prepare::able(&pages)).await;
    report.flow(next(), prepare::by_code(&pages, &looks)).await;
    report.flow(next(), hands::pad(&pages, &looks)).await;
    report
        .flow(next(), hands::hold_to_consent(&pages, &looks))
        .await;
    assert_eq!(flows.next(), None, "every flow was run");
    looks.assert_nothing_found();
    pages.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium() {
    every_flow(Chromium, Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox() {
    every_flow(Firefox, Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit() {
    every_flow(WebKit, WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_receives_and_chromium_helps() {
    every_flow(WebKit, Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_receives_and_webkit_helps() {
    every_flow(Firefox, WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_receives_and_firefox_helps() {
    every_flow(Chromium, Firefox).await;
}
