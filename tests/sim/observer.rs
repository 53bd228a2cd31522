//! Who watches: knows what people did, what went over the network and what stands on the screens,
//! and asks no machine of the product what it thinks of itself.
//!
//! It counts in epochs, for a hold ends an epoch: `over` says of which epochs it is certain, from
//! what happened outside, that no word may say live any more.

use std::collections::{HashMap, HashSet};

use tapcue_shared::cue::{Cue, Role};
use tapcue_shared::ids::Id;
use tapcue_shared::link::View;
use tapcue_shared::message::{ToDevice, ToRelay};
use tapcue_shared::state::{HoldReason, Phase, State};

use crate::word::{Kind, Word};

/// The relay acts within the millisecond; its timers may be one late, and so may the clock's edge.
const EDGE_MS: u64 = 5;
const LOST_MS: u64 = 2_000;

/// Both roles, as places in a pair.
pub(crate) const RECEIVER: usize = 0;
pub(crate) const HELPER: usize = 1;

pub(crate) struct Stop {
    pub(crate) id: Id,
    pub(crate) who: usize,
    pub(crate) tapped: u64,
    /// Its device was replaced before it was recorded: nobody can send it again.
    pub(crate) given_up: bool,
    checked: bool,
}

#[derive(Default)]
pub(crate) struct Observer {
    /// How many times anything was checked.
    pub(crate) checks: u64,
    pub(crate) violation: Option<String>,
    pub(crate) stops: Vec<Stop>,
    pub(crate) went_live: u64,
    pub(crate) held_facts: u64,
    /// The newest epoch of which the relay spoke, and whether it said live in it.
    known: (Era, bool),
    /// Which relay spoke of an epoch first.
    born: HashMap<u64, u64>,
    /// From when on which epochs (this and older) cannot be live.
    over: Vec<(Era, u64)>,
    ready_tapped: [HashSet<u64>; 2],
    ready_delivered: [HashSet<u64>; 2],
    own_stop: [Option<Era>; 2],
    /// When the newest stop reached the relay, and from when on somebody may acknowledge it.
    stop_delivered: Option<(u64, u64)>,
    ack_tapped: Option<u64>,
    acked: HashSet<Id>,
    painted: [HashSet<Id>; 2],
    cue_epoch: HashMap<Id, (Cue, u64)>,
    on_helper: HashSet<Id>,
    gone: HashSet<Id>,
    seen_stops: [HashSet<Id>; 2],
    latched: [Option<(Id, u64)>; 2],
    /// Which connection the relay welcomed last, for each.
    current: [Option<usize>; 2],
    sign: [u64; 2],
    untaken: [Option<(u64, u64)>; 2],
    asked: Option<(Id, u64, u64)>,
    receiver_cue: u64,
    /// When the newest word that a device took was written.
    word_at: [Option<u64>; 2],
    /// The stops that a relay has had.
    stopped: HashSet<Id>,
    leaving: bool,
}

/// Which relay spoke of an epoch first, and the epoch: epochs of a restarted relay leap, and only those
/// of one relay have an order.
type Era = (u64, u64);

/// What the world knows of a device beside its screen.
pub(crate) struct Around {
    pub(crate) now: u64,
    /// Since when nothing has disturbed anything.
    pub(crate) calm_from: u64,
    /// The longest way from one device to the other.
    pub(crate) way: u64,
    pub(crate) hidden: bool,
    pub(crate) frozen: bool,
}

impl Observer {
    fn must(&mut self, so: bool, else_what: impl FnOnce() -> String) {
        self.checks += 1;
        if !so && self.violation.is_none() {
            self.violation = Some(else_what());
        }
    }

    fn era(&self, epoch: u64) -> Era {
        (self.born.get(&epoch).copied().unwrap_or(0), epoch)
    }

    pub(crate) fn tapped(&mut self, who: usize, id: Id, cue: Cue, epoch: Option<u64>, now: u64) {
        let epoch = epoch.unwrap_or(0);
        if cue == Cue::Stop {
            self.own_stop[who] = Some(self.era(epoch));
            self.stops.push(Stop {
                id,
                who,
                tapped: now,
                given_up: false,
                checked: false,
            });
        } else {
            self.cue_epoch.insert(id, (cue, epoch));
            if cue == Cue::Ready {
                self.ready_tapped[who].insert(epoch);
            }
        }
    }

    pub(crate) fn acknowledged(&mut self, id: Id, now: u64) {
        self.acked.insert(id);
        self.ack_tapped = Some(now);
    }

    pub(crate) fn painted(&mut self, who: usize, id: Id) {
        self.painted[who].insert(id);
    }

