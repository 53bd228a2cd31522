//! Completions for shells and man pages, made from the command line's own definition.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Command, Subcommand};
use clap_complete::Shell;

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
    /// Runs it for the program of this `command`.
    ///
    /// # Errors
    /// Standard output cannot be written, or the folder cannot be created or written.
    pub fn run(&self, command: Command) -> anyhow::Result<()> {
        match self {
            Manual::Completions { shell } => completions(*shell, command),
            Manual::Man { folder } => man(folder, command),
        }
    }
}

fn completions(shell: Shell, mut command: Command) -> anyhow::Result<()> {
    let name = command.get_name().to_owned();
    // The generator panics if it cannot write, and writing to memory does not fail.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    out(&String::from_utf8(text)?)
}

fn man(folder: &Path, command: Command) -> anyhow::Result<()> {
    let cannot = || format!("cannot write man pages into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(command, folder).with_context(cannot)
}
