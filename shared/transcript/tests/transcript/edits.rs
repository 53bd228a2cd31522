//! Every later edit of an export is found, and the first wrong entry is named.

use serde_json::{Map, Value, json};
use tapcue_transcript::{Problem, ProblemKind, Standing, hash, seal, verify};

use crate::desk::{KEY, Receiver};
use crate::sample::{Chance, random, rich};

/// An edit, and the entry that must be named; none if the edit is outside the entries.
type Edited = (&'static str, Value, Option<u64>);

#[test]
fn a_thousand_random_edits_of_random_sessions_are_all_refused() {
    let mut chance = Chance(1);
    let mut kinds = std::collections::BTreeMap::new();
    for seed in 0..40 {
        let desk = random(seed, 40 + seed as usize);
        let whole = desk.sealed(Some(Receiver)).to_value();
        let other = random(seed + 1_000, 60).sealed(None).to_value();
        let good = verify(&whole.to_string(), &[seal::public_key(&KEY)]);
        assert_eq!(good.standing, Standing::Sealed, "{:?}", good.words);
        for _ in 0..26 {
            let (kind, edited, place) = edit(&whole, &other, &mut chance);
            let verdict = verify(&edited.to_string(), &[]);
            assert_ne!(
                verdict.standing,
                Standing::Sealed,
                "{kind} in session {seed}"
            );
            assert_eq!(
                verdict.standing,
                Standing::Broken,
                "{kind} in session {seed}"
            );
            let problem = verdict.problem.expect("what is wrong is said");
            if let Some(place) = place {
                assert_eq!(problem.place, Some(place), "{kind}: {}", problem.words);
            }
            *kinds.entry(kind).or_insert(0) += 1;
        }
    }
    println!("edits refused: {kinds:?}");
    assert!(kinds.values().sum::<i32>() > 1_000);
    assert_eq!(kinds.len(), 14, "every kind of edit was tried: {kinds:?}");
}

fn edit(whole: &Value, other: &Value, chance: &mut Chance) -> Edited {
    let mut file = whole.clone();
    let count = entries(&mut file).len() as u64;
    let at = chance.below(count) as usize;
    let place = at as u64 + 1;
    let last = at as u64 + 1 == count;
    match chance.below(14) {
        0 => {
            let recorded = &mut entries(&mut file)[at]["recorded"];
            change_one(recorded, chance);
            ("a field changed", file, Some(place))
        }
        1 => {
            let item = &mut entries(&mut file)[at];
            change_one(&mut item["recorded"], chance);
            item["hash"] = json!(hash(&item["recorded"]).unwrap_or(hash(&json!(0)).unwrap()));
            // The changed field may be the entry's own number; then that number is named.
            ("a field and its hash changed", file, None)
        }
        2 => {
            entries(&mut file)[at]["recorded"]["at"] = json!(chance.below(1 << 40));
            let item = &mut entries(&mut file)[at];
            item["hash"] = json!(hash(&item["recorded"]).unwrap());
            ("a time and its hash changed", file, Some(place))
        }
        3 => {
            entries(&mut file).remove(at);
            ("dropped", file, Some(place))
        }
        4 => {
            let to = chance.below(count) as usize;
            if at == to {
                return edit(whole, other, chance);
            }
            entries(&mut file).swap(at, to);
            ("two swapped", file, Some(at.min(to) as u64 + 1))
        }
        5 => {
            let copy = entries(&mut file)[at].clone();
            let to = at + 1 + chance.below(count - at as u64) as usize;
            entries(&mut file).insert(to, copy);
            ("one doubled", file, Some(to as u64 + 1))
        }
        6 => {
            let mut other = other.clone();
            let theirs = entries(&mut other);
            let stranger = theirs[chance.below(theirs.len() as u64) as usize].clone();
            entries(&mut file).insert(at, stranger);
            ("one of another session put in", file, Some(place))
        }
        7 => {
            let mut added = entries(&mut file)[at].clone();
            added["recorded"]["at"] = json!(1);
            added["hash"] = json!(hash(&added["recorded"]).unwrap());
            entries(&mut file).insert(at, added);
            (
                "a made-up one put in",
                file,
                Some(place + u64::from(last)).filter(|_| last).or(None),
            )
        }
        8 => {
            if at == 0 {
                return edit(whole, other, chance);
            }
            entries(&mut file).truncate(at);
            let head = entries(&mut file)[at - 1]["hash"].clone();
            file["head"] = head;
            ("cut off", file, Some(at as u64 + 1))
        }
        9 => {
            change_one(&mut file["figures"], chance);
            ("figures changed", file, None)
        }
        10 => {
            let part = ["timeline", "header"][chance.below(2) as usize];
            change_one(&mut file[part], chance);
            ("timeline or header changed", file, None)
        }
        11 => {
            let item = &mut entries(&mut file)[at];
            change_one(&mut item["outcome"], chance);
            ("an outcome changed", file, Some(place))
        }
        12 => {
            change_one(&mut file["seals"][0], chance);
            ("the seal changed", file, None)
        }
        _ => {
            file["seals"] = other["seals"].clone();
            ("another session's seal", file, None)
        }
    }
}

fn entries(file: &mut Value) -> &mut Vec<Value> {
    file["entries"].as_array_mut().unwrap()
}

/// Changes, inserts or removes one leaf.
fn change_one(value: &mut Value, chance: &mut Chance) {
    match value {
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let n = chance.below(names.len() as u64 + 1) as usize;
            match names.get(n) {
                None => {
                    fields.insert("extra".into(), json!(1));
                }
                Some(name) if chance.below(5) == 0 => {
                    fields.remove(name);
                }
                Some(name) => change_one(&mut fields[name], chance),
            }
        }
        Value::Array(items) if items.is_empty() => items.push(json!({})),
        Value::Array(items) => {
            let n = chance.below(items.len() as u64) as usize;
            change_one(&mut items[n], chance);
        }
        Value::String(text) => {
            // Replaces the first character by another letter, or inserts one into an empty text.
            let first = text.chars().next();
            let other = if first == Some('a') { 'b' } else { 'a' };
            *text = first.map_or("x".into(), |first| {
                format!("{other}{}", &text[first.len_utf8()..])
            });
        }
        Value::Number(number) => *value = json!(number.as_u64().unwrap() + 1),
        Value::Bool(yes) => *value = json!(!*yes),
        Value::Null => *value = json!(0),
    }
}

