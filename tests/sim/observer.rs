//! The observer knows what people did, what the network carried and what the screens show. It never asks the
//! product's own machines.
//!
//! It counts in epochs, because a hold ends an epoch. `over` lists the epochs that cannot be live any more,
//! as proven by events outside the relay.

mod arrivals;
mod healed;
mod relay;
mod screen;
mod taken;
mod words;

use std::collections::{HashMap, HashSet};

use relay::RelaySide;
pub(crate) use screen::Around;
use taken::DeviceSide;
pub(crate) use taken::Origin;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::state::Options;

use crate::tally::{Rule, Tally};

/// The relay acts within a millisecond; its timers and the clock's edge may each be one late.
const EDGE_MS: u64 = 5;
/// The link timeout.
const LOST_MS: u64 = 2_000;
/// A ready this soon after a hold began is a reflex.
const REFLEX_MS: u64 = 500;
/// How long a cue may wait to be sent.
const EXPIRES_MS: u64 = 2_000;
/// A question that is unanswered for this long leads to a hold.
const NO_ANSWER_MS: u64 = 15_000;
/// How long something must be on a screen before an act can answer it.
const MEANT_MS: u64 = 450;
/// How long a ready counts.
const READY_FOR_MS: u64 = 60_000;
/// The most unrecorded cues that a device keeps.
const UNRECORDED_AT_MOST: usize = 32;
/// A cue that was not sent is dropped after this time.
const CUE_EXPIRES_MS: u64 = 2_000;
/// How long after the end a stop counts.
const STOP_AFTER_END_MS: u64 = 5_000;

/// Both roles, as indices of a pair.
pub(crate) const RECEIVER: usize = 0;
pub(crate) const HELPER: usize = 1;

/// The relay that first named an epoch, and the epoch. Epochs jump at a restart, so only those of one relay
/// have an order.
type Era = (u64, u64);

pub(crate) struct Stop {
    id: Id,
    who: usize,
    tapped: u64,
    /// No device sends it again. Its device was replaced before it was recorded, newer stops displaced it, or
    /// a person dismissed it after it came too late.
    given_up: bool,
    /// The relay refused it as too late after the end. Its device sends it again to a relay that lost that
    /// end.
    too_late: bool,
    checked: bool,
}

/// A cue that a person tapped, other than stop.
struct Tapped {
    who: usize,
    cue: Cue,
    epoch: u64,
    at: u64,
    /// The hold that it answers, as the screen showed it.
    hold: Option<Id>,
    sent: Option<u64>,
    /// It need not be recorded: the relay refused it, its device was replaced, or newer taps displaced it.
    excused: bool,
}

#[derive(Default)]
pub(crate) struct Observer {
    pub(crate) tally: Tally,
    pub(crate) violation: Option<String>,
    pub(crate) options: Option<Options>,
    stops: Vec<Stop>,
    cues: HashMap<Id, Tapped>,
    ready_tapped: [HashSet<u64>; 2],
    acked: HashSet<Id>,
    /// Since when no thumb is on the receiver's device.
    lifted: Option<u64>,
    painted: [HashSet<Id>; 2],
    /// When each of them appeared on the screen of this device.
    painted_at: [HashMap<Id, u64>; 2],
    /// The cues that reached a relay.
    arrived: HashSet<Id>,
    /// The stops' holds, in order of appearance.
    holds: Vec<Id>,
    /// For each killed relay in order, the cues that were durable then.
    durable_at_kill: Vec<HashSet<Id>>,
    relay: RelaySide,
    devices: [DeviceSide; 2],
}

impl Observer {
    fn must(&mut self, rule: Rule, so: bool, else_what: impl FnOnce() -> String) {
        self.tally.checks[rule as usize] += 1;
        if !so && self.violation.is_none() {
            self.violation = Some(format!("{}: {}", rule.name(), else_what()));
        }
    }

    pub(crate) fn fail(&mut self, rule: Rule, what: String) {
        self.must(rule, false, || what);
    }

    pub(crate) fn see(&mut self, what: &'static str) {
        self.tally.see(what);
    }

