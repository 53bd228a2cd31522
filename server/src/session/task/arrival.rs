//! How devices get into a session: they create it, join it or resume it.

use std::sync::Arc;

use tapcue_rules::cue::Role;
use tapcue_rules::entry::What;
use tapcue_rules::message::{ErrorCode, Pairing, Secret, ToDevice, Welcome, close};
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Phase};

use super::recording::NEARLY_FULL;
use super::{Actor, Arrival, ArrivalKind, Arrived, Control};
use crate::clock;
use crate::journal::Admission;
use crate::metrics::LinkLost;
use crate::session::device_handle::{Closing, DeviceHandle};
use crate::session::pairing::Place;
use crate::session::token::TokenHash;

/// The close of a connection whose role another connection took.
pub(super) const SUPERSEDED: Closing = Closing {
    code: close::SUPERSEDED,
    error: Some(ErrorCode::Superseded),
};

impl Actor<'_> {
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        let Arrival {
            kind,
            client,
            token,
            base,
            reply,
        } = arrival;
        self.base = base.or(self.base.take());
        let answer = self.admit(kind, client, token);
        if let Err(Ok(arrived)) = reply.send(answer) {
            // The connection ended while it waited for this answer.
            self.control(Control::Leave(arrived.device));
        }
    }

    fn admit(
        &mut self,
        kind: ArrivalKind,
        client: Option<String>,
        token: Secret,
    ) -> Result<Arrived, ErrorCode> {
        let hash = TokenHash::of(&token);
        let is_join = matches!(kind, ArrivalKind::Join { .. });
        let role = match kind {
            ArrivalKind::Create(role, name, options) => {
                let relay = concat!("tapcue-server/", env!("CARGO_PKG_VERSION")).into();
                let what = What::Opened {
                    options,
                    name,
                    client,
                    relay,
                };
                self.admit_new(role, hash, what)?;
                tracing::info!(session = %self.handle.id, "opened");
                role
            }
            ArrivalKind::Join { role, name, again } => {
                let session = self.session.as_ref().ok_or(ErrorCode::UnknownCode)?;
                if session.phase() == Phase::Ended {
                    return Err(ErrorCode::UnknownCode);
                }
                let what = if session.peer(role) == LinkStatus::Absent {
                    What::Joined { name, client }
                } else if again && self.may_be_joined_again(role) {
                    What::Connected { client }
                } else {
                    return Err(ErrorCode::Taken);
                };
                self.admit_new(role, hash, what)?;
                self.base = None;
                tracing::info!(session = %self.handle.id, "both are here");
                role
            }
            ArrivalKind::Resume => {
                let known = |role: &Role| {
                    let known = self.tokens.of(*role).as_ref();
                    known.is_some_and(|known| known.is(&hash))
                };
                // Both hashes are always compared, whichever matches.
                let [receiver, helper] = Role::BOTH.map(|role| known(&role));
                let role = match (receiver, helper) {
                    (true, _) => Role::Receiver,
                    (false, true) => Role::Helper,
                    (false, false) => return Err(ErrorCode::BadToken),
                };
                // The device got its welcome, so the code or link can no longer give its role to another
                // device.
                self.joined.take_if(|device| device.role == role);
                self.unseat(role);
                let entry = self.entry(Some(role), What::Connected { client });
                self.apply_then_record(entry);
                role
            }
        };
        self.flush();
        let arrived = self.welcome(role, token)?;
        if is_join {
            self.joined = Some(Arc::clone(&arrived.device));
        }
        Ok(arrived)
    }

    /// Whether a used code or link still lets a device in. It does only while no message came from the device
    /// that it let in, and that connection has ended or its link is late.
    fn may_be_joined_again(&self, role: Role) -> bool {
        let late = u64::from(self.limits.late_after_ms);
        let now = self.registry.context.clock.now();
        self.joined.as_ref().is_some_and(|device| {
            let away = !self.is_current(device) || device.silent_ms(now) >= late;
            device.role == role && !device.was_heard() && away
        })
    }

    /// Lets in a new device; its token's hash is recorded with the entry.
    fn admit_new(&mut self, role: Role, hash: TokenHash, what: What) -> Result<(), ErrorCode> {
        let entry = self.entry(Some(role), what);
        let admission = Admission {
            role,
            token_sha256: hash.0,
        };
        if let Err(error) = self.append_or_refuse(&entry, Some(admission)) {
            tracing::warn!(session = %self.handle.id, %error, "nobody can be let in");
            return Err(ErrorCode::Unavailable);
        }
        *self.tokens.of_mut(role) = Some(hash);
        self.unseat(role);
        self.step(&entry);
        self.tell_durable();
        Ok(())
    }

    fn welcome(&mut self, role: Role, token: Secret) -> Result<Arrived, ErrorCode> {
        let session = self.session.as_ref().ok_or(ErrorCode::Unavailable)?;
        let pairing = if session.is_alone() && session.phase() != Phase::Ended {
            self.issue(false)
        } else {
            None
        };
        let welcome = Welcome {
            session: self.handle.id,
            role,
            token,
            pairing,
            opened_at: session.opened_at(),
            relay_at: self.now(),
            options: session.options().clone(),
            limits: self.limits,
            state: session.state(),
        };
        let paired = Role::BOTH
            .iter()
            .all(|role| self.tokens.of(*role).is_some());
        if paired {
            // It may be set already: a device may resume a paired session.
            let _ = self.handle.paired.set(());
        }
        let device = Arc::new(DeviceHandle::new(
            role,
            self.limits,
            self.registry.context.clock.now(),
        ));
        self.tell_unrecorded();
        if self.failing {
            device.put_error(ErrorCode::Unavailable, None);
        }
        if self.length >= NEARLY_FULL && !self.has_ended() {
            device.put_error(ErrorCode::NearlyFull, None);
        }
        *self.devices.of_mut(role) = Some(Arc::clone(&device));
        Ok(Arrived {
            device,
            welcome: ToDevice::Welcome(Box::new(welcome)),
        })
    }

    /// Takes a role from the connection that has it, if any. Its device is told, and the connection is
    /// closed.
    fn unseat(&mut self, role: Role) {
        if let Some(old) = self.devices.of_mut(role).take() {
            self.count_lost(role, LinkLost::Superseded);
            old.close(SUPERSEDED);
        }
    }

    /// Issues a fresh code for the free role, with its expiry in session time.
    fn issue(&self, burned: bool) -> Option<Pairing> {
        let session = self.session.as_ref()?;
        let role = Role::BOTH
            .into_iter()
            .find(|role| session.peer(*role) == LinkStatus::Absent)?;
        let place = Place {
            session: self.handle.id,
            role,
        };
        let pairing = self.registry.issue(place, self.base.as_deref(), burned);
        pairing.map(|mut pairing| {
            pairing.code_expires_at = clock::moved(pairing.code_expires_at, self.ahead_ms);
            pairing
        })
    }

    pub(super) fn renew_code(&mut self, burned: bool) {
        let alone = self.session.as_ref().is_some_and(Session::is_alone);
        let Some(device) = Role::BOTH
            .iter()
            .find_map(|role| self.devices.of(*role).as_ref())
        else {
            return;
        };
        if !alone {
            return;
        }
        match self.issue(burned) {
            Some(pairing) => device.put_aside(&ToDevice::Pairing(Box::new(pairing))),
            None => device.put_error(ErrorCode::Unavailable, None),
        }
    }
}
