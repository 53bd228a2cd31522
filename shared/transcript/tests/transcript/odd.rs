//! A session of rare events: stops on stops, questions without a result, receipts with impossible claims,
//! thumbs lifted before they came down.

use tapcue_rules::cue::Cue;
use tapcue_rules::entry::{Timer, What};
use tapcue_rules::language::Language;
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::state::{HoldReason, LinkStatus, Options, Phase};
use tapcue_rules::time::Millis;
use tapcue_transcript::{Band, Became, Line, Transcript, Why};

use crate::desk::{Desk, Helper, Receiver, session_id};
use crate::sample::begun;

/// A stop that took longer counts as late, in milliseconds. Source: docs/safety.md, "The clock".
const AGE_MS: u64 = 500;

/// The helper's name has double-width characters.
pub(crate) fn odd() -> Desk {
    let mut desk = begun(5, "Ana", "山田 \u{1f64f}");
    stops_on_stops(&mut desk);
    questions(&mut desk);
    receipts(&mut desk);
    desk.both_ready();
    in_one_moment(&mut desk);
    desk.both_ready();
    desk.wait(7_000)
        .confirm(Receiver, ConfirmItem::WarningSigns, true);
    desk.wait(2_000)
        .confirm(Receiver, ConfirmItem::WarningSigns, false);
    desk.both_ready();
    desk.wait(3_000).cue(Helper, Cue::CheckIn);
    desk.wait(4_000).enter(None, What::Ended);
    desk.link(Helper, LinkStatus::Late);
    desk.wait(10).link(Receiver, LinkStatus::Lost);
    desk.wait(5).link(Helper, LinkStatus::Away);
    desk.wait(3_000).note(Helper, true, "", Some(12));
    desk
}

/// The receiver repeats stop because no answer comes; the helper says stop too.
fn stops_on_stops(desk: &mut Desk) {
    desk.wait(61_000).cue(Receiver, Cue::Stop);
    desk.wait(1_500).cue(Receiver, Cue::Stop);
    let newest = desk.wait(800).cue(Receiver, Cue::Stop);
    desk.wait(300).shown(Helper, newest);
    desk.wait(400).cue(Receiver, Cue::Stop);
    let helpers = desk.wait(200).cue(Helper, Cue::Stop);
    desk.wait(90).shown(Receiver, helpers);
    let slower = desk.wait(500).cue(Receiver, Cue::Slower);
    desk.wait(80).shown(Helper, slower);
    desk.wait(600).acknowledge(slower);
    desk.both_ready();
}

/// A stop drops one question, and a lost link another; one is asked twice by hand.
fn questions(desk: &mut Desk) {
    desk.wait(9_000).cue(Helper, Cue::CheckIn);
    desk.wait(1_000).cue(Helper, Cue::Stop);
    desk.both_ready();
    let first = desk.wait(9_000).cue(Helper, Cue::CheckIn);
    desk.wait(100).shown(Receiver, first);
    desk.wait(2_000).cue(Helper, Cue::CheckIn);
    desk.wait(700).cue(Receiver, Cue::EaseUp);
    desk.wait(90_000).due(Timer::CheckIn);
    desk.wait(2_000).link(Receiver, LinkStatus::Lost);
    desk.wait(2_000).link(Receiver, LinkStatus::Here);
    desk.both_ready();
}

/// A device claims paints before the stop's hold was renewed, before the cue was said, and in the future.
fn receipts(desk: &mut Desk) {
    let claims = |desk: &mut Desk, of, painted_at| {
        let what = What::Shown {
            of,
            painted_at,
            uncertainty_ms: Some(7),
        };
        desk.enter(Some(Helper), what);
    };
    let slower = desk.wait(6_000).cue(Receiver, Cue::Slower);
    claims(desk.wait(200), slower, Some(Millis(1)));
    let left = desk.wait(6_000).cue(Receiver, Cue::Left);
    claims(desk.wait(200), left, Some(Millis(u64::MAX / 4)));
    let right = desk.wait(6_000).cue(Receiver, Cue::Right);
    claims(desk.wait(200), right, None);
    let stop = desk.wait(6_000).cue(Receiver, Cue::Stop);
    let early = Some(Millis(desk.now.0 + 30));
    desk.wait(2_000).link(Helper, LinkStatus::Lost);
    desk.wait(3_000).link(Helper, LinkStatus::Here);
    claims(desk.wait(100), stop, early);
}

