//! A stop to a helper that reads at 64 kbit/s, behind ten seconds of cues.

use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Sizes;
use crate::device::{Device, Kind};
use crate::pairs::{Pair, Pairs, Setup};
use crate::process::{Limits, Relay};
use crate::report::Line;
use crate::stats::{Sample, ratio, show};
use crate::wire::STOP;

/// Cues per second from a device in a hurry: the relay's default limit.
const WITHIN_LIMITS: f64 = 20.0;

/// Cues per second of a flood: more than ten times what the helper's link carries.
const FLOOD: f64 = 500.0;

/// The timeout of a stop through the floor's queue.
const QUEUE: Duration = Duration::from_secs(300);

pub(crate) async fn run(sizes: &Sizes) -> anyhow::Result<()> {
    for (per_second, limits) in [(WITHIN_LIMITS, Limits::Default), (FLOOD, Limits::Raised)] {
        let tapcue = once(sizes, Kind::Tapcue, limits, per_second).await?;
        let floor = once(sizes, Kind::Floor, limits, per_second).await?;
        let cell =
            |sample: &Sample| format!("{} (worst {})", show(sample.median()), show(sample.worst()));
        let figure = format!(
            "stop to a 64 kbit/s reader behind {} s of {per_second} cues/s ({} readers)",
            sizes.slow_for.as_secs(),
            tapcue.len(),
        );
        Line::new(figure, cell(&tapcue), cell(&floor))
            .ratio(ratio(tapcue.median(), floor.median()))
            .goal("≤ 100 ms", tapcue.worst() <= Duration::from_millis(100))
            .print();
    }
    Ok(())
}

/// The time from the tap to the stop's last byte at the helper, for each of some pairs side by side.
async fn once(
    sizes: &Sizes,
    kind: Kind,
    limits: Limits,
    per_second: f64,
) -> anyhow::Result<Sample> {
    let relay = Relay::start(kind, limits)?;
    let pairs = Pairs::set_up(Setup {
        kind,
        addr: relay.addr,
        pairs: sizes.slow_pairs,
        slow: true,
        beats: true,
    })
    .await?;
    let floods = pairs.all.iter().enumerate().map(|(n, pair)| {
        // Out of step with each other and with the heartbeats.
        let offset = Duration::from_millis(37 * n as u64);
        flood(pair, offset, sizes.slow_for, per_second)
    });
    let stops = try_join_all(floods).await?;
    Ok(Sample::new(stops))
}

async fn flood(
    pair: &Pair,
    offset: Duration,
    lasts: Duration,
    per_second: f64,
) -> anyhow::Result<Duration> {
    // As in a browser, a tap is queued even if the socket is full, so its time starts at the tap.
    let (queue, queued) = mpsc::unbounded_channel();
    let writer = tokio::task::spawn_local(write(Rc::clone(&pair.receiver), queued));
    sleep(offset).await;
    let mut tick = interval(Duration::from_secs_f64(1.0 / per_second));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let began = Instant::now();
    while began.elapsed() < lasts {
        tick.tick().await;
        let (cue, _) = pair.receiver.next_cue(pair.receiver.turn());
        let _ = queue.send(cue);
    }
    let tapped = Instant::now();
    let (stop, _) = pair.receiver.next_cue(STOP);
    let _ = queue.send(stop);
    let helper = &pair.helper;
    helper
        .until_within(QUEUE, "a stop", |log| log.stopped.is_some())
        .await?;
    let at = helper.log.borrow().stopped.unwrap_or(tapped);
    writer.abort();
    Ok(at.saturating_duration_since(tapped))
}

async fn write(device: Rc<Device>, mut queued: mpsc::UnboundedReceiver<String>) {
    while let Some(text) = queued.recv().await {
        if device.send(text).await.is_err() {
            return;
        }
    }
}
