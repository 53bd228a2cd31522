//! Sample sessions: one with every kind of event, and random ones.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Timer, What};
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::state::{LinkStatus, Options, Phase};

use crate::desk::{Desk, Helper, Receiver, name, session_id};

/// Names that a spreadsheet, a page and a terminal could each misread as something else.
pub(crate) const FORMULA: &str = "=HYPERLINK(1)";
pub(crate) const MARKUP: &str = "<b onload=x>Zoë & \"Ben\"";

/// A session up to its first live, as people do it.
pub(crate) fn begun(n: u128, receiver: &str, helper: &str) -> Desk {
    let mut desk = Desk::opened(session_id(n), Options::default(), name(receiver));
    desk.wait(11_000).join(name(helper));
    desk.wait(9_000)
        .confirm(Receiver, ConfirmItem::WarningSigns, true);
    desk.wait(7_000)
        .confirm(Receiver, ConfirmItem::WarningSigns, false);
    desk.wait(5_000).confirm(Receiver, ConfirmItem::SetUp, true);
    desk.wait(2_000).confirm(Helper, ConfirmItem::SetUp, true);
    let stop = desk.wait(4_000).cue(Receiver, Cue::Stop);
    desk.wait(120).shown(Helper, stop);
    desk.both_ready();
    assert_eq!(desk.session.phase(), Phase::Live);
    desk
}

/// Every kind of event in a transcript, within a few minutes.
pub(crate) fn rich() -> Desk {
    let mut desk = begun(1, FORMULA, MARKUP);
    let slower = desk.wait(8_000).seen(Cue::Slower);
    // A resent cue, because its device got no answer, and a double tap.
    desk.wait(90);
    desk.enter_as(
        slower,
        Some(Receiver),
        desk.cue_what(Cue::Slower, Some(125)),
    );
    desk.wait(3_000).seen(Cue::MorePressure);
    desk.wait(4_000).cue(Receiver, Cue::Left);
    desk.wait(90).cue(Receiver, Cue::Left);
    desk.wait(5_000).cue(Receiver, Cue::MorePressure);
    desk.wait(1_500).cue(Receiver, Cue::MorePressure);
    let question = desk.wait(12_000).cue(Helper, Cue::CheckIn);
    desk.wait(80).shown(Receiver, question);
    desk.wait(2_300).cue(Receiver, Cue::Good);
    let question = desk.wait(90_000).due(Timer::CheckIn);
    desk.wait(80).shown(Receiver, question);
    desk.wait(4_920).due(Timer::CheckInAgain);
    desk.wait(10_000).due(Timer::NoAnswer);
    let before = desk.session.epoch();
    desk.painted().wait(130).cue(Receiver, Cue::Ready);
    desk.both_ready();
    // A cue from before the hold.
    let stale = What::Cue {
        cue: Cue::Slower,
        epoch: Some(before - 1),
        tapped_at: None,
        uncertainty_ms: None,
    };
    desk.wait(400).enter(Some(Receiver), stale);
    // A stop that was in flight for twelve seconds, and then the helper's own.
    desk.wait(20_000);
    let late = desk.cue_what(Cue::Stop, Some(12_000));
    let stop = desk.enter(Some(Receiver), late.clone());
    desk.wait(30).enter_as(stop, Some(Receiver), late);
    desk.wait(60).shown(Helper, stop);
    let more = desk.cue_what(Cue::MorePressure, None);
    desk.wait(700).enter(Some(Receiver), more);
    let helpers = desk.wait(400).cue(Helper, Cue::Stop);
    desk.wait(70).shown(Receiver, helpers);
    desk.both_ready();
    desk.wait(15_000).link(Helper, LinkStatus::Late);
    desk.wait(1_000).link(Helper, LinkStatus::Lost);
    desk.painted();
    let client = Some("tapcue/0.1.1".into());
    desk.wait(6_000)
        .enter(Some(Helper), What::Connected { client });
    desk.both_ready();
    desk.wait(9_000).link(Receiver, LinkStatus::Away);
    desk.painted().wait(3_500).link(Receiver, LinkStatus::Here);
    desk.both_ready();
    desk.wait(6_000).enter(None, What::Restarted);
    for by in Role::BOTH {
        desk.wait(400)
            .enter(Some(by), What::Connected { client: None });
    }
    desk.both_ready();
    desk.wait(30_000).seen(Cue::Stay);
    desk.wait(30_000).enter(Some(Helper), What::Ended);
    desk.wait(200).cue(Receiver, Cue::Good);
    let slower_seq = place(&desk, slower);
    desk.wait(40_000).note(
        Receiver,
        true,
        "The left side was fine.\nThank you! =1+1",
        None,
    );
    desk.wait(9_000).note(
        Receiver,
        false,
        "I should have said stop earlier.",
        Some(slower_seq),
    );
    desk.wait(86_400_000)
        .note(Helper, false, "Ask about the shoulder", None);
    let stop_seq = place(&desk, stop);
    desk.wait(5_000).note(Helper, true, "", Some(stop_seq));
    desk
}

