//! Characters that nobody sees. Keyboards, chat programs and copied text leave them behind.

/// Whether a character shows nothing and means nothing in a code: marks of direction, joiners, marks of
/// width zero, the byte order mark, selectors of variants.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    is_joiner(c) || is_stray(c) || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{034F}')
}

/// Joiners, which Persian, Indic scripts and pictures need inside of words.
#[must_use]
pub const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// What has no business in a name: marks that turn the reading direction, and marks of width zero.
#[must_use]
pub const fn is_stray(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}
