//! Every language has every text, with the same blanks, and none of it is left in English.

use std::collections::BTreeMap;

use super::*;

/// Texts that are the same as in English on purpose, and in which languages.
const SAME: &[(&str, &str)] = &[
    ("cues.check_in.big", "de"),
    ("cues.check_in.tile", "de"),
    ("cues.stop.says", "fr"),
    ("page.can_vibration", "fr de"),
    ("page.end_stops", "fr"),
    ("page.held_lifted", "fr"),
    ("page.held_stop", "fr"),
    ("page.held_times", "fr"),
    ("page.join_code", "fr de"),
    ("page.minutes", "es fr de"),
    ("page.ms", "es fr de"),
    ("page.name", "es fr de zh ar"),
    ("page.no", "es"),
    ("page.pair_code", "de"),
    ("page.start_options", "fr"),
    ("page.stop_big", "fr"),
    ("transcript.before.relay", "de"),
    ("review.export_html", "fr"),
    ("review.export_text", "de"),
    ("review.filter_notes", "fr"),
    ("transcript.says.note", "fr"),
    ("review.notes_title", "fr"),
    ("transcript.reasons.stop", "fr"),
    ("transcript.says.of_hold", "fr"),
    ("review.who_relay", "de"),
    ("transcript.units.months.3", "de"),
    ("transcript.units.months.7", "de"),
    ("transcript.units.months.8", "de"),
    ("transcript.units.months.10", "de"),
    ("transcript.verdicts.when", "es fr de zh ar"),
];

/// The legend of the plain text has as many lines as each language needs.
const LEGEND: &str = "transcript.characters.legend";
/// The categories that a language may word apart.
const PLURALS: [&str; 5] = ["zero", "one", "two", "few", "many"];

