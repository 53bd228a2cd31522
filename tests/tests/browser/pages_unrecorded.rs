//! A page and a terminal whose relay cannot record at the moment: both screens say so.

use rusqlite::Connection;
use tapcue_tests::browser::Browser;
use tapcue_tests::fault;
use tapcue_tests::relay::Relay;
use tapcue_tests::terminal::Terminal;
use tapcue_tests::terminal::session::{code, red};

/// The badge that the page shows while nothing is recorded.
const BADGE: &str = ".unrecorded";

/// The words of both, in English.
const WORDS: &str = "Not recording right now";

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
    // The notice disappears; both badges stay.
    page.until("the notice to go", async || !page.sees("#toast").await)
        .await;
    assert!(page.sees(BADGE).await);
    assert_eq!(page.text(BADGE).await.as_deref(), Some("Not recorded"));
    assert!(helper.text().contains("not recorded"));
    other
        .execute_batch("ROLLBACK")
        .expect("its lock, given back");
    page.until("the badge to go", async || !page.sees(BADGE).await)
        .await;
    assert_eq!(
        page.text("#toast").await.as_deref(),
        Some("Recording again.")
    );
    helper
        .until("the badge to go", |text| !text.contains("not recorded"))
        .await;
    page.close().await;
    fault::came(
        "pages_unrecorded::both_screens_say_that_nothing_is_recorded",
        "both say it until it is over, the stop red on both",
    );
}
