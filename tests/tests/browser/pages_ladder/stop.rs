//! The rows of the stop.

use std::time::Duration;

use tapcue_tests::browser::{Kind, Page, wall_clock_ms};
use tapcue_tests::pages::TwoPages;
use tapcue_tests::proxy::{Message, Toward, Way};
use tokio::time::Instant;

use super::rows::{
    AGAIN_EVERY_MS, ALLOWED_MS, AT_ONCE, NOT_ACKNOWLEDGED_MS, NOT_SHOWN_MS, TOLD_WITHIN_MS,
    alarmed, is, repeats, row, timer, until_alarm, until_red, waived,
};

const STOP: &str = "[data-cue=stop]";

/// The stops that a device sent, and the largest count of stops in a state.
fn stops(messages: &[Message], from: Instant) -> (Vec<&Message>, u64) {
    let after = messages.iter().filter(|message| message.at >= from);
    let (sent, heard): (Vec<_>, Vec<_>) = after.partition(|it| it.toward == Toward::Relay);
    let counts = heard
        .iter()
        .filter_map(|it| it.body["state"]["hold"]["count"].as_u64());
    let sent = sent.into_iter().filter(|it| it.is_cue("stop"));
    (sent.collect(), counts.max().unwrap_or(0))
}

/// Row 0 and the row of 250 ms: red and audible at once, and sent again until the state carries it.
async fn at_once_and_again(pages: &TwoPages) {
    let TwoPages {
        receiver,
        helper,
        receiver_network: network,
        helper_network,
        ..
    } = pages;
    let began = Instant::now();
    network.set(Way::Open, Way::Silent);
    receiver.tap(STOP).await;
    let four = network
        .recorder()
        .first(4, began, "a stop", |it| it.is_cue("stop"))
        .await;
    let restored = Instant::now();
    network.restore();
    until_red(helper).await;
    until_red(receiver).await;
    until_alarm(receiver, "").await;

    let tapped = receiver.touched("stop").await;
    let red = receiver
        .first_shown(tapped, "red", |it| it.is_coloured("stop"))
        .await;
    row("receiver: tap → own page red", AT_ONCE, red - tapped);
    let aloud = receiver.heard().await;
    let aloud = aloud
        .iter()
        .find(|it| it.at >= tapped && is(it, Kind::Words, "Stop"));
    let aloud = aloud.expect("stop, said aloud").at;
    row("receiver: tap → said aloud", AT_ONCE, aloud - tapped);
    let tune = receiver.tunes(tapped).await[0];
    row("receiver: tap → the siren", AT_ONCE, tune - tapped);
    let alarm = alarmed(receiver, tapped, "not_delivered").await;
    timer("receiver: not delivered", NOT_SHOWN_MS, alarm - tapped);

    let ids: Vec<_> = four.iter().map(|it| &it.body["id"]).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "one id: {ids:?}");
    for two in four.windows(2) {
        let pause = u64::try_from((two[1].at - two[0].at).as_millis()).expect("a pause");
        // After a late timer the next one comes sooner, but never sooner than half the interval.
        row(
            "receiver: sent again",
            AGAIN_EVERY_MS / 2..=AGAIN_EVERY_MS + ALLOWED_MS,
            pause,
        );
    }
    let messages = network.recorder().messages();
    // A state that came while the page's network was cut does not count.
    let carried = messages
        .iter()
        .find(|it| it.at >= restored && it.body["state"]["hold"]["reason"] == "stop");
    let carried = carried.map_or(restored, |it| it.at);
    let (sent, _) = stops(&messages, began);
    println!("row: the stop was sent {} times in all", sent.len());
    let late = sent.last().expect("a stop").at;
    assert!(
        late <= carried + Duration::from_millis(AGAIN_EVERY_MS + ALLOWED_MS),
        "it was sent although the state carried it"
    );
    let messages = helper_network.recorder().messages();
    let (_, counted) = stops(&messages, began);
    assert_eq!(counted, 1, "one id is one stop, however often it is sent");
}

/// The rows of 0.5 s and of late arrival: the receiver's network fails at the tap. Returns when it was back.
async fn not_delivered_and_late(pages: &TwoPages) -> u64 {
    let TwoPages {
        receiver,
        helper,
        receiver_network: network,
        ..
    } = pages;
    network.cut();
    let cut = wall_clock_ms();
    receiver.tap(STOP).await;
    let hint = receiver.text(".stop-hint").await;
    until_alarm(receiver, "not_delivered").await;
    let tapped = receiver.touched("stop").await;
    if wall_clock_ms() - tapped < NOT_SHOWN_MS {
        let hint = hint.unwrap_or_default();
        assert!(hint.starts_with("Sending"), "shown while sending: {hint:?}");
    }
    let words = receiver.text(".stop-hint").await.unwrap_or_default();
    assert!(
        words.starts_with("Not delivered: say"),
        "shown when not delivered: {words:?}"
    );
    let alarm = alarmed(receiver, tapped, "not_delivered").await;
    timer(
        "receiver: not delivered, no network",
        NOT_SHOWN_MS,
        alarm - tapped,
    );
    let red = helper.shown().await;
    let early = red
        .iter()
        .any(|it| it.at >= cut && it.at <= alarm && it.is_coloured("stop"));
    assert!(!early, "nothing has reached the helper's page yet");

    // The stop does not get through; the silence causes the hold.
    helper.until_screen("held").await;
    let told = helper
        .first_shown(cut, "held", |it| it.screen == "held")
        .await;
    row("helper: silence → held", 0..=TOLD_WITHIN_MS, told - cut);
    receiver.until_screen("lost").await;
    assert!(receiver.is_coloured("stop").await, "still red: a stop");
    until_alarm(receiver, "not_delivered").await;
    repeats(receiver, tapped, "Not delivered. Say stop out loud.").await;

    network.restore();
    let restored = wall_clock_ms();
    until_red(helper).await;
    let late = helper
        .first_shown(restored, "red", |it| it.is_coloured("stop"))
        .await;
    println!(
        "row: helper: the late stop is red | {} ms after the network was back, {} ms after the tap",
        late - restored,
        late - tapped
    );
    receiver
        .until("no more \"not delivered\"", async || {
            let alarm = receiver.attribute("body", "data-alarm").await;
            alarm.is_none_or(|alarm| alarm != "not_delivered")
        })
        .await;
    let words = receiver.text(".stop-hint").await.unwrap_or_default();
    assert!(!words.starts_with("Not delivered"), "{words:?}");
    restored
}

