//! How the program ends, and how it says why a command was not done.

use std::process::ExitCode;

use crate::cli::Cli;
use crate::print::{self, complain};

/// How the program ends. The numbers are documented in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The session ended, or was left.
    Ended = 0,
    /// No relay, or something unexpected.
    Failed = 1,
    /// The command line was wrong, or the environment.
    Usage = 2,
    /// The relay refused.
    Refused = 3,
    /// Another device has this role.
    Superseded = 4,
    /// A file is sound, but not sealed.
    Unsealed = 5,
    /// The session was deleted.
    Deleted = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// What the environment asks for cannot be: as wrong as a command line, and told in words of the
/// device's language.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Wrong(pub(crate) String);

impl Exit {
    /// How the program ends after an error of [`run`](crate::run::run).
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        if error.is::<Wrong>() {
            Exit::Usage
        } else {
            Exit::Failed
        }
    }
}

/// Says why a command was not done.
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
