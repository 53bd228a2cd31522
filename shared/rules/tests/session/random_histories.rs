//! Long random histories: each step is checked against the oracle.

use proptest::prelude::*;
use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Options, Phase};
use tapcue_rules::time::Millis;

use crate::desk::{Desk, Helper, Receiver, id};
use crate::oracle::{Before, Oracle};

/// An act that does not depend on a session: its epoch or id is chosen when it is done.
#[derive(Clone, Debug)]
enum Act {
    Cue(Role, Cue, Epoch),
    Stops(Role, u32),
    /// A cue with the id of an earlier entry, or of a stop that an entry counts.
    Repeat(Role, Cue, prop::sample::Index),
    Thumb(Role, bool, Epoch),
    Acknowledge(Role, Target),
    Shown(Role, Target, Option<u64>),
    Confirm(Role, ConfirmItem, bool),
    Link(Role, LinkStatus),
    Connected(Role),
    Joined(Role),
    Due(Timer),
    /// The timer that is due, at its time.
    Deadline,
    Restarted,
    Ended(Option<Role>),
    /// Everything that is needed to go live.
    Agree,
    /// An entry without a role that needs one.
    Nobody(Cue),
}

#[derive(Clone, Copy, Debug)]
enum Epoch {
    Current,
    Before,
    Next,
    None,
}

#[derive(Clone, Debug)]
enum Target {
    Hold,
    Cue,
    CheckIn,
    Earlier(prop::sample::Index),
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::BOTH.to_vec())
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        4 => Just(Target::Hold),
        2 => Just(Target::Cue),
        1 => Just(Target::CheckIn),
        1 => any::<prop::sample::Index>().prop_map(Target::Earlier),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    use LinkStatus::{Absent, Away, Here, Late, Lost};
    let cue = || prop::sample::select(Cue::ALL.to_vec());
    let epoch = || {
        prop_oneof![
            8 => Just(Epoch::Current),
            2 => Just(Epoch::Before),
            1 => Just(Epoch::Next),
            1 => Just(Epoch::None),
        ]
    };
    let status = prop::sample::select(vec![Here, Here, Late, Lost, Away, Absent]);
    let item = prop::sample::select(vec![
        ConfirmItem::SetUp,
        ConfirmItem::WarningSigns,
        ConfirmItem::Cleared,
    ]);
    let timer = prop::sample::select(vec![
        Timer::CheckIn,
        Timer::CheckInAgain,
        Timer::NoAnswer,
        Timer::HeldOn,
        Timer::ReceiverReadyExpired,
        Timer::HelperReadyExpired,
    ]);
    prop_oneof![
        8 => (role(), cue(), epoch()).prop_map(|(by, cue, epoch)| Act::Cue(by, cue, epoch)),
        6 => role().prop_map(|by| Act::Cue(by, Cue::Ready, Epoch::Current)),
        2 => role().prop_map(|by| Act::Cue(by, Cue::Stop, Epoch::None)),
        1 => (role(), 0_u32..9).prop_map(|(by, count)| Act::Stops(by, count)),
        2 => (role(), cue(), any::<prop::sample::Index>())
            .prop_map(|(by, cue, of)| Act::Repeat(by, cue, of)),
        3 => (role(), any::<bool>(), epoch()).prop_map(|(by, down, epoch)| Act::Thumb(by, down, epoch)),
        4 => (role(), target()).prop_map(|(by, of)| Act::Acknowledge(by, of)),
        2 => (role(), target(), prop::option::of(any::<u64>()))
            .prop_map(|(by, of, at)| Act::Shown(by, of, at)),
        3 => (role(), item, any::<bool>()).prop_map(|(by, item, yes)| Act::Confirm(by, item, yes)),
        4 => (role(), status).prop_map(|(by, status)| Act::Link(by, status)),
        2 => role().prop_map(Act::Connected),
        1 => role().prop_map(Act::Joined),
        1 => timer.prop_map(Act::Due),
        3 => Just(Act::Deadline),
        1 => Just(Act::Restarted),
        1 => prop_oneof![9 => Just(Act::Deadline), 1 => prop::option::of(role()).prop_map(Act::Ended)],
        4 => Just(Act::Agree),
        1 => cue().prop_map(Act::Nobody),
    ]
}

