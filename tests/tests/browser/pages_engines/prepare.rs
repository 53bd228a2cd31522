//! The flows before live: set-up and rehearsal, a device's abilities, pairing by code.

use serde_json::Value;
use tapcue_tests::browser::Page;
use tapcue_tests::pages::{STOP, TwoPages};

use super::looks::Looks;
use super::report::measured;

/// Detects the browser's abilities by using them.
const HAS: &str = "
    const context = new AudioContext();
    const patience = (ms, otherwise) => new Promise((done) => setTimeout(done, ms, otherwise));
    const audio = Promise.race([context.resume().then(() => context.state), patience(2_500, 'no answer')]);
    const { subtle } = crypto;
    const text = atob('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const key = subtle?.importKey('raw', bytes, 'Ed25519', false, ['verify']).then(() => true, () => false) ?? false;
    return Promise.all([audio, key]).then(([audio, ed25519]) => ({
        audio, ed25519,
        voices: globalThis.speechSynthesis?.getVoices().length ?? 0,
        wakeLock: 'wakeLock' in navigator,
        vibration: 'vibrate' in navigator,
        said: Object.fromEntries([...document.querySelectorAll('.can li')].map((line) =>
            [line.querySelector('b').textContent, line.dataset.ok === 'true'])),
    }));
";

/// The warning signs, the lists, and one stop before going live.
pub(crate) async fn rehearsed(pages: &TwoPages, looks: &Looks) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    looks.look(receiver, "setup-signs").await;
    receiver
        .tap_until("[data-action=signs-none]", "the list", async || {
            receiver.sees("[data-action=setup-done]").await
        })
        .await;
    looks.look(receiver, "setup-receiver").await;
    looks.look(helper, "setup-helper").await;
    for page in [receiver, helper] {
        page.tap_until("[data-action=setup-done]", "rehearse", async || {
            page.screen().await != "setup"
        })
        .await;
    }
    for page in [receiver, helper] {
        page.until_screen("rehearse").await;
    }
    looks.look(receiver, "rehearse-receiver").await;
    looks.look(helper, "rehearse-helper").await;
    receiver.tap(STOP).await;
    helper
        .until("the stop", async || helper.is_coloured("stop").await)
        .await;
    pages.hands_off().await;
}

/// The start page claims only the sound and voice that the device has.
pub(crate) async fn able(pages: &TwoPages) {
    for page in [&pages.receiver, &pages.helper] {
        page.until_screen("start").await;
        page.tap("details.device summary").await;
        page.tap("[data-action=try-sound]").await;
        // The detection takes as long as the page's own detection of missing sound.
        let has = page.run(HAS, vec![]).await;
        let said = |what: &str| has["said"][what].as_bool();
        let engine = page.engine();
        println!("{engine}: {has}");
        assert_eq!(said("Sound"), Some(has["audio"] == "running"), "{has}");
        let voices = has["voices"].as_u64().unwrap_or(0);
        assert_eq!(said("Speech"), Some(voices > 0), "{has}");
        let is = |what: &str| if has[what] == true { "yes" } else { "no" };
        let able = format!(
            "sound {}, {voices} voices, Ed25519 {}, wake lock {}, vibration {}",
            has["audio"]
                .as_str()
                .unwrap_or("none")
                .replace("no answer", "without a loudspeaker: none"),
            is("ed25519"),
            is("wakeLock"),
            is("vibration"),
        );
        measured(&format!("the {}'s device", page.name()), able);
    }
}

/// The helper's page creates a session as receiver; the other joins by the displayed code.
pub(crate) async fn by_code(pages: &TwoPages, looks: &Looks) {
    let (creates, joins) = (&pages.helper, &pages.receiver);
    joins.tap_to("[data-action=join]", "join").await;
    looks.look(joins, "join-code").await;
    joins.tap_to("[data-action=back]", "start").await;
    join_by_code(creates, joins).await;
    for page in [creates, joins] {
        page.until_screen("setup").await;
    }
    assert_eq!(role(creates).await.as_deref(), Some("receiver"));
    assert_eq!(role(joins).await.as_deref(), Some("helper"));
}

/// One page creates a session as receiver; the other types the displayed code.
pub(crate) async fn join_by_code(creates: &Page, joins: &Page) {
    creates
        .tap_to("[data-action=create-receiver]", "pair")
        .await;
    let code = creates.text("#code").await.unwrap_or_default();
    joins.tap_to("[data-action=join]", "join").await;
    let typed = code.trim().to_lowercase().replace('-', "");
    joins.type_into("#code-input", &typed).await;
    let field = "return document.querySelector('#code-input').value;";
    let tidy = joins.run(field, vec![]).await;
    assert_eq!(tidy, Value::from(code.trim()), "tidied while it is typed");
    joins.tap("[data-action=join]").await;
}

async fn role(page: &Page) -> Option<String> {
    page.attribute("body", "data-role").await
}
