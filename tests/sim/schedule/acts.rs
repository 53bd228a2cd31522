//! The events of a schedule: acts of people, and faults.

use tapcue_rules::cue::Cue;
use tapcue_rules::link::Input;
use tapcue_rules::message::{ConfirmItem, ToRelay};

use crate::device::Step;
use crate::journal::durable_ids;
use crate::observer::{HELPER, RECEIVER};
use crate::rng::Rng;
use crate::world::{Net, World};

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    GetOn,
    BothGetOn,
    Cue,
    Ready,
    Stop,
    HammerStop,
    StopAndReady,
    Acknowledge,
    CheckIn,
    Delay,
    Stall,
    OneWayStall,
    Cut,
    HalfOpen,
    Slow,
    Refuse,
    Kill,
    KillTwice,
    ShutDown,
    Freeze,
    Hide,
    Withhold,
    Reload,
    SlowDisk,
    FailingDisk,
    Clocks,
    Duplicates,
    Idle,
    Warn,
    Lift,
    StopAtKill,
    End,
}

/// The weight of each act.
pub(super) const ACTS: [(u64, Act); 32] = [
    (120, Act::GetOn),
    (200, Act::BothGetOn),
    (100, Act::Cue),
    (60, Act::Ready),
    (60, Act::Stop),
    (12, Act::HammerStop),
    (15, Act::StopAndReady),
    (30, Act::Acknowledge),
    (20, Act::CheckIn),
    (20, Act::Delay),
    (25, Act::Stall),
    (35, Act::OneWayStall),
    (30, Act::Cut),
    (20, Act::HalfOpen),
    (15, Act::Slow),
    (10, Act::Refuse),
    (30, Act::Kill),
    (8, Act::KillTwice),
    (8, Act::ShutDown),
    (25, Act::Freeze),
    (30, Act::Hide),
    (12, Act::Withhold),
    (20, Act::Reload),
    (15, Act::SlowDisk),
    (20, Act::FailingDisk),
    (15, Act::Clocks),
    (15, Act::Duplicates),
    (6, Act::Idle),
    (8, Act::Warn),
    (40, Act::Lift),
    (12, Act::StopAtKill),
    (2, Act::End),
];

/// The cues that a receiver may tap while live.
const CUES: [Cue; 7] = [
    Cue::Slower,
    Cue::MorePressure,
    Cue::EaseUp,
    Cue::Stay,
    Cue::Left,
    Cue::Right,
    Cue::Good,
];

/// The act's name in the counts.
pub(super) fn name(act: Act) -> &'static str {
    match act {
        Act::GetOn => "one gets on with it",
        Act::BothGetOn => "both get on with it",
        Act::Cue => "cue",
        Act::Ready => "ready, whatever the screen says",
        Act::Stop => "stop",
        Act::HammerStop => "hammering on stop",
        Act::StopAndReady => "stop and ready at once",
        Act::Acknowledge => "acknowledge",
        Act::CheckIn => "check-in",
        Act::Delay => "other delays",
        Act::Stall => "stall",
        Act::OneWayStall => "one-way stall",
        Act::Cut => "cut",
        Act::HalfOpen => "half-open",
        Act::Slow => "slow reader",
        Act::Refuse => "connections refused",
        Act::Kill => "kill",
        Act::KillTwice => "two kills in a row",
        Act::ShutDown => "shut down",
        Act::Freeze => "frozen device",
        Act::Hide => "hidden page",
        Act::Withhold => "frozen screen",
        Act::Reload => "reload",
        Act::SlowDisk => "slow disk",
        Act::FailingDisk => "failing disk",
        Act::Clocks => "clock jump",
        Act::Duplicates => "duplicates",
        Act::Idle => "nobody does anything",
        Act::Warn => "warning sign",
        Act::Lift => "thumb lifted or put down",
        Act::StopAtKill => "stop at the moment of a kill",
        Act::End => "end",
    }
}

pub(super) fn calm_net(rng: &mut Rng) -> Net {
    Net {
        delay: rng.pick(&[1, 2, 5, 20, 60, 150]),
        jitter: rng.pick(&[0, 1, 5, 40]),
        up_stalled_until: 0,
        down_stalled_until: 0,
        refused_until: 0,
        rate: None,
        twice: 0,
    }
}

