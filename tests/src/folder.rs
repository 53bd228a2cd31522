//! Temporary folders of a test, with a name that shows their owner.

use std::path::PathBuf;

use tempfile::TempDir;

/// Creates a temporary folder, which is removed when it is dropped.
///
/// # Panics
/// When it cannot be created.
#[must_use]
pub fn folder() -> TempDir {
    let named = tempfile::Builder::new().prefix("tapcue-tests-").tempdir();
    named.expect("a folder of its own")
}

/// The target folder that this program was built into. A run keeps its results there.
///
/// # Panics
/// When the path of this program is unknown.
#[must_use]
pub fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this test");
    // TARGET/PROFILE/deps/test-HASH, or TARGET/PROFILE/program
    let mut folders = program.ancestors().skip(1);
    let profile = folders.find(|folder| !folder.ends_with("deps"));
    let folder = profile.and_then(|profile| profile.parent());
    folder.expect("the target folder").to_owned()
}
