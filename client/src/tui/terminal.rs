//! The terminal: taken on entering, given back however it is left, by a panic and by a signal too.

use std::io::{self, Stdout, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableFocusChange, EnableFocusChange, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags,
    PushKeyboardEnhancementFlags,
};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
    supports_keyboard_enhancement,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// The terminal while it is ours. Dropping this gives it back.
#[derive(Debug)]
pub(super) struct Taken(());

/// Whether this terminal was asked to report more of its keys. The panic hook must know, too.
static ENHANCED: AtomicBool = AtomicBool::new(false);

/// All that it takes to be told of a released letter: with fewer of them a terminal sends letters as
/// text, which has no release.
const ENHANCEMENTS: KeyboardEnhancementFlags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
    .union(KeyboardEnhancementFlags::REPORT_EVENT_TYPES)
    .union(KeyboardEnhancementFlags::REPORT_ALTERNATE_KEYS)
    .union(KeyboardEnhancementFlags::REPORT_ALL_KEYS_AS_ESCAPE_CODES);

/// Takes the terminal: raw keys, the alternate screen, no cursor. If somebody `holds` a key down, also
/// its release and the loss of the focus, as far as the terminal reports them; asking it takes up to
/// 2 s where nobody answers.
///
/// # Errors
/// If there is none, or it cannot do this.
pub(super) fn take(holds: bool) -> io::Result<(Taken, Terminal<CrosstermBackend<Stdout>>)> {
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
    if holds {
        execute!(stdout(), EnableFocusChange)?;
        // One that does not say so has none: repeats are the pulse there.
        if supports_keyboard_enhancement().unwrap_or(false) {
            ENHANCED.store(true, Ordering::SeqCst);
            execute!(stdout(), PushKeyboardEnhancementFlags(ENHANCEMENTS))?;
        }
    }
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
    if ENHANCED.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), PopKeyboardEnhancementFlags);
    }
    let _ = execute!(stdout(), DisableFocusChange, Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}
