//! Deleting a session, for both people.

use std::io::{IsTerminal, Write};

use serde_json::json;

use super::relay::{Remote, Trouble};
use super::{Desk, Failure, ago, print};
use crate::cli::Delete;
use crate::clock;
use crate::run::Exit;

/// Deletes it, or only forgets it here.
pub(super) async fn run(desk: &Desk<'_>, asked: &Delete) -> Result<Exit, Failure> {
    let remote = desk.session(asked.session.as_deref(), asked.role)?;
    let session = remote.place.session;
    if !asked.yes && !confirmed(desk, &question(&remote, asked.only_here))? {
        print("Nothing was deleted.\n")?;
        return Ok(Exit::Failed);
    }
    if !asked.only_here {
        match remote.delete().await {
            Ok(()) => {}
            Err(trouble @ Trouble::BadToken) => {
                return Err(Failure {
                    text: format!("Nothing was deleted. {}", remote.failure(&trouble).text),
                    exit: trouble.exit(),
                });
            }
            Err(trouble) => return Err(desk.trouble(&remote, &trouble)),
        }
    }
    let forgotten = desk.memory()?.forget(session);
    forgotten.map_err(|error| {
        let done = if asked.only_here {
            ""
        } else {
            "It was deleted. "
        };
        let text = format!("{done}It could not be forgotten here: {error}.");
        Failure::new(Exit::Failed, text)
    })?;
    let kind = if asked.only_here {
        "forgotten"
    } else {
        "deleted"
    };
    print(&match (desk.cli.json, asked.only_here) {
        (true, _) => format!("{}\n", json!({"type": kind, "session": session})),
        (false, true) => "Forgotten on this device. The relay still keeps it.\n".into(),
        (false, false) => "Deleted, for both of you. Nothing of it is kept.\n".into(),
    })?;
    Ok(Exit::Ended)
}

fn question(remote: &Remote, only_here: bool) -> String {
    let place = &remote.place;
    let when = ago::words(clock::wall().since(place.opened_at));
    let which = format!(
        "Session {}, opened {when}; you were the {}; relay {}.\n",
        place.session,
        place.role.as_str(),
        remote.relay()
    );
    if only_here {
        return format!(
            "{which}Forget it on this device only? The relay keeps it, and this device can never \
             read or delete it again."
        );
    }
    let goes_on = if place.over {
        ""
    } else {
        " If it still goes on, that ends it."
    };
    format!(
        "{which}Delete it for both of you, at once and for good? Nobody can bring it back, and the \
         other person will be told that it was you.{goes_on}"
    )
}

/// Asks, and waits for the answer.
fn confirmed(desk: &Desk<'_>, question: &str) -> Result<bool, Failure> {
    if desk.cli.json || !std::io::stdin().is_terminal() {
        let text = "Nobody is there to be asked. To delete without a question: --yes";
        return Err(Failure::new(Exit::Usage, text));
    }
    let failure = |error: std::io::Error| Failure::new(Exit::Failed, error.to_string());
    eprint!("{question}\nType yes to go on: ");
    std::io::stderr().flush().map_err(failure)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failure)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
