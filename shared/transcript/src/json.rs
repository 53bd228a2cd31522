//! The transcript as JSON, the form that can be verified. Its schema is docs/transcript.schema.json.

use serde::Serialize;
use serde_json::{Value, json};

use super::chain::Opening;
use super::{Line, Note, Transcript};

/// The `format` value of every such file.
pub const FORMAT: &str = "tapcue.transcript";

/// The version of the format. Every added or changed part makes a new version, so a verifier of this version
/// knows every possible part.
pub const VERSION: u64 = 2;

/// The previous version, whose sessions followed earlier rules. Its entries, notes and seals are verified;
/// what was derived from them by the earlier rules is not.
pub const EARLIER: u64 = 1;

impl Transcript {
    /// The transcript as JSON, one line for each part and each entry.
    #[must_use]
    pub fn json(&self) -> String {
        let mut out = format!("{{\n\"format\": {},\n\"version\": {VERSION}", json!(FORMAT));
        for (name, value) in self.small_parts() {
            out.push_str(&format!(",\n\"{name}\": {value}"));
        }
        list(&mut out, "entries", self.lines.iter().map(Line::json));
        list(&mut out, "seals", self.seals.iter().map(value));
        out.push_str("\n}\n");
        out
    }

    /// The transcript as a JSON value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = json!({
            "format": FORMAT,
            "version": VERSION,
            "entries": self.lines.iter().map(Line::json).collect::<Vec<_>>(),
            "seals": self.seals,
        });
        if let Some(fields) = value.as_object_mut() {
            for (name, part) in self.small_parts() {
                fields.insert(name.into(), part);
            }
        }
        value
    }

    fn small_parts(&self) -> [(&'static str, Value); 5] {
        [
            ("session", json!(self.session)),
            ("head", json!(self.head)),
            ("header", json!(self.header)),
            ("figures", json!(self.figures)),
            ("timeline", json!(self.timeline)),
        ]
    }
}

impl Line {
    pub(super) fn json(&self) -> Value {
        let mut value = json!({
            "recorded": self.recorded,
            "hash": self.hash,
            "outcome": self.outcome,
        });
        if let (Some(Note::Own { text, about, salt }), Some(fields)) =
            (&self.note, value.as_object_mut())
        {
            let opening = Opening {
                text: text.clone(),
                about: *about,
                salt: *salt,
            };
            fields.insert("note".into(), json!(opening));
        }
        value
    }
}

/// Writes a part that is a list, one line per item.
fn list(out: &mut String, name: &str, items: impl Iterator<Item = Value>) {
    out.push_str(&format!(",\n\"{name}\": ["));
    let mut between = "\n";
    for item in items {
        out.push_str(&format!("{between}{item}"));
        between = ",\n";
    }
    out.push_str(if between == "\n" { "]" } else { "\n]" });
}

/// The crate's own types always convert to JSON.
fn value(item: &impl Serialize) -> Value {
    serde_json::to_value(item).unwrap_or_default()
}
