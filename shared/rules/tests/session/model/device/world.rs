//! The events between a device and its relay in the model: frames, the connection, and the checks afterwards.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::limits;
use tapcue_rules::link::{Alarm, Effect, Input};
use tapcue_rules::message::{Limits, Secret, ToDevice, ToRelay, Welcome};
use tapcue_rules::session;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase, State};
use tapcue_rules::time::Millis;

use super::{Bounds, Down, Line, Node, Up};
use crate::desk::{Helper, OPENED, id, waived};
use crate::invariants::device::DeviceStep;
use crate::invariants::{Broken, Invariant};
use crate::model::search::Met;

fn welcome(state: State) -> ToDevice {
    ToDevice::Welcome(Box::new(Welcome {
        session: SessionId(id(99)),
        role: Helper,
        token: Secret("token".into()),
        pairing: None,
        opened_at: OPENED,
        relay_at: OPENED,
        options: waived(),
        limits: Limits::default(),
        state,
    }))
}

impl Node {
    /// Enters something at the relay, and sends the result to the helper's device.
    pub(super) fn enter(&mut self, bounds: &Bounds, by: Role, id: Id, what: What) {
        self.entries += 1;
        let entry = Entry {
            id,
            at: self.now,
            by: Some(by),
            what,
        };
        for effect in self.session.step(&entry) {
            match effect {
                session::Effect::Stop(notice) => self.send(bounds, Down::Stop(notice)),
                session::Effect::Publish { to, .. } if to.includes(Helper) => {
                    self.send(bounds, Down::State(self.session.state()));
                }
                session::Effect::Again(Helper) => {
                    self.send(bounds, Down::State(self.session.state()));
                }
                session::Effect::Publish { .. }
                | session::Effect::Again(_)
                | session::Effect::Refuse { .. } => {}
            }
        }
    }

    pub(super) fn fresh_id(&self) -> Id {
        id(1_000 + self.entries)
    }

    /// Queues like an outbox: only the newest state waits, and a stop goes ahead of everything. Without room
    /// a heartbeat answer is dropped.
    fn send(&mut self, bounds: &Bounds, frame: Down) {
        if self.line != Line::Open {
            return;
        }
        let state = |waits: &Down| matches!(waits, Down::State(_));
        match frame {
            Down::State(_) => {
                self.down.retain(|waits| !state(waits));
                self.down.push_back(frame);
            }
            Down::Stop(_) => {
                self.down.retain(|waits| matches!(waits, Down::Welcome(_)));
                self.down.push_back(frame);
            }
            Down::Welcome(_) => self.down.push_back(frame),
            Down::Beat { .. } if self.down.len() < bounds.down => self.down.push_back(frame),
            Down::Beat { .. } => {}
        }
    }

    /// Gives the device an input, does what it asks for, and checks what it shows.
    pub(super) fn input(
        &mut self,
        bounds: &Bounds,
        input: &Input,
        met: &mut Met,
    ) -> Result<(), Broken> {
        let was_up = self.greeted;
        let effects = self.link.step(self.now, input.clone());
        for effect in &effects {
            match effect {
                Effect::Connect => self.line = Line::Dialling,
                Effect::Disconnect => self.cut(),
                Effect::Send { message } => self.post(bounds, message),
                Effect::Shout | Effect::TooSoon => {}
            }
        }
        self.look(input, &effects, was_up, met)
    }

    pub(super) fn look(
        &mut self,
        input: &Input,
        effects: &[Effect],
        was_up: bool,
        met: &mut Met,
    ) -> Result<(), Broken> {
        if self.session.phase() == Phase::Live {
            self.live_at = Some(self.now);
        }
        let view = self.link.view(self.now);
        met.note(if view.go { "go" } else { "no go" });
        if view.go && self.session.phase() != Phase::Live {
            met.note("go for a moment longer than the relay is live");
        }
        if let Some(alarm) = view.alarm {
            met.note(match alarm {
                Alarm::NotDelivered => "alarm: not delivered",
                Alarm::LinkLost => "alarm: the link is lost",
                Alarm::NotAcknowledged => "alarm: not acknowledged",
                Alarm::Stop => "alarm: stop",
                Alarm::Hold => "alarm: hold",
                Alarm::CheckIn | Alarm::CheckInAgain => "alarm: a question",
            });
        }
        let step = DeviceStep {
            input,
            effects,
            view: &view,
            state: self.link.state(),
            deadline: self.link.deadline(self.now),
            now: self.now,
            was_up,
            hidden: self.hidden,
            answered: self.answered,
            welcomed: self.welcomed,
            live_at: self.live_at,
            unheard: self.unheard,
        };
        for invariant in Invariant::ALL {
            let verdict = invariant.of_device(&step);
            let name = invariant.name();
            if let Some(how) = verdict.broken {
                return Err(Broken { name, how });
            }
            if verdict.spoke {
                met.note(name);
            }
        }
        Ok(())
    }

    pub(super) fn cut(&mut self) {
        self.line = Line::Cut;
        self.greeted = false;
        self.up.clear();
        self.down.clear();
    }

