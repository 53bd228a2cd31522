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
        let mut part = |name: &str, value: String| {
            out.push_str(&format!(",\n\"{name}\": {value}"));
        };
        for (name, value) in self.small_parts() {
            part(name, value.to_string());
        }
        let entries = self.lines.iter().map(|line| line.json().to_string());
        part("entries", list(entries));
        part("seals", list(self.seals.iter().map(text)));
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

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        "[]".into()
    } else {
        format!("[\n{}\n]", items.join(",\n"))
    }
}

/// Our own types are always JSON.
fn text(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap_or_default().to_string()
}
