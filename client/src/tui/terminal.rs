//! The terminal: taken on entering, given back however it is left, by a panic and by a signal too.

use std::io::{self, Stdout, stdout};
use std::sync::Once;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// The terminal while it is ours. Dropping this gives it back.
#[derive(Debug)]
pub(super) struct Taken(());

/// Takes the terminal: raw keys, the alternate screen, no cursor.
///
/// # Errors
/// If there is none, or it cannot do this.
pub(super) fn take() -> io::Result<(Taken, Terminal<CrosstermBackend<Stdout>>)> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
    });
    enable_raw_mode()?;
    let taken = Taken(());
    execute!(stdout(), EnterAlternateScreen, Hide, SetTitle("Tapcue"))?;
    let terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    Ok((taken, terminal))
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    // Whatever fails here, there is no better place to go on from.
    let _ = execute!(stdout(), Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}
