//! One schedule from its seed: its beginning, its events, and its recovery.

mod acts;

use acts::{ACTS, calm_net, do_act, get_on, name, reload};
use tapcue_rules::cue::Role;
use tapcue_rules::link::Input;
use tapcue_rules::message::{Secret, ToRelay};
use tapcue_rules::state::{Options, Phase};

use crate::device::Device;
use crate::journal::{counted_twice, durable_ids, durable_stops, has_counts};
use crate::observer::{HELPER, RECEIVER};
use crate::rng::Rng;
use crate::runs::Keep;
use crate::tally::{Rule, Tally};
use crate::world::{Net, World};

/// The result of a schedule.
pub(crate) struct Outcome {
    pub(crate) violation: Option<String>,
    pub(crate) trace: String,
    pub(crate) histories: Vec<String>,
    pub(crate) tally: Tally,
}

/// The name of every act in the counts.
pub(crate) fn act_names() -> impl Iterator<Item = &'static str> {
    ACTS.into_iter().map(|(_, act)| name(act))
}

/// Runs the schedule of `seed`.
pub(crate) async fn run(seed: u64, keep: Keep) -> Outcome {
    let mut rng = Rng::new(seed);
    let creator = rng.range(0, 1) as usize;
    let roles = [Role::Receiver, Role::Helper];
    let options = Options {
        rehearsal: rng.percent(20),
        setup: rng.percent(15),
        hold_to_consent: rng.percent(25),
        check_in_every_s: rng.pick(&[0, 3, 6, 90]),
        ..Options::default()
    };
    let asked_often = options.check_in_every_s == 3;
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
    let mut world = World::new(rng, devices, net, keep);
    if begin(&mut world, creator).await {
        for _ in 0..acts {
            let pause = match world.rng.range(0, 9) {
                0..=2 => world.rng.range(0, 40),
                3..=7 => world.rng.range(100, 1_200),
                _ => world.rng.range(1_000, 3_500),
            };
            // Sometimes longer than the timeout of a question.
            let quiet = asked_often && pause > 3_300;
            let pause = if quiet { pause + 18_000 } else { pause };
            let until = world.now() + pause;
            world.run_until(until).await;
            if world.observer.violation.is_some() {
                break;
            }
            let act = world.rng.weighted(&ACTS);
            *world.observer.tally.acts.entry(name(act)).or_default() += 1;
            let now = world.now();
            world.trace.line(now, || format!("-- {act:?}"));
            do_act(&mut world, act).await;
        }
        heal(&mut world).await;
    }
    let simulated_ms = world.now();
    let histories = world.histories(seed);
    let World {
        observer,
        mut trace,
        ..
    } = world;
    // The trace replaces an id by the number that its other lines have.
    if let Some(violation) = &observer.violation {
        trace.line(simulated_ms, || violation.clone());
    }
    let mut tally = observer.tally;
    tally.schedules = 1;
    tally.simulated_ms = simulated_ms;
    tally.violations = u64::from(observer.violation.is_some());
    let at = |what| format!("{simulated_ms} ms: {what}");
    Outcome {
        violation: observer.violation.map(at),
        trace: trace.text,
        histories,
        tally,
    }
}

/// Opens and joins the session, which records it. Returns whether that worked, as it must.
async fn begin(world: &mut World, creator: usize) -> bool {
    world.input_now(creator, Input::Start);
    let until = world.now() + 3_000;
    world.run_until(until).await;
    let other = 1 - creator;
    let Some(secret) = world.devices[creator].invitation.clone() else {
        world
            .observer
            .fail(Rule::FaultsPass, "the creator got no invitation".into());
        return false;
    };
    let secret = secret.rsplit('=').next().unwrap_or_default().to_owned();
    let join = ToRelay::Join {
        code: None,
        secret: Some(Secret(secret)),
        name: None,
        client: None,
    };
    world.exchange(other, join);
    world.input_now(other, Input::Start);
    let until = world.now() + 1_500;
    world.run_until(until).await;
    world.observer.violation.is_none()
}

/// All faults end. Every stop must appear, and two people who want to go live must succeed.
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
            relay.journal.heal();
            disk_heals = world.kill_at.is_some();
        }
        for who in 0..2 {
            // A person whose device says that another tab took over goes on in this tab.
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
        // The session itself was not durable yet, or has ended.
        return;
    }
    let go = |device: &Device| device.link.view(device.clock(now)).go;
    world.observer.tally.checks[Rule::FaultsPass as usize] += 1;
    if !world.devices.iter().all(go) {
        let why = "everything healed, both people tried for 20 s, and it is not live";
        world.observer.fail(Rule::FaultsPass, why.into());
    }
    // A device keeps what the relay could not accept, and sends it over the next connection.
    for who in 0..2 {
        world.cut(who, true, true, now);
    }
    world.run_until(now + 2_500).await;
    let (recorded, stops) = (durable_ids(&world.disk), durable_stops(&world.disk));
    if has_counts(&world.disk) {
        world.observer.see("stops recorded together");
    }
    if let Some(twice) = counted_twice(&world.disk) {
        let why = format!("a stop is counted twice: {twice:?}");
        world.observer.fail(Rule::ReceiptsAreTrue, why);
    }
    world.observer.healed(&recorded, &stops);
}
