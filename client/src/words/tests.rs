//! The texts fit where they stand, and what must differ differs.

use super::*;
use crate::tui::big::has_letters;

#[test]
fn every_language_has_every_text() {
    for language in Language::ALL {
        assert!(!Words::of(language).receiver.is_empty());
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
