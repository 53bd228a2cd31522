//! A relay with the ended sample sessions, and what the browser of their receiver stores.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::relay::{Relay, binary};

/// A script that stores the arguments of [`Samples::kept`] in an open page.
pub const KEEP: &str = "
    localStorage.setItem('tapcue.recent', arguments[0]);
    localStorage.setItem('tapcue.language', JSON.stringify(arguments[2]));
    history.replaceState(arguments[1] ? { review: arguments[1] } : null, '', '/');
";

/// The relay, and the names and tokens of its samples.
#[derive(Debug)]
pub struct Samples {
    /// The relay that serves the samples.
    pub relay: Relay,
    samples: Vec<Value>,
}

impl Samples {
    /// Writes the samples and starts the relay.
    ///
    /// # Panics
    /// When the samples cannot be written.
    pub async fn set() -> Self {
        let mut relay = Relay::start().await;
        relay.kill().await;
        let mut command = Command::new(binary("examples/samples"));
        let written = command.arg(relay.data()).output().await;
        let written = written.expect("examples/samples");
        assert!(written.status.success(), "the samples are not written");
        let lines = String::from_utf8(written.stdout).expect("lines of text");
        let sample = |line| serde_json::from_str(line).expect("a line of JSON");
        let samples = lines.lines().map(sample).collect();
        relay.start_again().await;
        Self { relay, samples }
    }

    /// The URL of the relay's page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.relay.addr())
    }

    /// The arguments for [`KEEP`]. After a reload the page is in `language`, and at the review of
    /// `sample` if one is named.
    ///
    /// # Panics
    /// When there is no such sample.
    #[must_use]
    pub fn kept(&self, sample: Option<&str>, language: &str) -> Vec<Value> {
        let mut places: Vec<_> = self.samples.iter().map(place).collect();
        places.sort_by_key(|place| std::cmp::Reverse(place["at"].as_u64()));
        let session = sample.map_or(Value::Null, |name| {
            let found = self.samples.iter().find(|sample| sample["name"] == name);
            found.expect("a sample of this name")["session"].clone()
        });
        vec![json!(json!(places).to_string()), session, json!(language)]
    }
}

/// What the receiver's browser stores for a sample.
fn place(sample: &Value) -> Value {
    json!({
        "session": sample["session"],
        "role": "receiver",
        "token": sample["receiver"],
        "at": sample["opened_at"],
        "ended": true,
    })
}