fn options() -> impl Strategy<Value = Options> {
    (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec![0, 5, 90, u32::MAX]),
    )
        .prop_map(
            |(rehearsal, setup, hold_to_consent, check_in_every_s)| Options {
                hold_to_consent,
                rehearsal,
                setup,
                check_in_every_s,
                ..Options::default()
            },
        )
}

fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..700_u64,
        2 => Just(0),
        2 => 700..12_000_u64,
        1 => Just(100_000),
    ]
}

struct Run {
    desk: Desk,
    oracle: Oracle,
    lives: usize,
}

impl Run {
    fn new(options: Options) -> Self {
        let mut desk = Desk::opened(options.clone());
        desk.paints = false;
        let oracle = Oracle::new(options, desk.now);
        Self {
            desk,
            oracle,
            lives: 0,
        }
    }

    fn enter_as(&mut self, id: Id, by: Option<Role>, what: What) {
        let before = Before::of(&self.desk.session);
        let was_live = self.desk.phase() == Phase::Live;
        let effects = self.desk.enter_as(id, by, what);
        let entry = self.desk.entries.last().expect("it was entered");
        self.oracle
            .check(&before, entry, &effects, &self.desk.session);
        self.lives += usize::from(!was_live && self.desk.phase() == Phase::Live);
    }

    fn enter(&mut self, by: Option<Role>, what: What) {
        self.enter_as(self.desk.fresh_id(), by, what);
    }

    fn cue(&mut self, by: Option<Role>, cue: Cue, epoch: Epoch) {
        let epoch = self.epoch(epoch);
        // A device's clock, more or less wrong.
        let tapped_at =
            epoch.map(|epoch| Millis(self.desk.now.0.wrapping_sub(epoch.wrapping_mul(300_000))));
        self.enter(
            by,
            What::Cue {
                cue,
                epoch,
                tapped_at,
                uncertainty_ms: epoch,
            },
        );
    }

    fn epoch(&self, epoch: Epoch) -> Option<u64> {
        let now = self.desk.session.epoch();
        match epoch {
            Epoch::Current => Some(now),
            Epoch::Before => Some(now.saturating_sub(1)),
            Epoch::Next => Some(now + 1),
            Epoch::None => None,
        }
    }

    fn thumb(&mut self, by: Role, down: bool, epoch: Epoch) {
        let what = What::Thumb {
            down,
            epoch: self.epoch(epoch),
            lifts: None,
            tapped_at: None,
            uncertainty_ms: None,
        };
        self.enter(Some(by), what);
    }

