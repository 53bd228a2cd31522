//! What a device has taken from the relay, frame by frame: receipts, the helper's screen, the latch.

use std::collections::{HashMap, HashSet};

use tapcue_rules::cue::Cue;
use tapcue_rules::ids::Id;
use tapcue_rules::message::{ErrorCode, ToDevice};
use tapcue_rules::state::{Hold, HoldReason, Phase, ShownCue, State};

use super::{Era, HELPER, Observer, RECEIVER, place};
use crate::tally::Rule;

/// Where a frame came from.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    /// The relay that wrote it.
    pub(crate) life: u64,
    /// When it was written.
    pub(crate) written: u64,
    /// When its device took it.
    pub(crate) now: u64,
}

/// The receipts of one cue, as a device knows them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Receipts {
    /// The relay that gave them: receipts of another relay may be lost.
    life: u64,
    at: u64,
    shown: bool,
    acknowledged: bool,
}

/// What one device has been told since it started.
#[derive(Default)]
pub(super) struct DeviceSide {
    /// The epoch of its own newest stop.
    pub(super) own_stop: Option<Era>,
    pub(super) stop_tapped: Option<u64>,
    pub(super) seen_stops: HashSet<Id>,
    /// The stop on its screen, and the state and the relay that put it there.
    latched: Option<(Id, u64, u64)>,
    /// Since when any stop has been on its screen.
    pub(super) stop_since: Option<u64>,
    /// When the newest heartbeat answer that it took was written.
    pub(super) word_at: Option<u64>,
    /// Messages from before this time prove nothing: the device was hidden or on another connection.
    pub(super) fresh_from: u64,
    /// The epoch in the newest message of any kind, and whether it is live.
    pub(super) says: Option<(u64, bool)>,
    /// The epoch in the newest state, and whether it is live.
    pub(super) on_screen: Option<(u64, bool)>,
    pub(super) held_by: Option<HoldReason>,
    /// Whether the other device has never been there, by the newest state.
    pub(super) alone: bool,
    /// The hold of the newest state, while it is held.
    pub(super) held: Option<Id>,
    pub(super) ended: bool,
    /// When the newest state that it took was written.
    pub(super) state_at: Option<u64>,
    receipts: HashMap<Id, Receipts>,
    cues: HashSet<Id>,
    /// The taps that it keeps to send again, the oldest first, and whether each is a stop.
    pub(super) kept: Vec<(Id, bool)>,
    /// The cues that have left the screen.
    gone: HashSet<Id>,
    pub(super) showed_go: bool,
}

impl Observer {
    /// A device was replaced by one that has shown nothing yet. What it had not got recorded is lost with it.
    pub(crate) fn replaced(&mut self, who: usize, durable: &HashSet<Id>, now: u64) {
        for stop in self.stops.iter_mut().filter(|stop| stop.who == who) {
            stop.given_up |= !durable.contains(&stop.id);
        }
        for cue in self.cues.values_mut().filter(|cue| cue.who == who) {
            cue.excused = true;
        }
        if who == RECEIVER {
            self.thumb(false, now);
        }
        self.painted_at[who].clear();
        self.devices[who] = DeviceSide {
            // Kept for the check of the other side: was a stop on this screen, on any of its devices?
            seen_stops: std::mem::take(&mut self.devices[who].seen_stops),
            ..DeviceSide::default()
        };
    }

    /// A person dismissed the stop on this device, after the end and without a link to say so.
    pub(crate) fn dismissed(&mut self, who: usize) {
        let device = &mut self.devices[who];
        device.stop_since = None;
        device.held_by = None;
    }

    /// A person dismissed their own stop, which the relay refuses after the end; another stop may stay red.
    /// Its device need not send it to a relay that lost the end.
    pub(crate) fn own_stop_dismissed(&mut self, who: usize) {
        self.devices[who].stop_tapped = None;
        let late = self.stops.iter_mut();
        let late = late.filter(|stop| stop.who == who && stop.too_late);
        late.for_each(|stop| stop.given_up = true);
    }

    /// A page became visible again.
    pub(crate) fn visible(&mut self, who: usize, now: u64) {
        self.devices[who].fresh_from = now;
    }

