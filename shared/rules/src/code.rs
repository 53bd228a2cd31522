//! Reads an invitation code as people write it. It accepts other scripts' digits, wide letters, dashes and
//! quotes of every kind, invisible marks, and words around the code.

/// Crockford's base 32: no I, L, O (they look like 1, 1, 0) and no U.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code that find the session.
pub const LOCATOR_CHARS: usize = 3;

/// Characters of a code.
pub const CHARS: usize = 8;

/// The digit 0 of each script whose ten digits have consecutive code points. Source: Unicode 17, general
/// category Nd, the scripts of today's keyboards.
const ZEROS: [char; 22] = [
    '0',
    '\u{0660}',
    '\u{06F0}',
    '\u{07C0}',
    '\u{0966}',
    '\u{09E6}',
    '\u{0A66}',
    '\u{0AE6}',
    '\u{0B66}',
    '\u{0BE6}',
    '\u{0C66}',
    '\u{0CE6}',
    '\u{0D66}',
    '\u{0E50}',
    '\u{0ED0}',
    '\u{0F20}',
    '\u{1040}',
    '\u{17E0}',
    '\u{1810}',
    '\u{1946}',
    '\u{FF10}',
    '\u{1D7CE}',
];

/// Finds the code in a text and returns its places in the [`ALPHABET`]. Returns none if the text has no code
/// or more than one.
///
/// A text that consists of a code alone is a code, however it is divided. In a text with other words, the
/// code is a word of eight characters, or one of three followed by one of five.
#[must_use]
pub fn read(text: &str) -> Option<[u8; CHARS]> {
    code(text.chars()).or_else(|| among_words(text))
}

fn among_words(text: &str) -> Option<[u8; CHARS]> {
    // An ordinary word that reads as a code has no digits. A code almost always has some.
    let digits = |word: &[char]| word.iter().any(|c| digit(*c).is_some());
    let words: Vec<Vec<char>> = text
        .split(|c: char| {
            is_space(c) || is_dash(c) || matches!(c, ':' | '\u{FF1A}' | '=' | '/' | '#')
        })
        .map(|word| word.chars().filter(|c| !is_ignored(*c)).collect())
        .filter(|word: &Vec<char>| !word.is_empty())
        .collect();
    let pairs = words.windows(2).filter_map(|pair| {
        let [locator, secret] = pair else { return None };
        (locator.len() == LOCATOR_CHARS).then(|| [locator.as_slice(), secret.as_slice()].concat())
    });
    let alone = words.iter().cloned();
    let read = |word: Vec<char>| Some((code(word.iter().copied())?, digits(&word)));
    let found: Vec<_> = alone.chain(pairs).filter_map(read).collect();
    let with_digits = found.iter().any(|(_, digits)| *digits);
    let mut best = found.iter().filter(|(_, digits)| *digits == with_digits);
    let (first, _) = best.next()?;
    best.all(|(other, _)| other == first).then_some(*first)
}

/// A text that is a code and nothing else.
fn code(text: impl Iterator<Item = char>) -> Option<[u8; CHARS]> {
    let mut code = [0; CHARS];
    let mut places = code.iter_mut();
    for c in text.filter(|c| !is_ignored(*c)) {
        *places.next()? = place(c)?;
    }
    places.next().is_none().then_some(code)
}

/// The place of a character in the alphabet; I, L and O are read as 1, 1 and 0.
fn place(c: char) -> Option<u8> {
    if let Some(digit) = digit(c) {
        return Some(digit);
    }
    let narrow = match c {
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => char::from_u32(u32::from(c) - 0xFEE0)?,
        c => c,
    };
    let plain = match narrow.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        c => c,
    };
    let place = ALPHABET.iter().position(|of| char::from(*of) == plain)?;
    u8::try_from(place).ok()
}

fn digit(c: char) -> Option<u8> {
    let above = |zero: &char| u32::from(c).checked_sub(u32::from(*zero));
    let value = ZEROS.iter().filter_map(above).find(|above| *above < 10)?;
    u8::try_from(value).ok()
}

/// Characters without meaning in a code: spaces, dashes, quotes, brackets, full stops and invisible
/// characters.
fn is_ignored(c: char) -> bool {
    is_space(c)
        || is_dash(c)
        || crate::invisible::is_invisible(c)
        || matches!(
            c,
            '"' | '\'' | '`' | '\u{B4}' | '\u{AB}' | '\u{BB}' | '\u{2018}'..='\u{201F}'
                | '\u{2039}' | '\u{203A}' | '\u{300C}'..='\u{300F}' | '\u{FF02}' | '\u{FF07}'
        )
        || matches!(
            c,
            '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '\u{3010}' | '\u{3011}'
        )
        || matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | '*'
                | '_'
                | '~'
                | '|'
                | '/'
                | '#'
                | '='
                | '\u{B7}'
                | '\u{2022}'
                | '\u{3001}'
                | '\u{3002}'
                | '\u{060C}'
                | '\u{061B}'
                | '\u{061F}'
                | '\u{06D4}'
                | '\u{0964}'
                | '\u{FF01}'
                | '\u{FF0C}'
                | '\u{FF0E}'
                | '\u{FF1A}'
                | '\u{FF1B}'
        )
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}')
}

/// Unicode's dashes and minus signs, and the characters that keyboards produce instead of them.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{AF}' | '\u{02D7}' | '\u{058A}' | '\u{05BE}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2053}'
                | '\u{207B}'
                | '\u{208B}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2E17}'
                | '\u{2E1A}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{301C}'
                | '\u{3030}'
                | '\u{30A0}'
                | '\u{30FC}'
                | '\u{FE31}'
                | '\u{FE32}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{FF70}'
    )
}

/// The code as it is displayed, without the dash. A device sends this form.
#[must_use]
pub fn plain(code: [u8; CHARS]) -> String {
    let letter = |place: &u8| {
        ALPHABET
            .get(usize::from(*place))
            .map(|letter| char::from(*letter))
    };
    code.iter().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// One row of the table that the web client replays too.
    #[derive(Deserialize)]
    struct Written {
        read: Vec<(String, String)>,
        unread: Vec<String>,
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        let table = include_str!("../../written/codes.json");
        let Written { read: good, unread } = serde_json::from_str(table).unwrap();
        for (written, code) in good {
            assert_eq!(read(&written).map(plain), Some(code), "{written:?}");
        }
        for written in unread {
            assert_eq!(read(&written).map(plain), None, "{written:?}");
        }
    }
}
