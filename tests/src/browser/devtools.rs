//! What only Chromium's developer tools can do to a page: freeze it, slow it down, press any key.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::Page;

#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

impl Page {
    /// Gives a command of the DevTools protocol; what it answers.
    ///
    /// # Panics
    /// When the browser refuses it.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = Devtools(json!({"cmd": command, "params": params}));
        let answer = self.client.issue_cmd(body).await;
        answer.unwrap_or_else(|error| panic!("{}: {command}: {error}", self.name()))
    }

    /// Runs a script in a page that may be loaded anew meanwhile; what it returns, if it did.
    pub async fn try_run(&self, script: &str) -> Option<Value> {
        self.client.execute(script, vec![]).await.ok()
    }

    /// From its next document on, the page notes what its Content-Security-Policy forbids it.
    pub(super) async fn note_breaches(&self) {
        let source = "addEventListener('securitypolicyviolation', (event) => {
            const noted = JSON.parse(sessionStorage.getItem('test.breaches') ?? '[]');
            noted.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
            sessionStorage.setItem('test.breaches', JSON.stringify(noted));
        }, true);";
        let script = json!({"source": source});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
    }

    /// What its Content-Security-Policy forbade it so far, in this tab. None where the page is of no
    /// relay, or of another browser.
    pub async fn breaches(&self) -> Vec<String> {
        let script = "return sessionStorage.getItem('test.breaches');";
        let noted = self.try_run(script).await;
        let noted = noted.as_ref().and_then(Value::as_str);
        noted.map_or_else(Vec::new, |noted| {
            serde_json::from_str(noted).expect("a list of breaches")
        })
    }

    /// Hides the page and stops it, as a phone does when its screen goes off.
    pub async fn freeze(&self) {
        let frozen = json!({"state": "frozen"});
        self.devtools("Page.setWebLifecycleState", frozen).await;
    }

    /// Ends [`Page::freeze`], and shows the page.
    pub async fn wake(&self) {
        let active = json!({"state": "active"});
        self.devtools("Page.setWebLifecycleState", active).await;
        let window = self.devtools("Browser.getWindowForTarget", json!({})).await;
        // What is shown again is a window that was not shown before.
        for state in ["minimized", "normal"] {
            let bounds = json!({"windowId": window["windowId"], "bounds": {"windowState": state}});
            self.devtools("Browser.setWindowBounds", bounds).await;
        }
    }

    /// Presses a key, by the name that a page gets, on whatever has the focus.
    pub async fn press(&self, key: &str) {
        // What it writes; without that a field gets no letter, and Enter presses no button.
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let down = if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        };
        for (kind, text) in [(down, text), ("keyUp", "")] {
            let params = json!({"type": kind, "key": key, "code": key, "text": text});
            self.devtools("Input.dispatchKeyEvent", params).await;
        }
    }
}
