//! The relay's messages, and what each changes on this device.

use super::{Conn, DeviceLink, Effect, Link};
use crate::cue::Role;
use crate::ids::Id;
use crate::limits;
use crate::message::{ErrorCode, ToDevice, ToRelay, Welcome};
use crate::state::{Hold, Phase, State};
use crate::time::Millis;

impl Link {
    pub(super) fn message(&mut self, now: Millis, message: ToDevice, out: &mut Vec<Effect>) {
        if !matches!(self.conn, Conn::Up | Conn::Greeting { .. }) {
            return;
        }
        match message {
            ToDevice::Welcome(welcome) => self.welcome(now, *welcome, out),
            ToDevice::State {
                seq,
                recorded,
                state,
            } => {
                // One connection delivers in order, so an older state is only a repeat.
                if self.state.as_ref().is_none_or(|mine| state.seq >= mine.seq) {
                    self.take(now, *state);
                    self.outgoing.stated();
                }
                self.recorded(&recorded);
                let message = ToRelay::Received { seq };
                out.push(Effect::Send { message });
            }
            ToDevice::Stop(notice) => {
                if self.state.as_ref().is_none_or(|mine| notice.seq > mine.seq) {
                    self.notice = Some(notice);
                    self.stop_since.get_or_insert(now);
                }
            }
            ToDevice::Beat {
                sent_at,
                relay_at,
                phase,
                epoch,
                unrecorded,
                recorded,
                ..
            } => {
                self.recorded(&recorded);
                self.unrecorded = unrecorded;
                if sent_at >= self.trusted_from.0 {
                    self.word = Some((phase, epoch));
                    self.clock.answer(Millis(sent_at), relay_at, now);
                }
                self.last_word = self.last_word.max(Millis(sent_at.min(now.0)));
                self.round_trips.push(now.0.saturating_sub(sent_at));
                if self.round_trips.len() > limits::ROUND_TRIPS {
                    self.round_trips.remove(0);
                }
                if !self.unrecorded {
                    self.tell_painted(out);
                }
            }
            ToDevice::Recorded { id, .. } => self.recorded(&[id]),
            ToDevice::Error {
                code, id, fatal, ..
            } => {
                if let Some(id) = id {
                    self.outgoing.refused(id, code);
                    self.outgoing.settle_lift(self.state.as_ref());
                    // A thumb that the relay could not record still counts, so its lift must be sent.
                    let refused = code != ErrorCode::Unavailable;
                    self.thumb.take_if(|thumb| refused && thumb.id == id);
                }
                if code == ErrorCode::Unavailable {
                    self.unrecorded = true;
                    self.doubt_paints();
                }
                if fatal {
                    out.push(Effect::Disconnect);
                    self.fatal(now, code);
                }
            }
            ToDevice::Pairing(_) => {}
        }
    }

    /// Takes the receipts of cues that are durable.
    fn recorded(&mut self, ids: &[Id]) {
        for id in ids {
            self.outgoing.recorded(*id, self.state.as_ref());
            self.outgoing.settle_lift(self.state.as_ref());
        }
    }

    /// Takes this device's role. The link timeout starts now; go waits for the answer to a heartbeat.
    fn welcome(&mut self, now: Millis, welcome: Welcome, out: &mut Vec<Effect>) {
        self.conn = Conn::Up;
        self.attempts = 0;
        self.last_word = now;
        self.word = None;
        self.trusted_from = now;
        self.limits = welcome.limits;
        self.role = Some(welcome.role);
        self.consent = welcome.options.hold_to_consent;
        self.thumb = None;
        self.hello = ToRelay::Resume {
            token: welcome.token,
            client: self.client.clone(),
        };
        self.round_trips.clear();
        self.clock.reconnected();
        let clock = self.clock.best();
        // A relay that lost its newest entries has a lower `seq`, so its welcome replaces what this device
        // knew.
        self.notice = None;
        self.paints_reconnected(&welcome.state);
        // The helper can acknowledge to the relay now, so an earlier dismissal ends.
        self.dismissed.take_if(|_| welcome.role == Role::Helper);
        for message in self.outgoing.again(now, clock, &welcome.state) {
            out.push(Effect::Send { message });
        }
        self.take(now, welcome.state);
        if self.hidden {
            self.say(ToRelay::Away, out);
        } else {
            self.beat(now, out);
        }
        self.tell_painted(out);
    }

    /// Ends this connection. The code decides whether the device connects again.
    fn fatal(&mut self, now: Millis, code: ErrorCode) {
        let ended = match code {
            ErrorCode::Superseded => DeviceLink::Superseded,
            ErrorCode::Ended | ErrorCode::Deleted => DeviceLink::Over,
            ErrorCode::UnknownCode | ErrorCode::Taken | ErrorCode::BadToken => DeviceLink::Refused,
            // A hello that the relay cannot read is refused again at every attempt.
            ErrorCode::BadMessage if self.conn != Conn::Up => DeviceLink::Refused,
            ErrorCode::BadMessage
            | ErrorCode::NotAllowed
            | ErrorCode::Held
            | ErrorCode::Stale
            | ErrorCode::TooFast
            | ErrorCode::TooLarge
            | ErrorCode::Unavailable
            | ErrorCode::NearlyFull
            | ErrorCode::ShuttingDown => return self.down(now),
        };
        self.conn = Conn::Closed(ended);
    }

    fn take(&mut self, now: Millis, state: State) {
        self.word = self.word.map(|_| (state.phase, state.epoch));
        if self.notice.is_some_and(|notice| notice.seq <= state.seq) {
            self.notice = None;
        }
        let open = |hold: &Hold| hold.reason.is_stop() && !hold.acknowledged;
        let open = self.notice.is_some() || state.hold.as_ref().is_some_and(open);
        self.stop_since = open.then(|| self.stop_since.unwrap_or(now));
        self.thumb
            .take_if(|thumb| thumb.epoch != state.epoch || state.phase == Phase::Ended);
        self.outgoing.carried(&state, self.role);
        self.state = Some(state);
    }
}
