//! Writes ended sample sessions into a relay's data directory, for pictures and measurements of the review.
//!
//!     samples DIR
//!
//! Prints a line of JSON for each session: its name, its id, and a token for each role.

#![expect(clippy::unwrap_used, reason = "whatever fails ends it")]

// The sessions come from the transcript's own tests.
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../shared/transcript/tests/transcript/desk.rs"]
mod desk;
#[path = "../../shared/transcript/tests/transcript/hour.rs"]
mod hour;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../shared/transcript/tests/transcript/sample.rs"]
mod sample;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::time::Millis;
use tapcue_server::journal::{Admission, Journal, SqliteJournal};
use tapcue_server::session::token::{self, TokenHash};

const HOUR_MS: u64 = 3_600_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let directory = PathBuf::from(std::env::args_os().nth(1).unwrap());
    let journal = SqliteJournal::open(&directory).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = u64::try_from(now.as_millis()).unwrap();
    // The last notes of some sessions are from the day after.
    for (name, desk, ago) in [
        ("short", sample::rich(), 26 * HOUR_MS),
        ("thumb", hour::thumb(), 3 * HOUR_MS),
        ("hour", hour::hour(500), 50 * HOUR_MS),
        ("dense", hour::hour(10_000), 6 * 24 * HOUR_MS),
    ] {
        let session = desk.id;
        let tokens = Role::BOTH.map(|_| token::fresh(session).unwrap());
        let owned = journal.own(session).await.unwrap();
        for (n, entry) in desk.moved(Millis(now - ago)).into_iter().enumerate() {
            let opens = matches!(entry.what, What::Opened { .. }).then_some(Role::Receiver);
            let joins = matches!(entry.what, What::Joined { .. }).then_some(Role::Helper);
            let role = opens.or(joins);
            let admission = role.map(|role| Admission {
                role,
                token_sha256: TokenHash::of(&tokens[role as usize]).0,
            });
            journal.append(session, entry, admission).unwrap();
            // A session's share of the journal's queue is 4,096 entries.
            if n % 4_096 == 4_095 {
                journal.flush().await.unwrap();
            }
        }
        drop(owned);
        let [receiver, helper] = &tokens;
        let line = serde_json::json!({
            "name": name,
            "session": session,
            "opened_at": now - ago,
            "receiver": receiver.0,
            "helper": helper.0,
        });
        println!("{line}");
    }
    journal.flush().await.unwrap();
}
