//! Shows a long text page by page, with the user's pager, as other commands do.

use std::io::{IsTerminal, Write as _};
use std::process::{Command, Stdio};

use super::{Failure, print};

/// The options for `less` if the user set none: exit at once if everything fits, and leave the text on the
/// screen.
const LESS: &str = "FX";

/// Prints a text. If it does not fit on the terminal, the pager shows it from its beginning: `$PAGER`, or
/// else `less`. An empty value or `cat` means no pager.
pub(super) fn lay_out(text: &str) -> Result<(), Failure> {
    let terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    let size = terminal.then(crossterm::terminal::size);
    let rows = size.and_then(Result::ok).map(|(_, rows)| usize::from(rows));
    let long = rows.is_some_and(|rows| text.lines().count() >= rows);
    let pager = std::env::var("PAGER").unwrap_or_else(|_| "less".into());
    let pager = command(&pager).filter(|_| long);
    if pager.is_some_and(|pager| paged(pager, text)) {
        Ok(())
    } else {
        print(text)
    }
}

/// The pager command in this value, if it has one.
fn command(pager: &str) -> Option<Command> {
    let mut words = pager.split_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words);
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    Some(command)
}

/// Whether the pager showed it. False if it could not be started.
fn paged(mut command: Command, text: &str) -> bool {
    let Ok(mut pager) = command.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    if let Some(mut input) = pager.stdin.take() {
        // A user who leaves the pager early has read enough.
        let _ = input.write_all(text.as_bytes());
    }
    pager.wait().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_is_named_with_its_options_and_none_means_none() {
        let named = |pager| command(pager).map(|command| format!("{command:?}"));
        assert!(named("less -S").is_some_and(|line| line.ends_with("\"less\" \"-S\"")));
        assert_eq!((named(""), named(" "), named("cat")), (None, None, None));
    }

    #[test]
    fn what_no_pager_shows_is_printed() {
        let absent = Command::new("/nonexistent/pager");
        assert!(!paged(absent, "text"));
    }
}
