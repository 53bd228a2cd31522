//! The terminal: taken on entering, given back however it is left, by a panic and by a signal too.

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

/// The terminal while it is ours. Dropping this gives it back.
#[derive(Debug)]
pub(super) struct Taken(());

/// Whether this terminal was asked to report more of its keys. The panic hook must know, too.
static ENHANCED: AtomicBool = AtomicBool::new(false);

/// Whether somebody holds a key down here, and whether this terminal can report more of its keys: for
/// when it is set up again.
static HOLDS: AtomicBool = AtomicBool::new(false);
static CAN_REPORT: AtomicBool = AtomicBool::new(false);

/// How long a terminal has to take back its settings. One that is stopped takes nothing.
const GIVEN_BACK_WITHIN: Duration = Duration::from_millis(500);

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
    HOLDS.store(holds, Ordering::SeqCst);
    enable_raw_mode()?;
    let taken = Taken(());
    // One that does not say so has none: repeats are the pulse there.
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

/// Takes the terminal anew, whatever a shell has done to it meanwhile. In the background this stops the
/// process, as the system has it, until it is in the foreground.
///
/// # Errors
/// If it is gone.
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
            // Nobody waits any more if the terminal took too long.
            let _ = tell.send(());
        });
        let _ = given.recv_timeout(GIVEN_BACK_WITHIN);
    }
}

/// Gives the terminal back to whoever had it before.
pub(super) fn give_back() {
    // Whatever fails here, there is no better place to go on from.
    if ENHANCED.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), PopKeyboardEnhancementFlags);
    }
    let _ = execute!(stdout(), DisableFocusChange, Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}
