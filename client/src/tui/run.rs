//! The loop of the terminal client: keys and snapshots in, acts out, the painter told last.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tapcue_shared::cue::Role;
use tapcue_shared::limits::LOST_AFTER_MS;
use tapcue_shared::time::Millis;
use tokio::time::MissedTickBehavior;

use super::app::{Act, App, Leave, Shown};
use super::input;
use super::painter::{Painter, Report};
use super::terminal;
use crate::driver::{Device, sleep_until};
use crate::signals::Signals;
use crate::snapshot::Snapshot;
use tapcue_shared::language::Language;

/// How often ages and countdowns are drawn anew. A tenth of the link timeout, so that a screen
/// leaves green in time even if nothing else wakes it.
const REDRAW_EVERY: Duration = Duration::from_millis(LOST_AFTER_MS / 10);

/// A frame that the terminal has not taken for this long, in milliseconds, makes this screen a
/// hidden one: the same time that makes a link a lost one.
const FROZEN_AFTER_MS: u64 = LOST_AFTER_MS;

/// Shows the session until it is left.
///
/// # Errors
/// If there is no terminal, or it goes away.
pub async fn run(device: &Device, relay: String, language: Language) -> io::Result<Leave> {
    let mut signals = Signals::listen()?;
    let holds = holds_on(&device.snapshots().borrow());
    let (_taken, terminal) = terminal::take(holds)?;
    let (painter, mut reports) = Painter::start(terminal)?;
    let mut keys = EventStream::new();
    let mut snapshots = device.snapshots();
    let mut redraw = tokio::time::interval(REDRAW_EVERY);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ui = Ui {
        device,
        painter: &painter,
        app: App::new(relay, snapshots.borrow_and_update().clone()).speaking(language),
        asked_at: None,
        frozen: false,
    };
    let left = loop {
        let let_go = ui.app.deadline().map(|at| device.clock().instant(at));
        let leave = tokio::select! {
            biased;
            event = keys.next() => match event {
                Some(Ok(event)) => ui.event(&event),
                Some(Err(error)) => break Err(error),
                None => break Err(io::ErrorKind::UnexpectedEof.into()),
            },
            () = sleep_until(let_go) => {
                let acts = ui.app.tick(device.clock().now());
                ui.perform(acts)
            }
            () = signals.next() => break Ok(Leave::Early),
            changed = snapshots.changed() => {
                if changed.is_err() {
                    break Err(io::Error::other("the device stopped"));
                }
                let snapshot = snapshots.borrow_and_update().clone();
                let now = device.clock().now();
                let acts = ui.app.snapshot(now, snapshot);
                ui.perform(acts)
            }
            report = reports.recv() => match report {
                Some(Report::Painted(shown)) => {
                    ui.painted(&shown);
                    continue;
                }
                Some(Report::Failed(error)) => break Err(error),
                None => break Err(io::Error::other("the screen stopped")),
            },
            _ = redraw.tick() => {
                let acts = ui.app.tick(device.clock().now());
                ui.perform(acts)
            }
        };
        if let Some(leave) = leave {
            break Ok(leave);
        }
        ui.show();
    };
    drop(reports);
    painter.stop();
    left
}

/// Whether this device's person is to hold a key down.
fn holds_on(snapshot: &Snapshot) -> bool {
    let welcome = snapshot.welcome.as_ref();
    welcome.is_some_and(|w| w.role == Role::Receiver && w.options.hold_to_consent)
}

struct Ui<'a> {
    device: &'a Device,
    painter: &'a Painter,
    app: App,
    /// Since when the painter has owed a frame.
    asked_at: Option<Millis>,
    frozen: bool,
}

impl Ui<'_> {
    fn event(&mut self, event: &Event) -> Option<Leave> {
        let now = self.device.clock().now();
        let acts = match event {
            Event::Key(key) => self.app.input(now, input::key(key)),
            Event::FocusLost => self.app.away(now),
            Event::FocusGained | Event::Mouse(_) | Event::Paste(_) | Event::Resize(..) => {
                return None;
            }
        };
        self.perform(acts)
    }

    fn perform(&mut self, acts: Vec<Act>) -> Option<Leave> {
        for act in acts {
            match act {
                Act::Tap(cue) => {
                    self.device.tap(cue);
                }
                Act::Thumb(down) => {
                    let began = self.app.held_since();
                    self.device.thumb_since(down, Some(began));
                }
                Act::Acknowledge => self.device.acknowledge(),
                Act::Say(message) => self.device.say(message),
                Act::Painted(Shown { id, acknowledged }) => {
                    self.device.painted(id, acknowledged);
                }
                Act::Bell => self.painter.bell(),
                Act::Leave(leave) => return Some(leave),
            }
        }
        None
    }

    fn show(&mut self) {
        let now = self.device.clock().now();
        let owed = *self.asked_at.get_or_insert(now);
        if !self.frozen && now.since(owed) >= FROZEN_AFTER_MS {
            self.frozen = true;
            self.device.hidden();
        }
        self.painter.show(&self.app);
    }

    fn painted(&mut self, shown: &[Shown]) {
        self.asked_at = None;
        if std::mem::take(&mut self.frozen) {
            self.device.visible();
        }
        let acts = self.app.painted(shown);
        // Nothing that was painted makes anybody leave.
        let _ = self.perform(acts);
    }
}