    /// A person tapped. `up` is whether their screen shows a working link.
    pub(crate) fn tapped(
        &mut self,
        who: usize,
        id: Id,
        cue: Cue,
        epoch: Option<u64>,
        up: bool,
        now: u64,
    ) {
        let epoch = epoch.unwrap_or(0);
        self.keep(who, id, cue == Cue::Stop, now);
        if cue != Cue::Stop {
            let tapped = Tapped {
                who,
                cue,
                epoch,
                at: now,
                hold: self.devices[who].held.filter(|_| cue == Cue::Ready),
                sent: None,
                excused: false,
            };
            self.cues.insert(id, tapped);
            if cue == Cue::Ready {
                self.ready_tapped[who].insert(epoch);
            }
            return;
        }
        let era = self.relay.era(epoch);
        self.devices[who].own_stop = Some(era);
        self.devices[who].stop_tapped = Some(now);
        self.tally.stops += 1;
        self.see(["stop of the receiver", "stop of the helper"][who]);
        if !up {
            self.see("stop while the link is down");
        }
        self.stops.push(Stop {
            id,
            who,
            tapped: now,
            given_up: false,
            too_late: false,
            checked: false,
        });
    }

    /// A device keeps a limited number of taps. One more displaces the oldest cue, or the oldest stop if all
    /// are stops.
    fn keep(&mut self, who: usize, id: Id, is_stop: bool, now: u64) {
        let cues = &mut self.cues;
        let kept = &mut self.devices[who].kept;
        let waits = |cue: &Tapped| cue.sent.is_some() || now < cue.at + CUE_EXPIRES_MS;
        kept.retain(|(id, _)| cues.get(id).is_none_or(waits));
        if kept.len() >= UNRECORDED_AT_MOST {
            let cue = kept.iter().position(|(_, is_stop)| !is_stop);
            let (oldest, _) = kept.remove(cue.unwrap_or(0));
            if let Some(cue) = cues.get_mut(&oldest) {
                cue.excused = true;
            }
            let stops = self.stops.iter_mut().filter(|stop| stop.id == oldest);
            stops.for_each(|stop| stop.given_up = true);
        }
        kept.push((id, is_stop));
    }

    /// The thumb was put on the receiver's device, or lifted.
    pub(crate) fn thumb(&mut self, down: bool, now: u64) {
        self.lifted = (!down).then_some(self.lifted.unwrap_or(now));
    }

    /// A device hands a cue to its transport.
    pub(crate) fn sent(&mut self, id: Id, now: u64) {
        let Some(cue) = self.cues.get_mut(&id) else {
            return;
        };
        if cue.sent.is_some() {
            return self.see("cue sent again");
        }
        cue.sent = Some(now);
        let (what, at, who, hold) = (cue.cue, cue.at, cue.who, cue.hold);
        let meant = hold.is_none_or(|hold| self.has_seen(who, hold, at));
        self.must(Rule::AnActIsMeant, meant, || {
            format!("{who} said ready at {at} to {hold:?}, which was not on the screen long enough")
        });
        self.must(
            Rule::NothingStaleIsShown,
            now < at + EXPIRES_MS + EDGE_MS,
            || format!("{what:?}, tapped at {at}, is sent for the first time"),
        );
    }

    /// A device sends "hands off" or "seen".
    pub(crate) fn acknowledged(&mut self, who: usize, id: Id, now: u64) {
        self.acked.insert(id);
        let meant = self.has_seen(who, id, now);
        self.must(Rule::AnActIsMeant, meant, || {
            format!("{id} is acknowledged at {now}, and was not on the screen of {who} long enough")
        });
    }

    /// Whether this was on a device's screen long enough for an answer.
    fn has_seen(&self, who: usize, id: Id, now: u64) -> bool {
        let painted = self.painted_at[who].get(&id);
        painted.is_some_and(|at| at + MEANT_MS <= now)
    }

    /// A stop, or a lifted thumb that counts as one, reached the relay or a screen.
    fn stop_turns_up(&mut self, id: Id) {
        if !self.holds.contains(&id) {
            self.holds.push(id);
        }
    }

    /// Whether a person acknowledged this stop, or a later one that replaced it in its hold.
    fn dealt_with(&self, stop: Id) -> bool {
        let from = self.holds.iter().position(|id| *id == stop);
        let holds = &self.holds[from.unwrap_or(0)..];
        holds.iter().any(|id| self.acked.contains(id))
    }

    pub(crate) fn painted(&mut self, who: usize, id: Id, now: u64) {
        self.painted[who].insert(id);
        self.painted_at[who].entry(id).or_insert(now);
    }
}

fn place(role: Role) -> usize {
    match role {
        Role::Receiver => RECEIVER,
        Role::Helper => HELPER,
    }
}
