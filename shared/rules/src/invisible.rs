//! Invisible characters, which keyboards, chat programs and copied text leave behind.

/// Whether a character is invisible and has no meaning in a code: a direction mark, a joiner, a zero-width
/// mark, the byte order mark or a variation selector.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    is_joiner(c) || is_stray(c) || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{034F}')
}

/// Whether a character is a joiner. Persian, Indic scripts and emoji need joiners inside words.
#[must_use]
pub const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether a character is removed from names: a mark that changes the reading direction, or a zero-width
/// mark.
#[must_use]
pub const fn is_stray(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}
