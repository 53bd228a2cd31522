//! The relay dies at the worst moment, freezes, is replaced, or loses one session's task.

use std::time::Duration;

use futures_util::future::join_all;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::{Frame, Peer, is_recorded, new_id, recorded};
use tapcue_tests::record;
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::{self, until};
use tokio::time::Instant;

/// How long the relay is frozen.
const FROZEN_FOR: Duration = Duration::from_secs(5);

/// The number of pairs during a rolling restart.
const PAIRS: usize = 50;

/// The time from the start of a new relay until every device is back: at most 1.6 s until its next attempt,
/// and 400 ms for that.
const BACK_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_latch_and_commit_the_stop_holds_and_counts_once() {
    let figure = killed_at("before-commit-of-a-stop", false).await;
    fault::came(
        "faults_process::killed_between_latch_and_commit_the_stop_holds_and_counts_once",
        &figure,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_commit_and_receipt_the_stop_counts_once() {
    let figure = killed_at("before-receipt-of-a-stop", true).await;
    fault::came(
        "faults_process::killed_between_commit_and_receipt_the_stop_counts_once",
        &figure,
    );
}

/// Kills a relay that pauses at `place` with a stop; `durable` says whether the stop is already on disk.
async fn killed_at(place: &str, durable: bool) -> String {
    let mut relay = Relay::start_with(&[], &[("FAILPOINTS", &format!("{place}=pause"))]).await;
    let mut pair = Pair::live(&relay.ws()).await;
    let epoch = pair.receiver.state()["epoch"].as_u64();
    let stop = pair.receiver.cue("stop");
    // The stop is latched, and both devices know it.
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let held = |state: &Value| state["hold"]["id"] == json!(stop);
        peer.until("held by the stop", held).await;
    }
    if durable {
        until("the commit", async || stands(&relay, &stop).then_some(())).await;
    }
    assert!(!recorded(&pair.receiver.frames()).contains(&stop));
    relay.kill().await;
    assert_eq!(stands(&relay, &stop), durable);

    relay.set_envs(&[]);
    let down = Instant::now();
    relay.start_again().await;
    let mut pair = pair.back(&relay.ws()).await;
    let state = pair.helper.until_phase("held").await;
    assert!(state["epoch"].as_u64() > epoch);
    if durable {
        assert_eq!(state["hold"]["id"], json!(stop));
    }
    // The device has no receipt, so it sends the stop again.
    pair.receiver.cue_again(&stop, "stop", Value::Null);
    pair.receiver.expect("its record", is_recorded(&stop)).await;
    let receipt = down.elapsed();
    let held = |state: &Value| state["hold"]["id"] == json!(stop);
    let state = pair.helper.until("held by the stop", held).await;
    assert_eq!(state["hold"]["reason"], "stop");
    assert_eq!(state["hold"]["count"], 1);
    let transcript = record::transcript(relay.addr(), &pair.helper).await;
    record::check_order(&transcript);
    assert_eq!(record::count(&transcript, &stop), 1);
    pair.hands_off().await;
    pair.both_ready().await;
    let before = if durable {
        "in the journal"
    } else {
        "lost from memory"
    };
    format!(
        "{before}; held by it, counted once, recorded {} after the restart",
        ms(receipt)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_one_session_holds_it_and_no_other() {
    let relay = Relay::start_with(&[], &[("FAILPOINTS", "in-a-session=return(good)")]).await;
    let mut struck = Pair::live(&relay.ws()).await;
    let mut other = Pair::live(&relay.ws()).await;
    let slower = struck.receiver.cue("slower");
    struck
        .receiver
        .expect("its record", is_recorded(&slower))
        .await;
    let epoch = struck.receiver.state()["epoch"].as_u64();
    let good = struck.receiver.cue("good");
    let panicked = Instant::now();
    for peer in [&mut struck.receiver, &mut struck.helper] {
        peer.expect_closed(1012).await;
    }
    let mut again = struck.back(&relay.ws()).await;
    let back = panicked.elapsed();
    for peer in [&mut again.receiver, &mut again.helper] {
        let state = peer.until_phase("held").await;
        assert!(state["epoch"].as_u64() > epoch);
        assert!(state["cue"].is_null());
    }
    // The relay sends no receipt before an entry is durable, and earlier receipts stay true.
    assert!(!recorded(&struck.receiver.frames()).contains(&good));
    let transcript = record::transcript(relay.addr(), &again.helper).await;
    record::check_order(&transcript);
    assert_eq!(record::count(&transcript, &slower), 1);
    again.hands_off().await;
    again.both_ready().await;
    let stop = again.helper.cue("stop");
    let held = |state: &Value| state["hold"]["id"] == json!(stop);
    again.receiver.until("its stop", held).await;

    assert_eq!(other.helper.state()["phase"], "live");
    let stop = other.receiver.cue("stop");
    let held = |state: &Value| state["hold"]["id"] == json!(stop);
    other.helper.until("its stop", held).await;
    other
        .receiver
        .expect("its record", is_recorded(&stop))
        .await;
    for peer in [&other.receiver, &other.helper] {
        assert_eq!(peer.closed(), None);
    }
    relay.until_logged("panicked").await;
    fault::came(
        "faults_process::a_panic_in_one_session_holds_it_and_no_other",
        &format!(
            "held and both back after {}; the other live, then stopped",
            ms(back)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_for_five_seconds_it_holds_and_shows_nothing_stale() {
    let relay = Relay::start().await;
    let mut pair = Pair::live(&relay.ws()).await;
    let mut stopped = Pair::live(&relay.ws()).await;
    let epoch = pair.receiver.state()["epoch"].as_u64();
    relay.freeze().await;
    let frozen = Instant::now();
    let stale = pair.receiver.cue("more_pressure");
    let stop = new_id();
    let relay_at = stopped.receiver.welcome("relay_at").as_u64();
    let tapped = json!({"type": "cue", "id": stop, "cue": "stop", "tapped_at": relay_at});
    stopped.receiver.send(tapped);
    wait::at(frozen + FROZEN_FOR).await;
    relay.thaw();
    let thawed = Instant::now();
    for peer in [&mut pair.receiver, &mut pair.helper] {
        let state = peer.until_phase("held").await;
        assert_eq!(state["hold"]["reason"], "link_lost");
        assert!(state["epoch"].as_u64() > epoch);
    }
    let held = |state: &Value| state["hold"]["id"] == json!(stop);
    let state = stopped.helper.until("the stop", held).await;
    let late = thawed.elapsed();
    let (at, tapped) = (&state["hold"]["since"], &state["hold"]["tapped_at"]);
    let age = at.as_u64().unwrap_or(0) - tapped.as_u64().expect("when it was tapped");
    assert!(age >= FROZEN_FOR.as_millis() as u64, "said {age} ms ago");
    let refused = pair.receiver.expect_error("stale").await;
    assert_eq!(refused["id"], json!(stale));
    let both = json!({"receiver": "here", "helper": "here"});
    for pair in [&mut pair, &mut stopped] {
        pair.helper
            .until("both here", |state| state["peers"] == both)
            .await;
        pair.hands_off().await;
        pair.both_ready().await;
    }
    assert!(
        !shown(&pair.helper, &stale),
        "a cue of before was shown after it"
    );
    fault::came(
        "faults_process::frozen_for_five_seconds_it_holds_and_shows_nothing_stale",
        &format!(
            "held by the lost links; a stop of meanwhile there {} after, said {age} ms ago",
            ms(late)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_brings_fifty_pairs_back_held() {
    let mut relay = Relay::start().await;
    let url = relay.ws();
    let pairs = join_all((0..PAIRS).map(|_| Pair::live(&url))).await;
    let epochs: Vec<_> = pairs
        .iter()
        .map(|pair| pair.helper.state()["epoch"].as_u64())
        .collect();
    relay.ask_to_go();
    let going = Instant::now();
    assert!(relay.gone().await.success());
    let gone = going.elapsed();
    for pair in &pairs {
        for peer in [&pair.receiver, &pair.helper] {
            assert!(peer.saw("shutting_down"), "each is told");
        }
    }
    let down = Instant::now();
    relay.start_again().await;
    let serving = down.elapsed();
    let url = relay.ws();
    let mut pairs = join_all(pairs.iter().map(|pair| pair.back(&url))).await;
    let back = down.elapsed();
    for (pair, epoch) in pairs.iter_mut().zip(epochs) {
        for peer in [&pair.receiver, &pair.helper] {
            assert_eq!(peer.state()["phase"], "held");
            assert!(peer.state()["epoch"].as_u64() > epoch);
        }
    }
    join_all(pairs.iter_mut().map(async |pair| {
        pair.hands_off().await;
        pair.both_ready().await;
    }))
    .await;
    assert!(back < BACK_WITHIN, "all back after {back:?}");
    fault::came(
        "faults_process::a_rolling_restart_brings_fifty_pairs_back_held",
        &format!(
            "gone after {}, serving {} after the start, {} devices back after {}, each pair live again",
            ms(gone),
            ms(serving),
            2 * PAIRS,
            ms(back)
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_an_older_session_opens_and_moves_nothing_in_a_newer() {
    let mut relay = Relay::start().await;
    let url = relay.ws();
    let mut old = Pair::live(&url).await;
    let cue = old.receiver.cue("more_pressure");
    old.receiver.expect("its record", is_recorded(&cue)).await;
    let old_token = old.receiver.welcome("token");
    old.helper.send(json!({"type": "end"}));
    old.receiver.until_phase("ended").await;
    let mut new = Pair::live(&url).await;
    // A cue with an epoch that the newer session also had.
    let stale = new.receiver.state()["epoch"].clone();
    let stop = new.helper.cue("stop");
    let held = |state: &Value| state["hold"]["id"] == json!(stop);
    new.helper.until("the stop", held).await;
    new.hands_off().await;
    new.both_ready().await;
    for restarted in [false, true] {
        // The new session's device sends frames of the old session: another hello, and an old cue.
        new.receiver
            .send(json!({"type": "resume", "token": old_token}));
        let refused = new.receiver.expect_error("bad_message").await;
        assert_eq!(refused["fatal"], false);
        new.receiver.cue_again(&cue, "more_pressure", stale.clone());
        // The first time it is refused; after that its id is known.
        new.receiver.expect("its record", is_recorded(&cue)).await;
        let refused = |frame: &Frame| frame.body["code"] == "stale" && frame.body["id"] == cue;
        assert_eq!(new.receiver.frames().iter().any(refused), !restarted);
        assert!(!new.helper.saw(&cue));
        assert_eq!(new.helper.state()["phase"], "live");
        // The old token opens its own ended session and changes nothing.
        let mut back = Peer::resume("back", &relay.ws(), old_token.as_str().unwrap_or("")).await;
        assert_eq!(back.state()["phase"], "ended");
        let _ = back.cue("ready");
        back.expect_error("ended").await;
        // The result is the same after a restart.
        relay.kill().await;
        relay.start_again().await;
        new = new.back(&relay.ws()).await;
        new.hands_off().await;
        new.both_ready().await;
    }
    // A token fails with the secret of another session, and with a truncated secret.
    let own = new.receiver.welcome_text("token");
    let (own_session, own_secret) = own.split_once('.').expect("a token in two parts");
    let old_token = old_token.as_str().unwrap_or("");
    let (old_session, old_secret) = old_token.split_once('.').expect("a token in two parts");
    for token in [
        format!("{own_session}.{old_secret}"),
        format!("{old_session}.{own_secret}"),
        format!("{own_session}.{}", &own_secret[1..]),
    ] {
        let mut thief = Peer::connect("thief", &relay.ws()).await;
        thief.send(json!({"type": "resume", "token": token}));
        thief.expect_error("bad_token").await;
        thief.expect_closed(4003).await;
    }
    assert_eq!(new.helper.state()["phase"], "live");
    fault::came(
        "faults_process::what_is_of_an_older_session_opens_and_moves_nothing_in_a_newer",
        "refused (stale, ended, bad_token), before and after a kill; the newer session stays live",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_holds_and_is_told_to_the_one_it_was_stolen_from() {
    let relay = Relay::start().await;
    let mut pair = Pair::open_at(&relay.ws(), &relay.ws(), waived()).await;
    pair.both_ready().await;
    let code = pair.receiver.welcome_text("code");
    let token = pair.helper.welcome_text("token");
    let stolen = Instant::now();
    let thief = Peer::resume("thief", &relay.ws(), &token).await;
    pair.helper.expect_error("superseded").await;
    pair.helper.expect_closed(4001).await;
    let state = pair.receiver.until_phase("held").await;
    let held = stolen.elapsed();
    assert_eq!(state["hold"]["reason"], "link_lost");
    // The thief cannot make anything live alone, and the session's code lets no third device in.
    let _ = thief.cue("ready");
    let mut third = Peer::connect("third", &relay.ws()).await;
    third.send(json!({"type": "join", "code": code}));
    third.expect_error("taken").await;
    assert_eq!(pair.receiver.state()["phase"], "held");
    fault::came(
        "faults_process::a_stolen_token_holds_and_is_told_to_the_one_it_was_stolen_from",
        &format!(
            "held after {}, the owner told \"superseded\"; nothing live by the thief alone",
            ms(held)
        ),
    );
}

/// Whether a cue is in the relay's journal, read by another process.
fn stands(relay: &Relay, id: &str) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(relay.database(), flags).expect("the database");
    let count = database.query_row(
        "SELECT count(*) FROM (SELECT body FROM log UNION ALL SELECT body FROM entries)
         WHERE instr(body, ?1) > 0",
        [id],
        |row| row.get::<_, u32>(0),
    );
    count.expect("a count") > 0
}

/// Whether this device's screen ever showed a cue.
fn shown(peer: &Peer, id: &str) -> bool {
    let is_it = |frame: &Frame| frame.body["state"]["cue"]["id"] == json!(id);
    peer.frames().iter().any(is_it)
}
