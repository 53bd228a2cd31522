//! Compares a file with what follows from its entries, part by part.

use serde_json::Value;

use super::{Fault, Problem, ProblemKind};

/// Every part of the file must equal what follows from the entries, and no other part may be there.
pub(super) fn compare(file: &Value, follows: &Value) -> Result<(), Problem> {
    let (Some(file), Some(follows)) = (file.as_object(), follows.as_object()) else {
        return Ok(());
    };
    let (entries, expected) = (list(file.get("entries")), list(follows.get("entries")));
    for (index, (entry, expected)) in entries.iter().zip(expected).enumerate() {
        if entry != expected {
            let place = index as u64 + 1;
            let fault = Fault::Outcome { n: place };
            return Err(Problem::at(ProblemKind::Derived, place, fault));
        }
    }
    for name in file.keys() {
        if !follows.contains_key(name) {
            let fault = Fault::ForeignPart { name: plain(name) };
            return Err(Problem::of(ProblemKind::Derived, fault));
        }
    }
    for (name, part) in follows {
        let said = file.get(name);
        if said != Some(part) {
            let path = said.map(|said| difference(said, part)).unwrap_or_default();
            let fault = Fault::Derived {
                name: format!("{name}{path}"),
            };
            return Err(Problem::of(ProblemKind::Derived, fault));
        }
    }
    Ok(())
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The first difference, as a JSON pointer.
fn difference(said: &Value, part: &Value) -> String {
    match (said, part) {
        (Value::Object(said), Value::Object(part)) => {
            for (name, inner) in part {
                match said.get(name) {
                    Some(other) if other == inner => {}
                    Some(other) => return format!("/{name}{}", difference(other, inner)),
                    None => return format!("/{name}"),
                }
            }
            String::new()
        }
        (Value::Array(said), Value::Array(part)) => {
            let pairs = said.iter().zip(part).enumerate();
            let mut unlike = pairs.filter(|(_, (said, part))| said != part);
            unlike
                .next()
                .map_or_else(String::new, |(index, (said, part))| {
                    format!("/{index}{}", difference(said, part))
                })
        }
        _ => String::new(),
    }
}

/// A name from the file, shortened and without terminal control characters.
fn plain(name: &str) -> String {
    crate::words::clean(name).chars().take(40).collect()
}
