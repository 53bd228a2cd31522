//! Drives a session as a relay does: gives it entries with ids and times.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::limits::MEANT_MS;
use tapcue_rules::message::{ConfirmItem, ErrorCode};
use tapcue_rules::session::{Effect, Session};
use tapcue_rules::state::{Hold, HoldReason, LinkStatus, Options, Phase, State};
use tapcue_rules::time::Millis;

pub(crate) use Role::{Helper, Receiver};

pub(crate) const OPENED: Millis = Millis(1_700_000_000_000);

/// Options without set-up and rehearsal: live needs only both readies.
pub(crate) fn waived() -> Options {
    Options {
        rehearsal: false,
        setup: false,
        ..Options::default()
    }
}

pub(crate) fn id(n: u64) -> Id {
    Id::from_u128(u128::from(n))
}

#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) session: Session,
    pub(crate) now: Millis,
    pub(crate) entries: Vec<Entry>,
    /// Whether both screens paint each hold, cue and question at once.
    pub(crate) paints: bool,
}

impl Desk {
    /// The receiver opened a session and waits.
    pub(crate) fn opened(options: Options) -> Self {
        let first = Entry {
            id: id(1),
            at: OPENED,
            by: Some(Receiver),
            what: What::Opened {
                options,
                name: None,
                client: None,
                relay: "test".into(),
            },
        };
        Self {
            session: Session::open(&first).expect("an opened entry opens"),
            now: OPENED,
            entries: vec![first],
            paints: true,
        }
        .painted()
    }

    /// Both have joined, and the reflex window has passed.
    pub(crate) fn joined(options: Options) -> Self {
        let mut desk = Self::opened(options);
        desk.join();
        desk
    }

    /// A live session in which a screen paints only what a test says.
    pub(crate) fn live_unpainted(options: Options) -> Self {
        let mut desk = Self::live(options);
        desk.paints = false;
        desk
    }

    /// Both are here and ready.
    pub(crate) fn live(options: Options) -> Self {
        let mut desk = Self::joined(options);
        desk.both_ready();
        assert_eq!(desk.phase(), Phase::Live);
        desk
    }

    pub(crate) fn join(&mut self) {
        let what = What::Joined {
            name: None,
            client: None,
        };
        let _ = self.enter(Some(Helper), what);
        self.wait(600);
    }

    pub(crate) fn wait(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.plus(ms);
        self
    }

    pub(crate) fn fresh_id(&self) -> Id {
        id(self.entries.len() as u64 + 1)
    }

    pub(crate) fn enter(&mut self, by: Option<Role>, what: What) -> Vec<Effect> {
        self.enter_as(self.fresh_id(), by, what)
    }

    /// Both screens paint at once what they have not painted yet.
    fn painted(mut self) -> Self {
        self.paint();
        self
    }

    pub(crate) fn paint(&mut self) {
        let state = self.state();
        let hold = state.hold.iter().map(|hold| hold.id);
        let cues = state.cue.iter().chain(&state.earlier).map(|cue| cue.id);
        let asked = state.check_in.iter().map(|asked| asked.id);
        let ids: Vec<Id> = hold.chain(cues).chain(asked).collect();
        for of in ids {
            for by in Role::BOTH {
                let entry = Entry {
                    id: self.fresh_id(),
                    at: self.now,
                    by: Some(by),
                    what: What::Shown {
                        of,
                        painted_at: None,
                        uncertainty_ms: None,
                    },
                };
                if self.session.would_change(&entry) {
                    let _ = self.session.step(&entry);
                    self.entries.push(entry);
                }
            }
        }
    }

    pub(crate) fn enter_as(&mut self, id: Id, by: Option<Role>, what: What) -> Vec<Effect> {
        let entry = Entry {
            id,
            at: self.now,
            by,
            what,
        };
        let effects = self.session.step(&entry);
        self.entries.push(entry);
        if self.paints {
            self.paint();
        }
        effects
    }

    /// A cue of the current epoch, with a new id.
    pub(crate) fn cue(&mut self, by: Role, cue: Cue) -> Vec<Effect> {
        let epoch = (cue != Cue::Stop).then(|| self.session.epoch());
        self.cue_of(by, cue, epoch)
    }

    pub(crate) fn cue_of(&mut self, by: Role, cue: Cue, epoch: Option<u64>) -> Vec<Effect> {
        let what = What::Cue {
            cue,
            epoch,
            tapped_at: None,
            uncertainty_ms: None,
        };
        self.enter(Some(by), what)
    }

    /// A stop; returns its id.
    pub(crate) fn stop(&mut self, by: Role) -> Id {
        let id = self.fresh_id();
        let _ = self.cue(by, Cue::Stop);
        id
    }

    pub(crate) fn link(&mut self, by: Role, status: LinkStatus) -> Vec<Effect> {
        self.enter(Some(by), What::Link { status })
    }

    pub(crate) fn connected(&mut self, by: Role) -> Vec<Effect> {
        self.enter(Some(by), What::Connected { client: None })
    }

    pub(crate) fn acknowledge(&mut self, by: Role, of: Id) -> Vec<Effect> {
        self.enter(Some(by), What::Acknowledged { of })
    }

    pub(crate) fn shown(&mut self, by: Role, of: Id) -> Vec<Effect> {
        let what = What::Shown {
            of,
            painted_at: None,
            uncertainty_ms: None,
        };
        self.enter(Some(by), what)
    }

    pub(crate) fn confirm(&mut self, by: Role, item: ConfirmItem, value: bool) -> Vec<Effect> {
        self.enter(Some(by), What::Confirmed { item, value })
    }

    pub(crate) fn due(&mut self, timer: Timer) -> Vec<Effect> {
        self.enter(None, What::Due { timer })
    }

    /// The helper acknowledges the hold and both say ready, after the reflex window.
    pub(crate) fn both_ready(&mut self) {
        self.paint();
        if let Some(hold) = self.state().hold {
            self.wait(MEANT_MS);
            let _ = self.acknowledge(Helper, hold.id);
        }
        self.wait(600);
        for by in Role::BOTH {
            let _ = self.cue(by, Cue::Ready);
        }
    }

    pub(crate) fn state(&self) -> State {
        self.session.state()
    }

    pub(crate) fn phase(&self) -> Phase {
        self.session.phase()
    }

    pub(crate) fn hold(&self) -> Hold {
        self.state().hold.expect("it is held")
    }

    pub(crate) fn assert_held(&self, reason: HoldReason) {
        assert_eq!(self.phase(), Phase::Held);
        assert_eq!(self.hold().reason, reason);
    }
}

/// The error code, if the only effect is a refusal.
pub(crate) fn refused(effects: &[Effect]) -> Option<ErrorCode> {
    match effects {
        [Effect::Refuse { code, .. }] => Some(*code),
        _ => None,
    }
}
