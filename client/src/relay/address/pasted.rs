//! Cleans addresses and links from chats and mails: wrapped, quoted, escaped, or with invisible marks.

/// The text before the secret in an invitation link.
const JOIN: &str = "#join=";

/// Characters that an address cannot begin or end with, though people and programs add them. Brackets may
/// belong to the address.
const AROUND: &[char] = &[
    '<', '>', '"', '\'', '`', '(', ')', '{', '}', '*', '_', '|', ',', ';', '.', '!', '?', '“', '”',
    '„', '‘', '’', '‚', '«', '»', '‹', '›', '。', '，', '、', '「', '」', '（', '）', '…',
];

/// An address without the characters around and inside it that do not belong to it.
pub(super) fn cleaned(text: &str) -> String {
    // A blank within an address is a mistake, and not an invisible mark.
    let text: String = text
        .chars()
        .filter(|c| *c == ' ' || !is_unseen(*c))
        .collect();
    text.trim_matches(|c| c == ' ' || AROUND.contains(&c))
        .to_owned()
}

/// The relay and the secret of an invitation link, anywhere in a text; none if the text has no link.
pub(super) fn invitation(text: &str) -> Option<(String, String)> {
    let text: String = text.chars().filter(|c| !is_unseen(*c)).collect();
    let text = unescaped(&text);
    let small = text.to_ascii_lowercase();
    let join = small.find(JOIN)?;
    let before = &small[..join];
    // Words may come before the link.
    let begin = ["http://", "https://"];
    let begin = begin.iter().filter_map(|scheme| before.rfind(scheme)).max();
    let relay = text.get(begin.unwrap_or_default()..join)?;
    let secret = text.get(join + JOIN.len()..)?;
    let of_secret = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    Some((
        relay.to_owned(),
        secret.chars().take_while(of_secret).collect(),
    ))
}

/// Blanks, line breaks, zero-width marks and direction marks.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// The text with percent escapes decoded where they stand for ASCII characters.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(u8::is_ascii_graphic) {
            Some(byte) => {
                out.push(byte.into());
                out.push_str(&part[2..]);
            }
            None => {
                out.push('%');
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{AddressError, Invitation};
    use super::*;

    #[test]
    fn a_link_is_found_as_chats_change_it() {
        let whole = ("http://10.0.0.2:9000/".to_owned(), "abc-D_9".to_owned());
        for text in [
            "http://10.0.0.2:9000/#join=abc-D_9",
            "  http://10.0.0.2:9000/#join=abc-D_9.\n",
            "<http://10.0.0.2:9000/#join=abc-D_9>",
            "“http://10.0.0.2:9000/#join=abc-D_9”",
            "Join me: http://10.0.0.2:9000/#join=abc-D_9!",
            "[Tapcue](http://10.0.0.2:9000/#join=abc-D_9)",
            "<http://10.0.0.2:9000/#join=abc-D_9|http://10.0.0.2:9000/#join=abc-D_9>",
            "http://10.0.0.2:9000/%23join=abc-D_9",
            "http://10.0.0.2:9000/#join%3Dabc-D_9",
            "http://10.0.0.2:9000/#join%3dabc%2DD_9",
            "http://10.0.0.2:9000/#jo\nin=abc-\r\n D_9",
            "http://10.0.0.2:9000/\u{200b}#join=abc\u{ad}-D_9\u{feff}",
            "http://10.0.0.2:9000/#JOIN=abc-D_9",
            "http://10.0.0.2:9000/#join=abc-D_9&utm_source=chat",
            "\u{2066}http://10.0.0.2:9000/#join=abc-D_9\u{2069}",
        ] {
            assert_eq!(invitation(text).as_ref(), Some(&whole), "{text:?}");
        }
        let shout = invitation("HTTP://10.0.0.2:9000/#join=abc-D_9").unwrap();
        assert_eq!(shout.0, "HTTP://10.0.0.2:9000/");
        assert_eq!(invitation("K7M-2QX4R"), None);
        assert_eq!(invitation("http://10.0.0.2:9000/"), None);
        let none = "http://10.0.0.2:9000/#join=...".parse::<Invitation>();
        assert_eq!(none.unwrap_err(), AddressError::NoInvitation);
    }
}
