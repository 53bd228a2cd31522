//! Bounds on what the other device is told of a link, on a connection without a hello, and on a code.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::{Bound, Promise, after, all, pairs};
use crate::pair::Pair;
use crate::peer::{Frame, Peer};

/// After these times, a heartbeat is late and a link is lost. The other device is told by [`TOLD`] at
/// the latest.
const LATE: Duration = Duration::from_secs(1);
const LOST: Duration = Duration::from_secs(2);
const TOLD: Duration = Duration::from_millis(2_250);
/// The bound for "at once", the same as for a stop.
const AT_ONCE: Duration = Duration::from_millis(50);
/// After this time, a connection without a hello is closed.
const HELLO: Duration = Duration::from_secs(5);
/// The close code of such a connection.
const IDLE: u16 = 4004;
/// How long a code can be used.
const CODE: Duration = Duration::from_secs(5 * 60);

pub(super) async fn measure(url: &str, times: usize) -> Vec<Bound> {
    let (silent, untaken, hidden) = (
        pairs(url, times).await,
        pairs(url, times).await,
        pairs(url, times).await,
    );
    let codes = silent.iter().map(|pair| code_lasts(&pair.receiver));
    let codes = Bound::new(
        "a code can be used, as its welcome says",
        Promise::Within(CODE),
        codes.collect(),
    );
    let urls = vec![url.to_owned(); times];
    let (silent, untaken, hidden, mute) = tokio::join!(
        all(silent, falls_silent),
        all(untaken, takes_nothing),
        all(hidden, hides),
        all(urls, says_nothing),
    );
    let (late, lost) = silent.into_iter().unzip();
    vec![
        Bound::new(
            "last beat → the other device is told \"late\"",
            Promise::At(LATE),
            late,
        ),
        Bound::new(
            "last beat → the other device is told \"lost\"",
            Promise::Between(LOST, TOLD),
            lost,
        ),
        Bound::new(
            "a state that is not taken → \"lost\", though it beats",
            Promise::Between(LOST, TOLD),
            untaken,
        ),
        Bound::new(
            "a hidden page's \"away\" → the other device is held",
            Promise::Within(AT_ONCE),
            hidden,
        ),
        Bound::new(
            "connected, without a hello → closed",
            Promise::At(HELLO),
            mute,
        ),
        codes,
    ]
}

/// Matches a state that gives this status for the helper's link.
fn helper_is(status: &'static str) -> impl Fn(&Frame) -> Option<Instant> {
    move |frame| {
        let is = frame.kind() == "state" && frame.body["state"]["peers"]["helper"] == status;
        is.then_some(frame.at)
    }
}

async fn falls_silent(mut pair: Pair) -> (Duration, Duration) {
    pair.receiver.skip();
    pair.helper.set_beats(false);
    let late = pair.receiver.expect("late", helper_is("late")).await;
    let lost = pair.receiver.expect("lost", helper_is("lost")).await;
    let last = pair.helper.last_beat().expect("a beat");
    (after(late, last), after(lost, last))
}

async fn takes_nothing(mut pair: Pair) -> Duration {
    // By now the helper has answered `received` to every earlier state.
    pair.helper.set_takes(false);
    pair.receiver.skip();
    let tapped = Instant::now();
    let _ = pair.receiver.cue("slower");
    let lost = pair.receiver.expect("lost", helper_is("lost")).await;
    after(lost, tapped)
}

async fn hides(mut pair: Pair) -> Duration {
    pair.both_ready().await;
    pair.helper.set_beats(false);
    let hidden = Instant::now();
    pair.helper.send(json!({"type": "away"}));
    let held = |frame: &Frame| {
        let state = &frame.body["state"];
        (state["hold"]["reason"] == "away").then_some(frame.at)
    };
    after(pair.receiver.expect("held", held).await, hidden)
}

async fn says_nothing(url: String) -> Duration {
    let connected = Instant::now();
    let mut peer = Peer::connect("mute", &url).await;
    peer.expect_closed(IDLE).await;
    after(peer.closed().expect("closed").at, connected)
}

/// How long a code lasts, as the welcome says, because a wait of five minutes is too long here.
fn code_lasts(creator: &Peer) -> Duration {
    let at = |field| creator.welcome(field).as_u64();
    let (from, to) = (at("relay_at"), at("code_expires_at"));
    let lasts = to.zip(from).map(|(to, from)| to.saturating_sub(from));
    Duration::from_millis(lasts.expect("a code with an end"))
}
