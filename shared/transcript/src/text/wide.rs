//! The width of text in columns, and where its lines may break. Chinese has no spaces, and its characters are
//! two columns wide.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters that may not begin a line, and characters that may not end one, as far as transcripts use them.
/// Source: Unicode UAX #14, classes CL and OP.
const CLOSING: &str = "，。、；：！？）》」』”";
const OPENING: &str = "（《「『“";

/// The width in columns.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text padded with spaces on the right to this many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text padded with spaces on the left to this many columns.
pub(super) fn padded_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The pieces within which a line may not break, each with whether a space was before it.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split(' ').enumerate().flat_map(|(n, word)| {
        let mut parts = Vec::new();
        let mut from = 0;
        let mut before = None;
        for (at, c) in word.char_indices() {
            if before.is_some_and(|before| may_break(before, c)) {
                parts.extend(word.get(from..at));
                from = at;
            }
            before = Some(c);
        }
        parts.extend(word.get(from..));
        let first = move |m: usize| m == 0 && n > 0;
        parts
            .into_iter()
            .enumerate()
            .map(move |(m, part)| (first(m), part))
    })
}

fn may_break(before: char, after: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    wide(before) && wide(after) && !CLOSING.contains(after) && !OPENING.contains(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters_but_not_before_their_stops() {
        let parts: Vec<_> = pieces("a-b  第 1 条：停。（好").collect();
        assert_eq!(
            parts,
            [
                (false, "a-b"),
                (true, ""),
                (true, "第"),
                (true, "1"),
                (true, "条："),
                (false, "停。"),
                (false, "（好"),
            ]
        );
        assert_eq!((width("停 a"), width("توقّف")), (4, 4));
        assert_eq!(
            (padded("停", 4), padded_left("停", 4)),
            ("停  ".into(), "  停".into())
        );
    }
}
