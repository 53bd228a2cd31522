//! Hold to consent with a key: when a key that is held down counts as a thumb, and when it was let
//! go. Pure: touches and the time in, changes out. Whatever is in doubt was let go.
//!
//! Three kinds of evidence, and the best there is counts. A terminal that reports releases says so by
//! the first one it reports. On any other the key's own repeats are the pulse, as for a link: a pause
//! is a stop. And whoever cannot hold a key taps another one, again and again.

#[cfg(test)]
mod tests;

use tapcue_rules::limits::LOST_AFTER_MS;
use tapcue_rules::time::Millis;

/// The keys to hold: the two with a bump, which a hand finds without eyes, one for each hand.
pub const HOLD_KEYS: [char; 2] = ['f', 'j'];

/// The key to tap in place of holding one.
pub const TAP_KEY: char = 't';

/// How long after a key went down its first repeat may come, in milliseconds. Usual delays: 250 or
/// 500 (Windows, its two shortest), 375 (macOS), 500 (GNOME), 600 (KDE), 660 (X server).
pub const FIRST_REPEAT_MS: u64 = 700;

/// How long the repeats of a held key may pause, in milliseconds. They come every 33 (Windows), 40
/// (X server) or 90 (macOS, the Linux console): two may be lost.
pub const REPEAT_MS: u64 = 250;

/// The same where releases are reported, and repeats only show that the line to the keyboard is
/// there: as long as a link may be silent.
pub const LINE_MS: u64 = LOST_AFTER_MS;

/// How long a tap on [`TAP_KEY`] or on a cue counts, in milliseconds: longer than two breaths, and no
/// longer, for nothing else shows that the receiver still wants it.
pub const TAP_MS: u64 = 10_000;

/// How long before that the next tap is asked for with sound, in milliseconds.
pub const TAP_SOON_MS: u64 = TAP_MS / 2;

/// What happened to the keyboard.
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
    /// The keyboard went to another window.
    Away,
}

/// What the relay is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The thumb is down.
    Down,
    /// It was lifted.
    Up,
}

/// How the receiver holds on at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Not at all.
    #[default]
    Open,
    /// A key went down and nothing shows yet that it stays there: counts as nothing.
    Pressed {
        /// Which.
        key: char,
        /// Until when its first repeat must come.
        until: Millis,
    },
    /// A key is held down.
    Key {
        /// Which.
        key: char,
        /// Until when it must be heard again; none if only a release ends it.
        until: Option<Millis>,
        /// Whether another key interrupted its repeats: it must be pressed anew.
        interrupted: bool,
    },
    /// Without holding, by taps.
    Taps {
        /// Until when the next one must come.
        until: Millis,
        /// When [`TAP_KEY`] was last heard.
        heard: Millis,
    },
}

/// The receiver's hold on a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeldKey {
    /// Whether this terminal reports releases, as it has shown by reporting one.
    releases: bool,
    hold: Hold,
    /// When the key went down that is held, or the tap that holds.
    since: Millis,
}

impl HeldKey {
    /// How the receiver holds on at `now`.
    #[must_use]
    pub fn hold(&self, now: Millis) -> Hold {
        let over = self.deadline().is_some_and(|at| now >= at);
        if over { Hold::Open } else { self.hold }
    }

    /// When the key went down that is held, or the tap that holds on.
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

    /// Time passed.
    pub fn tick(&mut self, now: Millis) -> Option<Change> {
        match self.hold(now) {
            Hold::Open => self.let_go(),
            Hold::Pressed { .. } | Hold::Key { .. } | Hold::Taps { .. } => None,
        }
    }

    /// Something happened to the keyboard. A pause that was too long comes first, even if nobody
    /// noticed it in time: so there may be two changes, the first of them up.
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

    /// Opens the hand. Up, if it counted.
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
            // A tap that is no hold must not make anything live.
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

    /// A tap that counts at once. One that comes from a key that repeats only keeps up what is up:
    /// a hold lifts the thumb, and a key that is stuck must not put it down again.
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
            // The key that went down last is the one that repeats.
            Hold::Key { until, .. } if self.releases => {
                *until = None;
                None
            }
            Hold::Key {
                until, interrupted, ..
            } => {
                // Once: a second key that repeats must not keep the first one down.
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
            // What interrupted the repeats was released, and this key was not.
            Hold::Key { until, .. } if !proven => {
                *until = None;
                None
            }
            Hold::Open | Hold::Pressed { .. } | Hold::Key { .. } | Hold::Taps { .. } => None,
        }
    }
}
