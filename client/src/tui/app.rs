//! The state of the terminal client, without a terminal: snapshots and keys in, acts out.

mod alarm;
mod consent;
mod news;
mod screen;
#[cfg(test)]
mod tests;

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::message::{ConfirmItem, ToRelay};
use tapcue_rules::state::{Hold, HoldReason, Options, Phase, State};
use tapcue_rules::time::Millis;

pub use screen::Screen;

use super::bell::Bell;
use super::held_key::HeldKey;
use super::input::Press;
use super::repeat::Repeats;
use crate::device::snapshot::{Notice, Snapshot};
use crate::words::Words;
use tapcue_rules::language::Language;

/// How long a notice stays on the screen, in milliseconds: the time to read two lines.
const NOTICE_FOR_MS: u64 = 8_000;

/// The app.
#[derive(Clone, Debug)]
pub struct App {
    relay: String,
    language: Language,
    now: Millis,
    snapshot: Snapshot,
    overlay: Option<Overlay>,
    /// What this screen has painted and the relay was told, on this connection.
    painted: Vec<Shown>,
    bell: Bell,
    /// The recent presses, so that a key that is held down acts once.
    repeats: Repeats,
    /// Hold to consent: the state of the key that the person holds.
    held_key: HeldKey,
}

/// An overlay on the screen. A stop closes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// "End the session?"
    Quit,
    /// The list of keys.
    Help,
}

/// An item on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The id of the cue, hold or check-in.
    pub id: Id,
    /// For a hold, whether the screen shows that "hands off" was said.
    pub acknowledged: bool,
}

/// An action to carry out at once, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Tap a cue.
    Tap(Cue),
    /// Hold to consent: the thumb is down, or was lifted.
    Thumb(bool),
    /// Acknowledge with "seen" or "hands off".
    Acknowledge,
    /// Send this message to the relay.
    Say(ToRelay),
    /// Report to the relay that this is painted.
    Painted(Shown),
    /// Ring the bell.
    Bell,
    /// Leave the program.
    Leave(Leave),
}

/// Why the person leaves the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The session is over.
    Ended,
    /// The session goes on, held; `tapcue resume` returns to it.
    Early,
    /// The session goes on, and no relay can be reached.
    Unreachable,
    /// The relay refused this device.
    Refused,
    /// Another device has this role.
    Superseded,
}

impl App {
    /// The app of a relay with this address, before any event. Its language is English.
    #[must_use]
    pub fn new(relay: String, snapshot: Snapshot) -> Self {
        Self {
            relay,
            language: Language::En,
            now: snapshot.at,
            snapshot,
            overlay: None,
            painted: Vec::new(),
            bell: Bell::default(),
            repeats: Repeats::default(),
            held_key: HeldKey::default(),
        }
    }

    /// The same app in this language.
    #[must_use]
    pub fn speaking(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// The strings in its language.
    pub(crate) fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// Takes a key. A stop key works on every screen and under every overlay.
    #[must_use]
    pub fn key(&mut self, now: Millis, press: Press) -> Vec<Act> {
        self.now = self.now.max(now);
        match (press, self.overlay) {
            (Press::Stop, _) => {
                self.overlay = None;
                vec![Act::Tap(Cue::Stop)]
            }
            (Press::Interrupt, Some(Overlay::Quit)) => vec![Act::Leave(self.leave())],
            (Press::Interrupt, Some(Overlay::Help) | None) => self.interrupt(),
            (press, Some(Overlay::Quit)) => self.answer(press),
            (press, Some(Overlay::Help)) => {
                self.overlay = None;
                if matches!(press, Press::Char('q' | '?') | Press::Enter) {
                    return Vec::new();
                }
                self.on_screen(press)
            }
            (press, None) => self.on_screen(press),
        }
    }

    /// Takes a new snapshot of the device.
    #[must_use]
    pub fn snapshot(&mut self, now: Millis, snapshot: Snapshot) -> Vec<Act> {
        self.now = self.now.max(now);
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        if news::is_news(&before, &self.snapshot) {
            self.bell.ring();
        }
        let on_screen = |snapshot: &Snapshot| {
            snapshot.state.as_ref().map(|state| {
                let hold = state.hold.as_ref().map(|hold| hold.id);
                (state.phase, hold, state.cue.as_ref().map(|cue| cue.id))
            })
        };
        if on_screen(&before) != on_screen(&self.snapshot) && self.overlay == Some(Overlay::Help) {
            self.overlay = None;
        }
        if self.phase() == Some(Phase::Ended) {
            self.overlay = None;
        }
        if self.link() == DeviceLink::Lost {
            self.painted.clear();
        }
        self.tick(now)
    }

    /// Takes the time.
    #[must_use]
    pub fn tick(&mut self, now: Millis) -> Vec<Act> {
        self.now = self.now.max(now);
        let mut acts = self.hold_on();
        if self.bell.tick(self.now, self.alarm()) {
            acts.push(Act::Bell);
        }
        acts
    }

    /// Takes what the terminal has painted.
    #[must_use]
    pub fn painted(&mut self, shown: &[Shown]) -> Vec<Act> {
        if self.link() == DeviceLink::Lost {
            return Vec::new();
        }
        let news = shown.iter().filter(|one| !self.painted.contains(one));
        let acts = news.map(|one| Act::Painted(*one)).collect();
        self.painted = shown.to_vec();
        acts
    }

    /// The overlay on the screen, if any.
    #[must_use]
    pub fn overlay(&self) -> Option<Overlay> {
        self.overlay
    }

    /// The relay's address for people.
    #[must_use]
    pub fn relay(&self) -> &str {
        &self.relay
    }

    /// The time on the device's clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The time on the relay's clock, if known.
    #[must_use]
    pub fn relay_now(&self) -> Option<Millis> {
        self.snapshot.relay_now(self.now)
    }

    /// The newest snapshot of the device.
    #[must_use]
    pub fn device(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The newest state.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.snapshot.state.as_deref()
    }

    /// The phase of the session.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.snapshot.phase()
    }

