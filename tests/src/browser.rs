//! Real pages in Chromium, Firefox and WebKitGTK, driven over WebDriver: the size of a phone, one
//! fresh profile each.

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

/// A common phone, in CSS pixels.
const SIZE: (u32, u32) = (390, 844);

/// How many of a page's pixels one CSS pixel is wide.
const PIXEL_RATIO: u32 = 2;

/// A browser is at rest that takes next to nothing of the processor for as long as this.
const REST: Duration = Duration::from_secs(1);

/// What draws and runs a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Chromium, by chromedriver. It has a touch screen here.
    Chromium,
    /// Firefox ESR, by geckodriver. Taps are those of a mouse.
    Firefox,
    /// WebKitGTK's own small browser, by WebKitWebDriver, on a screen that nobody sees: the family
    /// of the iPhone's browser. Taps are those of a mouse.
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
    /// What runs for its pages. Chromium's one server has all pages; the others' have one each.
    processes: Mutex<Vec<Process>>,
    /// Chromium's server.
    url: Option<String>,
    /// The pages' profiles, which outlive their browsers.
    profiles: TempDir,
}

impl Browser {
    /// Chromium.
    ///
    /// # Panics
    /// When its WebDriver server is not installed or does not start.
    pub async fn start() -> Self {
        Self::start_with(Engine::Chromium).await
    }

    /// The engine that is asked for.
    ///
    /// # Panics
    /// As [`Browser::start`]. Nothing that is missing is passed over.
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

    /// Opens `url` in a browser of its own. `name` is for failures and screenshots.
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

    /// Waits until its browsers have nothing to do. One that has just started makes pages of its own
    /// for a second or two, which take the processor from ours.
    ///
    /// # Panics
    /// When they never come to rest.
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

    /// Where Chromium's WebDriver server listens.
    ///
    /// # Panics
    /// When this is another engine, whose pages have a server each.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.as_deref().expect("Chromium's server")
    }

    /// A folder for one browser's own files.
    fn profile(&self) -> PathBuf {
        let profile = self.profiles.path().join(Uuid::new_v4().to_string());
        std::fs::create_dir(&profile).expect("a folder for a profile");
        profile
    }
}
