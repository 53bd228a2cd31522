//! What a device decides by its own clock: the product's client library, behind a proxy that the
//! measurement controls.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::{Bound, Promise, after, all};
use crate::client::Client;
use crate::pair::waived;
use crate::peer::Peer;
use crate::proxy::{Message, Proxy, Toward, Way};
use crate::relay::Relay;

/// How often a stop is sent again until a state carries it.
const AGAIN: Duration = Duration::from_millis(250);
/// After this time, a stop that the other device has not shown alarms on its own device.
const NOT_SHOWN: Duration = Duration::from_millis(500);
/// After this time, a stop that no person has acknowledged alarms on both devices.
const NOT_ACKNOWLEDGED: Duration = Duration::from_secs(3);
/// After these times, a device itself calls its link late, and lost.
const LATE: Duration = Duration::from_secs(1);
const LOST: Duration = Duration::from_secs(2);
/// After this time, a device gives up a cue that it could not send.
const EXPIRES: Duration = Duration::from_secs(2);
/// The bound for "at once", the same as for a stop.
const AT_ONCE: Duration = Duration::from_millis(50);

/// How many copies of a stop are measured: the first, and those sent again.
const COPIES: usize = 4;

/// What the run of one device measured.
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

/// A real device, with a scripted one at the other end.
struct Device {
    client: Client,
    network: Proxy,
    other: Peer,
}

impl Device {
    /// Joins a session that a scripted `creator` opened.
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

    /// Measures how long after the other device's stop this device alarms "not acknowledged". The time
    /// begins when a state with the stop comes to the proxy.
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

/// When the newest heartbeat that was answered before `cut` left the device.
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
