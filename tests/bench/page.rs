//! The time from a cold start of the page to its first painted screen, in Chromium with a slowed-down
//! processor, and over a slowed-down network. The floor is not compared: it has no page.

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
    let slower = json!({ "rate": SLOWER });
    // The rates are in bytes per second, the latency is in milliseconds.
    let network = json!({
        "offline": false, "latency": 20, "downloadThroughput": 1_250_000, "uploadThroughput": 1_250_000,
    });
    let processor = format!("processor {SLOWER} times slower");
    let far = "round trip 20 ms, 10 Mbit/s".to_owned();
    let by_processor = starts(
        &relay,
        sizes,
        processor,
        "Emulation.setCPUThrottlingRate",
        slower,
    );
    let (line, worst) = by_processor.await?;
    let by_network = starts(
        &relay,
        sizes,
        far,
        "Network.emulateNetworkConditions",
        network,
    );
    let (other, _) = by_network.await?;
    process::take_load_core()?;
    println!();
    report::columns();
    line.goal("< 1 s", worst < GOAL_MS).print();
    other.print();
    Ok(())
}

/// The line about cold starts under a condition, and the longest one in milliseconds. A command of Chromium's
/// sets the condition.
async fn starts(
    relay: &Relay,
    sizes: &Sizes,
    condition: String,
    command: &str,
    parameters: Value,
) -> anyhow::Result<(Line, u64)> {
    let mut times = Vec::new();
    let mut transferred = (0, 0);
    for _ in 0..sizes.starts {
        // A new browser each time, so that nothing is cached.
        let browser = Browser::start().await;
        let base = format!("http://localhost:{}", relay.addr().port());
        let page = browser.open("page", &format!("{base}/healthz")).await;
        // The browser's own start is not part of the page's time.
        browser.at_rest().await;
        page.devtools("Network.enable", json!({})).await;
        page.devtools(command, parameters.clone()).await;
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
    times.sort_unstable();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    let (bytes, answers): (u64, u64) = transferred;
    ensure!(bytes > 0, "nothing was transferred");
    let line = Line::new(
        format!(
            "cold start of the page, {condition}, until its first screen is \
             painted, the browser itself at rest \
             before ({} starts; {bytes} bytes in {answers} answers)",
            times.len()
        ),
        format!("{median} ms (worst {worst} ms)"),
        String::new(),
    );
    Ok((line, worst))
}
