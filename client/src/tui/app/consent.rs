//! Hold to consent on the receiver's terminal: keys in, a thumb out.

#[cfg(test)]
mod tests;

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::state::Phase;
use tapcue_rules::time::Millis;

use super::super::held_key::{Change, HOLD_KEYS, Hold, TAP_KEY, TAP_SOON_MS, Touch};
use super::super::input::{Edge, Key, Press};
use super::{Act, App, Overlay, Screen};

impl App {
    /// Takes a key event.
    #[must_use]
    pub fn input(&mut self, now: Millis, key: Key) -> Vec<Act> {
        self.now = self.now.max(now);
        let repeats = self.is_repeat(key);
        let touch = self.touch(key);
        let grips = match touch {
            Touch::Hold(_) | Touch::Release(_) | Touch::Tap => self.consents(),
            Touch::Cue | Touch::Other | Touch::OtherRelease | Touch::Away => false,
        };
        // The key's own action comes before its effect on the hold, so that a stop comes first.
        let mut acts = match key.press() {
            Some(press) if !grips && !repeats => self.key(now, press),
            Some(_) | None => Vec::new(),
        };
        // A stuck cue key must not extend a hold by taps.
        let stuck = repeats && touch == Touch::Cue && matches!(self.hold(), Hold::Taps { .. });
        if !stuck {
            acts.extend(self.touched(now, touch));
        }
        acts
    }

    /// Whether this is the repeat of a key that is held down. A stop never is, because an extra stop is safe.
    /// A terminal that reports releases marks repeats itself.
    fn is_repeat(&mut self, key: Key) -> bool {
        let (Some(press), false) = (key.means, key.edge == Edge::Release) else {
            return false;
        };
        let soon = self.repeats.is_repeat(self.now, press);
        let stop = press == Press::Stop;
        !stop && (key.edge == Edge::Repeat || (soon && !self.held_key.releases()))
    }

    /// When the key went down with which this device's person holds on.
    #[must_use]
    pub fn held_since(&self) -> Millis {
        self.held_key.since()
    }

    /// The terminal lost the keyboard focus, so it is unknown whether a key is held down.
    #[must_use]
    pub fn away(&mut self, now: Millis) -> Vec<Act> {
        self.touched(now, Touch::Away)
    }

    /// When to call [`App::tick`] at the latest, while the receiver holds on.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        self.held_key.deadline()
    }

    /// How this device's person holds on.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.held_key.hold(self.now)
    }

    /// Whether the terminal has shown that it reports when a key is released.
    #[must_use]
    pub fn reports_releases(&self) -> bool {
        self.held_key.releases()
    }

    /// Whether the session is live only while this device's person holds on.
    #[must_use]
    pub fn consents(&self) -> bool {
        let over = matches!(self.phase(), None | Some(Phase::Ended));
        let mine = self.role() == Role::Receiver && self.options().hold_to_consent;
        mine && !over && self.device().is_paired()
    }

    /// Whether a person who holds on by taps must tap again soon.
    pub(super) fn tap_is_due(&self) -> bool {
        let until = match self.hold() {
            Hold::Taps { until, .. } => until,
            Hold::Open | Hold::Pressed { .. } | Hold::Key { .. } => return false,
        };
        self.device().view.thumb && until.since(self.now) <= TAP_SOON_MS
    }

    /// Applies the time to the hold.
    pub(super) fn hold_on(&mut self) -> Vec<Act> {
        let change = if self.consents() {
            self.held_key.tick(self.now)
        } else {
            self.held_key.let_go()
        };
        change.map(told).into_iter().collect()
    }

    fn touched(&mut self, now: Millis, touch: Touch) -> Vec<Act> {
        self.now = self.now.max(now);
        let proof = matches!(touch, Touch::Release(_) | Touch::OtherRelease);
        if !self.consents() && !proof {
            return Vec::new();
        }
        let changes = self.held_key.touch(self.now, touch);
        changes.into_iter().flatten().map(told).collect()
    }

    fn touch(&self, key: Key) -> Touch {
        let plain = key
            .letter
            .filter(|letter| key.means == Some(Press::Char(*letter)));
        let holds = |letter: &char| HOLD_KEYS.contains(letter);
        match key.edge {
            // A release of the held key counts with any modifier.
            Edge::Release => match key.letter.filter(holds) {
                Some(letter) => Touch::Release(letter),
                None => Touch::OtherRelease,
            },
            Edge::Down | Edge::Repeat => match plain {
                Some(letter) if holds(&letter) => Touch::Hold(letter),
                Some(TAP_KEY) => Touch::Tap,
                Some(_) | None if self.is_cue(key) => Touch::Cue,
                Some(_) | None => Touch::Other,
            },
        }
    }

    /// Whether this key sends a cue other than stop. Such a cue is a sign of the receiver.
    fn is_cue(&self, key: Key) -> bool {
        let cues = match self.screen() {
            Screen::Lost
            | Screen::Rehearse
            | Screen::Held
            | Screen::LiveReceiver
            | Screen::LiveHelper => self.overlay != Some(Overlay::Quit),
            Screen::Connecting
            | Screen::Pair
            | Screen::SetUp
            | Screen::Advice
            | Screen::Ended
            | Screen::Closed => false,
        };
        let acts = key.press().map(|press| self.cue(self.role(), press));
        let cue = |act: &Act| matches!(act, Act::Tap(cue) if *cue != Cue::Stop);
        cues && acts.is_some_and(|acts| acts.iter().any(cue))
    }
}

fn told(change: Change) -> Act {
    Act::Thumb(change == Change::Down)
}
