//! Firefox ESR. Each page has its own server, because a server takes one browser. WebDriver BiDi sets
//! the page's size, because the window cannot be as narrow as a phone.

use std::path::Path;

use fantoccini::Client;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::driver::{self, Process};
use super::{PIXEL_RATIO, SIZE};
use crate::wait::PATIENCE;

/// Opens a browser whose files are in this folder.
pub(super) async fn open(profile: &Path) -> (Vec<Process>, Client) {
    let geckodriver = driver::installed("geckodriver");
    let mut command = Command::new(geckodriver.unwrap_or_else(|| "geckodriver".into()));
    command
        .args([
            "--port=0",
            "--websocket-port=0",
            "--log=info",
            "--profile-root",
        ])
        .arg(profile)
        // Firefox's crash reporter would outlive it.
        .env("MOZ_CRASHREPORTER_DISABLE", "1");
    let port = |line: &str| {
        let (_, address) = line.split_once("Listening on ")?;
        address.rsplit_once(':')?.1.trim().parse::<u16>().ok()
    };
    let (driver, port) = Process::start(command, port)
        .await
        .unwrap_or_else(|said| panic!("no geckodriver: {said}"));
    let preferences = json!({
        // The browser contacts nothing but the page's relay.
        "app.update.disabledForTesting": true,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        // A phone has no mouse.
        "ui.primaryPointerCapabilities": 1,
        "ui.allPointerCapabilities": 1,
    });
    let mut options = json!({"args": ["-headless"], "prefs": preferences});
    // Without this, the server takes any Firefox that it finds.
    if let Some(binary) = driver::installed("firefox-esr") {
        options["binary"] = json!(binary);
    }
    let capabilities = [
        ("browserName", json!("firefox")),
        ("moz:firefoxOptions", options),
        ("webSocketUrl", json!(true)),
    ];
    let client = driver::session(&format!("http://127.0.0.1:{port}"), capabilities).await;
    resize(&client).await;
    (vec![driver], client)
}

/// Gives the page a phone's size.
async fn resize(client: &Client) {
    let capabilities = client.capabilities();
    let url = capabilities.and_then(|all| all.get("webSocketUrl"));
    let url = url.and_then(Value::as_str).expect("the address of BiDi");
    let (mut bidi, _) = tokio_tungstenite::connect_async(url).await.expect("BiDi");
    let context = client.window().await.expect("a window");
    let context = String::from(context);
    let (width, height) = SIZE;
    let command = json!({
        "id": 1,
        "method": "browsingContext.setViewport",
        "params": {
            "context": context,
            "viewport": {"width": width, "height": height},
            "devicePixelRatio": PIXEL_RATIO,
        },
    });
    let command = Message::text(command.to_string());
    bidi.send(command).await.expect("a command of BiDi");
    let answer = async {
        while let Some(Ok(message)) = bidi.next().await {
            let text = message.to_text().unwrap_or_default();
            let answer: Value = serde_json::from_str(text).unwrap_or_default();
            if answer["id"] == 1 {
                return answer;
            }
        }
        Value::Null
    };
    let answer = timeout(PATIENCE, answer).await.expect("an answer of BiDi");
    assert_eq!(answer["type"], "success", "{answer}");
}
