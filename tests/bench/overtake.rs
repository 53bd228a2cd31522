//! A stop behind ten thousand cues that its own device has just written.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::Sizes;
use crate::device::Kind;
use crate::pairs::{Pairs, Setup};
use crate::process::{Limits, Relay};
use crate::report::Line;
use crate::stats::{Sample, ratio, show};
use crate::wire::STOP;

/// How long the bench looks for stale cues after a stop.
const AFTER: Duration = Duration::from_millis(500);

/// The rest between repetitions, in which the rate limits on frames recover.
const REST: Duration = Duration::from_millis(2_500);

/// The result of a repetition.
struct Outcome {
    /// The time from handing the stop to the socket, after all cues are written, to the helper.
    stop: Duration,
    /// The time from the first cue's write to the stop's arrival at the helper.
    whole: Duration,
    before: u64,
    stale: u64,
}

pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    let cases = [
        (Kind::Tapcue, Limits::Default),
        (Kind::Floor, Limits::Default),
        (Kind::Tapcue, Limits::Raised),
    ];
    let mut found = [const { Vec::new() }; 3];
    for _ in 0..sizes.repetitions {
        for (place, (kind, limits)) in cases.into_iter().enumerate() {
            found[place].push(once(sizes, kind, limits).await?);
        }
    }
    let [default, floor, raised] = found;
    print(sizes, "the limits on taps as they come", &default, &floor);
    print(sizes, "limits raised", &raised, &floor);
    Ok(())
}

fn print(sizes: &Sizes, how: &str, tapcue: &[Outcome], floor: &[Outcome]) {
    let stop = |all: &[Outcome]| Sample::new(all.iter().map(|one| one.stop).collect());
    let whole = |all: &[Outcome]| Sample::new(all.iter().map(|one| one.whole).collect()).median();
    let most = |all: &[Outcome]| all.iter().map(|one| one.before).max().unwrap_or_default();
    let stale = |all: &[Outcome]| all.iter().map(|one| one.stale).sum::<u64>();
    let (ours, theirs) = (stop(tapcue), stop(floor));
    let cell = |sample: &Sample, all: &[Outcome]| {
        format!(
            "{} (worst {}); {} cues before it, {} after; {} from the first cue",
            show(sample.median()),
            show(sample.worst()),
            most(all),
            stale(all),
            show(whole(all)),
        )
    };
    let figure = format!("stop behind {} cues of its own pair, {how}", sizes.flood);
    let met = ours.median() <= Duration::from_millis(5) && stale(tapcue) == 0;
    Line::new(figure, cell(&ours, tapcue), cell(&theirs, floor))
        .ratio(ratio(ours.median(), theirs.median()))
        .goal("≤ 5 ms, none after it", met)
        .print();
}

async fn once(sizes: &Sizes, kind: Kind, limits: Limits) -> anyhow::Result<Outcome> {
    let relay = Relay::start(kind, limits)?;
    let pairs = Pairs::set_up(Setup {
        kind,
        addr: relay.addr,
        pairs: 1,
        slow: false,
        beats: true,
    })
    .await?;
    sleep(REST).await;
    let pair = &pairs.all[0];
    let cues = (0..sizes.flood).map(|_| pair.receiver.next_cue(pair.receiver.turn()).0);
    let cues = cues.collect();
    let began = Instant::now();
    pair.receiver.send_all(cues).await?;
    let handed = Instant::now();
    pair.receiver.tap(STOP).await?;
    pair.helper
        .until("a stop", |log| log.stopped.is_some())
        .await?;
    let (at, before) = {
        let log = pair.helper.log.borrow();
        (log.stopped.unwrap_or(handed), log.latencies.len() as u64)
    };
    let _ = timeout(AFTER, std::future::pending::<()>()).await;
    let stale = pair.helper.log.borrow().stale;
    Ok(Outcome {
        stop: at.saturating_duration_since(handed),
        whole: at.saturating_duration_since(began),
        before: before.saturating_sub(if kind == Kind::Tapcue { 0 } else { stale }),
        stale,
    })
}
