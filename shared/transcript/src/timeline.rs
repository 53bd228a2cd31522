//! The timeline: what was when, in bands and marks, as found by the fold.

use serde::Serialize;

use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::state::{HoldReason, LinkStatus, Phase, State};
use tapcue_rules::time::Millis;

use super::outcome::Became;

/// What was when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// When the session was opened.
    pub from: Millis,
    /// When it ended; while it has not, its newest entry. Notes of the next day lie after it.
    pub to: Millis,
    /// How the session stood, from first to last without gaps.
    pub bands: Vec<Band>,
    /// How each device's link was, from first to last without gaps.
    pub links: Both<Vec<LinkBand>>,
    /// What people and the relay did, in order.
    pub marks: Vec<Mark>,
}

/// How the session stood for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Where it stood.
    pub phase: Phase,
    /// While held, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<HoldReason>,
    /// While held, who caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Role>,
    /// From when.
    pub from: Millis,
    /// Until when; null while it lasts.
    pub to: Option<Millis>,
    /// The entry with which it began.
    pub began: u64,
    /// While held, how many stops it saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<u32>,
}

/// How a device's link was for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkBand {
    /// How.
    pub status: LinkStatus,
    /// From when.
    pub from: Millis,
    /// Until when; null while it lasts.
    pub to: Option<Millis>,
}

/// Something at one moment, in somebody's lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Which entry.
    pub seq: u64,
    /// Whose lane; null for the relay's.
    pub by: Option<Role>,
    /// When.
    pub at: Millis,
    /// What.
    pub kind: MarkKind,
    /// What became of it.
    pub result: Became,
}

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum MarkKind {
    /// A cue.
    Cue {
        /// Which.
        cue: Cue,
    },
    /// The receiver's thumb.
    Thumb {
        /// Put down, or lifted.
        down: bool,
    },
    /// "Hands off": a hold was acknowledged.
    HandsOff,
    /// "Seen": a cue was acknowledged.
    Seen,
    /// A set-up list, or the answer on warning signs.
    Confirmed,
    /// The relay's own check-in, or its asking again.
    CheckIn,
    /// The other person joined.
    Joined,
    /// A device came back.
    Connected,
    /// The relay restarted.
    Restarted,
    /// Over.
    Ended,
}

/// Collects the timeline, state by state.
#[derive(Debug)]
pub(super) struct Builder {
    from: Millis,
    bands: Vec<Band>,
    links: Both<Vec<LinkBand>>,
    pub(super) marks: Vec<Mark>,
    /// Since when the hold of the last band is, to tell a new one for the same reason.
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
        // A stop may wait for hands off after the end; the session is over all the same.
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

    /// The band that lasts.
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
    /// How long it lasted, in milliseconds; up to `now` if it still does.
    #[must_use]
    pub fn ms(&self, now: Millis) -> u64 {
        self.to.unwrap_or(now).since(self.from)
    }
}
