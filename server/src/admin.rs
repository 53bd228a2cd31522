//! The operator's commands on a relay's data directory: list what is stored, back it up, and restore a
//! backup.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Subcommand;
use tapcue_rules::time::Millis;

mod backup;
pub mod healthcheck;
mod restore;
mod sessions;
#[cfg(test)]
mod tests;
mod words;

/// What to do instead of starting a relay.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what is stored, since when, and when it is deleted. Counts and times; no word of anybody's.
    ///
    /// Works while a relay runs and while none does.
    Sessions(sessions::Sessions),
    /// Write all that is stored, and the relay's key, into one new file. The relay may go on.
    ///
    /// The file holds what people said to each other. Keep it as safe as the data directory, and
    /// delete it in time: it can be put back for 30 days.
    Backup(backup::Backup),
    /// Put a backup in the place of what is stored. The relay must be stopped.
    ///
    /// What was deleted since the backup was made stays deleted, as far as the data directory knows.
    Restore(restore::Restore),
}

impl Command {
    /// Runs the command on this data directory, and prints the result on standard output.
    ///
    /// # Errors
    /// The text says why it failed, and what to do.
    pub fn run(&self, data: &Path) -> anyhow::Result<()> {
        match self {
            Command::Sessions(sessions) => sessions.run(data),
            Command::Backup(backup) => backup.run(data),
            Command::Restore(restore) => restore.run(data),
        }
    }
}

/// The present time of the wall clock.
fn now() -> Millis {
    moment(SystemTime::now())
}

fn moment(time: SystemTime) -> Millis {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(since.as_millis() as u64)
}
