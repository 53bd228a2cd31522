//! Two real pages in one session, each with its own network, and what people do on them.

pub mod past;

use serde_json::{Value, json};

use crate::browser::{Browser, Engine, Page, wall_clock_ms};
use crate::pair::Pair;
use crate::peer::Peer;
use crate::proxy::Proxy;
use crate::relay::Relay;

/// The button "hands off".
pub const HANDS_OFF: &str = "[data-action=hands-off]";
/// The button "ready" while held.
pub const READY: &str = "[data-action=ready]";
/// The stop button.
pub const STOP: &str = "[data-cue=stop]";
/// The button with which a receiver silences this device's alarm of an open stop.
pub const SILENCE: &str = "[data-action=silence]";
/// The button "slower".
pub const SLOWER: &str = "[data-cue=slower]";

/// The key that moves a slider to its beginning.
const HOME: &str = "\u{e011}";

/// A receiver's and a helper's page. Their networks record every message.
#[derive(Debug)]
pub struct TwoPages {
    /// The relay of both.
    pub relay: Relay,
    /// The receiver's page.
    pub receiver: Page,
    /// The helper's page.
    pub helper: Page,
    /// The proxy between the receiver's page and the relay.
    pub receiver_network: Proxy,
    /// The proxy between the helper's page and the relay.
    pub helper_network: Proxy,
    _browsers: Vec<Browser>,
}

impl TwoPages {
    /// Pairs two pages by the link: the receiver's page creates the session and the helper's joins, each
    /// in its own engine. Both end at the set-up. `look` sees each screen on the way.
    pub async fn by_link(
        [receiver, helper]: [Engine; 2],
        mut look: impl AsyncFnMut(&Page, &str),
    ) -> Self {
        let relay = Relay::start().await;
        let receiver_network = Proxy::recording_before(relay.addr());
        let helper_network = Proxy::recording_before(relay.addr());
        let address = |network: &Proxy| format!("http://{}/", network.addr());
        let browsers = tokio::join!(Browser::start_with(receiver), Browser::start_with(helper));
        let own = address(&receiver_network);
        let (receiver, helper) = tokio::join!(
            browsers.0.open("receiver", &own),
            browsers.1.open("helper", "about:blank"),
        );
        receiver.until_screen("start").await;
        look(&receiver, "start").await;
        receiver.tap("[data-action=create-receiver]").await;
        receiver.until_screen("pair").await;
        look(&receiver, "pair").await;
        let code = receiver.text("#code").await.unwrap_or_default();
        assert_eq!(code.trim().len(), 9, "a code in two parts: {code:?}");
        let link = receiver.shared_link().await;
        let (own, secret) = link.split_once("#join=").expect("a link with a secret");
        assert_eq!(own, format!("http://{}/", relay.addr()), "the relay's link");
        let own_way = format!("{}#join={secret}", address(&helper_network));
        helper.go_to(&own_way).await;
        helper.until_screen("join").await;
        look(&helper, "join").await;
        helper.tap("[data-action=join]").await;
        for page in [&receiver, &helper] {
            page.until_screen("setup").await;
        }
        Self {
            relay,
            receiver,
            helper,
            receiver_network,
            helper_network,
            _browsers: vec![browsers.0, browsers.1],
        }
    }

    /// Opens a session with `options` that a page has no switch for. Scripted devices open it, and the
    /// pages take over their places by the tokens, as after a reload. Before that, the pages of the
    /// `muted` roles turn their volume down.
    pub async fn with(options: Value, muted: &[&str]) -> Self {
        Self::with_in(Engine::Chromium, options, muted).await
    }

    /// Like [`TwoPages::with`], in another engine.
    pub async fn with_in(engine: Engine, options: Value, muted: &[&str]) -> Self {
        let relay = Relay::start().await;
        let receiver_network = Proxy::recording_before(relay.addr());
        let helper_network = Proxy::recording_before(relay.addr());
        let browser = Browser::start_with(engine).await;
        let pair = Pair::open_at(&relay.ws(), &relay.ws(), options).await;
        let (receiver, helper) = tokio::join!(
            take_over(&browser, &receiver_network, &pair.receiver, muted),
            take_over(&browser, &helper_network, &pair.helper, muted),
        );
        drop(pair);
        Self {
            relay,
            receiver,
            helper,
            receiver_network,
            helper_network,
            _browsers: vec![browser],
        }
    }

