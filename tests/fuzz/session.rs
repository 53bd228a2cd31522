//! The session machine: no order and no timing of events breaks a rule of docs/safety.md, and a restarted
//! relay has the same session.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::message::{ConfirmItem, ToDevice};
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Options, Phase};
use tapcue_rules::time::Millis;

use crate::journal::{folded, folds};
use crate::oracle::{Before, Oracle};

/// When the session is opened.
const OPENED: Millis = Millis(1_700_000_000_000);

/// More acts make a run slow.
const MAX_ACTS: usize = 256;

/// How much later an act may come, in milliseconds: near every time limit of the rules.
const PAUSES: [u64; 16] = [
    0, 1, 100, 499, 500, 2_000, 10_000, 95_000, 249, 449, 450, 2_999, 3_000, 5_001, 15_000, 60_000,
];

/// Takes the bytes as a history, runs it, and folds its entries again.
///
/// # Panics
/// With the broken rule.
pub fn fuzz(data: &[u8]) {
    if let Some(run) = Run::of(data) {
        run.tells();
        folds(&run.entries);
    }
}

/// The entries of such a history.
pub(crate) fn history(data: &[u8]) -> Option<Vec<Entry>> {
    Run::of(data).map(|run| run.entries)
}

/// Whether the history of these bytes goes live.
#[must_use]
pub fn goes_live(data: &[u8]) -> bool {
    let entries = history(data).unwrap_or_default();
    let Some((first, rest)) = entries.split_first() else {
        return false;
    };
    let session = Session::open(first);
    session.is_some_and(|mut session| {
        rest.iter().any(|entry| {
            let _ = session.step(entry);
            session.phase() == Phase::Live
        })
    })
}

struct Run {
    session: Session,
    oracle: Oracle,
    entries: Vec<Entry>,
    now: Millis,
}

impl Run {
    /// The first byte sets the options. Each act is three bytes: what, by which role and which variant; how
    /// much later; and its target.
    fn of(data: &[u8]) -> Option<Self> {
        let (&options, acts) = data.split_first()?;
        let mut run = Run::opened(options);
        for act in acts.as_chunks::<3>().0.iter().take(MAX_ACTS) {
            run.act(*act);
        }
        Some(run)
    }

    fn opened(bits: u8) -> Self {
        let options = Options {
            rehearsal: bits & 1 != 0,
            setup: bits & 2 != 0,
            hold_to_consent: bits & 4 != 0,
            check_in_every_s: [0, 5, 90, u32::MAX][usize::from(bits >> 3 & 3)],
            ..Options::default()
        };
        let opened = Entry {
            id: Id::from_u128(1),
            at: OPENED,
            by: Some(Role::Receiver),
            what: What::Opened {
                options: options.clone(),
                name: None,
                client: None,
                relay: "fuzz".into(),
            },
        };
        Self {
            session: Session::open(&opened).expect("by its first entry"),
            oracle: Oracle::new(options, OPENED),
            entries: vec![opened],
            now: OPENED,
        }
    }

