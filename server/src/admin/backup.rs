//! A backup: all that is stored, and the relay's key, in one file, made while the relay may run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{now, words};
use crate::journal::JournalError;
use crate::journal::archive::{self, Archive, Draft, Made};
use crate::print;
use crate::records::signing_key::SealKey;

/// A backup.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The file to write. It must not be there yet.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(super) fn run(&self, data: &Path) -> anyhow::Result<()> {
        print::out(&format!("{}\n", write(data, &self.file)?))
    }
}

/// Writes a backup, and returns a line that says what it holds.
///
/// The file appears whole or not at all, and replaces no other file.
pub(super) fn write(data: &Path, file: &Path) -> anyhow::Result<String> {
    let is_there = || {
        format!(
            "{} is there already, and a backup takes no file's place: choose another name",
            file.display()
        )
    };
    anyhow::ensure!(!file.try_exists()?, is_there());
    let archive = match Archive::open_current(&archive::database(data)) {
        Err(error @ JournalError::Damaged { .. }) => {
            return Err(error).context(
                "there is nothing sound to back up: restart the relay, which sets the database \
                 aside and begins a new one, and put the last backup back",
            );
        }
        opened => opened.context("cannot read what is stored")?,
    };
    let seal_key = SealKey::to_keep(data)?;
    let has_key = seal_key.is_some();
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let unfinished = unfinished(folder, file.file_name())?;
    let path = unfinished.path();
    archive.copy_into(path)?;
    Draft::open(path)?.stamp(&Made {
        at: now(),
        seal_key,
    })?;
    let copy = Archive::open_current(path)?;
    copy.check()
        .context("the copy is not sound, and was thrown away: see whether the disk is")?;
    let tally = copy.tally()?;
    drop(copy);
    let cannot = || format!("cannot write {}", file.display());
    unfinished.as_file().sync_all().with_context(cannot)?;
    let written = unfinished.as_file().metadata().with_context(cannot)?.len();
    match unfinished.persist_noclobber(file) {
        Err(failed) if failed.error.kind() == std::io::ErrorKind::AlreadyExists => {
            anyhow::bail!(is_there())
        }
        put => put.map(|_| ()).with_context(cannot)?,
    }
    archive::sync_dir(folder).with_context(cannot)?;
    Ok(format!(
        "{} holds {}{}, in {}. Keep it as safe as the data directory, and delete it within 30 days.",
        file.display(),
        words::tally(&tally),
        if has_key { ", and the relay's key" } else { "" },
        words::size(written),
    ))
}

/// Creates an empty file for this user alone, beside its final path. It is removed unless it is renamed to
/// that path.
fn unfinished(
    folder: &Path,
    name: Option<&std::ffi::OsStr>,
) -> anyhow::Result<tempfile::NamedTempFile> {
    let mut prefix = OsString::from(".");
    prefix.push(name.unwrap_or_default());
    prefix.push(".");
    let made = tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(".unfinished")
        .tempfile_in(folder);
    made.with_context(|| {
        format!(
            "cannot write in {}: see that it is there and can be written",
            folder.display()
        )
    })
}
