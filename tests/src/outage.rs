//! A pair at work while its relay cannot record, and what must hold then, whatever the reason.

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

/// A stop does not wait for the disk: on loopback it is on the other screen's socket at once. The
/// bound is for a busy machine; a wait for the disk would be at least the first pause of a retry
/// longer.
const STOP_WITHIN: Duration = Duration::from_millis(500);

/// A pair in an outage.
#[derive(Debug)]
pub struct Outage {
    pair: Pair,
    /// What was recorded before it.
    before: HashSet<String>,
    /// What was tapped in it.
    during: Vec<String>,
    told: Duration,
    stopped: Duration,
}

impl Outage {
    /// A live pair with something recorded, at a relay that will not be able to record.
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

    /// What must hold in it: cues pass, both are told that nothing is recorded and so is who comes
    /// anew, a stop of either holds both at once, nobody gets a receipt.
    ///
    /// # Panics
    /// When it does not.
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

        // Who comes back, and who comes for the first time, is let in and told.
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

    /// What must come after it: everything is recorded, and stands after kill -9. A figure of it all.
    ///
    /// # Panics
    /// When it does not come.
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

/// Waits until a device is told that nothing is recorded just now, once and with each beat.
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

/// Waits for a beat's answer that says so of what is recorded.
async fn until_beats(peer: &Peer, unrecorded: Option<bool>) {
    until("a beat's answer about what is recorded", async || {
        let frames = peer.frames();
        let newest = frames.iter().rfind(|frame| frame.kind() == "beat")?;
        (newest.body["unrecorded"].as_bool() == unrecorded).then_some(())
    })
    .await;
}

/// What either was told to be recorded, on its present connection.
fn told_recorded(pair: &Pair) -> HashSet<String> {
    let of = |peer: &Peer| recorded(&peer.frames());
    of(&pair.receiver)
        .union(&of(&pair.helper))
        .cloned()
        .collect()
}
