//! One schedule from its seed: how it begins, what happens in it, and how it heals.

use std::collections::BTreeMap;

use tapcue_shared::cue::{Cue, Role};
use tapcue_shared::link::Input;
use tapcue_shared::message::{Secret, ToRelay};
use tapcue_shared::state::{Options, Phase};

use crate::device::{Device, Step};
use crate::journal::{durable_ids, durable_stops};
use crate::observer::{HELPER, RECEIVER};
use crate::rng::Rng;
use crate::world::{Net, World};

/// What came of a schedule.
pub(crate) struct Outcome {
    pub(crate) violation: Option<String>,
    pub(crate) trace: String,
    pub(crate) acts: BTreeMap<&'static str, u64>,
    pub(crate) checks: u64,
    pub(crate) simulated_ms: u64,
    pub(crate) stops: u64,
    pub(crate) went_live: u64,
    pub(crate) held_facts: u64,
    pub(crate) restarts: u64,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    GetOn,
    BothGetOn,
    Cue,
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
    End,
}

/// How often each.
const ACTS: [(u64, Act); 26] = [
    (120, Act::GetOn),
    (200, Act::BothGetOn),
    (100, Act::Cue),
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
    (2, Act::End),
];

const CUES: [Cue; 7] = [
    Cue::Slower,
    Cue::MorePressure,
    Cue::EaseUp,
    Cue::Stay,
    Cue::Left,
    Cue::Right,
    Cue::Good,
];

/// Runs the schedule of `seed`.
pub(crate) async fn run(seed: u64, tracing: bool) -> Outcome {
    let mut rng = Rng::new(seed);
    let creator = rng.range(0, 1) as usize;
    let roles = [Role::Receiver, Role::Helper];
    let options = Options {
        rehearsal: rng.percent(15),
        setup: false,
        check_in_every_s: rng.pick(&[0, 3, 6, 90]),
        ..Options::default()
    };
    let hello = ToRelay::Create {
        role: roles[creator],
        name: None,
        options: Some(options),
        client: None,
    };
    let nobody = ToRelay::End;
    let hellos = [RECEIVER, HELPER].map(|who| {
        if who == creator {
            hello.clone()
        } else {
            nobody.clone()
        }
    });
    let [one, two] = hellos;
    let devices = [
        Device::new(RECEIVER, one, &mut rng),
        Device::new(HELPER, two, &mut rng),
    ];
    let net = [(); 2].map(|()| calm_net(&mut rng));
    let acts = rng.range(5, 40);
    let mut world = World::new(rng, devices, net, tracing);
    let mut counts = BTreeMap::new();
    if begin(&mut world, creator).await {
        for _ in 0..acts {
            let pause = match world.rng.range(0, 9) {
                0..=2 => world.rng.range(0, 40),
                3..=7 => world.rng.range(100, 1_200),
                _ => world.rng.range(1_000, 3_500),
            };
            let until = world.now() + pause;
            world.run_until(until).await;
            if world.observer.violation.is_some() {
                break;
            }
            let act = world.rng.weighted(&ACTS);
            *counts.entry(name(act)).or_insert(0) += 1;
            let now = world.now();
            world.trace.line(now, || format!("-- {act:?}"));
            do_act(&mut world, act).await;
        }
        heal(&mut world).await;
    }
    let simulated_ms = world.now();
    let observer = &world.observer;
    Outcome {
        violation: observer
            .violation
            .clone()
            .map(|what| format!("{simulated_ms} ms: {what}")),
        acts: counts,
        checks: observer.checks,
        simulated_ms,
        stops: observer.stops.len() as u64,
        went_live: observer.went_live,
        held_facts: observer.held_facts,
        restarts: world.life - 1,
        trace: world.trace.text,
    }
}

fn name(act: Act) -> &'static str {
    match act {
        Act::GetOn => "one gets on with it",
        Act::BothGetOn => "both get on with it",
        Act::Cue => "cue",
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
        Act::End => "end",
    }
}

fn calm_net(rng: &mut Rng) -> Net {
    Net {
        delay: rng.pick(&[1, 2, 5, 20, 60, 150]),
        jitter: rng.pick(&[0, 1, 5, 40]),
        up_stalled_until: 0,
        down_stalled_until: 0,
        refused_until: 0,
        rate: None,
    }
}

