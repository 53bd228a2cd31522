//! Realistic sessions: an hour of work with hundreds of entries, and a few minutes with a thumb on the
//! screen.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::What;
use tapcue_rules::ids::Id;
use tapcue_rules::state::{LinkStatus, Options, Phase};

use crate::desk::{Desk, Helper, Receiver, name, session_id};
use crate::sample::{Chance, begun, place};

/// The length of the work, in milliseconds.
const HOUR_MS: u64 = 3_600_000;
/// The average number of entries for one event.
const ENTRIES_EACH: usize = 3;
/// The rare events repeat after this many events.
const ROUND: u64 = 75;

/// An hour of work with about `entries` entries: cues of both, holds for every reason without a thumb, late
/// and lost links, check-ins, notes. The number is also in its id.
pub(crate) fn hour(entries: usize) -> Desk {
    let mut desk = begun(entries as u128, "Ana", "Ben");
    let mut chance = Chance(7);
    let begun = desk.now;
    let happenings = (entries / ENTRIES_EACH) as u64;
    let mut n = 0;
    while desk.entries.len() + 16 < entries {
        // In bursts: three close together, then a pause.
        let due = begun.plus(HOUR_MS * (n - n % 3) / happenings);
        let rest = due.0.saturating_sub(desk.now.0);
        desk.wait(rest + 400 + chance.below(2 * HOUR_MS / 5 / happenings + 400));
        rare(&mut desk, &mut chance, n % ROUND);
        n += 1;
    }
    desk.wait(20_000).enter(Some(Receiver), What::Ended);
    desk.wait(200).cue(Receiver, Cue::Good);
    let stops: Vec<_> = desk
        .numbered()
        .filter(|(_, entry)| matches!(entry.what, What::Cue { cue: Cue::Stop, .. }))
        .map(|(seq, _)| seq)
        .collect();
    let (first, last) = (stops[1], stops[stops.len() - 1]);
    desk.wait(60_000)
        .note(Receiver, true, "A good hour. Thank you!", None);
    desk.wait(30_000).note(Receiver, true, "", Some(first));
    let own = "I waited too long before I said it.";
    desk.wait(30_000).note(Receiver, false, own, Some(last));
    let next = "The left shoulder was sore after this one. Start there more softly next time.";
    desk.wait(17 * HOUR_MS)
        .note(Helper, true, next, Some(first));
    desk.wait(50_000)
        .note(Helper, false, "Warm the table before.", None);
    desk
}

/// The rare events at their places in the round; a cue at all others.
fn rare(desk: &mut Desk, chance: &mut Chance, turn: u64) {
    match turn {
        5 | 44 => stopped(desk, chance, Receiver),
        62 => stopped(desk, chance, Helper),
        11 => silent(desk),
        19 => lost(desk, chance, Helper),
        53 => lost(desk, chance, Receiver),
        27 => {
            desk.link(Receiver, LinkStatus::Away);
            desk.painted()
                .wait(2_000 + chance.below(8_000))
                .link(Receiver, LinkStatus::Here);
            desk.both_ready();
        }
        35 => {
            desk.link(Helper, LinkStatus::Late);
            desk.wait(700).link(Helper, LinkStatus::Here);
        }
        68 => {
            desk.enter(None, What::Restarted);
            for by in Role::BOTH {
                desk.wait(400)
                    .enter(Some(by), What::Connected { client: None });
            }
            desk.both_ready();
        }
        8 | 30 | 41 | 58 => asked(desk, chance, Some(Helper)),
        23 | 49 => asked(desk, chance, None),
        14 => {
            // A double tap, and more pressure asked again before the first was seen.
            let cue = desk.cue(Receiver, Cue::Left);
            desk.wait(90).cue(Receiver, Cue::Left);
            receipts(desk, chance, cue);
            desk.wait(2_000).cue(Receiver, Cue::MorePressure);
            desk.wait(1_500).cue(Receiver, Cue::MorePressure);
        }
        _ => {
            const CUES: [Cue; 8] = [
                Cue::Slower,
                Cue::MorePressure,
                Cue::EaseUp,
                Cue::Left,
                Cue::Stay,
                Cue::Slower,
                Cue::Right,
                Cue::Good,
            ];
            let cue = desk.cue(Receiver, CUES[chance.below(8) as usize]);
            receipts(desk, chance, cue);
        }
    }
}

