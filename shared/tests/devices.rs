//! What holds for a device, for the relay's watch over it and for what waits for it, whatever
//! happens.

use proptest::prelude::*;
use tapcue_shared::cue::{Cue, Lane, Role};
use tapcue_shared::ids::{Id, SessionId};
use tapcue_shared::link::{DeviceLink, Effect, Input, Link};
use tapcue_shared::message::{ErrorCode, Limits, Secret, StopNotice, ToDevice, ToRelay, Welcome};
use tapcue_shared::outbox::Outbox;
use tapcue_shared::presence::Presence;
use tapcue_shared::state::{Hold, HoldReason, LinkStatus, Options, Phase, State};
use tapcue_shared::time::Millis;

fn id(n: u8) -> Id {
    Id::from_u128(u128::from(n))
}

fn state(seq: u64, epoch: u64, phase: Phase, stop: Option<(u8, bool)>) -> State {
    let hold = |(of, acknowledged): (u8, bool)| Hold {
        id: id(of),
        reason: HoldReason::Stop,
        by: Some(Role::Receiver),
        since: Millis(0),
        tapped_at: None,
        shown: None,
        acknowledged,
        count: 1,
    };
    State {
        seq,
        epoch,
        hold: stop.filter(|_| phase == Phase::Held).map(hold),
        rehearsed: true,
        ..State::blank(phase)
    }
}

fn states() -> impl Strategy<Value = State> {
    let phase = prop::sample::select(vec![Phase::Live, Phase::Live, Phase::Held, Phase::Waiting]);
    let stop = prop::option::of((0..6_u8, any::<bool>()));
    (0..9_u64, 1..3_u64, phase, stop)
        .prop_map(|(seq, epoch, phase, stop)| state(seq, epoch, phase, stop))
}

fn welcome(role: Role, state: State) -> ToDevice {
    ToDevice::Welcome(Box::new(Welcome {
        session: SessionId(id(99)),
        role,
        token: Secret("token".into()),
        pairing: None,
        opened_at: Millis(0),
        relay_at: Millis(0),
        options: Options::default(),
        limits: Limits::default(),
        state,
    }))
}

/// An input; `age` is by how much a beat's answer is late.
#[derive(Clone, Debug)]
enum Happens {
    Plain(Input),
    Answer { age: u64, phase: Phase, epoch: u64 },
}

fn happens() -> impl Strategy<Value = Happens> {
    let message = |message| Happens::Plain(Input::Message { message });
    let phase = || prop::sample::select(vec![Phase::Live, Phase::Live, Phase::Held]);
    let role = prop::sample::select(Role::BOTH.to_vec());
    let code = prop::sample::select(ErrorCode::ALL.to_vec());
    let close = prop::sample::select(vec![None, None, None, Some(1006), Some(4001), Some(4002)]);
    prop_oneof![
        4 => Just(Happens::Plain(Input::Tick)),
        2 => Just(Happens::Plain(Input::Opened)),
        1 => close.prop_map(|code| Happens::Plain(Input::Closed { code })),
        4 => (role, states()).prop_map(move |(role, state)| message(welcome(role, state))),
        6 => states().prop_map(move |state| message(ToDevice::State {
            seq: state.seq,
            state: Box::new(state),
            event: None,
        })),
        8 => (0..2_600_u64, phase(), 1..3_u64)
            .prop_map(|(age, phase, epoch)| Happens::Answer { age, phase, epoch }),
        1 => (0..6_u8, 0..9_u64).prop_map(move |(of, seq)| message(ToDevice::Stop(StopNotice {
            id: id(of),
            reason: HoldReason::Stop,
            by: Role::Receiver,
            at: Millis(0),
            tapped_at: None,
            seq,
        }))),
        1 => (0..6_u8).prop_map(move |of| message(ToDevice::Recorded { id: id(of), seq: 1 })),
        1 => (code, prop::option::of(0..6_u8), prop::bool::weighted(0.2))
            .prop_map(move |(code, of, fatal)| message(code.to_device(of.map(id), fatal))),
        2 => (0..6_u8, prop::sample::select(Cue::ALL.to_vec()))
            .prop_map(|(of, cue)| Happens::Plain(Input::Tap { id: id(of), cue })),
        1 => Just(Happens::Plain(Input::Acknowledge)),
        1 => (0..6_u8).prop_map(|of| Happens::Plain(Input::Painted { id: id(of) })),
        1 => Just(Happens::Plain(Input::Hidden)),
        1 => Just(Happens::Plain(Input::Visible)),
    ]
}

