//! The report of what is stored, since when and for how long: counts and times, without content.

use std::path::Path;

use serde::Serialize;
use tapcue_rules::ids::SessionId;
use tapcue_rules::time::Millis;

use super::{moment, now, words};
use crate::journal::Numbered;
use crate::journal::archive::{self, Archive, Aside, RunningSince, Stored, Tally};
use crate::print;
use crate::records::retention::Standing;

/// How late a deletion may be while a relay runs, in milliseconds. The relay runs for a day past the date,
/// reads the date each hour, and checks each minute.
const OVERDUE_MS: u64 = 26 * 60 * 60 * 1_000;

/// What is stored.
#[derive(Debug, clap::Args)]
pub struct Sessions {
    /// Print one JSON object. Times are milliseconds since 1970.
    #[arg(long)]
    json: bool,
}

/// The state of a stored session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It is live by its newest entry, which this run of the relay recorded.
    Live,
    /// It has no end.
    Unfinished,
    Ended,
    /// Its record cannot be read, and no relay will delete it.
    Unreadable,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Row {
    session: SessionId,
    pub(super) state: State,
    opened_at: Millis,
    last_at: Millis,
    entries: u64,
    bytes: u64,
    /// When it is to be deleted, if no device comes back to it.
    pub(super) due_at: Option<Millis>,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(rename = "type")]
    kind: &'static str,
    data: String,
    at: Millis,
    /// Since when a relay has run here; none if no relay runs.
    relay_since: Option<Millis>,
    pub(super) counts: Counts,
    entries: u64,
    bytes: u64,
    /// The size of the database and its log, in bytes.
    files_bytes: u64,
    oldest_opened_at: Option<Millis>,
    next_due_at: Option<Millis>,
    pub(super) overdue: u64,
    pub(super) set_aside: Vec<SetAside>,
    pub(super) sessions: Vec<Row>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) live: u64,
    pub(super) unfinished: u64,
    pub(super) ended: u64,
    pub(super) unreadable: u64,
    pub(super) deleted: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct SetAside {
    file: String,
    bytes: u64,
}

impl Sessions {
    pub(super) fn run(&self, data: &Path) -> anyhow::Result<()> {
        let running = RunningSince::of(data)?;
        let report = Report::of(data, running.0.map(moment), now())?;
        if self.json {
            print::out(&format!("{}\n", serde_json::to_string(&report)?))
        } else {
            print::out(&report.text())
        }
    }
}

impl Report {
    /// Reads a data directory at a moment of the wall clock.
    pub(super) fn of(data: &Path, relay_since: Option<Millis>, at: Millis) -> anyhow::Result<Self> {
        let path = archive::database(data);
        let mut archive = Archive::open_current(&path)?;
        let mut rows = Vec::new();
        archive.each(|stored, entries| rows.push(Row::of(stored, entries, relay_since)))?;
        let Tally { deleted, .. } = archive.tally()?;
        let mut counts = Counts {
            deleted,
            ..Counts::default()
        };
        for row in &rows {
            match row.state {
                State::Live => counts.live += 1,
                State::Unfinished => counts.unfinished += 1,
                State::Ended => counts.ended += 1,
                State::Unreadable => counts.unreadable += 1,
            }
        }
        let log = path.with_extension("db-wal");
        let files = [path.as_path(), log.as_path()];
        let aside = Aside::all(data)?;
        Ok(Self {
            kind: "stored",
            data: data.display().to_string(),
            at,
            relay_since,
            counts,
            entries: rows.iter().map(|row| row.entries).sum(),
            bytes: rows.iter().map(|row| row.bytes).sum(),
            files_bytes: files
                .iter()
                .filter_map(|file| std::fs::metadata(file).ok())
                .map(|found| found.len())
                .sum(),
            oldest_opened_at: rows.iter().map(|row| row.opened_at).min(),
            next_due_at: rows.iter().filter_map(|row| row.due_at).min(),
            overdue: rows
                .iter()
                .filter(|row| row.due_at.is_some_and(|due| due.plus(OVERDUE_MS) < at))
                .count() as u64,
            set_aside: aside
                .into_iter()
                .map(|aside| SetAside {
                    file: aside.path.display().to_string(),
                    bytes: aside.bytes,
                })
                .collect(),
            sessions: rows,
        })
    }

