//! The loop of the terminal client: keys and snapshots in, acts out, the painter told last.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tapcue_shared::limits::LOST_AFTER_MS;
use tapcue_shared::time::Millis;
use tokio::time::MissedTickBehavior;

use super::app::{Act, App, Leave};
use super::input;
use super::painter::{Painter, Report};
use super::terminal;
use crate::driver::Device;
use crate::signals::Signals;

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
pub async fn run(device: &Device, relay: String) -> io::Result<Leave> {
    let mut signals = Signals::listen()?;
    let (_taken, terminal) = terminal::take()?;
    let (painter, mut reports) = Painter::start(terminal)?;
    let mut keys = EventStream::new();
    let mut snapshots = device.snapshots();
    let mut redraw = tokio::time::interval(REDRAW_EVERY);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ui = Ui {
        device,
        painter: &painter,
        app: App::new(relay, snapshots.borrow_and_update().clone()),
        asked_at: None,
        frozen: false,
    };
    let left = loop {
        let leave = tokio::select! {
            biased;
            event = keys.next() => match event {
                Some(Ok(event)) => ui.event(&event),
                Some(Err(error)) => break Err(error),
                None => break Err(io::ErrorKind::UnexpectedEof.into()),
            },
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
                Some(Report::Painted(ids)) => {
                    ui.painted(&ids);
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
        let Event::Key(key) = event else {
            return None;
        };
        let press = input::press(key)?;
        let acts = self.app.key(self.device.clock().now(), press);
        self.perform(acts)
    }

    fn perform(&mut self, acts: Vec<Act>) -> Option<Leave> {
        for act in acts {
            match act {
                Act::Tap(cue) => {
                    self.device.tap(cue);
                }
                Act::Acknowledge => self.device.acknowledge(),
                Act::Say(message) => self.device.say(message),
                Act::Painted(id) => self.device.painted(id),
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

    fn painted(&mut self, ids: &[tapcue_shared::ids::Id]) {
        self.asked_at = None;
        if std::mem::take(&mut self.frozen) {
            self.device.visible();
        }
        let acts = self.app.painted(ids);
        // Nothing that was painted makes anybody leave.
        let _ = self.perform(acts);
    }
}
