//! What a screen must show at a given time, independent of its device's own state.

use tapcue_rules::cue::Cue;
use tapcue_rules::ids::Id;
use tapcue_rules::link::{Alarm, DeviceLink, Stage, View};
use tapcue_rules::state::HoldReason;

use super::{EDGE_MS, HELPER, LOST_MS, Observer, RECEIVER, Stop};
use crate::tally::Rule;

/// A stop that reached no screen alarms on its own device after this time.
const NOT_SHOWN_MS: u64 = 500;
/// A stop that no device acknowledged alarms on both after this time.
const NOT_ACKNOWLEDGED_MS: u64 = 3_000;

/// What the world knows of a device besides its screen.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    pub(crate) now: u64,
    /// Since when there was no disturbance.
    pub(crate) calm_from: u64,
    /// The longest time from one device to the other, in milliseconds.
    pub(crate) way: u64,
    pub(crate) hidden: bool,
    pub(crate) frozen: bool,
    /// Whether it has a transport.
    pub(crate) connected: bool,
    /// Whether a thumb is on it.
    pub(crate) thumb: bool,
}

impl Observer {
    /// Checks what a screen shows now.
    pub(crate) fn screen(&mut self, who: usize, view: &View, a: &Around) {
        if view.go {
            self.go(who, a);
        }
        self.devices[who].showed_go = view.go;
        self.alarm(who, view, a);
        self.lamp(who, view);
        self.stop_in_time(who, view, a);
    }

    fn go(&mut self, who: usize, a: &Around) {
        let now = a.now;
        let device = &self.devices[who];
        let (word_at, says, on_screen) = (device.word_at, device.says, device.on_screen);
        let (fresh_from, own) = (device.fresh_from, device.own_stop);
        let epoch = on_screen.map_or(0, |(epoch, _)| epoch);
        let proven = says == on_screen && on_screen == Some((epoch, true));
        self.must(Rule::GreenIsProof, proven, || {
            format!("go on {who} at {now}: the state is {on_screen:?}, the last word {says:?}")
        });
        let fresh = word_at.is_some_and(|at| now < at + LOST_MS && at >= fresh_from);
        self.must(Rule::GreenIsProof, fresh, || {
            format!("go on {who} at {now} by a word of {word_at:?}; it began anew at {fresh_from}")
        });
        self.must(Rule::GreenIsProof, !a.hidden && a.connected, || {
            format!("go on {who} at {now}, which is hidden or has no connection")
        });
        for role in [RECEIVER, HELPER] {
            let said = self.ready_tapped[role].contains(&epoch)
                && self.relay.ready[role].contains_key(&epoch);
            self.must(Rule::BothSayReady, said, || {
                format!("go on {who} in epoch {epoch} without a ready of {role}")
            });
        }
        let era = self.relay.era(epoch);
        self.must(Rule::AnyoneCanStop, own.is_none_or(|own| era > own), || {
            format!("go on {who} in epoch {epoch} after its own stop in {own:?}")
        });
        let consent = self.options.as_ref().is_some_and(|o| o.hold_to_consent);
        let consents = !consent || who != RECEIVER || a.thumb;
        self.must(Rule::GreenIsProof, consents, || {
            format!("go on {who} at {now}, and no thumb is on it")
        });
        let Some((over, at, rule)) = self.relay.over(era) else {
            return;
        };
        self.must(rule, now <= at + LOST_MS + EDGE_MS, || {
            format!("go on {who} at {now} in {era:?}, and {over:?} ended at {at}")
        });
        // Three trips: an earlier state, its `received`, and the state that matters.
        let calm = a.calm_from < at && !a.frozen;
        self.must(rule, !calm || now <= at + 3 * a.way + 50, || {
            format!("go on {who} at {now} in {era:?} for too long: {over:?} ended at {at}")
        });
    }

