//! Prints to standard output and standard error.

use std::io::{self, Write};

/// Writes to standard output. A reader that closed the pipe is not an error; a full disk is.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    accepted(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Treats a closed pipe as success, because the reader wants no more.
pub(crate) fn accepted(wrote: io::Result<()>) -> io::Result<()> {
    match wrote {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a line to standard error.
pub fn complain(text: &str) {
    ask(&format!("{text}\n"));
}

/// Writes to standard error, without adding a line break.
pub(crate) fn ask(text: &str) {
    // If standard error is closed, the exit code reports the failure.
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
