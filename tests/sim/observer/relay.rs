//! The relay from outside: what has reached it, and what its messages may say afterwards.

use std::collections::{HashMap, HashSet, VecDeque};

use tapcue_rules::ids::Id;

use super::{EDGE_MS, Era, HELPER, LOST_MS, NO_ANSWER_MS, Observer, RECEIVER, STOP_AFTER_END_MS};
use crate::tally::Rule;

/// What is known of one device's connection to the relay.
#[derive(Default)]
pub(super) struct Peer {
    /// The newest connection that the relay welcomed, until it ends.
    pub(super) conn: Option<usize>,
    /// When the newest heartbeat arrived on it, and when it was sent.
    pub(super) sign: u64,
    pub(super) sign_sent: u64,
    /// Since when its page is hidden, by its own message.
    pub(super) away: Option<u64>,
    /// The numbers of the states that it has not taken, and when each was written; the oldest first.
    pub(super) untaken: VecDeque<(u64, u64)>,
    /// When it ended.
    pub(super) gone: Option<u64>,
}

impl Peer {
    pub(super) fn untaken_since(&self) -> Option<u64> {
        self.untaken.front().map(|(_, since)| *since)
    }
}

/// A stop that a relay has and no device acknowledged.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) id: Id,
    pub(super) since: u64,
}

/// An open question, and when a state first and last named it.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) id: Id,
    pub(super) first: u64,
    pub(super) last: u64,
}

#[derive(Default)]
pub(super) struct RelaySide {
    /// The newest epoch that the relay named, and whether it was live.
    pub(super) known: (Era, bool),
    /// When a message last named that epoch, and when one first said live in it.
    pub(super) known_at: u64,
    pub(super) live_at: u64,
    /// The relay that first named each epoch.
    pub(super) born: HashMap<u64, u64>,
    /// A time at which an epoch had not begun yet.
    pub(super) began_after: HashMap<u64, u64>,
    /// The last epoch named on each connection.
    pub(super) on_conn: HashMap<usize, Era>,
    /// Epochs (each with all earlier ones) that cannot be live, since when, and by which rule.
    pub(super) over: Vec<(Era, u64, Rule)>,
    pub(super) peers: [Peer; 2],
    /// When the newest ready that counts arrived, by epoch.
    pub(super) ready: [HashMap<u64, u64>; 2],
    /// A ready from a device that was not there: its epoch, and when it arrived.
    pub(super) ready_while_down: [Option<(u64, u64)>; 2],
    /// Hold to consent: the thumb that counts, its epoch and since when; when it was lifted.
    pub(super) thumb: Option<(Id, u64, u64)>,
    pub(super) lifted_at: u64,
    pub(super) confirmed: [bool; 2],
    /// The newest answer on warning signs, and since when.
    pub(super) warning: Option<(bool, u64)>,
    pub(super) rehearsed: bool,
    /// The stops that this relay has received or read from its journal.
    pub(super) stopped: HashSet<Id>,
    pub(super) open: Vec<Open>,
    /// Since when a hold waits for "hands off", and by which rule.
    pub(super) needs_ack: Option<(u64, Rule)>,
    pub(super) asked: Option<Asked>,
    pub(super) receiver_cue: u64,
    /// The relay that first said the session ended, and when.
    pub(super) ended: Option<(u64, u64)>,
    /// When an end first arrived, accepted or not. A slow connection learns of it later.
    pub(super) end_arrived: Option<u64>,
    /// Whether the end is durable.
    pub(super) ended_for_good: bool,
    /// When a relay first announced an end that survived a kill.
    pub(super) ended_at: Option<u64>,
    /// Whether a later relay has another date than the one before it.
    pub(super) dates_moved: bool,
    pub(super) leaving: bool,
}

impl RelaySide {
    pub(super) fn era(&self, epoch: u64) -> Era {
        (self.born.get(&epoch).copied().unwrap_or(0), epoch)
    }

    /// Until when a stop counts after the end. None before an end, and where only the relay can know: an end
    /// that no device heard of, or one with a changed date.
    pub(super) fn stops_until(&self) -> Option<u64> {
        let at = self.ended_at.or(self.ended.map(|(_, at)| at));
        let at = at.filter(|_| !self.ended_for_good || !self.dates_moved)?;
        Some(self.end_arrived.map_or(at, |arrived| arrived.min(at)) + STOP_AFTER_END_MS)
    }

    /// The entry that ends this epoch: from when, and by which rule.
    pub(super) fn over(&self, era: Era) -> Option<(Era, u64, Rule)> {
        self.over.iter().find(|(over, ..)| *over >= era).copied()
    }

    /// Whether the clock may begin a hold at about this time.
    pub(super) fn is_about_to_hold(&self, now: u64) -> bool {
        let soon = |since: u64, by: u64| now + EDGE_MS > since + by;
        // A state with a question may have waited to be written.
        let asked = self
            .asked
            .is_some_and(|asked| soon(asked.first, NO_ANSWER_MS - LOST_MS));
        asked
            || self.peers.iter().any(|peer| {
                let untaken = peer.untaken_since();
                soon(peer.sign, LOST_MS) || untaken.is_some_and(|since| soon(since, LOST_MS))
            })
    }

