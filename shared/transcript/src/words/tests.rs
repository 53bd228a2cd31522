//! The texts are filled in, and fit where they stand.

use super::*;
use crate::Band;
use tapcue_rules::state::{HoldReason, Phase};

#[test]
fn every_language_has_every_text() {
    for language in Language::ALL {
        assert!(!Words::of(language).tag.is_empty());
    }
}

#[test]
fn what_is_filled_in_is_not_looked_into_and_keeps_together() {
    let english = Words::of(Language::En);
    let filled = english.fill("{a} {b}{c}", &[("a", &"{b}"), ("b", &1)]);
    assert_eq!(filled, "{b} 1{c}");
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
        let lines = &Words::of(language).characters.legend;
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
