//! Two scripted peers in one session.

use serde_json::{Value, json};

use crate::peer::Peer;

/// A receiver and a helper.
#[derive(Debug)]
pub struct Pair {
    /// The receiver's device.
    pub receiver: Peer,
    /// The helper's device.
    pub helper: Peer,
}

impl Pair {
    /// Pairs two devices without the rehearsal and the set-up lists. They are held until both are ready.
    pub async fn open(url: &str) -> Self {
        Self::open_at(url, url, waived()).await
    }

    /// Pairs two devices with `options`, each over its own URL.
    pub async fn open_at(receiver: &str, helper: &str, options: Value) -> Self {
        let mut receiver = Peer::create(receiver, "receiver", options).await;
        let helper = Peer::join("helper", helper, &receiver.welcome_text("code")).await;
        receiver
            .until("the helper to be here", |state| {
                state["peers"]["helper"] == "here"
            })
            .await;
        Self { receiver, helper }
    }

    /// Pairs two devices and makes them live.
    pub async fn live(url: &str) -> Self {
        let mut pair = Self::open(url).await;
        pair.both_ready().await;
        pair
    }

    /// Pairs two devices with hold to consent, live by the receiver's thumb. Also returns the id with
    /// which the thumb was put down.
    pub async fn live_by_thumb(url: &str) -> (Self, String) {
        let mut pair = Self::open_at(url, url, consent()).await;
        pair.helper.ready().await;
        pair.receiver.ready().await;
        let down = pair.receiver.put_down();
        pair.helper.until_phase("live").await;
        pair.receiver.until_phase("live").await;
        (pair, down)
    }

    /// Connects both devices anew by their tokens.
    pub async fn back(&self, url: &str) -> Self {
        let [receiver, helper] = [&self.receiver, &self.helper].map(|it| it.welcome_text("token"));
        Self {
            receiver: Peer::resume("receiver again", url, &receiver).await,
            helper: Peer::resume("helper again", url, &helper).await,
        }
    }

    /// Taps ready on both devices, and waits until both are live.
    pub async fn both_ready(&mut self) {
        self.helper.ready().await;
        self.receiver.ready().await;
        for peer in [&mut self.receiver, &mut self.helper] {
            peer.until_phase("live").await;
            // This skips the refusals of a ready that came too soon.
            peer.skip();
        }
    }

    /// The helper acknowledges the hold with "hands off", and both devices see that.
    pub async fn hands_off(&mut self) {
        self.helper.hands_off().await;
        for peer in [&mut self.receiver, &mut self.helper] {
            peer.until("hands off", |state| state["hold"]["acknowledged"] == true)
                .await;
        }
    }
}

/// The options that waive the rehearsal and the set-up lists.
#[must_use]
pub fn waived() -> Value {
    json!({"rehearsal": false, "setup": false})
}

/// The options of [`waived`], with hold to consent.
#[must_use]
pub fn consent() -> Value {
    json!({"rehearsal": false, "setup": false, "hold_to_consent": true})
}
