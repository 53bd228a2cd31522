//! Stops that are recorded together, in each format of a transcript.

use tapcue_rules::cue::Cue;
use tapcue_rules::entry::What;
use tapcue_rules::ids::Id;
use tapcue_rules::language::Language;
use tapcue_rules::time::Millis;
use tapcue_transcript::{Became, Standing, seal, verify};

use crate::desk::{Desk, Helper, KEY, Receiver};
use crate::document::{assert_valid, schema};
use crate::sample::begun;

/// The receiver says stop, and seven more times within a moment.
fn counted() -> Desk {
    let mut desk = begun(9, "Ana", "Ben");
    let first = desk.wait(3_000).cue(Receiver, Cue::Stop);
    let since = desk.wait(100).now;
    let what = What::Stops {
        count: 7,
        since,
        earlier: vec![first],
        tapped_at: Some(Millis(since.0 + 150)),
        uncertainty_ms: Some(12),
    };
    let newest = desk.wait(200).enter(Some(Receiver), what);
    desk.wait(300).shown(Helper, newest);
    desk.wait(600).acknowledge(newest);
    desk.wait(3_000).enter(Some(Helper), What::Ended);
    desk
}

#[test]
fn stops_that_are_recorded_together_are_in_every_form() {
    let desk = counted();
    let transcript = desk.sealed(None);
    assert_valid(&schema(), &transcript);
    let verdict = verify(&transcript.json(), &[seal::public_key(&KEY)]);
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
    // The stops of the rehearsal and of live: 1, 1 and 7.
    let figures = transcript.figures();
    assert_eq!(figures.stops, 9);
    assert_eq!(Some(9), desk.session.state().ended.map(|ended| ended.stops));
    let of_stop = figures.cues.iter().find(|count| count.cue == Cue::Stop);
    assert_eq!(of_stop.map(|count| count.taken), Some(9));
    let csv = transcript.csv(Language::En);
    let line = csv.lines().find(|line| line.contains("\"stops\""));
    assert!(line.is_some_and(|line| line.contains("\"stop\"")), "{csv}");
    let html = transcript.html(Language::En, 0);
    assert!(html.contains("Stop again, 7×"), "{html}");
}

#[test]
fn a_counted_stop_that_is_sent_again_is_a_repeat() {
    let mut desk = begun(9, "Ana", "Ben");
    desk.wait(3_000).cue(Receiver, Cue::Stop);
    let since = desk.wait(100).now;
    let counted = Id::from_u128(77);
    let what = What::Stops {
        count: 2,
        since,
        earlier: vec![counted],
        tapped_at: None,
        uncertainty_ms: None,
    };
    desk.wait(200).enter(Some(Receiver), what);
    let again = desk.wait(200).cue_what(Cue::Stop, None);
    desk.enter_as(counted, Some(Receiver), again);
    let transcript = desk.read(None);
    let [.., count, again] = transcript.lines() else {
        panic!("{transcript:?}");
    };
    assert_eq!(count.outcome.result, Became::Taken);
    assert_eq!(count.outcome.repeats, 1);
    assert_eq!(
        (again.outcome.result, again.outcome.why),
        (Became::Repeat, None)
    );
    assert_eq!(again.outcome.of, Some(count.seq));
}

#[test]
fn a_count_that_was_changed_is_found() {
    let mut file = counted().sealed(None).to_value();
    let entries = file["entries"].as_array_mut().unwrap();
    let count = entries
        .iter_mut()
        .map(|entry| &mut entry["recorded"])
        .find(|recorded| recorded["what"] == "stops")
        .unwrap();
    count["count"] = 6.into();
    let verdict = verify(&file.to_string(), &[seal::public_key(&KEY)]);
    assert_eq!(verdict.standing, Standing::Broken);
}
