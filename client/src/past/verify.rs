//! Verifying an exported file.

use serde_json::json;
use tapcue_shared::transcript::{PublicKey, Standing, Verdict, verify};

use super::{Failure, print, read, relay};
use crate::cli::{Cli, Verify};
use crate::run::Exit;

/// Says whether a file is whole, in order, unchanged and signed.
pub(super) async fn run(cli: &Cli, asked: &Verify) -> Result<Exit, Failure> {
    let text = read::file(&asked.file)?;
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
        print(&words(&verdict, trusted.as_ref()))?;
    }
    Ok(exit(verdict.standing))
}

/// The only key that may have signed; none if nobody named one.
async fn trusted(cli: &Cli, asked: &Verify) -> Result<Option<PublicKey>, Failure> {
    let failure = |text: String| Failure::new(Exit::Usage, text);
    match (&asked.key, &cli.relay) {
        (Some(_), Some(_)) => Err(failure(
            "Name the key with --key or with --relay, not with both.".into(),
        )),
        (Some(key), None) => Ok(Some(*key)),
        (None, Some(relay)) => {
            let key = relay::key(relay, &cli.trust(None)).await;
            let told = |trouble: relay::Trouble| failure(trouble.words(relay, None));
            key.map(Some).map_err(told)
        }
        (None, None) => Ok(None),
    }
}

fn words(verdict: &Verdict, trusted: Option<&PublicKey>) -> String {
    let title = match verdict.standing {
        Standing::Sealed => "SEALED AND SOUND",
        Standing::Prefix => "SOUND SO FAR, NOT SEALED",
        Standing::Broken => "BROKEN",
    };
    let mut out = format!("{title}\n");
    if let Some(session) = verdict.session {
        out += &format!("Session {session}\n");
    }
    for line in &verdict.words {
        out += &format!("{line}\n");
    }
    match (verdict.standing, trusted) {
        (Standing::Sealed, Some(key)) => {
            out += &format!("That key is the one you named: {}.\n", key.fingerprint());
        }
        (Standing::Sealed, None) => {
            out += "To compare it here: --key HEX, or --relay URL for that relay's own.\n";
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