/// The number of the first entry with this id.
pub(crate) fn place(desk: &Desk, id: tapcue_rules::ids::Id) -> u64 {
    let mut entries = desk.numbered();
    entries.find(|(_, entry)| entry.id == id).unwrap().0
}

/// Random events in random order; most make no sense.
pub(crate) fn random(seed: u64, entries: usize) -> Desk {
    let mut chance = Chance(seed);
    let options = Options {
        rehearsal: chance.below(2) == 0,
        setup: chance.below(2) == 0,
        hold_to_consent: chance.below(3) == 0,
        check_in_every_s: 10 * chance.below(3) as u32,
        ..Options::default()
    };
    let mut desk = Desk::opened(session_id(u128::from(seed) << 8), options, name("Åsa"));
    let mut ids = vec![desk.entries[0].id];
    while desk.entries.len() < entries {
        desk.wait([0, 40, 300, 700, 5_000, 20_000][chance.below(6) as usize]);
        let by = Role::BOTH[chance.below(2) as usize];
        let known = ids[chance.below(ids.len() as u64) as usize];
        let hold = desk.session.state().hold.map_or(known, |hold| hold.id);
        let of = if chance.below(2) == 0 { known } else { hold };
        let tapped = (chance.below(2) == 0).then(|| chance.below(3_000));
        let cue = Cue::ALL[chance.below(10) as usize];
        let id = match chance.below(24) {
            0..6 => desk.enter(Some(by), desk.cue_what(cue, tapped)),
            6..9 => {
                desk.both_ready();
                continue;
            }
            9 => desk.enter(Some(by), desk.cue_what(Cue::Stop, tapped)),
            10 => desk.enter_as(known, Some(by), desk.cue_what(cue, tapped)),
            11..13 => desk.shown(by, of),
            13..15 => desk.enter(Some(by), What::Acknowledged { of }),
            15 => desk.join(name("Ó\u{1f600}")),
            16 => {
                const STATUS: [LinkStatus; 4] = [
                    LinkStatus::Here,
                    LinkStatus::Late,
                    LinkStatus::Lost,
                    LinkStatus::Away,
                ];
                desk.link(by, STATUS[chance.below(4) as usize])
            }
            17 => desk.enter(Some(by), What::Connected { client: None }),
            18 => {
                let item = [ConfirmItem::SetUp, ConfirmItem::WarningSigns];
                let item = item[chance.below(2) as usize];
                let value = (item == ConfirmItem::SetUp) == (chance.below(4) > 0);
                desk.confirm(by, item, value)
            }
            19..21 => match desk.session.deadline() {
                Some((at, timer)) => {
                    desk.now = desk.now.max(at);
                    desk.due(timer)
                }
                None => desk.due(Timer::CheckIn),
            },
            21 => {
                let down = chance.below(2) == 0;
                let what = What::Thumb {
                    down,
                    epoch: down.then(|| desk.session.epoch()),
                    lifts: (!down).then_some(known),
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                desk.enter(Some(by), what)
            }
            22 => {
                let text = ["", "so\tso", "\u{7f}\u{feff}\"\\"][chance.below(3) as usize];
                let about = (chance.below(2) == 0).then(|| chance.below(30));
                desk.note(by, chance.below(2) == 0, text, about)
            }
            _ if chance.below(6) == 0 => desk.enter(None, What::Restarted),
            _ => continue,
        };
        ids.push(id);
    }
    desk.wait(1_000).enter(Some(Helper), What::Ended);
    desk
}

/// A linear congruential generator (Knuth, MMIX): the same seed gives the same session.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
