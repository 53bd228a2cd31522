//! Keys by position: on a keyboard without Latin letters, a key means the same as on a Latin one. If a letter
//! has different positions in two layouts and one of them is stop, it means stop.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The keys of a Latin keyboard, row by row.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,./";

/// The characters on the same keys. Source: the layouts of xkeyboard-config.
const LAYOUTS: [&str; 6] = [
    // Russian.
    "йцукенгшщзхъфывапролджэячсмитьбю.",
    // Ukrainian.
    "йцукенгшщзхїфівапролджєячсмитьбю.",
    // Greek.
    ";ςερτυθιοπ[]ασδφγηξκλ΄'ζχψωβνμ,./",
    // Arabic. Its B key sends two letters, or one ligature: see [`Pairs`].
    "ضصثقفغعهخحجدشسيبلاتنمكطئءؤر\u{fefb}ىةوزظ",
    // Persian.
    "ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدپو./",
    // Hebrew.
    "/'קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ.",
];

/// The sentence-ending marks of other scripts, in half and full width.
const STOPS: [char; 5] = ['。', '｡', '۔', '।', '·'];

/// The letters of the Arabic B key.
const LAM: char = 'ل';
const ALEF: char = 'ا';

/// The distance between a full-width sign and its ASCII form.
const FULL_WIDTH: u32 = 0xFEE0;

/// The key at the same position on a Latin keyboard.
#[must_use]
pub fn by_place(code: KeyCode) -> KeyCode {
    match code.as_char() {
        Some(c) if !c.is_ascii() => KeyCode::Char(latin(c)),
        Some(_) | None => code,
    }
}

fn latin(c: char) -> char {
    if c.is_whitespace() {
        return ' ';
    }
    if STOPS.contains(&c) {
        return '.';
    }
    if let '\u{ff01}'..='\u{ff5e}' = c {
        return char::from_u32(u32::from(c) - FULL_WIDTH).unwrap_or(c);
    }
    let small = c.to_lowercase().next().unwrap_or(c);
    let place = |layout: &&str| {
        let there = LATIN.chars().zip(layout.chars());
        there
            .into_iter()
            .find(|(_, own)| *own == small)
            .map(|(latin, _)| latin)
    };
    let mut found: Vec<char> = LAYOUTS.iter().filter_map(place).collect();
    // After the stop keys, letters come before signs, because signs have no meaning here.
    found.sort_by_key(|latin| (!matches!(latin, '.' | 'b'), !latin.is_ascii_alphabetic()));
    found.first().copied().unwrap_or(small)
}

/// Whether a key is the first letter of the Arabic B key. The second follows at once.
pub(super) fn begins_pair(event: &Event) -> bool {
    is(event, LAM)
}

/// Whether a key is the second letter of the Arabic B key.
pub(super) fn ends_pair(event: &Event) -> bool {
    is(event, ALEF)
}

/// The Arabic B key as one key.
pub(super) fn pair() -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char('b'), KeyModifiers::NONE))
}

fn is(event: &Event, letter: char) -> bool {
    matches!(event, Event::Key(key) if key.code == KeyCode::Char(letter)
        && key.kind != KeyEventKind::Release)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(keys: &str) -> String {
        keys.chars()
            .map(|c| by_place(KeyCode::Char(c)).as_char().unwrap())
            .collect()
    }

    #[test]
    fn every_layout_has_a_key_in_each_place() {
        for layout in LAYOUTS {
            assert_eq!(layout.chars().count(), LATIN.len(), "{layout}");
        }
    }

    #[test]
    fn letters_act_by_their_place() {
        for keys in [
            "ыукьнрдпсйтащ", // Russian
            "іукьнрдпсйтащ", // Ukrainian
            "σερμυηλγψ;νφο", // Greek; its Q key is a semicolon, which means nothing
            "سثقةغاملؤضىبخ", // Arabic
            "سثقپغامل؟ضدبخ", // Persian; see below for its C
            "דקרצטיךעב/מכם", // Hebrew
        ] {
            let found = on(keys);
            for (n, (found, latin)) in found.chars().zip("sermyhlgcqnfo".chars()).enumerate() {
                let is_other = matches!((n, latin), (8, 'c') | (9, 'q'));
                assert!(found == latin || is_other, "{keys}: {found} for {latin}");
            }
        }
        assert_eq!(on("ЫУКФ"), "sera");
        assert_eq!(on("ＳＲｓｒ？"), "SRsr?");
        assert_eq!(on("sr?Q"), "sr?Q");
        assert_eq!(on("é汉"), "é汉");
    }

    #[test]
    fn every_stop_is_stop() {
        // These are B keys by position, and full stops. Persian C is at the position of the Arabic full stop.
        assert_eq!(on("иИβנذ\u{fefb}"), "bbbbbb");
        assert_eq!(on("юЮץز"), "....");
        assert_eq!(on("。．｡۔।"), ".....");
        assert_eq!(on("\u{3000}\u{a0}\u{202f}\u{2003}"), "    ");
        let key = |c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        assert!(begins_pair(&key('ل')) && ends_pair(&key('ا')));
        assert!(!begins_pair(&key('ا')) && !ends_pair(&key('g')));
    }
}
