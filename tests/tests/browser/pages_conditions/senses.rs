//! Each optional part of a browser fails in turn, broken by a script that runs before the page's own. The
//! page is still drawn, a stop's frame leaves before the page uses any sense, and the helper's page is red.

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::fault;
use tapcue_tests::pages::STOP;
use tapcue_tests::proxy::Proxy;
use tapcue_tests::relay::Relay;

/// WebDriver's key for Escape.
const ESCAPE: char = '\u{e00c}';

/// Notes the order of a page's acts: touches and keys, a stop's frame, each use of a sense, and uncaught
/// errors.
const ORDER: &str = "
    const noted = window.tapcueOrder = [];
    const note = (what) => noted.push(what);
    const before = (owner, name, what) => {
        const real = owner?.[name];
        if (typeof real !== 'function') return;
        owner[name] = function (...args) { note(what); return real.apply(this, args); };
    };
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => note('act'), true);
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (text) {
        if (text.includes('\"cue\":\"stop\"')) note('stop');
        return send.call(this, text);
    };
    before(Navigator.prototype, 'vibrate', 'sense: vibrate');
    before(SpeechSynthesis.prototype, 'speak', 'sense: speak');
    before(SpeechSynthesis.prototype, 'getVoices', 'sense: voices');
    before(BaseAudioContext.prototype, 'createOscillator', 'sense: sound');
    before(AudioContext.prototype, 'resume', 'sense: resume');
    before(Storage.prototype, 'setItem', 'sense: storage');
    for (const kind of ['error', 'unhandledrejection']) {
        addEventListener(kind, (event) => note(`uncaught: ${event.reason ?? event.message}`));
    }
    const fails = (what) => function () {
        note(`sense: ${what}`);
        throw new DOMException(what, 'SecurityError');
    };
    const never = (what) => function () { note(`sense: ${what}`); return new Promise(() => {}); };
    const rejects = (what) => function () {
        note(`sense: ${what}`);
        return Promise.reject(new DOMException(what, 'NotAllowedError'));
    };
    const is = (owner, name, value) => {
        Object.defineProperty(owner, name, { configurable: true, writable: true, value });
    };
    const gives = (owner, name, get) => Object.defineProperty(owner, name, { configurable: true, get });
";

const VIBRATION: [(&str, &str); 3] = [
    (
        "vibrate throws",
        "is(navigator, 'vibrate', fails('vibrate'));",
    ),
    ("vibrate is missing", "delete Navigator.prototype.vibrate;"),
    ("vibrate is null", "is(navigator, 'vibrate', null);"),
];

const SPEECH: [(&str, &str); 7] = [
    (
        "speak throws",
        "is(SpeechSynthesis.prototype, 'speak', fails('speak'));",
    ),
    (
        "cancel throws",
        "is(SpeechSynthesis.prototype, 'cancel', fails('cancel'));",
    ),
    (
        "an utterance throws",
        "is(window, 'SpeechSynthesisUtterance', fails('utterance'));",
    ),
    (
        "voices are null",
        "is(SpeechSynthesis.prototype, 'getVoices', () => null);",
    ),
    (
        "voices throw",
        "is(SpeechSynthesis.prototype, 'getVoices', fails('voices'));",
    ),
    (
        "speech is undefined",
        "is(window, 'speechSynthesis', undefined);",
    ),
    (
        "speech throws",
        "gives(window, 'speechSynthesis', fails('speech'));",
    ),
];

const SOUND: [(&str, &str); 5] = [
    ("sound is missing", "is(window, 'AudioContext', undefined);"),
    (
        "sound throws",
        "is(window, 'AudioContext', fails('sound'));",
    ),
    (
        "sound never resumes",
        "is(AudioContext.prototype, 'resume', never('resume'));",
    ),
    (
        "resume throws",
        "is(AudioContext.prototype, 'resume', fails('resume'));",
    ),
    (
        "a note throws",
        "is(BaseAudioContext.prototype, 'createOscillator', fails('note'));",
    ),
];

const KEPT: [(&str, &str); 10] = [
    (
        "storage of the device throws",
        "gives(window, 'localStorage', fails('device'));",
    ),
    (
        "storage of the tab throws",
        "gives(window, 'sessionStorage', fails('tab'));",
    ),
    (
        "both throw",
        "for (const name of ['localStorage', 'sessionStorage']) gives(window, name, fails(name));",
    ),
    (
        "both are null",
        "for (const name of ['localStorage', 'sessionStorage']) is(window, name, null);",
    ),
    (
        "storage is full",
        "is(Storage.prototype, 'setItem', fails('full'));",
    ),
    (
        "storage cannot be read",
        "is(Storage.prototype, 'getItem', fails('read'));",
    ),
    (
        "storage has what is no JSON",
        "is(Storage.prototype, 'getItem', () => '{');",
    ),
    (
        "the address cannot be replaced",
        "is(history, 'replaceState', fails('replace'));",
    ),
    (
        "no channel to other tabs",
        "is(window, 'BroadcastChannel', fails('channel'));",
    ),
    (
        "no locks",
        "gives(Navigator.prototype, 'locks', fails('locks'));",
    ),
];