/// Holds and losses so close together that one character of a terminal's timeline stands for all.
fn in_one_moment(desk: &mut Desk) {
    desk.wait(20_000).link(Receiver, LinkStatus::Away);
    desk.wait(60).link(Receiver, LinkStatus::Lost);
    desk.wait(60).link(Receiver, LinkStatus::Here);
    let late = desk.wait(60).cue_what(Cue::Stop, Some(AGE_MS));
    desk.enter(Some(Receiver), late);
    desk.both_ready();
    // The lost link holds, and in the same millisecond a stop does.
    desk.wait(5_000).link(Helper, LinkStatus::Lost);
    desk.cue(Receiver, Cue::Stop);
    desk.wait(50).link(Helper, LinkStatus::Here);
}

/// Hold to consent: a lift overtakes its thumb's message, and a lift comes while no thumb is down.
pub(crate) fn overtaken() -> Desk {
    let options = Options {
        hold_to_consent: true,
        rehearsal: false,
        setup: false,
        check_in_every_s: 0,
        keep: "none".to_owned().try_into().unwrap(),
    };
    let mut desk = Desk::opened(session_id(6), options, None);
    desk.wait(3_000).join(None);
    desk.painted();
    let later = tapcue_rules::ids::Id::from_u128(77);
    desk.wait(2_000).thumb(Some(later));
    let down = What::Thumb {
        down: true,
        epoch: Some(desk.session.epoch()),
        lifts: None,
        tapped_at: None,
        uncertainty_ms: None,
    };
    desk.wait(30).enter_as(later, Some(Receiver), down);
    let known = desk.wait(1_000).thumb(None);
    // Resent, because its device got no answer.
    let again = desk.entries[desk.entries.len() - 1].what.clone();
    desk.wait(90).enter_as(known, Some(Receiver), again);
    desk.wait(1_000).thumb(Some(known));
    desk.wait(1_000).enter(Some(Receiver), What::Ended);
    desk
}

fn stops(transcript: &Transcript) -> Vec<&Line> {
    let lines = transcript.lines().iter();
    let is_stop = |line: &&Line| matches!(line.entry.what, What::Cue { cue: Cue::Stop, .. });
    lines.filter(is_stop).collect()
}

#[test]
fn a_stop_is_seen_with_the_newer_ones_of_its_person_and_answered_with_all_of_the_hold() {
    let transcript = odd().read(None);
    // After the rehearsal's stop: three of the receiver, one more, and the helper's.
    let five = &stops(&transcript)[1..6];
    let after = |line: &Line, at: Option<Millis>| at.map(|at| at.since(line.at));
    let shown: Vec<_> = five
        .iter()
        .map(|line| after(line, line.outcome.shown_at))
        .collect();
    assert_eq!(shown, [Some(2_580), Some(1_080), Some(280), None, Some(70)]);
    let answered: Vec<_> = five
        .iter()
        .map(|line| after(line, line.outcome.acknowledged_at))
        .collect();
    let of_the_last = 90 + 500 + 80 + 600 + 35 + 900;
    assert_eq!(answered[4], Some(of_the_last));
    assert_eq!(
        answered[0],
        Some(of_the_last + 200 + 400 + 300 + 800 + 1_500)
    );
}

#[test]
fn a_paint_is_believed_as_far_as_it_can_be_true() {
    let transcript = odd().read(None);
    let lines = transcript.lines();
    let claims = lines.iter().filter(|line| {
        let uncertainty = match line.entry.what {
            What::Shown { uncertainty_ms, .. } => uncertainty_ms,
            _ => None,
        };
        uncertainty == Some(7)
    });
    let shown = claims.map(|claim| {
        let of = &lines[claim.outcome.of.unwrap() as usize - 1];
        let What::Cue { cue, .. } = of.entry.what else {
            panic!("{claim:?}");
        };
        (cue, of.outcome.shown_at.unwrap().since(of.at))
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            (Cue::Slower, 0),
            (Cue::Left, 200),
            (Cue::Right, 200),
            // Its hold was renewed when the link was lost; this screen cannot have shown it before.
            (Cue::Stop, 2_000),
        ]
    );
}

#[test]
fn a_hold_of_no_time_at_all_is_no_part_of_the_story() {
    let transcript = odd().read(None);
    let bands = &transcript.timeline().bands;
    let instant = |band: &&Band| band.to == Some(band.from) && band.phase == Phase::Held;
    assert_eq!(bands.iter().filter(instant).count(), 1);
    let page = transcript.html(Language::En, 0);
    assert!(
        !page.contains("0 ms)") && !page.contains(" 0 ms<"),
        "nor anywhere"
    );
}

