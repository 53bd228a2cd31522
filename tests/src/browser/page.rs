//! One page: what it shows, and what people do on it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Engine;
use super::touch::{Hand, TAP};
use crate::folder::target;
use crate::wait::{self, PATIENCE};

/// How long a tap may take to have its effect before it is made again: a page ignores taps on what has
/// just appeared.
const TAP_EFFECT: Duration = Duration::from_millis(700);

/// A script that waits until the page has painted, because a picture is of the last frame. It ends after
/// 2 s, because a hidden page paints nothing.
const PAINTED: &str = "
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const end = new Promise((done) => setTimeout(done, 2_000));
    return Promise.race([frame().then(frame).then(frame).then(() => true), end]);
";

/// One page in a browser of its own.
#[derive(Debug)]
pub struct Page {
    name: String,
    engine: Engine,
    pub(super) client: Client,
}

impl Page {
    pub(super) fn new(name: &str, engine: Engine, client: Client) -> Self {
        Self {
            name: name.into(),
            engine,
            client,
        }
    }

    /// The engine that it runs in.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The page's name, such as the role of its person.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the page shows this screen.
    pub async fn until_screen(&self, screen: &str) {
        self.until(&format!("screen {screen}"), async || {
            self.screen().await == screen
        })
        .await;
    }

    /// Waits until `is` returns true.
    ///
    /// # Panics
    /// When it does not in time. The message says what the page shows instead, and a picture is saved.
    pub async fn until(&self, what: &str, is: impl AsyncFnMut() -> bool) {
        self.until_within(PATIENCE, what, is).await;
    }

    /// Waits until `is` returns true, for at most `time`.
    ///
    /// # Panics
    /// As [`Page::until`].
    pub async fn until_within(
        &self,
        time: Duration,
        what: &str,
        mut is: impl AsyncFnMut() -> bool,
    ) {
        let looking = wait::within(time * 2, what, async || is().await.then_some(()));
        if timeout(time, looking).await.is_err() {
            self.fail(what).await;
        }
    }

    /// The screen: `data-screen` of the body.
    pub async fn screen(&self) -> String {
        self.attribute("body", "data-screen")
            .await
            .unwrap_or_default()
    }

    /// An attribute of the first visible element that matches.
    pub async fn attribute(&self, css: &str, attribute: &str) -> Option<String> {
        let script = "
            const all = [...document.querySelectorAll(arguments[0])];
            return all.find((element) => element.checkVisibility())?.getAttribute(arguments[1]);
        ";
        let value = self.run(script, vec![json!(css), json!(attribute)]).await;
        value.as_str().map(str::to_owned)
    }

    /// The text of the first visible element that matches, if there is one.
    pub async fn text(&self, css: &str) -> Option<String> {
        let script = "
            const all = [...document.querySelectorAll(arguments[0])];
            return all.find((element) => element.checkVisibility())?.innerText;
        ";
        self.run(script, vec![json!(css)])
            .await
            .as_str()
            .map(str::to_owned)
    }

    /// Whether an element that matches is visible.
    pub async fn sees(&self, css: &str) -> bool {
        self.text(css).await.is_some()
    }

    /// Whether the page shows this colour.
    pub async fn is_coloured(&self, colour: &str) -> bool {
        self.sees(&format!("[data-colour={colour}]")).await
    }

    /// Taps the element that matches, as soon as it is visible.
    ///
    /// # Panics
    /// When it cannot be tapped.
    pub async fn tap(&self, css: &str) {
        self.until(&format!("{css} to tap"), async || self.sees(css).await)
            .await;
        let Some(at) = self.place(css).await else {
            self.fail(&format!("{css} where a finger can reach it"))
                .await;
        };
        self.point(Hand::of(self.engine), at, TAP).await;
    }

    /// Taps the element that matches until `is` returns true. A page ignores taps on what has just
    /// appeared, and a ready too soon after a hold.
    pub async fn tap_until(&self, css: &str, what: &str, mut is: impl AsyncFnMut() -> bool) {
        self.until(&format!("{what} by {css}"), async || {
            if is().await {
                return true;
            }
            // The element may be gone by now because an earlier tap had its effect.
            if let Some(at) = self.place(css).await {
                self.point(Hand::of(self.engine), at, TAP).await;
            }
            let effect = wait::within(PATIENCE, what, async || is().await.then_some(()));
            timeout(TAP_EFFECT, effect).await.is_ok()
        })
        .await;
    }

