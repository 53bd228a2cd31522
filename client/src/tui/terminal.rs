//! The terminal: set up at the start, and restored at every exit, also after a panic or a signal.

use std::io::{self, Stdout, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableFocusChange, EnableFocusChange, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags,
    PushKeyboardEnhancementFlags,
};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode,
    enable_raw_mode, supports_keyboard_enhancement,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// The terminal while this program uses it. Dropping this restores it.
#[derive(Debug)]
pub(super) struct Taken(());

/// Whether this terminal was asked to report more of its keys. The panic hook needs to know it too.
static ENHANCED: AtomicBool = AtomicBool::new(false);

/// Whether a person holds a key down here, and whether this terminal can report more of its keys. Both are
/// needed when it is set up again.
static HOLDS: AtomicBool = AtomicBool::new(false);
static CAN_REPORT: AtomicBool = AtomicBool::new(false);

/// How long restoring the terminal may take. A stopped terminal accepts nothing.
const GIVEN_BACK_WITHIN: Duration = Duration::from_millis(500);

/// Every option that is needed to receive the release of a letter. With fewer of them a terminal sends
/// letters as text, which has no release.
const ENHANCEMENTS: KeyboardEnhancementFlags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
    .union(KeyboardEnhancementFlags::REPORT_EVENT_TYPES)
    .union(KeyboardEnhancementFlags::REPORT_ALTERNATE_KEYS)
    .union(KeyboardEnhancementFlags::REPORT_ALL_KEYS_AS_ESCAPE_CODES);

/// Sets up the terminal: raw keys, the alternate screen, no cursor. If a person `holds` a key down, it also
/// asks for releases and the loss of focus, as far as the terminal reports them. A terminal that does not
/// answer delays this by up to 2 s.
///
/// # Errors
/// There is no terminal, or it does not support this.
pub(super) fn take(holds: bool) -> io::Result<(Taken, Terminal<CrosstermBackend<Stdout>>)> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
    });
    HOLDS.store(holds, Ordering::SeqCst);
    enable_raw_mode()?;
    let taken = Taken(());
    // A terminal that does not report support has none. There, repeats are the heartbeat.
    let can_report = holds && supports_keyboard_enhancement().unwrap_or(false);
    CAN_REPORT.store(can_report, Ordering::SeqCst);
    set_up()?;
    let terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    Ok((taken, terminal))
}

fn set_up() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, Hide, SetTitle("Tapcue"))?;
    if HOLDS.load(Ordering::SeqCst) {
        execute!(stdout(), EnableFocusChange)?;
    }
    if CAN_REPORT.load(Ordering::SeqCst) {
        ENHANCED.store(true, Ordering::SeqCst);
        execute!(stdout(), PushKeyboardEnhancementFlags(ENHANCEMENTS))?;
    }
    Ok(())
}

/// Sets up the terminal again, whatever a shell has changed. In the background, the system stops the process
/// here until it is in the foreground.
///
/// # Errors
/// The terminal is lost.
pub(super) fn take_again() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    give_back();
    set_up()?;
    execute!(stdout(), Clear(ClearType::All))?;
    Terminal::new(CrosstermBackend::new(stdout()))
}

impl Drop for Taken {
    fn drop(&mut self) {
        let (tell, given) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            give_back();
            // The receiver is gone if the terminal took too long.
            let _ = tell.send(());
        });
        let _ = given.recv_timeout(GIVEN_BACK_WITHIN);
    }
}

/// Restores the terminal for the program that had it before.
pub(super) fn give_back() {
    // Errors are ignored here, because no further action is possible.
    if ENHANCED.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), PopKeyboardEnhancementFlags);
    }
    let _ = execute!(stdout(), DisableFocusChange, Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}
