//! The time from a cold start of the page to its first painted screen, in Chromium with a slowed-down
//! processor. The floor is not compared: it has no page.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tapcue_tests::browser::Browser;
use tapcue_tests::relay::Relay;

use crate::report::{self, Line};
use crate::{Sizes, process};

/// How many times slower the processor becomes: a laptop's is then about a simple phone's.
const SLOWER: u32 = 4;
/// The first screen is painted within this time, in milliseconds. Source: the goal for phones.
const GOAL_MS: u64 = 1_000;

/// Notes when the first screen is painted: two frames after it is in the page.
const NOTE: &str = "
    new MutationObserver((_, observer) => {
        if (!document.body?.dataset.screen) return;
        observer.disconnect();
        const painted = () => { window.tapcueUsable = performance.now(); };
        requestAnimationFrame(() => requestAnimationFrame(painted));
    }).observe(document, { subtree: true, childList: true, attributes: true });
";

/// Measures and prints the page's table.
pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    process::take_every_core()?;
    let relay = Relay::start().await;
    let mut times = Vec::new();
    let mut transferred = (0, 0);
    for _ in 0..sizes.starts {
        // A new browser each time, so that nothing is cached.
        let browser = Browser::start().await;
        let base = format!("http://localhost:{}", relay.addr().port());
        let page = browser.open("page", &format!("{base}/healthz")).await;
        // The browser's own start is not part of the page's time.
        browser.at_rest().await;
        let slower = json!({ "rate": SLOWER });
        page.devtools("Emulation.setCPUThrottlingRate", slower)
            .await;
        let note = json!({ "source": NOTE });
        page.devtools("Page.addScriptToEvaluateOnNewDocument", note)
            .await;
        let url = json!({ "url": format!("{base}/") });
        page.devtools("Page.navigate", url).await;
        page.until("the first screen", async || {
            matches!(
                page.try_run("return window.tapcueUsable;").await,
                Some(Value::Number(_))
            )
        })
        .await;
        let time = page.run("return window.tapcueUsable;", vec![]).await;
        times.push(time.as_f64().context("a time")?.round() as u64);
        let sizes = "
            const all = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type));
            return [all.reduce((sum, { transferSize }) => sum + transferSize, 0), all.length];
        ";
        transferred = serde_json::from_value(page.run(sizes, vec![]).await)?;
        page.close().await;
    }
    process::take_load_core()?;
    times.sort_unstable();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!();
    report::columns();
    let (bytes, answers): (u64, u64) = transferred;
    Line::new(
        format!(
            "cold start of the page, processor {SLOWER} times slower, until its first screen is \
             painted, the browser itself at rest \
             before ({} starts; {bytes} bytes in {answers} answers)",
            times.len()
        ),
        format!("{median} ms (worst {worst} ms)"),
        String::new(),
    )
    .goal("< 1 s", worst < GOAL_MS)
    .print();
    ensure!(bytes > 0, "nothing was transferred");
    Ok(())
}
