//! The whole state of a session, as every state frame contains it.

use serde::{Deserialize, Serialize};

use crate::cue::{Both, Cue, Role};
use crate::ids::Id;
use crate::invisible::{is_joiner, is_stray};
use crate::time::Millis;

/// The whole state of a session. One state frame is enough to bring a device up to date. On the wire, a field
/// that is null, false or empty is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct State {
    /// Increases with every change.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// Increases whenever a hold begins. Every cue but stop contains the epoch that its sender saw.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub epoch: u64,
    /// The phase of the session.
    pub phase: Phase,
    /// Why the session is held; null while live. While waiting and after the end, this is a stop that is not
    /// acknowledged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hold: Option<Hold>,
    /// Who has said ready since the last hold began.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ready: Both<bool>,
    /// Whose ready expired in this epoch and was not said again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ready_expired: Both<bool>,
    /// Hold to consent: whether the receiver's thumb is on the screen, put there since the last hold began.
    #[serde(default, skip_serializing_if = "is_default")]
    pub thumb: bool,
    /// The status of each device's link.
    pub peers: Both<LinkStatus>,
    /// What each person typed as their name, if anything.
    #[serde(default, skip_serializing_if = "is_default")]
    pub names: Both<Option<Name>>,
    /// Whether the helper has acknowledged a stop of the receiver at least once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rehearsed: bool,
    /// The set-up lists and the answer on warning signs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub confirmed: Confirmed,
    /// The newest cue for the helper's screen.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cue: Option<ShownCue>,
    /// At most two cues before it, of other kinds, of this epoch, less than 10 s old; newest first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub earlier: Vec<ShownCue>,
    /// The question that waits for the receiver's answer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub check_in: Option<CheckIn>,
    /// Hold to consent: when the thumb that stayed down answered the last question. Null after the next
    /// question, hold or cue of the receiver.
    #[serde(default, skip_serializing_if = "is_default")]
    pub still_holding: Option<Millis>,
    /// Since when the session has been live; null while it is not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub live_since: Option<Millis>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ended: Option<Ended>,
}

impl State {
    /// A session with both devices connected and no cue yet. Drawings of screens and tests of devices start
    /// from it.
    #[must_use]
    pub fn blank(phase: Phase) -> Self {
        Self {
            seq: 1,
            epoch: 1,
            phase,
            hold: None,
            ready: Both::default(),
            ready_expired: Both::default(),
            thumb: false,
            peers: Both {
                receiver: LinkStatus::Here,
                helper: LinkStatus::Here,
            },
            names: Both::default(),
            rehearsed: false,
            confirmed: Confirmed::default(),
            cue: None,
            earlier: Vec::new(),
            check_in: None,
            still_holding: None,
            live_since: None,
            ended: None,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The phase of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// One device is here; the other has not joined.
    Waiting,
    /// Hands away. Every failure leads to this phase.
    Held,
    /// Both said ready, and no hold has begun since.
    Live,
    /// The session is over.
    Ended,
}

/// Why a session is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The session has not been live yet. Needs no acknowledgement.
    Start,
    /// A person said stop. It latches.
    Stop,
    /// A link was lost.
    LinkLost,
    /// A page was hidden or a screen locked.
    Away,
    /// A check-in was not answered.
    NoAnswer,
    /// Hold to consent: the thumb was lifted, which is a stop.
    Released,
}

impl HoldReason {
    /// Whether a person stopped, by a tap or by lifting the thumb.
    #[must_use]
    pub const fn is_stop(self) -> bool {
        match self {
            HoldReason::Stop | HoldReason::Released => true,
            HoldReason::Start | HoldReason::LinkLost | HoldReason::Away | HoldReason::NoAnswer => {
                false
            }
        }
    }
}

/// A hold: hands away until the helper acknowledges it and both say ready.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Hold {
    /// The id to acknowledge. For a stop, the id of the newest stop cue.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// The reason.
    pub reason: HoldReason,
    /// Who stopped, or whose link it was; null if no person caused it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by: Option<Role>,
    /// When it began.
    pub since: Millis,
    /// When the newest stop was tapped, if its device knows the relay's clock. A late stop is shown with its
    /// age. At most [`limits::TAPPED_BEFORE_MS`](crate::limits::TAPPED_BEFORE_MS) before the relay received
    /// it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tapped_at: Option<Millis>,
    /// When the screen of the person who did not cause it painted it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shown: Option<Millis>,
    /// Whether the helper said "hands off".
    #[serde(default, skip_serializing_if = "is_default")]
    pub acknowledged: bool,
    /// How many stops this hold includes.
    pub count: u32,
}

/// The status of a device's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LinkStatus {
    /// The device sends heartbeats and receives its state.
    Here,
    /// No message for half the link timeout. The link is still up.
    Late,
    /// No message for the link timeout, or a closed socket, or a device that does not receive its state.
    Lost,
    /// Hidden or locked, as the device itself reported.
    Away,
    /// Has never joined.
    Absent,
}

impl LinkStatus {
    /// Whether a session may be live with this link.
    #[must_use]
    pub const fn is_up(self) -> bool {
        match self {
            LinkStatus::Here | LinkStatus::Late => true,
            LinkStatus::Lost | LinkStatus::Away | LinkStatus::Absent => false,
        }
    }
}

/// What the two have confirmed before the first ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Confirmed {
    /// The receiver's set-up list.
    #[serde(default, skip_serializing_if = "is_default")]
    pub receiver: bool,
    /// The helper's set-up list.
    #[serde(default, skip_serializing_if = "is_default")]
    pub helper: bool,
    /// Whether one of the warning signs applies; null while unanswered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub warning_signs: Option<bool>,
    /// Whether a professional has cleared a warning sign that applies, according to the receiver. A new
    /// answer on warning signs resets it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cleared: bool,
}

