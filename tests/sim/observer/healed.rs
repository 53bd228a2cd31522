//! What must be so when every fault has passed: nothing that was said is lost.

use std::collections::HashSet;

use tapcue_rules::ids::Id;

use super::{Observer, Tapped};
use crate::tally::Rule;

impl Observer {
    /// Everything has healed: every cue that was sent is recorded, every stop is, and it or a later one
    /// was on the other screen. `stops` are the recorded ones in their order.
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
            // Of those that came too late for an end that is lost its device sends the newest again.
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
            // One hold answers for all its stops: "hands off" to a later one, which may be the helper's
            // own, is said to this one as well, and leaves another hold.
            let dealt_with = |id: &Id| self.acked.contains(id);
            let seen = later.iter().any(|id| seen.contains(id) || dealt_with(id));
            self.must(Rule::AnyoneCanStop, seen, || {
                format!("stop {} never got to the other screen", stop.id)
            });
        }
        self.stops = tapped;
    }
}
