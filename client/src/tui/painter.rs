//! Draws on its own thread. Only the newest model waits, so a slow terminal gets the newest screen, never a
//! backlog, and no other task waits for it.

use std::io::{self, Stdout, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::app::{App, Shown};
use super::view;
use crate::signals::stand_still;

/// The maximum number of reports that wait to be read. When it is reached, the painter waits.
const REPORTS_AT_MOST: usize = 16;

/// A report of the painter.
#[derive(Debug)]
pub(super) enum Report {
    /// A frame is on the terminal, with these items.
    Painted(Vec<Shown>),
    /// The terminal was set up again and is blank.
    Renewed,
    /// The terminal is gone.
    Failed(io::Error),
}

#[derive(Debug)]
pub(super) struct Painter {
    slot: Arc<Slot>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Slot {
    wanted: Mutex<Wanted>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    app: Option<Box<App>>,
    bell: bool,
    renew: Option<Renew>,
    quit: bool,
}

/// How to set up the terminal again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renew {
    /// Give the terminal back and suspend the program first.
    StandStill,
    /// The program was suspended before.
    Now,
}

/// How long this device has to report that it is away before the program is suspended. If that is too short,
/// the other device sees a lost link.
const AWAY_WITHIN: Duration = Duration::from_millis(50);

impl Painter {
    /// Starts to paint on a terminal.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(super) fn start(
        terminal: Terminal<CrosstermBackend<Stdout>>,
    ) -> io::Result<(Self, mpsc::Receiver<Report>)> {
        let (tell, reports) = mpsc::channel(REPORTS_AT_MOST);
        let slot = Arc::new(Slot::default());
        let thread = std::thread::Builder::new().name("painter".into()).spawn({
            let slot = Arc::clone(&slot);
            move || paint(&slot, terminal, &tell)
        })?;
        Ok((Self { slot, thread }, reports))
    }

    /// Requests this screen, in place of any that still waits. Never waits.
    pub(super) fn show(&self, app: &App) {
        self.want(|wanted| wanted.app = Some(Box::new(app.clone())));
    }

    /// Requests a ring of the bell. Never waits.
    pub(super) fn bell(&self) {
        self.want(|wanted| wanted.bell = true);
    }

    /// Requests that the terminal is set up again. Never waits.
    pub(super) fn renew(&self, why: Renew) {
        self.want(|wanted| {
            wanted.renew = Some(why);
            wanted.app = None;
        });
    }

    /// Stops painting. The receiver of the reports must be dropped before, or still be read. A painter that
    /// is stuck in a dead terminal is abandoned.
    pub(super) fn stop(self) {
        self.want(|wanted| wanted.quit = true);
        if self.thread.is_finished() {
            // The panic hook has already reported a panic.
            let _ = self.thread.join();
        }
    }

    fn want(&self, change: impl FnOnce(&mut Wanted)) {
        // A panic cannot leave this value half changed.
        let mut wanted = self
            .slot
            .wanted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut wanted);
        self.slot.wake.notify_one();
    }
}

fn paint(
    slot: &Slot,
    mut terminal: Terminal<CrosstermBackend<Stdout>>,
    tell: &mpsc::Sender<Report>,
) {
    loop {
        let wanted = next(slot);
        if wanted.quit {
            return;
        }
        if let Some(why) = wanted.renew {
            let renewed = match renew(&mut terminal, why) {
                Ok(()) => Report::Renewed,
                Err(error) => Report::Failed(error),
            };
            let failed = matches!(renewed, Report::Failed(_));
            if tell.blocking_send(renewed).is_err() || failed {
                return;
            }
            // Earlier requests no longer count.
            continue;
        }
        let report = match paint_one(&mut terminal, &wanted) {
            Ok(None) => continue,
            Ok(Some(ids)) => Report::Painted(ids),
            Err(error) => Report::Failed(error),
        };
        let failed = matches!(report, Report::Failed(_));
        if tell.blocking_send(report).is_err() || failed {
            return;
        }
    }
}

fn renew(terminal: &mut Terminal<CrosstermBackend<Stdout>>, why: Renew) -> io::Result<()> {
    if why == Renew::StandStill {
        std::thread::sleep(AWAY_WITHIN);
        super::terminal::give_back();
        stand_still();
    }
    // A new terminal value treats the screen as blank.
    *terminal = super::terminal::take_again()?;
    Ok(())
}

fn next(slot: &Slot) -> Wanted {
    let wanted = slot.wanted.lock().unwrap_or_else(PoisonError::into_inner);
    let idle = |wanted: &mut Wanted| {
        wanted.app.is_none() && !wanted.bell && wanted.renew.is_none() && !wanted.quit
    };
    let mut wanted = slot
        .wake
        .wait_while(wanted, idle)
        .unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *wanted)
}

fn paint_one(
    terminal: &mut Terminal<CrosstermBackend<Stdout>>,
    wanted: &Wanted,
) -> io::Result<Option<Vec<Shown>>> {
    if wanted.bell {
        let out = terminal.backend_mut();
        out.write_all(b"\x07")?;
        Write::flush(out)?;
    }
    let Some(app) = &wanted.app else {
        return Ok(None);
    };
    let mut ids = Vec::new();
    // This returns after the backend was flushed. Only then is anything painted.
    terminal.draw(|frame| ids = view::draw(app, frame))?;
    Ok(Some(ids))
}