/// The helper's device showed it, and the helper mostly acknowledged it.
fn receipts(desk: &mut Desk, chance: &mut Chance, of: Id) {
    desk.wait(60 + chance.below(140)).shown(Helper, of);
    if chance.below(7) > 0 {
        desk.wait(500 + chance.below(2_500)).acknowledge(of);
    }
}

/// A stop, a cue that was in flight then, and both ready again after a while.
fn stopped(desk: &mut Desk, chance: &mut Chance, by: Role) {
    let before = desk.session.epoch();
    let stop = desk.cue(by, Cue::Stop);
    desk.wait(40 + chance.below(120)).shown(by.other(), stop);
    let stale = What::Cue {
        cue: Cue::MorePressure,
        epoch: Some(before),
        tapped_at: None,
        uncertainty_ms: None,
    };
    desk.wait(30).enter(Some(Receiver), stale);
    desk.painted().wait(800 + chance.below(12_000)).both_ready();
}

fn lost(desk: &mut Desk, chance: &mut Chance, by: Role) {
    desk.link(by, LinkStatus::Late);
    desk.wait(1_000).link(by, LinkStatus::Lost);
    desk.painted()
        .wait(4_000 + chance.below(40_000))
        .enter(Some(by), What::Connected { client: None });
    desk.both_ready();
}

/// A question of the helper or of the relay, and its answer.
fn asked(desk: &mut Desk, chance: &mut Chance, by: Option<Role>) {
    let question = match by {
        Some(by) => desk.cue(by, Cue::CheckIn),
        None => due(desk),
    };
    desk.wait(80).shown(Receiver, question);
    let answer = [Cue::Good, Cue::Good, Cue::Slower][chance.below(3) as usize];
    let answer = desk.wait(900 + chance.below(4_000)).cue(Receiver, answer);
    receipts(desk, chance, answer);
}

/// A question without an answer.
fn silent(desk: &mut Desk) {
    let question = due(desk);
    desk.wait(80).shown(Receiver, question);
    for _again_and_none in 0..2 {
        due(desk);
    }
    desk.painted().wait(6_000).both_ready();
}

/// Waits until the session's own timer fires.
fn due(desk: &mut Desk) -> Id {
    let (at, timer) = desk.session.deadline().unwrap();
    desk.now = desk.now.max(at);
    desk.due(timer)
}

/// Hold to consent for a few minutes: the thumb goes down, is lifted, and goes down again.
pub(crate) fn thumb() -> Desk {
    let options = Options {
        hold_to_consent: true,
        rehearsal: false,
        setup: false,
        ..Options::default()
    };
    let mut desk = Desk::opened(session_id(3), options, name("Ana"));
    desk.wait(8_000).join(name("Ben"));
    desk.painted().wait(6_000);
    let mut down = grip(&mut desk);
    assert_eq!(desk.session.phase(), Phase::Live);
    for cue in [Cue::Slower, Cue::Stay, Cue::EaseUp] {
        desk.wait(14_000).seen(cue);
    }
    for _ in 0..2 {
        let lifted = desk.wait(21_000).thumb(Some(down));
        desk.wait(70).shown(Helper, lifted);
        desk.painted().wait(2_000);
        down = grip(&mut desk);
    }
    desk.wait(30_000).seen(Cue::Good);
    desk.wait(9_000).thumb(Some(down));
    desk.wait(4_000).enter(Some(Helper), What::Ended);
    let about = place(&desk, down);
    desk.wait(40_000)
        .note(Receiver, true, "My thumb slipped.", Some(about));
    desk
}

/// The hold is acknowledged, the helper says ready, and the thumb goes down, which says ready too.
fn grip(desk: &mut Desk) -> Id {
    desk.painted();
    if let Some(hold) = desk.session.state().hold {
        desk.wait(900).acknowledge(hold.id);
    }
    desk.wait(1_600).cue(Helper, Cue::Ready);
    let down = desk.wait(700).thumb(None);
    desk.cue(Receiver, Cue::Ready);
    down
}
