//! What the web client shows of a transcript beside its JSON: the words, and the timeline as drawing data.

use serde_json::json;

use super::drawing::{Drawing, Size};
use super::words::{Words, clock_ms};
use super::{Line, Transcript};
use tapcue_rules::language::Language;

impl Transcript {
    /// The words of the figures, the story and each entry as JSON, in this language.
    #[must_use]
    pub fn words_json(&self, language: Language) -> String {
        let words = Words::of(language);
        let entry = |line: &Line| {
            let time = clock_ms(line.at.since(self.timeline().from));
            [time, words.says(self, line), words.became(line)]
        };
        let words = json!({
            "tiles": words.tiles(self),
            "figures": words.all_figures(self.figures()),
            "before": words.settled(self),
            "story": words.story(self),
            "links": words.link_story(self),
            "entries": self.lines().iter().map(entry).collect::<Vec<_>>(),
        });
        words.to_string()
    }

    /// The timeline as drawing data in this language as JSON, for a page of this width in CSS pixels.
    #[must_use]
    pub fn drawing_json(&self, language: Language, width: u32) -> String {
        let drawing = Drawing::of(self, Words::of(language), Size::page(width));
        serde_json::to_string(&drawing).unwrap_or_default()
    }
}
