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

/// The target folder that this test was built into: what a run leaves to be looked at goes there.
///
/// # Panics
/// When the test does not know where it is itself.
#[must_use]
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().nth(3).expect("the target folder");
    folder.to_owned()
}
