//! Hold to consent with a key: when a key that is held down counts as a thumb, and when it counts as
//! released. It is pure: touches and the time in, changes out. In case of doubt the key counts as released.
//!
//! There are three kinds of evidence, and the best available one counts. A terminal that reports releases
//! shows that with the first one it reports. On other terminals the key's own repeats are the heartbeat, and
//! a pause is a stop. A person who cannot hold a key taps another key again and again.

#[cfg(test)]
mod tests;

use tapcue_rules::limits::LOST_AFTER_MS;
use tapcue_rules::time::Millis;

/// The keys to hold. They have a bump, so a hand finds them without looking, and there is one for each hand.
pub const HOLD_KEYS: [char; 2] = ['f', 'j'];

/// The key to tap instead of holding one.
pub const TAP_KEY: char = 't';

/// The timeout for the first repeat after a key went down, in milliseconds. Usual delays: 250 or 500
/// (Windows, its two shortest), 375 (macOS), 500 (GNOME), 600 (KDE), 660 (X server).
pub const FIRST_REPEAT_MS: u64 = 700;

/// The timeout between the repeats of a held key, in milliseconds. They come every 33 (Windows), 40 (X
/// server) or 90 (macOS, the Linux console), so two may be lost.
pub const REPEAT_MS: u64 = 250;

/// The timeout where releases are reported, in milliseconds. There, repeats only show that the keyboard is
/// still connected, so it is the link timeout.
pub const LINE_MS: u64 = LOST_AFTER_MS;

/// How long a tap on [`TAP_KEY`] or on a cue counts, in milliseconds: a little longer than two breaths. No
/// other sign shows that the receiver still consents, so it is not longer.
pub const TAP_MS: u64 = 10_000;

/// How long before that timeout a sound asks for the next tap, in milliseconds.
pub const TAP_SOON_MS: u64 = TAP_MS / 2;

/// A keyboard event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// One of [`HOLD_KEYS`] went down, or repeats.
    Hold(char),
    /// One of them was released.
    Release(char),
    /// [`TAP_KEY`] went down, or repeats.
    Tap,
    /// A key that sends a cue went down.
    Cue,
    /// Any other key went down.
    Other,
    /// Any other key was released.
    OtherRelease,
    /// The terminal lost the keyboard focus.
    Away,
}

/// A change to report to the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The thumb is down.
    Down,
    /// The thumb was lifted.
    Up,
}

/// How the receiver holds on at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Not holding.
    #[default]
    Open,
    /// A key went down, and nothing shows yet that it stays down. It does not count as a hold.
    Pressed {
        /// The key.
        key: char,
        /// The deadline for its first repeat.
        until: Millis,
    },
    /// A key is held down.
    Key {
        /// The key.
        key: char,
        /// The deadline for its next repeat; none if only a release ends it.
        until: Option<Millis>,
        /// Whether another key interrupted its repeats, so that it must be pressed again.
        interrupted: bool,
    },
    /// Holding by taps.
    Taps {
        /// The deadline for the next tap.
        until: Millis,
        /// When [`TAP_KEY`] was last pressed.
        heard: Millis,
    },
}

/// The receiver's hold on a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeldKey {
    /// Whether this terminal has reported a release.
    releases: bool,
    hold: Hold,
    /// When the held key went down, or when the tap came that holds.
    since: Millis,
}

impl HeldKey {
    /// How the receiver holds on at `now`.
    #[must_use]
    pub fn hold(&self, now: Millis) -> Hold {
        let over = self.deadline().is_some_and(|at| now >= at);
        if over { Hold::Open } else { self.hold }
    }

    /// When the held key went down, or when the tap came that holds.
    #[must_use]
    pub fn since(&self) -> Millis {
        self.since
    }

    /// Whether this terminal has shown that it reports releases.
    #[must_use]
    pub fn releases(&self) -> bool {
        self.releases
    }

