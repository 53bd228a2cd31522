//! The canonical form of a JSON value: RFC 8785 (JCS) for the values in transcripts. These are objects,
//! arrays, strings, booleans, null and whole numbers that JavaScript represents exactly.

use serde_json::Value;

/// The largest whole number that JavaScript, and so RFC 8785, represents exactly: 2^53 − 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// A number that is not a whole number from 0 to [`MAX_INTEGER`]. Transcripts have no such numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number is not a whole number from 0 to 2^53 - 1")]
pub struct NotCanonical;

/// Writes `value` in its only canonical form. Keys are in the order of their UTF-16 code units, and there is
/// no white space. Only the escapes that JSON requires are used, in their shortest form.
///
/// # Errors
/// `value` contains a number that is not a whole number from 0 to [`MAX_INTEGER`].
pub fn canonical(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let whole = number.as_u64().filter(|n| *n <= MAX_INTEGER);
            out.push_str(&whole.ok_or(NotCanonical)?.to_string());
        }
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (n, (key, item)) in fields.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                string(key, out);
                out.push(':');
                write(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_by_utf_16_and_only_what_must_be_is_escaped() {
        // The example of RFC 8785, section 3.2.3. U+1F600 is D83D in UTF-16 and so comes before U+FB33; in
        // UTF-8 the order is reversed.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
            "\u{f6}": "Latin Small Letter O With Diaeresis"
        });
        let keys = canonical(&value).unwrap();
        let order: Vec<usize> = [
            "Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew",
        ]
        .iter()
        .map(|word| keys.find(word).unwrap())
        .collect();
        assert!(order.is_sorted(), "{keys}");
        let value =
            json!({"b": [null, true, 7], "a": "\u{20ac}$\u{f}\nA'\u{42}\u{22}\u{5c}\\\"/\u{7f}"});
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"a\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\",\"b\":[null,true,7]}"
        );
    }

    #[test]
    fn only_whole_numbers_that_every_reader_counts_alike_are_canonical() {
        assert_eq!(canonical(&json!(MAX_INTEGER)).unwrap(), "9007199254740991");
        for wrong in [
            json!(MAX_INTEGER + 1),
            json!(-1),
            json!(1.5),
            json!([{"a": 1.0}]),
        ] {
            assert_eq!(canonical(&wrong), Err(NotCanonical));
        }
    }
}
