//! The origin of each setting, and the list of all settings for the operator.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory as _, Subcommand};

use super::{Config, Flags, Settings};
use crate::print::out;
use crate::tls::{Mode, Names, Tls};

/// The width of a printed setting before its origin, in characters.
const SETTING_WIDTH: usize = 44;

/// What can be asked of the settings.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the relay could start with these flags, this environment and this file.
    Check,
    /// Print every setting, as a TOML file, and where its value came from.
    Print,
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// A setting is not allowed; the text names it, its value and the allowed values.
    pub fn run(&self, flags: Flags, given: Given) -> anyhow::Result<()> {
        let settings = Settings::read(flags, given)?;
        let config = settings.decide()?;
        match self {
            Command::Check => {
                check(&config)?;
                out("The configuration is right.\n")
            }
            Command::Print => out(&settings.text()?),
        }
    }
}

/// Checks the files that settings name. The relay's own authority is only opened when the relay starts.
fn check(config: &Config) -> anyhow::Result<()> {
    if let Mode::Files { .. } = config.tls {
        let names = Names::here(config.listen.ip(), config.public_url.as_deref());
        Tls::open(&config.tls, &config.data, &names)?;
    }
    Ok(())
}

/// The settings that the command line and the environment set, with their origins.
#[derive(Clone, Debug, Default)]
pub struct Given(HashMap<String, String>);

impl Given {
    /// The settings among the arguments of a command line.
    #[must_use]
    pub fn of(matches: &ArgMatches) -> Self {
        let origin = |arg: &Arg| {
            let key = arg.get_long()?;
            let source = matches.value_source(arg.get_id().as_str())?;
            let origin = if source == ValueSource::CommandLine {
                format!("flag --{key}")
            } else if source == ValueSource::EnvVariable {
                format!("environment {}", arg.get_env()?.display())
            } else {
                return None;
            };
            Some((key.to_owned(), origin))
        };
        Self(
            Flags::command()
                .get_arguments()
                .filter_map(origin)
                .collect(),
        )
    }
}

impl Settings {
    /// Where a setting's value came from.
    pub(super) fn origin(&self, key: &str) -> String {
        if let Some(given) = self.given.0.get(key) {
            return given.clone();
        }
        match &self.file {
            Some((path, table)) if table.contains_key(key) => format!("file {}", path.display()),
            Some(_) | None => "default".into(),
        }
    }

    /// An error for a setting whose value is not allowed.
    pub(super) fn refused(
        &self,
        key: &str,
        value: impl std::fmt::Display,
        allowed: &str,
    ) -> anyhow::Error {
        let origin = self.origin(key);
        anyhow::anyhow!("{key} = {value} ({origin}) is not allowed: {allowed}")
    }

    /// All settings as a TOML file, each with its origin.
    fn text(&self) -> anyhow::Result<String> {
        let table = toml::Table::try_from(&self.all).context("the settings cannot be printed")?;
        let mut text = String::new();
        let command = Flags::command();
        let keys = command.get_arguments().filter_map(Arg::get_long);
        for key in keys.filter(|key| *key != "config") {
            let line = match table.get(key) {
                Some(value) => {
                    let setting = format!("{key} = {value}");
                    format!("{setting:SETTING_WIDTH$} # {}", self.origin(key))
                }
                None => format!("# {key} is not set"),
            };
            // Writing to memory does not fail.
            let _ = writeln!(text, "{line}");
        }
        Ok(text)
    }
}

/// An error for an invalid file, with the allowed values if one setting is the cause.
pub(super) fn not_right(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let why = error.to_string();
    let mut said = format!(
        "the configuration {} is not right: {}",
        path.display(),
        why.trim_end()
    );
    if let Some(help) = error.span().and_then(|span| help_at(text, span.start)) {
        let _ = write!(said, "\nallowed: {help}");
    }
    anyhow::anyhow!(said)
}

/// The help text of the setting whose line contains this position of a file.
fn help_at(text: &str, at: usize) -> Option<String> {
    let line = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let key = text.get(line..)?.split('=').next()?.trim();
    let command = Flags::command();
    let arg = command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(key))?;
    arg.get_help().map(ToString::to_string)
}
