//! Notes and markers: who may read which, and that both copies verify.

use tapcue_rules::entry::{Salt, What};
use tapcue_rules::language::Language;
use tapcue_transcript::{Note, ProblemKind, Standing, seal, verify};

use crate::desk::{Helper, KEY, Receiver};
use crate::sample::rich;

const RECEIVERS: &str = "I should have said stop earlier.";
const HELPERS: &str = "Ask about the shoulder";

#[test]
fn a_private_note_is_in_its_authors_copy_alone_and_every_copy_verifies() {
    let desk = rich();
    for viewer in [Some(Receiver), Some(Helper), None] {
        let transcript = desk.sealed(viewer);
        let key = seal::public_key(&KEY);
        let json = transcript.json();
        let verdict = verify(&json, &[key]);
        assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
        for form in [
            json,
            transcript.csv(Language::En),
            transcript.html(Language::En, 0),
            transcript.text(Language::En, 10_000, 0),
        ] {
            assert_eq!(form.contains(RECEIVERS), viewer == Some(Receiver));
            assert_eq!(form.contains(HELPERS), viewer == Some(Helper));
            assert!(form.contains("Thank you! =1+1"));
        }
        let debug = format!("{transcript:?}");
        assert_eq!(debug.contains(RECEIVERS), viewer == Some(Receiver));
    }
    let one = desk.sealed(Some(Receiver));
    assert_eq!(one.head(), desk.sealed(Some(Helper)).head());
}

#[test]
fn the_hidden_form_says_neither_words_nor_what_they_are_about() {
    let desk = rich();
    let transcript = desk.read(Some(Helper));
    let hidden = transcript.lines().iter();
    let mut hidden = hidden.filter(|line| line.note == Some(Note::Hidden));
    let hidden = hidden.next().unwrap();
    let mut fields: Vec<&String> = hidden.recorded.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "at",
            "by",
            "commitment",
            "id",
            "prev",
            "seq",
            "session",
            "shared",
            "what"
        ]
    );
}

#[test]
fn words_put_in_place_of_others_are_found() {
    let desk = rich();
    let is_it = |what: &What| matches!(what, What::Noted { text, .. } if text == RECEIVERS);
    let place = desk.numbered().find(|(_, entry)| is_it(&entry.what));
    let place = place.map(|(seq, _)| seq);
    let json = desk.sealed(Some(Receiver)).json();
    let other = json.replace(RECEIVERS, "It was all fine with me then.");
    let verdict = verify(&other, &[]);
    let problem = verdict.problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::Changed);
    assert!(place.is_some());
    assert_eq!(problem.place, place);
}

#[test]
fn notes_of_the_next_day_extend_the_chain_and_a_newer_seal_covers_them() {
    let mut desk = rich();
    let first = desk.seal();
    let covered = desk.entries.len() as u64;
    desk.wait(86_400_000)
        .note(Helper, true, "No pain today.", None);
    let with = desk.read(None).with_seals([first.clone()]);
    let verdict = verify(&with.json(), &[]);
    assert_eq!(verdict.standing, Standing::Sealed);
    assert_eq!((verdict.sealed, verdict.entries), (covered, covered + 1));
    assert!(
        verdict
            .words
            .iter()
            .any(|words| words.contains("added after the last seal"))
    );
    let both = desk.read(None).with_seals([desk.seal(), first]);
    let verdict = verify(&both.json(), &[]);
    assert_eq!(verdict.seals.len(), 2);
    assert_eq!(verdict.sealed, covered + 1);
}

#[test]
fn rows_from_before_there_were_markers_are_still_read() {
    let row = r#"{"what":"noted","text":"sore","shared":true}"#;
    let what: What = serde_json::from_str(row).unwrap();
    let none = What::Noted {
        text: "sore".into(),
        shared: true,
        about: None,
        salt: None,
    };
    assert_eq!(what, none);
    assert_eq!(serde_json::to_string(&what).unwrap(), row);
    let salt = serde_json::to_string(&Salt([171; 16])).unwrap();
    assert_eq!(salt, format!("\"{}\"", "ab".repeat(16)));
    assert!(serde_json::from_str::<Salt>("\"abab\"").is_err());
}
