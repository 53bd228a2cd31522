//! Bounds on a stop and a lifted thumb on their way through the relay: alone, and behind a flood of the
//! same device.

use std::time::Duration;

use super::{Bound, Promise, after, pairs};
use crate::pair::Pair;
use crate::peer::Frame;
use tokio::time::Instant;

/// The longest that a stop may take while others send. Source: the design's goals for speed, "max 50".
const AT_ONCE: Duration = Duration::from_millis(50);

/// How many cues the same device writes at once before the stop.
const FLOOD: usize = 500;

pub(super) async fn measure(url: &str, times: usize) -> Vec<Bound> {
    let mut pairs = pairs(url, times).await;
    let mut idle = Vec::with_capacity(times);
    let mut flooded = Vec::with_capacity(times);
    let (lifted, lifted_flooded) = thumbs(url, times).await;
    // Pairs run one after the other. Each has the relay to itself, except for the heartbeats of the
    // others.
    for pair in &mut pairs {
        idle.push(tap(pair).await);
    }
    for pair in &mut pairs {
        flood(pair);
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
        Bound::new("thumb lifted → the other device has it", promised, lifted),
        Bound::new(
            "the same, behind 500 cues of its own device",
            promised,
            lifted_flooded,
        ),
    ]
}

fn flood(pair: &Pair) {
    for n in 0..FLOOD {
        let cue = ["left", "right", "slower", "ease_up"][n % 4];
        let _ = pair.receiver.cue(cue);
    }
}

/// Measures the way of a lifted thumb, alone and behind a flood.
async fn thumbs(url: &str, times: usize) -> (Vec<Duration>, Vec<Duration>) {
    let mut measured = (Vec::with_capacity(times), Vec::with_capacity(times));
    for n in 0..2 * times {
        let (mut pair, down) = Pair::live_by_thumb(url).await;
        let flooded = n % 2 == 1;
        if flooded {
            flood(&pair);
        }
        let lifted = Instant::now();
        let id = pair.receiver.lift(&down);
        let took = seen(&mut pair, &id, lifted).await;
        let into = if flooded {
            &mut measured.1
        } else {
            &mut measured.0
        };
        into.push(took);
    }
    measured
}

/// The time from the receiver's tap on stop to the helper's frame.
async fn tap(pair: &mut Pair) -> Duration {
    let tapped = Instant::now();
    let id = pair.receiver.cue("stop");
    seen(pair, &id, tapped).await
}

/// How long after `from` the helper's device had the stop with this id.
async fn seen(pair: &mut Pair, id: &str, from: Instant) -> Duration {
    let is_it = |frame: &Frame| {
        let it = frame.kind() == "stop" && frame.body["id"] == id;
        it.then_some(frame.at)
    };
    after(pair.helper.expect("the stop", is_it).await, from)
}
