//! What a device may show: the link as it judges it, go, stop and the alarms.

use super::{Alarm, Conn, DeviceLink, Link, View};
use crate::cue::Role;
use crate::limits;
use crate::state::{HoldReason, Phase, State};
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
            ahead: self.ahead(),
            lamp: self.outgoing.lamp(),
            thumb: self.thumb.is_some() && self.conn == Conn::Up,
            alarm: self.alarm(now, link),
            round_trip_ms: self.round_trips.iter().min().copied(),
            clock: self.clock.best(),
            unrecorded: self.unrecorded && self.conn == Conn::Up,
            may_ready_at: self.may_ready_at(),
            may_acknowledge_at: self.may_acknowledge_at(),
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

    /// Whether stop is shown outside of a running hold. After the end no hold's screen shows it.
    pub(super) fn stopped(&self) -> bool {
        self.ahead().is_some() || (self.is_over() && self.open_stop().is_some())
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
        let alone = state.is_some_and(|state| state.phase == Phase::Waiting);
        // This comes first: a stop must raise its alarm even before the first welcome. Before the other
        // person has joined there is no device to deliver it to.
        let own = self.outgoing.stop_not_shown();
        let silenced = alone || (own.is_some() && own == self.dismissed);
        if self.outgoing.stop_not_delivered(now) && !silenced {
            return Some(Alarm::NotDelivered);
        }
        let over = self.is_over();
        if link == DeviceLink::Lost && !over {
            return Some(Alarm::LinkLost);
        }
        let state = state.filter(|_| !alone)?;
        let helps = self.role == Some(Role::Helper);
        let stop = self.notice_id().or(self.open_stop());
        let long = self
            .stop_since
            .is_some_and(|at| now.since(at) >= limits::STOP_NOT_ACKNOWLEDGED_MS);
        if stop.is_some() && long {
            return Some(Alarm::NotAcknowledged);
        }
        if stop.is_some() && helps {
            return Some(Alarm::Stop);
        }
        if over {
            return None;
        }
        let hold = state.hold.as_ref().filter(|hold| !hold.acknowledged);
        match hold.map(|hold| hold.reason) {
            Some(HoldReason::LinkLost | HoldReason::Away | HoldReason::NoAnswer) if helps => {
                Some(Alarm::Hold)
            }
            _ => self.asked(state),
        }
    }

    /// The alarm for a question to the receiver. In hold to consent, a thumb that stays down answers by
    /// itself.
    fn asked(&self, state: &State) -> Option<Alarm> {
        let answers = self.role == Some(Role::Receiver) && !self.consent;
        let asked = state.check_in.as_ref().filter(|_| answers)?;
        Some(if asked.again {
            Alarm::CheckInAgain
        } else {
            Alarm::CheckIn
        })
    }
}
