//! Every language has every string, with the same blanks, and none of it is left in English.

use super::*;
use crate::Band;
use tapcue_rules::state::{HoldReason, Phase};

/// The strings of a language, each with the name of its field.
fn strings(language: Language) -> Vec<(String, String)> {
    let printed = format!("{:#?}", Words::of(language));
    let mut field = String::new();
    let mut all = Vec::new();
    for line in printed.lines() {
        let (before, text) = line.split_once('"').unwrap_or((line, ""));
        if let Some((name, _)) = before.trim().split_once(':') {
            field = name.to_owned();
        }
        if let Some(text) = text.trim_end_matches(',').strip_suffix('"') {
            all.push((field.clone(), text.to_owned()));
        }
    }
    all
}

fn blanks(text: &str) -> Vec<&str> {
    // Braces around a character code are an escape, not a blank.
    let pieces = text.split('{').skip(1);
    let names = pieces.filter_map(|rest| rest.split('}').next());
    let mut all: Vec<&str> = names
        .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        .collect();
    all.sort_unstable();
    all
}

/// The strings that occur once in every language, so not the lines of the legend.
fn fields(language: Language) -> Vec<(String, String)> {
    let all = strings(language).into_iter();
    all.filter(|(field, _)| field != "legend").collect()
}

#[test]
fn every_language_fills_the_same_blanks() {
    let english = fields(Language::En);
    assert!(english.len() > 280, "{}", english.len());
    for language in Language::ALL {
        let own = fields(language);
        assert_eq!(own.len(), english.len(), "{language:?}");
        for ((field, text), (same, original)) in own.iter().zip(&english) {
            assert_eq!(field, same, "{language:?}");
            let may_be_empty = language == Language::Zh && field == "on";
            assert!(may_be_empty || !text.is_empty(), "{language:?} {field}");
            // Restarts are worded differently in languages without a word for "once".
            assert_eq!(blanks(text), blanks(original), "{language:?} {field}");
        }
    }
}

#[test]
fn nothing_is_left_in_english() {
    // The same in both languages on purpose.
    let meant = [
        "Stop",
        "pause",
        "Server",
        "server",
        "Server {version}.",
        "Pause",
        "stop",
        "Stops",
        "{n} stops",
        "Stop → shown",
        "Notes",
        "Note",
        "November",
        "September",
        "August",
        "April",
    ];
    let english = fields(Language::En);
    for language in Language::ALL.into_iter().skip(1) {
        for ((field, text), (_, original)) in fields(language).iter().zip(&english) {
            let letters = {
                let mut rest = original.clone();
                for blank in blanks(original) {
                    rest = rest.replace(&format!("{{{blank}}}"), "");
                }
                rest.chars().filter(|c| c.is_alphabetic()).count()
            };
            // Excludes units and texts without words.
            let same = text == original && letters > 3 && !meant.contains(&text.as_str());
            assert!(!same, "{language:?} {field}: {text}");
        }
    }
}

#[test]
fn what_is_filled_in_is_not_looked_into_and_keeps_together() {
    let english = Words::of(Language::En);
    let filled = english.fill("{a} {b}{c}", &[("a", &"{b}"), ("b", &1)]);
    assert_eq!(filled, "{b} 1");
    let arabic = Words::of(Language::Ar);
    assert_eq!(
        arabic.fill("{a}: {b}", &[("a", &"web/0.1.0"), ("b", &"1:02")]),
        "\u{2068}web/0.1.0\u{2069}: 1:02"
    );
}

#[test]
fn a_legend_fits_a_terminal_and_names_every_sign() {
    use unicode_width::UnicodeWidthStr;
    let signs = |language| {
        let lines = Words::of(language).characters.legend;
        assert!(lines.iter().all(|line| line.width() <= 80), "{language:?}");
        let text: String = lines.join(" ").replace(['\u{2066}', '\u{2069}'], "");
        let mut signs: Vec<char> = text
            .split(' ')
            .filter_map(|word| {
                let mut one = word.chars();
                one.next().filter(|c| one.next().is_none() && c.is_ascii())
            })
            .collect();
        signs.sort_unstable();
        signs
    };
    let english = signs(Language::En);
    assert!(english.len() > 30, "{english:?}");
    for language in Language::ALL {
        let mut own = signs(language);
        // A one-letter ASCII word looks like a repeated sign, so repeats are removed.
        own.dedup();
        let mut all = english.clone();
        all.dedup();
        assert_eq!(own, all, "{language:?}");
    }
}

#[test]
fn hours_are_told_from_an_hour_on() {
    assert_eq!(clock(3_599_999), "59:59");
    assert_eq!(clock(3_600_000), "1:00:00");
    assert_eq!(clock_ms(3_661_007), "1:01:01.007");
}

#[test]
fn in_the_fewest_words_a_hold_is_its_reason() {
    let words = Words::of(Language::En);
    let band = |reason| Band {
        phase: Phase::Held,
        reason: Some(reason),
        by: None,
        began: 1,
        from: Millis(0),
        to: None,
        stops: None,
    };
    let short = |reason| words.phase_short(&band(reason));
    assert_eq!(short(HoldReason::NoAnswer), "No answer");
    let start = band(HoldReason::Start);
    assert_eq!(short(HoldReason::Start), words.phase(&start));
}
