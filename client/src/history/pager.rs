//! Lays a long text before people page by page: with the pager they have, as other commands do.

use std::io::{IsTerminal, Write as _};
use std::process::{Command, Stdio};

use super::{Failure, print};

/// What is asked of `less` if nobody said otherwise: end at once if all fits, and leave what was shown
/// on the screen.
const LESS: &str = "FX";

/// Prints a text. On a terminal that it does not fit in, the pager shows it from its beginning:
/// `$PAGER`, or else `less`. Empty or `cat` means none.
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

/// The pager that these words name, if they name one.
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

/// Whether a pager showed it. One that is not there did not.
fn paged(mut command: Command, text: &str) -> bool {
    let Ok(mut pager) = command.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    if let Some(mut input) = pager.stdin.take() {
        // Whoever leaves the pager early has read enough.
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
