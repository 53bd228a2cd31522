//! What the relay's program says on standard output, and the environment that it listens to.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Arg, Command};

/// Writes to standard output. Whoever stopped reading has what they wanted; a disk that is full has not.
///
/// # Errors
/// The output takes nothing.
pub fn out(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let wrote = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    accepted(wrote).context("nothing could be written to standard output")
}

/// Says what the command line asked for or what is wrong with it; the exit code.
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

/// Says on standard error why nothing came of it.
pub fn complain(text: &str) {
    // Where nobody listens the exit code says it.
    let _ = writeln!(io::stderr(), "{text}");
}

fn accepted(wrote: io::Result<()>) -> io::Result<()> {
    match wrote {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// An environment variable that is empty counts as one that is not set.
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