    /// A device has taken a frame.
    pub(crate) fn took(&mut self, who: usize, message: &ToDevice, from: Origin) {
        let device = &mut self.devices[who];
        match message {
            ToDevice::Beat {
                phase,
                epoch,
                recorded,
                ..
            } => {
                device.kept.retain(|(kept, _)| !recorded.contains(kept));
                device.word_at = Some(from.written);
                device.says = Some((*epoch, *phase == Phase::Live));
            }
            ToDevice::Stop(notice) => {
                device.seen_stops.insert(notice.id);
            }
            ToDevice::State {
                state, recorded, ..
            } => {
                device.kept.retain(|(kept, _)| !recorded.contains(kept));
                self.state(who, state, from);
            }
            ToDevice::Welcome(welcome) => {
                device.fresh_from = from.now;
                device.word_at = None;
                self.options = Some(welcome.options.clone());
                self.state(who, &welcome.state, from);
            }
            ToDevice::Recorded { id, .. } => device.kept.retain(|(kept, _)| kept != id),
            ToDevice::Error {
                code, id: Some(id), ..
            } => self.refused(who, *id, *code),
            _ => {}
        }
    }

    fn refused(&mut self, who: usize, id: Id, code: ErrorCode) {
        if code == ErrorCode::Unavailable {
            return self.see("not recorded: the disk fails");
        }
        self.devices[who].kept.retain(|(kept, _)| *kept != id);
        if code == ErrorCode::Ended {
            let stops = self.stops.iter_mut().filter(|stop| stop.id == id);
            stops.for_each(|stop| stop.too_late = true);
        }
        if let Some(cue) = self.cues.get_mut(&id) {
            cue.excused = true;
            if code == ErrorCode::Stale {
                self.see("cue refused as stale");
            }
        }
    }

    fn state(&mut self, who: usize, state: &State, from: Origin) {
        let device = &mut self.devices[who];
        let live = state.phase == Phase::Live;
        device.says = Some((state.epoch, live));
        device.on_screen = device.says;
        device.state_at = Some(from.written);
        // A device that is alone shows its own stop without an alarm, because no helper can say "hands off".
        let hold = state
            .hold
            .as_ref()
            .filter(|_| state.phase != Phase::Waiting);
        device.held_by = hold.map(|hold| hold.reason);
        device.alone = state.phase == Phase::Waiting;
        device.held = state.hold.as_ref().map(|hold| hold.id);
        device.held = device.held.filter(|_| state.phase == Phase::Held);
        device.ended = state.ended.is_some();
        if state.ready_expired.receiver || state.ready_expired.helper {
            self.see("ready aged out");
        }
        let well_formed = live == (state.phase != Phase::Ended && state.live_since.is_some());
        self.must(Rule::GreenIsProof, well_formed, || {
            format!("{:?} since {:?}", state.phase, state.live_since)
        });
        if let Some(hold) = &state.hold {
            self.hold(who, hold);
        }
        self.latch(who, state, from);
        self.receipts(who, state, from.life);
        self.question(state);
        if who == HELPER {
            self.screen_of_helper(state);
        }
    }

    fn hold(&mut self, who: usize, hold: &Hold) {
        let by = hold.by.map(place);
        let others = [RECEIVER, HELPER].into_iter().filter(|w| Some(*w) != by);
        let painted = others
            .into_iter()
            .any(|w| self.painted[w].contains(&hold.id));
        self.must(
            Rule::ReceiptsAreTrue,
            hold.shown.is_none() || painted,
            || format!("hold {} is said to be shown and nobody painted it", hold.id),
        );
        let backwards = hold.shown.is_some_and(|shown| shown < hold.since);
        self.must(Rule::ReceiptsAreTrue, !backwards, || {
            format!("hold {} was shown before it began", hold.id)
        });
        let acked = self.acked.contains(&hold.id);
        self.must(Rule::ReceiptsAreTrue, !hold.acknowledged || acked, || {
            format!("hold {} is said to be acknowledged and nobody did", hold.id)
        });
        self.see(match hold.reason {
            HoldReason::Start => "hold: start",
            HoldReason::Stop => "hold: stop",
            HoldReason::LinkLost => "hold: link_lost",
            HoldReason::Away => "hold: away",
            HoldReason::NoAnswer => "hold: no_answer",
            HoldReason::Released => "hold: released",
        });
        if hold.reason.is_stop() {
            self.devices[who].seen_stops.insert(hold.id);
            self.stop_turns_up(hold.id);
        }
    }

