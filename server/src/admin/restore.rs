//! Restores a backup, without the sessions that were deleted since.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tapcue_rules::time::Millis;

use super::{moment, now, words};
use crate::journal::JournalError;
use crate::journal::archive::{self, Archive, Aside, Draft, Made, Present, Tally, Tombstone};
use crate::print;
use crate::records::retention::TOLD_MS;
use crate::records::signing_key::SealKey;

/// Putting a backup back.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// What `backup` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Though there are sessions in the data directory. They are set aside, not deleted.
    #[arg(long)]
    replace: bool,
}

impl Restore {
    pub(super) fn run(&self, data: &Path) -> anyhow::Result<()> {
        print::out(&put_back(data, &self.file, self.replace, now())?)
    }
}

/// What a data directory holds at present.
enum Found {
    Nothing,
    Sound(Tally),
    Damaged,
}

/// The deletions that the databases of a data directory hold.
#[derive(Default)]
struct Known {
    tombstones: Vec<Tombstone>,
    /// The databases whose deletions cannot be read.
    unknown: Vec<PathBuf>,
}

/// Restores a backup, and returns the report.
pub(super) fn put_back(
    data: &Path,
    file: &Path,
    replace: bool,
    now: Millis,
) -> anyhow::Result<String> {
    let backup = Archive::open(file)?;
    backup
        .check()
        .context("nothing was changed: use another backup")?;
    let made = made(&backup, file)?;
    anyhow::ensure!(
        now.since(made.at) <= TOLD_MS,
        "this backup is {} old. What was deleted is remembered for 30 days, so an older one would \
         bring back what people deleted. Nothing was changed",
        words::span(now.since(made.at))
    );
    let present = match Present::lock(data) {
        Err(JournalError::InUse { dir }) => anyhow::bail!(
            "a relay is using {}: stop it, restore, and start it again",
            dir.display()
        ),
        locked => locked?,
    };
    let path = archive::database(data);
    let found = look(&path)?;
    match found {
        Found::Sound(tally) if tally.sessions > 0 && !replace => anyhow::bail!(
            "{} has {} already. With --replace they are set aside, and the backup takes their place",
            data.display(),
            words::count(tally.sessions, "session", "sessions")
        ),
        Found::Damaged if !replace => anyhow::bail!(
            "{} is damaged. With --replace it is set aside, and the backup takes its place",
            path.display()
        ),
        Found::Nothing | Found::Sound(_) | Found::Damaged => {}
    }
    let known = Known::of(data, &path)?;

    let copy = tempfile::Builder::new()
        .prefix(".journal.")
        .suffix(".unfinished")
        .tempfile_in(data)
        .with_context(|| format!("cannot write in {}", data.display()))?;
    backup.copy_into(copy.path())?;
    let mut draft = Draft::open(copy.path())?;
    draft.migrate()?;
    draft.unstamp()?;
    let buried = draft.bury(&known.tombstones)?;
    drop(draft);
    let restored = Archive::open_current(copy.path())?;
    restored
        .check()
        .context("nothing was changed: see whether the disk is sound")?;
    let tally = restored.tally()?;
    drop(restored);
    copy.as_file().sync_all()?;

    let old_key = match &made.seal_key {
        Some(kept) => SealKey::put_back(data, kept)?,
        None => None,
    };
    let aside = present.replace(&copy.into_temp_path())?;
    let aside = match (aside, found) {
        // It held only deletions, and the restored database has them too.
        (Some(aside), Found::Sound(Tally { sessions: 0, .. })) => {
            std::fs::remove_file(&aside)
                .with_context(|| format!("cannot remove {}", aside.display()))?;
            None
        }
        (aside, _) => aside,
    };

    let mut said = vec![format!(
        "{} now holds {}, as they were {} ago.",
        data.display(),
        words::tally(&tally),
        words::span(now.since(made.at))
    )];
    if buried > 0 {
        let is = words::count(
            buried,
            "session of the backup was deleted since, and stays",
            "sessions of the backup were deleted since, and stay",
        );
        said.push(format!("{is} deleted."));
    }
    said.extend(known.unknown.iter().map(|unread| {
        format!(
            "{} cannot be read: what was deleted between the backup and the damage is not known, and \
             may be back. Tell the people whose sessions these are.",
            unread.display()
        )
    }));
    if known.tombstones.is_empty() && known.unknown.is_empty() {
        said.push(
            "This data directory knows of no deletion. If people deleted sessions after the backup \
             was made, those are back."
                .into(),
        );
    }
    if let Some(aside) = aside {
        said.push(format!(
            "What was here is {} now. It holds what people said: delete it when you do not need it.",
            aside.display()
        ));
    }
    if let Some(old_key) = old_key {
        said.push(format!(
            "The relay's key is that of the backup; the one that was here is {} now.",
            old_key.display()
        ));
    }
    said.push("Start the relay: it deletes what is due when it has run for a day.\n".into());
    Ok(said.join("\n"))
}

/// How a backup was made. A file that `backup` did not write counts from its modification time, without a
/// key.
fn made(backup: &Archive, file: &Path) -> anyhow::Result<Made> {
    if let Some(made) = backup.made()? {
        return Ok(made);
    }
    let written = std::fs::metadata(file).and_then(|found| found.modified());
    let written = written.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Made {
        at: moment(written),
        seal_key: None,
    })
}

fn look(path: &Path) -> anyhow::Result<Found> {
    if std::fs::metadata(path).map_or(true, |found| found.len() == 0) {
        return Ok(Found::Nothing);
    }
    let sound = Archive::open(path).and_then(|archive| {
        archive.check()?;
        archive.tally()
    });
    match sound {
        Ok(tally) => Ok(Found::Sound(tally)),
        Err(JournalError::Damaged { .. } | JournalError::NoJournal { .. }) => Ok(Found::Damaged),
        Err(error) => Err(error.into()),
    }
}

impl Known {
    fn of(data: &Path, database: &Path) -> anyhow::Result<Self> {
        let aside = Aside::all(data)?.into_iter().map(|aside| aside.path);
        let mut known = Self::default();
        for path in std::iter::once(database.to_owned()).chain(aside) {
            if std::fs::metadata(&path).map_or(true, |found| found.len() == 0) {
                continue;
            }
            match Archive::open(&path).and_then(|archive| archive.tombstones()) {
                Ok(tombstones) => known.tombstones.extend(tombstones),
                Err(_) => known.unknown.push(path),
            }
        }
        Ok(known)
    }
}
