//! Only progress counts: a device that answers states without taking them is lost.

use std::time::Duration;

use serde_json::{Value, json};
use tapcue_tests::fault::{self, ms};
use tapcue_tests::pair::Pair;
use tapcue_tests::relay::Relay;
use tokio::time::{Instant, interval};

/// The relay notices an untaken state within this time: the link timeout, plus 250 ms.
const LOST_WITHIN: Duration = Duration::from_millis(2_250);

/// Far below the link timeout: an earlier loss is too soon.
const NOT_BEFORE: Duration = Duration::from_millis(1_400);

/// The interval of the answers: several within the link timeout.
const ANSWERS_EVERY: Duration = Duration::from_millis(100);

/// A device's wrong answer to a state: from the state's `seq` and the number of answers so far.
type Answer = fn(u64, u64) -> u64;

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_with_an_old_received_is_lost() {
    let relay = Relay::start().await;
    let answers: [(&str, Answer); 5] = [
        ("the one before", |sent, _| sent - 1),
        ("nothing", |_, _| 0),
        ("one of the future", |sent, nth| sent + 1_000 + nth),
        ("the largest", |_, _| u64::MAX),
        ("one that falls", |sent, nth| sent.saturating_sub(1 + nth)),
    ];
    let mut took = Duration::ZERO;
    for (what, answer) in answers {
        let mut pair = Pair::live(&relay.ws()).await;
        pair.helper.set_takes(false);
        let left = pair.receiver.cue("left");
        let sent = Instant::now();
        let state = pair
            .helper
            .until("left", |state| state["cue"]["id"] == json!(left))
            .await;
        let seq = state["seq"].as_u64().expect("a seq");
        let lost = |state: &Value| state["peers"]["helper"] == "lost";
        let mut every = interval(ANSWERS_EVERY);
        for nth in 0_u64.. {
            every.tick().await;
            if lost(&pair.receiver.state()) {
                break;
            }
            assert!(sent.elapsed() < LOST_WITHIN, "{what}: not lost");
            pair.helper
                .send(json!({"type": "received", "seq": answer(seq, nth)}));
        }
        assert!(sent.elapsed() > NOT_BEFORE, "{what}: lost too soon");
        took = took.max(sent.elapsed());
        let state = pair.receiver.until_phase("held").await;
        assert_eq!(state["hold"]["reason"], "link_lost", "{what}");
        // Once it takes the state it is here again, and the session stays held.
        let newest = pair.helper.state()["seq"].clone();
        pair.helper.set_takes(true);
        pair.helper.send(json!({"type": "received", "seq": newest}));
        pair.receiver
            .until("the helper here", |state| {
                state["peers"]["helper"] == "here"
            })
            .await;
        assert_eq!(pair.receiver.state()["phase"], "held");
    }
    fault::came(
        "progress::who_answers_with_an_old_received_is_lost",
        &format!(
            "lost after {} at most, held, five ways of answering",
            ms(took)
        ),
    );
}
