//! Takes pictures of every screen in every size, theme and language, for review by people; and measures how
//! soon a long review appears.
//!
//!     cargo run -p tapcue-tests --bin pictures -- DIR [WORD...]
//!     cargo run --release -p tapcue-tests --bin pictures -- speed
//!
//! DIR gets a picture of each screen and one of the whole page where it is longer. It also gets the printed
//! pages, and a contact sheet for each screen with a row for each language (`index.html`, and as pictures).
//! Cut and overlapping elements are printed. WORDs select the pictures whose names contain all of them, as in
//! `live de phone dark`.

mod camera;
mod cramped;
mod looks;
mod screens;
mod speed;
mod stage;
mod tour;
mod trust;
mod window;

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use tapcue_tests::browser::Browser;

use camera::Camera;
use looks::LANGUAGES;
use screens::SCREENS;
use stage::Stage;
use window::Window;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let what = args.next().context("which folder? or speed")?;
    let words: Vec<_> = args.collect();
    let browser = Browser::start().await;
    let stage = Stage::set().await;
    let window = Window::open(browser.address()).await?;
    if what == "speed" {
        speed::measure(&stage, &window).await?;
        window.close().await;
        return Ok(());
    }
    let mut camera = Camera::new(window, Path::new(&what), words)?;
    for language in LANGUAGES {
        look_back(&stage, &mut camera, language).await?;
        tour::take(&mut camera, language).await?;
        trust::take(&mut camera, language).await?;
    }
    camera.sheets().await?;
    camera.window.close().await;
    Ok(())
}

/// Takes the pictures of past sessions, from the samples.
async fn look_back(stage: &Stage, camera: &mut Camera, language: &'static str) -> Result<()> {
    for screen in SCREENS {
        if camera.wants(screen.name, language) {
            stage.enter(&camera.window, screen.sample, language).await?;
            camera.window.until(screen.ready).await?;
            if !screen.press.is_empty() {
                camera.window.press(screen.press).await?;
            }
            camera.window.run(screen.then, vec![json!(null)]).await?;
            camera.take(screen.name, language, screen.done).await?;
            if screen.paper && language == LANGUAGES[0] {
                camera.print(screen.name).await?;
            }
        }
    }
    Ok(())
}