    fn target(&self, target: &Target) -> Id {
        let state = self.desk.state();
        let found = match target {
            Target::Hold => state.hold.map(|hold| hold.id),
            Target::Cue => state.cue.map(|cue| cue.id),
            Target::CheckIn => state.check_in.map(|asked| asked.id),
            Target::Earlier(at) => Some(at.get(&self.desk.entries).id),
        };
        found.unwrap_or(id(0))
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Cue(by, cue, epoch) => self.cue(Some(*by), *cue, *epoch),
            Act::Thumb(by, down, epoch) => self.thumb(*by, *down, *epoch),
            Act::Stops(by, count) => {
                let before = 10_000 * (1 + self.desk.entries.len() as u64);
                let what = What::Stops {
                    count: *count,
                    since: self.desk.now,
                    earlier: (1..u64::from(*count)).map(|n| id(before + n)).collect(),
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                self.enter(Some(*by), what);
            }
            Act::Nobody(cue) => self.cue(None, *cue, Epoch::Current),
            Act::Repeat(by, cue, of) => {
                let entries = self.desk.entries.iter();
                let ids: Vec<_> = entries.flat_map(|e| e.taps().chain([e.id])).collect();
                let id = *of.get(&ids);
                let what = What::Cue {
                    cue: *cue,
                    epoch: Some(self.desk.session.epoch()),
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                self.enter_as(id, Some(*by), what);
            }
            Act::Acknowledge(by, of) => {
                let of = self.target(of);
                self.enter(Some(*by), What::Acknowledged { of });
            }
            Act::Shown(by, of, at) => {
                let of = self.target(of);
                let painted_at = at.map(Millis);
                self.enter(
                    Some(*by),
                    What::Shown {
                        of,
                        painted_at,
                        uncertainty_ms: *at,
                    },
                );
            }
            Act::Confirm(by, item, value) => {
                let (item, value) = (*item, *value);
                self.enter(Some(*by), What::Confirmed { item, value });
            }
            Act::Link(by, status) => self.enter(Some(*by), What::Link { status: *status }),
            Act::Connected(by) => self.enter(Some(*by), What::Connected { client: None }),
            Act::Joined(by) => {
                let what = What::Joined {
                    name: None,
                    client: None,
                };
                self.enter(Some(*by), what);
            }
            Act::Due(timer) => self.enter(None, What::Due { timer: *timer }),
            Act::Deadline => {
                if let Some((at, timer)) = self.desk.session.deadline() {
                    self.desk.now = self.desk.now.max(at);
                    self.enter(None, What::Due { timer });
                    self.enter(None, What::Due { timer });
                }
            }
            Act::Restarted => self.enter(None, What::Restarted),
            Act::Ended(by) => self.enter(*by, What::Ended),
            Act::Agree => self.agree(),
        }
    }

    fn agree(&mut self) {
        let here = LinkStatus::Here;
        self.act(&Act::Joined(Helper));
        for by in Role::BOTH {
            self.act(&Act::Link(by, here));
            self.act(&Act::Confirm(by, ConfirmItem::SetUp, true));
        }
        self.act(&Act::Confirm(Receiver, ConfirmItem::WarningSigns, false));
        if !self.desk.state().rehearsed {
            self.cue(Some(Receiver), Cue::Stop, Epoch::None);
        }
        for by in Role::BOTH {
            self.act(&Act::Shown(by, Target::Hold, None));
        }
        self.desk.wait(450);
        self.act(&Act::Acknowledge(Helper, Target::Hold));
        self.desk.wait(600);
        self.thumb(Receiver, true, Epoch::Current);
        for by in Role::BOTH {
            self.cue(Some(by), Cue::Ready, Epoch::Current);
        }
    }
}

fn folded(entries: &[Entry]) -> Session {
    let (first, rest) = entries.split_first().expect("it was opened");
    let mut session = Session::open(first).expect("by its first entry");
    for entry in rest {
        let _ = session.step(entry);
    }
    session
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_a_rule(
        options in options(),
        acts in prop::collection::vec((pause(), act()), 1..120),
    ) {
        let mut run = Run::new(options);
        for (pause, act) in &acts {
            run.desk.wait(*pause);
            run.act(act);
        }
        // The same entries make the same session, also from a journal.
        prop_assert!(folded(&run.desk.entries) == run.desk.session);
        let journal: Vec<String> = run.desk.entries.iter()
            .map(|entry| serde_json::to_string(entry).unwrap())
            .collect();
        let read: Vec<Entry> = journal.iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        prop_assert!(folded(&read) == run.desk.session);
    }

    #[test]
    fn no_entry_of_any_age_panics(
        acts in prop::collection::vec((any::<u64>(), act()), 1..40),
    ) {
        let mut run = Run::new(Options::default());
        for (at, act) in &acts {
            // A clock that jumps to any time.
            run.desk.now = Millis(*at);
            if !matches!(act, Act::Agree) {
                run.act(act);
            }
        }
    }
}

/// A check that never sees live proves nothing about it.
#[test]
fn random_histories_do_go_live() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let acts = prop::collection::vec((pause(), act()), 100);
    let mut lives = 0;
    for _ in 0..50 {
        let mut run = Run::new(Options::default());
        for (pause, act) in acts.new_tree(&mut runner).unwrap().current() {
            run.desk.wait(pause);
            run.act(&act);
        }
        lives += run.lives;
    }
    assert!(lives > 100, "only {lives} times live in 50 histories");
}
