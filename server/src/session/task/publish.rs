//! Carries out the effects of a step, and sends the state to each device.

use tapcue_rules::cue::{Both, Lane, Role};
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::message::ToDevice;
use tapcue_rules::session::{Effect, Session};
use tapcue_rules::state::Phase;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::Actor;
use crate::metrics::Refused;
use crate::session::device_handle::{Reading, frame};

/// How long the state with a device's own cue waits for the `shown` of the other, in milliseconds, so that one
/// state tells both. Source: two frames of a screen and a fast network.
const OWN_CUE_WAITS_MS: u64 = 50;

/// Why a device gets a new state, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Its own cue was taken, and the session stays live.
    OwnCue,
    /// Anything else but a stop.
    Ordinary,
    /// A stop.
    Urgent,
}

impl Change {
    /// Why `role` gets a new state after an entry.
    ///
    /// Safety Invariant: only a device's own cue in a session that stays live may wait.
    fn of(entry: &Entry, role: Role, lane: Lane, stays_live: bool) -> Self {
        let is_own_cue = matches!(entry.what, What::Cue { .. }) && entry.by == Some(role);
        match lane {
            Lane::Urgent => Change::Urgent,
            Lane::Ordinary if is_own_cue && stays_live => Change::OwnCue,
            Lane::Ordinary => Change::Ordinary,
        }
    }
}

impl Actor<'_> {
    pub(super) fn step(&mut self, entry: &Entry) {
        let was_live = self.is_live();
        let effects = match &mut self.session {
            Some(session) => session.step(entry),
            None => {
                self.session = Session::open(entry);
                Vec::new()
            }
        };
        // The pulse is set first, so that no heartbeat answer says "live" after the stop's frame.
        self.beat_from_here();
        let stays_live = was_live && self.is_live();
        for effect in effects {
            match effect {
                Effect::Stop(notice) => {
                    let stop = frame(&ToDevice::Stop(notice));
                    for role in Role::BOTH {
                        if let Some(device) = self.devices.of(role) {
                            let read_at = self.stop_read_at.filter(|_| entry.by != Some(role));
                            device.put_stop(notice.seq, stop.clone(), read_at);
                        }
                        // `put_stop` drops an older state that waits, so a new state always follows.
                        self.change(role, Change::Urgent);
                    }
                }
                Effect::Publish { to, lane } => {
                    for role in Role::BOTH.into_iter().filter(|role| to.includes(*role)) {
                        self.change(role, Change::of(entry, role, lane, stays_live));
                    }
                }
                Effect::Again(role) => self.change(role, Change::Ordinary),
                Effect::Refuse { role, code, id } => {
                    // The error names only the device's own cue or thumb, which the device then gives up. A
                    // `shown` or an `acknowledge` is about an accepted cue, which must not be given up.
                    let known = entry.what.tap().map(|_| id);
                    if known.is_some() {
                        self.registry
                            .context
                            .metrics
                            .refused_with(Refused::Cue, code);
                    }
                    if let Some(device) = self.devices.of(role) {
                        device.put_error(code, known);
                    }
                }
            }
        }
    }

    pub(super) fn change(&mut self, role: Role, change: Change) {
        let changed = self.changed.of_mut(role);
        *changed = (*changed).max(Some(change));
    }

    fn is_live(&self) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.phase() == Phase::Live)
    }

    /// Sets what heartbeat answers say from now on.
    fn beat_from_here(&self) {
        if let Some(session) = &self.session {
            self.handle.pulse.set(Reading {
                phase: session.phase(),
                epoch: session.epoch(),
                peers: Both {
                    receiver: session.peer(Role::Receiver),
                    helper: session.peer(Role::Helper),
                },
            });
        }
    }

    /// Sends the state to each device for which it changed. Both get the same frame.
    pub(super) fn flush(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let Some(session) = self.session.as_ref() else {
            return;
        };
        let mut made: Option<Utf8Bytes> = None;
        for role in Role::BOTH {
            let (Some(change), Some(device)) = (*changed.of(role), self.devices.of(role)) else {
                continue;
            };
            let seq = session.seq();
            let state = || Box::new(session.state());
            let frame = made.get_or_insert_with(|| {
                frame(&ToDevice::State {
                    seq,
                    recorded: Vec::new(),
                    state: state(),
                })
            });
            let frame = frame.clone();
            match change {
                Change::Urgent => device.put_state(seq, frame, Lane::Urgent),
                Change::Ordinary => device.put_state(seq, frame, Lane::Ordinary),
                Change::OwnCue => {
                    let from = self.registry.context.clock.now().plus(OWN_CUE_WAITS_MS);
                    device.put_state_from(seq, frame, Lane::Ordinary, from);
                }
            }
        }
        if self.ended_at.is_none() && self.has_ended() {
            tracing::info!(session = %self.handle.id, "ended");
            self.ended_at = Some(Instant::now());
            self.registry.pairing.withdraw(self.handle.id);
            self.registry.finished.look_at(self.handle.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use tapcue_rules::cue::Cue;
    use tapcue_rules::ids::Id;
    use tapcue_rules::time::Millis;

    use super::*;

    fn entry(by: Role, what: What) -> Entry {
        Entry {
            id: Id::nil(),
            at: Millis(1),
            by: Some(by),
            what,
        }
    }

    #[test]
    fn only_a_devices_own_cue_waits_and_only_in_a_session_that_stays_live() {
        for cue in Cue::ALL {
            let cue = entry(
                Role::Receiver,
                What::Cue {
                    cue,
                    epoch: None,
                    tapped_at: None,
                    uncertainty_ms: None,
                },
            );
            let change = |role, lane, stays| Change::of(&cue, role, lane, stays);
            let (own, other) = (Role::Receiver, Role::Helper);
            assert_eq!(change(own, Lane::Ordinary, true), Change::OwnCue);
            // It made the session live, or ended live.
            assert_eq!(change(own, Lane::Ordinary, false), Change::Ordinary);
            for stays_live in [true, false] {
                assert_eq!(change(other, Lane::Ordinary, stays_live), Change::Ordinary);
                for role in Role::BOTH {
                    assert_eq!(change(role, Lane::Urgent, stays_live), Change::Urgent);
                }
            }
        }
        // What is no cue, such as a warning sign, never waits.
        for what in [What::Ended, What::Restarted] {
            let other = entry(Role::Receiver, what);
            for role in Role::BOTH {
                let change = Change::of(&other, role, Lane::Ordinary, true);
                assert_eq!(change, Change::Ordinary);
            }
        }
    }

    #[test]
    fn the_most_urgent_reason_decides() {
        let all = [
            Some(Change::Urgent),
            Some(Change::Ordinary),
            Some(Change::OwnCue),
            None,
        ];
        assert!(all.is_sorted_by(|one, other| one > other));
    }
}