pub(super) async fn do_act(world: &mut World, act: Act) {
    let now = world.now();
    let who = world.rng.range(0, 1) as usize;
    match act {
        Act::GetOn => get_on(world, who),
        Act::BothGetOn => {
            get_on(world, HELPER);
            get_on(world, RECEIVER);
            let pause = world.rng.range(100, 900);
            world.run_until(now + pause).await;
            get_on(world, RECEIVER);
            get_on(world, HELPER);
        }
        Act::Cue => world.person(RECEIVER, |world| {
            let cue = world.rng.pick(&CUES);
            world.tap(RECEIVER, cue, now);
        }),
        Act::Ready => {
            let other = 1 - who;
            world.person(who, |world| world.tap(who, Cue::Ready, now));
            if world.rng.percent(60) {
                world.person(other, |world| world.tap(other, Cue::Ready, now));
            }
        }
        Act::Stop => world.person(who, |world| world.tap(who, Cue::Stop, now)),
        Act::HammerStop => {
            // Sometimes more stops than the relay records one by one.
            let taps = if world.rng.percent(30) { 16 } else { 3 };
            for _ in 0..taps {
                let now = world.now();
                world.person(who, |world| world.tap(who, Cue::Stop, now));
                let pause = world.rng.range(0, 90);
                world.run_until(now + pause).await;
            }
        }
        Act::StopAndReady => {
            let first = world.rng.percent(50);
            let other = 1 - who;
            if first {
                world.person(other, |world| world.tap(other, Cue::Ready, now));
            }
            world.person(who, |world| world.tap(who, Cue::Stop, now));
            if !first {
                world.person(other, |world| world.tap(other, Cue::Ready, now));
            }
        }
        Act::Acknowledge => {
            world.person(HELPER, |world| world.acknowledge(HELPER, now));
        }
        Act::CheckIn => world.person(HELPER, |world| world.tap(HELPER, Cue::CheckIn, now)),
        Act::End => world.person(who, |world| {
            let message = ToRelay::End;
            world.input_now(who, Input::Say { message });
        }),
        Act::Delay => {
            let net = calm_net(&mut world.rng);
            world.net[who].delay = net.delay;
            world.net[who].jitter = net.jitter;
            world.disturbed(now + 1_000);
        }
        Act::Stall | Act::OneWayStall => {
            let until = now + world.rng.pick(&[200, 900, 1_500, 2_100, 2_500, 5_000]);
            let both = matches!(act, Act::Stall);
            let up = world.rng.percent(50);
            let net = &mut world.net[who];
            if both || up {
                net.up_stalled_until = until;
            }
            if both || !up {
                net.down_stalled_until = until;
            }
            world.disturbed(until + 1_000);
        }
        Act::Cut => {
            world.cut(who, true, true, now);
            world.disturbed(now + 1_000);
        }
        Act::HalfOpen => {
            let (relay, device) = world
                .rng
                .pick(&[(false, true), (true, false), (false, false)]);
            world.cut(who, relay, device, now);
            world.disturbed(now + 5_000);
        }
        Act::Slow => {
            // It applies from the next connection on, because a window is agreed on at the start.
            let rate = world.rng.pick(&[2, 8, 30]);
            world.net[who].rate = Some(rate);
            if world.rng.percent(70) {
                world.cut(who, true, true, now);
            }
            world.disturbed(u64::MAX);
        }
        Act::Refuse => {
            let until = now + world.rng.range(500, 4_000);
            world.net[who].refused_until = until;
            world.disturbed(until);
        }
        Act::Kill | Act::KillTwice => {
            world.kill(now);
            let down = world.rng.pick(&[0, 10, 300, 1_500, 3_000]);
            world.relay_at = Some(now + down);
            if matches!(act, Act::KillTwice) {
                let soon = world.rng.pick(&[1, 100, 600, 1_500, 4_000]);
                world.kill_at = Some(now + down + soon);
                world.back_after = Some(world.rng.pick(&[0, 10, 300, 900]));
            }
            world.disturbed(now + down + 8_000);
        }
        Act::ShutDown => {
            if let Some(relay) = &world.relay {
                relay.registry.shut_down();
                let within = world.rng.range(1, 400);
                world.kill_at = Some(now + within);
                world.back_after = Some(world.rng.range(0, 500));
                world.observer.shut_down();
                world.disturbed(now + 3_000);
            }
        }
        Act::Freeze => {
            let until = now + world.rng.pick(&[100, 600, 1_900, 2_200, 6_000]);
            world.devices[who].frozen_until = until;
            world.disturbed(until + 1_000);
        }
        Act::Hide => {
            if world.devices[who].hidden_until.is_none() && world.devices[who].frozen_until <= now {
                let until = now + world.rng.pick(&[50, 400, 1_500, 4_000]);
                world.devices[who].hidden_until = Some(until);
                world.input_now(who, Input::Hidden);
                world.disturbed(until + 1_000);
            }
        }
        Act::Withhold => {
            let until = now + world.rng.pick(&[500, 2_500, 4_000]);
            world.devices[who].withholds_until = until;
            world.disturbed(until + 1_000);
        }
        Act::Reload => {
            // A person whose stop seems lost reloads the page.
            if world.rng.percent(40) {
                world.person(who, |world| world.tap(who, Cue::Stop, now));
            }
            reload(world, who);
        }
        Act::SlowDisk => {
            let longest = world.rng.pick(&[2, 100, 1_500, 6_000]);
            if let Some(relay) = &world.relay {
                relay.journal.pace((longest / 2, longest));
            }
        }
        Act::FailingDisk => {
            let failing = world.rng.percent(60);
            if let Some(relay) = &world.relay {
                relay.journal.fail(failing);
            }
        }
        Act::Duplicates => world.net[who].twice = world.rng.pick(&[0, 10, 50]),
        Act::Idle => {
            // Longer than a question's timeout, or longer than a lone ready counts.
            let longest = world.rng.pick(&[12_000, 16_000, 22_000, 62_000]);
            let until = now + world.rng.range(longest - 4_000, longest);
            world.run_until(until).await;
        }
        Act::Warn => world.person(RECEIVER, |world| {
            let message = ToRelay::Confirm {
                item: ConfirmItem::WarningSigns,
                value: true,
            };
            world.input_now(RECEIVER, Input::Say { message });
        }),
        Act::Lift if !world.devices[RECEIVER].thumb && world.rng.percent(60) => {
            touch(world).await;
        }
        Act::Lift => world.person(RECEIVER, |world| {
            let down = world.devices[RECEIVER].thumb;
            world.thumb(RECEIVER, !down, now);
            // The opposite follows at once: a thumb that slips, or only touches.
            if world.rng.percent(40) {
                world.thumb(RECEIVER, down, now);
            }
        }),
        Act::StopAtKill => {
            world.person(who, |world| world.tap(who, Cue::Stop, now));
            let way = world.net[who].delay + world.net[who].jitter;
            world.kill_at = Some(now + world.rng.range(0, 2 * way + 5));
            world.back_after = Some(world.rng.pick(&[0, 50, 1_000]));
            world.disturbed(now + 8_000);
        }
        Act::Clocks => {
            let day = 86_400_000;
            let off = world.rng.range(0, 2 * day) as i64 - day as i64;
            world.wall_off = off;
            world.observer.dates_move();
            world.devices[who].wall_off = Some(world.rng.range(0, 2 * day) as i64 - day as i64);
        }
    }
}

