//! Each fault of a file is named in its own words: one file for each way of damaging it.

use serde_json::{Value, json};
use tapcue_rules::cue::Cue;
use tapcue_rules::time::Millis;
use tapcue_transcript::{
    Hash, MAX_BYTES, Problem, ProblemKind, Seal, Sealed, Standing, Verdict, hash, seal, verify,
};

use crate::desk::{Desk, Helper, KEY, Receiver};
use crate::sample::{begun, rich};

fn desk() -> Desk {
    let mut desk = begun(8, "Ana", "Ben");
    desk.wait(3_000).cue(Receiver, Cue::Slower);
    desk.wait(3_000)
        .enter(Some(Helper), tapcue_rules::entry::What::Ended);
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

/// A seal by the relay's key with changed contents.
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
    // A rewritten head is found by the seal.
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
    // A seal that ends earlier, or ends here with another head, says nothing about the end.
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

/// The entry with a change and a matching hash.
fn rewritten(entry: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut entry = entry.clone();
    change(&mut entry["recorded"]);
    entry["hash"] = json!(hash(&entry["recorded"]).unwrap());
    entry
}

#[test]
fn an_entry_that_is_not_in_its_place_is_named_as_what_it_is() {
    let whole = rich().sealed(None).to_value();
    let all = whole["entries"].as_array().unwrap().clone();
    let found = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut file = whole.clone();
        change(entries(&mut file));
        let problem = problem_of(&file);
        assert!(problem.words.contains(&problem.place.unwrap().to_string()));
        (problem.kind, problem.place)
    };
    let twice = found(&|list| list.insert(5, all[2].clone()));
    assert_eq!(twice, (ProblemKind::Repeated, Some(6)));
    let other = rewritten(&all[2], |recorded| recorded["id"] = json!(Hash::of(b"x")));
    let added = found(&|list| list.insert(5, other.clone()));
    assert_eq!(added, (ProblemKind::Added, Some(6)));
    let swapped = found(&|list| list.swap(3, 7));
    assert_eq!(swapped, (ProblemKind::OutOfOrder, Some(4)));
    let gone = found(&|list| drop(list.remove(3)));
    assert_eq!(gone, (ProblemKind::Missing, Some(4)));
    let first = found(&|list| drop(list.remove(0)));
    assert_eq!(first, (ProblemKind::Missing, Some(1)));
    let stranger = rewritten(&all[4], |recorded| {
        recorded["session"] = json!(crate::desk::session_id(99));
    });
    let foreign = found(&|list| list[4] = stranger.clone());
    assert_eq!(foreign, (ProblemKind::Foreign, Some(5)));
    let nothing = found(&|list| list[4]["recorded"] = json!(7));
    assert_eq!(nothing, (ProblemKind::Changed, Some(5)));
    let changed = found(&|list| list[4]["recorded"]["at"] = json!(7));
    assert_eq!(changed, (ProblemKind::Changed, Some(5)));
}

#[test]
fn who_writes_a_hash_anew_is_found_by_the_neighbours() {
    let whole = rich().read(None).to_value();
    let all = whole["entries"].as_array().unwrap().clone();
    let with = |index: usize, change: &dyn Fn(&mut Value)| {
        let mut file = whole.clone();
        entries(&mut file)[index] = rewritten(&all[index], change);
        named(&file)
    };
    let later = |recorded: &mut Value| recorded["at"] = json!(1);
    let loose = |recorded: &mut Value| recorded["prev"] = json!(Hash::of(b"x"));
    let last = all.len() - 1;
    for (index, place) in [(0, 1), (4, 5), (last - 1, last as u64)] {
        let found = with(index, &later);
        assert_eq!(found, (ProblemKind::Changed, Some(place)), "its content");
    }
    for (index, place) in [(0, 1), (4, 5), (last, last as u64 + 1)] {
        let found = with(index, &loose);
        assert_eq!(
            found,
            (ProblemKind::Changed, Some(place)),
            "what it hangs on"
        );
    }
}

#[test]
fn what_does_not_follow_from_the_entries_is_named_by_its_path() {
    let whole = desk().sealed(None).to_value();
    let told = |pointer: &str, value: Value| {
        let mut file = whole.clone();
        *file.pointer_mut(pointer).expect(pointer) = value;
        let problem = problem_of(&file);
        assert_eq!(problem.kind, ProblemKind::Derived);
        assert!(
            problem.words.contains(&format!("“{}”", &pointer[1..])),
            "{}",
            problem.words
        );
    };
    told("/figures/stops", json!(99));
    told("/timeline/bands/1/from", json!(99));
    told("/header/people/helper/name", json!("Eve"));
    // A wrong number instead of null: it does not count as null.
    told("/figures/cue_shown", json!(-1));
    told("/figures/cue_shown", json!(1.5));
    told("/figures/cue_shown", json!(false));
    let mut short = whole.clone();
    short["header"].as_object_mut().unwrap().remove("ended_at");
    assert!(problem_of(&short).words.contains("“header/ended_at”"));
    let mut outcome = whole.clone();
    entries(&mut outcome)[4]["outcome"]["result"] = json!("refused");
    assert_eq!(named(&outcome), (ProblemKind::Derived, Some(5)));
    let mut more = whole.clone();
    more[format!("a\u{7}{}", "b".repeat(60))] = json!(1);
    let words = problem_of(&more).words;
    assert!(
        words.contains(&format!("“a {}”", "b".repeat(38))),
        "{words}"
    );
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
fn an_entry_that_is_written_in_another_way_is_no_entry_of_this_version() {
    let mut desk = begun(8, "Ana", "Ben");
    desk.wait(3_000).cue(Receiver, Cue::Slower);
    let mut file = desk.read(None).to_value();
    let have = entries(&mut file).len() as u64;
    let last = entries(&mut file).last_mut().unwrap();
    // An explicit null means the same but has another hash.
    *last = rewritten(last, |recorded| recorded["uncertainty_ms"] = Value::Null);
    let head = last["hash"].clone();
    file["head"] = head;
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

#[test]
fn a_verdict_is_told_as_it_was() {
    let mut longer = desk();
    let seal_before = longer.seal();
    longer.wait(500).note(Helper, true, "Later", None);
    let longer = longer.read(None).with_seals([seal_before]);
    let whole = desk().sealed(None);
    let spoiled = |change: &dyn Fn(&mut Value)| {
        let mut file = whole.to_value();
        change(&mut file);
        file.to_string()
    };
    let files = [
        whole.json(),
        longer.json(),
        desk().read(None).json(),
        spoiled(&|file| drop(entries(file).pop())),
        spoiled(&|file| file["figures"]["stops"] = json!(9)),
        spoiled(&|file| file["seals"][0]["sealed_at"] = json!(9)),
        "{".into(),
    ];
    let told = files.map(|file| verify(&file, &[]).words.join("\n") + "\n");
    crate::golden::same("verdicts.txt", &told.join("\n"));
}