    /// Taps the element that matches until the page shows this screen.
    pub async fn tap_to(&self, css: &str, screen: &str) {
        self.tap_until(css, screen, async || self.screen().await == screen)
            .await;
    }

    /// Types into the element that matches.
    ///
    /// # Panics
    /// When there is none.
    pub async fn type_into(&self, css: &str, text: &str) {
        let field = self.client.find(Locator::Css(css)).await.expect("a field");
        field.send_keys(text).await.expect("typing");
    }

    /// Chooses this value in the visible list that matches.
    ///
    /// # Panics
    /// When there is none.
    pub async fn choose(&self, css: &str, value: &str) {
        for list in self
            .client
            .find_all(Locator::Css(css))
            .await
            .expect("lists")
        {
            if list.is_displayed().await.expect("a list") {
                return list.select_by_value(value).await.expect("a choice");
            }
        }
        panic!("{}: no list {css}", self.name);
    }

    /// Runs a script in the page, and returns its result.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run(&self, script: &str, args: Vec<Value>) -> Value {
        let result = self.client.execute(script, args).await;
        result.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The link that this page shares. Apart from that, the page shows the link only as a QR code.
    pub async fn shared_link(&self) -> String {
        let catch = "Object.defineProperty(navigator, 'share', {
            configurable: true,
            value: (what) => { window.tapcueShared = what.url; return Promise.resolve(); },
        });";
        let _ = self.run(catch, vec![]).await;
        self.tap_until("[data-action=share]", "a link", async || {
            self.run("return window.tapcueShared;", vec![])
                .await
                .is_string()
        })
        .await;
        let link = self.run("return window.tapcueShared;", vec![]).await;
        link.as_str().unwrap_or_default().to_owned()
    }

    /// Opens another address.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn go_to(&self, url: &str) {
        self.client.goto(url).await.expect("the page");
        self.observe().await;
    }

    /// Opens another address in a second tab of the same browser. This page is that tab from now on.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn go_to_second_tab(&self, url: &str) {
        let tab = self.client.new_window(true).await.expect("a tab");
        let switched = self.client.switch_to_window(tab.handle).await;
        switched.expect("the other tab");
        self.go_to(url).await;
    }

    /// Loads the page anew. The notes of what it showed and sounded before are lost.
    ///
    /// # Panics
    /// When it does not load.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page again");
        self.observe().await;
    }

    /// Saves a picture of the page as `screens/NAME.png` in the target folder.
    ///
    /// # Panics
    /// When it cannot be taken or saved.
    pub async fn picture(&self, name: &str) {
        let _ = self.run(PAINTED, vec![]).await;
        let picture = self.client.screenshot().await.expect("a picture");
        let file = target().join("screens").join(name).with_extension("png");
        let folder = file.parent().expect("a folder for pictures");
        std::fs::create_dir_all(folder).expect("a folder for pictures");
        std::fs::write(file, picture).expect("a saved picture");
    }

    /// Closes the page and its browser.
    ///
    /// # Panics
    /// When the page has broken its Content-Security-Policy.
    pub async fn close(self) {
        let breaches = self.breaches().await;
        assert!(breaches.is_empty(), "{}: {breaches:?}", self.name());
        // The end of the server closes what this does not.
        let _ = self.client.close().await;
    }

    async fn fail(&self, what: &str) -> ! {
        self.picture(&format!("failed-{}", self.name)).await;
        let text = self.text("body").await;
        let shown = self.shown().await;
        let last = &shown[shown.len().saturating_sub(6)..];
        let name = &self.name;
        panic!("{name}: expected {what}\n  last shown {last:#?}\n  text {text:?}");
    }
}

/// The wall clock in milliseconds, like a page's `Date.now()`.
///
/// # Panics
/// When the clock is before 1970.
#[must_use]
pub fn wall_clock_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.expect("a clock after 1970").as_millis()).expect("milliseconds")
}
