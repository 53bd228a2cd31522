//! kill -9 at random moments, again and again; the record is compared with the receipts of the devices.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::{join_all, pending};
use serde_json::{Value, json};
use tapcue_tests::fault;
use tapcue_tests::folder::folder;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::{Peer, new_id, recorded};
use tapcue_tests::record;
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::wait::{self, until};
use tokio::process::Command;
use tokio::time::Instant;
use uuid::Uuid;

/// How many times the relay is killed, unless `TAPCUE_KILLS` is set.
const KILLS: usize = 200;

/// Pairs that tap during the kills.
const PAIRS: usize = 4;

/// Kills during one session; then the test reads its record and opens another.
const KILLS_A_SESSION: usize = 25;

/// The most cues that a device keeps without a receipt: fewer than a relay remembers of both devices.
const KEPT_AT_MOST: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_every_receipt_is_true() {
    let kills = std::env::var("TAPCUE_KILLS").ok();
    let kills = kills.map_or(KILLS, |kills| {
        kills.parse().expect("TAPCUE_KILLS is a number")
    });
    let mut relay = Relay::start().await;
    let (mut done, mut receipts, mut entries) = (0, 0, 0);
    let began = Instant::now();
    while done < kills {
        let mut devices = pairs(&relay).await;
        for _ in 0..KILLS_A_SESSION.min(kills - done) {
            let url = relay.ws();
            // Most kills come soon after the start; some leave time to go live.
            let longest = if chance(10) == 0 { 800 } else { 60 };
            let moment = Instant::now() + Duration::from_millis(chance(longest));
            tokio::select! {
                _ = join_all(devices.iter_mut().map(|device| device.work(&url))) => {}
                () = wait::at(moment) => {}
            }
            relay.kill().await;
            if chance(8) == 0 {
                relay.start_in_vain(Duration::from_millis(chance(40))).await;
                done += 1;
            }
            relay.start_again().await;
            for device in &mut devices {
                device.hear_the_rest().await;
            }
            done += 1;
        }
        for device in &devices {
            let (told, all) = device.check(&relay).await;
            receipts += told;
            entries += all;
        }
    }
    assert!(receipts > kills, "{receipts} receipts in {kills} kills");
    fault::came(
        "faults_kills::killed_again_and_again_every_receipt_is_true",
        &format!(
            "{done} kills in {} s, {receipts} receipts, each in the transcript once; {entries} \
             entries, every chain holds",
            began.elapsed().as_secs()
        ),
    );
}

/// One device of a session, over all its connections.
struct Device {
    role: &'static str,
    token: String,
    session: String,
    peer: Option<Peer>,
    /// Cues that are neither recorded nor refused yet.
    kept: Vec<(String, &'static str, Value)>,
    /// Ids that the relay said are recorded.
    told: HashSet<String>,
    /// Ids of all cues that this device sent.
    tapped: Vec<String>,
}

async fn pairs(relay: &Relay) -> Vec<Device> {
    let url = relay.ws();
    let mut devices = Vec::new();
    for _ in 0..PAIRS {
        let receiver = Peer::create(&url, "receiver", waived()).await;
        let helper = Peer::join("helper", &url, &receiver.welcome_text("code")).await;
        for (role, peer) in [("receiver", receiver), ("helper", helper)] {
            devices.push(Device {
                role,
                token: peer.welcome_text("token"),
                session: peer.welcome_text("session"),
                peer: None,
                kept: Vec::new(),
                told: HashSet::new(),
                tapped: Vec::new(),
            });
        }
    }
    devices
}

impl Device {
    /// Reconnects, resends cues without a receipt, and taps until it is stopped.
    async fn work(&mut self, url: &str) {
        let Ok(mut peer) = Peer::try_connect(self.role, url).await else {
            return pending().await;
        };
        peer.send(json!({"type": "resume", "token": self.token}));
        let _ = peer.expect_kind("welcome").await;
        for (id, cue, epoch) in &self.kept {
            peer.cue_again(id, cue, epoch.clone());
        }
        self.peer = Some(peer);
        loop {
            self.tap();
            wait::at(Instant::now() + Duration::from_millis(1 + chance(6))).await;
        }
    }

