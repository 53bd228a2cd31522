//! A page and a terminal whose relay cannot record just now: both screens say so.

use rusqlite::Connection;
use tapcue_tests::browser::Browser;
use tapcue_tests::fault;
use tapcue_tests::relay::Relay;
use tapcue_tests::terminal::Terminal;
use tapcue_tests::terminal::session::{code, red};

/// What both say, in English.
const WORDS: &str = "cannot record just now";

#[tokio::test(flavor = "multi_thread")]
async fn both_screens_say_that_nothing_is_recorded() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let waived = ["host", "--as", "helper", "--no-setup", "--no-rehearsal"];
    let helper = Terminal::run("helper", &url, &waived);
    let code = code(&helper).await;
    let browser = Browser::start().await;
    let page = browser.open("receiver", &url).await;
    page.tap("[data-action=join]").await;
    page.until_screen("join").await;
    page.type_into("#code-input", &code).await;
    page.tap("[data-action=join]").await;
    page.until_screen("held").await;

    let other = Connection::open(relay.database()).expect("the relay's database");
    other.execute_batch("BEGIN EXCLUSIVE").expect("its lock");
    page.tap("[data-cue=stop]").await;
    red(&helper, "stop").await;
    page.until("the words on the page", async || {
        page.sees("#toast").await
            && page
                .text("#toast")
                .await
                .is_some_and(|text| text.contains(WORDS))
    })
    .await;
    helper
        .until("the words on the terminal", |text| text.contains(WORDS))
        .await;
    other
        .execute_batch("ROLLBACK")
        .expect("its lock, given back");
    page.close().await;
    fault::came(
        "pages_unrecorded::both_screens_say_that_nothing_is_recorded",
        "both say it, the stop red on both",
    );
}
