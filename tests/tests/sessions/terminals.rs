//! The terminal client in pseudo terminals: the whole flow between two.

use rustix::process::Signal;
use tapcue_tests::fault;
use tapcue_tests::relay::Relay;
use tapcue_tests::terminal::Terminal;
use tapcue_tests::terminal::session::{AMBER, GREEN, both_ready, code, coloured, hands_off, red};

/// Longer than the 700 ms in which a terminal takes a key for its own repeat.
const REPEATS: std::time::Duration = std::time::Duration::from_millis(750);

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_flow_between_two_terminals() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let mut receiver = Terminal::run("receiver", &url, &["host", "--as", "receiver"]);
    let code = code(&receiver).await;
    let mut helper = Terminal::run("helper", &url, &["join", &code]);

    receiver.until_text("Do any of these apply to you?").await;
    receiver.press("n");
    receiver.until_text("Is all of this true?").await;
    receiver.press("\r");
    helper.until_text("Is all of this true?").await;
    helper.press("\r");
    receiver.until_text("Rehearse: press stop").await;
    helper.until_text("Rehearse: wait for stop").await;

    receiver.press(" ");
    red(&helper, "the rehearsed stop").await;
    hands_off(&mut helper).await;
    both_ready(&mut receiver, &mut helper).await;

    receiver.press("s");
    helper.until("slower", |text| text.contains("Slower")).await;
    coloured(&helper, "amber for slower", &AMBER).await;
    receiver
        .until("the receipt", |text| text.to_lowercase().contains("shown"))
        .await;
    helper
        .press_until("\r", "seen", |text| text.contains("seen: "))
        .await;
    coloured(&helper, "green again", &GREEN).await;

    // Escape is a stop too, and works on both sides.
    receiver.press("\u{1b}");
    red(&helper, "stop").await;
    receiver.until_text("You said stop").await;
    helper.until_text("The receiver said stop").await;
    hands_off(&mut helper).await;
    both_ready(&mut receiver, &mut helper).await;
    helper.press(" ");
    receiver.until_text("The helper said stop").await;
    hands_off(&mut helper).await;

    helper.press("q");
    helper
        .until("the question", |text| {
            text.to_lowercase().contains("end the session")
        })
        .await;
    helper.press("y");
    receiver
        .until("the end", |text| text.contains("Stop → hands are off"))
        .await;
    // The same key pressed again at once counts as a held key.
    tokio::time::sleep(REPEATS).await;
    for terminal in [&mut receiver, &mut helper] {
        terminal
            .until("the end", |text| text.contains("Stop → hands are off"))
            .await;
        terminal.press("q");
        assert!(terminal.gone().await.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_only_while_the_receiver_holds_a_key_down() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let options = ["--hold-to-consent", "--no-setup", "--no-rehearsal"];
    let host = [&["host", "--as", "receiver"], &options[..]].concat();
    let mut receiver = Terminal::run("receiver", &url, &host);
    let code = code(&receiver).await;
    let mut helper = Terminal::run("helper", &url, &["join", &code]);
    let says_ready = |text: &str| text.contains("✓  You say ready");
    for terminal in [&mut receiver, &mut helper] {
        terminal.press_until("r", "its own ready", says_ready).await;
    }
    helper.until_text("Waiting for the receiver's thumb").await;

    // This terminal reports no key releases, only repeats.
    let held = receiver.hold("f");
    receiver.until_text("letting go of f is stop").await;
    helper.until_text("The receiver is holding").await;
    coloured(&helper, "green", &GREEN).await;
    drop(held);
    red(&helper, "a key that was let go").await;
    helper.until_text("The receiver let go").await;
    receiver.until_text("You let go").await;

    hands_off(&mut helper).await;
    for terminal in [&mut receiver, &mut helper] {
        terminal.press_until("r", "its own ready", says_ready).await;
    }

    // Another terminal reports releases, by the kitty protocol.
    receiver.press(&key('f', RELEASE));
    receiver
        .press_until(&key('f', PRESS), "live", |text| text.contains("LIVE"))
        .await;
    coloured(&helper, "green again", &GREEN).await;
    receiver.press(&key('f', RELEASE));
    red(&helper, "a key that was released").await;
    helper.until_text("The receiver let go").await;
    hands_off(&mut helper).await;
    receiver.until_text("✓  Helper’s hands are off").await;
}

/// The event type of a press in the kitty keyboard protocol.
const PRESS: u8 = 1;
/// The event type of a release in that protocol.
const RELEASE: u8 = 3;

/// A key event in that protocol: its code point, no modifiers, the event type.
fn key(key: char, event: u8) -> String {
    format!("\u{1b}[{};1:{event}u", u32::from(key))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_relay_turns_both_terminals_red_and_they_come_back_held() {
    let mut relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let waived = ["host", "--as", "helper", "--no-setup", "--no-rehearsal"];
    let mut helper = Terminal::run("helper", &url, &waived);
    let code = code(&helper).await;
    let mut receiver = Terminal::run("receiver", &url, &["join", &code]);
    both_ready(&mut receiver, &mut helper).await;
    relay.kill().await;
    for terminal in [&receiver, &helper] {
        terminal.until_text("CONNECTION LOST").await;
        red(terminal, "a lost link").await;
    }
    relay.start_again().await;
    for terminal in [&receiver, &helper] {
        terminal
            .until("held", |text| !text.contains("CONNECTION LOST"))
            .await;
        terminal.until_text("The server restarted").await;
    }
    hands_off(&mut helper).await;
    both_ready(&mut receiver, &mut helper).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_get_in_is_told_and_the_exit_code_says_so() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let mut wrong = Terminal::run("wrong code", &url, &["join", "ZZZ-ZZZZZ"]);
    wrong.until_text("doesn’t match a waiting session").await;
    wrong.press("q");
    assert_eq!(wrong.gone().await.exit_code(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_was_suspended_is_set_up_anew_before_it_says_anything() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let waived = ["host", "--as", "receiver", "--no-setup", "--no-rehearsal"];
    let mut receiver = Terminal::run("receiver", &url, &waived);
    let code = code(&receiver).await;
    let mut helper = Terminal::run("helper", &url, &["join", &code]);
    both_ready(&mut receiver, &mut helper).await;
    // The terminal's own key, a shell's request, and the signal that a program cannot catch.
    for how in [None, Some(Signal::TSTP), Some(Signal::STOP)] {
        match how {
            None => receiver.press("\u{1a}"),
            Some(signal) => receiver.signal(signal),
        }
        receiver.until_it_stands_still().await;
        red(&helper, "a device that is away").await;
        // The terminal said that it is away, or had no time to.
        let reasons = [
            "The receiver's screen was hidden",
            "The receiver lost connection",
        ];
        let told = |text: &str| reasons.iter().any(|reason| text.contains(reason));
        helper.until("why", told).await;
        receiver.shell_writes("\r\n[1]+ Stopped\r\nshell$ \r\n\n\n");
        receiver.signal(Signal::CONT);
        let whole = |text: &str| text.contains("ou say ready") && !text.contains("shell$");
        receiver.until("its whole screen", whole).await;
        hands_off(&mut helper).await;
        both_ready(&mut receiver, &mut helper).await;
        // One key without Enter works: the terminal is not in line mode.
        receiver.press(" ");
        helper.until_text("The receiver said stop").await;
        hands_off(&mut helper).await;
        both_ready(&mut receiver, &mut helper).await;
    }
    fault::came(
        "terminals::a_terminal_that_was_suspended_is_set_up_anew_before_it_says_anything",
        "away or lost while it stood still; drawn anew, and space was stop, 3 times of 3",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_act_by_their_place_on_other_layouts() {
    let relay = Relay::start().await;
    let url = format!("http://{}", relay.addr());
    let waived = ["host", "--as", "receiver", "--no-setup", "--no-rehearsal"];
    let mut receiver = Terminal::run("receiver", &url, &waived);
    let code = code(&receiver).await;
    let mut helper = Terminal::run("helper", &url, &["join", &code]);
    both_ready(&mut receiver, &mut helper).await;
    // S in Russian, E in Arabic, M in Hebrew.
    for (key, cue) in [("ы", "slower"), ("ث", "ease up"), ("צ", "more pressure")] {
        receiver.press(key);
        let said = |text: &str| text.to_lowercase().contains(cue);
        helper.until(cue, said).await;
    }
    // The Chinese full stop, the wide space, and B in Russian, in Arabic (two letters) and in Persian.
    for key in ["。", "\u{3000}", "и", "لا", "ذ"] {
        receiver.press(key);
        helper.until_text("The receiver said stop").await;
        hands_off(&mut helper).await;
        both_ready(&mut receiver, &mut helper).await;
    }
}