    /// When to call [`HeldKey::tick`] at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        match self.hold {
            Hold::Open => None,
            Hold::Pressed { until, .. } | Hold::Taps { until, .. } => Some(until),
            Hold::Key { until, .. } => until,
        }
    }

    /// Applies the time.
    pub fn tick(&mut self, now: Millis) -> Option<Change> {
        match self.hold(now) {
            Hold::Open => self.let_go(),
            Hold::Pressed { .. } | Hold::Key { .. } | Hold::Taps { .. } => None,
        }
    }

    /// Takes a keyboard event. An expired deadline is applied first, even if no tick came in time, so there
    /// may be two changes, the first of them up.
    pub fn touch(&mut self, now: Millis, touch: Touch) -> [Option<Change>; 2] {
        let lapsed = self.tick(now);
        let change = match touch {
            Touch::Hold(key) => self.held(now, key),
            Touch::Tap => self.tapped(now),
            Touch::Cue => self.other(now, true),
            Touch::Other => self.other(now, false),
            Touch::Release(key) => self.released(Some(key)),
            Touch::OtherRelease => self.released(None),
            Touch::Away => self.let_go(),
        };
        [lapsed, change]
    }

    /// Ends the hold. Returns up, if it counted.
    pub fn let_go(&mut self) -> Option<Change> {
        match std::mem::take(&mut self.hold) {
            Hold::Open | Hold::Pressed { .. } => None,
            Hold::Key { .. } | Hold::Taps { .. } => Some(Change::Up),
        }
    }

    fn held(&mut self, now: Millis, key: char) -> Option<Change> {
        let down = |until| Hold::Key {
            key,
            until,
            interrupted: false,
        };
        if matches!(self.hold, Hold::Open) {
            self.since = now;
        }
        let (hold, change) = match self.hold {
            Hold::Open if self.releases => (down(None), Some(Change::Down)),
            Hold::Pressed { key: same, .. } if same == key => {
                (down(Some(now.plus(REPEAT_MS))), Some(Change::Down))
            }
            // A single press is not a hold and must not make the session live.
            Hold::Open | Hold::Pressed { .. } => {
                self.since = now;
                let until = now.plus(FIRST_REPEAT_MS);
                (Hold::Pressed { key, until }, None)
            }
            Hold::Key {
                key: same,
                interrupted,
                ..
            } if same == key => {
                let pause = match (self.releases, interrupted) {
                    (true, _) => LINE_MS,
                    (false, true) => FIRST_REPEAT_MS,
                    (false, false) => REPEAT_MS,
                };
                (down(Some(now.plus(pause))), None)
            }
            Hold::Key { .. } | Hold::Taps { .. } => return self.other(now, false),
        };
        self.hold = hold;
        change
    }

    /// A tap, which counts at once. A repeat of a key that is held down only extends a hold by taps. Holding
    /// another key lifts the thumb, and a stuck tap key must not put it down again.
    fn tapped(&mut self, now: Millis) -> Option<Change> {
        let fresh = match self.hold {
            Hold::Open | Hold::Pressed { .. } => true,
            Hold::Taps { heard, .. } => now.since(heard) >= FIRST_REPEAT_MS,
            Hold::Key { .. } => return self.other(now, false),
        };
        if fresh {
            self.since = now;
        }
        self.hold = Hold::Taps {
            until: now.plus(TAP_MS),
            heard: now,
        };
        fresh.then_some(Change::Down)
    }

    fn other(&mut self, now: Millis, cue: bool) -> Option<Change> {
        match &mut self.hold {
            Hold::Open | Hold::Pressed { .. } => None,
            // Only the key that went down last repeats.
            Hold::Key { until, .. } if self.releases => {
                *until = None;
                None
            }
            Hold::Key {
                until, interrupted, ..
            } => {
                // This happens once: a second key that repeats must not keep the first one down.
                if !std::mem::replace(interrupted, true) {
                    *until = Some(now.plus(FIRST_REPEAT_MS));
                }
                None
            }
            Hold::Taps { until, .. } if cue => {
                *until = now.plus(TAP_MS);
                None
            }
            Hold::Taps { .. } => self.let_go(),
        }
    }

    fn released(&mut self, of: Option<char>) -> Option<Change> {
        let proven = std::mem::replace(&mut self.releases, true);
        match &mut self.hold {
            Hold::Key { key, .. } | Hold::Pressed { key, .. } if of == Some(*key) => self.let_go(),
            // The key that interrupted the repeats was released, and this key was not.
            Hold::Key { until, .. } if !proven => {
                *until = None;
                None
            }
            Hold::Open | Hold::Pressed { .. } | Hold::Key { .. } | Hold::Taps { .. } => None,
        }
    }
}
