//! A Chromium window with any size and theme, which can be slowed down.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::wd::{Capabilities, PrintConfigurationBuilder, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tapcue_tests::wait::{self, PATIENCE};
use url::{ParseError, Url};

use crate::looks::Size;

/// The timeout of a wait; a slowed-down page needs longer.
const LONG: Duration = PATIENCE.saturating_mul(4);

/// How long an element must be in place before a press counts, in milliseconds. Source: docs/safety.md, rule
/// 10.
const SETTLED_MS: u64 = 550;

/// One window with its own profile.
#[derive(Debug)]
pub(crate) struct Window {
    client: Client,
}

/// A command of the DevTools protocol.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

impl Window {
    /// Opens a window through the WebDriver server at `driver`.
    pub(crate) async fn open(driver: &str) -> Result<Self> {
        let flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
        ];
        let capabilities = Capabilities::from_iter([
            ("browserName".to_owned(), json!("chrome")),
            ("goog:chromeOptions".to_owned(), json!({"args": flags})),
        ]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(driver).await?;
        Ok(Self { client })
    }

    pub(crate) async fn go(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    pub(crate) async fn reload(&self) -> Result<()> {
        Ok(self.client.refresh().await?)
    }

    /// Sets the size, with a height of `height` CSS pixels.
    pub(crate) async fn resize(&self, size: Size, height: u32) -> Result<()> {
        let metrics = json!({
            "width": size.width,
            "height": height,
            "deviceScaleFactor": size.ratio,
            "mobile": size.touch,
        });
        self.tool("Emulation.setDeviceMetricsOverride", metrics)
            .await
    }

    pub(crate) async fn theme(&self, theme: &str) -> Result<()> {
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.tool("Emulation.setEmulatedMedia", json!({"features": features}))
            .await
    }

    /// Sets the language of requests.
    pub(crate) async fn speak(&self, language: &str) -> Result<()> {
        let agent = self.run("return navigator.userAgent;", vec![]).await?;
        let asks = json!({"userAgent": agent, "acceptLanguage": language});
        self.tool("Emulation.setUserAgentOverride", asks).await
    }

    /// Slows the processor down by this factor.
    pub(crate) async fn slow_down(&self, times: u32) -> Result<()> {
        self.tool("Emulation.setCPUThrottlingRate", json!({"rate": times}))
            .await
    }

    /// Runs a script at the start of every later page.
    pub(crate) async fn at_the_beginning(&self, script: &str) -> Result<()> {
        let source = json!({"source": script});
        self.tool("Page.addScriptToEvaluateOnNewDocument", source)
            .await
    }

    /// Runs a script in the page; returns its result, after waiting for a promise.
    pub(crate) async fn run(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, args).await?)
    }

    /// Presses the first visible match with the driver, after it has been in place for a moment.
    pub(crate) async fn press(&self, css: &str) -> Result<()> {
        let stood = "return new Promise((done) => setTimeout(done, arguments[0]));";
        self.run(stood, vec![json!(SETTLED_MS)]).await?;
        for element in self.client.find_all(Locator::Css(css)).await? {
            if element.is_displayed().await? {
                return Ok(element.click().await?);
            }
        }
        Ok(())
    }

    /// Waits until an expression is true in the page.
    pub(crate) async fn until(&self, expression: &str) -> Result<()> {
        let script = format!("return Boolean({expression});");
        let is = async || {
            let is = self.run(&script, vec![]).await;
            is.is_ok_and(|is| is == json!(true)).then_some(())
        };
        wait::within(LONG, expression, is).await;
        Ok(())
    }

    /// Saves a picture of the visible page.
    pub(crate) async fn picture(&self, file: &Path) -> Result<()> {
        let picture = self.client.screenshot().await?;
        std::fs::write(file, picture).with_context(|| file.display().to_string())
    }

    /// Saves the page as it prints, on A4.
    pub(crate) async fn print(&self, file: &Path) -> Result<()> {
        let a4 = PrintConfigurationBuilder::default().background(true);
        let Ok(a4) = a4.build() else {
            bail!("no way to print on A4");
        };
        let paper = self.client.print(a4).await?;
        std::fs::write(file, paper).with_context(|| file.display().to_string())
    }

    pub(crate) async fn close(self) {
        // The end of the server closes what this does not.
        let _ = self.client.close().await;
    }

    async fn tool(&self, name: &str, params: Value) -> Result<()> {
        let command = json!({"cmd": name, "params": params});
        self.client.issue_cmd(DevTools(command)).await?;
        Ok(())
    }
}
