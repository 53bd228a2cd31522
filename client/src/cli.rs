//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use tapcue_shared::cue::Role;
use tapcue_shared::limits::{CHECK_IN_EVERY_MAX_S, CHECK_IN_EVERY_S};
use tapcue_shared::state::Name;

use crate::address::{DEFAULT_RELAY, Invitation, RelayAddress};

/// Both say ready; anyone can stop; silence stops.
#[derive(Debug, Parser)]
#[command(name = "tapcue", version, about, after_help = AFTER, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The relay's address [default: http://localhost:8080, or the link's]
    #[arg(long, global = true, env = "TAPCUE_RELAY", value_name = "URL")]
    pub relay: Option<RelayAddress>,
    /// Speak JSON: a line of output for every change, commands as lines of input
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open a session and show how the other device gets in
    Host(Host),
    /// Join a session by its code or its link
    Join(Join),
    /// Come back to the last session, after a crash or a closed terminal
    Resume(Resume),
}

/// Opens a session.
#[derive(Debug, Args)]
pub struct Host {
    /// Your role
    #[arg(long = "as", value_name = "ROLE")]
    pub role: RoleArg,
    /// What to call you
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
    /// Live only while the receiver holds on: a thumb on the phone's screen, or a key held down
    /// here. Letting go is a stop
    #[arg(long)]
    pub hold_to_consent: bool,
}

/// Joins a session.
#[derive(Debug, Args)]
pub struct Join {
    /// The code (K7M-2QX4R) or the link from the other device
    #[arg(value_name = "CODE|LINK")]
    pub invitation: Invitation,
    /// What to call you
    #[arg(long, value_parser = name)]
    pub name: Option<Name>,
}

/// Comes back.
#[derive(Debug, Args)]
pub struct Resume {
    /// The role to come back to, if both were on this machine
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
    /// The relay to use: the one that was named, else `other`, else the default.
    ///
    /// # Errors
    /// Never in practice: the default is an address.
    pub fn relay_or(
        &self,
        other: Option<RelayAddress>,
    ) -> Result<RelayAddress, crate::address::AddressError> {
        match self.relay.clone().or(other) {
            Some(relay) => Ok(relay),
            None => DEFAULT_RELAY.parse(),
        }
    }
}

fn name(text: &str) -> Result<Name, &'static str> {
    Name::try_from(text.to_owned())
}

const AFTER: &str = "\
Keys: space or Esc stops, on every screen; ? shows the others.

In a session with --hold-to-consent the receiver holds f or j down (the two keys with a bump), or
taps t at least every 10 seconds. Terminals that report key releases tell at once when a key is let
go (Windows Terminal, kitty, foot, Ghostty, WezTerm, Alacritty and others); on any other the key's
own repeats tell, so another key interrupts the hold and f or j must be pressed again at once.

With --json, input lines are: stop, ready, slower, more_pressure, ease_up, stay, left, right, good,
check_in, ack, thumb down|up, confirm set_up yes|no, confirm warning_signs yes|no, renew, end,
leave. When the input ends, the thumb is up.

Files: the token of the last session, readable by you alone, in the state directory of your
platform or in TAPCUE_STATE_DIR; it goes when the session ends.

Exit codes:
  0  the session ended, or you left it
  1  the relay was not reachable, or something unexpected happened
  2  the command line was wrong
  3  the relay refused: unknown code, session taken, or a token that opens nothing
  4  another device took over this role";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
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
        for bad in [
            vec!["tapcue", "host"],
            vec!["tapcue", "host", "--as", "both"],
            vec!["tapcue", "host", "--as", "helper", "--check-in", "601"],
            vec!["tapcue", "join"],
            vec!["tapcue", "join", "http://a/"],
            vec!["tapcue", "join", "K7M-2QX4R", "--relay", "https://a"],
        ] {
            assert!(Cli::try_parse_from(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
