//! The fixed cues, the two roles and the two lanes.

use serde::{Deserialize, Serialize};

/// The role of a person in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person who is worked on. Often cannot see a screen.
    Receiver,
    /// The person who works. Has busy hands.
    Helper,
}

impl Role {
    /// Both roles, the receiver first.
    pub const BOTH: [Role; 2] = [Role::Receiver, Role::Helper];

    /// The other person.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Role::Receiver => Role::Helper,
            Role::Helper => Role::Receiver,
        }
    }

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Receiver => "receiver",
            Role::Helper => "helper",
        }
    }
}

/// One value for each role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Both<T> {
    /// The receiver's.
    pub receiver: T,
    /// The helper's.
    pub helper: T,
}

impl<T> Both<T> {
    /// The value that belongs to `role`.
    pub const fn of(&self, role: Role) -> &T {
        match role {
            Role::Receiver => &self.receiver,
            Role::Helper => &self.helper,
        }
    }

    /// The value that belongs to `role`, to change it.
    pub const fn of_mut(&mut self, role: Role) -> &mut T {
        match role {
            Role::Receiver => &mut self.receiver,
            Role::Helper => &mut self.helper,
        }
    }
}

impl<T: PartialEq> Both<T> {
    /// Whether both values equal `value`.
    pub fn both(&self, value: &T) -> bool {
        &self.receiver == value && &self.helper == value
    }
}

/// Who may send a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Both people.
    Either,
    /// The receiver alone.
    Receiver,
    /// The helper alone.
    Helper,
}

/// What a cue does in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It holds the session.
    Stop,
    /// It is one person's consent.
    Ready,
    /// It asks the receiver, who must answer.
    Question,
    /// It stands on the helper's screen until the next one.
    Shown,
}

/// The colour of a cue, the same on page, terminal and record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// Red: stop, and nothing else.
    Stop,
    /// Green: ready, go on.
    Go,
    /// Amber: less of something.
    Slow,
    /// Blue: more of something.
    More,
    /// Violet: no change.
    Stay,
    /// Grey: another place.
    Dir,
    /// White: a question.
    Ask,
}

impl Colour {
    /// The name in stylesheets.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Colour::Stop => "stop",
            Colour::Go => "go",
            Colour::Slow => "slow",
            Colour::More => "more",
            Colour::Stay => "stay",
            Colour::Dir => "dir",
            Colour::Ask => "ask",
        }
    }
}

/// What is the same about a cue in every client. Only its words differ, by language: `shared/catalog`.
#[derive(Debug)]
pub struct Traits {
    /// Who may send it.
    pub sender: Sender,
    /// What it does.
    pub meaning: Meaning,
    /// Its colour.
    pub colour: Colour,
    /// The keys that send it, by their names in browsers: its letter first, what a clicker has last.
    pub keys: &'static [&'static str],
    /// Its sign in a record as plain text.
    pub sign: char,
    /// The strokes of its symbol on a square of 46 units, as paths of SVG.
    pub strokes: &'static [&'static str],
}

/// Declares the cues, each with its wire name and its traits: the enum, and a struct with one value for each
/// cue.
macro_rules! cues {
    ($($(#[$doc:meta])* $cue:ident $name:ident { $($traits:tt)* })*) => {
        /// The fixed cues. There are no others: a closed set is what makes one tap, one colour and one word
        /// possible.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(rename_all = "snake_case")]
        pub enum Cue {
            $($(#[$doc])* $cue,)*
        }

        impl Cue {
            /// Every cue.
            pub const ALL: [Cue; [$(stringify!($name)),*].len()] = [$(Cue::$cue),*];

            /// The wire name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Cue::$cue => stringify!($name),)*
                }
            }

            /// What is the same about it in every client.
            #[must_use]
            pub const fn traits(self) -> &'static Traits {
                match self {
                    $(Cue::$cue => &Traits { $($traits)* },)*
                }
            }
        }

        /// One value for each cue, by its wire name.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Cues<T> {
            $(
                /// Of the cue with this name.
                pub $name: T,
            )*
        }

        impl<T> Cues<T> {
            /// The value of one cue.
            pub const fn of(&self, cue: Cue) -> &T {
                match cue {
                    $(Cue::$cue => &self.$name,)*
                }
            }
        }
    };
}

