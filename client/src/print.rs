//! What is said on standard output and standard error.

use std::io::{self, Write};

/// Writes to standard output. Whoever stopped reading has what they wanted; a disk that is full has not.
///
/// # Errors
/// The output takes nothing.
pub(crate) fn out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    accepted(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Whether what was written is no trouble: done, or no longer wanted.
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

/// Writes to standard error, as it is.
pub(crate) fn ask(text: &str) {
    // Where nobody listens the exit code says it.
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