    /// Checks the alarm of a person who must let go, or whose stop was not delivered.
    fn alarm(&mut self, who: usize, view: &View, a: &Around) {
        if let Some(alarm) = view.alarm {
            self.see(match alarm {
                Alarm::NotDelivered => "alarm: NotDelivered",
                Alarm::LinkLost => "alarm: LinkLost",
                Alarm::NotAcknowledged => "alarm: NotAcknowledged",
                Alarm::Stop => "alarm: Stop",
                Alarm::Hold => "alarm: Hold",
                Alarm::CheckIn => "alarm: CheckIn",
                Alarm::CheckInAgain => "alarm: CheckInAgain",
            });
        }
        match view.link {
            DeviceLink::Late => self.see("link: Late"),
            DeviceLink::Superseded => self.see("link: Superseded"),
            _ => {}
        }
        let device = &self.devices[who];
        let closed = matches!(view.link, DeviceLink::Superseded | DeviceLink::Refused);
        if closed {
            return;
        }
        let over = device.ended;
        let (now, since) = (a.now, device.stop_since);
        let stopped = device.held_by.is_some_and(HoldReason::is_stop);
        let silent = stopped && view.alarm.is_none();
        let helper = since.is_some() && who == HELPER;
        let long = since.is_some_and(|since| now > since + NOT_ACKNOWLEDGED_MS + EDGE_MS);
        let rule = if over {
            Rule::TheEndSilencesNothing
        } else {
            Rule::StopLatches
        };
        self.must(rule, !(silent && (helper || long)), || {
            format!("a stop has stood on {who} since {since:?}, and at {now} nothing sounds")
        });
        // The device has no state since the tap, so its stop cannot have been shown.
        let device = &self.devices[who];
        let lost = device.stop_tapped.filter(|tapped| {
            let none = device.state_at.is_none_or(|at| at < *tapped);
            // Without the other device there is no screen to show the stop.
            now > tapped + NOT_SHOWN_MS + EDGE_MS && none && !device.alone
        });
        let alarmed = view.alarm == Some(Alarm::NotDelivered);
        self.must(Rule::AnyoneCanStop, lost.is_none() || alarmed, || {
            format!("the stop of {lost:?} went nowhere, and at {now} {who} is not told")
        });
    }

    /// The lamp of a person's own cue is true.
    fn lamp(&mut self, who: usize, view: &View) {
        let Some(lamp) = view.lamp else {
            return;
        };
        let id = lamp.id;
        let so = match lamp.stage {
            Stage::Relayed => self.arrived.contains(&id) || self.is_ready_again(who, id),
            Stage::Shown => self.painted[1 - who].contains(&id),
            Stage::Acknowledged => self.acked.contains(&id),
            Stage::Expired => {
                self.see("cue expired unsent");
                self.cues.get(&id).is_some_and(|cue| cue.sent.is_none())
            }
            Stage::Waiting | Stage::Sent | Stage::Refused => return,
        };
        self.must(Rule::ReceiptsAreTrue, so, || {
            format!("{who} is told {:?} of {id}, which is not so", lamp.stage)
        });
    }

    /// Whether this is another ready in an epoch where the relay already has one.
    fn is_ready_again(&self, who: usize, id: Id) -> bool {
        let cue = self.cues.get(&id).filter(|cue| cue.cue == Cue::Ready);
        cue.is_some_and(|cue| self.relay.ready[who].contains_key(&cue.epoch))
    }

    /// Every stop is on the other screen in time, unless something prevented it.
    fn stop_in_time(&mut self, who: usize, view: &View, a: &Around) {
        let now = a.now;
        let bound = a.way + 20;
        let due = |stop: &Stop| stop.who != who && !stop.checked && now >= stop.tapped + bound;
        let Some(due) = self.stops.iter().position(due) else {
            return;
        };
        let stop = &mut self.stops[due];
        stop.checked = true;
        let (id, tapped) = (stop.id, stop.tapped);
        if tapped > a.calm_from && now <= tapped + bound + EDGE_MS && !a.frozen && !a.hidden {
            let device = &self.devices[who];
            let stopped = device.held_by == Some(HoldReason::Stop);
            let red = device.seen_stops.contains(&id) || stopped;
            self.must(Rule::AnyoneCanStop, red && !view.go, || {
                format!("the stop of {tapped} is not on the screen of {who} at {now}")
            });
        }
    }

    /// Whether this screen showed go at the last look.
    pub(crate) fn showed_go(&self, who: usize) -> bool {
        self.devices[who].showed_go
    }

    /// When the next stop must be on the other screen.
    pub(crate) fn next_due(&self, way: u64, now: u64) -> Option<u64> {
        let open = self.stops.iter().filter(|stop| !stop.checked);
        let due = open.map(|stop| stop.tapped + way + 20);
        due.filter(|at| *at > now).min()
    }
}
