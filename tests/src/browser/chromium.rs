//! Chromium, which emulates a phone's screen and touch.

use std::path::Path;

use fantoccini::Client;
use serde_json::json;
use tokio::process::Command;

use super::driver::{self, Process};
use super::{PIXEL_RATIO, SIZE};

/// Flags for a headless browser that contacts nothing but the page's relay.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--mute-audio",
];

/// How often the server is started until it listens. It takes a free port of IPv4 and then the same of
/// IPv6, and ends if another program has that one.
const STARTS: usize = 3;

/// Starts the server, which takes any number of browsers, and returns its URL.
pub(super) async fn start() -> (Process, String) {
    let mut said = String::new();
    for _ in 0..STARTS {
        let mut command = Command::new("chromedriver");
        command.args(["--port=0", "--log-level=SEVERE"]);
        let port = |line: &str| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        };
        match Process::start(command, port).await {
            Ok((driver, port)) => return (driver, format!("http://127.0.0.1:{port}")),
            Err(output) => said = output,
        }
    }
    panic!("chromedriver did not say its port, {STARTS} times: {said}");
}

/// Opens a browser with this profile.
pub(super) async fn open(driver: &str, profile: &Path) -> Client {
    let mut flags: Vec<_> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    let (width, height) = SIZE;
    let metrics =
        json!({"width": width, "height": height, "pixelRatio": PIXEL_RATIO, "touch": true});
    let options = json!({"args": flags, "mobileEmulation": {"deviceMetrics": metrics}});
    let capabilities = [
        ("browserName", json!("chrome")),
        ("goog:chromeOptions", options),
    ];
    driver::session(driver, capabilities).await
}
