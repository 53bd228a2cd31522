//! The loop of the terminal client: keys and snapshots in, acts out. It updates the painter last.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::{FutureExt as _, StreamExt as _};
use tapcue_rules::cue::Role;
use tapcue_rules::limits::LOST_AFTER_MS;
use tapcue_rules::time::Millis;
use tokio::time::MissedTickBehavior;

use super::app::{Act, App, Leave, Shown};
use super::input;
use super::layout;
use super::painter::{Painter, Renew, Report};
use super::terminal;
use crate::device::driver::{Device, sleep_until};
use crate::device::snapshot::Snapshot;
use crate::signals::{Signals, Suspension, Turn};
use tapcue_rules::language::Language;

/// How often ages and countdowns are redrawn. A tenth of the link timeout, so that a green screen changes in
/// time even without another event.
const REDRAW_EVERY: Duration = Duration::from_millis(LOST_AFTER_MS / 10);

/// If the terminal does not take a frame for this long, in milliseconds, this screen counts as hidden. It is
/// the link timeout.
const FROZEN_AFTER_MS: u64 = LOST_AFTER_MS;

/// Shows the session until it is left.
///
/// # Errors
/// There is no terminal, or it is lost.
pub async fn run(device: &Device, relay: String, language: Language) -> io::Result<Leave> {
    let mut signals = Signals::listen()?;
    let holds = holds_on(&device.snapshots().borrow());
    let (_taken, terminal) = terminal::take(holds)?;
    let (painter, mut reports) = Painter::start(terminal)?;
    let mut keys = Keys::default();
    let mut suspension = Suspension::listen()?;
    let mut snapshots = device.snapshots();
    let mut redraw = tokio::time::interval(REDRAW_EVERY);
    redraw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ui = Ui {
        device,
        painter: &painter,
        app: App::new(relay, snapshots.borrow_and_update().clone()).speaking(language),
        asked_at: None,
        frozen: false,
        suspended: false,
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
            turn = suspension.next() => {
                ui.suspend(match turn {
                    Turn::Suspend => Renew::StandStill,
                    Turn::Continued => Renew::Now,
                })
            }
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
                Some(Report::Renewed) => {
                    ui.suspended = false;
                    None
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

/// Whether this device's person must hold a key down.
fn holds_on(snapshot: &Snapshot) -> bool {
    let welcome = snapshot.welcome.as_ref();
    welcome.is_some_and(|w| w.role == Role::Receiver && w.options.hold_to_consent)
}

struct Ui<'a> {
    device: &'a Device,
    painter: &'a Painter,
    app: App,
    /// Since when the painter has had a frame to paint.
    asked_at: Option<Millis>,
    /// Whether no person can see this screen, so that the relay was told that it is hidden.
    frozen: bool,
    /// Whether the terminal does not belong to this program at present.
    suspended: bool,
}

/// The keys, with the Arabic B key as one key.
#[derive(Default)]
struct Keys {
    stream: EventStream,
    next: Option<io::Result<Event>>,
}

impl Keys {
    /// Waits for the next event. Cancelling it loses no event.
    async fn next(&mut self) -> Option<io::Result<Event>> {
        if let Some(next) = self.next.take() {
            return Some(next);
        }
        let event = self.stream.next().await?;
        if event.as_ref().is_ok_and(layout::begins_pair) {
            self.next = self.stream.next().now_or_never().flatten();
            if matches!(&self.next, Some(Ok(second)) if layout::ends_pair(second)) {
                self.next = None;
                return Some(Ok(layout::pair()));
            }
        }
        Some(event)
    }
}

/// Whether a key asks the shell to suspend this program.
fn is_suspension(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('z')
        && key.modifiers.contains(KeyModifiers::CONTROL)
        && key.kind == KeyEventKind::Press
}

impl Ui<'_> {
    fn event(&mut self, event: &Event) -> Option<Leave> {
        let now = self.device.clock().now();
        let acts = match event {
            Event::Key(key) if is_suspension(key) => return self.suspend(Renew::StandStill),
            Event::Key(key) => self.app.input(now, input::key(key)),
            Event::FocusLost => self.app.away(now),
            Event::FocusGained | Event::Mouse(_) | Event::Paste(_) | Event::Resize(..) => {
                return None;
            }
        };
        self.perform(acts)
    }

    /// Marks this screen as hidden, because the terminal belongs to another program until it is set up again.
    fn suspend(&mut self, renew: Renew) -> Option<Leave> {
        let acts = self.app.away(self.device.clock().now());
        self.device.hidden();
        (self.frozen, self.suspended) = (true, true);
        self.painter.renew(renew);
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
        if self.suspended {
            return;
        }
        let now = self.device.clock().now();
        let owed = *self.asked_at.get_or_insert(now);
        if !self.frozen && now.since(owed) >= FROZEN_AFTER_MS {
            self.frozen = true;
            self.device.hidden();
        }
        self.painter.show(&self.app);
    }

    fn painted(&mut self, shown: &[Shown]) {
        if self.suspended {
            return;
        }
        self.asked_at = None;
        if std::mem::take(&mut self.frozen) {
            self.device.visible();
        }
        let acts = self.app.painted(shown);
        // A painted item never makes the program end.
        let _ = self.perform(acts);
    }
}