#[test]
fn what_comes_after_the_end_is_nobodys_work() {
    let transcript = odd().read(None);
    let links = &transcript.figures().links;
    assert_eq!((links.receiver.lost, links.helper.away), (2, 0));
    assert_eq!(links.helper.late, 0, "in the same millisecond as the end");
    let questions = &transcript.figures().check_ins;
    assert_eq!((questions.by_helper, questions.by_relay), (3, 1));
    assert_eq!((questions.answered, questions.dropped), (1, 3));
}

#[test]
fn a_thumb_that_was_lifted_before_it_came_down_is_told_as_such() {
    let desk = overtaken();
    assert_eq!(desk.session.phase(), Phase::Ended);
    let transcript = desk.read(None);
    let thumbs = transcript.lines().iter().filter_map(|line| {
        let What::Thumb { down, .. } = line.entry.what else {
            return None;
        };
        Some((down, line.outcome.result, line.outcome.why))
    });
    assert_eq!(
        thumbs.collect::<Vec<_>>(),
        [
            (false, Became::Ignored, Some(Why::Already)),
            (true, Became::Ignored, Some(Why::Overtaken)),
            (true, Became::Taken, None),
            (true, Became::Repeat, None),
            (false, Became::Taken, None),
        ]
    );
    let holds = transcript.figures().holds.iter();
    assert_eq!(
        holds
            .filter(|hold| hold.reason == HoldReason::Released)
            .count(),
        0
    );
}

#[test]
fn a_ready_that_changes_nothing_is_told_from_a_tap_that_bounced() {
    let mut desk = begun(7, "Ana", "Ben");
    let before = desk.entries.len();
    let ready = |desk: &mut Desk, ms: u64| {
        desk.wait(ms).cue(Receiver, Cue::Ready);
    };
    // Already live; the same tap; too late for the same tap; another cue in between; the other person's.
    ready(&mut desk, 5_000);
    ready(&mut desk, 100);
    ready(&mut desk, 149);
    ready(&mut desk, 1);
    desk.wait(50).cue(Receiver, Cue::Slower);
    ready(&mut desk, 50);
    desk.wait(50).cue(Helper, Cue::Ready);
    ready(&mut desk, 60);
    // A ready of an earlier hold is stale, and no later tap counts as its double.
    let old = What::Cue {
        cue: Cue::Ready,
        epoch: Some(desk.session.epoch() - 1),
        tapped_at: None,
        uncertainty_ms: None,
    };
    desk.wait(5_000).enter(Some(Receiver), old);
    ready(&mut desk, 50);
    let transcript = desk.read(None);
    let readies = transcript.lines().iter().skip(before).filter_map(|line| {
        matches!(
            line.entry.what,
            What::Cue {
                cue: Cue::Ready,
                ..
            }
        )
        .then_some(line.outcome.why)
    });
    let (already, same) = (Some(Why::Already), Some(Why::SameTap));
    assert_eq!(
        readies.collect::<Vec<_>>(),
        [
            already, same, same, already, already, already, same, None, already
        ]
    );
}

#[test]
fn a_ready_to_a_hold_that_was_on_no_screen_is_told_from_a_reflex() {
    let mut desk = begun(8, "Ana", "Ben");
    desk.wait(5_000).cue(Receiver, Cue::Stop);
    let before = desk.entries.len();
    for ms in [100, 5_000] {
        desk.wait(ms).cue(Receiver, Cue::Ready);
    }
    let transcript = desk.read(None);
    let lines = transcript.lines().iter().skip(before);
    let why: Vec<_> = lines.map(|line| line.outcome.why).collect();
    assert_eq!(why, [Some(Why::Reflex), Some(Why::Unseen)]);
}

#[test]
fn what_happens_while_a_question_is_open_is_about_what_it_names() {
    let mut desk = begun(9, "Ana", "Ben");
    let slower = desk.wait(3_000).cue(Receiver, Cue::Slower);
    desk.wait(100).cue(Helper, Cue::CheckIn);
    desk.wait(100).shown(Helper, slower);
    let again = desk.wait(300).cue(Helper, Cue::CheckIn);
    let transcript = desk.read(None);
    let of = |n: usize| transcript.lines()[transcript.lines().len() - n].outcome.of;
    let place = crate::sample::place(&desk, slower);
    assert_eq!(of(2), Some(place));
    assert_eq!(of(1), Some(place + 1), "asked again: {again}");
}
