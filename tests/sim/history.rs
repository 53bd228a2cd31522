//! A device's history, which the page's machine replays (`client/web/tests/histories.mjs`).

use serde_json::{Value, json};
use tapcue_rules::link::{Effect, Input, Link, View};
use tapcue_rules::message::ToRelay;
use tapcue_rules::time::Millis;

/// Every input of one device's machine, and its outputs.
pub(crate) struct History {
    hello: Value,
    steps: Vec<Value>,
}

impl History {
    pub(crate) fn of(hello: &ToRelay) -> Self {
        Self {
            hello: json!(hello),
            steps: Vec::new(),
        }
    }

    /// Adds a step. `before` is what the machine showed just before the input.
    pub(crate) fn step(
        &mut self,
        at: Millis,
        before: &View,
        input: &Input,
        effects: &[Effect],
        link: &Link,
    ) {
        self.steps.push(json!({
            "at": at, "before": before, "input": input, "effects": effects,
            "view": link.view(at), "deadline": link.deadline(at),
        }));
    }

    /// The history as one line of JSON.
    pub(crate) fn line(&self, about: &str) -> String {
        json!({ "about": about, "hello": self.hello, "steps": self.steps }).to_string()
    }
}
