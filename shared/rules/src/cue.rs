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

/// Declares the cues, each with its wire name: the enum, and a struct with one value for each cue.
macro_rules! cues {
    ($($(#[$doc:meta])* $cue:ident $name:ident,)*) => {
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
    Stop stop,
    /// "I am ready." Either role may send it. The session is live only when both have sent it since the last
    /// hold.
    Ready ready,
    /// "Slower."
    Slower slower,
    /// "A little more pressure." One may be outstanding at a time. It is refused while held.
    MorePressure more_pressure,
    /// "Ease up now": less pressure.
    EaseUp ease_up,
    /// "Stay there": both devices count up.
    Stay stay,
    /// "Left side."
    Left left,
    /// "Right side."
    Right right,
    /// "Feels good": the answer to a check-in.
    Good good,
    /// "Does this feel okay?" The helper sends it. Any cue of the receiver answers it.
    CheckIn check_in,
}

impl Cue {
    /// Whether `role` may send this cue.
    #[must_use]
    pub const fn allowed_from(self, role: Role) -> bool {
        match self {
            Cue::Stop | Cue::Ready => true,
            Cue::CheckIn => matches!(role, Role::Helper),
            Cue::Slower
            | Cue::MorePressure
            | Cue::EaseUp
            | Cue::Stay
            | Cue::Left
            | Cue::Right
            | Cue::Good => matches!(role, Role::Receiver),
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
