//! The command line.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tapcue_rules::cue::Role;
use tapcue_rules::language::Language;
use tapcue_rules::limits::{CHECK_IN_EVERY_MAX_S, CHECK_IN_EVERY_S};
use tapcue_rules::state::{Keep, Name};

use crate::device::credentials::Place;
use crate::print;
use crate::relay::address::{AddressError, Invitation, RelayAddress};
use crate::relay::tls::Trust;
use crate::words;

mod help;
mod manual;
mod past;

pub use manual::Manual;
pub use past::{Delete, Export, Format, Note, Past, Sessions, Show, Verify};

/// The default relay for commands that open or enter a session.
pub(crate) const RELAY: &str = "TAPCUE_RELAY";

/// Both say ready; anyone can stop; no answer means stop.
#[derive(Debug, Parser)]
#[command(name = "tapcue", version, about, after_help = help::after(), arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The server’s address [default: from the link or session, else the only server on this network,
    /// else http://localhost:8080]
    #[arg(long, global = true, value_name = "URL")]
    pub relay: Option<RelayAddress>,
    /// CA certificate (PEM or DER) to trust for https; no other is trusted [default: the system’s CAs]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TAPCUE_CA",
        hide_env = true
    )]
    pub ca: Option<PathBuf>,
    /// Use JSON: in a session, one line of output per change and commands as lines of input; for
    /// other commands, one object
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of the interface and of what is shown or exported [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = language())]
    pub lang: Option<Language>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open a session and show how the other device gets in
    Host(Host),
    /// Join a session by its code or its link
    Join(Join),
    /// Resume the last session after a crash or a closed terminal
    Resume(Resume),
    /// What is asked of sessions that are over.
    #[command(flatten)]
    Past(Past),
    /// Completions and man pages.
    #[command(flatten)]
    Manual(Manual),
}

/// Opens a session.
#[derive(Debug, Args)]
pub struct Host {
    /// Your role
    #[arg(long = "as", value_name = "ROLE")]
    pub role: RoleArg,
    /// Your name
    #[arg(long, value_parser = name)]
    pub name: Option<Name>,
    /// Go live without a rehearsed stop (the transcript says so)
    #[arg(long)]
    pub no_rehearsal: bool,
    /// Go live without the set-up lists (the transcript says so)
    #[arg(long)]
    pub no_setup: bool,
    /// Ask "does this feel okay?" after this many quiet seconds; 0 is off
    #[arg(long, value_name = "SECONDS", default_value_t = CHECK_IN_EVERY_S,
          value_parser = clap::value_parser!(u32).range(0..=i64::from(CHECK_IN_EVERY_MAX_S)))]
    pub check_in: u32,
    /// Live only while the receiver keeps a thumb on the phone’s screen or holds a key here. Letting
    /// go means stop
    #[arg(long)]
    pub hold_to_consent: bool,
    /// How long to keep the record after the session ends: a number of days such as 7d, or none
    #[arg(long, value_name = "DAYS", default_value = "30d", value_parser = keep)]
    pub keep: Keep,
}

/// Joins a session.
#[derive(Debug, Args)]
pub struct Join {
    /// The code (K7M-2QX4R) or the link from the other device
    #[arg(value_name = "CODE|LINK")]
    pub invitation: Invitation,
    /// Your name
    #[arg(long, value_parser = name)]
    pub name: Option<Name>,
}

/// Comes back.
#[derive(Debug, Args)]
pub struct Resume {
    /// The role to resume, if both were on this machine
    #[arg(long = "as", value_name = "ROLE")]
    pub role: Option<RoleArg>,
}

/// A role on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// The person who is worked on
    Receiver,
    /// The person who works
    Helper,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Receiver => Role::Receiver,
            RoleArg::Helper => Role::Helper,
        }
    }
}

