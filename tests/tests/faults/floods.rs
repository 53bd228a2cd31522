//! A session that floods stays within its own share, and the relay takes and shows its every stop.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use tapcue_rules::cue::Role;
use tapcue_rules::entry::{Entry, What};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::state::LinkStatus;
use tapcue_server::journal::{Journal as _, Numbered, Priority, SqliteJournal};
use tapcue_tests::fault;
use tapcue_tests::pair::Pair;
use tapcue_tests::peer::{Frame, Peer, is_recorded, is_stop, new_id, recorded};
use tapcue_tests::raw::Raw;
use tapcue_tests::record::{check_order, transcript};
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::until;
use tokio::time::timeout;

/// How soon a stop without a receipt is sent again.
const AGAIN: Duration = Duration::from_millis(250);

/// Stops of the other pair during the flood.
const ROUNDS: usize = 25;

fn stop(id: &str) -> Value {
    json!({"type": "cue", "id": id, "cue": "stop"})
}

fn entries(transcript: &Value) -> &[Value] {
    transcript["entries"].as_array().map_or(&[], Vec::as_slice)
}

/// The number of stops in a transcript's entries.
fn stops_in(transcript: &Value) -> u64 {
    let stops = entries(transcript).iter().map(|entry| {
        let (recorded, result) = (&entry["recorded"], &entry["outcome"]["result"]);
        match recorded["what"].as_str() {
            Some("cue") if recorded["cue"] == "stop" && result == "taken" => 1,
            Some("stops") => recorded["count"].as_u64().expect("a count"),
            _ => 0,
        }
    });
    stops.sum()
}

