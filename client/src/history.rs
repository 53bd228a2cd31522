//! What is done with sessions that are over: listing, reading, exporting, verifying, notes, deleting.
//!
//! A transcript comes from its relay as JSON and is verified before anything of it is shown; the
//! other formats are made of it here, by the same code as on the relay.

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

/// Why a command was not done: for a person, and as an exit code.
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

/// What the commands have in common.
struct Desk<'a> {
    cli: &'a Cli,
    memory: Option<Memory>,
}

impl Desk<'_> {
    /// What to say.
    fn words(&self) -> &'static Words {
        words(self.cli)
    }

    /// What this device remembers.
    fn memory(&self) -> Result<&Memory, Failure> {
        self.memory
            .as_ref()
            .ok_or_else(|| Failure::new(Exit::Failed, self.words().no_folder))
    }
}

/// What to say in this device's language.
fn words(cli: &Cli) -> &'static Words {
    &crate::words::Words::of(cli.language()).past
}

/// Does one of the commands.
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
