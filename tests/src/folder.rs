//! Folders of a test's own, with a name that says whose they are.

use std::path::PathBuf;

use tempfile::TempDir;

/// A fresh folder, removed when it is dropped.
///
/// # Panics
/// When there can be none.
#[must_use]
pub fn folder() -> TempDir {
    let named = tempfile::Builder::new().prefix("tapcue-tests-").tempdir();
    named.expect("a folder of its own")
}

/// The target folder that this program was built into: what a run leaves to be looked at goes there.
///
/// # Panics
/// When the program does not know where it is itself.
#[must_use]
pub fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this test");
    // TARGET/PROFILE/deps/test-HASH, or TARGET/PROFILE/program
    let mut folders = program.ancestors().skip(1);
    let profile = folders.find(|folder| !folder.ends_with("deps"));
    let folder = profile.and_then(|profile| profile.parent());
    folder.expect("the target folder").to_owned()
}
