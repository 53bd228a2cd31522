//! Pictures of every screen in every size and theme, to be looked at; and how soon a long review is there.
//!
//!     cargo run -p tapcue-tests --bin pictures -- DIR [WORD...]
//!     cargo run --release -p tapcue-tests --bin pictures -- speed
//!
//! DIR gets a picture of what is seen, one of the whole page, the pages as they print, and a sheet
//! with all (`index.html`). With words, only what has all of them in its name.

mod looks;
mod screens;
mod speed;
mod stage;
mod window;

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use tapcue_tests::browser::Browser;

use looks::{SIZES, Size, THEMES};
use screens::{SCREENS, Screen};
use stage::Stage;
use window::Window;

/// No picture is taller than this, in CSS pixels.
const TALLEST: u32 = 8_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let what = args.next().context("which folder? or speed")?;
    let words: Vec<_> = args.collect();
    let browser = Browser::start().await;
    let stage = Stage::set().await?;
    let window = Window::open(browser.address()).await?;
    if what == "speed" {
        speed::measure(&stage, &window).await?;
    } else {
        take(&stage, &window, Path::new(&what), &words).await?;
    }
    window.close().await;
    Ok(())
}

/// All pictures with these words in their names, and the sheet.
async fn take(stage: &Stage, window: &Window, folder: &Path, words: &[String]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut sheet = String::from(SHEET);
    for screen in SCREENS {
        for size in SIZES {
            for theme in THEMES {
                let name = format!("{}-{}-{theme}", screen.name, size.name);
                if words.iter().all(|word| name.contains(word)) {
                    window.theme(theme).await?;
                    one(stage, window, screen, size, &folder.join(&name)).await?;
                    writeln!(
                        sheet,
                        "<figure><img src=\"{name}.png\" width=\"{}\" alt=\"\"><figcaption>\
                         <a href=\"{name}-whole.png\">{name}</a></figcaption></figure>",
                        size.width / 2,
                    )?;
                    println!("{name}");
                }
            }
        }
        let name = format!("{}.pdf", screen.name);
        if screen.paper && words.iter().all(|word| name.contains(word)) {
            show(stage, window, screen, SIZES[2]).await?;
            window.print(&folder.join(&name)).await?;
            println!("{name}");
        }
    }
    Ok(std::fs::write(folder.join("index.html"), sheet)?)
}

/// What is seen of a screen, and all of it.
async fn one(stage: &Stage, window: &Window, screen: Screen, size: Size, to: &Path) -> Result<()> {
    show(stage, window, screen, size).await?;
    window.picture(&to.with_extension("png")).await?;
    let tall = "return document.querySelector('#screen').scrollHeight;";
    let tall = window.run(tall, vec![]).await?.as_u64();
    let tall = u32::try_from(tall.unwrap_or_default())?;
    window
        .resize(size, tall.clamp(size.height, TALLEST))
        .await?;
    // Two frames: one to measure the new size, one to draw for it.
    let drawn = "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
    window.run(drawn, vec![]).await?;
    let name = to.file_name().context("a name")?.to_string_lossy();
    window
        .picture(&to.with_file_name(format!("{name}-whole.png")))
        .await
}

async fn show(stage: &Stage, window: &Window, screen: Screen, size: Size) -> Result<()> {
    window.resize(size, size.height).await?;
    stage.enter(window, screen.sample).await?;
    window.until(screen.ready).await?;
    window.run(screen.then, vec![json!(null)]).await?;
    window.until(screen.done).await
}

/// How the sheet begins.
const SHEET: &str = "<!DOCTYPE html><meta charset=\"utf-8\"><title>Pictures</title>\
    <style>body { background: #888; font: 14px sans-serif; } figure { display: inline-block; margin: 8px; vertical-align: top; }</style>\n";
