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
    /// Sends a command of the DevTools protocol, and returns its answer.
    ///
    /// # Panics
    /// When the browser refuses it.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = Devtools(json!({"cmd": command, "params": params}));
        let answer = self.client.issue_cmd(body).await;
        answer.unwrap_or_else(|error| panic!("{}: {command}: {error}", self.name()))
    }

    /// Runs a script in a page that may reload meanwhile. Returns its result, if there is one.
    pub async fn try_run(&self, script: &str) -> Option<Value> {
        self.client.execute(script, vec![]).await.ok()
    }

    /// From its next document on, the page notes what its Content-Security-Policy forbids.
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

    /// What its Content-Security-Policy has forbidden so far in this tab. It is empty where the page is
    /// of no relay, or of another browser.
    pub async fn breaches(&self) -> Vec<String> {
        let script = "return sessionStorage.getItem('test.breaches');";
        let noted = self.try_run(script).await;
        let noted = noted.as_ref().and_then(Value::as_str);
        noted.map_or_else(Vec::new, |noted| {
            serde_json::from_str(noted).expect("a list of breaches")
        })
    }

    /// Hides and freezes the page, as a phone does when its screen goes off.
    pub async fn freeze(&self) {
        let frozen = json!({"state": "frozen"});
        self.devtools("Page.setWebLifecycleState", frozen).await;
    }

    /// Ends [`Page::freeze`], and shows the page.
    pub async fn wake(&self) {
        let active = json!({"state": "active"});
        self.devtools("Page.setWebLifecycleState", active).await;
        let window = self.devtools("Browser.getWindowForTarget", json!({})).await;
        // Only a window that was minimized first is shown again.
        for state in ["minimized", "normal"] {
            let bounds = json!({"windowId": window["windowId"], "bounds": {"windowState": state}});
            self.devtools("Browser.setWindowBounds", bounds).await;
        }
    }

    /// Presses a key on the focused element, by the name that a page gets for it.
    pub async fn press(&self, key: &str) {
        // The text that the key writes. Without it a field gets no letter, and Enter presses no button.
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
