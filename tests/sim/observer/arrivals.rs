//! What has reached the relay, and what follows from it.

use tapcue_rules::cue::Cue;
use tapcue_rules::ids::Id;
use tapcue_rules::message::{ConfirmItem, ToRelay};

use super::relay::Open;
use super::{EDGE_MS, HELPER, Observer, RECEIVER, REFLEX_MS};
use crate::tally::Rule;

impl Observer {
    /// The relay got a frame that a device sent on a connection at `sent`.
    pub(crate) fn delivered(
        &mut self,
        (who, conn): (usize, usize),
        message: &ToRelay,
        sent: u64,
        now: u64,
    ) {
        let newer = self.relay.peers[who].conn.filter(|newer| *newer != conn);
        let current = self.relay.peers[who].conn == Some(conn);
        if newer.is_some_and(|newer| newer > conn) {
            self.see("frame overtaken by a newer connection");
        }
        if let ToRelay::Cue { id, cue, epoch, .. } = message {
            self.arrived.insert(*id);
            if who == RECEIVER {
                self.relay.receiver_cue = now;
            }
            match cue {
                Cue::Stop => self.stop_arrives(who, *id, newer.is_some(), now),
                _ if !current => {}
                _ => self.cue_arrives(who, *cue, epoch.unwrap_or(0), now),
            }
        }
        if let ToRelay::Thumb {
            id,
            down: false,
            lifts,
            ..
        } = message
            && who == RECEIVER
        {
            self.lift_arrives(*id, *lifts, now);
        }
        if !current || self.relay.leaving {
            return;
        }
        if let ToRelay::Thumb {
            id,
            down: true,
            epoch: Some(epoch),
            ..
        } = message
        {
            self.thumb_arrives(who, *id, *epoch, now);
        }
        let peer = &mut self.relay.peers[who];
        match message {
            ToRelay::Beat { .. } => {
                peer.sign = now;
                peer.sign_sent = sent;
                peer.away = None;
            }
            ToRelay::Away => {
                peer.away = peer.away.or(Some(now));
                self.over_if_live(now, Rule::SilenceStops);
            }
            // An older number is no progress, and a number that the relay never sent is no answer.
            ToRelay::Received { seq } if peer.untaken.back().is_some_and(|(of, _)| seq <= of) => {
                peer.untaken.retain(|(of, _)| of > seq);
            }
            ToRelay::End => {
                self.relay.end_arrived.get_or_insert(now);
            }
            ToRelay::Acknowledge { id } if who == HELPER => self.ack_arrives(*id),
            ToRelay::Confirm { item, value } => self.confirm_arrives(who, *item, *value, now),
            _ => {}
        }
        // Frames of the same millisecond are handled together, so a heartbeat right behind a ready makes it
        // count.
        let relay = &mut self.relay;
        if let Some((epoch, at)) = relay.ready_while_down[who]
            && at == now
            && !relay.is_down(who, now)
        {
            relay.ready[who].insert(epoch, now);
        }
    }

    fn cue_arrives(&mut self, who: usize, cue: Cue, epoch: u64, now: u64) {
        let relay = &mut self.relay;
        if epoch != relay.known.0.1 {
            self.see("cue of an ended epoch reached the relay");
        } else if cue == Cue::Ready {
            let began = relay.began_after.get(&epoch).copied().unwrap_or(0);
            if relay.is_down(who, now) {
                relay.ready_while_down[who] = Some((epoch, now));
                self.see("ready that does not count");
            } else if now + 2 < began + REFLEX_MS {
                self.see("ready by reflex");
            } else {
                relay.ready[who].insert(epoch, now);
            }
        }
    }

    fn stop_arrives(&mut self, who: usize, id: Id, superseded: bool, now: u64) {
        if self.relay.leaving {
            return;
        }
        let stop = self.stops.iter().find(|stop| stop.id == id);
        let tapped = stop.map_or(now, |stop| stop.tapped);
        if superseded {
            self.see("stop on a superseded connection");
        }
        if now > tapped + 1_000 {
            self.see("stop late by a second");
        }
        // The same stop again is not a new hold.
        if !self.relay.stopped.insert(id) {
            return self.see("stop sent again");
        }
        if self.devices[1 - who].seen_stops.contains(&id) {
            self.see("stop lost by a kill and sent again");
        }
        let over = self.relay.ended.is_some() || self.relay.ended_for_good;
        let counts = self.relay.stops_until();
        if over && counts.is_none_or(|until| now + EDGE_MS > until) {
            self.see("stop long after the end");
            let late = self.stops.iter_mut().filter(|stop| stop.id == id);
            return late.for_each(|stop| stop.checked = true);
        }
        if over {
            self.see("stop after the end");
        }
        // A stop that a kill lost and its device resends becomes the newest again.
        self.holds.retain(|hold| *hold != id);
        self.stop_turns_up(id);
        let (era, live) = self.relay.known;
        self.see(if live {
            "stop while live"
        } else {
            "stop while held"
        });
        self.over_from(era, now, Rule::AnyoneCanStop);
        self.relay.open.push(Open { id, since: now });
    }

