//! The time from a stop's tap on one page to the painted red on the other. The two real pages run in Chromium
//! on this machine and share its clock.

use anyhow::{Context as _, ensure};
use serde_json::json;
use tapcue_tests::browser::Page;
use tapcue_tests::pages::{HANDS_OFF, READY, STOP, TwoPages};

use crate::report::{self, Line};
use crate::{Sizes, process};

/// Notes when a finger comes down.
const TOUCHED: &str = "
    addEventListener('pointerdown', ({ timeStamp }) => {
        window.tapcueTouched = performance.timeOrigin + timeStamp;
    }, { capture: true });
";

/// Notes when red is painted: a message posted in a frame's callback arrives after that frame.
const RED: &str = "
    let red = false;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { window.tapcueRed = performance.timeOrigin + performance.now(); };
    new MutationObserver(() => {
        const was = red;
        red = document.body.dataset.tone === 'stop';
        if (red && !was) requestAnimationFrame(() => channel.port2.postMessage(0));
    }).observe(document.body, { attributes: true, attributeFilter: ['data-tone'] });
";

/// Presses the first selector's element until the second selector's element is visible. Nothing is measured
/// here, so a script presses instead of a finger. A press counts once the page accepts one on what has just
/// appeared.
const PRESS: &str = "
    const [button, done] = arguments;
    const sees = (css) => [...document.querySelectorAll(css)].find((element) => element.checkVisibility());
    return new Promise((resolve) => {
        const press = () => {
            if (sees(done)) return resolve();
            sees(button)?.click();
            setTimeout(press, 50);
        };
        press();
    });
";

/// Measures and prints the paint's table.
pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    process::take_every_core()?;
    let options = json!({"rehearsal": false, "setup": false, "check_in_every_s": 0});
    let pages = TwoPages::live_with(options, &["receiver", "helper"]).await;
    let TwoPages {
        receiver, helper, ..
    } = &pages;
    let _ = receiver.run(TOUCHED, vec![]).await;
    let _ = helper.run(RED, vec![]).await;
    let mut times = Vec::new();
    for _ in 0..sizes.paints {
        let _ = helper.run("window.tapcueRed = null;", vec![]).await;
        receiver.tap(STOP).await;
        helper
            .until("red", async || moment(helper, "tapcueRed").await.is_some())
            .await;
        let touched = moment(receiver, "tapcueTouched").await.context("a touch")?;
        let red = moment(helper, "tapcueRed").await.context("red")?;
        ensure!(red >= touched, "red {red} before the touch {touched}");
        times.push(red - touched);
        live_again(&pages).await;
    }
    pages.close().await;
    process::take_load_core()?;
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!();
    report::columns();
    Line::new(
        format!(
            "stop, from the tap on one page to red painted on the other ({} stops)",
            times.len()
        ),
        format!("p50 {:.0} ms, p99 {:.0} ms", at(0.5), at(0.99)),
        String::new(),
    )
    .print();
    Ok(())
}

/// What both people do after a stop, as soon as the pages allow it.
async fn live_again(pages: &TwoPages) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    let press = async |page: &Page, button: &str, done: &str| {
        page.run(PRESS, vec![json!(button), json!(done)]).await;
    };
    let hands_off = "[data-need=hands_off][data-done=true]";
    press(helper, HANDS_OFF, hands_off).await;
    let [receiver_said, helper_said] = ["receiver", "helper"].map(|role| {
        format!("[data-need={role}_ready][data-done=true], body[data-screen=live] #screen")
    });
    tokio::join!(
        press(receiver, READY, &receiver_said),
        press(helper, READY, &helper_said),
    );
    for page in [receiver, helper] {
        page.until_screen("live").await;
    }
    helper
        .until("go", async || helper.is_coloured("go").await)
        .await;
}

/// A time that a page has noted, in milliseconds since the Unix epoch.
async fn moment(page: &Page, name: &str) -> Option<f64> {
    let script = format!("return window.{name};");
    page.run(&script, vec![]).await.as_f64()
}
