//! What a transcript derives agrees with the session machine, for sample and random sessions and all their
//! prefixes.

use std::collections::BTreeSet;

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::What;
use tapcue_rules::language::Language;
use tapcue_rules::message::ErrorCode;
use tapcue_rules::state::{HoldReason, Phase, Spread};
use tapcue_rules::time::Millis;
use tapcue_transcript::{
    Answer, Became, Line, Outcome, ReadError, Standing, Then, Transcript, Waiver, Why, verify,
};

use crate::desk::{Desk, Helper, Receiver};
use crate::hour::hour;
use crate::odd::{odd, overtaken};
use crate::sample::{random, rich};

#[test]
fn figures_are_the_sessions_own_and_follow_from_what_became_of_each_entry() {
    let desks =
        (0..60)
            .map(|seed| random(seed, 120))
            .chain([rich(), odd(), overtaken(), hour(500)]);
    for desk in desks {
        let transcript = desk.read(None);
        let ended = desk.session.state().ended.unwrap();
        let figures = transcript.figures();
        assert_eq!(figures.live_ms, ended.live_ms);
        assert_eq!(figures.stops, ended.stops);
        assert_eq!(figures.stop_shown, ended.stop_shown);
        assert_eq!(figures.stop_acknowledged, ended.stop_acknowledged);
        assert_eq!(figures.tap_shown, ended.tap_shown);
        assert_eq!(figures.tap_acknowledged, ended.tap_acknowledged);
        assert_eq!(transcript.header().ended_at, Some(ended.at));
        let live = transcript.timeline().bands.iter();
        let live = live.filter(|band| band.phase == Phase::Live);
        let live: u64 = live.map(|band| band.ms(ended.at)).sum();
        assert_eq!(live, ended.live_ms);
        again(&transcript);
    }
}

/// Recomputes the figures on stops from the lines alone.
fn again(transcript: &Transcript) {
    let ended_at = transcript.header().ended_at.unwrap();
    let lines = transcript.lines();
    let stops = lines
        .iter()
        .filter(|line| line.at <= ended_at && is_stop(line));
    let stops: Vec<&Line> = stops.collect();
    assert_eq!(stops.len() as u32, transcript.figures().stops);
    let figures = transcript.figures();
    let shown = waits(lines, &stops, |outcome| outcome.shown_at, false);
    assert_eq!(spread(shown), figures.stop_shown);
    let acknowledged = waits(lines, &stops, |outcome| outcome.acknowledged_at, true);
    assert_eq!(spread(acknowledged), figures.stop_acknowledged);
}

/// How long stops waited: of one person's stops with the same answer only the first counts, unless "hands
/// off" came before that answer.
fn waits(
    lines: &[Line],
    stops: &[&Line],
    answered: impl Fn(&Outcome) -> Option<Millis>,
    acknowledged: bool,
) -> Vec<u64> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for stop in stops {
        let Some(at) = answered(&stop.outcome) else {
            continue;
        };
        // The receipt that answered it: its own, or that of a later stop of the same person.
        let mut later = stops.iter().filter(|line| line.seq >= stop.seq);
        let receipt_of = |line: &&Line| receipt(lines, line, acknowledged);
        let receipt = if acknowledged {
            hands_off(lines, stop.seq)
        } else {
            later
                .by_ref()
                .filter(|line| line.entry.by == stop.entry.by)
                .map(receipt_of)
                .find(|seq| *seq != u64::MAX)
                .unwrap_or(u64::MAX)
        };
        let in_time = acknowledged || receipt < hands_off(lines, stop.seq);
        if in_time && told.insert((stop.entry.by, receipt)) {
            found.push(at.since(stop.outcome.relayed_at.unwrap()));
        }
    }
    found
}

/// The number of the first "hands off" after an entry; the largest number if there is none.
fn hands_off(lines: &[Line], after: u64) -> u64 {
    let is_one = |line: &&Line| {
        let of = line
            .outcome
            .of
            .and_then(|seq| lines.iter().find(|line| line.seq == seq));
        let what = &line.entry.what;
        let hold = of.is_some_and(|of| is_stop(of) || of.outcome.hold.is_some());
        matches!(what, What::Acknowledged { .. }) && line.outcome.result == Became::Taken && hold
    };
    let found = lines.iter().filter(|line| line.seq > after).find(is_one);
    found.map_or(u64::MAX, |line| line.seq)
}

fn is_stop(line: &Line) -> bool {
    let outcome = &line.outcome;
    let reason = outcome.hold.as_ref().map(|hold| hold.reason);
    outcome.result == Became::Taken
        && match line.entry.what {
            What::Cue { cue, .. } => cue == Cue::Stop,
            What::Thumb { down, .. } => !down && reason == Some(HoldReason::Released),
            What::Confirmed { .. } => reason == Some(HoldReason::Stop),
            _ => false,
        }
}