/// A thumb only touches after the hold was on the screen for a while, and another stop crosses it.
async fn touch(world: &mut World) {
    let looks = world.now() + world.rng.range(450, 700);
    world.run_until(looks).await;
    world.person(HELPER, |world| world.tap(HELPER, Cue::Stop, looks));
    let meets = looks + world.rng.range(0, 60);
    world.run_until(meets).await;
    world.person(RECEIVER, |world| {
        let down = world.devices[RECEIVER].thumb;
        world.thumb(RECEIVER, !down, meets);
        world.thumb(RECEIVER, down, meets);
    });
}

/// A person does what their screen asks for.
pub(super) fn get_on(world: &mut World, who: usize) {
    let now = world.now();
    world.person(who, |world| match world.devices[who].next_step(now) {
        Step::Wait => {}
        Step::Acknowledge => world.acknowledge(who, now),
        Step::Tap(cue) => world.tap(who, cue, now),
        Step::Cue if who == RECEIVER => {
            let cue = world.rng.pick(&CUES);
            world.tap(who, cue, now);
        }
        Step::Cue => {}
        Step::Thumb(down) => world.thumb(who, down, now),
        Step::Confirm(item, value) => {
            let message = ToRelay::Confirm { item, value };
            world.input_now(who, Input::Say { message });
        }
    });
}

/// Another device, tab or load of the page takes the role; the old connection may linger.
pub(super) fn reload(world: &mut World, who: usize) {
    let now = world.now();
    let Some(token) = world.devices[who].token.clone() else {
        return;
    };
    let recorded = durable_ids(&world.disk);
    world.observer.replaced(who, &recorded, now);
    if world.rng.percent(60) {
        world.drop_transport(who, now);
    }
    world.exchange(who, token.clone());
    world.devices[who].token = Some(token);
    world.input_now(who, Input::Start);
    world.disturbed(now + 2_000);
}
