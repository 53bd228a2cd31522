//! Bounds on the time that the relay gives people: for a question, for a ready after a hold, and for two
//! taps that are one.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::{Bound, Promise, after, all, pairs};
use crate::pair::Pair;
use crate::peer::{Frame, Peer};
use crate::wait;

/// After these times, a question is asked again, and leads to a hold.
const ASKED_AGAIN: Duration = Duration::from_secs(5);
const NO_ANSWER: Duration = Duration::from_secs(15);
/// Less and more than the 500 ms in which a ready counts as a reflex.
const REFLEX: Duration = Duration::from_millis(490);
const MEANT: Duration = Duration::from_millis(510);
/// From this time on, a ready may have come to the relay after those 500 ms.
const MAYBE_MEANT: Duration = Duration::from_millis(500);
/// Less and more than the 250 ms in which the same cue counts as the same tap.
const SAME_TAP: Duration = Duration::from_millis(200);
const OTHER_TAP: Duration = Duration::from_millis(255);
/// From this time on, a cue may have come to the relay after those 250 ms.
const MAYBE_OTHER: Duration = Duration::from_millis(245);

pub(super) async fn measure(url: &str, times: usize) -> Vec<Bound> {
    let (asked, held, tapped) = (
        pairs(url, times).await,
        pairs(url, times).await,
        pairs(url, times).await,
    );
    let (asked, held, tapped) = tokio::join!(
        all(asked, nobody_answers),
        all(held, ready_around_the_reflex),
        all(tapped, taps_twice),
    );
    let (again, no_answer): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let (reflex, meant): (Vec<_>, Vec<_>) = held.into_iter().unzip();
    vec![
        Bound::new("a question → asked again", Promise::At(ASKED_AGAIN), again),
        Bound::new(
            "a question without an answer → both are held",
            Promise::At(NO_ANSWER),
            no_answer,
        ),
        Bound::of(
            "a ready 490 ms after a hold → refused",
            Promise::At(REFLEX),
            reflex,
        ),
        Bound::of(
            "a ready 510 ms after a hold → counts",
            Promise::At(MEANT),
            meant,
        ),
        Bound::of(
            "the same cue 200 ms later is one tap; 255 ms later → shown",
            Promise::At(OTHER_TAP),
            tapped,
        ),
    ]
}

/// The result of one try: a time, a forbidden event in words, or `None` if this program was too late to
/// judge it.
pub(super) type Try = Result<Option<Duration>, String>;

async fn nobody_answers(mut pair: Pair) -> (Duration, Duration) {
    pair.both_ready().await;
    let asked = Instant::now();
    let _ = pair.helper.cue("check_in");
    let again = |frame: &Frame| {
        let again = frame.body["state"]["check_in"]["again"] == true;
        again.then_some(frame.at)
    };
    let again = pair.receiver.expect("asked again", again).await;
    let mut both = Vec::new();
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let held = |frame: &Frame| {
            let held = frame.body["state"]["hold"]["reason"] == "no_answer";
            held.then_some(frame.at)
        };
        both.push(peer.expect("held", held).await);
    }
    let last = both.into_iter().max().expect("both");
    (after(again, asked), after(last, asked))
}

/// When a device is answered about its ready, and whether the ready counts.
async fn told(peer: &mut Peer, ready: &str) -> (Instant, bool) {
    let role = peer.welcome_text("role");
    let answer = |frame: &Frame| {
        let counts = frame.body["state"]["ready"][&role] == true;
        let refused = frame.kind() == "error" && frame.body["id"] == *ready;
        (counts || refused).then_some((frame.at, counts))
    };
    peer.expect("an answer to ready", answer).await
}

/// The receiver taps stop and its screen shows it. Returns when it was tapped and when it arrived.
async fn stops(receiver: &mut Peer) -> (Instant, Instant) {
    receiver.skip();
    let tapped = Instant::now();
    let stop = receiver.cue("stop");
    let stopped = |frame: &Frame| (frame.kind() == "stop").then_some(frame.at);
    let held = receiver.expect("the stop", stopped).await;
    receiver.shown(&stop);
    receiver
        .until("its hold", |state| state["hold"]["id"] == *stop)
        .await;
    (tapped, held)
}

async fn ready_around_the_reflex(mut pair: Pair) -> (Try, Try) {
    pair.both_ready().await;
    let (tapped, _) = stops(&mut pair.receiver).await;
    wait::at(tapped + REFLEX).await;
    let ready = pair.receiver.cue("ready");
    let (at, counts) = told(&mut pair.receiver, &ready).await;
    let reflex = match after(at, tapped) {
        late if late >= MAYBE_MEANT => Ok(None),
        early if counts => Err(format!("a ready counted {early:?} after a stop")),
        early => Ok(Some(early)),
    };
    let (_, held) = stops(&mut pair.receiver).await;
    wait::at(held + MEANT).await;
    let sent = Instant::now();
    let ready = pair.receiver.cue("ready");
    let (at, counts) = told(&mut pair.receiver, &ready).await;
    let meant = if counts {
        Ok(Some(after(at, held)))
    } else {
        Err(format!(
            "a ready was refused {:?} after a hold",
            after(sent, held)
        ))
    };
    (reflex, meant)
}

async fn taps_twice(mut pair: Pair) -> Try {
    pair.both_ready().await;
    let began = Instant::now();
    let first = pair.receiver.cue("slower");
    let shows = |id: &str| {
        let id = Value::from(id);
        move |frame: &Frame| (frame.body["state"]["cue"]["id"] == id).then_some(frame.at)
    };
    let known = pair.receiver.expect("the first", shows(&first)).await;
    wait::at(began + SAME_TAP).await;
    let same = pair.receiver.cue("slower");
    let sent = Instant::now();
    wait::at(known + OTHER_TAP).await;
    let other = pair.receiver.cue("slower");
    let shown = pair.receiver.expect("another tap", shows(&other)).await;
    let frames = pair.receiver.frames();
    if after(sent, began) >= MAYBE_OTHER {
        return Ok(None);
    }
    match frames.iter().find_map(shows(&same)) {
        Some(_) => Err(format!("two taps within {:?} counted", after(sent, began))),
        None => Ok(Some(after(shown, known))),
    }
}
