//! Adding a note to a session that is over.

use serde_json::json;
use tapcue_rules::limits::NOTE_CHARS;

use super::{Desk, Failure, print};
use crate::cli::Note;
use crate::exit::Exit;
use crate::words::say;

/// Adds the note.
pub(super) async fn run(desk: &Desk<'_>, asked: &Note) -> Result<Exit, Failure> {
    let remote = desk.session(Some(&asked.session), asked.role)?;
    let text = asked.text.as_deref().unwrap_or_default();
    let chars = text.chars().count();
    if chars > NOTE_CHARS {
        let text = say(
            desk.words().note_too_long,
            &[("most", &NOTE_CHARS), ("n", &chars)],
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    let told = remote.note(text, asked.shared, asked.about).await;
    told.map_err(|trouble| desk.trouble(&remote, &trouble))?;
    print(&match (desk.cli.json, asked.shared) {
        (true, shared) => {
            let session = remote.place.session;
            format!(
                "{}\n",
                json!({"type": "noted", "session": session, "shared": shared})
            )
        }
        (false, true) => format!("{}\n", desk.words().noted_shared),
        (false, false) => format!("{}\n", desk.words().noted),
    })?;
    Ok(Exit::Ended)
}