    /// Heartbeats without room are dropped, and a waiting stop is not queued twice.
    fn post(&mut self, bounds: &Bounds, message: &ToRelay) {
        if self.line != Line::Open {
            return;
        }
        let frame = match message {
            ToRelay::Create { .. } | ToRelay::Join { .. } | ToRelay::Resume { .. } => Up::Hello,
            ToRelay::Beat { sent_at, .. } => {
                let beats = self
                    .up
                    .iter()
                    .filter(|frame| matches!(frame, Up::Beat { .. }));
                if beats.count() >= bounds.up {
                    return;
                }
                Up::Beat {
                    sent_at: Millis(*sent_at),
                    trusted: true,
                }
            }
            ToRelay::Cue { id, cue, .. } => {
                let same = |frame: &Up| matches!(frame, Up::Cue { id: other, .. } if other == id);
                if self.up.iter().any(same) {
                    return;
                }
                Up::Cue { id: *id, cue: *cue }
            }
            ToRelay::Thumb { .. }
            | ToRelay::Shown { .. }
            | ToRelay::Acknowledge { .. }
            | ToRelay::Confirm { .. }
            | ToRelay::Away
            | ToRelay::Received { .. }
            | ToRelay::Note { .. }
            | ToRelay::RenewCode
            | ToRelay::End => return,
        };
        self.up.push_back(frame);
    }

    pub(super) fn relay_takes(&mut self, bounds: &Bounds) {
        match self.up.pop_front() {
            Some(Up::Hello) => {
                let by = Helper;
                let client = None;
                let back = self.session.peer(by) == LinkStatus::Absent;
                let what = if back {
                    What::Joined { name: None, client }
                } else {
                    What::Connected { client }
                };
                // The welcome carries the resulting state.
                let mut silent = self.clone();
                silent.line = Line::Cut;
                silent.enter(bounds, by, self.fresh_id(), what);
                self.session = silent.session;
                self.entries = silent.entries;
                self.send(bounds, Down::Welcome(self.session.state()));
            }
            Some(Up::Beat { sent_at, trusted }) => {
                let frame = Down::Beat {
                    sent_at,
                    trusted,
                    phase: self.session.phase(),
                    epoch: self.session.epoch(),
                };
                self.send(bounds, frame);
            }
            Some(Up::Cue { id, cue }) => {
                self.unheard = self.unheard.filter(|stop| *stop != id);
                let what = What::Cue {
                    cue,
                    epoch: None,
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                self.enter(bounds, Helper, id, what);
            }
            None => {}
        }
    }

    pub(super) fn device_takes(&mut self, bounds: &Bounds, met: &mut Met) -> Result<(), Broken> {
        let Some(frame) = self.down.pop_front() else {
            return Ok(());
        };
        let message = match frame {
            Down::Welcome(state) => {
                self.trusted_from = self.now;
                self.welcomed = Some(self.now);
                self.answered = None;
                welcome(state)
            }
            Down::State(state) => ToDevice::State {
                seq: state.seq,
                recorded: Vec::new(),
                state: Box::new(state),
            },
            Down::Stop(notice) => ToDevice::Stop(notice),
            Down::Beat {
                sent_at,
                phase,
                epoch,
                ..
            } => {
                self.answered = self.answered.max(Some(sent_at));
                ToDevice::Beat {
                    n: 0,
                    sent_at: sent_at.0,
                    relay_at: self.now,
                    peer: LinkStatus::Here,
                    phase,
                    epoch,
                    unrecorded: false,
                    recorded: Vec::new(),
                }
            }
        };
        let welcome = matches!(message, ToDevice::Welcome(_));
        self.input(bounds, &Input::Message { message }, met)?;
        self.greeted |= welcome;
        Ok(())
    }

    /// Everything that is needed to go live: both screens paint the hold, and each act comes when it can be
    /// meant.
    pub(super) fn go_live(&mut self, bounds: &Bounds, met: &mut Met) -> Result<(), Broken> {
        if let Some(hold) = self.session.state().hold {
            for by in Role::BOTH {
                let painted = What::Shown {
                    of: hold.id,
                    painted_at: None,
                    uncertainty_ms: None,
                };
                self.enter(bounds, by, self.fresh_id(), painted);
            }
            self.pass(bounds, limits::REFLEX_MS, met)?;
            if hold.reason != HoldReason::Start && !hold.acknowledged {
                let hands_off = What::Acknowledged { of: hold.id };
                self.enter(bounds, Helper, self.fresh_id(), hands_off);
                self.pass(bounds, limits::MEANT_MS, met)?;
            }
        }
        for by in Role::BOTH {
            let what = What::Cue {
                cue: Cue::Ready,
                epoch: Some(self.session.epoch()),
                tapped_at: None,
                uncertainty_ms: None,
            };
            self.enter(bounds, by, self.fresh_id(), what);
        }
        Ok(())
    }

    fn pass(&mut self, bounds: &Bounds, millis: u64, met: &mut Met) -> Result<(), Broken> {
        self.now = self.now.plus(millis);
        self.input(bounds, &Input::Tick, met)
    }

    /// The next time at which something changes, or the last millisecond before.
    pub(super) fn threshold(&self) -> Option<Millis> {
        let lost = |at: Millis| at.plus(u64::from(Limits::default().lost_after_ms));
        let times = [
            self.link.deadline(self.now),
            self.answered.map(lost),
            self.answered.map(|at| Millis(lost(at).0 - 1)),
            self.live_at.map(lost),
        ];
        let times = times.into_iter().flatten();
        times.filter(|at| *at > self.now).min()
    }
}

impl Node {
    /// Updates which of the heartbeats in flight will count.
    pub(super) fn forget(&mut self) {
        let from = self.trusted_from;
        for frame in &mut self.up {
            if let Up::Beat { sent_at, trusted } = frame {
                *trusted = *sent_at >= from;
            }
        }
        for frame in &mut self.down {
            if let Down::Beat {
                sent_at, trusted, ..
            } = frame
            {
                *trusted = *sent_at >= from;
            }
        }
    }
}
