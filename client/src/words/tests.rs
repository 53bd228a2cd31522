//! Every language has every string, with the same blanks, and none of it is left in English.

use super::*;
use crate::tui::big::has_letters;

/// The strings of a language, each with the name of its field.
fn strings(language: Language) -> Vec<(String, String)> {
    let printed = format!("{:#?}", Words::of(language));
    printed
        .lines()
        .filter_map(|line| {
            let (before, text) = line.split_once('"')?;
            let text = text.trim_end_matches(',').strip_suffix('"')?;
            Some((
                before.trim().trim_end_matches(':').to_owned(),
                unescaped(text),
            ))
        })
        .collect()
}

/// Replaces escaped character codes by the characters.
fn unescaped(printed: &str) -> String {
    let mut parts = printed.split("\\u{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').unwrap();
        let number = u32::from_str_radix(number, 16).unwrap();
        text.push(char::from_u32(number).unwrap());
        text.push_str(rest);
    }
    text
}

fn blanks(text: &str) -> Vec<&str> {
    let mut all: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn every_language_fills_the_same_blanks() {
    let english = strings(Language::En);
    assert!(english.len() > 250, "{}", english.len());
    for language in Language::ALL {
        let own = strings(language);
        assert_eq!(own.len(), english.len(), "{language:?}");
        for ((field, text), (same, original)) in own.iter().zip(&english) {
            assert_eq!(field, same, "{language:?}");
            assert!(!text.trim().is_empty(), "{language:?} {field}");
            // Arabic has a word for two of a thing, without the number.
            if field != "two" {
                assert_eq!(blanks(text), blanks(original), "{language:?} {field}");
            }
        }
    }
}

#[test]
fn nothing_is_left_in_english() {
    // The same in both languages on purpose.
    let meant = [
        "STOP",
        "Stop",
        "Server",
        "Server: {why}",
        "Stops",
        "{n} stops",
        "OKAY?",
        "Okay?",
        "Enter",
        "t / 10 s",
        "f / j",
        "#",
    ];
    let english = strings(Language::En);
    for language in Language::ALL.into_iter().skip(1) {
        for ((field, text), (_, original)) in strings(language).iter().zip(&english) {
            let same = text == original && !meant.contains(&text.as_str());
            assert!(!same, "{language:?} {field}: {text}");
        }
    }
}

#[test]
fn no_two_cues_are_the_same() {
    for language in Language::ALL {
        let words = Words::of(language);
        for a in Cue::ALL {
            for b in Cue::ALL.into_iter().filter(|b| *b != a) {
                assert_ne!(words.cue(a).big, words.cue(b).big, "{language:?}");
                assert_ne!(words.cue(a).says, words.cue(b).says, "{language:?}");
                assert_ne!(words.cue(a).tile, words.cue(b).tile, "{language:?}");
            }
        }
    }
}

#[test]
fn what_is_large_has_letters_where_the_script_has_any() {
    for language in [Language::En, Language::Es, Language::Fr, Language::De] {
        let words = Words::of(language);
        let cues = Cue::ALL.map(|cue| words.cue(cue).big);
        let others = [
            words.before.wait_big,
            words.live.go_big,
            words.held.hands_off_big,
        ];
        for word in cues.into_iter().chain(others) {
            assert!(has_letters(word), "{language:?} {word}");
        }
        assert!(has_letters(&fill(words.live.stay_big, &[("n", "30")])));
    }
    assert!(!has_letters(Words::of(Language::Zh).cues.stop.big));
}

#[test]
fn what_has_little_room_is_short() {
    let width = |text: &str| ratatui::text::Line::from(text).width();
    for language in Language::ALL {
        let words = Words::of(language);
        for cue in Cue::ALL {
            let tile = words.cue(cue).tile;
            assert!(width(tile) <= 17, "{language:?} {tile}");
        }
        for key in [words.keys.hold_key, words.keys.tap_key] {
            assert!(width(key) <= 20, "{language:?} {key}");
        }
        for row in [
            words.keys.end_question,
            words.keys.end_keys,
            words.keys.leave_question,
            words.keys.leave_keys,
            words.links.no_cue_yet,
        ] {
            assert!(width(row) <= 80, "{language:?} {row}");
        }
    }
}

#[test]
fn a_stop_is_one_word_wherever_it_is_said() {
    for language in Language::ALL {
        let words = Words::of(language);
        let stop = words.cues.stop.says.to_lowercase();
        for text in [
            words.cues.stop.big,
            words.keys.stop,
            words.keys.stop_under,
            words.live.stop_below,
            words.held.not_delivered,
            words.reasons.stop_you,
        ] {
            let says = text.to_lowercase().contains(&stop);
            assert!(says, "{language:?}: {text}");
        }
    }
}

#[test]
fn the_environment_chooses() {
    let of = |set: &[(&str, &str)]| {
        let find = |name: &str| {
            let found = set.iter().find(|(is, _)| *is == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        of_environment(find)
    };
    assert_eq!(of(&[]), Language::En);
    assert_eq!(of(&[("LANG", "de_AT.UTF-8")]), Language::De);
    assert_eq!(of(&[("LC_ALL", "fr"), ("LANG", "de_DE")]), Language::Fr);
    let empty = [("LC_ALL", ""), ("LC_MESSAGES", "zh_CN.utf8")];
    assert_eq!(of(&empty), Language::Zh);
    assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "ar_EG")]), Language::En);
    assert_eq!(of(&[("LANG", "pt_BR")]), Language::En);
    assert_eq!(of(&[("LANG", "es@euro")]), Language::Es);
}