/// The transcript, once it has this many stops.
async fn with_stops(relay: &Relay, of: &Peer, stops: u64) -> Value {
    loop {
        let transcript = transcript(relay.addr(), of).await;
        if stops_in(&transcript) >= stops {
            return transcript;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_stop_without_pause_stays_in_one_share() {
    let slow = [("FAILPOINTS", "before-commit-of-a-stop=sleep(20)")];
    let relay = Relay::start_with(&[], &slow).await;
    let mut other = Pair::live(&relay.ws()).await;
    let mut flooded = Pair::live(&relay.ws()).await;
    let mut raw = Raw::open(relay.addr()).await;
    let token = flooded.receiver.welcome_text("token");
    let hello = json!({"type": "resume", "token": token});
    raw.tell(&hello).await;
    raw.told("welcome").await;
    let Raw { mut ear, mut mouth } = raw;
    tokio::spawn(async move { while ear.hear().await.is_some() {} });
    let flood = tokio::spawn(async move {
        loop {
            let frame = stop(&new_id()).to_string();
            let frame = tapcue_tests::raw::frame(0x81, frame.as_bytes());
            if !mouth.say(&frame).await {
                return;
            }
        }
    });
    let many = |state: &Value| state["hold"]["count"].as_u64() > Some(2_000);
    flooded.helper.until("a flood", many).await;
    for _ in 0..ROUNDS {
        let id = other.receiver.cue("stop");
        other.helper.expect("the stop", is_stop(&id)).await;
        other.hands_off().await;
        other.both_ready().await;
    }
    flood.abort();
    // The queue for stops may be full, so the helper resends its stop, as a device does.
    let last = new_id();
    let helper = &mut flooded.helper;
    until("its record", async || {
        helper.cue_again(&last, "stop", Value::Null);
        let expected = helper.expect("its record", is_recorded(&last));
        timeout(AGAIN, expected).await.ok()
    })
    .await;
    for peer in [&other.receiver, &other.helper] {
        assert!(!peer.saw("unavailable"), "refused beside the flood");
    }
    let state = flooded.helper.state();
    let shown = state["hold"]["count"].as_u64().expect("a count");
    let transcript = with_stops(&relay, &flooded.helper, shown).await;
    let rows = entries(&transcript).len();
    let taken = stops_in(&transcript);
    let now = flooded.helper.state()["hold"]["count"].as_u64();
    assert_eq!(Some(taken), now, "each that was shown is in the record");
    assert_eq!(transcript["figures"]["stops"], taken);
    check_order(&transcript);
    // The first stops have one entry each; later ones share a few entries per second.
    assert!(rows < 1_000, "{rows} rows for {taken} stops");
    fault::came(
        "floods::who_says_stop_without_pause_stays_in_one_share",
        &format!("{ROUNDS} of {ROUNDS} of the other pair's; {taken} stops in {rows} entries"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_stop_of_many_is_shown_counted_and_answered() {
    let mut relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let ids: Vec<String> = (0..40).map(|_| pair.receiver.cue("stop")).collect();
    // A device resends its stops, and each still counts once.
    for id in &ids {
        pair.receiver.cue_again(id, "stop", Value::Null);
    }
    let newest = ids.last().expect("one").clone();
    let all = |state: &Value| state["hold"]["count"] == 40 && state["hold"]["id"] == *newest;
    pair.helper.until("forty stops", all).await;
    // The receipt of "shown" comes after the newest stop in the record, although that stop is only counted.
    pair.helper.shown(&newest);
    // As many stops as a device keeps.
    let kept: HashSet<String> = ids.iter().rev().take(32).cloned().collect();
    until("their receipts", async || {
        let here = recorded(&pair.receiver.frames());
        here.is_superset(&kept).then_some(())
    })
    .await;
    let transcript = with_stops(&relay, &pair.helper, 40).await;
    assert_eq!(stops_in(&transcript), 40);
    let counted = entries(&transcript).iter();
    let counted = counted.filter(|entry| entry["recorded"]["what"] == "stops");
    assert!(counted.count() > 0, "{transcript}");
    let shown = entries(&transcript).iter();
    let mut shown = shown.filter(|entry| entry["recorded"]["what"] == "shown");
    let taken =
        |entry: &Value| entry["recorded"]["of"] == *newest && entry["outcome"]["result"] == "taken";
    assert!(shown.any(taken), "{transcript}");
    relay.kill().await;
    relay.start_again().await;
    let mut pair = pair.back(&relay.ws()).await;
    let state = pair.helper.until_phase("held").await;
    assert_eq!(state["hold"]["count"], 40);
    assert_eq!(state["hold"]["reason"], "stop");
    // The relay knows each id, although it sent no receipt for it over this connection.
    for id in &kept {
        pair.receiver.cue_again(id, "stop", Value::Null);
    }
    until("their receipts again", async || {
        let here = recorded(&pair.receiver.frames());
        here.is_superset(&kept).then_some(())
    })
    .await;
    let transcript = with_stops(&relay, &pair.helper, 40).await;
    assert_eq!(stops_in(&transcript), 40);
    assert_eq!(pair.helper.state()["hold"]["count"], 40);
    pair.hands_off().await;
    pair.both_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_nothing_is_not_recorded() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let before = entries(&transcript(relay.addr(), &pair.helper).await).len();
    for peer in [&pair.receiver, &pair.helper] {
        for _ in 0..20 {
            peer.shown(&new_id());
            peer.acknowledge(&new_id());
        }
    }
    let cue = pair.receiver.cue("slower");
    let recorded = is_recorded(&cue);
    pair.receiver.expect("its record", recorded).await;
    let after = transcript(relay.addr(), &pair.helper).await;
    let whats: Vec<_> = entries(&after)[before..]
        .iter()
        .map(|entry| entry["recorded"]["what"].clone())
        .collect();
    assert_eq!(whats, ["cue"]);
}

/// Matches a state whose newest cue is this one.
fn of(id: &str) -> impl Fn(&Frame) -> Option<()> {
    move |frame| (frame.body["state"]["cue"]["id"] == id).then_some(())
}

/// The newest entry of a session.
async fn newest(journal: &SqliteJournal, session: SessionId) -> Numbered {
    let mut newest: Option<Numbered> = None;
    loop {
        let after = newest.as_ref().map_or(0, |newest| newest.seq);
        let page = journal.page(session, after, Priority::Live).await;
        let page = page.expect("it can be read");
        newest = page.entries.into_iter().next_back().or(newest);
        if !page.more {
            return newest.expect("an entry");
        }
    }
}

/// Appends link changes to a session's record until it has `to` entries.
async fn lengthen(relay: &mut Relay, session: SessionId, to: u64) {
    relay.ask_to_go();
    relay.gone().await;
    let journal = SqliteJournal::open(relay.data()).expect("the journal");
    let mut last = newest(&journal, session).await;
    let owned = journal.own(session).await.expect("it");
    for seq in last.seq + 1..=to {
        last.entry = Entry {
            id: Id::from_u128((7 << 100) | u128::from(seq)),
            at: last.entry.at,
            by: Some(Role::Receiver),
            what: What::Link {
                status: [LinkStatus::Here, LinkStatus::Late][seq as usize % 2],
            },
        };
        journal
            .append(session, last.entry.clone(), None)
            .expect("room");
    }
    journal.flush().await.expect("recorded");
    drop(owned);
    drop(journal);
    relay.start_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_has_a_bound_and_both_are_told_in_time() {
    let mut relay = Relay::start().await;
    let url = relay.ws();
    let pair = Pair::live(&url).await;
    let session = pair.helper.welcome_text("session");
    let session = SessionId(session.parse().expect("an id"));
    lengthen(&mut relay, session, 47_490).await;
    let mut pair = pair.back(&url).await;
    pair.hands_off().await;
    pair.both_ready().await;
    for n in 0..10 {
        let id = pair.receiver.cue(["slower", "ease_up"][n % 2]);
        pair.helper.expect("the cue", of(&id)).await;
    }
    for peer in [&pair.receiver, &pair.helper] {
        until("a word in time", async || {
            peer.saw("nearly_full").then_some(())
        })
        .await;
    }
    // Leaves room for link changes on a busy machine.
    lengthen(&mut relay, session, 49_975).await;
    let mut pair = pair.back(&url).await;
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let told = peer.expect_error("nearly_full").await;
        assert_eq!(told["fatal"], false, "{told}");
    }
    for n in 0..30 {
        pair.helper.confirm("set_up", n % 2 == 0);
    }
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let over = peer.until_phase("ended").await;
        assert!(over["ended"]["by"].is_null(), "{over}");
    }
    // It has ended like any session: a stop right after the end still holds both.
    let id = pair.receiver.cue("stop");
    pair.helper.expect("the stop", is_stop(&id)).await;
    pair.receiver.expect("its record", is_recorded(&id)).await;
    relay.ask_to_go();
    relay.gone().await;
    let journal = SqliteJournal::open(relay.data()).expect("the journal");
    let Numbered { seq, .. } = newest(&journal, session).await;
    assert!(seq < 50_020, "{seq} entries");
    fault::came(
        "floods::a_record_has_a_bound_and_both_are_told_in_time",
        &format!("{seq} entries at the end"),
    );
}
