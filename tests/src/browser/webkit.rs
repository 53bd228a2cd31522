//! WebKitGTK's MiniBrowser. Each page has its own virtual screen of a phone's size, and its own server,
//! because a server takes one browser.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use fantoccini::Client;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::driver::{self, Process};
use super::{PIXEL_RATIO, SIZE};
use crate::wait;

/// Where Debian and its derivatives keep libraries, and the browser with them.
const LIBRARIES: &str = "/usr/lib";

/// How often the server is started: another program may take the port that was found free.
const STARTS: usize = 3;

/// Opens a browser whose files are in this folder.
pub(super) async fn open(profile: &Path) -> (Vec<Process>, Client) {
    let (screen, display) = screen().await;
    let (server, url) = start(profile, &display).await;
    let browser = browser();
    // The page fills the screen, because with a bar the window would be wider than a phone.
    let options = json!({"binary": browser, "args": ["--automation", "--full-screen"]});
    let client = driver::session(&url, [("webkitgtk:browserOptions", options)]).await;
    let (width, height) = SIZE;
    client
        .set_window_rect(0, 0, width, height)
        .await
        .expect("a phone's size");
    // The browser ends before its screen does.
    (vec![server, screen], client)
}

/// Starts a virtual screen, and returns its name.
async fn screen() -> (Process, String) {
    let (width, height) = (SIZE.0 * PIXEL_RATIO, SIZE.1 * PIXEL_RATIO);
    let mut command = Command::new("Xvfb");
    command
        // Xvfb prints the number that it took.
        .args([
            "-displayfd",
            "1",
            "-nolisten",
            "tcp",
            "-noreset",
            "-screen",
            "0",
        ])
        .arg(format!("{width}x{height}x24"));
    let number = |line: &str| line.trim().parse::<u32>().ok();
    let (screen, number) = Process::start(command, number)
        .await
        .unwrap_or_else(|said| panic!("no screen: {said}"));
    (screen, format!(":{number}"))
}

/// Starts the server, and returns its URL.
async fn start(profile: &Path, display: &str) -> (Process, String) {
    for _ in 0..STARTS {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = free.local_addr().expect("its address");
        drop(free);
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={}", addr.port()))
            .env("DISPLAY", display)
            .env("GDK_BACKEND", "x11")
            .env("GDK_SCALE", PIXEL_RATIO.to_string())
            .env("NO_AT_BRIDGE", "1")
            .env("XDG_CACHE_HOME", profile)
            .env("XDG_CONFIG_HOME", profile)
            .env("XDG_DATA_HOME", profile);
        let mut server = Process::silent(command);
        let listens = wait::until("WebKitWebDriver", async || {
            let ended = server.has_ended();
            let there = TcpStream::connect(addr).await.is_ok();
            (ended || there).then_some(!ended)
        });
        if listens.await {
            return (server, format!("http://{addr}"));
        }
    }
    panic!("WebKitWebDriver does not listen, {STARTS} times");
}

/// The path of the browser. Each version of the library has its own; the last one by name is used.
fn browser() -> PathBuf {
    let folders = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    };
    let mut found: Vec<_> = folders(Path::new(LIBRARIES))
        .flat_map(|folder| folders(&folder).collect::<Vec<_>>())
        .map(|folder| folder.join("MiniBrowser"))
        .filter(|file| file.is_file())
        .collect();
    found.sort();
    found
        .pop()
        .expect("WebKitGTK's MiniBrowser is not installed: `tests/run` installs it")
}
