//! Snapshots for the tests of the model and of the screens.

use std::sync::Arc;

use tapcue_rules::cue::{Both, Cue, Meaning, Role};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::link::{DeviceLink, Lamp, Stage, View};
use tapcue_rules::message::{Limits, Pairing, Secret, Welcome};
use tapcue_rules::state::{
    CheckIn, Confirmed, Ended, Hold, HoldReason, LinkStatus, Name, Options, Phase, ShownCue,
    Spread, State,
};
use tapcue_rules::time::Millis;

use super::app::App;
use crate::device::snapshot::Snapshot;

/// The device's time in the fixtures.
pub(super) const NOW: Millis = Millis(100_000);

/// How far the relay's clock is ahead of it.
const AHEAD: u64 = 1_000_000;

/// The relay's time, `ms` before the fixtures' now.
pub(super) fn ago(ms: u64) -> Millis {
    Millis(NOW.0 + AHEAD - ms)
}

pub(super) fn id(n: u128) -> Id {
    Id::from_u128(n)
}

/// A device with a live session, altered by `change`.
pub(super) fn snapshot(role: Role, change: impl FnOnce(&mut Snapshot, &mut State)) -> Snapshot {
    let view = View {
        link: DeviceLink::Here,
        go: true,
        stopped: false,
        lamp: None,
        thumb: false,
        alarm: None,
        round_trip_ms: Some(42),
        clock: None,
        unrecorded: false,
        ahead: None,
        may_ready_at: None,
        may_acknowledge_at: None,
    };
    let mut state = State {
        seq: 7,
        epoch: 3,
        ready: Both {
            receiver: true,
            helper: true,
        },
        rehearsed: true,
        confirmed: Confirmed {
            receiver: true,
            helper: true,
            warning_signs: Some(false),
            cleared: false,
        },
        live_since: Some(ago(372_000)),
        ..State::blank(Phase::Live)
    };
    let mut snapshot = Snapshot::new(view);
    snapshot.at = NOW;
    snapshot.last_word = NOW;
    snapshot.relay_ahead_ms = Some(i64::try_from(AHEAD).unwrap());
    snapshot.welcome = Some(Arc::new(Welcome {
        session: SessionId(id(1)),
        role,
        token: Secret("planted".into()),
        pairing: None,
        opened_at: ago(500_000),
        relay_at: ago(0),
        options: Options::default(),
        limits: Limits::default(),
        state: state.clone(),
    }));
    change(&mut snapshot, &mut state);
    if state.phase != Phase::Live {
        snapshot.view.go = false;
        state.live_since = None;
        state.ready = match state.phase {
            Phase::Held => state.ready,
            Phase::Waiting | Phase::Live | Phase::Ended => Both::default(),
        };
    }
    snapshot.state = Some(Arc::new(state));
    snapshot
}

pub(super) fn app(role: Role, change: impl FnOnce(&mut Snapshot, &mut State)) -> App {
    App::new("http://10.0.0.2:8080".into(), snapshot(role, change))
}

pub(super) fn live(role: Role) -> App {
    app(role, |_, _| {})
}

pub(super) fn hold(reason: HoldReason, by: Option<Role>) -> Hold {
    Hold {
        id: id(50),
        reason,
        by,
        since: ago(12_000),
        tapped_at: None,
        shown: None,
        acknowledged: false,
        count: u32::from(reason == HoldReason::Stop),
    }
}

pub(super) fn held(role: Role, hold: Hold) -> App {
    app(role, |_, state| {
        state.phase = Phase::Held;
        state.ready = Both::default();
        state.hold = Some(hold);
    })
}

pub(super) fn stopped(role: Role) -> App {
    held(role, hold(HoldReason::Stop, Some(Role::Receiver)))
}

/// A live session with hold to consent, altered by `change`.
pub(super) fn consent(role: Role, change: impl FnOnce(&mut Snapshot, &mut State)) -> App {
    app(role, |snapshot, state| {
        let mut welcome = snapshot.welcome.as_deref().cloned().unwrap();
        welcome.options.hold_to_consent = true;
        snapshot.welcome = Some(Arc::new(welcome));
        snapshot.view.thumb = role == Role::Receiver;
        state.thumb = true;
        change(snapshot, state);
    })
}

/// A held session with hold to consent that is ready except for the thumb.
pub(super) fn without_thumb(role: Role) -> App {
    consent(role, |snapshot, state| {
        state.phase = Phase::Held;
        let mut hold = hold(HoldReason::Released, Some(Role::Receiver));
        hold.acknowledged = true;
        state.hold = Some(hold);
        state.thumb = false;
        snapshot.view.thumb = false;
    })
}