/// What a test itself knows of a device: enough to say when it must not show go.
#[derive(Default)]
struct Known {
    hidden: bool,
    proven: Option<Millis>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn go_is_proof_and_deadlines_miss_nothing(
        history in prop::collection::vec((0..900_u64, happens()), 1..80),
    ) {
        let mut link = Link::new(ToRelay::Resume { token: Secret("token".into()), client: None });
        let mut now = Millis(10_000);
        let mut known = Known::default();
        let _ = link.step(now, Input::Start);
        let _ = link.step(now, Input::Opened);
        for (pause, happens) in history {
            let until = now.plus(pause);
            // A driver ticks when told to, and never needs to in between.
            while let Some(at) = link.deadline(now).filter(|at| *at <= until) {
                if at > now {
                    prop_assert_eq!(link.view(now), link.view(Millis(at.0 - 1)), "changed by itself");
                }
                now = now.max(at);
                let _ = link.step(now, Input::Tick);
                prop_assert!(link.deadline(now).is_none_or(|next| next > now), "a tick does its work");
            }
            prop_assert_eq!(link.view(now), link.view(until), "changed by itself");
            now = until;
            let input = match happens {
                Happens::Plain(input) => input,
                Happens::Answer { age, phase, epoch } => {
                    let sent_at = now.0 - age;
                    known.proven = known.proven.max(Some(Millis(sent_at)));
                    Input::Message { message: ToDevice::Beat {
                        n: 0, sent_at, relay_at: Millis(0), peer: LinkStatus::Here, phase, epoch,
                        unrecorded: false,
                    }}
                }
            };
            if matches!(input, Input::Hidden | Input::Visible) {
                known.hidden = input == Input::Hidden;
            }
            let stop = matches!(input, Input::Tap { cue: Cue::Stop, .. });
            let effects = link.step(now, input);
            let view = link.view(now);
            if stop {
                prop_assert!(view.stopped && !view.go, "an own stop is red at once");
                let helps = link.role() == Some(Role::Helper);
                prop_assert!(helps || effects.contains(&Effect::Shout));
            }
            if view.go {
                let state = link.state().expect("go has a state");
                prop_assert_eq!(state.phase, Phase::Live);
                prop_assert!(matches!(view.link, DeviceLink::Here | DeviceLink::Late));
                prop_assert!(!known.hidden && !view.stopped);
                let proven = known.proven.expect("a beat was answered");
                prop_assert!(now.since(proven) < 2_000, "go on a word of {} ms", now.since(proven));
            }
        }
    }

    /// The watch against its own definition, millisecond by millisecond.
    #[test]
    fn the_relays_watch_tells_every_change_on_time(
        frames in prop::collection::vec((1..2_500_u64, 0..4_u8), 1..20),
    ) {
        let start = Millis(50_000);
        let mut device = Presence::new(Limits::default(), start);
        let (mut now, mut sign, mut away, mut told) = (start, start, false, LinkStatus::Here);
        let mut wake = device.deadline(now, None);
        for (pause, frame) in frames {
            for _ in 0..pause {
                now = now.plus(1);
                if now >= wake {
                    if let Some(status) = device.change(now, None) {
                        told = status;
                    }
                    wake = device.deadline(now, None);
                    prop_assert!(wake > now, "a deadline that never passes");
                }
                let silent = now.since(sign);
                let is = match () {
                    () if silent >= 2_000 => LinkStatus::Lost,
                    () if away => LinkStatus::Away,
                    () if silent >= 1_000 => LinkStatus::Late,
                    () => LinkStatus::Here,
                };
                prop_assert_eq!(told, is);
            }
            match frame {
                0 => device.sign(now),
                1 => device.away(),
                _ => device.beat(now),
            }
            match frame {
                0 => sign = now,
                1 => away = true,
                _ => (sign, away) = (now, false),
            }
            if let Some(status) = device.change(now, None) {
                told = status;
            }
            wake = device.deadline(now, None);
        }
    }

    /// Frames are numbered as they are put in; a device takes some of the states.
    #[test]
    fn an_outbox_hands_out_nothing_stale(
        acts in prop::collection::vec(0..8_u8, 1..200),
    ) {
        let mut outbox: Outbox<(u8, u64)> = Outbox::default();
        let now = Millis(1);
        let (mut n, mut stop, mut newest, mut handed) = (0_u64, None, None, 0_u64);
        let mut on_the_way: Vec<u64> = Vec::new();
        for act in acts {
            n += 1;
            match act {
                0 => { outbox.put_stop((0, n)); stop = Some(n); }
                1 => { outbox.put_state(n, (1, n), Lane::Ordinary); newest = Some(n); }
                2 => { outbox.put_state(n, (1, n), Lane::Urgent); newest = Some(n); }
                3 => outbox.put_beat((2, n)),
                4 => outbox.put_recorded((3, n)),
                5 => {
                    if let Some(seq) = on_the_way.first().copied() {
                        on_the_way.remove(0);
                        outbox.received(seq, now);
                    }
                }
                _ => {
                    let next = outbox.next(now);
                    if let Some(stop) = stop.take() {
                        prop_assert_eq!(next, Some((0, stop)), "a stop goes first");
                    } else if let Some((1, seq)) = next {
                        prop_assert_eq!(newest, Some(seq), "a state goes out as the newest");
                        prop_assert!(seq > handed);
                        handed = seq;
                        on_the_way.push(seq);
                    }
                }
            }
            prop_assert_eq!(outbox.in_flight_since().is_some(), !on_the_way.is_empty());
        }
    }
}