    pub(super) fn text(&self) -> String {
        let ago = |then: Millis| format!("{} ago", words::span(self.at.since(then)));
        let mut lines = vec![format!("Data       {}", self.data)];
        lines.push(match (self.relay_since, self.overdue) {
            (Some(since), 0) => format!(
                "Relay      has been running for {}: it deletes what is due, each minute",
                words::span(self.at.since(since))
            ),
            (Some(_), late) => format!(
                "Relay      is running, and yet {} overdue: its log may say why",
                words::count(late, "session is", "sessions are")
            ),
            (None, 0) => "Relay      none is running here: nothing is deleted until one is".into(),
            (None, late) => format!(
                "Relay      none is running here, and {} overdue: start it, and it deletes what is \
                 due at once",
                words::count(late, "session is", "sessions are")
            ),
        });
        let counts = self.counts;
        lines.push(format!(
            "Sessions   {}: {} live, {} not ended, {} ended",
            self.sessions.len(),
            counts.live,
            counts.unfinished,
            counts.ended
        ));
        if counts.unreadable > 0 {
            lines.push(format!(
                "           and {} whose record cannot be read: the database is damaged, or another \
                 program wrote to it; no relay deletes them",
                counts.unreadable
            ));
        }
        lines.push(format!(
            "Deleted    {}: only that they were, and hashes of their tokens, for 30 days",
            counts.deleted
        ));
        lines.push(format!(
            "Entries    {}, {}; the files take {}",
            self.entries,
            words::size(self.bytes),
            words::size(self.files_bytes)
        ));
        if let Some(oldest) = self.oldest_opened_at {
            lines.push(format!("Oldest     opened {}", ago(oldest)));
        }
        if let Some(due) = self.next_due_at {
            lines.push(format!("Next due   {}", self.until(due)));
        }
        for aside in &self.set_aside {
            lines.push(format!(
                "Set aside  {}, {}: it holds what people said, and nothing deletes it but you",
                aside.file,
                words::size(aside.bytes)
            ));
        }
        let mut text = lines.join("\n");
        text.push('\n');
        if !self.sessions.is_empty() {
            text.push_str(&format!(
                "\n{:<36}  {:<10}  {:>8}  {:>8}  {:>7}  {:>8}  DUE\n",
                "SESSION", "STATE", "OPENED", "NEWEST", "ENTRIES", "SIZE"
            ));
        }
        for row in &self.sessions {
            text.push_str(&format!(
                "{:<36}  {:<10}  {:>8}  {:>8}  {:>7}  {:>8}  {}\n",
                row.session.0.to_string(),
                row.state.word(),
                words::span(self.at.since(row.opened_at)),
                words::span(self.at.since(row.last_at)),
                row.entries,
                words::size(row.bytes),
                row.due_at.map_or("never".into(), |due| self.until(due)),
            ));
        }
        text
    }

    fn until(&self, due: Millis) -> String {
        if due <= self.at {
            return format!("{} ago", words::span(self.at.since(due)));
        }
        format!("in {}", words::span(due.since(self.at)))
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Unfinished => "not ended",
            State::Ended => "ended",
            State::Unreadable => "unreadable",
        }
    }
}

impl Row {
    /// For a sealed session all of this is stored; for another one its record is read.
    pub(super) fn of(
        stored: Stored,
        entries: Option<Vec<Numbered>>,
        relay_since: Option<Millis>,
    ) -> Self {
        let standing = entries.and_then(|entries| Standing::of(stored.session, &entries));
        let (state, due_at) = match standing {
            _ if stored.sealed => (State::Ended, stored.delete_at),
            None => (State::Unreadable, stored.delete_at),
            Some(standing) => {
                // A session that a killed relay left live is no longer live.
                let this_run = relay_since.is_some_and(|since| stored.last_at >= since);
                let state = match standing.ended_at {
                    Some(_) => State::Ended,
                    None if this_run && standing.is_live => State::Live,
                    None => State::Unfinished,
                };
                (state, Some(standing.delete_at()))
            }
        };
        Self {
            session: stored.session,
            state,
            opened_at: stored.opened_at,
            last_at: stored.last_at,
            entries: stored.entries,
            bytes: stored.bytes,
            due_at,
        }
    }
}