    fn tap(&mut self) {
        let Some(peer) = &self.peer else { return };
        if self.kept.len() >= KEPT_AT_MOST {
            return self.hear();
        }
        let cues: &[&str] = if self.role == "receiver" {
            &[
                "stop",
                "ready",
                "ready",
                "slower",
                "left",
                "right",
                "ease_up",
                "more_pressure",
            ]
        } else {
            peer.state()["hold"]["id"].as_str().inspect(|id| {
                peer.shown(id);
                peer.acknowledge(id);
            });
            &["stop", "ready", "ready", "ready", "check_in"]
        };
        let cue = cues[usize::try_from(chance(cues.len() as u64)).unwrap_or(0)];
        let epoch = match cue {
            "stop" => Value::Null,
            _ => peer.state()["epoch"].clone(),
        };
        let id = new_id();
        peer.cue_again(&id, cue, epoch.clone());
        self.tapped.push(id.clone());
        self.kept.push((id, cue, epoch));
    }

    /// Takes in the receipts and refusals so far.
    fn hear(&mut self) {
        let Some(peer) = &self.peer else { return };
        let frames = peer.frames();
        self.told.extend(recorded(&frames));
        let refused: HashSet<_> = frames
            .iter()
            .filter(|frame| frame.kind() == "error" && frame.body["code"] != "unavailable")
            .filter_map(|frame| frame.body["id"].as_str())
            .collect();
        let told = &self.told;
        self.kept
            .retain(|(id, ..)| !told.contains(id) && !refused.contains(id.as_str()));
    }

    /// Takes in what the killed relay wrote before its end.
    async fn hear_the_rest(&mut self) {
        if let Some(peer) = &self.peer {
            until("the end of the connection", async || peer.closed()).await;
            self.hear();
            self.peer = None;
        }
    }

    /// Compares the record with this device's receipts. Returns the number of receipts, and of entries.
    async fn check(&self, relay: &Relay) -> (usize, usize) {
        let answer = record::ask(relay.addr(), &self.session, &self.token).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let transcript: Value = serde_json::from_slice(&answer.body).expect("JSON");
        record::check_order(&transcript);
        for id in &self.told {
            let entries = record::entries_of(&transcript, id);
            assert_eq!(
                entries.len(),
                1,
                "{id} was told to be recorded: {entries:#?}"
            );
        }
        for id in &self.tapped {
            let entries = record::entries_of(&transcript, id);
            assert!(entries.len() <= 1, "{id} counts twice: {entries:#?}");
        }
        if self.role == "receiver" {
            verify(&answer.body).await;
        }
        let entries = transcript["entries"].as_array().map_or(0, Vec::len);
        let own = usize::from(self.role == "receiver");
        (self.told.len(), own * entries)
    }
}

/// Runs the product's own `verify` on the transcript of a running session.
async fn verify(transcript: &[u8]) {
    let folder = folder();
    let file = folder.path().join("transcript.json");
    std::fs::write(&file, transcript).expect("the transcript in a file");
    let ran = Command::new(binary("tapcue"))
        .arg("verify")
        .arg(&file)
        .output()
        .await;
    let ran = ran.expect("the terminal client's binary");
    let words = String::from_utf8_lossy(&ran.stdout).into_owned();
    // Valid, and not sealed yet. Source: docs/transcript.md.
    assert_eq!(ran.status.code(), Some(5), "{words}");
}

/// A random number below `below`.
fn chance(below: u64) -> u64 {
    let (_, low) = Uuid::new_v4().as_u64_pair();
    (low & 0xffff_ffff) % below.max(1)
}
