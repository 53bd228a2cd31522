//! Which screen is shown.

use tapcue_rules::cue::Role;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::state::Phase;

use super::App;

/// The screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// No state has arrived yet.
    Connecting,
    /// The other device has not joined: code, link, QR code.
    Pair,
    /// This role's set-up list; for the receiver the warning signs first.
    SetUp,
    /// A warning sign applies: advice not to go on.
    Advice,
    /// The first stop, as a rehearsal.
    Rehearse,
    /// Hands away, and what is still missing for live.
    Held,
    /// Both said ready, on the receiver's device.
    LiveReceiver,
    /// Both said ready, on the helper's device.
    LiveHelper,
    /// This device itself judges the link as lost.
    Lost,
    /// The session is over.
    Ended,
    /// The relay refused this device, or another device took its role.
    Closed,
}

impl App {
    /// The screen to show now.
    ///
    /// Safety Invariant: no other screen covers a stop or an unacknowledged hold, except the screen for a
    /// lost link, which says "hands off" too. Before the other device has joined, the pairing screen shows
    /// the stop, because no other person can see it.
    #[must_use]
    pub fn screen(&self) -> Screen {
        let Some(state) = self.state() else {
            return match self.link() {
                DeviceLink::Refused | DeviceLink::Superseded | DeviceLink::Over => Screen::Closed,
                DeviceLink::Connecting | DeviceLink::Here | DeviceLink::Late | DeviceLink::Lost => {
                    Screen::Connecting
                }
            };
        };
        // A stop that is still shown stays on the screen after the end.
        if self.is_over() && self.device().view.stopped {
            return Screen::Held;
        }
        match (state.phase, self.link()) {
            (Phase::Ended, _) => Screen::Ended,
            (_, DeviceLink::Refused | DeviceLink::Superseded | DeviceLink::Over) => Screen::Closed,
            (_, DeviceLink::Lost) => Screen::Lost,
            _ if !self.device().is_paired() => Screen::Pair,
            (Phase::Live, _) if self.go() => match self.role() {
                Role::Receiver => Screen::LiveReceiver,
                Role::Helper => Screen::LiveHelper,
            },
            (Phase::Live, _) => Screen::Held,
            (Phase::Held | Phase::Waiting, _) => self.while_held(),
        }
    }

    fn while_held(&self) -> Screen {
        let options = self.options();
        let Some(state) = self.state() else {
            return Screen::Held;
        };
        let confirmed = state.confirmed;
        let mine = match self.role() {
            Role::Receiver => confirmed.receiver && confirmed.warning_signs.is_some(),
            Role::Helper => confirmed.helper,
        };
        if self.device().view.stopped || self.open_hold().is_some() {
            Screen::Held
        } else if confirmed.warning_signs == Some(true) && !confirmed.cleared {
            Screen::Advice
        } else if options.setup && !mine {
            Screen::SetUp
        } else if options.rehearsal && !state.rehearsed {
            Screen::Rehearse
        } else {
            Screen::Held
        }
    }
}