    /// Of this epoch and all before it no word may say live from now on.
    fn over(&mut self, epoch: Era, now: u64) {
        if self.over.last().is_none_or(|(last, _)| *last < epoch) {
            self.held_facts += 1;
            self.over.push((epoch, now));
        }
    }

    /// Something that must end live has happened, if it is live.
    fn over_if_live(&mut self, now: u64) {
        if self.known.1 && !self.leaving {
            self.over(self.known.0, now);
        }
    }

    /// A frame of a device's has reached the relay.
    pub(crate) fn delivered(&mut self, who: usize, conn: usize, message: &ToRelay, now: u64) {
        let current = self.current[who] == Some(conn);
        if let ToRelay::Cue { id, cue, epoch, .. } = message {
            if *cue == Cue::Stop {
                // The same stop again is no new hold.
                if !self.leaving && self.stopped.insert(*id) {
                    self.over(self.known.0, now);
                    // Who stops may say at once that their own hands are off; the other cannot know.
                    let own = self
                        .stops
                        .iter()
                        .find(|stop| stop.id == *id && who == HELPER);
                    self.stop_delivered = Some((now, own.map_or(now, |stop| stop.tapped)));
                }
            } else if *cue == Cue::Ready {
                self.ready_delivered[who].extend(epoch);
            }
            if who == RECEIVER {
                self.receiver_cue = now;
            }
        }
        if !current {
            return;
        }
        match message {
            ToRelay::Beat { .. } => self.sign[who] = now,
            ToRelay::Away => self.over_if_live(now),
            ToRelay::Received { seq } => match &mut self.untaken[who] {
                Some((sent, _)) if seq >= sent => self.untaken[who] = None,
                Some((_, since)) => *since = now,
                None => {}
            },
            _ => {}
        }
    }

    /// The relay has seen the end of a connection.
    pub(crate) fn ended(&mut self, who: usize, conn: usize, now: u64) {
        if self.current[who] == Some(conn) {
            self.current[who] = None;
            self.untaken[who] = None;
            self.over_if_live(now);
        }
    }

    pub(crate) fn killed(&mut self, now: u64) {
        self.over(self.known.0, now);
        self.current = [None; 2];
        self.untaken = [None; 2];
        self.asked = None;
        self.leaving = false;
    }

    /// The relay was told to go down: it takes nothing any more, and is killed soon.
    pub(crate) fn shut_down(&mut self) {
        self.leaving = true;
    }

    /// A device was replaced by one that has shown nothing yet.
    pub(crate) fn new_screen(&mut self, who: usize) {
        self.latched[who] = None;
        self.own_stop[who] = None;
        self.word_at[who] = None;
    }

    /// The relay has written a frame.
    pub(crate) fn word(&mut self, who: usize, conn: usize, life: u64, word: &Word, prompt: bool) {
        let Word { written, kind, .. } = *word;
        if kind == Kind::Other {
            return;
        }
        let (epoch, live) = (word.epoch, word.live);
        let born = *self.born.entry(epoch).or_insert(life);
        self.must(born == life, || {
            format!("relay {life} speaks of epoch {epoch}, which relay {born} used before")
        });
        let era = (born, epoch);
        match kind {
            Kind::Welcome => {
                // Whoever comes back was gone.
                self.over_if_live(written);
                self.current[who] = Some(conn);
                self.sign[who] = written;
                self.untaken[who] = None;
            }
            Kind::State(seq) if self.current[who] == Some(conn) => {
                let since = self.untaken[who].map_or(written, |(_, since)| since);
                self.untaken[who] = Some((seq, since));
            }
            Kind::State(_) | Kind::Beat | Kind::Other => {}
        }
        if (era, live) > self.known {
            self.went_live += u64::from(live);
            self.known = (era, live);
        }
        if live && prompt {
            let over = self.over.iter().find(|(over, _)| *over >= era).copied();
            self.must(over.is_none_or(|(_, at)| written <= at + EDGE_MS), || {
                format!("the relay says live in epoch {epoch}, which was over: {over:?}")
            });
            for role in [RECEIVER, HELPER] {
                let said = self.ready_delivered[role].contains(&epoch);
                self.must(said, || {
                    format!("live in epoch {epoch} without ready of {role} having arrived")
                });
                let sign = self.sign[role];
                self.must(written <= sign + LOST_MS + EDGE_MS, || {
                    format!("live, and nothing came from {role} since {sign}")
                });
            }
            let (stop, ack) = (self.stop_delivered, self.ack_tapped);
            // A stop that arrives in this very millisecond may be behind this word.
            let stop = stop.filter(|(at, _)| *at + EDGE_MS < written);
            let acked = stop.is_none_or(|(_, from)| ack.is_some_and(|ack| ack >= from));
            self.must(acked, || {
                format!("live, and the stop of {stop:?} was not acknowledged (last: {ack:?})")
            });
        }
    }

