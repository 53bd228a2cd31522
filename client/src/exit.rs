//! The exit codes of the program, and its error messages.

use std::process::ExitCode;

use crate::cli::Cli;
use crate::print::{self, complain};

/// The exit code of the program. `--help` documents the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The session ended, or the person left it.
    Ended = 0,
    /// There is no relay, or an unexpected error occurred.
    Failed = 1,
    /// The command line or the environment was wrong.
    Usage = 2,
    /// The relay refused.
    Refused = 3,
    /// Another device has this role.
    Superseded = 4,
    /// A file is valid, but not sealed.
    Unsealed = 5,
    /// The session was deleted.
    Deleted = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An invalid value in the environment. It counts as a wrong command line, but its text is in the device's
/// language.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Wrong(pub(crate) String);

impl Exit {
    /// The exit code after an error of [`run`](crate::run::run).
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        if error.is::<Wrong>() {
            Exit::Usage
        } else {
            Exit::Failed
        }
    }
}

/// Prints why a command failed.
pub(crate) fn fail(cli: &Cli, exit: Exit, text: &str) -> Exit {
    if cli.json {
        let failed = serde_json::json!({ "type": "failed", "message": text, "exit": exit as u8 });
        if let Err(error) = print::out(&format!("{failed}\n")) {
            complain(&format!("tapcue: {error}"));
        }
    } else {
        complain(text);
    }
    exit
}
