//! Random inputs of a device, including many impossible ones.

use proptest::prelude::*;
use proptest::sample::select;
use tapcue_rules::cue::{Both, Cue, Role};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::link::Input;
use tapcue_rules::message::{ErrorCode, Limits, Secret, StopNotice, ToDevice, ToRelay, Welcome};
use tapcue_rules::state::{
    CheckIn, Ended, Hold, HoldReason, LinkStatus, Options, Phase, ShownCue, State,
};
use tapcue_rules::time::Millis;

/// Few ids, so that they match: a state names what was tapped, a receipt what is on the screen.
const IDS: u8 = 6;

fn id(n: u8) -> Id {
    Id::from_u128(u128::from(n))
}

fn ids() -> impl Strategy<Value = Id> {
    (0..IDS).prop_map(id)
}

fn moment() -> impl Strategy<Value = Option<Millis>> {
    prop::option::of(Just(Millis(5)))
}

/// An input; an `Answer` is to a heartbeat sent `age` milliseconds ago.
#[derive(Clone, Debug)]
pub(crate) enum Happens {
    Plain(Input),
    /// An act whose finger or key went down `ago` milliseconds ago.
    Began {
        act: Input,
        ago: u64,
    },
    Answer {
        age: u64,
        phase: Phase,
        epoch: u64,
        unrecorded: bool,
    },
}

impl Happens {
    /// The input, if it happens at `now`.
    pub(crate) fn at(self, now: Millis) -> Input {
        match self {
            Self::Plain(input) => input,
            Self::Began { mut act, ago } => {
                if let Input::Tap { began, .. }
                | Input::Thumb { began, .. }
                | Input::Acknowledge { began } = &mut act
                {
                    *began = Some(Millis(now.0 - ago));
                }
                act
            }
            Self::Answer {
                age,
                phase,
                epoch,
                unrecorded,
            } => Input::Message {
                message: ToDevice::Beat {
                    n: 0,
                    sent_at: now.0 - age,
                    relay_at: Millis(now.0 + 1_000_000 - age / 2),
                    peer: LinkStatus::Here,
                    phase,
                    epoch,
                    unrecorded,
                    recorded: Vec::new(),
                },
            },
        }
    }
}

fn hold() -> impl Strategy<Value = Hold> {
    let reason = select(vec![
        HoldReason::Start,
        HoldReason::Stop,
        HoldReason::Stop,
        HoldReason::Released,
        HoldReason::LinkLost,
        HoldReason::Away,
        HoldReason::NoAnswer,
    ]);
    let by = prop::option::of(select(Role::BOTH.to_vec()));
    (ids(), reason, by, moment(), any::<bool>()).prop_map(
        |(id, reason, by, shown, acknowledged)| Hold {
            id,
            reason,
            by,
            since: Millis(0),
            tapped_at: None,
            shown,
            acknowledged,
            count: 1,
        },
    )
}

fn shown_cue() -> impl Strategy<Value = ShownCue> {
    let cue = select(Cue::ALL.to_vec());
    (ids(), cue, moment(), moment()).prop_map(|(id, cue, shown, acknowledged)| ShownCue {
        shown,
        acknowledged,
        ..ShownCue::new(id, cue, Millis(0), None)
    })
}

fn check_in() -> impl Strategy<Value = CheckIn> {
    (ids(), moment()).prop_map(|(id, shown)| CheckIn {
        id,
        by: None,
        asked_at: Millis(0),
        due_at: Millis(10_000),
        again: false,
        shown,
    })
}

fn ended() -> Ended {
    Ended {
        at: Millis(9),
        by: None,
        live_ms: 0,
        stops: 0,
        stop_shown: None,
        stop_acknowledged: None,
        tap_shown: None,
        tap_acknowledged: None,
    }
}

