//! Verifying an exported file.

use serde_json::json;
use tapcue_transcript::{PublicKey, Standing, Verdict, verify};

use super::{Failure, print, read, relay, words};
use crate::cli::{Cli, Verify};
use crate::exit::Exit;
use crate::words::{Words, say};
use tapcue_rules::language::Language;

/// Reports whether a file is whole, in order, unchanged and signed.
pub(super) async fn run(cli: &Cli, asked: &Verify) -> Result<Exit, Failure> {
    let text = read::file(words(cli), &asked.file)?;
    let trusted = trusted(cli, asked).await?;
    let verdict = verify(&text, trusted.as_slice());
    if cli.json {
        let mut said = json!(verdict);
        if let Some(fields) = said.as_object_mut() {
            fields.insert("type".into(), "verdict".into());
            fields.insert("trusted".into(), json!(trusted));
        }
        print(&format!("{said}\n"))?;
    } else {
        print(&told(cli.language(), &verdict, trusted.as_ref()))?;
    }
    Ok(exit(verdict.standing))
}

/// The only key that may have signed; none if no key was given.
async fn trusted(cli: &Cli, asked: &Verify) -> Result<Option<PublicKey>, Failure> {
    let failure = |text: String| Failure::new(Exit::Usage, text);
    match (&asked.key, &cli.relay) {
        (Some(_), Some(_)) => Err(failure(words(cli).key_twice.into())),
        (Some(key), None) => Ok(Some(*key)),
        (None, Some(relay)) => {
            let key = relay::key(relay, &cli.trust(None)).await;
            let told = |trouble: relay::Trouble| {
                failure(trouble.words(Words::of(cli.language()), relay, None))
            };
            key.map(Some).map_err(told)
        }
        (None, None) => Ok(None),
    }
}

fn told(language: Language, verdict: &Verdict, trusted: Option<&PublicKey>) -> String {
    let words = &Words::of(language).past;
    let title = match verdict.standing {
        Standing::Sealed => words.sealed,
        Standing::Prefix => words.sound,
        Standing::Broken => words.is_broken,
    };
    let mut out = format!("{title}\n");
    if let Some(session) = verdict.session {
        out += &say(words.session, &[("session", &session)]);
        out.push('\n');
    }
    for line in verdict.words_in(language) {
        out += &format!("{line}\n");
    }
    match (verdict.standing, trusted) {
        (Standing::Sealed, Some(key)) => {
            out += &say(words.key_named, &[("key", &key.fingerprint())]);
            out.push('\n');
        }
        (Standing::Sealed, None) => {
            out += words.key_compare;
            out.push('\n');
        }
        (Standing::Prefix | Standing::Broken, _) => {}
    }
    out
}

const fn exit(standing: Standing) -> Exit {
    match standing {
        Standing::Sealed => Exit::Ended,
        Standing::Prefix => Exit::Unsealed,
        Standing::Broken => Exit::Failed,
    }
}
