//! The reader of exports, as `tapcue verify` runs it: any file gets a verdict, and what it calls sound is
//! sound.

use serde_json::{Value, json};
use tapcue_rules::ids::SessionId;
use tapcue_rules::language::Language;
use tapcue_transcript::{Standing, canonical, genesis, hash, read_export};

/// Verifies the bytes as an export. Then repeats it with corrected hashes, so that a changed entry reaches
/// the checks after the chain.
///
/// # Panics
/// When the verdict contradicts itself, or a sound file does not verify again.
pub fn fuzz(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    judge(text);
    let Ok(file) = serde_json::from_str::<Value>(text) else {
        return;
    };
    if let Ok(written) = canonical(&file) {
        let again = serde_json::from_str(&written).expect("the canonical form is JSON");
        assert_eq!(
            canonical(&again),
            Ok(written),
            "there is one canonical form"
        );
    }
    if let Some(chained) = chained(file) {
        judge(&chained.to_string());
    }
}

fn judge(text: &str) {
    let (verdict, read) = read_export(text, &[]);
    let broken = verdict.standing == Standing::Broken;
    assert_eq!(verdict.problem.is_some(), broken);
    assert_eq!(read.is_none(), broken || verdict.earlier);
    assert_eq!(verdict.sealed > 0, verdict.standing == Standing::Sealed);
    assert!(verdict.sealed <= verdict.entries);
    assert!(!verdict.words.is_empty(), "people are told");
    let Some(transcript) = read else { return };
    let (again, _) = read_export(&transcript.json(), &[]);
    assert_eq!(again, verdict, "the same export, written again");
    let _ = (
        transcript.csv(Language::En),
        transcript.html(Language::En, 840),
        transcript.text(Language::En, 400, -720),
    );
}

/// The file with a chain that fits its entries and without seals; none if its entries cannot be chained.
fn chained(mut file: Value) -> Option<Value> {
    let session: SessionId = serde_json::from_value(file.get("session")?.clone()).ok()?;
    let mut head = genesis(session);
    for (item, seq) in file.get_mut("entries")?.as_array_mut()?.iter_mut().zip(1..) {
        let recorded = item.get_mut("recorded")?.as_object_mut()?;
        recorded.insert("seq".into(), json!(seq));
        recorded.insert("session".into(), json!(session));
        recorded.insert("prev".into(), json!(head));
        head = hash(item.get("recorded")?).ok()?;
        item.as_object_mut()?.insert("hash".into(), json!(head));
    }
    let fields = file.as_object_mut()?;
    fields.insert("head".into(), json!(head));
    fields.insert("seals".into(), json!([]));
    Some(file)
}