fn state() -> impl Strategy<Value = State> {
    let phase = prop_oneof![
        10 => Just(Phase::Live),
        6 => Just(Phase::Held),
        1 => Just(Phase::Waiting),
        2 => Just(Phase::Ended),
    ];
    let ready = (any::<bool>(), any::<bool>());
    (
        (
            0..9_u64,
            1..3_u64,
            phase,
            prop::option::weighted(0.8, hold()),
        ),
        (ready, any::<bool>()),
        prop::option::of(shown_cue()),
        prop::collection::vec(shown_cue(), 0..3),
        prop::option::weighted(0.2, check_in()),
    )
        .prop_map(
            |((seq, epoch, phase, hold), (ready, thumb), cue, earlier, check_in)| State {
                seq,
                epoch,
                hold: hold.filter(|hold| match phase {
                    Phase::Held => true,
                    Phase::Ended => hold.reason.is_stop() && !hold.acknowledged,
                    Phase::Live | Phase::Waiting => false,
                }),
                ready: Both {
                    receiver: ready.0,
                    helper: ready.1,
                },
                thumb,
                cue,
                earlier,
                check_in: check_in.filter(|_| phase == Phase::Live),
                ended: (phase == Phase::Ended).then(ended),
                rehearsed: true,
                ..State::blank(phase)
            },
        )
}

fn welcome(role: Role, hold_to_consent: bool, state: State) -> ToDevice {
    ToDevice::Welcome(Box::new(Welcome {
        session: SessionId(id(99)),
        role,
        token: Secret("token".into()),
        pairing: None,
        opened_at: Millis(0),
        relay_at: Millis(0),
        options: Options {
            hold_to_consent,
            ..Options::default()
        },
        limits: Limits::default(),
        state,
    }))
}

fn message() -> impl Strategy<Value = ToDevice> {
    let role = || select(Role::BOTH.to_vec());
    let code = select(ErrorCode::ALL.to_vec());
    let stop = select(vec![HoldReason::Stop, HoldReason::Released]);
    prop_oneof![
        4 => (role(), any::<bool>(), state())
            .prop_map(|(role, consent, state)| welcome(role, consent, state)),
        6 => (state(), prop::collection::vec(ids(), 0..2)).prop_map(|(state, recorded)| ToDevice::State {
            seq: state.seq,
            recorded,
            state: Box::new(state),
        }),
        1 => (ids(), stop, role(), 0..9_u64).prop_map(|(id, reason, by, seq)| {
            ToDevice::Stop(StopNotice { id, reason, by, at: Millis(0), tapped_at: None, seq })
        }),
        1 => ids().prop_map(|id| ToDevice::Recorded { id, seq: 1 }),
        1 => (code, prop::option::of(ids()), prop::bool::weighted(0.2))
            .prop_map(|(code, of, fatal)| code.to_device(of, fatal)),
    ]
}

pub(crate) fn happens() -> impl Strategy<Value = Happens> {
    let phase = select(vec![Phase::Live, Phase::Live, Phase::Held]);
    let cue = select(Cue::ALL.to_vec());
    let close = select(vec![
        None,
        None,
        None,
        Some(1006),
        Some(4001),
        Some(4002),
        Some(4003),
        Some(4005),
    ]);
    let said = ToRelay::Confirm {
        item: tapcue_rules::message::ConfirmItem::SetUp,
        value: true,
    };
    let plain = prop_oneof![
        4 => Just(Input::Tick),
        2 => Just(Input::Opened),
        1 => Just(Input::Start),
        1 => close.prop_map(|code| Input::Closed { code }),
        13 => message().prop_map(|message| Input::Message { message }),
        2 => (ids(), cue).prop_map(|(id, cue)| Input::Tap { id, cue, began: None }),
        2 => (ids(), any::<bool>()).prop_map(|(id, down)| Input::Thumb { id, down, began: None }),
        1 => Just(Input::Acknowledge { began: None }),
        1 => (ids(), any::<bool>()).prop_map(|(id, acknowledged)| Input::Painted { id, acknowledged }),
        1 => Just(Input::Say { message: said }),
        1 => Just(Input::Hidden),
        1 => Just(Input::Visible),
    ];
    let answer = (0..2_600_u64, phase, 1..3_u64, prop::bool::weighted(0.1));
    let act = prop_oneof![
        2 => (ids(), select(Cue::ALL.to_vec())).prop_map(|(id, cue)| Input::Tap { id, cue, began: None }),
        2 => (ids(), any::<bool>()).prop_map(|(id, down)| Input::Thumb { id, down, began: None }),
        1 => Just(Input::Acknowledge { began: None }),
    ];
    prop_oneof![
        26 => plain.prop_map(Happens::Plain),
        4 => (act, 0..1_200_u64).prop_map(|(act, ago)| Happens::Began { act, ago }),
        8 => answer.prop_map(|(age, phase, epoch, unrecorded)| Happens::Answer {
            age, phase, epoch, unrecorded,
        }),
    ]
}