    /// Like [`TwoPages::with`], and live, by taps on both pages.
    pub async fn live_with(options: Value, muted: &[&str]) -> Self {
        let pages = Self::with(options, muted).await;
        pages.go_live().await;
        pages
    }

    /// Waits until both pages are held after they took over their places, then makes them live by taps.
    pub async fn go_live(&self) {
        let pages = self;
        for page in [&pages.receiver, &pages.helper] {
            page.until_screen("held").await;
        }
        // Taking over a place may have led to a hold.
        if pages.helper.sees(HANDS_OFF).await {
            pages.hands_off().await;
        }
        pages.both_ready().await;
    }

    /// When each page's network first carried word of the newest stop from the relay, on the pages' wall
    /// clock in milliseconds. The receiver's time comes first.
    ///
    /// # Panics
    /// When there was no stop, or a network carried no word of it.
    #[must_use]
    pub fn newest_stop_told(&self) -> [u64; 2] {
        let networks = [&self.receiver_network, &self.helper_network];
        let messages = networks.map(|network| network.recorder().messages());
        let sent = messages.iter().flatten().filter(|it| it.is_cue("stop"));
        let newest = sent.max_by_key(|it| it.at).expect("a stop");
        let id = &newest.body["id"];
        messages.each_ref().map(|messages| {
            let told = messages.iter().find(|it| {
                let ahead = it.body["type"] == "stop" && it.body["id"] == *id;
                ahead || it.body["state"]["hold"]["id"] == *id
            });
            let ago = told.expect("a word of the stop").at.elapsed();
            wall_clock_ms() - u64::try_from(ago.as_millis()).expect("a while")
        })
    }

    /// The helper taps "hands off", and the receiver's page ticks it.
    pub async fn hands_off(&self) {
        let Self {
            receiver, helper, ..
        } = self;
        helper
            .tap_until(HANDS_OFF, "hands off", async || {
                !helper.sees(HANDS_OFF).await
            })
            .await;
        let done = "[data-need=hands_off][data-done=true]";
        receiver
            .until("hands off", async || receiver.sees(done).await)
            .await;
    }

    /// Taps ready on both pages until both show that they are live. The helper's page is then green.
    pub async fn both_ready(&self) {
        for (page, role) in [(&self.receiver, "receiver"), (&self.helper, "helper")] {
            let said = format!("[data-need={role}_ready][data-done=true]");
            page.tap_until(READY, "ready", async || {
                page.sees(&said).await || page.screen().await == "live"
            })
            .await;
        }
        for page in [&self.receiver, &self.helper] {
            page.until_screen("live").await;
        }
        let helper = &self.helper;
        helper
            .until("go", async || helper.is_coloured("go").await)
            .await;
    }

    /// Closes both pages.
    pub async fn close(self) {
        tokio::join!(self.receiver.close(), self.helper.close());
    }
}

/// Opens a page that takes over the place of a scripted device.
async fn take_over(browser: &Browser, network: &Proxy, peer: &Peer, muted: &[&str]) -> Page {
    let role = peer.welcome_text("role");
    let page = browser
        .open(&role, &format!("http://{}/", network.addr()))
        .await;
    page.until_screen("start").await;
    if muted.contains(&role.as_str()) {
        page.tap("details.device summary").await;
        page.type_into("input.volume", HOME).await;
    }
    let place = json!({
        "session": peer.welcome("session"),
        "role": role,
        "token": peer.welcome("token"),
        "at": wall_clock_ms(),
    });
    let keep = "sessionStorage.setItem('tapcue.place', arguments[0]);";
    let _ = page.run(keep, vec![json!(place.to_string())]).await;
    page.reload().await;
    page
}
