//! A wall clock that a test sets: the relay runs with libfaketime. The monotonic clock stays correct.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::folder::folder;

/// The wall clock of the relays that are started with it.
#[derive(Debug)]
pub struct WallClock {
    folder: TempDir,
}

impl WallClock {
    /// Creates a clock that shows the true time.
    #[must_use]
    pub fn right() -> Self {
        let clock = Self { folder: folder() };
        clock.set("+0");
        clock
    }

    /// Sets the clock to this offset from the true time, such as `+1d` or `-1d`.
    ///
    /// # Panics
    /// When the offset cannot be written.
    pub fn set(&self, off: &str) {
        // The file is replaced in one step, because the relay may read it at any moment.
        let new = self.folder.path().join("new");
        fs::write(&new, off).expect("the new time");
        fs::rename(new, self.file()).expect("the new time in place");
    }

    /// The environment variables of a relay that uses this clock.
    ///
    /// # Panics
    /// When this machine has no libfaketime.
    #[must_use]
    pub fn envs(&self) -> [(&'static str, String); 5] {
        let libraries = fs::read_dir("/usr/lib").expect("/usr/lib");
        let mut libraries = libraries.map(|of| {
            let folder = of.expect("a folder").path();
            folder.join("faketime/libfaketimeMT.so.1")
        });
        let library = libraries.find(|path| path.exists());
        let library = library.expect("libfaketime (Debian: the package faketime)");
        [
            ("LD_PRELOAD", library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("time")
    }
}