/// A cue on the helper's screen, with its receipts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ShownCue {
    /// The cue's id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Which cue.
    pub cue: Cue,
    /// When the relay received it.
    pub at: Millis,
    /// When it was tapped, if its device knows the relay's clock; limited as for a hold.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tapped_at: Option<Millis>,
    /// When the helper's screen painted it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shown: Option<Millis>,
    /// When the helper acknowledged it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub acknowledged: Option<Millis>,
}

impl ShownCue {
    /// A cue that was just put on the screen and is not painted yet.
    #[must_use]
    pub const fn new(id: Id, cue: Cue, at: Millis, tapped_at: Option<Millis>) -> Self {
        Self {
            id,
            cue,
            at,
            tapped_at,
            shown: None,
            acknowledged: None,
        }
    }
}

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CheckIn {
    /// The id of the helper's cue, or of the relay's own question.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub id: Id,
    /// Who asked; null for the relay.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by: Option<Role>,
    /// When it was asked.
    pub asked_at: Millis,
    /// When the hold begins if the question is not answered.
    pub due_at: Millis,
    /// Whether it was asked a second time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub again: bool,
    /// When the receiver's screen painted it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shown: Option<Millis>,
}

/// How a session ended, with its figures.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Ended {
    /// When it ended.
    pub at: Millis,
    /// Who ended it; null for the relay.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by: Option<Role>,
    /// How long it was live, in milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub live_ms: u64,
    /// How many stops there were, the rehearsal's included.
    pub stops: u32,
    /// From the relay's receipt of a stop to the paint on the other screen.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stop_shown: Option<Spread>,
    /// From the relay's receipt of a stop to "hands off".
    #[serde(default, skip_serializing_if = "is_default")]
    pub stop_acknowledged: Option<Spread>,
    /// From the tap of a stop to the paint on the other screen, where both devices know the relay's clock.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tap_shown: Option<EstimatedSpread>,
    /// From the tap of a stop to the relay's receipt of "hands off", where the device of the tap
    /// knows the relay's clock.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tap_acknowledged: Option<EstimatedSpread>,
}

/// Median and worst of some durations, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Spread {
    /// The median; for an even number, the lower of the two in the middle.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub median_ms: u64,
    /// The longest.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub worst_ms: u64,
}

/// Median and worst of some durations between two clocks, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EstimatedSpread {
    /// The median; for an even number, the lower of the two in the middle.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub median_ms: u64,
    /// The longest.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub worst_ms: u64,
    /// The greatest error of any of them: the sum of both devices' uncertainties.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub uncertainty_ms: u64,
}

/// What the two agreed on when the session was opened. It belongs to the session, not to a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(default)]
pub struct Options {
    /// Whether the first live needs a rehearsed stop.
    pub rehearsal: bool,
    /// Whether the first live needs both set-up lists and the receiver's answer on warning signs.
    pub setup: bool,
    /// The relay asks after this many seconds live without a sign from the receiver; 0 means off.
    pub check_in_every_s: u32,
    /// Whether the session is live only while the receiver's thumb stays on the screen.
    pub hold_to_consent: bool,
    /// The retention of the transcript after the end: "30d", or "none".
    pub keep: Keep,
}

impl Options {
    /// The same options, with each value limited to its bounds.
    #[must_use]
    pub fn within_bounds(self) -> Self {
        Self {
            check_in_every_s: self
                .check_in_every_s
                .min(crate::limits::CHECK_IN_EVERY_MAX_S),
            ..self
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rehearsal: true,
            setup: true,
            check_in_every_s: crate::limits::CHECK_IN_EVERY_S,
            hold_to_consent: false,
            keep: Keep::default(),
        }
    }
}

/// The retention of a transcript after the end, in days; "none" keeps nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "String", into = "String")]
pub struct Keep(#[cfg_attr(feature = "typescript", ts(type = "string"))] u16);

impl Keep {
    /// The longest retention that a session may choose, in days.
    pub const MAX_DAYS: u16 = 365;

    /// The retention in whole days after the end; 0 keeps nothing.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self(30)
    }
}

impl From<Keep> for String {
    fn from(keep: Keep) -> Self {
        match keep.0 {
            0 => "none".into(),
            days => format!("{days}d"),
        }
    }
}

impl TryFrom<String> for Keep {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const HOW: &str = "keep is \"none\" or a number of days from 1 to 365, like \"30d\"";
        if text == "none" {
            return Ok(Self(0));
        }
        let days = text.strip_suffix('d').and_then(|n| n.parse().ok());
        days.filter(|days| (1..=Self::MAX_DAYS).contains(days))
            .map(Self)
            .ok_or(HOW)
    }
}

/// A name that a person typed: at most 40 characters, trimmed, without invisible characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "String", into = "String")]
pub struct Name(#[cfg_attr(feature = "typescript", ts(type = "string"))] String);

impl Name {
    /// The name as typed, without invisible characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(…)")
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // Invisible characters are removed. Marks that change the reading direction could make one name look
        // like another. Joiners stay, because some names need them.
        let seen = text.chars().filter(|c| !is_stray(*c));
        let seen = seen.filter_map(|c| match c {
            c if c.is_whitespace() => Some(' '),
            c if c.is_control() => None,
            c => Some(c),
        });
        let seen: String = seen.collect();
        let text = seen.trim_matches(|c: char| c.is_whitespace() || is_joiner(c));
        if text.is_empty() || text.chars().count() > crate::limits::NAME_CHARS {
            return Err("a name has 1 to 40 characters");
        }
        Ok(Self(text.into()))
    }
}
