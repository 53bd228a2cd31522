//! What must hold once every fault has passed: no message is lost.

use std::collections::HashSet;

use tapcue_rules::ids::Id;

use super::{Observer, Tapped};
use crate::tally::Rule;

impl Observer {
    /// After all faults, every sent cue and every stop is recorded. Each stop, or a later one, was on the
    /// other screen. `stops` are the recorded ones in order.
    pub(crate) fn healed(&mut self, recorded: &HashSet<Id>, stops: &[Id]) {
        let sent = |cue: &&Tapped| cue.sent.is_some() && !cue.excused;
        let cues = self.cues.iter().filter(|(_, cue)| sent(cue));
        let lost: Vec<_> = cues
            .filter(|(id, _)| !recorded.contains(id))
            .map(|(id, _)| *id)
            .collect();
        self.must(Rule::RecordedIsNeverLost, lost.is_empty(), || {
            format!("cues {lost:?} were sent, and are neither recorded nor refused")
        });
        let tapped = std::mem::take(&mut self.stops);
        let over = self.relay.ended.is_some() || self.relay.ended_for_good;
        for (n, stop) in tapped.iter().enumerate() {
            // After a lost end a device resends only the newest of its stops that came too late.
            let newest = tapped[n + 1..].iter().all(|later| later.who != stop.who);
            if stop.given_up || (stop.too_late && (over || !newest)) {
                continue;
            }
            let place = stops.iter().position(|id| *id == stop.id);
            self.must(Rule::RecordedIsNeverLost, place.is_some(), || {
                format!("stop {} is lost", stop.id)
            });
            let later = place.map_or(&[][..], |place| &stops[place..]);
            let seen = &self.devices[1 - stop.who].seen_stops;
            // One hold covers all its stops. "Hands off" to a later stop, even the helper's own, answers this
            // one too and leaves another hold.
            let dealt_with = |id: &Id| self.acked.contains(id);
            let seen = later.iter().any(|id| seen.contains(id) || dealt_with(id));
            self.must(Rule::AnyoneCanStop, seen, || {
                format!("stop {} never got to the other screen", stop.id)
            });
        }
        self.stops = tapped;
    }
}
