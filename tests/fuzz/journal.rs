//! The journal: reading any rows never panics. The session equals the fold of the same entries, and its
//! exports verify.

use tapcue_rules::cue::Role;
use tapcue_rules::entry::Entry;
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::language::Language;
use tapcue_rules::session::Session;
use tapcue_transcript::{ReadError, Standing, Transcript, read_export};

use crate::wire::same_again;

/// More rows make a run slow and find nothing new.
const MAX_ROWS: usize = 64;

/// Reads each line of the bytes as the row of an entry, and folds the entries.
///
/// # Panics
/// When a row or the fold differs after reading it again, or an export does not verify.
pub fn fuzz(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut entries: Vec<Entry> = Vec::new();
    for row in text.lines().take(MAX_ROWS) {
        same_again::<Entry>(row);
        // A relay gives a session up at the first unreadable row.
        let Ok(entry) = serde_json::from_str(row) else {
            break;
        };
        entries.push(entry);
    }
    folds(&entries);
    // One viewer per run is enough, because many runs follow.
    let viewer = [None, Some(Role::Receiver), Some(Role::Helper)][data.len() % 3];
    exports(&entries, viewer);
}

/// The session of these entries, if the first opens one.
pub(crate) fn folded(entries: &[Entry]) -> Option<Session> {
    let (first, rest) = entries.split_first()?;
    let mut session = Session::open(first)?;
    for entry in rest {
        let _ = session.step(entry);
    }
    Some(session)
}

/// The fold is the same after a round trip through a journal's rows.
pub(crate) fn folds(entries: &[Entry]) {
    let row = |entry: &Entry| serde_json::to_string(entry).expect("an entry can be written");
    let rows = entries.iter().map(row);
    let read = rows.map(|row| serde_json::from_str(&row).expect("a row can be read"));
    let read: Vec<Entry> = read.collect();
    assert!(read == entries, "the rows hold other entries");
    assert!(folded(&read) == folded(entries), "another session");
}

/// Every format of the transcript can be made for a viewer, and the JSON verifies.
pub(crate) fn exports(entries: &[Entry], viewer: Option<Role>) {
    let session = SessionId(Id::from_u128(1));
    let opens = entries
        .first()
        .is_some_and(|first| Session::open(first).is_some());
    let transcript = match Transcript::read(session, (1..).zip(entries), viewer) {
        Ok(transcript) => transcript,
        Err(error) => {
            assert!(!opens && error == ReadError::NotOpened, "{error}");
            return;
        }
    };
    assert!(opens);
    let json = transcript.json();
    let (verdict, back) = read_export(&json, &[]);
    assert_eq!(verdict.standing, Standing::Prefix, "{:?}", verdict.problem);
    let back = back.expect("it is sound");
    assert!(back.json() == json, "another transcript");
    assert!(
        back.csv(Language::En) == transcript.csv(Language::En),
        "another table"
    );
    assert!(
        back.html(Language::En, -90) == transcript.html(Language::En, -90),
        "another page"
    );
    assert!(
        back.text(Language::En, 40, 765) == transcript.text(Language::En, 40, 765),
        "another text"
    );
}