    fn act(&mut self, [what, pause, of]: [u8; 3]) {
        self.now = match pause {
            // A clock that was set back, and one that is far ahead.
            0xFF => Millis(self.now.0.saturating_sub(5_000)),
            0xFE => self.now.plus(1 << 45),
            _ => self.now.plus(PAUSES[usize::from(pause & 15)]),
        };
        let by = Role::BOTH[usize::from(what & 1)];
        let yes = of & 1 != 0;
        // Four bits choose the act, and another byte its variant.
        let which = usize::from(of);
        match what >> 1 & 15 {
            0..=2 => self.cue(Some(by), Cue::ALL[which % Cue::ALL.len()], of),
            3 => self.cue(Some(by), Cue::Ready, 0),
            4 => self.cue(Some(by), Cue::Stop, of),
            5 => {
                let of = self.target(of);
                self.enter(Some(by), What::Acknowledged { of });
            }
            6 => {
                let painted_at = yes.then_some(Millis(self.now.0.wrapping_mul(u64::from(of))));
                let (of, uncertainty_ms) = (self.target(of >> 1), painted_at.map(|at| at.0));
                let shown = What::Shown {
                    of,
                    painted_at,
                    uncertainty_ms,
                };
                self.enter(Some(by), shown);
            }
            7 => {
                use ConfirmItem::{Cleared, SetUp, WarningSigns};
                let item = [SetUp, WarningSigns, Cleared, SetUp][which >> 1 & 3];
                self.enter(Some(by), What::Confirmed { item, value: yes });
            }
            8 => {
                use LinkStatus::{Absent, Away, Here, Late, Lost};
                let status = [Here, Late, Lost, Away, Absent, Here, Here, Here][which & 7];
                self.enter(Some(by), What::Link { status });
            }
            9 => self.enter(Some(by), What::Connected { client: None }),
            10 => self.enter(
                Some(by),
                What::Joined {
                    name: None,
                    client: None,
                },
            ),
            11 => {
                let timers = [
                    Timer::CheckIn,
                    Timer::CheckInAgain,
                    Timer::NoAnswer,
                    Timer::HeldOn,
                    Timer::ReceiverReadyExpired,
                    Timer::HelperReadyExpired,
                ];
                self.enter(
                    None,
                    What::Due {
                        timer: timers[which % timers.len()],
                    },
                );
            }
            12 => {
                if let Some((at, timer)) = self.session.deadline() {
                    self.now = self.now.max(at);
                    self.enter(None, What::Due { timer });
                }
            }
            13 => {
                let lifts = (of & 2 != 0).then(|| self.target(of));
                let thumb = What::Thumb {
                    down: yes,
                    epoch: self.epoch(of),
                    lifts,
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                self.enter(Some(by), thumb);
            }
            14 => self.restart(),
            _ => self.rarely(by, of),
        }
    }

    /// Events that happen once in a session, or never.
    fn rarely(&mut self, by: Role, of: u8) {
        match of >> 5 {
            0 => self.enter((of & 1 != 0).then_some(by), What::Ended),
            5 => {
                let count = if of & 2 == 0 {
                    u32::MAX
                } else {
                    u32::from(of & 7)
                };
                let stops = What::Stops {
                    count,
                    since: Millis(self.now.0.wrapping_sub(u64::from(of))),
                    earlier: self.entries.iter().map(|entry| entry.id).collect(),
                    tapped_at: (of & 16 != 0).then_some(self.now),
                    uncertainty_ms: None,
                };
                self.enter(Some(by), stops);
            }
            1 => self.cue(None, Cue::ALL[usize::from(of) % Cue::ALL.len()], of),
            2 => {
                let opened = self.entries[0].what.clone();
                self.enter(Some(by), opened);
            }
            3 => {
                let noted = What::Noted {
                    text: "\u{202E}=1+1,\"<b>\r\n".into(),
                    shared: of & 1 != 0,
                    about: (of & 2 != 0).then_some(u64::from(of & 31)),
                    salt: None,
                };
                self.enter(Some(by), noted);
            }
            _ => {
                // The id of an earlier entry with another cue.
                let id = self.entries[usize::from(of & 31) % self.entries.len()].id;
                let cue = Cue::ALL[usize::from(of) % Cue::ALL.len()];
                let what = self.cue_of(cue, 0);
                self.enter_as(id, Some(by), what);
            }
        }
    }

    /// The wire keeps every part of the state.
    fn tells(&self) {
        let state = self.session.state();
        let frame = ToDevice::State {
            seq: state.seq,
            recorded: vec![Id::nil(), Id::max()],
            state: Box::new(state),
        };
        let written = serde_json::to_string(&frame).expect("a state can be written");
        let read: ToDevice = serde_json::from_str(&written).expect("and read");
        assert_eq!(read, frame);
    }

    /// A restarted relay has the same session from its journal, and records the restart.
    fn restart(&mut self) {
        self.tells();
        let again = folded(&self.entries).expect("it was opened");
        assert!(again == self.session, "a fold that is another session");
        self.session = again;
        self.enter(None, What::Restarted);
    }

    fn cue(&mut self, by: Option<Role>, cue: Cue, of: u8) {
        let what = self.cue_of(cue, of);
        self.enter(by, what);
    }

    fn cue_of(&self, cue: Cue, of: u8) -> What {
        What::Cue {
            cue,
            epoch: self.epoch(of),
            tapped_at: (of & 16 != 0).then_some(Millis(self.now.0.wrapping_sub(u64::from(of)))),
            uncertainty_ms: (of & 8 != 0).then_some(u64::from(of)),
        }
    }

    /// Mostly the current epoch; else the one before, the next, or none.
    fn epoch(&self, of: u8) -> Option<u64> {
        let now = self.session.epoch();
        match of >> 5 {
            5 => Some(now.saturating_sub(1)),
            6 => Some(now + 1),
            7 => None,
            _ => Some(now),
        }
    }

    fn target(&self, of: u8) -> Id {
        let state = self.session.state();
        let found = match of >> 1 & 3 {
            0 => state.hold.map(|hold| hold.id),
            1 => state.cue.map(|cue| cue.id),
            2 => state.check_in.map(|asked| asked.id),
            _ => Some(self.entries[usize::from(of >> 3) % self.entries.len()].id),
        };
        found.unwrap_or_default()
    }

    fn enter(&mut self, by: Option<Role>, what: What) {
        let id = Id::from_u128(self.entries.len() as u128 + 1);
        self.enter_as(id, by, what);
    }

    fn enter_as(&mut self, id: Id, by: Option<Role>, what: What) {
        let before = Before::of(&self.session);
        let at = self.now;
        let entry = Entry { id, at, by, what };
        let effects = self.session.step(&entry);
        self.oracle.check(&before, &entry, &effects, &self.session);
        self.entries.push(entry);
    }
}
