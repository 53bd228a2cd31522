//! The names of things: translated for people, and fixed in JSON and CSV.

use super::{Words, capital};
use crate::{Answer, Band};
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::What;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{HoldReason, LinkStatus, Phase};

impl Words {
    /// The role, with a capital.
    pub(crate) const fn role(&self, by: Option<Role>) -> &'static str {
        match by {
            Some(Role::Receiver) => self.roles.receiver,
            Some(Role::Helper) => self.roles.helper,
            None => self.roles.relay,
        }
    }

    /// The role, in the middle of a sentence.
    pub(super) const fn the_role(&self, by: Role) -> &'static str {
        match by {
            Role::Receiver => self.roles.the_receiver,
            Role::Helper => self.roles.the_helper,
        }
    }

    /// The text of a cue.
    pub(crate) const fn cue(&self, cue: Cue) -> &'static str {
        self.cues.of(cue)
    }

    /// Why a session is held, in the middle of a sentence.
    pub(super) const fn reason(&self, reason: HoldReason) -> &'static str {
        let reasons = &self.reasons;
        match reason {
            HoldReason::Start => reasons.start,
            HoldReason::Stop => reasons.stop,
            HoldReason::LinkLost => reasons.link_lost,
            HoldReason::Away => reasons.away,
            HoldReason::NoAnswer => reasons.no_answer,
            HoldReason::Released => reasons.released,
        }
    }

    /// A phrase for a held session, with the reason.
    pub(super) fn held_for(&self, reason: HoldReason) -> String {
        let reason = self.reason(reason);
        self.fill(self.phases.held, &[("reason", &reason)])
    }

    /// The phase of a session.
    pub(crate) fn phase(&self, band: &Band) -> String {
        match (band.phase, band.reason) {
            (Phase::Waiting, _) => self.phases.waiting.into(),
            (Phase::Live, _) => self.phases.live.into(),
            (Phase::Ended, _) => self.phases.ended.into(),
            (Phase::Held, Some(HoldReason::Start) | None) => self.phases.start.into(),
            (Phase::Held, Some(reason)) => self.held_for(reason),
        }
    }

    /// The phase in the fewest words.
    pub(crate) fn phase_short(&self, band: &Band) -> String {
        match (band.phase, band.reason) {
            (Phase::Held, Some(reason)) if reason != HoldReason::Start => {
                capital(self.reason(reason))
            }
            (Phase::Waiting | Phase::Live | Phase::Ended | Phase::Held, _) => self.phase(band),
        }
    }

    /// The status of a link.
    pub(crate) const fn link(&self, status: LinkStatus) -> &'static str {
        match status {
            LinkStatus::Here => self.links.here,
            LinkStatus::Late => self.links.late,
            LinkStatus::Lost => self.links.lost,
            LinkStatus::Away => self.links.away,
            LinkStatus::Absent => self.links.absent,
        }
    }

    /// The outcome of a check-in that was not answered.
    pub(super) const fn answer(&self, answer: Answer) -> &'static str {
        match answer {
            Answer::Open => self.outcomes.open,
            Answer::Answered => self.outcomes.answered,
            Answer::None => self.outcomes.no_answer,
            Answer::Dropped => self.outcomes.dropped,
        }
    }
}

/// Why a session is held, as JSON and CSV name it.
pub(crate) const fn reason_name(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Start => "start",
        HoldReason::Stop => "stop",
        HoldReason::LinkLost => "link_lost",
        HoldReason::Away => "away",
        HoldReason::NoAnswer => "no_answer",
        HoldReason::Released => "released",
    }
}

/// The kind of an entry, as JSON and CSV name it.
pub(crate) const fn kind(what: &What) -> &'static str {
    match what {
        What::Opened { .. } => "opened",
        What::Joined { .. } => "joined",
        What::Connected { .. } => "connected",
        What::Link { .. } => "link",
        What::Cue { .. } => "cue",
        What::Stops { .. } => "stops",
        What::Thumb { .. } => "thumb",
        What::Shown { .. } => "shown",
        What::Acknowledged { .. } => "acknowledged",
        What::Confirmed { .. } => "confirmed",
        What::Due { .. } => "due",
        What::Restarted => "restarted",
        What::Noted { .. } => "noted",
        What::Ended => "ended",
    }
}

/// An error code, as JSON and CSV name it.
pub(crate) fn code_name(code: ErrorCode) -> String {
    let name = serde_json::to_value(code).unwrap_or_default();
    name.as_str().unwrap_or_default().into()
}
