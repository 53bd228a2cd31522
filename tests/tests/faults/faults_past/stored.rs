//! Sessions that exist before a relay starts, written through the journal's own interface.

use std::path::Path;

use serde_json::json;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::SessionId;
use tapcue_rules::state::Options;
use tapcue_rules::time::Millis;
use tapcue_server::journal::{Admission, Journal as _, SqliteJournal};
use tapcue_server::session::token::{self, TokenHash};
use uuid::Uuid;

pub(crate) const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How many sessions are open in the journal at once during the writing.
const AT_ONCE: u64 = 500;

/// An ended session, and the receiver's token.
pub(crate) struct Stored {
    pub(crate) id: SessionId,
    pub(crate) token: String,
}

pub(crate) fn now() -> Millis {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Millis(u64::try_from(now.expect("a time after 1970").as_millis()).expect("a time"))
}

fn entry(at: Millis, by: Role, what: What) -> Entry {
    Entry {
        id: Uuid::now_v7(),
        at,
        by: Some(by),
        what,
    }
}

fn opened(at: Millis) -> Entry {
    let what = What::Opened {
        options: Options::default(),
        name: None,
        client: None,
        relay: "test".into(),
    };
    entry(at, Role::Receiver, what)
}

/// Writes a session with this many entries that ended an hour ago.
pub(crate) async fn long(data: &Path, entries: u64) -> Stored {
    let journal = SqliteJournal::open(data).expect("the journal");
    let id = SessionId(Uuid::now_v7());
    let token = token::fresh(id).expect("a token");
    let from = Millis(now().0 - 3_600_000 - 10 * entries);
    let _owned = journal.own(id).await.expect("a owned");
    for n in 0..entries {
        let at = from.plus(10 * n);
        let by = Role::BOTH[n as usize % 2];
        let next = match n {
            0 => opened(at),
            1 => entry(
                at,
                Role::Helper,
                What::Joined {
                    name: None,
                    client: None,
                },
            ),
            n if n + 1 == entries => entry(at, by, What::Ended),
            _ => entry(
                at,
                by,
                What::Cue {
                    cue: Cue::Slower,
                    epoch: Some(2),
                    tapped_at: Some(at),
                    uncertainty_ms: Some(4),
                },
            ),
        };
        let admission = (n == 0).then(|| Admission {
            role: Role::Receiver,
            token_sha256: TokenHash::of(&token).0,
        });
        journal.append(id, next, admission).expect("room");
        // A session's share of the journal's queue is 4,096 entries.
        if n % 4_096 == 4_095 {
            journal.flush().await.expect("a healthy journal");
        }
    }
    journal.flush().await.expect("a healthy journal");
    Stored { id, token: token.0 }
}

/// Writes this many sessions, opened and abandoned two days ago, for a relay that has run since then.
pub(crate) async fn left(data: &Path, sessions: u64) -> Vec<SessionId> {
    let journal = SqliteJournal::open(data).expect("the journal");
    let now = now();
    let mut ids = Vec::new();
    while (ids.len() as u64) < sessions {
        let mut owned = Vec::new();
        for _ in 0..AT_ONCE.min(sessions - ids.len() as u64) {
            let id = SessionId(Uuid::now_v7());
            owned.push(journal.own(id).await.expect("a owned"));
            let opened = opened(Millis(now.0 - 2 * DAY_MS));
            journal.append(id, opened, None).expect("room");
            ids.push(id);
        }
        journal.flush().await.expect("a healthy journal");
    }
    let vouched = json!({
        "ran_ms": 2 * DAY_MS,
        "date": now,
        "readings": [[0, now.0 - 2 * DAY_MS], [2 * DAY_MS - 60_000, now.0 - 60_000]],
    });
    let noted = journal.note("vouched", vouched.to_string()).await;
    noted.expect("a healthy journal");
    ids
}

/// How many sessions have an end in their record, read from a running relay's files.
pub(crate) fn ended(database: &Path) -> u64 {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(database, flags).expect("the database");
    let count = "SELECT count(*) FROM (SELECT body FROM log UNION ALL SELECT body FROM entries)
                 WHERE body LIKE '%\"ended\"%'";
    let count = database.query_row(count, [], |row| row.get::<_, i64>(0));
    u64::try_from(count.expect("a count")).expect("a count")
}