impl Cli {
    /// Reads the arguments of this process. Help and errors are in English.
    ///
    /// # Errors
    /// The exit code, if help or an error was printed and nothing is left to do.
    pub fn of_process() -> Result<Self, ExitCode> {
        let read = without_empty(Self::command()).try_get_matches();
        let error = match read.and_then(|matches| Self::from_arg_matches(&matches)) {
            Ok(cli) => return Ok(cli),
            Err(error) => error,
        };
        let said = print::accepted(error.print().and_then(|()| std::io::stdout().flush()));
        Err(match said {
            Err(why) if !error.use_stderr() => {
                print::complain(&format!("tapcue: {why}"));
                ExitCode::FAILURE
            }
            Ok(()) | Err(_) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1)),
        })
    }

    /// The language of the interface. JSON output is always English, because programs read it.
    #[must_use]
    pub fn language(&self) -> Language {
        if self.json {
            Language::En
        } else {
            self.reading_language()
        }
    }

    /// The language of displayed or exported text. It also applies with `--json`, because a page or a text
    /// that a program requests is for people.
    #[must_use]
    pub fn reading_language(&self) -> Language {
        let asked = || words::of_environment(|name| std::env::var(name).ok());
        self.lang.unwrap_or_else(asked)
    }

    /// The relay for entering a session: the one given here or in the environment, else `other`. None if
    /// neither exists.
    ///
    /// # Errors
    /// The value in the environment is not a valid address.
    pub fn relay_or(
        &self,
        other: Option<RelayAddress>,
    ) -> Result<Option<RelayAddress>, AddressError> {
        let set = || std::env::var(RELAY).ok().filter(|set| !set.is_empty());
        match (self.relay.clone(), set(), other) {
            (Some(relay), ..) | (None, None, Some(relay)) => Ok(Some(relay)),
            (None, Some(set), _) => set.parse().map(Some),
            (None, None, None) => Ok(None),
        }
    }
}

impl Cli {
    /// Which authority to trust: the one given here, else the one stored with the place in the session, else
    /// the system's.
    #[must_use]
    pub fn trust(&self, place: Option<&Place>) -> Trust {
        let kept = place.and_then(|place| place.ca.clone());
        Trust::in_file(self.ca.clone().or(kept))
    }
}

/// Treats an empty environment variable as unset.
fn without_empty(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &clap::Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        value.is_some_and(|value| value.is_empty())
    };
    let heard = |arg: clap::Arg| match is_empty(&arg) {
        true => arg.env(None::<&'static str>),
        false => arg,
    };
    command.mut_args(heard).mut_subcommands(without_empty)
}

fn language() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::code))
        .try_map(|code| Language::of_code(&code).ok_or("none of the languages"))
}

fn name(text: &str) -> Result<Name, &'static str> {
    Name::try_from(text.to_owned())
}

fn keep(text: &str) -> Result<Keep, &'static str> {
    Keep::try_from(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_read() {
        let cli = Cli::parse_from([
            "tapcue",
            "host",
            "--as",
            "helper",
            "--check-in",
            "0",
            "--no-setup",
            "--hold-to-consent",
            "--json",
            "--relay",
            "10.0.0.2:9000",
        ]);
        assert!(cli.json);
        assert_eq!(
            cli.relay.as_ref().map(RelayAddress::http),
            Some("http://10.0.0.2:9000".into())
        );
        let Command::Host(host) = cli.command else {
            panic!("not host");
        };
        assert_eq!(host.role, RoleArg::Helper);
        assert!(host.hold_to_consent);
        assert_eq!(
            (host.check_in, host.no_setup, host.no_rehearsal),
            (0, true, false)
        );
        assert_eq!(host.keep, Keep::default());
        let cli = Cli::parse_from(["tapcue", "host", "--as", "helper", "--keep", "none"]);
        assert!(matches!(cli.command, Command::Host(host) if host.keep.days() == 0));
        for bad in [
            vec!["tapcue", "host"],
            vec!["tapcue", "host", "--as", "both"],
            vec!["tapcue", "host", "--as", "helper", "--check-in", "601"],
            vec!["tapcue", "host", "--as", "helper", "--keep", "366d"],
            vec!["tapcue", "join"],
            vec!["tapcue", "join", "http://a/"],
            vec!["tapcue", "join", "K7M-2QX4R", "--relay", "ftp://a"],
            vec!["tapcue", "export", "--format", "pdf"],
            vec!["tapcue", "verify"],
            vec!["tapcue", "verify", "f", "--key", "abc"],
            vec!["tapcue", "note", "1"],
            vec!["tapcue", "note", "1", "x", "--about", "0"],
        ] {
            assert!(Cli::try_parse_from(bad.clone()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_commands_for_afterwards_are_read() {
        let key = "197F6B23E16C8532C6ABC838FACD5EA789BE0C76B2920334039BFA8B3D368D61";
        let cli = Cli::parse_from(["tapcue", "verify", "f.json", "--key", key]);
        let Command::Past(Past::Verify(verify)) = cli.command else {
            panic!("not verify");
        };
        let is = verify.key.map(|key| key.to_string());
        assert_eq!(is, Some(key.to_lowercase()));
        let cli = Cli::parse_from(["tapcue", "note", "2", "--about", "7"]);
        let Command::Past(Past::Note(note)) = cli.command else {
            panic!("not note");
        };
        assert_eq!((note.text, note.about), (None, Some(7)));
        let cli = Cli::parse_from(["tapcue", "export", "--format", "html", "-o", "-"]);
        let Command::Past(Past::Export(export)) = cli.command else {
            panic!("not export");
        };
        assert_eq!(export.format, Format::Html);
    }
}