/// The row of 3 s on both pages, from when the state with the newest stop reached each page. A message that
/// the receiver's or the helper's proxy held back passed at `opened`.
async fn not_acknowledged(pages: &TwoPages, opened: [u64; 2]) {
    let both = [&pages.receiver, &pages.helper];
    for page in both {
        until_alarm(page, "not_acknowledged").await;
    }
    let told = pages.newest_stop_told();
    for ((page, told), opened) in both.into_iter().zip(told).zip(opened) {
        let known = told.max(opened);
        let alarm = alarmed(page, known, "not_acknowledged").await;
        let bound = format!("{}: not acknowledged", page.name());
        timer(&bound, NOT_ACKNOWLEDGED_MS, alarm - known);
    }
}

/// "Hands off" ends the alarm on both; the red stays until live.
async fn acknowledged(pages: &TwoPages) {
    let both = [&pages.receiver, &pages.helper];
    pages.hands_off().await;
    let done = wall_clock_ms();
    for page in both {
        until_alarm(page, "").await;
        assert!(page.is_coloured("stop").await, "the red stays");
    }
    pages.both_ready().await;
    for page in both {
        let shown = page.shown().await;
        let after: Vec<_> = shown.iter().filter(|it| it.at >= done).collect();
        let live = after.iter().position(|it| it.screen == "live");
        let until_live = &after[..live.expect("live")];
        assert!(
            until_live
                .iter()
                .all(|it| it.is_coloured("stop") && !it.go && it.alarm.is_empty()),
            "{}: red and quiet until live: {until_live:#?}",
            page.name()
        );
    }
    assert!(pages.helper.is_coloured("go").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receivers_stop_down_the_ladder() {
    let pages = TwoPages::live_with(waived(), &[]).await;
    at_once_and_again(&pages).await;
    acknowledged(&pages).await;
    let restored = not_delivered_and_late(&pages).await;
    not_acknowledged(&pages, [restored, 0]).await;
    for page in [&pages.receiver, &pages.helper] {
        let alarm = alarmed(page, restored, "not_acknowledged").await;
        repeats(page, alarm, "Stop. Hands off.").await;
    }
    acknowledged(&pages).await;
    pages.close().await;
}

/// The helper's own stop. The receiver's muted sound hides nothing on its screen.
#[tokio::test(flavor = "multi_thread")]
async fn the_helpers_stop_down_the_ladder_before_a_muted_receiver() {
    let pages = TwoPages::live_with(waived(), &["receiver"]).await;
    let TwoPages {
        receiver,
        helper,
        helper_network: network,
        receiver_network,
        ..
    } = &pages;
    let began = Instant::now();
    network.set(Way::Open, Way::Silent);
    helper.tap(STOP).await;
    let four = network
        .recorder()
        .first(4, began, "a stop", |it| it.is_cue("stop"))
        .await;
    network.restore();
    let restored = wall_clock_ms();
    assert!(four.iter().all(|it| it.body["id"] == four[0].body["id"]));
    until_red(receiver).await;
    let tapped = helper.touched("stop").await;
    let red = helper
        .first_shown(tapped, "red", |it| it.is_coloured("stop"))
        .await;
    row("helper: tap → own page red", AT_ONCE, red - tapped);
    let alarm = alarmed(helper, tapped, "not_delivered").await;
    timer("helper: not delivered", NOT_SHOWN_MS, alarm - tapped);
    let messages = receiver_network.recorder().messages();
    assert_eq!(stops(&messages, began).1, 1, "counted once");

    not_acknowledged(&pages, [0, restored]).await;
    let from = alarmed(helper, tapped, "not_acknowledged").await;
    repeats(helper, from, "Stop. Hands off.").await;
    shows_without_a_sound(receiver).await;
    acknowledged(&pages).await;
    pages.close().await;
}

/// The page shows colour, alarm and vibration, without tunes or words.
async fn shows_without_a_sound(page: &Page) {
    until_alarm(page, "not_acknowledged").await;
    assert!(page.is_coloured("stop").await);
    assert_eq!(page.screen().await, "held");
    let heard = page.heard().await;
    let of = |kind| heard.iter().filter(move |it| it.kind == kind).count();
    let (tones, words, buzzes) = (of(Kind::Tone), of(Kind::Words), of(Kind::Buzz));
    let who = page.name();
    println!("row: {who} muted: red, alarm | tones {tones}, words {words}, vibrations {buzzes}");
    assert_eq!((tones, words), (0, 0), "it is muted");
    assert!(buzzes > 0, "it still vibrates");
}