    /// A stop leaves a screen only when a person acknowledged it; the end does not remove it.
    fn latch(&mut self, who: usize, state: &State, from: Origin) {
        let is_stop = |hold: &&Hold| hold.reason.is_stop();
        let hold = state
            .hold
            .as_ref()
            .filter(|_| state.phase != Phase::Waiting);
        let stop = hold.filter(is_stop);
        if let Some((latched, seq, life)) = self.devices[who].latched
            && (state.seq >= seq || life != from.life)
            // A stop that a kill lost need not stay.
            && (life == from.life || self.outlived(latched, life))
        {
            // A newer stop replaces the older one in the hold, and its acknowledgement counts for both.
            let acked = self.dealt_with(latched);
            let over = state.ended.is_some();
            let rule = if over {
                Rule::TheEndSilencesNothing
            } else {
                Rule::StopLatches
            };
            self.must(rule, acked || stop.is_some(), || {
                format!("stop {latched} left the screen of {who} and nobody acknowledged it")
            });
        }
        let stop = stop.filter(|hold| !hold.acknowledged);
        let device = &mut self.devices[who];
        device.latched = stop.map(|hold| (hold.id, state.seq, from.life));
        let since = device.stop_since.unwrap_or(from.now);
        device.stop_since = stop.map(|_| since);
    }

    /// Whether this was durable when that relay was killed.
    fn outlived(&self, id: Id, life: u64) -> bool {
        let durable = self.durable_at_kill.get(life as usize - 1);
        durable.is_some_and(|durable| durable.contains(&id))
    }

    /// Receipts are true and are not withdrawn.
    fn receipts(&mut self, who: usize, state: &State, life: u64) {
        for cue in state.cue.iter().chain(&state.earlier) {
            let ShownCue {
                id,
                at,
                shown,
                acknowledged,
                ..
            } = cue;
            let painted = shown.is_none() || self.painted[HELPER].contains(id);
            self.must(Rule::ReceiptsAreTrue, painted, || {
                format!("cue {id} is said to be shown and was not painted")
            });
            let acked = acknowledged.is_none() || self.acked.contains(id);
            self.must(Rule::ReceiptsAreTrue, acked, || {
                format!("cue {id} is said to be acknowledged and was not")
            });
            let now = Receipts {
                life,
                at: at.0,
                shown: shown.is_some(),
                acknowledged: acknowledged.is_some(),
            };
            let before = self.devices[who].receipts.insert(*id, now);
            let kept = before.is_none_or(|before| {
                before.life != life
                    || before.at == now.at
                        && before.shown <= now.shown
                        && before.acknowledged <= now.acknowledged
            });
            self.must(Rule::ReceiptsAreTrue, kept, || {
                format!("a receipt of cue {id} was taken back")
            });
        }
    }

    fn question(&mut self, state: &State) {
        let Some(asked) = &state.check_in else {
            return;
        };
        let painted = self.painted[RECEIVER].contains(&asked.id);
        self.must(
            Rule::ReceiptsAreTrue,
            asked.shown.is_none() || painted,
            || format!("question {} was not painted", asked.id),
        );
        self.see("question asked");
        if asked.again {
            self.see("question asked again");
        }
        if asked.by.is_none() {
            self.see("question of the relay's");
        }
    }

    /// The helper's screen shows only cues that were tapped in this epoch, and each only once.
    fn screen_of_helper(&mut self, state: &State) {
        let epoch = state.epoch;
        let cues = state.cue.iter().chain(&state.earlier);
        let cues: Vec<_> = cues.filter(|cue| cue.cue != Cue::Stop).collect();
        let others: HashSet<_> = cues.iter().map(|cue| cue.id).collect();
        for cue in cues {
            let id = cue.id;
            let tapped = self.cues.get(&id).map(|tapped| (tapped.cue, tapped.epoch));
            self.must(
                Rule::NothingStaleIsShown,
                tapped == Some((cue.cue, epoch)),
                || format!("{cue:?}, tapped as {tapped:?}, is on the screen in epoch {epoch}"),
            );
            let more = cue.cue == Cue::MorePressure && state.phase != Phase::Live;
            self.must(Rule::NothingStaleIsShown, !more, || {
                format!("more pressure is on the screen while {:?}", state.phase)
            });
        }
        let back = others.intersection(&self.devices[HELPER].gone).next();
        let back = back.copied();
        self.must(Rule::NothingStaleIsShown, back.is_none(), || {
            format!("cue {back:?} is on the screen for a second time")
        });
        if !others.is_empty() {
            self.see("cues shown");
        }
        let device = &mut self.devices[HELPER];
        let left: Vec<_> = device.cues.difference(&others).copied().collect();
        device.gone.extend(left);
        device.cues = others;
    }
}
