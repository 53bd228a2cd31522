//! Which screen it is.

use tapcue_rules::cue::Role;
use tapcue_rules::link::DeviceLink;
use tapcue_rules::state::Phase;

use super::App;

/// The screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Nothing is known yet.
    Connecting,
    /// The other device is awaited: code, link, QR code.
    Pair,
    /// This role's set-up list, the receiver's warning signs first.
    SetUp,
    /// A warning sign applies: advice against going on.
    Advice,
    /// The first stop, to try it.
    Rehearse,
    /// Hands away, and what is still missing.
    Held,
    /// Both said ready, on the receiver's device.
    LiveReceiver,
    /// Both said ready, on the helper's device.
    LiveHelper,
    /// This device's own watch lost the relay.
    Lost,
    /// Over.
    Ended,
    /// The relay refused this device, or another took its place.
    Closed,
}

impl App {
    /// Which screen it is now.
    ///
    /// Safety Invariant: a stop or an unacknowledged hold is never covered by another screen, but by
    /// the one that says that the link is lost, which says "hands off" as well. While the other
    /// device has never been there the pairing screen says it, since there is nobody else to see it.
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
        // What is red stays on the screen through the end.
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
