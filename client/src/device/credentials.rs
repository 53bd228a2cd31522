//! Stores this device's places in sessions, each with its token. With them a closed terminal can come back,
//! and a session that is over can be read, exported and deleted.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tapcue_rules::cue::Role;
use tapcue_rules::ids::SessionId;
use tapcue_rules::message::Secret;
use tapcue_rules::time::Millis;

use crate::relay::clock;

#[cfg(test)]
mod tests;

/// The environment variable for a directory to use instead of the platform's own.
pub const STATE_DIR: &str = "TAPCUE_STATE_DIR";

/// How many places are kept; then the least recently used one is dropped. Relays keep a session for a year at
/// most, so this is two a week.
pub const PLACES_AT_MOST: usize = 100;

/// The folder of the places, with one file each.
const SESSIONS: &str = "sessions";

/// The files in which the first version kept the last place of each role. They are still read.
const OLD_FILES: [&str; 2] = ["last-receiver.json", "last-helper.json"];

/// A place in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The relay's address.
    pub relay: String,
    /// The session.
    pub session: SessionId,
    /// The role.
    pub role: Role,
    /// The token that gives access.
    pub token: Secret,
    /// When the session was opened, on the relay's clock.
    #[serde(default)]
    pub opened_at: Millis,
    /// When this device last used the place, on its own clock.
    #[serde(default)]
    pub used_at: Millis,
    /// Whether the session is known to have ended.
    #[serde(default)]
    pub over: bool,
    /// The only authority trusted for the relay, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// The directory of the places. Only its owner can read it.
#[derive(Clone, Debug)]
pub struct Memory {
    directory: PathBuf,
}

impl Memory {
    /// The directory of this user: `TAPCUE_STATE_DIR`, or the platform's. None if neither exists.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let chosen = std::env::var_os(STATE_DIR).filter(|dir| !dir.is_empty());
        let directory = match chosen {
            Some(directory) => directory.into(),
            None => {
                let dirs = directories::ProjectDirs::from("", "", "tapcue")?;
                dirs.state_dir()
                    .unwrap_or_else(|| dirs.data_local_dir())
                    .to_owned()
            }
        };
        Some(Self { directory })
    }

    /// Uses this directory.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Stores a place and replaces its earlier version.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn keep(&self, place: &Place) -> io::Result<()> {
        let folder = self.directory.join(SESSIONS);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        let name = file_name(place);
        let fresh = folder.join(format!(".{name}"));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&serde_json::to_vec(place)?)?;
        file.sync_all()?;
        // A reader gets the old place or the new one, never a partial file.
        let kept = folder.join(name);
        fs::rename(&fresh, &kept)?;
        let same = |of: &Place| of.session == place.session && of.role == place.role;
        let all = self.files();
        let stale = all.iter().filter(|(path, of)| same(of) && *path != kept);
        let surplus = all.iter().skip(PLACES_AT_MOST);
        for (path, _) in stale.chain(surplus) {
            remove(path)?;
        }
        Ok(())
    }

    /// The stored places, each once, newest first.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for (_, place) in self.files() {
            let same = |of: &Place| of.session == place.session && of.role == place.role;
            if !places.iter().any(same) {
                places.push(place);
            }
        }
        places
    }

    /// The place to resume: the newest of this role, or of either role. None if its session is over.
    #[must_use]
    pub fn last(&self, role: Option<Role>) -> Option<Place> {
        let places = self.places();
        let newest = |of: Role| places.iter().find(|place| place.role == of);
        let wanted = |place: &&Place| role.is_none_or(|role| role == place.role);
        let open = Role::BOTH.into_iter().filter_map(newest).filter(wanted);
        open.filter(|place| !place.over)
            .max_by_key(|place| place.used_at)
            .cloned()
    }

    /// Removes every place in a session.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn forget(&self, session: SessionId) -> io::Result<()> {
        for (path, place) in self.files() {
            if place.session == session {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Every file with a place, newest place first. Other files are skipped.
    fn files(&self) -> Vec<(PathBuf, Place)> {
        let old = OLD_FILES.map(|name| self.directory.join(name));
        // Before the first place there is no folder.
        let new = fs::read_dir(self.directory.join(SESSIONS));
        let new = new.into_iter().flatten().flatten().map(|file| file.path());
        let json = |path: &PathBuf| path.extension().is_some_and(|end| end == "json");
        let mut files: Vec<_> = new
            .filter(json)
            .chain(old)
            .filter_map(|path| Some((read(&path)?, path)))
            .map(|(place, path)| (path, place))
            .collect();
        files.sort_by_key(|(_, place)| std::cmp::Reverse((place.used_at, place.opened_at)));
        files
    }
}

fn file_name(place: &Place) -> String {
    format!("{}-{}.json", place.session, place.role.as_str())
}

/// The place in a file; none if the file has none.
fn read(path: &Path) -> Option<Place> {
    let mut place: Place = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    if place.used_at == Millis(0) {
        let written = fs::metadata(path).and_then(|meta| meta.modified());
        place.used_at = clock::millis(written.unwrap_or(SystemTime::UNIX_EPOCH));
    }
    if place.opened_at == Millis(0) {
        place.opened_at = place.used_at;
    }
    Some(place)
}

/// Removes a file that another process may have removed already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
