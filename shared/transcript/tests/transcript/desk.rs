//! Writes journals: drives a session as a relay does, with its own ids and times.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Salt, Timer, What};
use tapcue_rules::ids::{Id, SessionId};
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Name, Options};
use tapcue_rules::time::Millis;
use tapcue_transcript::{Seal, Transcript, seal};

pub(crate) use Role::{Helper, Receiver};

/// 22 November 2026, 09:30:00 UTC.
pub(crate) const OPENED: Millis = Millis(1_795_339_800_000);

/// The relay's key in these tests.
pub(crate) const KEY: [u8; 32] = [42; 32];

pub(crate) fn session_id(n: u128) -> SessionId {
    SessionId(Id::from_u128(0x0199_7f6e_0a3b_7c0e_9d5a_0000_0000_0000 + n))
}

pub(crate) fn name(text: &str) -> Option<Name> {
    Some(Name::try_from(text.to_owned()).unwrap())
}

#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) id: SessionId,
    pub(crate) session: Session,
    pub(crate) now: Millis,
    pub(crate) entries: Vec<Entry>,
}

impl Desk {
    pub(crate) fn opened(id: SessionId, options: Options, called: Option<Name>) -> Self {
        let first = Entry {
            id: fresh(id, 1),
            at: OPENED,
            by: Some(Receiver),
            what: What::Opened {
                options,
                name: called,
                client: Some("web/0.1.0".into()),
                relay: "0.1.0".into(),
            },
        };
        Self {
            id,
            session: Session::open(&first).unwrap(),
            now: OPENED,
            entries: vec![first],
        }
    }

    pub(crate) fn wait(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.plus(ms);
        self
    }

    pub(crate) fn fresh_id(&self) -> Id {
        fresh(self.id, self.entries.len() as u128 + 1)
    }

    pub(crate) fn enter(&mut self, by: Option<Role>, what: What) -> Id {
        let id = self.fresh_id();
        self.enter_as(id, by, what)
    }

    pub(crate) fn enter_as(&mut self, id: Id, by: Option<Role>, what: What) -> Id {
        let entry = Entry {
            id,
            at: self.now,
            by,
            what,
        };
        let _ = self.session.step(&entry);
        self.entries.push(entry);
        id
    }

    pub(crate) fn join(&mut self, called: Option<Name>) -> Id {
        let client = Some("tapcue/0.1.0".into());
        self.enter(
            Some(Helper),
            What::Joined {
                name: called,
                client,
            },
        )
    }

    /// The same session, opened at another time.
    #[allow(dead_code, reason = "only the relay's samples are moved")]
    pub(crate) fn moved(self, opened: Millis) -> Vec<Entry> {
        let ahead = |at: Millis| Millis(at.0 - OPENED.0 + opened.0);
        let moved = |mut entry: Entry| {
            entry.at = ahead(entry.at);
            if let What::Cue { tapped_at: at, .. }
            | What::Thumb { tapped_at: at, .. }
            | What::Shown { painted_at: at, .. } = &mut entry.what
            {
                *at = at.map(ahead);
            }
            entry
        };
        self.entries.into_iter().map(moved).collect()
    }

    pub(crate) fn cue_what(&self, cue: Cue, before: Option<u64>) -> What {
        What::Cue {
            cue,
            epoch: (cue != Cue::Stop).then(|| self.session.epoch()),
            tapped_at: before.map(|before| Millis(self.now.0 - before)),
            uncertainty_ms: before.map(|_| 12),
        }
    }

    /// A cue of this epoch, tapped 35 ms before the relay has it.
    pub(crate) fn cue(&mut self, by: Role, cue: Cue) -> Id {
        self.enter(Some(by), self.cue_what(cue, Some(35)))
    }

    pub(crate) fn shown(&mut self, by: Role, of: Id) -> Id {
        self.enter(Some(by), self.shown_what(of))
    }

    fn shown_what(&self, of: Id) -> What {
        What::Shown {
            of,
            painted_at: Some(Millis(self.now.0 - 20)),
            uncertainty_ms: Some(9),
        }
    }

    /// Each screen with a link paints the hold if it has not yet, 35 ms after the one before.
    pub(crate) fn painted(&mut self) -> &mut Self {
        let Some(hold) = self.session.state().hold else {
            return self;
        };
        for by in Role::BOTH {
            let entry = Entry {
                id: self.fresh_id(),
                at: self.now,
                by: Some(by),
                what: self.shown_what(hold.id),
            };
            if self.session.peer(by).is_up() && self.session.would_change(&entry) {
                self.wait(35).shown(by, hold.id);
            }
        }
        self
    }

    pub(crate) fn acknowledge(&mut self, of: Id) -> Id {
        self.enter(Some(Helper), What::Acknowledged { of })
    }

    /// The receiver's thumb goes down, or is lifted if `lifts` names the entry that put it down.
    pub(crate) fn thumb(&mut self, lifts: Option<Id>) -> Id {
        let down = lifts.is_none();
        let what = What::Thumb {
            down,
            epoch: down.then(|| self.session.epoch()),
            lifts,
            tapped_at: Some(Millis(self.now.0 - 35)),
            uncertainty_ms: Some(12),
        };
        self.enter(Some(Receiver), what)
    }

    /// A cue with all its receipts.
    pub(crate) fn seen(&mut self, cue: Cue) -> Id {
        let id = self.cue(Receiver, cue);
        self.wait(95).shown(Helper, id);
        self.wait(1_240).acknowledge(id);
        id
    }

    pub(crate) fn confirm(&mut self, by: Role, item: ConfirmItem, value: bool) -> Id {
        self.enter(Some(by), What::Confirmed { item, value })
    }

    pub(crate) fn link(&mut self, by: Role, status: LinkStatus) -> Id {
        self.enter(Some(by), What::Link { status })
    }

    pub(crate) fn due(&mut self, timer: Timer) -> Id {
        self.enter(None, What::Due { timer })
    }

    pub(crate) fn note(&mut self, by: Role, shared: bool, text: &str, about: Option<u64>) -> Id {
        let salt = Some(Salt([self.entries.len() as u8; 16]));
        self.enter(
            Some(by),
            What::Noted {
                text: text.into(),
                shared,
                about,
                salt,
            },
        )
    }

    pub(crate) fn both_ready(&mut self) {
        self.painted();
        if let Some(hold) = self.session.state().hold {
            self.wait(900).acknowledge(hold.id);
        }
        self.wait(1_600).cue(Receiver, Cue::Ready);
        self.wait(700).cue(Helper, Cue::Ready);
    }

    pub(crate) fn numbered(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (1..).zip(&self.entries)
    }

    pub(crate) fn read(&self, viewer: Option<Role>) -> Transcript {
        Transcript::read(self.id, self.numbered(), viewer).unwrap()
    }

    pub(crate) fn seal(&self) -> Seal {
        let sealed = self.read(None).to_seal(self.now.plus(40)).unwrap();
        seal::sign(&KEY, sealed)
    }

    pub(crate) fn sealed(&self, viewer: Option<Role>) -> Transcript {
        self.read(viewer).with_seals([self.seal()])
    }
}

fn fresh(session: SessionId, n: u128) -> Id {
    Id::from_u128((session.0.as_u128() << 16) ^ n)
}