/// The number of the receipt that an entry got; the largest number if there is none. A paint on the screen of
/// the person who caused it does not count.
fn receipt(lines: &[Line], of: &Line, acknowledged: bool) -> u64 {
    let found = lines.iter().find(|line| {
        let same = match line.entry.what {
            What::Shown { .. } => !acknowledged && line.entry.by != of.entry.by,
            What::Acknowledged { .. } => acknowledged,
            _ => false,
        };
        same && line.outcome.result == Became::Taken && line.outcome.of == Some(of.seq)
    });
    found.map_or(u64::MAX, |line| line.seq)
}

fn spread(mut durations: Vec<u64>) -> Option<Spread> {
    durations.sort_unstable();
    let middle = durations.len().checked_sub(1)? / 2;
    Some(Spread {
        median_ms: durations[middle],
        worst_ms: *durations.last()?,
    })
}

#[test]
fn bands_and_links_lie_end_to_end_and_tell_the_phase_after_every_entry() {
    for seed in 100..140 {
        let desk = random(seed, 100);
        let transcript = desk.read(None);
        let timeline = transcript.timeline();
        for pair in timeline.bands.windows(2) {
            assert_eq!(pair[0].to, Some(pair[1].from));
            assert_ne!(pair[0].began, pair[1].began);
        }
        for role in Role::BOTH {
            let links = timeline.links.of(role);
            assert!(
                links
                    .windows(2)
                    .all(|pair| pair[0].to == Some(pair[1].from))
            );
            assert!(
                links
                    .windows(2)
                    .all(|pair| pair[0].status != pair[1].status)
            );
            assert_eq!(links.last().unwrap().status, desk.session.peer(role));
        }
        let mut session = tapcue_rules::session::Session::open(&desk.entries[0]).unwrap();
        for (seq, entry) in desk.numbered() {
            if seq > 1 {
                let _ = session.step(entry);
            }
            let mut bands = timeline.bands.iter();
            let band = bands.rfind(|band| band.began <= seq).unwrap();
            assert_eq!(band.phase, session.phase(), "after entry {seq}");
            // A stop may wait for "hands off" after the end; the session has still ended.
            let hold = session.state().hold;
            let hold = hold.filter(|_| session.phase() != Phase::Ended);
            assert_eq!(band.reason, hold.map(|hold| hold.reason));
        }
    }
}

#[test]
fn every_prefix_reads_verifies_as_one_and_agrees_with_the_whole() {
    for desk in [rich(), random(5, 90)] {
        let whole = desk.read(None).to_value();
        for count in 1..=desk.entries.len() {
            let prefix = desk.numbered().take(count);
            let prefix = Transcript::read(desk.id, prefix, None).unwrap();
            let verdict = verify(&prefix.json(), &[]);
            assert_eq!(verdict.standing, Standing::Prefix, "{:?}", verdict.words);
            assert_eq!(verdict.entries, count as u64);
            for (line, all) in prefix.to_value()["entries"]
                .as_array()
                .unwrap()
                .iter()
                .zip(whole["entries"].as_array().unwrap())
            {
                assert_eq!(line["recorded"], all["recorded"]);
                assert_eq!(line["hash"], all["hash"]);
            }
        }
    }
}

#[test]
fn a_gap_or_a_strange_beginning_is_no_transcript() {
    let desk = rich();
    let gap = desk.numbered().filter(|(seq, _)| *seq != 9);
    assert_eq!(
        Transcript::read(desk.id, gap, None),
        Err(ReadError::Gap { expected: 9 })
    );
    assert_eq!(
        Transcript::read(desk.id, [], None),
        Err(ReadError::NotOpened)
    );
    let second = (1..).zip(desk.entries.iter().skip(1));
    assert_eq!(
        Transcript::read(desk.id, second, None),
        Err(ReadError::NotOpened)
    );
}

/// The line of the n-th cue of this kind.
fn nth(transcript: &Transcript, by: Role, wanted: Cue, n: usize) -> &Line {
    let lines = transcript.lines().iter();
    let mut cues = lines.filter(|line| {
        line.entry.by == Some(by)
            && matches!(line.entry.what, What::Cue { cue, .. } if cue == wanted)
    });
    cues.nth(n).unwrap()
}

