//! What a device may show: the link by its own watch, go, stop and the alarms.

use super::{Alarm, Conn, DeviceLink, Link, View};
use crate::cue::Role;
use crate::limits;
use crate::state::{HoldReason, Phase};
use crate::time::Millis;

impl Link {
    /// What may be shown at this moment.
    #[must_use]
    pub fn view(&self, now: Millis) -> View {
        let link = self.link(now);
        let stopped = self.stopped();
        View {
            link,
            go: self.go(link, stopped),
            stopped,
            lamp: self.outgoing.lamp(),
            thumb: self.thumb.is_some() && self.conn == Conn::Up,
            alarm: self.alarm(now, link),
            round_trip_ms: self.round_trips.iter().min().copied(),
            clock: self.clock.best(),
            unrecorded: self.unrecorded && self.conn == Conn::Up,
        }
    }

    fn link(&self, now: Millis) -> DeviceLink {
        match self.conn {
            Conn::Closed(ended) => ended,
            Conn::Up => {
                let silent = now.since(self.last_word);
                if silent >= u64::from(self.limits.lost_after_ms) {
                    DeviceLink::Lost
                } else if silent >= u64::from(self.limits.late_after_ms) {
                    DeviceLink::Late
                } else {
                    DeviceLink::Here
                }
            }
            Conn::Idle | Conn::Down { .. } | Conn::Connecting { .. } | Conn::Greeting { .. } => {
                if self.state.is_some() {
                    DeviceLink::Lost
                } else {
                    DeviceLink::Connecting
                }
            }
        }
    }

    fn stopped(&self) -> bool {
        self.notice.is_some() || self.outgoing.stop_under_way().is_some()
    }

    fn go(&self, link: DeviceLink, stopped: bool) -> bool {
        let up = matches!(link, DeviceLink::Here | DeviceLink::Late);
        let state = self.state.as_ref();
        let live = state.is_some_and(|state| {
            state.phase == Phase::Live && self.word == Some((Phase::Live, state.epoch))
        });
        let consents = !self.needs_thumb() || self.thumb.is_some();
        up && live && !stopped && !self.hidden && consents
    }

    fn alarm(&self, now: Millis, link: DeviceLink) -> Option<Alarm> {
        let state = self.state.as_ref();
        if link == DeviceLink::Over || state.is_some_and(|state| state.phase == Phase::Ended) {
            return None;
        }
        // Before anything else is known: a stop must not wait in silence for the first welcome.
        if self.outgoing.stop_not_delivered(now) {
            return Some(Alarm::NotDelivered);
        }
        match link {
            DeviceLink::Lost => return Some(Alarm::LinkLost),
            // Nobody can acknowledge anything on a device that has no role any more.
            DeviceLink::Superseded | DeviceLink::Refused | DeviceLink::Over => return None,
            DeviceLink::Connecting | DeviceLink::Here | DeviceLink::Late => {}
        }
        let state = state?;
        let helps = self.role == Some(Role::Helper);
        let hold = state.hold.as_ref().filter(|hold| !hold.acknowledged);
        let long = self
            .stop_since
            .is_some_and(|at| now.since(at) >= limits::STOP_NOT_ACKNOWLEDGED_MS);
        match hold.map(|hold| hold.reason) {
            Some(HoldReason::Stop | HoldReason::Released) if long => Some(Alarm::NotAcknowledged),
            Some(HoldReason::Stop | HoldReason::Released) if helps => Some(Alarm::Stop),
            _ if self.notice.is_some() && helps => Some(Alarm::Stop),
            Some(HoldReason::LinkLost | HoldReason::Away | HoldReason::NoAnswer) if helps => {
                Some(Alarm::Hold)
            }
            _ if state.check_in.is_some() && !helps => Some(Alarm::CheckIn),
            _ => None,
        }
    }
}
