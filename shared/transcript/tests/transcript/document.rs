//! docs/transcript.md and docs/transcript.schema.json are correct.

use serde_json::Value;
use tapcue_rules::entry::What;
use tapcue_rules::language::Language;
use tapcue_rules::state::Options;
use tapcue_transcript::{Standing, Transcript, canonical, genesis, seal, verify};

use crate::desk::{Desk, Helper, KEY, Receiver, name, session_id};
use crate::hour::hour;
use crate::sample::{random, rich};

const PAGE: &str = include_str!("../../../../docs/transcript.md");
const SCHEMA: &str = include_str!("../../../../docs/transcript.schema.json");

/// The session of the worked example.
pub(crate) fn example() -> Desk {
    let options = Options {
        rehearsal: false,
        setup: false,
        ..Options::default()
    };
    let mut desk = Desk::opened(session_id(0), options, name("Zoë"));
    desk.wait(11_000).join(None);
    desk.wait(5_000).enter(Some(Helper), What::Ended);
    desk.wait(60_000)
        .note(Receiver, false, "It was \"fine\".", Some(2));
    desk
}

#[test]
fn the_worked_example_is_true() {
    let transcript = example().sealed(Some(Receiver));
    let (_, rest) = PAGE
        .split_once("```json\n")
        .expect("the page has the example");
    let (shown, _) = rest.split_once("```").unwrap();
    assert_eq!(shown, transcript.json());
    let verdict = verify(shown, &[seal::public_key(&KEY)]);
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
    let second = canonical(&transcript.lines()[1].recorded).unwrap();
    assert!(PAGE.contains(&second), "the page shows {second}");
    assert!(PAGE.contains(&genesis(transcript.session()).to_string()));
    let sealed = &transcript.seals()[0];
    let message = seal::message(&sealed.sealed, &sealed.public_key);
    let message = String::from_utf8(message).unwrap();
    assert!(PAGE.contains(&message), "the page shows {message}");
    assert!(PAGE.contains(&sealed.public_key.fingerprint()));
}

#[test]
fn the_columns_of_the_csv_are_described() {
    let csv = rich().read(None).csv(Language::En);
    let header = csv.trim_start_matches('\u{feff}').lines().next().unwrap();
    let columns = header.split(',').map(|column| column.trim_matches('"'));
    let described = columns.map(|column| {
        let place = PAGE.find(&format!("`{column}`"));
        place.unwrap_or_else(|| panic!("{column} is not described"))
    });
    assert_eq!(described.count(), 30);
}

pub(crate) fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is one");
    jsonschema::draft202012::new(&schema).unwrap()
}

pub(crate) fn assert_valid(schema: &jsonschema::Validator, transcript: &Transcript) {
    let value = transcript.to_value();
    let errors: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .take(3)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn every_export_is_valid_by_the_published_schema() {
    let schema = schema();
    for viewer in [None, Some(Receiver), Some(Helper)] {
        assert_valid(&schema, &rich().sealed(viewer));
    }
    assert_valid(&schema, &hour(200).sealed(None));
    for seed in 200..230 {
        let desk = random(seed, 80);
        assert_valid(&schema, &desk.sealed(Some(Receiver)));
        let prefix = desk.numbered().take(1 + seed as usize % 79);
        assert_valid(&schema, &Transcript::read(desk.id, prefix, None).unwrap());
    }
}

#[test]
fn the_schema_refuses_what_is_no_transcript() {
    let schema = schema();
    let good = rich().sealed(Some(Receiver)).to_value();
    let spoilt = |pointer: &str, value: Value| {
        let mut other = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match other.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.insert(name.into(), value)),
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            _ => unreachable!(),
        }
        !schema.is_valid(&other)
    };
    assert!(spoilt("/version", 3.into()));
    assert!(spoilt("/extra", 1.into()));
    assert!(spoilt("/head", "abc".into()));
    assert!(spoilt("/entries/0/recorded/at", 1.5.into()));
    assert!(spoilt("/entries/0/recorded/what", "cue".into()));
    assert!(spoilt("/entries/6/recorded/cue", "faster".into()));
    assert!(spoilt("/entries/6/outcome/result", "perhaps".into()));
    assert!(spoilt("/figures/stops", (-1).into()));
    assert!(spoilt("/seals/0/signature", "00".into()));
}
