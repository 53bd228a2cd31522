//! Keys of other layouts, keys of input methods, and keys that stay down.

use serde_json::{Value, json};
use tapcue_tests::browser::Page;
use tapcue_tests::fault;
use tapcue_tests::pages::TwoPages;
use tapcue_tests::pair::waived;
use tapcue_tests::proxy::Proxy;

/// The key code of a key that an input method handles. Source: UI Events, "keyCode".
const TAKEN_BY_AN_INPUT_METHOD: u32 = 229;

/// Presses a key, repeats it, and releases it.
async fn press(page: &Page, key: &str, code: &str, repeats: usize) {
    let event = |kind: &str, repeat: bool| {
        let number = if key == "Process" {
            TAKEN_BY_AN_INPUT_METHOD
        } else {
            0
        };
        json!({
            "type": kind, "key": key, "code": code, "autoRepeat": repeat,
            "windowsVirtualKeyCode": number,
        })
    };
    for time in 0..=repeats {
        page.devtools("Input.dispatchKeyEvent", event("rawKeyDown", time > 0))
            .await;
    }
    page.devtools("Input.dispatchKeyEvent", event("keyUp", false))
        .await;
}

fn sent(network: &Proxy, cue: &str) -> usize {
    let messages = network.recorder().messages();
    let ids: std::collections::HashSet<Value> = messages
        .iter()
        .filter(|message| message.is_cue(cue))
        .map(|message| message.body["id"].clone())
        .collect();
    ids.len()
}

/// Both say ready; the receiver's key is at the place of R.
async fn ready_by(pages: &TwoPages, key: &str) {
    for page in [&pages.helper, &pages.receiver] {
        page.until("ready by a key", async || {
            press(page, key, "KeyR", 0).await;
            page.sees(".said").await || page.screen().await == "live"
        })
        .await;
    }
    for page in [&pages.receiver, &pages.helper] {
        page.until_screen("live").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_act_by_their_place_on_other_layouts() {
    let pages = TwoPages::live_with(waived(), &[]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    // A Russian layout.
    press(receiver, "ы", "KeyS", 0).await;
    helper
        .until("slower", async || helper.is_coloured("slow").await)
        .await;
    // A held key is one cue.
    press(receiver, "у", "KeyE", 20).await;
    receiver
        .until("the cue", async || {
            sent(&pages.receiver_network, "ease_up") > 0
        })
        .await;
    assert_eq!(sent(&pages.receiver_network, "ease_up"), 1);
    for (stops, (key, code, ready)) in [
        ("Process", "Space", "к"),
        ("Dead", "Space", "ق"),
        ("\u{3000}", "", "Process"),
        ("。", "Period", "ר"),
        ("Process", "Escape", "ρ"),
        ("и", "KeyB", "r"),
    ]
    .into_iter()
    .enumerate()
    {
        let (own, network) = if stops % 2 == 0 {
            (receiver, &pages.receiver_network)
        } else {
            (helper, &pages.helper_network)
        };
        let before = sent(network, "stop");
        press(own, key, code, 20).await;
        helper
            .until("red", async || helper.is_coloured("stop").await)
            .await;
        assert_eq!(
            sent(network, "stop"),
            before + 1,
            "{key} {code}: held, it is one stop"
        );
        pages.hands_off().await;
        ready_by(&pages, ready).await;
    }
    pages.close().await;
    fault::came(
        "pages_conditions::keys::keys_act_by_their_place_on_other_layouts",
        "slower, ease up, ready and six stops by keys without Latin letters; held, each once",
    );
}
