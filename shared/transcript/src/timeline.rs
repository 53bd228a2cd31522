//! The timeline: the session's phases, links and events over time, in bands and marks, as the fold finds
//! them. `drawing.rs` lays it out.

use serde::Serialize;

use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::state::{HoldReason, LinkStatus, Phase, State};
use tapcue_rules::time::Millis;

use super::outcome::Became;

/// The session's phases, links and events over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// When the session was opened.
    pub from: Millis,
    /// When it ended; before the end, the time of its newest entry. Notes of the next day are later than
    /// this.
    pub to: Millis,
    /// The phases of the session, from first to last without gaps.
    pub bands: Vec<Band>,
    /// The status of each device's link, from first to last without gaps.
    pub links: Both<Vec<LinkBand>>,
    /// The events of people and the relay, in order.
    pub marks: Vec<Mark>,
}

/// A phase of the session for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// The phase.
    pub phase: Phase,
    /// The reason, while held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<HoldReason>,
    /// Who caused it, while held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Role>,
    /// When it began.
    pub from: Millis,
    /// When it ended; null while it lasts.
    pub to: Option<Millis>,
    /// The place of the entry that began it.
    pub began: u64,
    /// The number of stops, while held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<u32>,
}

/// The status of a device's link for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkBand {
    /// The status.
    pub status: LinkStatus,
    /// When it began.
    pub from: Millis,
    /// When it ended; null while it lasts.
    pub to: Option<Millis>,
}

/// An event at one moment, in the lane of one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// The place of the entry.
    pub seq: u64,
    /// The role of the lane; null for the relay's.
    pub by: Option<Role>,
    /// When it happened.
    pub at: Millis,
    /// The kind.
    pub kind: MarkKind,
    /// The result.
    pub result: Became,
}

/// The kind of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum MarkKind {
    /// A cue.
    Cue {
        /// The cue.
        cue: Cue,
    },
    /// The receiver's thumb.
    Thumb {
        /// Whether it was put down.
        down: bool,
    },
    /// "Hands off": a hold was acknowledged.
    HandsOff,
    /// "Seen": a cue was acknowledged.
    Seen,
    /// A set-up list, or the answer on warning signs.
    Confirmed,
    /// The relay's own check-in, or its repetition.
    CheckIn,
    /// The other person joined.
    Joined,
    /// A device reconnected.
    Connected,
    /// The relay restarted.
    Restarted,
    /// The session ended.
    Ended,
}

/// Collects the timeline, state by state.
#[derive(Debug)]
pub(super) struct Builder {
    from: Millis,
    bands: Vec<Band>,
    links: Both<Vec<LinkBand>>,
    pub(super) marks: Vec<Mark>,
    /// When the hold of the last band began, to recognise a new hold with the same reason.
    since: Option<Millis>,
}

impl Builder {
    pub(super) fn new(at: Millis, state: &State) -> Self {
        let mut builder = Self {
            from: at,
            bands: Vec::new(),
            links: Both::default(),
            marks: Vec::new(),
            since: None,
        };
        builder.watch(1, at, state);
        builder
    }

    /// Takes the state after an entry.
    pub(super) fn watch(&mut self, seq: u64, at: Millis, state: &State) {
        self.watch_phase(seq, at, state);
        for role in Role::BOTH {
            let status = *state.peers.of(role);
            let links = self.links.of_mut(role);
            if links.last().is_none_or(|last| last.status != status) {
                if let Some(last) = links.last_mut() {
                    last.to = Some(at);
                }
                links.push(LinkBand {
                    status,
                    from: at,
                    to: None,
                });
            }
        }
    }

    fn watch_phase(&mut self, seq: u64, at: Millis, state: &State) {
        // After the end a stop may still wait for "hands off", but the session is over.
        let hold = state.hold.as_ref();
        let hold = hold.filter(|_| state.phase != Phase::Ended);
        let reason = hold.map(|hold| hold.reason);
        let since = hold.map(|hold| hold.since);
        if let Some(last) = self.bands.last_mut() {
            if last.phase == state.phase && last.reason == reason && self.since == since {
                last.stops = hold.map(|hold| hold.count);
                return;
            }
            last.to = Some(at);
        }
        self.since = since;
        self.bands.push(Band {
            phase: state.phase,
            reason,
            by: hold.and_then(|hold| hold.by),
            from: at,
            to: None,
            began: seq,
            stops: hold.map(|hold| hold.count),
        });
    }

    /// The band that still lasts.
    pub(super) fn current(&self) -> Option<&Band> {
        self.bands.last()
    }

    pub(super) fn finish(self, to: Millis) -> Timeline {
        Timeline {
            from: self.from,
            to,
            bands: self.bands,
            links: self.links,
            marks: self.marks,
        }
    }
}

impl Band {
    /// How long it lasted, in milliseconds. If it still lasts, up to `now`.
    #[must_use]
    pub fn ms(&self, now: Millis) -> u64 {
        self.to.unwrap_or(now).since(self.from)
    }
}