    /// Whether the relay must have noticed by now that this device is not there.
    pub(super) fn is_down(&self, who: usize, now: u64) -> bool {
        let past = |since: u64, by: u64| now > since + by + EDGE_MS;
        let peer = &self.peers[who];
        let Peer {
            sign, away, gone, ..
        } = *peer;
        past(sign, LOST_MS)
            || away.is_some_and(|at| past(at, 0))
            || gone.is_some_and(|at| past(at, 0))
            || peer
                .untaken_since()
                .is_some_and(|since| past(since, LOST_MS))
    }
}

impl Observer {
    /// From now on no message may say live in this epoch or an earlier one.
    pub(super) fn over_from(&mut self, epoch: Era, now: u64, rule: Rule) {
        let over = &mut self.relay.over;
        if over.last().is_none_or(|(last, ..)| *last < epoch) {
            over.push((epoch, now, rule));
        }
    }

    /// An event that ends live has happened, if the session is live.
    pub(super) fn over_if_live(&mut self, now: u64, rule: Rule) {
        if self.relay.known.1 && !self.relay.leaving {
            let era = self.relay.known.0;
            if self.relay.over(era).is_none() {
                self.relay.needs_ack = Some((now, Rule::BothSayReady));
            }
            self.over_from(era, now, rule);
        }
    }

    /// A message that arrives together with the end of its connection may be handled after it, and then does
    /// not count.
    pub(super) fn forget_warning(&mut self, now: u64) {
        let counts = |(_, at): &(bool, u64)| at + EDGE_MS < now;
        self.relay.warning = self.relay.warning.filter(counts);
    }

    /// The relay has seen a connection end.
    pub(crate) fn ended(&mut self, who: usize, conn: usize, now: u64) {
        let peer = &mut self.relay.peers[who];
        if peer.conn == Some(conn) {
            peer.conn = None;
            peer.untaken.clear();
            peer.gone = Some(now);
            self.forget_warning(now);
            self.over_if_live(now, Rule::SilenceStops);
        }
    }

    /// The relay was killed. These cues are durable, and `ended` is whether an end is.
    pub(crate) fn killed(&mut self, now: u64, durable: &HashSet<Id>, ended: bool) {
        if self.relay.known.1 {
            self.see("restart while live");
        }
        if !self.relay.open.is_empty() {
            self.see("restart while a stop is unacknowledged");
        }
        self.over_from(self.relay.known.0, now, Rule::NothingRestartsByItself);
        let relay = &mut self.relay;
        relay.peers = Default::default();
        relay.asked = None;
        relay.leaving = false;
        relay.needs_ack = Some((now, Rule::NothingRestartsByItself));
        relay.warning = relay.warning.filter(|(applies, _)| !applies);
        relay.stopped.retain(|id| durable.contains(id));
        relay.open.retain(|open| durable.contains(&open.id));
        let said = relay.ended.take().map(|(_, at)| at);
        relay.end_arrived.take_if(|_| !ended);
        if ended {
            relay.ended_at = relay.ended_at.or(said);
            relay.ended_for_good = true;
        }
        self.durable_at_kill.push(durable.clone());
    }

    /// The next relay has another date, so only it knows how long ago an end was.
    pub(crate) fn dates_move(&mut self) {
        self.relay.dates_moved = true;
    }

    /// The relay was told to shut down: it accepts nothing more, and is killed soon.
    pub(crate) fn shut_down(&mut self) {
        self.relay.leaving = true;
    }

    /// What follows from the time alone.
    pub(crate) fn time(&mut self, now: u64) {
        for role in [RECEIVER, HELPER] {
            let peer = &self.relay.peers[role];
            let (conn, sign, untaken) = (peer.conn, peer.sign, peer.untaken_since());
            let silent = now > sign + LOST_MS;
            let frozen = untaken.is_some_and(|since| now > since + LOST_MS);
            if conn.is_some() && (silent || frozen) {
                self.over_if_live(now, Rule::SilenceStops);
            }
        }
        if !self.relay.known.1 {
            return;
        }
        if let Some(asked) = self.relay.asked
            && now > asked.first + NO_ANSWER_MS + EDGE_MS
            && self.relay.receiver_cue + EDGE_MS < asked.last
        {
            self.over_if_live(now, Rule::SilenceStops);
        }
        // The relay asks by itself, and a receiver that does not answer counts as not there.
        let clock = self.options.as_ref().filter(|o| !o.hold_to_consent);
        let every = clock.map_or(0, |o| o.check_in_every_s);
        let last = self.relay.live_at.max(self.relay.receiver_cue);
        let patience = u64::from(every) * 1_000 + NO_ANSWER_MS + EDGE_MS;
        if every > 0 && now > last + patience {
            self.over_if_live(now, Rule::SilenceStops);
        }
    }
}