/// The session is opened and joined, and so recorded. Whether that worked, as it must.
async fn begin(world: &mut World, creator: usize) -> bool {
    world.input_now(creator, Input::Start);
    let until = world.now() + 3_000;
    world.run_until(until).await;
    let other = 1 - creator;
    let Some(secret) = world.devices[creator].invitation.clone() else {
        world.observer.fail("the creator got no invitation".into());
        return false;
    };
    let secret = secret.rsplit('=').next().unwrap_or_default().to_owned();
    let join = ToRelay::Join {
        code: None,
        secret: Some(Secret(secret)),
        name: None,
        client: None,
    };
    world.devices[other] = Device::new(other, join, &mut world.rng);
    world.input_now(other, Input::Start);
    let until = world.now() + 1_500;
    world.run_until(until).await;
    world.observer.violation.is_none()
}

async fn do_act(world: &mut World, act: Act) {
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
        Act::Stop => world.person(who, |world| world.tap(who, Cue::Stop, now)),
        Act::HammerStop => {
            for _ in 0..3 {
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
            world.person(HELPER, |world| world.input_now(HELPER, Input::Acknowledge));
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
            // Counts from the next connection on: a window is agreed on at the start.
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
                relay.hub.shut_down();
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
        Act::Reload => reload(world, who),
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
        Act::Clocks => {
            let day = 86_400_000;
            let off = world.rng.range(0, 2 * day) as i64 - day as i64;
            world.wall_off = off;
            world.devices[who].wall_off = Some(world.rng.range(0, 2 * day) as i64 - day as i64);
        }
    }
}

/// A person does what the screen asks for.
fn get_on(world: &mut World, who: usize) {
    let now = world.now();
    world.person(who, |world| match world.devices[who].next_step(now) {
        Step::Wait => {}
        Step::Acknowledge => world.input_now(who, Input::Acknowledge),
        Step::Tap(cue) => world.tap(who, cue, now),
        Step::Cue if who == RECEIVER => {
            let cue = world.rng.pick(&CUES);
            world.tap(who, cue, now);
        }
        Step::Cue => {}
    });
}

/// Another device, tab or life of the page takes the role; the connection before may linger.
fn reload(world: &mut World, who: usize) {
    let now = world.now();
    let Some(token) = world.devices[who].token.clone() else {
        return;
    };
    let recorded = durable_ids(&world.disk);
    world.observer.replaced(who, &recorded);
    if world.rng.percent(60) {
        world.drop_transport(who, now);
    }
    let device = Device::new(who, token.clone(), &mut world.rng);
    world.devices[who] = device;
    world.devices[who].token = Some(token);
    world.observer.new_screen(who);
    world.input_now(who, Input::Start);
    world.disturbed(now + 2_000);
}

/// All faults end. Every stop must turn up, and two people who want to must get to go.
async fn heal(world: &mut World) {
    let now = world.now();
    world.trace.line(now, || "-- heal".into());
    for who in 0..2 {
        world.net[who] = Net {
            delay: 5,
            jitter: 2,
            ..calm_net(&mut world.rng)
        };
        let device = &mut world.devices[who];
        device.frozen_until = device.frozen_until.min(now);
        device.withholds_until = device.withholds_until.min(now);
        device.hidden_until = device.hidden_until.map(|_| now);
    }
    if world.relay.is_none() {
        world.relay_at = Some(now);
    }
    world.back_after = world.back_after.map(|_| 0);
    world.disturbed_until = now + 8_000;
    let mut disk_heals = true;
    for _ in 0..30 {
        if world.observer.violation.is_some() {
            return;
        }
        if let Some(relay) = world.relay.as_ref().filter(|_| disk_heals) {
            relay.journal.pace((1, 5));
            relay.journal.fail(false);
            disk_heals = world.kill_at.is_some();
        }
        for who in 0..2 {
            // A person who is told that another tab took over goes on in this one.
            if world.devices[who].is_over(now) && !world.admission_lost {
                let state = world.devices[who].link.state();
                if state.is_none_or(|state| state.phase != Phase::Ended) {
                    reload(world, who);
                }
            }
        }
        let until = world.now() + 700;
        world.run_until(until).await;
        let go = |device: &Device| device.link.view(device.clock(until)).go;
        if until > now + 6_000 && world.devices.iter().all(go) {
            break;
        }
        get_on(world, HELPER);
        get_on(world, RECEIVER);
    }
    let now = world.now();
    let over = |device: &Device| {
        let state = device.link.state();
        state.is_none_or(|state| state.phase == Phase::Ended)
    };
    if world.admission_lost || world.devices.iter().any(over) {
        // The session itself was not durable yet, or is over.
        return;
    }
    let go = |device: &Device| device.link.view(device.clock(now)).go;
    if !world.devices.iter().all(go) && !world.rehearses() {
        let why = "everything healed, both people tried for 20 s, and it is not live";
        world.observer.fail(why.into());
    }
    let recorded = durable_stops(&world.disk);
    world.observer.healed(&recorded);
}