const OTHERS: [(&str, &str); 12] = [
    ("no media queries", "is(window, 'matchMedia', undefined);"),
    (
        "media queries throw",
        "is(window, 'matchMedia', fails('media'));",
    ),
    (
        "a wake lock throws",
        "is(WakeLock.prototype, 'request', fails('lock'));",
    ),
    (
        "a wake lock is refused",
        "is(WakeLock.prototype, 'request', rejects('lock'));",
    ),
    (
        "a wake lock never comes",
        "is(WakeLock.prototype, 'request', never('lock'));",
    ),
    ("wake locks are null", "is(navigator, 'wakeLock', null);"),
    (
        "no video",
        "is(navigator, 'wakeLock', undefined);
         is(HTMLMediaElement.prototype, 'canPlayType', fails('video'));",
    ),
    (
        "a video throws",
        "is(navigator, 'wakeLock', undefined);
         for (const name of ['play', 'pause']) is(HTMLMediaElement.prototype, name, fails(name));",
    ),
    (
        "no service workers",
        "gives(Navigator.prototype, 'serviceWorker', fails('worker'));",
    ),
    (
        "no random values",
        "is(crypto, 'getRandomValues', undefined);",
    ),
    ("no time limits", "is(AbortSignal, 'timeout', undefined);"),
    (
        "no word of taps",
        "is(navigator, 'userActivation', undefined);",
    ),
];

/// Breaks each of `parts` on both pages and stops by touch and by key; returns how many stops got through.
async fn each_broken(parts: &[(&str, &str)]) -> usize {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (receiver, helper) = tokio::join!(
        browser.open("receiver", "about:blank"),
        browser.open("helper", "about:blank"),
    );
    for (what, script) in parts {
        // A new origin, so that nothing is stored from the part before.
        let way = Proxy::before(relay.addr());
        let url = format!("http://{}/", way.addr());
        let source = json!({"source": format!("(() => {{ {ORDER} {script} }})();")});
        let mut added = Vec::new();
        for page in [&receiver, &helper] {
            let answer = page
                .devtools("Page.addScriptToEvaluateOnNewDocument", source.clone())
                .await;
            added.push(answer);
        }
        println!("{what}");
        stopped(&receiver, &helper, &url, what).await;
        for (page, script) in [&receiver, &helper].into_iter().zip(added) {
            page.devtools("Page.removeScriptToEvaluateOnNewDocument", script)
                .await;
        }
    }
    tokio::join!(receiver.close(), helper.close());
    parts.len()
}

async fn stopped(receiver: &Page, helper: &Page, url: &str, what: &str) {
    receiver.go_to(url).await;
    receiver.tap("[data-action=create-receiver]").await;
    receiver.until_screen("pair").await;
    let code = receiver.text("#code").await.unwrap_or_default();
    helper.go_to(url).await;
    helper.tap("[data-action=join]").await;
    helper.type_into("#code-input", code.trim()).await;
    helper.tap("[data-action=join]").await;
    for page in [receiver, helper] {
        page.until_screen("setup").await;
    }
    receiver.tap(STOP).await;
    helper
        .until("red", async || helper.is_coloured("stop").await)
        .await;
    frame_first(receiver, what, 1).await;
    receiver.key_down(ESCAPE, std::time::Duration::ZERO).await;
    receiver.key_up(ESCAPE).await;
    receiver
        .until("the stop by a key", async || {
            stops(receiver).await.len() >= 2
        })
        .await;
    frame_first(receiver, what, 2).await;
    for page in [receiver, helper] {
        let order = order(page).await;
        let uncaught: Vec<_> = order
            .iter()
            .filter(|one| one.starts_with("uncaught"))
            .collect();
        assert!(uncaught.is_empty(), "{what}: {}: {uncaught:?}", page.name());
    }
}

/// Between the last act and the first frame of its stop, the page used no sense.
async fn frame_first(page: &Page, what: &str, least: usize) {
    let order = order(page).await;
    let stops = stops(page).await;
    assert!(stops.len() >= least, "{what}: {order:?}");
    let act = order.iter().rposition(|one| one == "act").expect("an act");
    let stop = order.iter().skip(act).position(|one| one == "stop");
    let until = stop.unwrap_or_else(|| panic!("{what}: no stop after the act: {order:?}"));
    let between: Vec<_> = order[act..act + until]
        .iter()
        .filter(|one| one.starts_with("sense"))
        .collect();
    assert!(
        between.is_empty(),
        "{what}: {between:?} before the stop: {order:?}"
    );
}

async fn order(page: &Page) -> Vec<String> {
    let order = page.run("return window.tapcueOrder;", vec![]).await;
    let order = order.as_array().into_iter().flatten();
    order.filter_map(Value::as_str).map(str::to_owned).collect()
}

async fn stops(page: &Page) -> Vec<String> {
    let order = order(page).await.into_iter();
    order.filter(|one| one == "stop").collect()
}

/// One row of the fault table: breaks each of these parts in turn.
async fn row(test: &str, parts: &[(&str, &str)]) {
    let came = each_broken(parts).await;
    fault::came(
        test,
        &format!("{came} broken in turn: the frame first, the helper red each time"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_vibration_stands_before_a_stop() {
    row(
        "pages_conditions::senses::no_vibration_stands_before_a_stop",
        &VIBRATION,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_speech_stands_before_a_stop() {
    row(
        "pages_conditions::senses::no_speech_stands_before_a_stop",
        &SPEECH,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sound_stands_before_a_stop() {
    row(
        "pages_conditions::senses::no_sound_stands_before_a_stop",
        &SOUND,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_storage_stands_before_a_stop() {
    each_broken(&KEPT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_a_browser_stands_before_a_stop() {
    each_broken(&OTHERS).await;
}
