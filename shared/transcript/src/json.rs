//! The transcript as JSON: the form that can be verified. docs/transcript.schema.json is its schema.

use serde::Serialize;
use serde_json::{Value, json};

use super::chain::Opening;
use super::{Line, Note, Transcript};

/// What every such file says it is.
pub const FORMAT: &str = "tapcue.transcript";

/// The version of the format. Any added or changed part makes a new one: a verifier of this version
/// knows every part that may be there.
pub const VERSION: u64 = 2;

/// The version before it, made by earlier rules of a session: its entries, notes and seals verify, and
/// nothing that followed from them by those rules.
pub const EARLIER: u64 = 1;

impl Transcript {
    /// As JSON, one line for each part and each entry.
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

    /// The same, as a value.
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

/// A part that is a list, one line for each item.
fn list(out: &mut String, name: &str, items: impl Iterator<Item = Value>) {
    out.push_str(&format!(",\n\"{name}\": ["));
    let mut between = "\n";
    for item in items {
        out.push_str(&format!("{between}{item}"));
        between = ",\n";
    }
    out.push_str(if between == "\n" { "]" } else { "\n]" });
}

/// Our own types are always JSON.
fn value(item: &impl Serialize) -> Value {
    serde_json::to_value(item).unwrap_or_default()
}
