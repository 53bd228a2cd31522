//! How many columns text takes, and where its lines may break: Chinese has no spaces, and its
//! characters are two columns wide.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What does not stand at the beginning of a line, and what does not stand at the end of one (Unicode
/// UAX #14, classes CL and OP), as far as the words of a transcript have it.
const CLOSING: &str = "，。、；：！？）》」』”";
const OPENING: &str = "（《「『“";

/// How many columns it takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// With spaces after it, to so many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// With spaces before it, to so many columns.
pub(super) fn padded_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// What a line may not break within, each with whether a space stood before it.
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
