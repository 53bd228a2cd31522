//! What is to be sounded, and seen to sound.

use tapcue_rules::link::{Alarm, DeviceLink};

use super::App;

impl App {
    /// What to sound now. Also what this screen knows by itself: that the newest word of the relay is
    /// too old, and that the next tap of one who holds on by taps is due.
    #[must_use]
    pub fn alarm(&self) -> Option<Alarm> {
        let lost = self.link() == DeviceLink::Lost && !self.is_over();
        let lost = lost.then_some(Alarm::LinkLost);
        let tap = self.tap_is_due().then_some(Alarm::CheckInAgain);
        self.snapshot.view.alarm.or(lost).or(tap)
    }

    /// Whether the alarm flashes just now: as long as it rings, for those who cannot hear it.
    #[must_use]
    pub fn flashes(&self) -> bool {
        self.alarm().is_some() && self.bell.rang_just_now(self.now)
    }
}
