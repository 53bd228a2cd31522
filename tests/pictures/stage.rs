//! A relay with sample sessions that have ended, and a page that had a place in all of them.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tapcue_tests::relay::{Relay, binary};
use tokio::process::Command;

use crate::window::Window;

/// The relay, and what the samples are called and opened by.
#[derive(Debug)]
pub(crate) struct Stage {
    relay: Relay,
    samples: Vec<Value>,
}

impl Stage {
    pub(crate) async fn set() -> Result<Self> {
        let mut relay = Relay::start().await;
        relay.kill().await;
        let written = Command::new(binary("examples/samples"))
            .arg(relay.data())
            .output()
            .await?;
        ensure!(written.status.success(), "the samples are not written");
        let lines = String::from_utf8(written.stdout)?;
        let samples = lines.lines().map(serde_json::from_str);
        let samples = samples.collect::<Result<Vec<Value>, _>>()?;
        relay.start_again().await;
        Ok(Self { relay, samples })
    }

    /// Where its page is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.relay.addr())
    }

    /// The page in a language, as somebody finds it who was in all samples, at the review of one of
    /// them if it is named.
    pub(crate) async fn enter(
        &self,
        window: &Window,
        sample: Option<&str>,
        language: &str,
    ) -> Result<()> {
        window.go(&self.url()).await?;
        let mut places: Vec<_> = self.samples.iter().map(place).collect();
        places.sort_by_key(|place| std::cmp::Reverse(place["at"].as_u64()));
        let session = match sample {
            Some(name) => {
                let found = self.samples.iter().find(|sample| sample["name"] == name);
                found.context("no such sample")?["session"].clone()
            }
            None => Value::Null,
        };
        let keep = "
            localStorage.setItem('tapcue.recent', arguments[0]);
            localStorage.setItem('tapcue.language', JSON.stringify(arguments[2]));
            history.replaceState(arguments[1] ? { review: arguments[1] } : null, '', '/');
        ";
        let places = json!(places).to_string();
        window
            .run(keep, vec![json!(places), session, json!(language)])
            .await?;
        window.reload().await
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
