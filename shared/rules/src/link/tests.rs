//! Replays `shared/vectors`, the recorded scenarios of a device that the web client's `link.js` replays too.
//! `TAPCUE_BLESS=1` writes this machine's results into them; git history has the results before, for
//! comparison.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Effect, Input, Link, View};
use crate::message::ToRelay;
use crate::time::Millis;

#[derive(Deserialize)]
struct Scenario {
    /// One sentence: what happens, and what must follow.
    about: String,
    hello: ToRelay,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    at: Millis,
    input: Input,
    #[serde(flatten)]
    outcome: Option<Outcome>,
}

/// What a device does and shows after an input.
#[derive(Debug, PartialEq, Deserialize)]
struct Outcome {
    effects: Vec<Effect>,
    view: View,
    deadline: Option<Millis>,
}

#[test]
fn every_recorded_scenario_replays() {
    let bless = std::env::var_os("TAPCUE_BLESS").is_some();
    let files = files();
    assert!(files.len() >= 60, "only {} scenarios found", files.len());
    let mut differences = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut scenario: Scenario = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut link = Link::new(scenario.hello.clone());
        for (n, step) in scenario.steps.iter_mut().enumerate() {
            let effects = link.step(step.at, step.input.clone());
            let outcome = Some(Outcome {
                effects,
                view: link.view(step.at),
                deadline: link.deadline(step.at),
            });
            if step.outcome != outcome {
                let name = file.file_name().unwrap().to_string_lossy();
                writeln!(
                    differences,
                    "{name}, step {n} at {}: {:#?}\nrecorded: {:#?}",
                    step.at.0, outcome, step.outcome
                )
                .unwrap();
                step.outcome = outcome;
            }
        }
        if bless {
            std::fs::write(&file, written(&scenario)).unwrap();
        }
    }
    assert!(
        bless || differences.is_empty(),
        "the device does something else than was recorded; if that is meant, read the difference \
         and record it with TAPCUE_BLESS=1\n{differences}"
    );
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    files
}

/// Writes each value on a line of its own, so that a diff is readable.
fn written(scenario: &Scenario) -> String {
    let mut text = String::new();
    let about = json(&scenario.about);
    let hello = json(&scenario.hello);
    write!(
        text,
        "{{\n  \"about\": {about},\n  \"hello\": {hello},\n  \"steps\": ["
    )
    .unwrap();
    for (n, step) in scenario.steps.iter().enumerate() {
        let outcome = step.outcome.as_ref().expect("every step was replayed");
        let effects: Vec<_> = outcome.effects.iter().map(json).collect();
        let effects = match effects.as_slice() {
            [] => "[]".to_owned(),
            some => format!("[\n        {}\n      ]", some.join(",\n        ")),
        };
        write!(
            text,
            "{}\n    {{\n      \"at\": {},\n      \"input\": {},\n      \"effects\": {effects},\n      \"view\": {},\n      \"deadline\": {}\n    }}",
            if n == 0 { "" } else { "," },
            json(&step.at),
            json(&step.input),
            json(&outcome.view),
            json(&outcome.deadline),
        )
        .unwrap();
    }
    text.push_str("\n  ]\n}\n");
    text
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}
