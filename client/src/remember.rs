//! The token of the last session in each role, kept so that a closed terminal can come back.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tapcue_shared::cue::Role;
use tapcue_shared::ids::SessionId;
use tapcue_shared::message::Secret;

/// Where to keep it instead of the platform's own directory.
pub const STATE_DIR: &str = "TAPCUE_STATE_DIR";

/// A place in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The relay's address.
    pub relay: String,
    /// Which session.
    pub session: SessionId,
    /// Which role.
    pub role: Role,
    /// What opens it.
    pub token: Secret,
}

/// The directory in which places are kept, readable by their owner only.
#[derive(Clone, Debug)]
pub struct Memory {
    directory: PathBuf,
}

impl Memory {
    /// The directory of this user: `TAPCUE_STATE_DIR`, or the platform's. None if there is neither.
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

    /// A memory in this directory.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Keeps a place, instead of the last one in the same role.
    ///
    /// # Errors
    /// If the directory cannot be written.
    pub fn keep(&self, place: &Place) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.directory)?;
        let fresh = self
            .directory
            .join(format!(".{}-{}", file_name(place.role), place.session));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&serde_json::to_vec(place)?)?;
        file.sync_all()?;
        // A reader sees the old place or the new one, never half of one.
        fs::rename(&fresh, self.file(place.role))
    }

    /// The last place in this role, or the newest of both.
    #[must_use]
    pub fn last(&self, role: Option<Role>) -> Option<Place> {
        let written = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let roles = Role::BOTH
            .into_iter()
            .filter(|r| role.is_none_or(|role| role == *r));
        let mut files: Vec<_> = roles
            .map(|role| self.file(role))
            .filter_map(|path| Some((written(&path)?, path)))
            .collect();
        files.sort();
        let places = files.iter().rev();
        places
            .filter_map(|(_, path)| serde_json::from_slice(&fs::read(path).ok()?).ok())
            .next()
    }

    /// Forgets a place, if it is still the last one in its role.
    ///
    /// # Errors
    /// If it is there and cannot be removed.
    pub fn forget(&self, place: &Place) -> io::Result<()> {
        let kept = self.last(Some(place.role));
        if kept.is_some_and(|kept| kept.session == place.session) {
            fs::remove_file(self.file(place.role))?;
        }
        Ok(())
    }

    fn file(&self, role: Role) -> PathBuf {
        self.directory.join(file_name(role))
    }
}

fn file_name(role: Role) -> &'static str {
    match role {
        Role::Receiver => "last-receiver.json",
        Role::Helper => "last-helper.json",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(role: Role) -> Place {
        Place {
            relay: "http://localhost:8080".into(),
            session: SessionId(uuid::Uuid::now_v7()),
            role,
            token: Secret("planted".into()),
        }
    }

    fn memory(name: &str) -> Memory {
        let unique = format!("tapcue-{name}-{}", uuid::Uuid::now_v7());
        Memory::in_directory(std::env::temp_dir().join(unique))
    }

    #[test]
    fn a_place_is_kept_for_each_role_and_forgotten_once() {
        let memory = memory("places");
        assert_eq!(memory.last(None), None);
        let (receiver, helper) = (place(Role::Receiver), place(Role::Helper));
        memory.keep(&receiver).unwrap();
        memory.keep(&helper).unwrap();
        assert_eq!(memory.last(Some(Role::Receiver)), Some(receiver.clone()));
        assert_eq!(memory.last(Some(Role::Helper)), Some(helper.clone()));
        memory.forget(&place(Role::Receiver)).unwrap();
        assert_eq!(memory.last(Some(Role::Receiver)), Some(receiver.clone()));
        memory.forget(&receiver).unwrap();
        assert_eq!(memory.last(None), Some(helper));
        fs::remove_dir_all(&memory.directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let memory = memory("modes");
        memory.keep(&place(Role::Helper)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&memory.directory), 0o700);
        assert_eq!(mode(&memory.file(Role::Helper)), 0o600);
        fs::remove_dir_all(&memory.directory).unwrap();
    }

    #[test]
    fn a_damaged_file_is_no_place() {
        let memory = memory("damaged");
        memory.keep(&place(Role::Helper)).unwrap();
        fs::write(memory.file(Role::Helper), b"{").unwrap();
        assert_eq!(memory.last(None), None);
        fs::remove_dir_all(&memory.directory).unwrap();
    }
}
