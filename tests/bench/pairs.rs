//! Many pairs of devices on one relay: connected, live, sending heartbeats.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::device::{Device, Kind, Role};
use crate::wire;

/// The interval of a device's heartbeats.
const BEAT_EVERY: Duration = Duration::from_millis(500);

/// How many pairs connect at a time.
const AT_A_TIME: usize = 16;

/// A ready within 500 ms of the pairing is a reflex and does not count; this waits a little longer.
const REFLEX: Duration = Duration::from_millis(600);

#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// The device that taps.
    pub(crate) receiver: Rc<Device>,
    /// The device that watches.
    pub(crate) helper: Rc<Device>,
}

/// For failures: what both have seen.
impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (receiver, helper) = (self.receiver.log.borrow(), self.helper.log.borrow());
        write!(f, "receiver {receiver:?}, helper {helper:?}")
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) kind: Kind,
    pub(crate) addr: SocketAddr,
    pub(crate) pairs: usize,
    /// Whether their helpers read at 64 kbit/s.
    pub(crate) slow: bool,
    /// Whether they send heartbeats. Tapcue needs them; the floor forwards them to the other device.
    pub(crate) beats: bool,
}

/// Pairs that are live. Dropping it closes their connections.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub(crate) all: Vec<Pair>,
    /// How long it took to connect all pairs, before the first ready.
    pub(crate) connected_in: Duration,
    beater: AbortHandle,
}

impl Drop for Pairs {
    fn drop(&mut self) {
        self.beater.abort();
        for Pair { receiver, helper } in &self.all {
            receiver.hang_up();
            helper.hang_up();
        }
    }
}

impl Pairs {
    /// Connects pairs and makes them live.
    pub(crate) async fn set_up(setup: Setup) -> anyhow::Result<Self> {
        let devices: Rc<RefCell<Vec<Rc<Device>>>> = Rc::default();
        let beating = beat(Rc::clone(&devices), setup.beats);
        let beater = tokio::task::spawn_local(beating).abort_handle();
        let origin = Instant::now();
        let connecting = stream::iter(0..setup.pairs).map(|n| {
            let devices = Rc::clone(&devices);
            async move {
                let pair = connect(setup, n, origin).await?;
                let both = [Rc::clone(&pair.receiver), Rc::clone(&pair.helper)];
                devices.borrow_mut().extend(both);
                Ok::<_, anyhow::Error>(pair)
            }
        });
        let all = connecting.buffer_unordered(AT_A_TIME).try_collect().await?;
        let pairs = Self {
            all,
            connected_in: origin.elapsed(),
            beater,
        };
        if setup.kind == Kind::Tapcue {
            sleep(REFLEX).await;
            for Pair { receiver, helper } in &pairs.all {
                receiver.tap("ready").await?;
                helper.tap("ready").await?;
            }
            for Pair { receiver, helper } in &pairs.all {
                receiver.until("live", |log| log.live).await?;
                helper.until("live", |log| log.live).await?;
            }
        }
        Ok(pairs)
    }

    /// The sum of a value in the logs of all devices.
    pub(crate) fn sum(&self, of: impl Fn(&crate::device::Log) -> u64) -> u64 {
        let pair = |Pair { receiver, helper }: &Pair| {
            of(&receiver.log.borrow()) + of(&helper.log.borrow())
        };
        self.all.iter().map(pair).sum()
    }

    /// The times from tap to helper of all cues since the last call.
    pub(crate) fn take_latencies(&self) -> Vec<Duration> {
        let take = |pair: &Pair| std::mem::take(&mut pair.helper.log.borrow_mut().latencies);
        self.all.iter().flat_map(take).collect()
    }

    /// Fails if a connection ended or a session is no longer live: the measurement is then void.
    pub(crate) fn check(&self, kind: Kind) -> anyhow::Result<()> {
        for Pair { receiver, helper } in &self.all {
            for device in [receiver, helper] {
                let log = device.log.borrow();
                if let Some(why) = &log.closed {
                    anyhow::bail!("a device's connection ended: {why}");
                }
                anyhow::ensure!(
                    log.live || kind == Kind::Floor,
                    "a session did not stay live"
                );
            }
        }
        Ok(())
    }
}

async fn connect(setup: Setup, n: usize, origin: Instant) -> anyhow::Result<Pair> {
    let Setup {
        kind, addr, slow, ..
    } = setup;
    let key = n.to_string();
    let create = match kind {
        Kind::Tapcue => wire::CREATE,
        Kind::Floor => &key,
    };
    let receiver = Device::connect((kind, Role::Receiver), addr, false, origin, create).await?;
    let join = match kind {
        Kind::Floor => key,
        Kind::Tapcue => {
            receiver.until("a welcome", |log| log.welcomed).await?;
            let code = receiver.log.borrow().code.clone();
            wire::join(&code.context("a welcome without a code")?)
        }
    };
    let helper = Device::connect((kind, Role::Helper), addr, slow, origin, &join).await?;
    if kind == Kind::Tapcue {
        helper.until("a welcome", |log| log.welcomed).await?;
    }
    Ok(Pair { receiver, helper })
}

/// Sends each device's heartbeats in time, spread evenly.
async fn beat(devices: Rc<RefCell<Vec<Rc<Device>>>>, beats: bool) {
    if !beats {
        return;
    }
    let mut tick = interval(Duration::from_millis(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut next = 0;
    let mut due = 0.0;
    let mut before = Instant::now();
    loop {
        tick.tick().await;
        let count = devices.borrow().len();
        let round = before.elapsed().as_secs_f64() / BEAT_EVERY.as_secs_f64();
        before = Instant::now();
        due += round.min(1.0) * count as f64;
        while due >= 1.0 {
            due -= 1.0;
            next = (next + 1) % count;
            let device = Rc::clone(&devices.borrow()[next]);
            // A closed connection fails where the bench expects an answer from it.
            let _ = device.beat().await;
        }
    }
}
