//! Draws on a thread of its own. Only the newest model waits: a slow terminal is given the newest
//! screen, never a backlog, and nobody waits for it.

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

/// Reports that wait to be read. When full the painter waits, not its readers.
const REPORTS_AT_MOST: usize = 16;

/// What the painter reports.
#[derive(Debug)]
pub(super) enum Report {
    /// A frame is on the terminal, and these are on it.
    Painted(Vec<Shown>),
    /// The terminal is taken anew, and blank.
    Renewed,
    /// The terminal is gone.
    Failed(io::Error),
}

/// The painter.
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

/// Why the terminal is to be taken anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renew {
    /// The program is to stand still first, with the terminal given back.
    StandStill,
    /// It stood still already.
    Now,
}

/// How long before it stands still this device has to say that it is away. Where that is not enough,
/// the lost link says it.
const AWAY_WITHIN: Duration = Duration::from_millis(50);

impl Painter {
    /// Begins to paint on a terminal.
    ///
    /// # Errors
    /// If there can be no thread.
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

    /// Wants this on the screen, in place of whatever still waits. Never waits.
    pub(super) fn show(&self, app: &App) {
        self.want(|wanted| wanted.app = Some(Box::new(app.clone())));
    }

    /// Wants the bell rung. Never waits.
    pub(super) fn bell(&self) {
        self.want(|wanted| wanted.bell = true);
    }

    /// Wants the terminal taken anew. Never waits.
    pub(super) fn renew(&self, why: Renew) {
        self.want(|wanted| {
            wanted.renew = Some(why);
            wanted.app = None;
        });
    }

    /// Stops painting. The receiver of the reports must be gone by now, or be read on. A painter
    /// that is stuck in a dead terminal is left behind.
    pub(super) fn stop(self) {
        self.want(|wanted| wanted.quit = true);
        if self.thread.is_finished() {
            // A panic has been reported by the hook already.
            let _ = self.thread.join();
        }
    }

    fn want(&self, change: impl FnOnce(&mut Wanted)) {
        // Nothing in here can be left half changed.
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
            // What was wanted before it is not wanted any more.
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
    // A fresh one, for which the screen is blank.
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
    // Returns after the backend was flushed: only then is anything painted.
    terminal.draw(|frame| ids = view::draw(app, frame))?;
    Ok(Some(ids))
}
