//! A terminal as the helper and a page as the receiver.

use tapcue_tests::browser::Browser;
use tapcue_tests::relay::Relay;
use tapcue_tests::terminal::Terminal;
use tapcue_tests::terminal::session::{GREEN, code, coloured, hands_off, red};

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_and_a_page() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let waived = ["host", "--as", "helper", "--no-setup", "--no-rehearsal"];
    let mut helper = Terminal::run("helper", &url, &waived);
    let code = code(&helper).await;
    let browser = Browser::start().await;
    let page = browser.open("receiver", &url).await;
    page.tap("[data-action=join]").await;
    page.until_screen("join").await;
    page.type_into("#code-input", &code).await;
    page.tap("[data-action=join]").await;
    page.until_screen("held").await;
    helper
        .press_until("r", "its own ready", |text| {
            text.contains("✓  You say ready")
        })
        .await;
    page.tap_until("[data-action=ready]", "live", async || {
        page.screen().await == "live"
    })
    .await;
    coloured(&helper, "green", &GREEN).await;

    page.tap("[data-cue=slower]").await;
    helper.until("slower", |text| text.contains("Slower")).await;
    let lit = "[data-lamp=shown][data-on=true]";
    page.until("the lamp of shown", async || page.sees(lit).await)
        .await;
    page.tap("[data-cue=stop]").await;
    red(&helper, "stop").await;
    page.until_screen("held").await;
    hands_off(&mut helper).await;
    let done = "[data-need=hands_off][data-done=true]";
    page.until("hands off", async || page.sees(done).await)
        .await;
    page.close().await;
}
