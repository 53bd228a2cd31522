//! Shell completions and man pages, generated from the command line's own definition, in English.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Command, CommandFactory as _, Subcommand};
use clap_complete::Shell;

use super::Cli;
use crate::print::out;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Manual {
    /// Print the completions of a shell for this command line
    Completions {
        /// The shell that reads them
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Write the man pages into a folder
    Man {
        /// The folder for the pages. Made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

impl Manual {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output cannot be written, or the folder cannot be created or written.
    pub fn run(&self) -> anyhow::Result<()> {
        match self {
            Manual::Completions { shell } => completions(*shell, Cli::command()),
            Manual::Man { folder } => man(folder, Cli::command()),
        }
    }
}

fn completions(shell: Shell, mut command: Command) -> anyhow::Result<()> {
    let name = command.get_name().to_owned();
    // The generator panics if it cannot write. Writing to memory always succeeds.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    out(&String::from_utf8(text)?).context("cannot write the completions")
}

fn man(folder: &Path, command: Command) -> anyhow::Result<()> {
    let cannot = || format!("cannot write man pages into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(command, folder).with_context(cannot)
}
