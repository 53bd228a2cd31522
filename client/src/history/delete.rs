//! Deleting a session, for both people.

use std::io::IsTerminal;

use serde_json::json;

use super::relay::{Remote, Trouble};
use super::{Desk, Failure, ago, print};
use crate::cli::Delete;
use crate::exit::Exit;
use crate::print::ask;
use crate::relay::clock;
use crate::words::{Past, say};

/// Deletes it, or only removes it from this device.
pub(super) async fn run(desk: &Desk<'_>, asked: &Delete) -> Result<Exit, Failure> {
    let remote = desk.session(asked.session.as_deref(), asked.role)?;
    let session = remote.place.session;
    let words = desk.words();
    if !asked.yes && !confirmed(desk, &question(words, &remote, asked.only_here))? {
        print(&format!("{}\n", words.nothing_deleted))?;
        return Ok(Exit::Failed);
    }
    if !asked.only_here {
        match remote.delete().await {
            Ok(()) => {}
            Err(trouble @ Trouble::BadToken) => {
                let why = remote.failure(&trouble).text;
                let text = format!("{} {why}", words.nothing_deleted);
                return Err(Failure::new(trouble.exit(), text));
            }
            Err(trouble) => return Err(desk.trouble(&remote, &trouble)),
        }
    }
    let forgotten = desk.memory()?.forget(session);
    forgotten.map_err(|error| {
        let mut text = say(words.not_forgotten, &[("error", &error)]);
        if !asked.only_here {
            text = format!("{} {text}", words.was_deleted);
        }
        Failure::new(Exit::Failed, text)
    })?;
    let kind = if asked.only_here {
        "forgotten"
    } else {
        "deleted"
    };
    print(&match (desk.cli.json, asked.only_here) {
        (true, _) => format!("{}\n", json!({"type": kind, "session": session})),
        (false, true) => format!("{}\n", words.forgotten),
        (false, false) => format!("{}\n", words.deleted),
    })?;
    Ok(Exit::Ended)
}

fn question(words: &Past, remote: &Remote, only_here: bool) -> String {
    let place = &remote.place;
    let when = ago::words(words, clock::wall().since(place.opened_at));
    let which = say(
        words.which,
        &[
            ("session", &place.session),
            ("when", &when),
            ("role", &words.the_role(place.role)),
            ("relay", remote.relay()),
        ],
    );
    if only_here {
        return format!("{which}\n{}", words.ask_here);
    }
    let asked = format!("{which}\n{}", words.ask);
    if place.over {
        asked
    } else {
        format!("{asked} {}", words.ask_goes_on)
    }
}

/// Asks a question and waits for the answer.
fn confirmed(desk: &Desk<'_>, question: &str) -> Result<bool, Failure> {
    if desk.cli.json || !std::io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, desk.words().nobody_asked));
    }
    let failure = |error: std::io::Error| Failure::new(Exit::Failed, error.to_string());
    let words = desk.words();
    ask(&format!("{question}\n{}", words.type_yes));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failure)?;
    let answer = answer.trim().to_lowercase();
    Ok(answer == "yes" || words.yes.split(' ').any(|yes| yes == answer))
}
