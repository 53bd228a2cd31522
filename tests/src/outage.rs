//! A live pair whose relay cannot record, and what must hold then, whatever the cause.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::fault::ms;
use crate::http;
use crate::pair::Pair;
use crate::peer::{Frame, Peer, is_recorded, is_stop, recorded};
use crate::record;
use crate::relay::Relay;
use crate::wait::until;

/// How soon a stop reaches both devices. It does not wait for the disk, and on loopback it arrives at
/// once. The bound leaves room for a busy machine; a wait for the disk would add at least the first
/// pause of a retry.
const STOP_WITHIN: Duration = Duration::from_millis(500);

/// A pair during an outage.
#[derive(Debug)]
pub struct Outage {
    pair: Pair,
    /// The ids of cues recorded before the outage.
    before: HashSet<String>,
    /// The ids of cues tapped during the outage.
    during: Vec<String>,
    told: Duration,
    stopped: Duration,
}

impl Outage {
    /// Makes a pair live and waits until a cue is recorded. Later the relay will not be able to record.
    pub async fn ahead(relay: &Relay) -> Self {
        let mut pair = Pair::live(&relay.ws()).await;
        let slower = pair.receiver.cue("slower");
        pair.receiver
            .expect("its record", is_recorded(&slower))
            .await;
        let before = told_recorded(&pair);
        Self {
            pair,
            before,
            during: Vec::new(),
            told: Duration::ZERO,
            stopped: Duration::ZERO,
        }
    }

    /// Checks that during the outage cues pass, a stop of either device holds both at once, and no
    /// device gets a receipt. Each device, and each that connects later, is told that nothing is
    /// recorded.
    ///
    /// # Panics
    /// When a check fails.
    pub async fn hold_out(&mut self, relay: &Relay) {
        let tapped = Instant::now();
        let left = self.pair.receiver.cue("left");
        let Pair { receiver, helper } = &mut self.pair;
        let passed = |state: &Value| state["cue"]["id"] == json!(left);
        helper.until("the cue", passed).await;
        for peer in [&*receiver, &*helper] {
            unrecorded(peer).await;
        }
        self.told = tapped.elapsed();
        assert_eq!(http::get(relay.addr(), "/readyz").await.status, 503);

        let tapped = Instant::now();
        let stop = receiver.cue("stop");
        for peer in [&mut *helper, &mut *receiver] {
            peer.expect_within(STOP_WITHIN, "the stop", is_stop(&stop))
                .await;
        }
        self.stopped = tapped.elapsed();
        for peer in [&mut *helper, &mut *receiver] {
            let held = |state: &Value| state["hold"]["id"] == json!(stop);
            peer.until("held by the stop", held).await;
        }
        let other = helper.cue("stop");
        let held = |state: &Value| state["hold"]["id"] == json!(other);
        receiver.until("held by the helper's stop", held).await;

        // A device that comes back and a new pair are let in and told.
        let token = helper.welcome_text("token");
        *helper = Peer::resume("helper again", &relay.ws(), &token).await;
        unrecorded(helper).await;
        let new = Pair::open(&relay.ws()).await;
        for peer in [&new.receiver, &new.helper] {
            unrecorded(peer).await;
        }

        self.during = vec![left, stop, other];
        let now = told_recorded(&self.pair);
        let first = now.difference(&self.before).next();
        assert_eq!(first, None, "a receipt while nothing can be recorded");
    }

    /// Checks that after the outage everything is recorded and outlives kill -9. Returns the figures as
    /// text.
    ///
    /// # Panics
    /// When a check fails.
    pub async fn after(self, relay: &mut Relay) -> String {
        let Self {
            mut pair,
            mut before,
            during,
            told,
            stopped,
        } = self;
        let ended = Instant::now();
        let [left, stop, _] = &during[..] else {
            panic!("held out first");
        };
        for id in [left, stop] {
            pair.receiver.skip();
            until("a receipt after all", async || {
                recorded(&pair.receiver.frames()).contains(id).then_some(())
            })
            .await;
        }
        let again = ended.elapsed();
        for peer in [&pair.receiver, &pair.helper] {
            until_beats(peer, None).await;
        }
        assert_eq!(http::get(relay.addr(), "/readyz").await.status, 200);
        pair.hands_off().await;
        pair.both_ready().await;
        let slower = pair.receiver.cue("ease_up");
        pair.receiver
            .expect("its record", is_recorded(&slower))
            .await;
        before.extend(told_recorded(&pair));
        relay.kill().await;
        relay.start_again().await;
        let pair = pair.back(&relay.ws()).await;
        assert_eq!(pair.helper.state()["phase"], "held");
        let transcript = record::transcript(relay.addr(), &pair.receiver).await;
        record::check_order(&transcript);
        for id in &before {
            assert_eq!(record::count(&transcript, id), 1, "{id} was recorded");
        }
        format!(
            "stop on both after {}, told after {}, recorded again after {}, {} receipts true",
            ms(stopped),
            ms(told),
            ms(again),
            before.len(),
        )
    }
}

/// Waits until a device is told that nothing is recorded: by an error, and by its heartbeats' answers.
async fn unrecorded(peer: &Peer) {
    until("\"not recorded\" said", async || {
        let frames = peer.frames();
        let is_it = |frame: &Frame| {
            frame.body["code"] == "unavailable"
                && frame.body["id"].is_null()
                && frame.body["fatal"] == false
        };
        frames.iter().any(is_it).then_some(())
    })
    .await;
    until_beats(peer, Some(true)).await;
}

/// Waits until the newest answer to a heartbeat has this value of `unrecorded`.
async fn until_beats(peer: &Peer, unrecorded: Option<bool>) {
    until("a beat's answer about what is recorded", async || {
        let frames = peer.frames();
        let newest = frames.iter().rfind(|frame| frame.kind() == "beat")?;
        (newest.body["unrecorded"].as_bool() == unrecorded).then_some(())
    })
    .await;
}

/// The ids that either device was told are recorded, on its present connection.
fn told_recorded(pair: &Pair) -> HashSet<String> {
    let of = |peer: &Peer| recorded(&peer.frames());
    of(&pair.receiver)
        .union(&of(&pair.helper))
        .cloned()
        .collect()
}
