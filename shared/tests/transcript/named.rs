//! What is wrong with a file is named, each in its own words: one file for each way of spoiling it.

use serde_json::{Value, json};
use tapcue_shared::cue::Cue;
use tapcue_shared::time::Millis;
use tapcue_shared::transcript::{
    Hash, MAX_BYTES, Problem, ProblemKind, Seal, Sealed, Standing, Verdict, hash, seal, verify,
};

use crate::desk::{Desk, Helper, KEY, Receiver};
use crate::sample::{begun, rich};

fn desk() -> Desk {
    let mut desk = begun(8, "Ana", "Ben");
    desk.wait(3_000).cue(Receiver, Cue::Slower);
    desk.wait(3_000)
        .enter(Some(Helper), tapcue_shared::entry::What::Ended);
    desk
}

fn problem_of(file: &Value) -> Problem {
    let verdict = verify(&file.to_string(), &[]);
    assert_eq!(verdict.standing, Standing::Broken);
    assert_eq!(
        (verdict.sealed, verdict.seals.len()),
        (0, 0),
        "nothing holds"
    );
    verdict.problem.expect("something is wrong")
}

fn named(file: &Value) -> (ProblemKind, Option<u64>) {
    let problem = problem_of(file);
    (problem.kind, problem.place)
}

fn entries(file: &mut Value) -> &mut Vec<Value> {
    file["entries"].as_array_mut().unwrap()
}

/// Signed by the relay, whatever it says.
fn signed(change: impl Fn(&mut Sealed)) -> Seal {
    let mut sealed = desk()
        .read(None)
        .to_seal(Millis(9_000_000_000_000))
        .unwrap();
    change(&mut sealed);
    seal::sign(&KEY, sealed)
}

#[test]
fn a_file_that_was_cut_knows_how_long_it_was() {
    let whole = desk().sealed(None).to_value();
    let have = whole["entries"].as_array().unwrap().len() as u64;
    let mut cut = whole.clone();
    entries(&mut cut).pop();
    assert_eq!(named(&cut), (ProblemKind::Missing, Some(have)));
    let words = problem_of(&cut).words;
    for n in [have, have - 1] {
        assert!(words.contains(&n.to_string()), "{words}");
    }
    // Whoever writes the head anew as well is found by the seal.
    let last = cut["entries"].as_array().unwrap().last().unwrap()["hash"].clone();
    cut["head"] = last;
    assert_eq!(named(&cut), (ProblemKind::Missing, Some(have)));
}

#[test]
fn a_head_that_is_another_is_found_with_a_seal_and_without() {
    let mut sealed = desk().sealed(None).to_value();
    sealed["head"] = json!(Hash::of(b"another"));
    assert_eq!(named(&sealed), (ProblemKind::Derived, None));
    let mut open = desk().read(None).to_value();
    let have = entries(&mut open).len() as u64;
    open["head"] = json!(Hash::of(b"another"));
    assert_eq!(named(&open), (ProblemKind::Changed, Some(have)));
    // A seal that ends earlier says nothing about the end, nor does one that ends there otherwise.
    let mut longer = desk();
    let seal_before = longer.seal();
    longer.wait(500).note(Helper, true, "Later", None);
    let mut file = longer.read(None).with_seals([seal_before]).to_value();
    file["head"] = json!(Hash::of(b"another"));
    assert_eq!(named(&file), (ProblemKind::Changed, Some(have + 1)));
    let otherwise = signed(|sealed| sealed.head = Hash::of(b"elsewhere"));
    let mut file = desk().read(None).to_value();
    file["seals"] = json!([otherwise]);
    file["head"] = json!(Hash::of(b"another"));
    assert_eq!(named(&file), (ProblemKind::Changed, Some(have)));
}

