//! How soon a review of ten thousand entries appears on a slow phone.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::looks::{LANGUAGES, SIZES};
use crate::stage::Stage;
use crate::window::Window;

/// How much slower a phone is than this machine, by assumption; the factor is Lighthouse's.
const SLOWER: u32 = 4;
/// The number of measurements.
const TIMES: usize = 5;

/// Notes the time after the frame in which the timeline appears.
const WATCH: &str = "
    new MutationObserver((_, watch) => {
        if (!document.querySelector('.review-page .moment')) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => performance.mark('tapcue.timeline')));
    }).observe(document, { childList: true, subtree: true });
";

pub(crate) async fn measure(stage: &Stage, window: &Window) -> Result<()> {
    window.resize(SIZES[0], SIZES[0].height).await?;
    window.slow_down(SLOWER).await?;
    window.at_the_beginning(WATCH).await?;
    let mut painted = Vec::new();
    let mut filtered = Vec::new();
    for _ in 0..TIMES {
        stage.enter(window, Some("dense"), LANGUAGES[0]).await?;
        window
            .until("performance.getEntriesByName('tapcue.timeline').length")
            .await?;
        let at = "return performance.getEntriesByName('tapcue.timeline')[0].startTime;";
        painted.push(milliseconds(&window.run(at, vec![]).await?)?);
        // The parts below come after the visible ones.
        window
            .until("document.querySelector('[data-filter=holds]')")
            .await?;
        // The time from the tap to the frame with its effect.
        let watch = "
            addEventListener('pointerdown', ({ timeStamp }) => (window.tapcueBegan = timeStamp), { capture: true });
            addEventListener('click', () => requestAnimationFrame(() => setTimeout(() => (window.tapcueTook = performance.now() - window.tapcueBegan))));
        ";
        window.run(watch, vec![]).await?;
        window.press("[data-filter=holds]").await?;
        window.until("window.tapcueTook").await?;
        filtered.push(milliseconds(
            &window.run("return window.tapcueTook;", vec![]).await?,
        )?);
    }
    println!("10,000 entries, {SLOWER} times slower than this machine, {TIMES} times:");
    for (name, mut times) in [
        ("from navigation to the painted timeline", painted),
        ("from a filter's tap to its frame", filtered),
    ] {
        times.sort_by(f64::total_cmp);
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{name}: median {median:.0} ms, worst {worst:.0} ms");
    }
    Ok(())
}

fn milliseconds(value: &Value) -> Result<f64> {
    value.as_f64().context("a time")
}
