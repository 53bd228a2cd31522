//! A stop's way through the relay: with nothing beside it, and behind a flood of its own device.

use std::time::Duration;

use super::{Bound, Promise, after, pairs};
use crate::pair::Pair;
use crate::peer::Frame;
use tokio::time::Instant;

/// The most that a stop may take while others send. Source: the design's goals for speed, "max 50".
const AT_ONCE: Duration = Duration::from_millis(50);

/// Cues in front of it, written by its own device at once.
const FLOOD: usize = 500;

pub(super) async fn measure(url: &str, times: usize) -> Vec<Bound> {
    let mut pairs = pairs(url, times).await;
    let mut idle = Vec::with_capacity(times);
    let mut flooded = Vec::with_capacity(times);
    // One after the other: each with the relay to itself, but for the others' beats.
    for pair in &mut pairs {
        idle.push(tap(pair).await);
    }
    for pair in &mut pairs {
        for n in 0..FLOOD {
            let cue = ["left", "right", "slower", "ease_up"][n % 4];
            let _ = pair.receiver.cue(cue);
        }
        flooded.push(tap(pair).await);
    }
    let promised = Promise::Within(AT_ONCE);
    vec![
        Bound::new("stop: tap → the other device has it", promised, idle),
        Bound::new(
            "the same, behind 500 cues of its own device",
            promised,
            flooded,
        ),
    ]
}

/// From the receiver's tap on stop to the helper's frame.
async fn tap(pair: &mut Pair) -> Duration {
    let tapped = Instant::now();
    let id = pair.receiver.cue("stop");
    let is_it = |frame: &Frame| {
        let it = frame.kind() == "stop" && frame.body["id"] == *id;
        it.then_some(frame.at)
    };
    after(pair.helper.expect("the stop", is_it).await, tapped)
}
