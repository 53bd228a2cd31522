//! Properties of a device, of the relay's watch over it, and of its outbox, for any inputs.

mod happens;
mod relived;

use happens::{Happens, happens};
use proptest::prelude::*;
use tapcue_rules::cue::{Cue, Lane, Role};
use tapcue_rules::ids::Id;
use tapcue_rules::link::{DeviceLink, Effect, Input, Link};
use tapcue_rules::message::{Limits, Secret, ToRelay};
use tapcue_rules::outbox::{Next, Outbox};
use tapcue_rules::presence::Presence;
use tapcue_rules::state::{LinkStatus, Phase};
use tapcue_rules::time::Millis;

/// The test's own knowledge of a device: enough to say when it must not show go.
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
            // A driver ticks at each deadline, and needs no tick in between.
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
            if let Happens::Answer { age, .. } = happens {
                known.proven = known.proven.max(Some(Millis(now.0 - age)));
            }
            let input = happens.at(now);
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

    /// The watch is compared with its definition, millisecond by millisecond.
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

    /// Frames are numbered in order; the device takes some of the states.
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
                // The state follows at once, as on the relay.
                0 => {
                    outbox.put_stop(n, (0, n));
                    outbox.put_state(n, (1, n), Lane::Urgent);
                    (stop, newest) = (Some(n), Some(n));
                }
                1 => { outbox.put_state(n, (1, n), Lane::Ordinary); newest = Some(n); }
                2 => { outbox.put_state(n, (1, n), Lane::Urgent); newest = Some(n); }
                3 => outbox.put_beat((2, n)),
                4 => outbox.put_recorded(Id::from_u128(n.into()), n, now),
                5 => {
                    if let Some(seq) = on_the_way.first().copied() {
                        on_the_way.remove(0);
                        outbox.received(seq);
                    }
                }
                _ => {
                    let next = outbox.next(now).and_then(|next| match next {
                        Next::Frame(frame) | Next::Carrier(frame, _) => Some(frame),
                        Next::Recorded { .. } => None,
                    });
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
            prop_assert_eq!(outbox.untaken_since().is_some(), !on_the_way.is_empty());
        }
    }
}
