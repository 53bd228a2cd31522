//! Many pairs at once: latency, and the relay's processor time for a cue.

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Sizes;
use crate::device::Kind;
use crate::pairs::{Pairs, Setup};
use crate::process::{Limits, Relay, own_cpu};
use crate::report::Line;
use crate::stats::{Sample, median, median_of, ratio, show};

/// How many cues each pair sends per second.
const PER_SECOND: f64 = 10.0;

/// How long the processor time of heartbeats alone is measured.
const BASELINE: Duration = Duration::from_secs(3);

/// How long cues in flight after the last one may take to arrive.
const TAIL: Duration = Duration::from_secs(2);

/// The result of a round.
struct Outcome {
    sample: Sample,
    /// Microseconds of processor time per cue, without heartbeats.
    us_a_cue: f64,
    frames_a_cue: f64,
    /// The share of the sent cues that the helpers saw.
    seen: f64,
    /// The share of their cores that the relay and the load used.
    relay_load: f64,
    own_load: f64,
}

pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    let mut found = [const { Vec::new() }; 2];
    for _ in 0..sizes.rounds {
        for (place, kind) in Kind::BOTH.into_iter().enumerate() {
            found[place].push(once(sizes, kind).await?);
        }
    }
    let [tapcue, floor] = found;
    let of = |all: &[Outcome], what: fn(&Outcome) -> f64| {
        median(&all.iter().map(what).collect::<Vec<_>>())
    };
    let time = |all: &[Outcome], what: fn(&Sample) -> Duration| {
        median_of(&all.iter().map(|one| what(&one.sample)).collect::<Vec<_>>())
    };
    let load = format!("{} pairs at {PER_SECOND} cues/s", sizes.busy_pairs);
    let (ours, theirs) = (time(&tapcue, Sample::median), time(&floor, Sample::median));
    Line::new(
        format!("tap → helper p50, {load}"),
        show(ours),
        show(theirs),
    )
    .ratio(ratio(ours, theirs))
    .print();
    let (ours, theirs) = (time(&tapcue, Sample::p99), time(&floor, Sample::p99));
    Line::new(
        format!("tap → helper p99, {load}"),
        show(ours),
        show(theirs),
    )
    .ratio(ratio(ours, theirs))
    .goal("≤ floor", ours <= theirs)
    .print();
    let (ours, theirs) = (
        of(&tapcue, |one| one.us_a_cue),
        of(&floor, |one| one.us_a_cue),
    );
    Line::new(
        format!("processor time of the relay a cue, all receipts and the journal included, {load}"),
        format!("{ours:.1} µs"),
        format!("{theirs:.1} µs"),
    )
    .ratio(ours / theirs)
    .goal("≤ 3 × floor", ours <= 3.0 * theirs)
    .print();
    let frames = (
        of(&tapcue, |one| one.frames_a_cue),
        of(&floor, |one| one.frames_a_cue),
    );
    let (ours, theirs) = (ours / frames.0, theirs / frames.1);
    Line::new(
        format!(
            "the same for each frame moved ({:.1} and {:.1} a cue)",
            frames.0, frames.1
        ),
        format!("{ours:.1} µs"),
        format!("{theirs:.1} µs"),
    )
    .ratio(ours / theirs)
    .goal("≤ floor", ours <= theirs)
    .print();
    let cell = |all: &[Outcome]| {
        format!(
            "{:.1} %; core of the relay {:.0} %, of the load {:.0} %",
            100.0 * of(all, |one| one.seen),
            100.0 * of(all, |one| one.relay_load),
            100.0 * of(all, |one| one.own_load),
        )
    };
    Line::new(
        "of these cues, seen by their helper",
        cell(&tapcue),
        cell(&floor),
    )
    .print();
    Ok(())
}

async fn once(sizes: &Sizes, kind: Kind) -> anyhow::Result<Outcome> {
    let relay = Relay::start(kind, Limits::Raised)?;
    let pairs = Pairs::set_up(Setup {
        kind,
        addr: relay.addr,
        pairs: sizes.busy_pairs,
        slow: false,
        beats: true,
    })
    .await?;
    // One second of taps warms up; then the heartbeats run alone.
    tap(&pairs, Duration::from_secs(1)).await?;
    sleep(TAIL).await;
    let (cpu, began) = (relay.cpu()?, Instant::now());
    sleep(BASELINE).await;
    let beats = (relay.cpu()? - cpu).as_secs_f64() / began.elapsed().as_secs_f64();

    drop(pairs.take_latencies());
    let frames = pairs.sum(|log| log.frames);
    let (cpu, own, began) = (relay.cpu()?, own_cpu()?, Instant::now());
    let sent = tap(&pairs, sizes.busy_for).await?;
    let (tapping, tapping_cpu) = (began.elapsed().as_secs_f64(), relay.cpu()? - cpu);
    let own_load = (own_cpu()? - own).as_secs_f64() / tapping;
    sleep(TAIL).await;
    let (lasted, used) = (began.elapsed().as_secs_f64(), relay.cpu()? - cpu);
    pairs.check(kind)?;
    let frames = pairs.sum(|log| log.frames) - frames;
    let sample = Sample::new(pairs.take_latencies());
    Ok(Outcome {
        us_a_cue: (used.as_secs_f64() - beats * lasted).max(0.0) * 1e6 / sent as f64,
        frames_a_cue: frames as f64 / sent as f64,
        seen: sample.len() as f64 / sent as f64,
        relay_load: tapping_cpu.as_secs_f64() / tapping,
        own_load,
        sample,
    })
}

/// Taps on all pairs in turn at their pace; returns the number of taps.
async fn tap(pairs: &Pairs, lasts: Duration) -> anyhow::Result<u64> {
    let per_second = PER_SECOND * pairs.all.len() as f64;
    let mut tick = interval(Duration::from_millis(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let began = Instant::now();
    let mut sent = 0;
    while began.elapsed() < lasts {
        tick.tick().await;
        let due = (began.elapsed().as_secs_f64() * per_second) as u64;
        while sent < due {
            let receiver = &pairs.all[sent as usize % pairs.all.len()].receiver;
            receiver.tap(receiver.turn()).await?;
            sent += 1;
        }
    }
    Ok(sent)
}
