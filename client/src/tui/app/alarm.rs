//! The alarms to sound, and their flashing.

use tapcue_rules::link::{Alarm, DeviceLink};

use super::App;

impl App {
    /// The alarm to sound now. It includes what this screen knows by itself: that the relay's last message is
    /// too old, and that the next tap of a person who holds by taps is due.
    #[must_use]
    pub fn alarm(&self) -> Option<Alarm> {
        let lost = self.link() == DeviceLink::Lost && !self.is_over();
        let lost = lost.then_some(Alarm::LinkLost);
        let tap = self.tap_is_due().then_some(Alarm::CheckInAgain);
        self.snapshot.view.alarm.or(lost).or(tap)
    }

    /// Whether the alarm flashes now. It flashes with the bell, for people who cannot hear it.
    #[must_use]
    pub fn flashes(&self) -> bool {
        self.alarm().is_some() && self.bell.rang_just_now(self.now)
    }
}