/// A session before the first live, altered by `change`.
pub(super) fn start(role: Role, change: impl FnOnce(&mut State)) -> App {
    app(role, |_, state| {
        state.phase = Phase::Held;
        state.hold = Some(hold(HoldReason::Start, None));
        state.ready = Both::default();
        state.rehearsed = false;
        change(state);
    })
}

pub(super) fn unprepared(role: Role) -> App {
    start(role, |state| state.confirmed = Confirmed::default())
}

pub(super) fn pairing(role: Role) -> App {
    app(role, |snapshot, state| {
        state.phase = Phase::Waiting;
        state.hold = None;
        *state.peers.of_mut(role.other()) = LinkStatus::Absent;
        snapshot.pairing = Some(Arc::new(Pairing {
            code: Secret("K7M-2QX4R".into()),
            link: Secret("http://192.168.100.120:8080/#join=0123456789ABCDEFGHJKMNPQRS".into()),
            qr: Secret(String::new()),
            qr_size: 0,
            code_expires_at: Millis(ago(0).0 + 278_000),
            burned: false,
        }));
    })
}

pub(super) fn shown(n: u128, cue: Cue, age_ms: u64) -> ShownCue {
    ShownCue {
        id: id(n),
        cue,
        at: ago(age_ms),
        tapped_at: None,
        shown: None,
        acknowledged: None,
    }
}

/// The helper's screen with this cue of this age.
pub(super) fn cue(cue: Cue, age_ms: u64) -> App {
    app(Role::Helper, |_, state| {
        state.cue = Some(shown(60, cue, age_ms));
    })
}

pub(super) fn asked(role: Role) -> App {
    app(role, |_, state| {
        state.check_in = Some(CheckIn {
            id: id(70),
            by: Some(Role::Helper),
            asked_at: ago(3_000),
            due_at: Millis(ago(0).0 + 7_000),
            again: false,
            shown: None,
        });
    })
}

pub(super) fn lamp(role: Role, cue: Cue, stage: Stage) -> App {
    app(role, |snapshot, _| {
        snapshot.view.lamp = Some(Lamp {
            id: id(80),
            cue,
            stage,
            code: None,
        });
    })
}

pub(super) fn lost(role: Role) -> App {
    app(role, |snapshot, _| {
        snapshot.view.link = DeviceLink::Lost;
        snapshot.view.go = false;
        snapshot.last_word = Millis(NOW.0 - 4_000);
    })
}

pub(super) fn ended(role: Role) -> App {
    app(role, |_, state| {
        state.phase = Phase::Ended;
        state.ended = Some(Ended {
            at: ago(1_000),
            by: Some(Role::Helper),
            live_ms: 372_000,
            stops: 3,
            stop_shown: Some(Spread {
                median_ms: 41,
                worst_ms: 88,
            }),
            stop_acknowledged: Some(Spread {
                median_ms: 1_400,
                worst_ms: 2_310,
            }),
            tap_shown: None,
            tap_acknowledged: None,
        });
    })
}

pub(super) fn closed(role: Role, link: DeviceLink) -> App {
    app(role, |snapshot, _| {
        snapshot.view.link = link;
        snapshot.view.go = false;
    })
}

pub(super) fn name(text: &str) -> Option<Name> {
    Some(Name::try_from(text.to_owned()).unwrap())
}

/// One app for every screen and role.
pub(super) fn all() -> Vec<App> {
    let mut all = Vec::new();
    for role in Role::BOTH {
        all.extend([
            pairing(role),
            unprepared(role),
            start(role, |state| state.confirmed.warning_signs = Some(true)),
            start(role, |_| {}),
            start(role, |state| state.rehearsed = true),
            stopped(role),
            held(role, hold(HoldReason::LinkLost, Some(Role::Helper))),
            held(role, hold(HoldReason::NoAnswer, None)),
            live(role),
            asked(role),
            lost(role),
            ended(role),
            closed(role, DeviceLink::Superseded),
            closed(role, DeviceLink::Refused),
            consent(role, |_, _| {}),
            without_thumb(role),
        ]);
    }
    all.extend(
        Cue::ALL
            .into_iter()
            .filter(|cue| cue.traits().meaning == Meaning::Shown)
            .map(|of| cue(of, 4_000)),
    );
    all
}