    /// A thumb counts like a ready.
    fn thumb_arrives(&mut self, who: usize, id: Id, epoch: u64, now: u64) {
        let relay = &mut self.relay;
        let began = relay.began_after.get(&epoch).copied().unwrap_or(0);
        let fresh = !relay.stopped.contains(&id);
        let meant = now + 2 >= began + REFLEX_MS && !relay.is_down(who, now);
        if who == RECEIVER && epoch == relay.known.0.1 && fresh && meant {
            relay.thumb = Some((id, epoch, now));
        } else {
            self.see("thumb that does not count");
        }
    }

    /// Lifting the thumb is a stop while live. The thumb that it lifts no longer counts, even if its message
    /// comes later.
    fn lift_arrives(&mut self, id: Id, lifts: Option<Id>, now: u64) {
        let consent = self.options.as_ref().is_some_and(|o| o.hold_to_consent);
        let relay = &mut self.relay;
        if !consent || relay.leaving {
            return;
        }
        if relay.ended.is_some() || relay.ended_for_good {
            relay.stopped.insert(id);
            return;
        }
        if let Some(lifts) = lifts
            && relay.stopped.insert(lifts)
            && relay.thumb.is_none_or(|(thumb, ..)| thumb != lifts)
        {
            self.see("thumb lifted before it was down");
        }
        let relay = &mut self.relay;
        if !relay.stopped.insert(id) {
            return self.see("lifted thumb sent again");
        }
        // Within one millisecond only the relay knows the order of two connections.
        let later = |(thumb, _, at): &(Id, u64, u64)| *at == now && Some(*thumb) != lifts;
        relay.thumb = relay.thumb.filter(later);
        relay.lifted_at = now;
        let (era, live) = relay.known;
        if !live {
            return;
        }
        let sole = relay.over(era).is_none() && !relay.is_about_to_hold(now);
        self.over_from(era, now, Rule::AnyoneCanStop);
        if sole {
            self.see("thumb lifted while live");
            self.relay.open.push(Open { id, since: now });
        }
    }

    fn ack_arrives(&mut self, id: Id) {
        if self.cues.contains_key(&id) {
            return;
        }
        self.relay.needs_ack = None;
        let stop = self.stops.iter().find(|stop| stop.id == id);
        // A hold without a known stop came from a warning sign, so it is the receiver's.
        self.relay.rehearsed |= stop.is_none_or(|stop| stop.who == RECEIVER);
        let open = self.relay.open.iter().find(|open| open.id == id).copied();
        // A late stop or a lifted thumb after the end has replaced the earlier stops in the hold. A device
        // can only acknowledge what the relay sent it.
        let over = self.relay.ended.is_some() || self.relay.ended_for_good;
        if open.is_none() && over && self.relay.stopped.contains(&id) {
            self.relay.open.clear();
        }
        if let Some(Open { since, .. }) = open {
            if self.relay.ended.is_some() {
                self.see("stop acknowledged after the end");
            }
            // Within one millisecond only the relay knows the order of two stops.
            self.relay.open.retain(|open| open.since > since);
        }
    }

    fn confirm_arrives(&mut self, who: usize, item: ConfirmItem, value: bool, now: u64) {
        match item {
            ConfirmItem::SetUp => self.relay.confirmed[who] |= value,
            ConfirmItem::WarningSigns if who == RECEIVER => {
                self.relay.warning = Some((value, now));
                if value && self.relay.known.1 {
                    self.see("warning sign while live");
                    self.over_if_live(now, Rule::AnyoneCanStop);
                }
            }
            ConfirmItem::WarningSigns | ConfirmItem::Cleared => {}
        }
    }
}
