//! The content of the `state` line of `--json`.

use serde::Serialize;
use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::link::{Alarm, DeviceLink, Stage};
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{Confirmed, Ended, HoldReason, LinkStatus, Phase};

use crate::device::snapshot::Snapshot;
use crate::tui::words::late_ms;

/// The state of a session, without secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    role: Option<Role>,
    link: DeviceLink,
    phase: Option<Phase>,
    go: bool,
    stopped: bool,
    epoch: Option<u64>,
    hold: Option<HoldSummary>,
    ready: Option<Both<bool>>,
    /// Hold to consent: whether the receiver's thumb is down.
    thumb: bool,
    peers: Option<Both<LinkStatus>>,
    rehearsed: bool,
    confirmed: Option<Confirmed>,
    cue: Option<CueSummary>,
    check_in: bool,
    lamp: Option<LampSummary>,
    alarm: Option<Alarm>,
    ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct HoldSummary {
    reason: HoldReason,
    by: Option<Role>,
    shown: bool,
    acknowledged: bool,
    count: u32,
    /// For a stop that came late, how long it was in flight to the relay, in milliseconds.
    late_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct CueSummary {
    cue: Cue,
    shown: bool,
    acknowledged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct LampSummary {
    cue: Cue,
    stage: Stage,
    code: Option<ErrorCode>,
}

impl From<&Snapshot> for Summary {
    fn from(snapshot: &Snapshot) -> Self {
        let state = snapshot.state.as_deref();
        let view = &snapshot.view;
        Self {
            role: snapshot.role(),
            link: view.link,
            phase: snapshot.phase(),
            go: view.go,
            stopped: view.stopped,
            epoch: state.map(|state| state.epoch),
            hold: state.and_then(|s| s.hold.as_ref()).map(|hold| HoldSummary {
                reason: hold.reason,
                by: hold.by,
                shown: hold.shown.is_some(),
                acknowledged: hold.acknowledged,
                count: hold.count,
                late_ms: late_ms(hold, state.and_then(|state| state.cue.as_ref())),
            }),
            ready: state.map(|state| state.ready),
            thumb: state.is_some_and(|state| state.thumb),
            peers: state.map(|state| state.peers),
            rehearsed: state.is_some_and(|state| state.rehearsed),
            confirmed: state.map(|state| state.confirmed),
            cue: state.and_then(|s| s.cue.as_ref()).map(|cue| CueSummary {
                cue: cue.cue,
                shown: cue.shown.is_some(),
                acknowledged: cue.acknowledged.is_some(),
            }),
            check_in: state.is_some_and(|state| state.check_in.is_some()),
            lamp: view.lamp.map(|lamp| LampSummary {
                cue: lamp.cue,
                stage: lamp.stage,
                code: lamp.code,
            }),
            alarm: view.alarm,
            ended: state.and_then(|state| state.ended.clone()),
        }
    }
}
