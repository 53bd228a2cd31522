//! From tap to the helper's socket, one cue at a time over many open pairs.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::{MissedTickBehavior, interval};

use crate::Sizes;
use crate::device::Kind;
use crate::pairs::{Pairs, Setup};
use crate::process::{Limits, Relay};
use crate::report::Line;
use crate::stats::{Sample, median_of, ratio, show};

/// The pause between taps, so that the receipts of one do not delay the next.
const PACE: Duration = Duration::from_millis(2);

/// The step through the pairs: it is prime, so it reaches each pair. A pair's next tap comes after the 250 ms
/// in which equal cues are one tap.
const STRIDE: usize = 911;

const VARIANTS: [(Kind, bool); 3] = [
    (Kind::Tapcue, true),
    (Kind::Floor, true),
    (Kind::Floor, false),
];

pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    let mut medians = [const { Vec::new() }; 3];
    let mut tails = [const { Vec::new() }; 3];
    let mut connects = [const { Vec::new() }; 3];
    for _ in 0..sizes.rounds {
        for (place, (kind, beats)) in VARIANTS.into_iter().enumerate() {
            let (sample, per_second) = once(sizes, kind, beats).await?;
            medians[place].push(sample.median());
            tails[place].push(sample.p99());
            connects[place].push(per_second);
        }
    }
    let [p50, floor_p50, quiet_p50] = medians.map(|all| median_of(&all));
    let [p99, floor_p99, quiet_p99] = tails.map(|all| median_of(&all));
    let n = sizes.pairs;
    let goal = "≤ 1.15 × floor";
    let line = |what: &str, one, other| {
        Line::new(format!("{what}, {n} pairs"), show(one), show(other)).ratio(ratio(one, other))
    };
    line(
        "tap → helper p50, the floor carrying the same beats",
        p50,
        floor_p50,
    )
    .goal(goal, ratio(p50, floor_p50) <= 1.15)
    .print();
    line(
        "tap → helper p50, the floor's devices silent",
        p50,
        quiet_p50,
    )
    .goal(goal, ratio(p50, quiet_p50) <= 1.15)
    .print();
    line(
        "tap → helper p99, the floor carrying the same beats",
        p99,
        floor_p99,
    )
    .print();
    line(
        "tap → helper p99, the floor's devices silent",
        p99,
        quiet_p99,
    )
    .print();
    let [set_up, floor_set_up, quiet_set_up] = connects.map(|all| crate::stats::median(&all));
    let share = set_up / quiet_set_up;
    let _ = floor_set_up;
    Line::new(
        "connections set up a second, paired and with tokens",
        format!("{set_up:.0}"),
        format!("{quiet_set_up:.0}"),
    )
    .ratio(share)
    .goal("≥ 0.8 × floor", share >= 0.8)
    .print();
    Ok(())
}

async fn once(sizes: &Sizes, kind: Kind, beats: bool) -> anyhow::Result<(Sample, f64)> {
    let relay = Relay::start(kind, Limits::Default)?;
    let pairs = Pairs::set_up(Setup {
        kind,
        addr: relay.addr,
        pairs: sizes.pairs,
        slow: false,
        beats,
    })
    .await?;
    let per_second = 2.0 * sizes.pairs as f64 / pairs.connected_in.as_secs_f64();
    let mut tick = interval(PACE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut latencies = Vec::with_capacity(sizes.taps);
    // The first tenth is a warm-up.
    let warm = sizes.taps / 10;
    for turn in 0..sizes.taps + warm {
        tick.tick().await;
        let pair = &pairs.all[turn * STRIDE % pairs.all.len()];
        let began = Instant::now();
        let n = pair.receiver.tap(pair.receiver.turn()).await?;
        let seen = pair.helper.until("a cue", |log| log.newest == n).await;
        seen.with_context(|| format!("tap {turn}: {pair}"))?;
        let seen = pair.helper.log.borrow_mut().latencies.pop();
        if turn >= warm {
            latencies.push(seen.unwrap_or_else(|| began.elapsed()));
        }
    }
    pairs.check(kind)?;
    Ok((Sample::new(latencies), per_second))
}
