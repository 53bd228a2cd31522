//! The commands for sessions that are over: list, read, export, verify, add notes, delete.
//!
//! A transcript comes from its relay as JSON and is verified before any of it is shown. This device makes the
//! other formats from it, with the same code as the relay.

mod ago;
mod delete;
mod export;
mod http;
mod list;
mod note;
mod pager;
mod pick;
mod read;
mod relay;
mod verify;

use crate::cli::{Cli, Past};
use crate::device::credentials::Memory;
use crate::exit::{Exit, fail};
use crate::words::Past as Words;

/// Why a command failed: a text for a person, and an exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    exit: Exit,
    text: String,
}

impl Failure {
    fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
        }
    }
}

/// The context that the commands share.
struct Desk<'a> {
    cli: &'a Cli,
    memory: Option<Memory>,
}

impl Desk<'_> {
    /// The strings to use.
    fn words(&self) -> &'static Words {
        words(self.cli)
    }

    /// The memory of this device.
    fn memory(&self) -> Result<&Memory, Failure> {
        self.memory
            .as_ref()
            .ok_or_else(|| Failure::new(Exit::Failed, self.words().no_folder))
    }
}

/// The strings in this device's language.
fn words(cli: &Cli) -> &'static Words {
    &crate::words::Words::of(cli.language()).past
}

/// Runs one of the commands.
pub(crate) async fn run(cli: &Cli, command: &Past, memory: Option<Memory>) -> Exit {
    let desk = Desk { cli, memory };
    let done = match command {
        Past::Sessions(asked) => list::run(&desk, asked).await,
        Past::Show(asked) => read::show(&desk, asked).await,
        Past::Export(asked) => export::run(&desk, asked).await,
        Past::Verify(asked) => verify::run(cli, asked).await,
        Past::Delete(asked) => delete::run(&desk, asked).await,
        Past::Note(asked) => note::run(&desk, asked).await,
    };
    done.unwrap_or_else(|failure| fail(cli, failure.exit, &failure.text))
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let failure = |error: std::io::Error| Failure::new(Exit::Failed, error.to_string());
    crate::print::out(text).map_err(failure)
}