#[test]
fn what_was_put_into_an_entry_is_found_though_every_hash_is_made_anew() {
    let mut file = desk().read(None).to_value();
    let have = entries(&mut file).len() as u64;
    let last = entries(&mut file).last_mut().unwrap();
    last["recorded"]["more"] = json!("than there was");
    let anew = hash(&last["recorded"]).unwrap();
    last["hash"] = json!(anew);
    file["head"] = json!(anew);
    assert_eq!(named(&file), (ProblemKind::Unknown, Some(have)));
}

#[test]
fn a_seal_that_does_not_fit_is_named_by_its_place() {
    let with = |seals: &[&Seal]| {
        let mut file = desk().read(None).to_value();
        file["seals"] = json!(seals);
        file
    };
    let good = signed(|_| ());
    assert_eq!(
        verify(&with(&[&good]).to_string(), &[]).standing,
        Standing::Sealed
    );
    let twice = problem_of(&with(&[&good, &good]));
    assert_eq!((twice.kind, twice.place), (ProblemKind::Seal, None));
    assert!(twice.words.contains('2'), "{}", twice.words);
    let mut changed = good.clone();
    changed.sealed.sealed_at.0 += 1;
    let first = problem_of(&with(&[&changed]));
    let shorter = signed(|sealed| {
        sealed.count -= 1;
        let entries = desk().read(None).to_value()["entries"].clone();
        let before = entries[entries.as_array().unwrap().len() - 2]["hash"].clone();
        sealed.head = serde_json::from_value(before).unwrap();
    });
    let second = problem_of(&with(&[&shorter, &changed]));
    assert_eq!(
        (first.kind, second.kind),
        (ProblemKind::Seal, ProblemKind::Seal)
    );
    assert!(first.words.contains('1') && second.words.contains('2'));
    let wrong = [
        signed(|sealed| sealed.opened_at.0 += 1),
        signed(|sealed| sealed.ended_at.0 += 1),
        signed(|sealed| sealed.session = crate::desk::session_id(99)),
        signed(|sealed| sealed.head = Hash::of(b"elsewhere")),
    ];
    let words = wrong.map(|seal| {
        let problem = problem_of(&with(&[&seal]));
        assert_eq!(problem.kind, ProblemKind::Seal);
        problem.words
    });
    assert_eq!(words[0], words[1], "both are its times");
    assert!(words[1] != words[2] && words[2] != words[3]);
}

#[test]
fn a_part_that_cannot_be_read_is_named() {
    let spoiled = |part: &str| {
        let mut file = desk().sealed(None).to_value();
        file[part] = json!(7);
        problem_of(&file)
    };
    assert_eq!(spoiled("seals").kind, ProblemKind::Seal);
    for part in ["session", "entries", "format", "version"] {
        assert_eq!(spoiled(part).kind, ProblemKind::NotATranscript, "{part}");
    }
    for part in ["header", "figures", "timeline"] {
        let problem = spoiled(part);
        assert_eq!(problem.kind, ProblemKind::Derived, "{part}");
        assert!(problem.words.contains(part), "{}", problem.words);
    }
    let mut empty = desk().sealed(None).to_value();
    entries(&mut empty).clear();
    assert_eq!(named(&empty), (ProblemKind::Missing, Some(1)));
}

#[test]
fn a_file_without_a_seal_is_a_prefix() {
    let verdict = verify(&desk().read(None).json(), &[]);
    assert_eq!(verdict.standing, Standing::Prefix);
    assert_eq!((verdict.sealed, verdict.problem), (0, None));
}

#[test]
fn what_is_too_long_is_not_read_and_a_hundred_thousand_entries_are_not_too_long() {
    let rich = rich().sealed(Some(Receiver));
    let each = rich.json().len() / rich.lines().len();
    assert!(each * 100_000 < MAX_BYTES);
    let of = |length: usize| {
        let Verdict { problem, .. } = verify(&format!("x{}", " ".repeat(length - 1)), &[]);
        problem.unwrap().words
    };
    assert_eq!(of(MAX_BYTES), of(2));
    assert_ne!(of(MAX_BYTES + 1), of(2));
}