#[test]
fn everything_that_happened_is_told_as_what_it_was() {
    let desk = rich();
    let transcript = desk.read(Some(Receiver));
    let header = transcript.header();
    assert_eq!(header.ended_by, Some(Helper));
    assert_eq!(header.restarts, 1);
    assert_eq!(header.warning_signs, Some(false));
    assert_eq!(header.answers.len(), 4);
    assert_eq!(
        header.people.helper.clients,
        ["tapcue/0.1.0", "tapcue/0.1.1"]
    );
    assert!(header.rehearsed_at.is_some());
    assert_eq!(header.waived, []);

    let slower = nth(&transcript, Receiver, Cue::Slower, 0);
    assert_eq!(slower.outcome.repeats, 1);
    assert_eq!(slower.outcome.age_ms, Some(35));
    assert_eq!(slower.outcome.tap_uncertainty_ms, Some(12));
    assert_eq!(slower.outcome.shown_at, Some(slower.at.plus(75)));
    assert_eq!(slower.outcome.shown_uncertainty_ms, Some(9));
    assert_eq!(slower.outcome.acknowledged_at, Some(slower.at.plus(1_335)));
    let repeat = nth(&transcript, Receiver, Cue::Slower, 1);
    assert_eq!(repeat.outcome.result, Became::Repeat);
    assert_eq!(repeat.outcome.of, Some(slower.seq));
    let stale = nth(&transcript, Receiver, Cue::Slower, 2);
    assert_eq!(stale.outcome.result, Became::Stale);
    assert_eq!(stale.outcome.shown_at, None);
    let bounced = nth(&transcript, Receiver, Cue::Left, 1);
    assert_eq!(bounced.outcome.why, Some(Why::SameTap));
    let too_fast = nth(&transcript, Receiver, Cue::MorePressure, 2);
    assert_eq!(too_fast.outcome.code, Some(ErrorCode::TooFast));
    let held = nth(&transcript, Receiver, Cue::MorePressure, 3);
    assert_eq!(held.outcome.code, Some(ErrorCode::Held));
    let reflex = nth(&transcript, Receiver, Cue::Ready, 1);
    assert_eq!(reflex.outcome.why, Some(Why::Reflex));

    let question = nth(&transcript, Helper, Cue::CheckIn, 0);
    let asked = question.outcome.question.as_ref().unwrap();
    assert_eq!(
        (asked.answer, asked.after_ms),
        (Answer::Answered, Some(2_380))
    );
    let good = nth(&transcript, Receiver, Cue::Good, 0);
    assert_eq!(good.outcome.answers, Some(question.seq));
    assert_eq!(asked.answered_by, Some(good.seq));
    let lines = transcript.lines();
    let relays = lines.iter().find(|line| line.entry.by.is_none()).unwrap();
    let asked = relays.outcome.question.as_ref().unwrap();
    assert_eq!(asked.answer, Answer::None);
    assert!(asked.again_at.is_some());

    let late = nth(&transcript, Receiver, Cue::Stop, 1);
    assert_eq!(late.outcome.age_ms, Some(12_000));
    assert_eq!(late.outcome.repeats, 1);
    let hold = late.outcome.hold.as_ref().unwrap();
    assert_eq!((hold.reason, hold.by), (HoldReason::Stop, Some(Receiver)));
    assert_eq!((hold.stops, hold.then), (2, Some(Then::Live)));
    let helpers = nth(&transcript, Helper, Cue::Stop, 0);
    assert_eq!(helpers.outcome.within, Some(late.seq));
    let live = hold.live_again_after_ms.unwrap();
    let bands = transcript.timeline().bands.iter();
    let mut live_again = bands.filter(|band| band.phase == Phase::Live && band.from > late.at);
    assert_eq!(live_again.next().unwrap().from, late.at.plus(live));

    let figures = transcript.figures();
    let count = figures.cue(Receiver, Cue::Slower).unwrap();
    assert_eq!((count.taken, count.stale, count.ignored), (1, 1, 0));
    let reasons = figures.holds.iter().map(|hold| (hold.reason, hold.count));
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            (HoldReason::Stop, 2),
            (HoldReason::LinkLost, 2),
            (HoldReason::Away, 1),
            (HoldReason::NoAnswer, 1)
        ]
    );
}

#[test]
fn a_waiver_is_said_plainly() {
    let options = tapcue_rules::state::Options {
        rehearsal: false,
        setup: false,
        check_in_every_s: 0,
        ..Default::default()
    };
    let desk = Desk::opened(crate::desk::session_id(9), options, None);
    let transcript = desk.read(None);
    let waived = [Waiver::Rehearsal, Waiver::Setup, Waiver::CheckIns];
    assert_eq!(transcript.header().waived, waived);
    for form in [
        transcript.html(Language::En, 0),
        transcript.text(Language::En, 200, 0),
    ] {
        assert!(form.contains("Rehearsal skipped"));
        assert!(form.contains("Checklists skipped"));
    }
}

#[test]
fn numbers_that_a_device_made_up_harm_nobody() {
    let mut desk = rich();
    let what = What::Shown {
        of: desk.entries[0].id,
        painted_at: Some(tapcue_rules::time::Millis(u64::MAX)),
        uncertainty_ms: Some(u64::MAX),
    };
    desk.enter(Some(Helper), what);
    let what = What::Cue {
        cue: Cue::Stop,
        epoch: Some(u64::MAX),
        tapped_at: Some(tapcue_rules::time::Millis(u64::MAX)),
        uncertainty_ms: Some(u64::MAX),
    };
    desk.enter(Some(Receiver), what);
    let verdict = verify(&desk.sealed(None).json(), &[]);
    assert_eq!(verdict.standing, Standing::Sealed, "{:?}", verdict.words);
}
