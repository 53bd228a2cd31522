//! Every text for people, one JSON file for each language.
//!
//! - `cues` has the words of each cue once. [`section`] gives each section those that it needs.
//! - `page` and `review` are the web client's, `terminal` the terminal client's, `transcript` those of a
//!   record's exports, `trust` those of the relay's trust page.
//! - `{name}` is a blank. The code that uses the text fills it.
//! - `$t(cues.stop.says)` stands for another text of the same file, so that one thing has one text.
//! - A text that depends on a number has one form for each plural category of its language in Unicode's CLDR.

mod plural;

pub use plural::Plural;

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

/// The files, by the code of their language (ISO 639-1).
const FILES: [(&str, &str); 6] = [
    ("en", include_str!("../en.json")),
    ("es", include_str!("../es.json")),
    ("fr", include_str!("../fr.json")),
    ("de", include_str!("../de.json")),
    ("zh", include_str!("../zh.json")),
    ("ar", include_str!("../ar.json")),
];

/// The section with the words of the cues.
const CUES: &str = "cues";
/// Where a word may be divided. Only browsers hide it.
const SOFT_HYPHEN: char = '\u{ad}';

/// The start and the end of a reference to another text.
const REFERENCE: (&str, &str) = ("$t(", ")");

/// The codes of all languages.
pub fn languages() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(code, _)| *code)
}

/// The texts of one section in one language, with every reference replaced by its text.
///
/// # Panics
///
/// If there is no such language or section, or a reference leads nowhere: tests read every section.
#[must_use]
pub fn section(language: &str, name: &str) -> Value {
    let place = place(language);
    let file = file(place);
    let mut section = text_at(file, name).clone();
    add_cues(name, text_at(file, CUES), &mut section);
    resolve(&mut section, file);
    section
}

/// The texts of one section as a type that names each of them.
#[derive(Debug)]
pub struct Catalog<T> {
    section: &'static str,
    read: [OnceLock<T>; FILES.len()],
}

impl<T: Deserialize<'static>> Catalog<T> {
    /// The catalog of a section. It is read at the first use of each language.
    #[must_use]
    pub const fn new(section: &'static str) -> Self {
        Self {
            section,
            read: [const { OnceLock::new() }; FILES.len()],
        }
    }

    /// The texts in the language with this code.
    ///
    /// # Panics
    ///
    /// If a text is missing or has no use: each catalog's tests read every language.
    pub fn of(&self, language: &str) -> &T {
        self.read[place(language)].get_or_init(|| {
            // The texts stay in memory, so that a `&'static str` can point to each.
            let section: &'static Value = Box::leak(Box::new(section(language, self.section)));
            T::deserialize(section)
                .unwrap_or_else(|error| panic!("{language}.json, {}: {error}", self.section))
        })
    }
}

/// A text with its blanks filled in. A blank without a value stays, for the caller to fill. Blanks inside the
/// values are not filled.
#[must_use]
pub fn fill(text: &str, value_of: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        out.push_str(before);
        match value_of(name) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    out + rest
}

fn place(language: &str) -> usize {
    let place = FILES.iter().position(|(code, _)| *code == language);
    place.unwrap_or_else(|| panic!("no catalog of the language {language}"))
}

fn file(place: usize) -> &'static Value {
    static READ: [OnceLock<Value>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    let (code, text) = FILES[place];
    READ[place].get_or_init(|| {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{code}.json: {error}"))
    })
}

/// The text, or the section, at a path such as `cues.stop.says`.
fn text_at<'a>(file: &'a Value, path: &str) -> &'a Value {
    let found = path.split('.').try_fold(file, |value, key| value.get(key));
    found.unwrap_or_else(|| panic!("the catalog has nothing at {path}"))
}

/// Adds the words of the cues to the section of this name, in the form that its reader expects.
fn add_cues(name: &str, cues: &Value, section: &mut Value) {
    let (Some(cues), Some(texts)) = (cues.as_object(), section.as_object_mut()) else {
        return;
    };
    let plain = |words: &Value| {
        words["says"]
            .as_str()
            .map(|says| says.replace(SOFT_HYPHEN, ""))
    };
    match name {
        "page" => {
            let says =
                |(cue, words): (&String, &Value)| (format!("cue_{cue}"), words["says"].clone());
            texts.extend(cues.iter().map(says));
        }
        "terminal" => {
            let whole = cues.iter().map(|(cue, words)| {
                let mut whole = words.clone();
                whole["says"] = plain(words).into();
                if whole.get("tile").is_none() {
                    whole["tile"] = whole["says"].clone();
                }
                (cue.clone(), whole)
            });
            texts.insert(CUES.to_owned(), Value::Object(whole.collect()));
        }
        "transcript" => {
            let says = cues
                .iter()
                .map(|(cue, words)| (cue.clone(), plain(words).into()));
            texts.insert(CUES.to_owned(), Value::Object(says.collect()));
        }
        _ => {}
    }
}

fn resolve(value: &mut Value, file: &Value) {
    match value {
        Value::String(text) => {
            let path = text
                .strip_prefix(REFERENCE.0)
                .and_then(|rest| rest.strip_suffix(REFERENCE.1));
            if let Some(path) = path {
                *value = text_at(file, path).clone();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| resolve(value, file)),
        Value::Object(values) => values.values_mut().for_each(|value| resolve(value, file)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests;
