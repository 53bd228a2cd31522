//! The memory of a connection that is open, live and sends only heartbeats.

use std::time::Duration;

use tokio::time::sleep;

use crate::Sizes;
use crate::device::Kind;
use crate::pairs::{Pairs, Setup};
use crate::process::{Limits, Relay};
use crate::report::Line;
use crate::stats::median;

/// How long the pairs idle before the second measurement.
const SETTLE: Duration = Duration::from_secs(5);

pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    let mut found = [const { Vec::new() }; 2];
    for _ in 0..sizes.rounds.min(2) {
        for (place, kind) in Kind::BOTH.into_iter().enumerate() {
            found[place].push(once(sizes, kind).await?);
        }
    }
    let [tapcue, floor] = found.map(|all| median(&all));
    let figure = format!("memory a connection, {} pairs live and idle", sizes.pairs);
    Line::new(figure, format!("{tapcue:.1} kB"), format!("{floor:.1} kB"))
        .ratio(tapcue / floor)
        .goal("≤ 6 kB", tapcue <= 6.0)
        .print();
    Ok(())
}

/// The growth of the relay's resident memory per connection since its start, in kilobytes of 1,000 bytes.
async fn once(sizes: &Sizes, kind: Kind) -> anyhow::Result<f64> {
    let relay = Relay::start(kind, Limits::Default)?;
    let before = relay.resident()?;
    let pairs = Pairs::set_up(Setup {
        kind,
        addr: relay.addr,
        pairs: sizes.pairs,
        slow: false,
        beats: true,
    })
    .await?;
    sleep(SETTLE).await;
    pairs.check(kind)?;
    let grown = relay.resident()?.saturating_sub(before);
    Ok(grown as f64 / 1_000.0 / (2 * sizes.pairs) as f64)
}
