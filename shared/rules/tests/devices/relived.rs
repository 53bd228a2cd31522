//! Random histories of a device, for the page's machine to replay: `tests/run` step "twins".

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;
use tapcue_rules::link::{Input, Link};
use tapcue_rules::message::{Secret, ToRelay};
use tapcue_rules::time::Millis;

use crate::happens::happens;

const HISTORIES: usize = 1_500;

/// Writes `HISTORIES` histories, the same each time, one a line, to the file that `TAPCUE_HISTORIES` names.
#[test]
#[ignore = "tests/run, step \"twins\": writes what the page's machine relives"]
fn histories_are_written_down() {
    let file = std::env::var_os("TAPCUE_HISTORIES").expect("TAPCUE_HISTORIES says where");
    let mut runner = TestRunner::deterministic();
    let history = prop::collection::vec((0..900_u64, any::<bool>(), happens()), 20..80);
    let mut lines = String::new();
    for n in 0..HISTORIES {
        let history = history.new_tree(&mut runner).unwrap().current();
        let hello = ToRelay::Resume {
            token: Secret("token".into()),
            client: (n % 2 == 0).then(|| "test/1".into()),
        };
        let mut link = Link::new(hello.clone());
        let mut now = Millis(10_000);
        let mut steps = Vec::new();
        let mut step = |now: Millis, input: Input| {
            let before = link.view(now);
            let effects = link.step(now, input.clone());
            steps.push(json!({
                "at": now, "before": before, "input": input, "effects": effects,
                "view": link.view(now), "deadline": link.deadline(now),
            }));
            link.deadline(now)
        };
        step(now, Input::Start);
        let mut due = step(now, Input::Opened);
        for (pause, punctual, happens) in history {
            let until = now.plus(pause);
            // A busy or sleeping driver misses its deadlines.
            while let Some(at) = due.filter(|at| punctual && *at <= until) {
                now = now.max(at);
                due = step(now, Input::Tick);
            }
            now = until;
            due = step(now, happens.at(now));
        }
        let about = format!("random history {n}");
        let line = json!({ "about": about, "hello": hello, "steps": steps });
        writeln!(lines, "{line}").unwrap();
    }
    std::fs::write(file, lines).unwrap();
}