    /// The relay has reported something as recorded.
    pub(crate) fn recorded(&mut self, id: Id, durable: bool) {
        self.must(durable, || {
            format!("{id} was reported as recorded and is not")
        });
    }

    /// What the clock alone makes certain.
    pub(crate) fn time(&mut self, now: u64) {
        for role in [RECEIVER, HELPER] {
            if self.current[role].is_none() {
                continue;
            }
            if now > self.sign[role] + LOST_MS {
                self.over_if_live(now);
            }
            if let Some((_, since)) = self.untaken[role]
                && now > since + LOST_MS
            {
                self.over_if_live(now);
            }
        }
        if let Some((_, epoch, since)) = self.asked
            && now > since + 10_000 + EDGE_MS
        {
            self.asked = None;
            if self.receiver_cue + 3_000 < since && self.known == (self.era(epoch), true) {
                self.over(self.known.0, now);
            }
        }
    }

    /// A device has taken a frame.
    pub(crate) fn took(&mut self, who: usize, message: &ToDevice, written: u64) {
        match message {
            ToDevice::Beat { .. } => self.word_at[who] = Some(written),
            ToDevice::Stop(notice) => {
                self.seen_stops[who].insert(notice.id);
            }
            ToDevice::State { state, .. } => self.state(who, state, written),
            ToDevice::Welcome(welcome) => {
                // Nothing was promised across a restart: what was lost is sent again.
                self.latched[who] = None;
                self.state(who, &welcome.state, written);
            }
            _ => {}
        }
    }

    fn state(&mut self, who: usize, state: &State, written: u64) {
        let epoch = state.epoch;
        let shown = |shown: Option<_>, id: Id| shown.map(|_| id);
        if let Some(hold) = &state.hold {
            let by = hold.by.map(place);
            let by_whom = |other: &usize| Some(*other) != by;
            let painted = [RECEIVER, HELPER].into_iter().filter(by_whom);
            let painted = painted
                .into_iter()
                .any(|w| self.painted[w].contains(&hold.id));
            self.must(hold.shown.is_none() || painted, || {
                format!("hold {} is said to be shown and nobody painted it", hold.id)
            });
            let acked = self.acked.contains(&hold.id);
            self.must(!hold.acknowledged || acked, || {
                format!("hold {} is said to be acknowledged and nobody did", hold.id)
            });
            if hold.reason == HoldReason::Stop {
                self.seen_stops[who].insert(hold.id);
            }
        }
        let stop = state.hold.as_ref();
        let stop = stop.filter(|hold| hold.reason == HoldReason::Stop && !hold.acknowledged);
        if let Some((latched, seq)) = self.latched[who]
            && state.seq >= seq
        {
            // A newer stop takes the older one into its hold, and is acknowledged for both.
            let stays = |hold: &tapcue_shared::state::Hold| hold.reason == HoldReason::Stop;
            let stays = state.hold.as_ref().is_some_and(stays);
            let acked = self.acked.contains(&latched) || state.ended.is_some();
            self.must(acked || stays, || {
                format!("stop {latched} left the screen of {who} and nobody acknowledged it")
            });
        }
        self.latched[who] = stop.map(|hold| (hold.id, state.seq));
        let cues: Vec<_> = state.cue.iter().chain(&state.earlier).collect();
        for cue in &cues {
            let of = shown(cue.shown, cue.id);
            let painted = of.is_none_or(|id| self.painted[HELPER].contains(&id));
            self.must(painted, || format!("cue {} was not painted", cue.id));
            let of = shown(cue.acknowledged, cue.id);
            let acked = of.is_none_or(|id| self.acked.contains(&id));
            self.must(acked, || format!("cue {} was not acknowledged", cue.id));
        }
        if let Some(asked) = &state.check_in {
            let painted = self.painted[RECEIVER].contains(&asked.id);
            self.must(asked.shown.is_none() || painted, || {
                format!("question {} was not painted", asked.id)
            });
            if self.asked.is_none_or(|(id, ..)| id != asked.id) && state.phase == Phase::Live {
                self.asked = Some((asked.id, epoch, written));
            }
        }
        if who == HELPER {
            let others = cues.iter().filter(|cue| cue.cue != Cue::Stop);
            let others: HashSet<_> = others.map(|cue| cue.id).collect();
            for id in &others {
                let tapped = self.cue_epoch.get(id).copied();
                self.must(tapped.is_some_and(|(_, tapped)| tapped == epoch), || {
                    format!("cue {id}, tapped in {tapped:?}, is on the screen in epoch {epoch}")
                });
                let back = self.gone.contains(id);
                self.must(!back, || {
                    format!("cue {id} is on the screen for a second time")
                });
            }
            let left = self.on_helper.difference(&others).copied();
            self.gone.extend(left);
            self.on_helper = others;
        }
    }