/// Every text of a language by its path, as it stands in the file. Of a plural, the form `other`.
fn texts(language: &str) -> BTreeMap<String, String> {
    fn gather(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        let below = |key: &str| match path {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        match value {
            Value::String(text) => {
                into.insert(path.to_owned(), text.clone());
            }
            Value::Array(lines) if path == LEGEND => {
                let lines: Vec<_> = lines.iter().filter_map(Value::as_str).collect();
                into.insert(path.to_owned(), lines.join("\n"));
            }
            Value::Array(values) => {
                for (n, value) in values.iter().enumerate() {
                    gather(&below(&n.to_string()), value, into);
                }
            }
            Value::Object(values) => match values.get("other") {
                Some(other) => gather(path, other, into),
                None => {
                    for (key, value) in values {
                        gather(&below(key), value, into);
                    }
                }
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{path}: {value} is no text"),
        }
    }
    let mut all = BTreeMap::new();
    gather("", file(place(language)), &mut all);
    all.retain(|path, _| !path.starts_with("language."));
    all
}

fn blanks(text: &str) -> Vec<&str> {
    let mut all: Vec<_> = text
        .split('{')
        .skip(1)
        .map(|rest| rest.split_once('}').expect("a blank ends").0)
        .collect();
    all.sort_unstable();
    all
}

fn is_reference(text: &str) -> bool {
    text.starts_with(REFERENCE.0)
}

fn others() -> impl Iterator<Item = &'static str> {
    languages().skip(1)
}

#[test]
fn every_language_has_every_text_with_the_same_blanks() {
    let english = texts("en");
    assert!(english.len() > 1_000, "{}", english.len());
    for language in others() {
        let own = texts(language);
        assert!(own.keys().eq(english.keys()), "{language}");
        for (path, text) in &own {
            // Chinese has no word there.
            let may_be_empty = (language, path.as_str()) == ("zh", "transcript.page.on");
            assert!(may_be_empty || !text.is_empty(), "{language} {path}");
            assert_eq!(blanks(text), blanks(&english[path]), "{language} {path}");
        }
    }
}

#[test]
fn nothing_is_left_in_english() {
    let english = texts("en");
    for language in others() {
        for (path, text) in texts(language) {
            let mut words = english[&path].clone();
            for blank in blanks(&text) {
                words = words.replace(&format!("{{{blank}}}"), "");
            }
            let has_words = words.chars().filter(|c| c.is_alphabetic()).count() > 1;
            let same = text == english[&path] && has_words && !is_reference(&text);
            let meant = SAME
                .iter()
                .any(|(meant, languages)| *meant == path && languages.contains(language));
            assert_eq!(same, meant, "{language} {path}: {text}");
        }
    }
}

#[test]
fn one_thing_has_one_text() {
    let all: BTreeMap<_, _> = languages().map(|one| (one, texts(one))).collect();
    let english = &all["en"];
    let mut paths: BTreeMap<Vec<&str>, &str> = BTreeMap::new();
    for (path, text) in english {
        let in_all: Vec<_> = all.values().map(|texts| texts[path].as_str()).collect();
        if is_reference(text) {
            assert!(in_all.iter().all(|one| one == text), "{path}: {in_all:?}");
            continue;
        }
        if let Some(other) = paths.insert(in_all, path) {
            let section = |path: &str| path.split('.').next().map(str::to_owned);
            let apart = section(other) != section(path);
            assert!(
                !apart,
                "{path} says what {other} says: let it be $t({other})"
            );
        }
    }
}

#[test]
fn every_reference_leads_to_a_text() {
    for language in languages() {
        for (name, _) in file(place(language)).as_object().expect("sections") {
            let section = section(language, name).to_string();
            assert!(!section.contains(REFERENCE.0), "{language} {name}");
        }
    }
}

#[test]
fn every_screen_asks_for_the_same_warning_signs() {
    for language in languages() {
        let page = section(language, "page");
        let shown: Vec<_> = (1..=4)
            .map(|n| page[format!("signs_{n}")].clone())
            .collect();
        assert_eq!(
            section(language, "terminal")["before"]["signs"],
            Value::Array(shown),
            "{language}"
        );
        assert!(page.get("signs_5").is_none(), "{language}");
    }
}

#[test]
fn a_plural_has_the_categories_of_its_language() {
    use icu_plurals::{PluralCategory, PluralRules};
    for language in languages() {
        let locale: icu_locale_core::Locale = language.parse().expect("a language tag");
        let rules = PluralRules::try_new_cardinal(locale.into()).expect("a language of CLDR");
        let has: Vec<_> = rules
            .categories()
            .map(|category| match category {
                PluralCategory::Zero => "zero",
                PluralCategory::One => "one",
                PluralCategory::Two => "two",
                PluralCategory::Few => "few",
                PluralCategory::Many => "many",
                PluralCategory::Other => "other",
            })
            .collect();
        let forms = &text_at(file(place(language)), "terminal.past.days");
        let said = forms.as_object().expect("forms").keys();
        for form in said.filter(|form| PLURALS.contains(&form.as_str())) {
            assert!(has.contains(&form.as_str()), "{language} has no {form}");
        }
    }
}

#[test]
fn a_number_takes_the_form_of_its_category() {
    let plural: Plural = Plural::deserialize(Box::leak(Box::new(serde_json::json!({
        "one": "one", "two": "two", "few": "few", "many": "many", "other": "other",
    }))) as &'static Value)
    .expect("a plural");
    for (language, n, form) in [
        ("en", 1, "one"),
        ("en", 2, "other"),
        ("fr", 0, "one"),
        ("zh-Hans", 1, "other"),
        ("ar", 2, "two"),
        ("ar", 3, "few"),
        ("ar", 11, "many"),
        ("ar", 100, "other"),
        ("ar", 103, "few"),
    ] {
        assert_eq!(plural.of(language, n), form, "{language} {n}");
    }
}

#[test]
fn what_is_filled_in_is_not_looked_into() {
    let value = |name: &str| match name {
        "a" => Some("{b}".to_owned()),
        "b" => Some("1".to_owned()),
        _ => None,
    };
    assert_eq!(fill("{a} {b}{c}, {", value), "{b} 1{c}, {");
}