cues! {
    /// Ease off now, hands away. Either role may send it. It latches.
    Stop stop {
        sender: Sender::Either,
        meaning: Meaning::Stop,
        colour: Colour::Stop,
        keys: &[" ", "Escape", "b", "."],
        sign: 'S',
        strokes: &["M14 3h18l11 11v18L32 43H14L3 32V14z", "M15 23h16"],
    }
    /// "I am ready." Either role may send it. The session is live only when both have sent it since the last
    /// hold.
    Ready ready {
        sender: Sender::Either,
        meaning: Meaning::Ready,
        colour: Colour::Go,
        keys: &["r"],
        sign: 'r',
        strokes: &["m6 24 12 12L40 11"],
    }
    /// "Slower."
    Slower slower {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::Slow,
        keys: &["s", "ArrowDown", "PageDown"],
        sign: 's',
        strokes: &["M23 9 9 23l14 14M38 9 24 23l14 14"],
    }
    /// "A little more pressure." One may be outstanding at a time. It is refused while held.
    MorePressure more_pressure {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::More,
        keys: &["m"],
        sign: 'm',
        strokes: &["M23 40V7M8 21 23 6l15 15"],
    }
    /// "Ease up now": less pressure.
    EaseUp ease_up {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::Slow,
        keys: &["e", "ArrowUp", "PageUp"],
        sign: 'e',
        strokes: &["M23 6v33M8 25l15 15 15-15"],
    }
    /// "Stay there": both devices count up.
    Stay stay {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::Stay,
        keys: &["y"],
        sign: 'y',
        strokes: &["M15 8v30M31 8v30"],
    }
    /// "Left side."
    Left left {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::Dir,
        keys: &["h", "ArrowLeft"],
        sign: '<',
        strokes: &["M41 23H6M21 8 6 23l15 15"],
    }
    /// "Right side."
    Right right {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::Dir,
        keys: &["l", "ArrowRight"],
        sign: '>',
        strokes: &["M5 23h35M25 8l15 15-15 15"],
    }
    /// "Feels good": the answer to a check-in.
    Good good {
        sender: Sender::Receiver,
        meaning: Meaning::Shown,
        colour: Colour::Go,
        keys: &["g"],
        sign: 'g',
        strokes: &["M23 4a19 19 0 1 1 0 38 19 19 0 0 1 0-38z", "M14 27c4.5 7 13.5 7 18 0", "M16.5 17.500v.1M29.5 17.500v.1"],
    }
    /// "Does this feel okay?" The helper sends it. Any cue of the receiver answers it.
    CheckIn check_in {
        sender: Sender::Helper,
        meaning: Meaning::Question,
        colour: Colour::Ask,
        keys: &["c"],
        sign: '?',
        strokes: &["M14 15.500a9 9 0 1 1 13.5 7.800c-3.2 1.9-4.5 3.5-4.5 6.7", "M23 39.500v.1"],
    }
}

impl Cue {
    /// The cues with a tile on the receiver's screen, in the order in which they are listed.
    pub const TILES: [Cue; 8] = [
        Cue::Slower,
        Cue::EaseUp,
        Cue::MorePressure,
        Cue::Stay,
        Cue::Left,
        Cue::Right,
        Cue::Good,
        Cue::Ready,
    ];

    /// Whether `role` may send this cue.
    #[must_use]
    pub const fn allowed_from(self, role: Role) -> bool {
        match self.traits().sender {
            Sender::Either => true,
            Sender::Receiver => matches!(role, Role::Receiver),
            Sender::Helper => matches!(role, Role::Helper),
        }
    }
}

/// How urgent a message is. It follows from the message; the sender does not choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A stop: sent first, never rate-limited, never dropped in favour of other messages.
    Urgent,
    /// Every other message.
    Ordinary,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_names_are_the_serde_names() {
        for cue in Cue::ALL {
            assert_eq!(
                serde_json::to_string(&cue).unwrap(),
                format!("{:?}", cue.as_str())
            );
        }
        for role in Role::BOTH {
            assert_eq!(
                serde_json::to_string(&role).unwrap(),
                format!("{:?}", role.as_str())
            );
        }
    }

    #[test]
    fn either_may_stop_and_only_the_helper_checks_in() {
        for role in Role::BOTH {
            assert!(Cue::Stop.allowed_from(role));
            assert!(Cue::Ready.allowed_from(role));
        }
        let helpers: Vec<_> = Cue::ALL
            .into_iter()
            .filter(|cue| cue.allowed_from(Role::Helper))
            .collect();
        assert_eq!(helpers, [Cue::Stop, Cue::Ready, Cue::CheckIn]);
        assert!(!Cue::CheckIn.allowed_from(Role::Receiver));
    }
}
