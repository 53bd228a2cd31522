//! A relay with the sample sessions that have ended, and what the browser of somebody keeps who had a
//! place in all of them.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::relay::{Relay, binary};

/// Makes a page that is open keep the arguments of [`Samples::kept`].
pub const KEEP: &str = "
    localStorage.setItem('tapcue.recent', arguments[0]);
    localStorage.setItem('tapcue.language', JSON.stringify(arguments[2]));
    history.replaceState(arguments[1] ? { review: arguments[1] } : null, '', '/');
";

/// The relay, and what the samples are called and opened by.
#[derive(Debug)]
pub struct Samples {
    /// The relay that has them.
    pub relay: Relay,
    samples: Vec<Value>,
}

impl Samples {
    /// Writes them, and starts the relay.
    ///
    /// # Panics
    /// When they cannot be written.
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

    /// Where the relay's page is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.relay.addr())
    }

    /// The arguments for [`KEEP`]: loaded anew, the page is in this language, and at the review of the
    /// sample if one is named.
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

/// What the receiver's browser keeps of a sample.
fn place(sample: &Value) -> Value {
    json!({
        "session": sample["session"],
        "role": "receiver",
        "token": sample["receiver"],
        "at": sample["opened_at"],
        "ended": true,
    })
}