    /// This device's role. Before it has one, the receiver's.
    #[must_use]
    pub fn role(&self) -> Role {
        self.snapshot.role().unwrap_or(Role::Receiver)
    }

    /// This device's link now.
    #[must_use]
    pub fn link(&self) -> DeviceLink {
        self.snapshot.link(self.now)
    }

    /// Whether go may be shown now.
    #[must_use]
    pub fn go(&self) -> bool {
        self.snapshot.go(self.now)
    }

    /// The options of the session.
    #[must_use]
    pub fn options(&self) -> Options {
        let welcome = self.snapshot.welcome.as_ref();
        welcome.map(|w| w.options.clone()).unwrap_or_default()
    }

    /// The hold that the helper has not acknowledged yet.
    #[must_use]
    pub fn open_hold(&self) -> Option<&Hold> {
        let hold = self.state()?.hold.as_ref()?;
        (!hold.acknowledged && hold.reason != HoldReason::Start).then_some(hold)
    }

    /// Whether the session is over for this device, even if a stop is still shown.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let ended = self.phase() == Some(Phase::Ended);
        ended
            || matches!(
                self.link(),
                DeviceLink::Over | DeviceLink::Refused | DeviceLink::Superseded
            )
    }

    /// The newest notice, while it is recent.
    #[must_use]
    pub fn notice(&self) -> Option<&Notice> {
        let newest = self.snapshot.notices.back()?;
        (self.now.since(newest.at) < NOTICE_FOR_MS).then_some(newest)
    }

    /// Handles Ctrl-C. It sends a stop first, and then asks whether to end the session.
    fn interrupt(&mut self) -> Vec<Act> {
        if self.is_over() {
            return vec![Act::Leave(self.leave())];
        }
        match self.screen() {
            Screen::Closed | Screen::Ended | Screen::Connecting | Screen::Pair => {
                vec![Act::Leave(self.leave())]
            }
            Screen::Lost
            | Screen::Held
            | Screen::SetUp
            | Screen::Advice
            | Screen::Rehearse
            | Screen::LiveReceiver
            | Screen::LiveHelper => {
                self.overlay = Some(Overlay::Quit);
                vec![Act::Tap(Cue::Stop)]
            }
        }
    }

    fn leave(&self) -> Leave {
        match self.link() {
            DeviceLink::Superseded => Leave::Superseded,
            DeviceLink::Refused => Leave::Refused,
            DeviceLink::Over => Leave::Ended,
            DeviceLink::Connecting | DeviceLink::Lost | DeviceLink::Here | DeviceLink::Late => {
                match (self.phase(), self.link()) {
                    (Some(Phase::Ended), _) => Leave::Ended,
                    (_, DeviceLink::Connecting | DeviceLink::Lost) => Leave::Unreachable,
                    _ => Leave::Early,
                }
            }
        }
    }

    /// Handles an answer to "end the session?".
    fn answer(&mut self, press: Press) -> Vec<Act> {
        match press {
            Press::Char('y') => {
                self.overlay = None;
                match (self.link(), self.device().is_paired()) {
                    (DeviceLink::Here | DeviceLink::Late, false) => {
                        vec![Act::Say(ToRelay::End), Act::Leave(Leave::Ended)]
                    }
                    (DeviceLink::Here | DeviceLink::Late, _) => vec![Act::Say(ToRelay::End)],
                    _ => vec![Act::Leave(self.leave())],
                }
            }
            Press::Char('l') => vec![Act::Leave(self.leave())],
            Press::Char('n' | 'q') => {
                self.overlay = None;
                Vec::new()
            }
            Press::Stop
            | Press::Char(_)
            | Press::Enter
            | Press::Left
            | Press::Right
            | Press::Next
            | Press::Back
            | Press::Interrupt => Vec::new(),
        }
    }

    fn on_screen(&mut self, press: Press) -> Vec<Act> {
        let screen = self.screen();
        let role = self.role();
        match (screen, press) {
            (_, Press::Char('?')) => {
                self.overlay = Some(Overlay::Help);
                Vec::new()
            }
            (Screen::Closed | Screen::Ended, Press::Char('q') | Press::Enter)
            | (Screen::Connecting, Press::Char('q')) => vec![Act::Leave(self.leave())],
            (Screen::Closed | Screen::Ended | Screen::Connecting, _) => Vec::new(),
            // A stop that is still shown is answered with "hands off", or dismissed here.
            (Screen::Held, Press::Enter | Press::Next | Press::Back) if self.is_over() => {
                vec![Act::Acknowledge]
            }
            (Screen::Held, Press::Char('q')) if self.is_over() => vec![Act::Leave(self.leave())],
            (Screen::Held, _) if self.is_over() => Vec::new(),
            (_, Press::Char('q')) => {
                self.overlay = Some(Overlay::Quit);
                Vec::new()
            }
            (Screen::Pair, Press::Char('n')) => vec![Act::Say(ToRelay::RenewCode)],
            (Screen::Pair, _) => Vec::new(),
            (Screen::SetUp, press) => self.set_up(press),
            (Screen::Advice, Press::Enter) => {
                self.overlay = Some(Overlay::Quit);
                Vec::new()
            }
            (Screen::Advice, Press::Char('c')) if role == Role::Receiver => {
                vec![confirm(ConfirmItem::Cleared, true)]
            }
            (Screen::Advice, Press::Char('n')) if role == Role::Receiver => {
                vec![confirm(ConfirmItem::WarningSigns, false)]
            }
            (Screen::Advice, _) => Vec::new(),
            (
                Screen::Lost
                | Screen::Rehearse
                | Screen::Held
                | Screen::LiveReceiver
                | Screen::LiveHelper,
                press,
            ) => self.cue(role, press),
        }
    }

    fn set_up(&self, press: Press) -> Vec<Act> {
        let Some(state) = self.state() else {
            return Vec::new();
        };
        let asked = self.role() == Role::Receiver && state.confirmed.warning_signs.is_none();
        match press {
            Press::Char('y') if asked => vec![confirm(ConfirmItem::WarningSigns, true)],
            Press::Char('n') if asked => vec![confirm(ConfirmItem::WarningSigns, false)],
            Press::Enter if !asked => vec![confirm(ConfirmItem::SetUp, true)],
            Press::Stop
            | Press::Char(_)
            | Press::Enter
            | Press::Left
            | Press::Right
            | Press::Next
            | Press::Back
            | Press::Interrupt => Vec::new(),
        }
    }

    fn cue(&self, role: Role, press: Press) -> Vec<Act> {
        if let Some(cue) = press.cue(role) {
            return vec![Act::Tap(cue)];
        }
        let asked = self.state().is_some_and(|state| state.check_in.is_some());
        let act = match (role, press) {
            (Role::Receiver, Press::Enter) if asked => Act::Tap(Cue::Good),
            (Role::Receiver, Press::Char('w')) => confirm(ConfirmItem::WarningSigns, true),
            (Role::Helper, Press::Enter | Press::Next | Press::Back) => Act::Acknowledge,
            (Role::Receiver | Role::Helper, _) => return Vec::new(),
        };
        vec![act]
    }
}

fn confirm(item: ConfirmItem, value: bool) -> Act {
    Act::Say(ToRelay::Confirm { item, value })
}