    /// What stands on a screen now.
    pub(crate) fn screen(&mut self, who: usize, view: &View, state: Option<&State>, a: &Around) {
        let now = a.now;
        if view.go {
            let epoch = state.map_or(0, |state| state.epoch);
            for role in [RECEIVER, HELPER] {
                let said = self.ready_tapped[role].contains(&epoch)
                    && self.ready_delivered[role].contains(&epoch);
                self.must(said, || {
                    format!("go on {who} in epoch {epoch} without a ready of {role}")
                });
            }
            let (own, era) = (self.own_stop[who], self.era(epoch));
            self.must(own.is_none_or(|own| era > own), || {
                format!("go on {who} in epoch {epoch} after its own stop in {own:?}")
            });
            let word = self.word_at[who];
            self.must(word.is_some_and(|at| now < at + LOST_MS), || {
                format!("go on {who} by a word of {word:?}")
            });
            self.must(!a.hidden, || format!("go on {who}, which is hidden"));
            let over = self.over.iter().find(|(over, _)| *over >= era).copied();
            let at = over.map_or(now, |(_, at)| at);
            self.must(now <= at + LOST_MS + EDGE_MS, || {
                format!("go on {who} in epoch {epoch}, which was over: {over:?}")
            });
            // On its way: an earlier state, its `received`, and the one that matters.
            let calm = a.calm_from < at && !a.frozen;
            self.must(!calm || now <= at + 3 * a.way + 50, || {
                format!("go on {who} in epoch {epoch} for too long: over {over:?}")
            });
        }
        // Every stop is on the other screen in time, if nothing stood in its way.
        let bound = a.way + 20;
        let due = |stop: &Stop| stop.who != who && !stop.checked && now >= stop.tapped + bound;
        let Some(due) = self.stops.iter().position(due) else {
            return;
        };
        let stop = &mut self.stops[due];
        stop.checked = true;
        let (id, tapped) = (stop.id, stop.tapped);
        if tapped > a.calm_from && now <= tapped + bound + EDGE_MS && !a.frozen && !a.hidden {
            let red = self.seen_stops[who].contains(&id)
                || state.is_some_and(|state| {
                    state.ended.is_some()
                        || state
                            .hold
                            .as_ref()
                            .is_some_and(|h| h.reason == HoldReason::Stop)
                });
            self.must(red && !view.go, || {
                format!("the stop of {tapped} is not on the screen of {who} at {now}")
            });
        }
    }

    /// When the next stop has to be on the other screen.
    pub(crate) fn next_due(&self, way: u64, now: u64) -> Option<u64> {
        let open = self.stops.iter().filter(|stop| !stop.checked);
        let due = open.map(|stop| stop.tapped + way + 20);
        due.filter(|at| *at > now).min()
    }

    /// A device was replaced: what it had not got recorded is lost with it.
    pub(crate) fn replaced(&mut self, who: usize, durable: &HashSet<Id>) {
        for stop in self.stops.iter_mut().filter(|stop| stop.who == who) {
            stop.given_up |= !durable.contains(&stop.id);
        }
    }

    /// Everything has healed: every stop is recorded, and it or a later one was on the other screen.
    pub(crate) fn healed(&mut self, recorded: &[Id]) {
        let stops = std::mem::take(&mut self.stops);
        for stop in stops.iter().filter(|stop| !stop.given_up) {
            let place = recorded.iter().position(|id| *id == stop.id);
            self.must(place.is_some(), || format!("stop {} is lost", stop.id));
            let later = place.map_or(&[][..], |place| &recorded[place..]);
            let seen = &self.seen_stops[1 - stop.who];
            // A helper's own stop, acknowledged while the receiver was away, leaves another hold.
            let seen = later
                .iter()
                .any(|id| seen.contains(id) || self.acked.contains(id));
            self.must(seen, || {
                format!("stop {} never got to the other screen", stop.id)
            });
        }
        self.stops = stops;
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.must(false, || what);
    }
}

fn place(role: Role) -> usize {
    match role {
        Role::Receiver => RECEIVER,
        Role::Helper => HELPER,
    }
}
