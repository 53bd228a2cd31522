//! Real pages in Chromium, Firefox and WebKitGTK, driven over WebDriver. Each has the size of a phone
//! and a fresh profile.

mod chromium;
mod devtools;
mod driver;
mod firefox;
mod page;
mod timeline;
mod touch;
mod webkit;

pub use page::{Page, wall_clock_ms};
pub use timeline::{Heard, Kind, Shown};
pub use touch::Hand;

use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;
use uuid::Uuid;

use self::driver::Process;
use crate::folder::folder;
use crate::wait;

/// The size of a common phone's screen, in CSS pixels.
const SIZE: (u32, u32) = (390, 844);

/// How many device pixels one CSS pixel is wide.
const PIXEL_RATIO: u32 = 2;

/// A browser is idle if it uses at most 1/20 of this time on the processor while this time passes.
const REST: Duration = Duration::from_secs(1);

/// A browser's engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Chromium, driven by chromedriver. It has a touch screen here.
    Chromium,
    /// Firefox ESR, driven by geckodriver. Taps are those of a mouse.
    Firefox,
    /// WebKitGTK's MiniBrowser, driven by WebKitWebDriver on a virtual screen. It is of the same family
    /// as the iPhone's browser. Taps are those of a mouse.
    WebKit,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}

/// The pages of one engine in one test. Dropping it ends its WebDriver servers and their browsers.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    /// The processes of its pages. Chromium has one server for all pages; the others have one for each
    /// page.
    processes: Mutex<Vec<Process>>,
    /// The URL of Chromium's server.
    url: Option<String>,
    /// The profiles of the pages, which outlive their browsers.
    profiles: TempDir,
}

impl Browser {
    /// Starts Chromium.
    ///
    /// # Panics
    /// When its WebDriver server is not installed or does not start.
    pub async fn start() -> Self {
        Self::start_with(Engine::Chromium).await
    }

    /// Starts this engine.
    ///
    /// # Panics
    /// As [`Browser::start`]. A missing engine is never skipped.
    pub async fn start_with(engine: Engine) -> Self {
        let (processes, url) = match engine {
            Engine::Chromium => {
                let (driver, url) = chromium::start().await;
                (vec![driver], Some(url))
            }
            Engine::Firefox | Engine::WebKit => (Vec::new(), None),
        };
        Self {
            engine,
            processes: Mutex::new(processes),
            url,
            profiles: folder(),
        }
    }

    /// Opens `url` in a new browser. `name` stands in failure messages and names of screenshots.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn open(&self, name: &str, url: &str) -> Page {
        let profile = self.profile();
        let (processes, client) = match (self.engine, &self.url) {
            (Engine::Chromium, Some(driver)) => (vec![], chromium::open(driver, &profile).await),
            (Engine::Chromium, None) => unreachable!("its server was started first"),
            (Engine::Firefox, _) => firefox::open(&profile).await,
            (Engine::WebKit, _) => webkit::open(&profile).await,
        };
        self.processes
            .lock()
            .expect("the processes")
            .extend(processes);
        let page = Page::new(name, self.engine, client);
        if self.engine == Engine::Chromium {
            page.note_breaches().await;
        }
        page.go_to(url).await;
        page
    }

    /// Waits until its browsers are idle. A browser that has just started makes pages of its own for a
    /// second or two, which take processor time from the test.
    ///
    /// # Panics
    /// When they do not become idle.
    pub async fn at_rest(&self) {
        let used = || {
            let processes = self.processes.lock().expect("the processes");
            processes
                .iter()
                .map(Process::processor_time)
                .sum::<Duration>()
        };
        wait::until("browsers at rest", async || {
            let before = used();
            wait::at(Instant::now() + REST).await;
            (used().saturating_sub(before) <= REST / 20).then_some(())
        })
        .await;
    }

    /// The URL of Chromium's WebDriver server.
    ///
    /// # Panics
    /// When this is another engine, where each page has its own server.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.as_deref().expect("Chromium's server")
    }

    /// Makes a folder for the files of one browser.
    fn profile(&self) -> PathBuf {
        let profile = self.profiles.path().join(Uuid::new_v4().to_string());
        std::fs::create_dir(&profile).expect("a folder for a profile");
        profile
    }
}
