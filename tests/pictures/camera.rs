//! Takes every picture of a screen: in each size and theme, and the whole page where it is longer than the
//! screen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tapcue_tests::wait::PATIENCE;
use tokio::time::{Instant, timeout_at};

use crate::cramped;
use crate::looks::{LANGUAGES, SIZES, Size, THEMES};
use crate::window::Window;

/// The greatest height of a picture, in CSS pixels.
const TALLEST: u32 = 8_000;

/// How long a tap may take to show its effect before it is repeated: a page ignores taps on what has just
/// appeared.
const TAP: Duration = Duration::from_millis(400);

/// Waits two frames: one measures a new size, and one draws it.
const DRAWN: &str = "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";

/// A picture's name and the width of its screen, in CSS pixels.
type Picture = (String, u32);

/// A window, a folder, and the pictures so far.
#[derive(Debug)]
pub(crate) struct Camera {
    pub(crate) window: Window,
    folder: PathBuf,
    words: Vec<String>,
    /// For each screen, the pictures of each language.
    taken: BTreeMap<String, BTreeMap<&'static str, Vec<Picture>>>,
}

impl Camera {
    /// A camera for the pictures whose names contain all of `words`.
    pub(crate) fn new(window: Window, folder: &Path, words: Vec<String>) -> Result<Self> {
        ensure!(
            !folder.to_string_lossy().starts_with('-'),
            "say which folder: pictures DIR [WORD...]"
        );
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            window,
            folder: folder.canonicalize()?,
            words,
            taken: BTreeMap::new(),
        })
    }

    /// Whether any picture of this screen in this language is wanted.
    pub(crate) fn wants(&self, screen: &str, language: &str) -> bool {
        !self.looks(screen, language).is_empty()
    }

    fn looks(&self, screen: &str, language: &str) -> Vec<(String, Size, &'static str)> {
        let all = SIZES
            .iter()
            .flat_map(|size| THEMES.map(|theme| (*size, theme)));
        let named = all.map(|(size, theme)| {
            let name = format!("{screen}-{language}-{}-{theme}", size.name);
            (name, size, theme)
        });
        named
            .filter(|(name, ..)| self.words.iter().all(|word| name.contains(word)))
            .collect()
    }

    /// Takes all wanted pictures of the window. `is` must hold before and after, so that no picture shows
    /// another screen.
    pub(crate) async fn take(
        &mut self,
        screen: &str,
        language: &'static str,
        is: &str,
    ) -> Result<()> {
        self.window.until(is).await?;
        for (name, size, theme) in self.looks(screen, language) {
            self.window.theme(theme).await?;
            self.window.resize(size, size.height).await?;
            // A scrolled-to place moves when the size changes.
            self.window.until(is).await?;
            self.window.run(DRAWN, vec![]).await?;
            for fault in cramped::look(&self.window).await? {
                println!("  {name}: {fault}");
            }
            let file = self.folder.join(format!("{name}.png"));
            self.window.picture(&file).await?;
            let tall = "return (document.querySelector('#screen') ?? document.documentElement).scrollHeight;";
            let tall = self.window.run(tall, vec![]).await?.as_u64();
            let tall = u32::try_from(tall.unwrap_or_default())?;
            if tall > size.height {
                self.window.resize(size, tall.min(TALLEST)).await?;
                self.window.run(DRAWN, vec![]).await?;
                let file = self.folder.join(format!("{name}-whole.png"));
                self.window.picture(&file).await?;
                self.window.resize(size, size.height).await?;
            }
            let of_screen = self.taken.entry(screen.to_owned()).or_default();
            let pictures = of_screen.entry(language).or_default();
            pictures.push((name, size.width));
        }
        let still = format!("return Boolean({is});");
        let still = self.window.run(&still, vec![]).await?;
        ensure!(still == json!(true), "{screen} went away: {is}");
        println!("{screen} {language}");
        Ok(())
    }

    /// Saves the screen as it prints.
    pub(crate) async fn print(&self, screen: &str) -> Result<()> {
        let file = self.folder.join(format!("{screen}.pdf"));
        self.window.print(&file).await
    }

    /// Taps what `selector` finds until `done` holds.
    pub(crate) async fn tap(&self, selector: &str, done: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            // The press may remove the element.
            let _ = self.window.press(selector).await;
            let shown = timeout_at(Instant::now() + TAP, self.window.until(done));
            if let Ok(shown) = shown.await {
                return shown;
            }
        }
        Err(anyhow::anyhow!("{done}")).with_context(|| format!("tapped {selector}"))
    }

    /// Makes a contact sheet for each screen, with a row for each language: as pages and as pictures.
    pub(crate) async fn sheets(&self) -> Result<()> {
        let mut index = String::from(HEAD);
        for (screen, languages) in &self.taken {
            let mut sheet = format!("{HEAD}<h1>{screen}</h1>");
            for language in LANGUAGES {
                let pictures = languages.get(language).map(Vec::as_slice);
                sheet += "<div>";
                for (name, width) in pictures.unwrap_or_default() {
                    let shown = width / if *width > 1_000 { 4 } else { 2 };
                    sheet += &format!(
                        "<a href=\"{name}.png\"><img src=\"{name}.png\" width=\"{shown}\" alt=\"{name}\"></a>\n"
                    );
                }
                sheet += "</div>";
            }
            let file = self.folder.join(format!("sheet-{screen}.html"));
            std::fs::write(&file, sheet)?;
            self.window
                .go(&format!("file://{}", file.display()))
                .await?;
            let loaded = "[...document.images].every(({ complete }) => complete)";
            self.window.until(loaded).await?;
            self.window.theme(THEMES[1]).await?;
            self.window.resize(PAPER, PAPER.height).await?;
            let tall = "return document.documentElement.scrollHeight;";
            let tall = self.window.run(tall, vec![]).await?.as_u64();
            let tall = u32::try_from(tall.unwrap_or_default())?;
            self.window.resize(PAPER, tall.min(TALLEST)).await?;
            self.window.picture(&file.with_extension("png")).await?;
            index += &format!("<p><a href=\"sheet-{screen}.html\">{screen}</a></p>\n");
        }
        Ok(std::fs::write(self.folder.join("index.html"), index)?)
    }
}

/// The size of a sheet.
const PAPER: Size = Size {
    name: "paper",
    width: 1_480,
    height: 900,
    ratio: 1,
    touch: false,
};

/// The start of every sheet.
const HEAD: &str = "<!DOCTYPE html><meta charset=\"utf-8\"><title>Pictures</title>\
    <style>body { background: #888; font: 14px sans-serif; margin: 8px; } h1 { margin: 0; } img { margin: 4px; vertical-align: top; }</style>\n";
