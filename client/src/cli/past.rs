//! The commands for sessions that are over.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tapcue_transcript::PublicKey;

use super::RoleArg;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Past {
    /// List the sessions that this device remembers, the newest first
    Sessions(Sessions),
    /// Read a session: figures, timeline, every cue and what became of it
    Show(Show),
    /// Write a session to a file
    Export(Export),
    /// Check that an exported file is complete, in order, unchanged and signed
    Verify(Verify),
    /// Permanently delete a session for both people
    Delete(Delete),
    /// Add a note to a session that is over: private, unless it is shared
    Note(Note),
}

/// Lists the sessions that this device remembers.
#[derive(Debug, Args)]
pub struct Sessions {
    /// Ask each session’s server whether it still has the record
    #[arg(long)]
    pub check: bool,
}

/// Shows a transcript.
#[derive(Debug, Args)]
pub struct Show {
    /// The session (its number in the list, its ID, or the start of its ID), or an exported JSON file
    /// [default: the newest session]
    #[arg(value_name = "SESSION|FILE")]
    pub what: Option<String>,
    /// Your role in it, if both were on this machine
    #[arg(long = "as", value_name = "ROLE")]
    pub role: Option<RoleArg>,
}

/// Writes a transcript to a file.
#[derive(Debug, Args)]
pub struct Export {
    /// The session (its number in the list, its ID, or the start of its ID), or an exported JSON file
    /// [default: the newest session]
    #[arg(value_name = "SESSION|FILE")]
    pub what: Option<String>,
    /// Your role in it, if both were on this machine
    #[arg(long = "as", value_name = "ROLE")]
    pub role: Option<RoleArg>,
    /// What to write. Only JSON can be verified
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub format: Format,
    /// Where to write it; - is standard output [default: tapcue-ID.FORMAT in this folder]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
}

/// The formats of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Everything, with the chain and the seals: the one that can be verified.
    Json,
    /// A row for each entry, for spreadsheets.
    Csv,
    /// A page to read or to print.
    Html,
    /// Plain text.
    Text,
}

impl Format {
    /// The file extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Html => "html",
            Format::Text => "txt",
        }
    }
}

/// Verifies an exported file.
#[derive(Debug, Args)]
pub struct Verify {
    /// The file, in JSON; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The key that must have signed it (64 hex digits); or use --relay for that server’s key
    #[arg(long, value_name = "HEX", value_parser = key)]
    pub key: Option<PublicKey>,
}

/// Deletes a session.
#[derive(Debug, Args)]
pub struct Delete {
    /// The session: its number in the list, its ID, or the start of its ID
    #[arg(value_name = "SESSION")]
    pub session: Option<String>,
    /// Your role in it, if both were on this machine
    #[arg(long = "as", value_name = "ROLE")]
    pub role: Option<RoleArg>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Only remove it from this device: the server keeps it, and this device loses access for good
    #[arg(long)]
    pub only_here: bool,
}

/// Adds a note to a session.
#[derive(Debug, Args)]
pub struct Note {
    /// The session: its number in the list, its ID, or the start of its ID
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// The note’s text. Optional with --about, which then only marks the entry
    #[arg(value_name = "TEXT", required_unless_present = "about")]
    pub text: Option<String>,
    /// Let the other person read it too
    #[arg(long)]
    pub shared: bool,
    /// The number of the entry that it is about
    #[arg(long, value_name = "ENTRY", value_parser = clap::value_parser!(u64).range(1..))]
    pub about: Option<u64>,
    /// Your role in it, if both were on this machine
    #[arg(long = "as", value_name = "ROLE")]
    pub role: Option<RoleArg>,
}

fn key(text: &str) -> Result<PublicKey, &'static str> {
    PublicKey::try_from(text.trim().to_ascii_lowercase())
}