#[test]
fn whoever_writes_the_whole_chain_anew_is_found_by_the_seal_or_the_key() {
    let mut desk = rich();
    let seal_before = desk.seal();
    desk.entries[20].at.0 += 1;
    let forged = desk.read(None).with_seals([seal_before]);
    let problem = verify(&forged.json(), &[]).problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::Seal);
    // The forged file is signed with another key: it is consistent, but has another fingerprint.
    let sealed = desk.read(None).to_seal(desk.now).unwrap();
    let forged = desk.read(None).with_seals([seal::sign(&[1; 32], sealed)]);
    let verdict = verify(&forged.json(), &[]);
    let trusted = seal::public_key(&KEY);
    assert_eq!(verdict.standing, Standing::Sealed);
    assert_ne!(verdict.seals[0].fingerprint, trusted.fingerprint());
    let problem = verify(&forged.json(), &[trusted]).problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::Untrusted);
}

#[test]
fn a_name_that_stands_twice_is_found() {
    let json = rich().sealed(None).json();
    let twice = json.replacen("\"cue\":\"stop\"", "\"cue\":\"ready\",\"cue\":\"stop\"", 1);
    assert_ne!(json, twice);
    assert_eq!(problem(&twice).kind, ProblemKind::NotATranscript);
}

fn problem(text: &str) -> Problem {
    verify(text, &[]).problem.expect("something is wrong")
}

#[test]
fn anything_at_all_is_answered_without_a_panic() {
    let mut chance = Chance(3);
    let json = random(11, 40).sealed(Some(Receiver)).json();
    for _ in 0..400 {
        let mut bytes = json.clone().into_bytes();
        for _ in 0..=chance.below(4) {
            let at = chance.below(bytes.len() as u64) as usize;
            match chance.below(4) {
                0 => bytes[at] = chance.below(128) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, b"0\"{}[],:-"[chance.below(9) as usize]),
            }
        }
        let verdict = verify(&String::from_utf8_lossy(&bytes), &[]);
        assert!(!verdict.words.is_empty());
    }
    let whole: Value = serde_json::from_str(&json).unwrap();
    for _ in 0..400 {
        let mut value = whole.clone();
        for _ in 0..=chance.below(6) {
            anything(&mut value, &mut chance);
        }
        let verdict = verify(&value.to_string(), &[]);
        let words = verdict.words.join(" ");
        assert!(!words.contains(char::is_control));
    }
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "\u{feff}{}",
        "{\"format\":\"tapcue.transcript\",\"version\":1}",
    ] {
        assert_eq!(verify(text, &[]).standing, Standing::Broken);
    }
    assert!(verify(&"[".repeat(1_000_000), &[]).problem.is_some());
}

/// Puts any value in any place.
fn anything(value: &mut Value, chance: &mut Chance) {
    let replace = chance.below(6) == 0;
    match value {
        Value::Object(fields) if !replace && !fields.is_empty() => {
            let n = chance.below(fields.len() as u64) as usize;
            let name = fields.keys().nth(n).unwrap().clone();
            if chance.below(8) == 0 {
                let item = fields.remove(&name).unwrap();
                fields.insert(format!("{name}\u{1b}[31m"), item);
            } else {
                anything(&mut fields[&name], chance);
            }
        }
        Value::Array(items) if !replace && !items.is_empty() => {
            let n = chance.below(items.len() as u64) as usize;
            anything(&mut items[n], chance);
        }
        value => {
            *value = match chance.below(8) {
                0 => Value::Null,
                1 => json!(u64::MAX),
                2 => json!(-1.5),
                3 => json!("\u{1b}]0;x\u{7}"),
                4 => json!([[], {}]),
                5 => Value::Object(Map::new()),
                6 => json!(0),
                _ => json!(9_007_199_254_740_991_u64),
            }
        }
    }
}
