//! What a device decides by its own clock: the product's client library, with its network in the
//! measurement's hand.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::{Bound, Promise, after, all};
use crate::client::Client;
use crate::pair::waived;
use crate::peer::Peer;
use crate::proxy::{Message, Proxy, Toward, Way};
use crate::relay::Relay;

/// A stop is sent again at this pace, until a state carries it.
const AGAIN: Duration = Duration::from_millis(250);
/// A stop that nobody was shown alarms on its own device.
const NOT_SHOWN: Duration = Duration::from_millis(500);
/// A stop that nobody acknowledged alarms on both devices.
const NOT_ACKNOWLEDGED: Duration = Duration::from_secs(3);
/// A device's own watch: late, and lost.
const LATE: Duration = Duration::from_secs(1);
const LOST: Duration = Duration::from_secs(2);
/// A cue that could not be sent is given up.
const EXPIRES: Duration = Duration::from_secs(2);
/// "At once", as the stop's way.
const AT_ONCE: Duration = Duration::from_millis(50);

/// How often a stop is looked at on its way: once, and again.
const COPIES: usize = 4;

/// What one device came to.
struct Came {
    not_acknowledged: Duration,
    sent: Duration,
    again: Vec<Duration>,
    not_shown: Duration,
    late: Duration,
    lost: Duration,
    expired: Duration,
}

pub(super) async fn measure(relay: &Relay, times: usize) -> Vec<Bound> {
    let mut devices = Vec::with_capacity(times);
    for n in 0..times {
        devices.push(Device::join(relay, ["helper", "receiver"][n % 2]).await);
    }
    let came = all(devices, Device::run).await;
    let each = |of: fn(&Came) -> Duration| came.iter().map(of).collect::<Vec<_>>();
    let again = came.iter().flat_map(|came| came.again.clone()).collect();
    vec![
        Bound::new(
            "stop: tap → it leaves the device",
            Promise::Within(AT_ONCE),
            each(|came| came.sent),
        ),
        Bound::new(
            "stop without an answer → sent again",
            Promise::At(AGAIN),
            again,
        ),
        Bound::new(
            "stop: tap → its device says \"not delivered\"",
            Promise::At(NOT_SHOWN),
            each(|came| came.not_shown),
        ),
        Bound::new(
            "stop on a device → it says \"not acknowledged\"",
            Promise::At(NOT_ACKNOWLEDGED),
            each(|came| came.not_acknowledged),
        ),
        Bound::new(
            "last answered beat → a device's own \"late\"",
            Promise::At(LATE),
            each(|came| came.late),
        ),
        Bound::new(
            "last answered beat → a device's own \"lost\"",
            Promise::At(LOST),
            each(|came| came.lost),
        ),
        Bound::new(
            "a cue without a link → \"expired\"",
            Promise::At(EXPIRES),
            each(|came| came.expired),
        ),
    ]
}

/// A real device, and a scripted one at the other end.
struct Device {
    client: Client,
    network: Proxy,
    other: Peer,
}

impl Device {
    /// In a session with a scripted `creator`.
    async fn join(relay: &Relay, creator: &str) -> Self {
        let other = Peer::create(&relay.ws(), creator, waived()).await;
        let network = Proxy::recording_before(relay.addr());
        let began = Instant::now();
        let url = format!("http://{}", network.addr());
        let client = Client::join(&url, &other.welcome_text("code"));
        let here = |it: &Value| it["type"] == "state" && it["link"] == "here";
        let _ = client.until(began, "its place", here).await;
        Self {
            client,
            network,
            other,
        }
    }

    async fn run(mut self) -> Came {
        let not_acknowledged = self.is_not_acknowledged().await;
        self.network.set(Way::Open, Way::Silent);
        let cut = Instant::now();
        let tapped = self.client.say("stop").await;
        let recorder = self.network.recorder();
        let copies = recorder.first(COPIES, tapped, "a stop", |it| it.is_cue("stop"));
        let copies = copies.await;
        let alarm = |it: &Value| it["alarm"] == "not_delivered";
        let alarm = self.client.until(tapped, "not delivered", alarm).await;
        let link = |status: &'static str| move |it: &Value| it["link"] == status;
        let late = self.client.until(cut, "late", link("late")).await;
        let lost = self.client.until(cut, "lost", link("lost")).await;
        let proven = last_answered(&self.network.recorder().messages(), cut);
        let slower = self.client.say("slower").await;
        let expired = |it: &Value| {
            let lamp = &it["lamp"];
            lamp["cue"] == "slower" && lamp["stage"] == "expired"
        };
        let expired = self.client.until(slower, "expired", expired).await;
        let pauses = copies.windows(2).map(|two| after(two[1].at, two[0].at));
        Came {
            not_acknowledged,
            sent: after(copies[0].at, tapped),
            again: pauses.collect(),
            not_shown: after(alarm.at, tapped),
            late: after(late.at, proven),
            lost: after(lost.at, proven),
            expired: after(expired.at, slower),
        }
    }

    /// From a stop of the other's on its way to this device to its alarm that nobody acknowledged it.
    async fn is_not_acknowledged(&self) -> Duration {
        let began = Instant::now();
        let id = Value::from(self.other.cue("stop"));
        let carries =
            |it: &Message| it.toward == Toward::Device && it.body["state"]["hold"]["id"] == id;
        let recorder = self.network.recorder();
        let carried = recorder.first(1, began, "a state with the stop", carries);
        let carried = carried.await;
        let alarm = |it: &Value| it["alarm"] == "not_acknowledged";
        let alarm = self.client.until(began, "not acknowledged", alarm).await;
        after(alarm.at, carried[0].at)
    }
}

/// When the newest beat left the device whose answer passed before `cut`.
fn last_answered(messages: &[Message], cut: Instant) -> Instant {
    let beats = |toward| {
        let all = messages.iter().filter(move |it| it.toward == toward);
        all.filter(|it| it.body["type"] == "beat")
    };
    let answered = beats(Toward::Device).rfind(|it| it.at < cut);
    let n = &answered.expect("an answer").body["n"];
    let sent = beats(Toward::Relay).find(|it| it.body["n"] == *n);
    sent.expect("its beat").at
}
