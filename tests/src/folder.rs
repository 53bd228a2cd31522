//! Folders of a test's own, with a name that says whose they are.

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
