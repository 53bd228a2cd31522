//! Only a deliberate key counts: how a key that is already down on a real terminal affects a later hold.

use tapcue_tests::fault;
use tapcue_tests::relay::Relay;
use tapcue_tests::terminal::Terminal;
use tapcue_tests::terminal::session::{both_ready, code, hands_off, red};

/// Enter, and the two buttons of a clicker: each is "hands off".
const HANDS_OFF: [(&str, &str); 3] = [
    ("Enter", "\r"),
    ("page down", "\u{1b}[6~"),
    ("page up", "\u{1b}[5~"),
];

async fn live(relay: &Relay) -> (Terminal, Terminal) {
    let url = format!("http://{}", relay.addr());
    let host = ["host", "--as", "receiver", "--no-setup", "--no-rehearsal"];
    let mut receiver = Terminal::run("receiver", &url, &host);
    let code = code(&receiver).await;
    let mut helper = Terminal::run("helper", &url, &["join", &code]);
    both_ready(&mut receiver, &mut helper).await;
    (receiver, helper)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_held_down_says_no_hands_off() {
    let relay = Relay::start().await;
    let (mut receiver, mut helper) = live(&relay).await;
    for (name, key) in HANDS_OFF {
        let held = helper.hold(key);
        receiver.press(" ");
        red(&helper, name).await;
        // The key repeats for three seconds, and no "hands off" is sent.
        receiver
            .until_text("Nobody has confirmed hands off yet")
            .await;
        assert!(helper.text().contains("○  My hands are off"), "{name}");
        drop(held);
        hands_off(&mut helper).await;
        both_ready(&mut receiver, &mut helper).await;
    }
    fault::came(
        "meant::a_key_that_is_held_down_says_no_hands_off",
        "three keys, 3 s each: nothing said",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_that_is_held_over_a_stop_is_none() {
    let relay = Relay::start().await;
    let (mut receiver, mut helper) = live(&relay).await;
    let held = receiver.hold("r");
    helper.press(" ");
    red(&receiver, "the helper's stop").await;
    hands_off(&mut helper).await;
    let said = |text: &str| text.contains("✓  You say ready");
    helper.press_until("r", "the helper's ready", said).await;
    receiver.until_text("✓  Helper says ready").await;
    assert!(receiver.text().contains("○  You say ready"));
    drop(held);
    receiver
        .press_until("r", "live", |text| text.contains("LIVE"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_at_once_after_a_stop_is_told_to_come_again() {
    let relay = Relay::start().await;
    let (mut receiver, mut helper) = live(&relay).await;
    receiver.press(" ");
    helper.until_text("The receiver said stop").await;
    helper.press("\r");
    helper.until_text("Too soon to count").await;
    assert!(helper.text().contains("○  My hands are off"));
    hands_off(&mut helper).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_nobody_is_there_says_so() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let mut receiver = Terminal::run("receiver", &url, &["host", "--as", "receiver"]);
    let _ = code(&receiver).await;
    receiver.press(" ");
    receiver.until_text("Nobody is here yet").await;
    fault::came(
        "meant::a_stop_while_nobody_is_there_says_so",
        "said in words, no alarm",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_stays_red_through_the_end_until_it_is_acknowledged() {
    let relay = Relay::start().await;
    let (mut receiver, mut helper) = live(&relay).await;
    helper.press("q");
    helper.until_text("End the session for both?").await;
    receiver.press(" ");
    red(&helper, "the stop").await;
    receiver.press("q");
    receiver.until_text("End the session for both?").await;
    receiver.press("y");
    for terminal in [&receiver, &helper] {
        terminal.until_text("The session has ended").await;
        red(terminal, "the stop after the end").await;
    }
    let ended = |text: &str| text.contains("SESSION ENDED");
    helper
        .press_until("\r", "hands off after the end", ended)
        .await;
    receiver.until("the end", ended).await;
}
