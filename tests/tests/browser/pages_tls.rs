//! A real browser and the relay's own authority: the page about trust continues by itself where the authority
//! is trusted. The next page has the features that browsers reserve for https.

use std::path::Path;
use std::process::Stdio;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tapcue_tests::folder::folder;
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::{PATIENCE, until};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A name that resolves to this machine in these browsers only. Unlike `localhost`, it is not secure by
/// itself.
const NAME: &str = "tapcue.local";

/// A browser with its own home directory, which has its trusted authorities.
struct Browser {
    client: Client,
    _driver: Child,
}

impl Browser {
    async fn start(home: &Path) -> Self {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .env("HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver: `tests/run` installs it");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = async {
            while let Ok(Some(line)) = lines.next_line().await {
                let port = line.split_once("started successfully on port ");
                if let Some((_, port)) = port {
                    return port.trim_end_matches('.').to_owned();
                }
            }
            panic!("chromedriver did not say its port")
        };
        let port = timeout(PATIENCE, port).await.expect("chromedriver's port");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let flags = [
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-dev-shm-usage".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            format!("--host-resolver-rules=MAP {NAME} 127.0.0.1"),
            format!("--user-data-dir={}", home.join("profile").display()),
        ];
        // A small phone: a desktop window cannot be this narrow.
        let metrics = json!({"width": 360, "height": 640, "pixelRatio": 2.0, "touch": true});
        let options = json!({"args": flags, "mobileEmulation": {"deviceMetrics": metrics}});
        let capabilities = Capabilities::from_iter([
            ("browserName".to_owned(), json!("chrome")),
            ("goog:chromeOptions".to_owned(), options),
        ]);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Self {
            client,
            _driver: driver,
        }
    }

    async fn run(&self, script: &str) -> Value {
        // A page cannot answer while it unloads.
        self.client
            .execute(script, vec![])
            .await
            .unwrap_or_default()
    }

    async fn is(&self, condition: &str) -> Option<()> {
        let found = self.run(&format!("return Boolean({condition});")).await;
        (found == json!(true)).then_some(())
    }
}

/// The accessibility rules, from the web client's development packages.
const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../client/web/node_modules/axe-core/axe.min.js"
);

async fn certutil(home: &Path, args: &[&str]) {
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store).expect("a folder");
    let done = Command::new("certutil")
        .arg("-d")
        .arg(format!("sql:{}", store.display()))
        .args(args)
        .stdin(Stdio::null())
        .status()
        .await;
    let done = done.expect("certutil: `tests/run` installs it");
    assert!(done.success(), "{args:?}");
}

#[tokio::test]
async fn a_browser_that_trusts_the_relay_goes_on_to_the_secure_page() {
    let relay = Relay::start_with(&["--tls", "local-ca"], &[]).await;
    let home = folder();
    let ca = relay.data().join("local-ca/ca.pem");
    let ca = ca.to_str().expect("a path");
    certutil(home.path(), &["-N", "--empty-password"]).await;
    certutil(home.path(), &["-A", "-n", "tapcue", "-t", "C,,", "-i", ca]).await;
    let browser = Browser::start(home.path()).await;
    let at = format!("{NAME}:{}", relay.addr().port());
    let url = format!("http://{at}/trust#join=planted");
    browser.client.goto(&url).await.expect("the page");
    let started = "location.protocol === 'https:' && location.pathname === '/'
        && document.querySelector('[data-screen=join]') !== null";
    until("the secure page", async || browser.is(started).await).await;
    let can = "isSecureContext && crypto.subtle && navigator.wakeLock && crypto.randomUUID";
    assert!(browser.is(can).await.is_some());
    let url = format!("https://{at}/");
    browser.client.goto(&url).await.expect("the page");
    let line = "document.body.textContent.includes('The connection to the server is encrypted')";
    until("the line about https", async || browser.is(line).await).await;
    let _ = browser.client.close().await;
}

#[tokio::test]
async fn a_browser_that_does_not_trust_the_relay_stays_and_is_told_how() {
    let relay = Relay::start_with(&["--tls", "local-ca"], &[]).await;
    let home = folder();
    let browser = Browser::start(home.path()).await;
    let at = format!("{NAME}:{}", relay.addr().port());
    let url = format!("http://{at}/trust#join=planted");
    // The page asks by https, its browser refuses, and the page asks again.
    let watch = "performance.getEntriesByType('resource')
        .filter((asked) => asked.name.startsWith('https:')).length >= 2";
    browser.client.goto(&url).await.expect("the page");
    until("two questions", async || browser.is(watch).await).await;
    for condition in [
        "location.protocol === 'http:' && location.pathname === '/trust'",
        "document.getElementById('state').textContent.includes('Not trusted yet')",
        // The invitation stays in the link for people who continue without trust.
        "document.getElementById('plain').href.endsWith('/#join=planted')",
        "document.querySelectorAll('details[open]').length === 1",
        // A small screen cuts nothing off.
        "document.documentElement.scrollWidth <= innerWidth",
        "[...document.querySelectorAll('a, summary')].filter((it) => it.checkVisibility())
            .every((it) => it.getBoundingClientRect().height >= 40)",
    ] {
        assert!(browser.is(condition).await.is_some(), "{condition}");
    }
    let script = std::fs::read_to_string(AXE).expect("axe-core: `npm --prefix client/web ci`");
    let _ = browser.run(&script).await;
    let run = "return axe.run(document).then(({ violations }) => violations.map(({ id }) => id));";
    assert_eq!(browser.run(run).await, json!([]), "axe-core finds nothing");
    let picture = browser.client.screenshot().await.expect("a picture");
    let test = std::env::current_exe().expect("the path of this test");
    let screens = test
        .ancestors()
        .nth(3)
        .expect("the target folder")
        .join("screens");
    std::fs::create_dir_all(&screens).expect("a folder for pictures");
    std::fs::write(screens.join("trust.png"), picture).expect("a saved picture");
    // A person who continued without trust finds the way back to that page.
    let url = format!("http://{at}/");
    browser.client.goto(&url).await.expect("the page");
    let way = "document.querySelector('.can a')?.pathname === '/trust'";
    until("the way to trust", async || browser.is(way).await).await;
    let _ = browser.client.close().await;
}
