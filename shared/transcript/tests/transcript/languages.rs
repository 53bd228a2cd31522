//! A transcript in every language: complete, without blanks, and right to left where the language is.

use tapcue_rules::language::Language;
use tapcue_transcript::{Standing, Transcript, verify};
use unicode_width::UnicodeWidthStr;

use crate::desk::Receiver;
use crate::hour::{hour, thumb};
use crate::sample::rich;

fn samples() -> Vec<Transcript> {
    let desks = [rich(), thumb(), hour(300)];
    desks
        .iter()
        .map(|desk| desk.sealed(Some(Receiver)))
        .collect()
}

#[test]
fn no_blank_is_left_in_any_form() {
    for transcript in samples() {
        for language in Language::ALL {
            let page = transcript.html(language, 60);
            let (head, rest) = page.split_once("<style>").unwrap();
            let body = rest.split_once("</style>").unwrap().1;
            let csv = transcript.csv(language);
            for form in [head, body, &csv, &transcript.text(language, 80, 60)] {
                assert!(!form.contains(['{', '}']), "{language:?}: {form}");
            }
            for json in [
                transcript.words_json(language),
                transcript.drawing_json(language, 358),
            ] {
                // JSON has no brace inside a string here.
                let blank = |text: &str| text.contains(['{', '}']);
                let strings = json.split('"').skip(1).step_by(2);
                assert!(!strings.into_iter().any(blank), "{language:?}: {json}");
            }
            // An element for words is never empty.
            for empty in [
                "<h2></h2>",
                "<dt></dt>",
                "<th scope=\"col\"></th>",
                "<li></li>",
            ] {
                assert!(!body.contains(empty), "{language:?} {empty}");
            }
        }
    }
}

#[test]
fn a_page_says_its_language_and_its_direction() {
    let transcript = rich().sealed(None);
    for (language, declares) in [
        (Language::En, "<html lang=\"en\">"),
        (Language::De, "<html lang=\"de\">"),
        (Language::Zh, "<html lang=\"zh-Hans\">"),
        (Language::Ar, "<html lang=\"ar\" dir=\"rtl\">"),
    ] {
        let page = transcript.html(language, 0);
        assert!(page.contains(declares), "{language:?}");
        // Text that people typed has its own direction there.
        let own = page.contains("<p class=\"words\" dir=\"auto\">");
        assert_eq!(own, language == Language::Ar);
    }
    for language in Language::ALL {
        assert_eq!(Language::of_code(language.code()), Some(language));
    }
    assert_eq!(Language::of_code("pt"), None);
}

#[test]
fn dates_are_written_as_the_language_writes_them() {
    let transcript = rich().sealed(None);
    for (language, says) in [
        (Language::En, "22 November 2026, 10:30 (UTC+1:00)"),
        (Language::Es, "22 de noviembre de 2026, 10:30 (UTC+1:00)"),
        (Language::Fr, "22 novembre 2026 à 10:30 (UTC+1:00)"),
        (Language::De, "22. November 2026, 10:30 (UTC+1:00)"),
        (Language::Zh, "2026年11月22日 10:30（UTC+1:00）"),
        (
            Language::Ar,
            "22 نوفمبر 2026، 10:30 (\u{2068}UTC+1:00\u{2069})",
        ),
    ] {
        let text = transcript.text(language, 80, 60);
        assert!(text.contains(says), "{says} is missing in\n{text}");
    }
}

/// Exceptions are single words that are longer, and the legend, which is laid out for a terminal.
#[test]
fn every_line_of_the_text_fits_its_width() {
    for transcript in samples() {
        for language in Language::ALL {
            for line in transcript.text(language, 80, 0).lines() {
                let long = line.split(' ').any(|word| word.width() > 51);
                assert!(line.width() <= 80 || long, "{language:?}: {line}");
            }
        }
    }
}

#[test]
fn no_cell_begins_like_a_formula_in_any_language() {
    for language in Language::ALL {
        let text = rich().sealed(Some(Receiver)).csv(language);
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for row in reader.records() {
            for cell in &row.unwrap() {
                let danger = cell.starts_with(['=', '+', '-', '@', '\t']);
                assert!(!danger, "{language:?} {cell:?}");
            }
        }
    }
}

#[test]
fn a_verdict_is_said_in_every_language_and_stays_english_as_data() {
    let json = rich().sealed(None).json();
    let cut = json.replacen("\"slower\"", "\"ease_up\"", 1);
    let session = json.replacen("\"version\":1", "\"version\":2", 1);
    for text in [json.as_str(), &cut, &session, "{}", "no"] {
        let verdict = verify(text, &[]);
        let english = verdict.words_in(Language::En);
        assert_eq!(verdict.words, english);
        for language in Language::ALL.into_iter().skip(1) {
            let words = verdict.words_in(language);
            assert_eq!(words.len(), english.len());
            for (word, original) in words.iter().zip(&english) {
                assert!(word != original && !word.contains(['{', '}']), "{word}");
            }
        }
    }
    assert_eq!(verify(&cut, &[]).standing, Standing::Broken);
}
