//! What the program prints on standard output, and which environment variables it ignores.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Arg, Command};

/// Writes to standard output. A closed pipe is no error, because its reader needs no more; a full disk is
/// one.
///
/// # Errors
/// The output cannot be written.
pub fn out(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let wrote = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    accepted(wrote).context("nothing could be written to standard output")
}

/// Prints the help, or the error of the command line, and returns the exit code.
#[must_use]
pub fn told(error: &clap::Error) -> ExitCode {
    let wrote = error.print().and_then(|()| io::stdout().flush());
    match accepted(wrote) {
        Err(why) if !error.use_stderr() => {
            complain(&format!(
                "nothing could be written to standard output: {why}"
            ));
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1)),
    }
}

/// Prints an error on standard error.
pub fn complain(text: &str) {
    // If standard error cannot be written, the exit code still shows the failure.
    let _ = writeln!(io::stderr(), "{text}");
}

fn accepted(wrote: io::Result<()>) -> io::Result<()> {
    match wrote {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Makes an empty environment variable count as not set.
#[must_use]
pub fn without_empty(command: Command) -> Command {
    let is_empty = |arg: &Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        value.is_some_and(|value| value.is_empty())
    };
    let heard = |arg: Arg| match is_empty(&arg) {
        true => arg.env(None::<&'static str>),
        false => arg,
    };
    command.mut_args(heard).mut_subcommands(without_empty)
}
