//! The bounded model of a session. A state is the session machine itself, with the oracle's account of what
//! people did. An alphabet says what can happen next. Each test in `alphabets.rs` has an alphabet that is
//! large for its subject and small elsewhere; the search covers every state of it.
//!
//! Time moves between thresholds: to the last millisecond before something changes, and to the first after
//! it.

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Entry, Timer, What};
use tapcue_rules::ids::Id;
use tapcue_rules::limits;
use tapcue_rules::message::ConfirmItem;
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Options, Phase};
use tapcue_rules::time::Millis;

use super::canonical::{Canonical, Key, Newest, Treat};
use super::search::{Machine, Met};
use super::situations;
use crate::desk::{Desk, Helper, OPENED, Receiver};
use crate::invariants::{Broken, Invariant};
use crate::oracle::{Before, Oracle};

/// What can happen in a model. Joining, ready, "hands off" and time are in every model.
#[derive(Clone, Default)]
pub(super) struct Alphabet {
    pub(super) options: Options,
    pub(super) stops: &'static [Role],
    /// Cues other than stop and ready.
    pub(super) cues: &'static [(Role, Cue)],
    /// Cues of the epoch before come too.
    pub(super) stale: bool,
    /// Cues in quick succession: for all others but stop it is too late to be the same tap.
    pub(super) hasty: &'static [Cue],
    /// The newest stop and the helper's newest ready may be repeated at any time.
    pub(super) repeats: bool,
    /// Cues on the screen are repeated, and their ids come with another cue.
    pub(super) repeats_shown: bool,
    pub(super) links: &'static [(Role, LinkStatus)],
    pub(super) connects: &'static [Role],
    pub(super) confirms: bool,
    /// The receiver's thumb is put down, lifted, and lifted before the message that put it down arrives.
    pub(super) thumb: bool,
    /// Cues and questions may be painted at any time; otherwise they are painted at once.
    pub(super) shown: bool,
    /// Holds may be painted at any time too.
    pub(super) paints_holds: bool,
    pub(super) timers: bool,
    /// Time also moves to the last millisecond before each threshold.
    pub(super) edges: bool,
    /// Time goes on until a ready is too old.
    pub(super) ages: bool,
    pub(super) restart: bool,
    pub(super) end: bool,
}

/// A session and what is known about it.
#[derive(Clone)]
pub(crate) struct Node {
    session: Session,
    people: Oracle,
    now: Millis,
    /// The number of entries so far.
    entries: u64,
    /// The epoch before this one.
    epoch_before: u64,
    /// What may be repeated: the newest stop, and the helper's newest ready. With a thumb: the newest lift,
    /// and the newest thumb message that its lift overtook.
    sent: [Option<Entry>; 2],
}

/// The parts that make two nodes differ. What may be repeated counts only if the session names something in
/// it.
#[derive(Debug)]
#[expect(dead_code, reason = "read by its debug output")]
struct Counts<'a> {
    sent: [Option<(Id, Option<Role>, &'a What)>; 2],
    session: &'a Session,
    people: &'a Oracle,
}

#[derive(Clone)]
pub(crate) enum Act {
    Wait(Millis),
    Enter(Entry),
}

/// What decides which times a session's rules can still compare.
#[derive(Clone, Copy)]
struct Matters {
    phase: Phase,
    /// A question is open.
    asked: bool,
    /// The relay asks by itself.
    asks: bool,
    /// The thumb answers the question.
    by_thumb: bool,
}

/// The thresholds of the machine's times that still matter. Fields that are not named count fully.
fn treats(at: Matters, of: &str, field: &str) -> Option<Treat> {
    const REFLEX: &[u64] = &[limits::REFLEX_MS - 1, limits::REFLEX_MS];
    const DEBOUNCE: &[u64] = &[limits::DEBOUNCE_MS - 1, limits::DEBOUNCE_MS];
    const EARLIER: &[u64] = &[limits::EARLIER_FOR_MS - 1, limits::EARLIER_FOR_MS];
    const MEANT: &[u64] = &[limits::MEANT_MS - 1, limits::MEANT_MS];
    const OLD: &[u64] = &[limits::READY_FOR_MS - 1, limits::READY_FOR_MS];
    const LATE: &[u64] = &[limits::STOP_AFTER_END_MS, limits::STOP_AFTER_END_MS + 1];
    const HELD_ON: &[u64] = &[limits::HOLDING_ANSWERS_MS - 1, limits::HOLDING_ANSWERS_MS];
    const EVERY: &[u64] = &[CHECK_IN_EVERY_MS - 1, CHECK_IN_EVERY_MS];
    const ASKED: &[u64] = &[
        limits::CHECK_IN_AGAIN_MS - 1,
        limits::CHECK_IN_AGAIN_MS,
        limits::CHECK_IN_HOLD_MS - 1,
        limits::CHECK_IN_HOLD_MS,
    ];
    let when = |matters: bool, ages: &'static [u64]| Treat::Age(if matters { ages } else { &[] });
    let live = at.phase == Phase::Live;
    let held = matches!(at.phase, Phase::Held | Phase::Waiting);
    Some(match (of, field) {
        // Constants, counts for the end's figures only, and values that are given out but never read.
        (_, "options" | "opened_at" | "now" | "seq" | "count" | "tally" | "names")
        | ("Ended", "live_ms" | "stops" | "stop_shown" | "stop_acknowledged")
        | ("Ended", "tap_shown" | "tap_acknowledged") => Treat::Drop,
        // The next hold has its own id, paint and "hands off".
        ("Permission", "painted" | "hands_off") | ("Oracle", "hold" | "painted" | "hands_off")
            if live =>
        {
            Treat::Drop
        }
        ("Permission" | "Oracle", "painted") => Treat::Age(MEANT),
        ("Permission" | "Oracle", "hands_off") => when(held, MEANT),
        ("Oracle", "question") if !at.asked => Treat::Drop,
        ("Oracle", "question") | ("Questions", "painted") => when(at.asked, MEANT),
        ("Oracle", "said") if !held => Treat::Drop,
        ("Permission", "ready") | ("Oracle", "said") => when(held, OLD),
        ("Permission", "began") | ("Oracle", "hold_began") => when(held, REFLEX),
        ("Oracle", "ended_at") | ("Ended", "at") => Treat::Age(LATE),
        ("CheckIn", "shown") => when(at.by_thumb, HELD_ON),
        ("CheckIn", "asked_at") => Treat::Age(ASKED),
        ("Questions", "last_sign") => when(live && at.asks && !at.by_thumb && !at.asked, EVERY),
        ("Screen", "painted") => Treat::Age(MEANT),
        ("Screen", "last_tap") => Treat::Forget(DEBOUNCE),
        // Past events that matter only by their presence; `due_at` follows from `asked_at`.
        (_, "since" | "live_since" | "tapped_at" | "shown" | "acknowledged")
        | ("Permission", "hold_from")
        | ("Questions", "still_holding")
        | ("CheckIn", "due_at")
        | (_, "sent") => Treat::Age(&[]),
        ("Session", "screen") => Treat::Age(EARLIER),
        (_, "epoch") => Treat::Epoch,
        (_, "stops" | "accepted" | "refused" | "seen" | "fresh" | "lifted") => Treat::Known,
        _ => return None,
    })
}

const TIMERS: [Timer; 6] = [
    Timer::CheckIn,
    Timer::CheckInAgain,
    Timer::NoAnswer,
    Timer::HeldOn,
    Timer::ReceiverReadyExpired,
    Timer::HelperReadyExpired,
];

/// What both screens paint at once, in models that do not set the time of painting.
fn paints(session: &Session, now: Millis, all: bool) -> Vec<Entry> {
    let state = session.state();
    let hold = state.hold.iter().map(|hold| hold.id);
    let cues = state.cue.iter().chain(&state.earlier).map(|cue| cue.id);
    let asked = state.check_in.iter().map(|asked| asked.id);
    let others = cues.chain(asked).filter(|_| all);
    let of: Vec<Id> = hold.chain(others).collect();
    let shown = |(of, by)| Entry {
        id: Id::nil(),
        at: now,
        by: Some(by),
        what: What::Shown {
            of,
            painted_at: None,
            uncertainty_ms: None,
        },
    };
    let shown = of
        .into_iter()
        .flat_map(|of| Role::BOTH.map(|by| shown((of, by))));
    shown.filter(|entry| session.would_change(entry)).collect()
}

/// The interval of the relay's own questions, in models that have them.
const CHECK_IN_EVERY_MS: u64 = 20_000;

/// The id of a thumb message that is in flight while the relay has this many entries.
fn overtaken(entries: u64) -> Id {
    Id::from_u128(u128::from(entries + 1) << 16 | 1)
}

impl Node {
    fn enter(&self, by: Option<Role>, what: What) -> Act {
        // The low bits choose how far a restart moves the epoch: here the least distance.
        let id = Id::from_u128(u128::from(self.entries + 1) << 16);
        Act::Enter(Entry {
            id,
            at: self.now,
            by,
            what,
        })
    }

    fn cue(&self, by: Role, cue: Cue, epoch: Option<u64>) -> Act {
        let what = What::Cue {
            cue,
            epoch,
            tapped_at: None,
            uncertainty_ms: None,
        };
        self.enter(Some(by), what)
    }

    fn thumb(&self, acts: &mut Vec<Act>) {
        let epoch = self.session.epoch();
        let thumb = |down: bool, epoch: Option<u64>, lifts: Option<Id>| {
            let what = What::Thumb {
                down,
                epoch,
                lifts,
                tapped_at: None,
                uncertainty_ms: None,
            };
            self.enter(Some(Receiver), what)
        };
        acts.push(thumb(true, Some(epoch), None));
        if self.epoch_before < epoch {
            acts.push(thumb(true, Some(self.epoch_before), None));
        }
        acts.push(thumb(false, None, None));
        acts.push(thumb(false, None, Some(overtaken(self.entries))));
    }

    /// The next time at which something changes, or the last millisecond before.
    fn threshold(&self, alphabet: &Alphabet) -> Option<Millis> {
        let state = self.session.state();
        let held = matches!(state.phase, Phase::Held | Phase::Waiting);
        let reflex = held.then(|| self.people.hold_began.plus(limits::REFLEX_MS));
        let cue = state.cue.iter().chain(&state.earlier);
        let cue = cue.filter(|cue| cue.cue != Cue::Stop);
        let cues = cue.map(|cue| cue.at.plus(limits::EARLIER_FOR_MS));
        let late = state.ended.as_ref();
        let late = late.map(|ended| ended.at.plus(limits::STOP_AFTER_END_MS + 1));
        let due = self.session.deadline();
        let due = due.filter(|_| !held || alphabet.ages);
        let times = [reflex, due.map(|(at, _)| at), late];
        let times = times.into_iter().flatten().chain(cues);
        let times = times.chain(self.people.answerable_from(&state, self.now));
        let before = u64::from(alphabet.edges);
        let times = times.flat_map(|at| [Millis(at.0 - before), at]);
        times.filter(|at| *at > self.now).min()
    }
}

impl Alphabet {
    fn cues_of(&self, node: &Node, acts: &mut Vec<Act>) {
        let epoch = node.session.epoch();
        let mut epochs = vec![epoch];
        if self.stale && node.epoch_before < epoch {
            epochs.push(node.epoch_before);
        }
        for epoch in epochs {
            for by in Role::BOTH {
                acts.push(node.cue(by, Cue::Ready, Some(epoch)));
            }
            for (by, cue) in self.cues {
                acts.push(node.cue(*by, *cue, Some(epoch)));
            }
        }
        if self.thumb {
            node.thumb(acts);
        }
        for by in self.stops {
            acts.push(node.cue(*by, Cue::Stop, None));
        }
        for entry in node.sent.iter().flatten() {
            let at = node.now;
            acts.push(Act::Enter(Entry {
                at,
                ..entry.clone()
            }));
        }
        if self.repeats_shown {
            let state = node.session.state();
            for cue in state.cue.iter().filter(|cue| cue.cue != Cue::Stop) {
                for (again, epoch) in [(cue.cue, Some(state.epoch)), (Cue::Stop, None)] {
                    if let Act::Enter(entry) = node.cue(Receiver, again, epoch) {
                        acts.push(Act::Enter(Entry {
                            id: cue.id,
                            ..entry
                        }));
                    }
                }
            }
        }
    }

    fn receipts_of(&self, node: &Node, acts: &mut Vec<Act>) {
        let state = node.session.state();
        let hold = state.hold.as_ref().map(|hold| hold.id);
        let cues = state.cue.iter().chain(&state.earlier).map(|cue| cue.id);
        let asked = state.check_in.as_ref().map(|asked| asked.id);
        let sent = node.sent.iter().flatten().map(|entry| entry.id);
        let mut ids: Vec<Id> = hold.into_iter().chain(sent).collect();
        if self.shown {
            ids.extend(cues.chain(asked));
        }
        ids.sort_unstable();
        ids.dedup();
        for of in ids {
            for by in Role::BOTH {
                acts.push(node.enter(Some(by), What::Acknowledged { of }));
                if self.shown {
                    let what = What::Shown {
                        of,
                        painted_at: None,
                        uncertainty_ms: None,
                    };
                    acts.push(node.enter(Some(by), what));
                }
            }
        }
    }
}

impl Machine for Alphabet {
    type State = Node;
    type Act = Act;

    fn start(&self) -> Node {
        Node {
            session: Desk::opened(self.options.clone()).session,
            people: Oracle::new(self.options.clone(), OPENED),
            now: OPENED,
            entries: 1,
            epoch_before: 1,
            sent: [None, None],
        }
    }

    fn acts(&self, node: &Node) -> Vec<Act> {
        let mut acts: Vec<Act> = node.threshold(self).map(Act::Wait).into_iter().collect();
        if !self.hasty.is_empty() {
            // To the last millisecond in which a tap can be the same one, and past it.
            let waits = [limits::DEBOUNCE_MS - 1, 1];
            acts.extend(waits.map(|ms| Act::Wait(node.now.plus(ms))));
        }
        let name = None;
        let client = None;
        if node.session.is_alone() {
            acts.push(node.enter(Some(Helper), What::Joined { name, client }));
        }
        self.cues_of(node, &mut acts);
        self.receipts_of(node, &mut acts);
        for (by, status) in self.links {
            acts.push(node.enter(Some(*by), What::Link { status: *status }));
        }
        for by in self.connects {
            acts.push(node.enter(Some(*by), What::Connected { client: None }));
        }
        if self.confirms {
            for value in [true, false] {
                for by in Role::BOTH {
                    let item = ConfirmItem::SetUp;
                    acts.push(node.enter(Some(by), What::Confirmed { item, value }));
                }
                for item in [ConfirmItem::WarningSigns, ConfirmItem::Cleared] {
                    acts.push(node.enter(Some(Receiver), What::Confirmed { item, value }));
                }
            }
        }
        if self.timers {
            for timer in TIMERS {
                acts.push(node.enter(None, What::Due { timer }));
            }
        }
        if self.restart {
            acts.push(node.enter(None, What::Restarted));
        }
        if self.end && node.session.phase() != Phase::Ended {
            acts.push(node.enter(Some(Helper), What::Ended));
        }
        acts
    }

    fn take(&self, node: &Node, act: &Act, met: &mut Met) -> Result<Node, Broken> {
        let mut next = node.clone();
        let entry = match act {
            Act::Wait(until) => {
                next.now = *until;
                return Ok(next);
            }
            Act::Enter(entry) => entry,
        };
        let before = Before::of(&node.session);
        let effects = next.session.step(entry);
        next.people
            .judge(&before, entry, &effects, &next.session, |invariant| {
                met.note(invariant.name());
            })?;
        situations::note(&before, entry, &effects, &next.session.state(), met);
        if !self.paints_holds {
            for paint in paints(&next.session, entry.at, !self.shown) {
                let before = Before::of(&next.session);
                let effects = next.session.step(&paint);
                let session = &next.session;
                next.people
                    .judge(&before, &paint, &effects, session, |_| {})?;
            }
        }
        next.entries += 1;
        if next.session.epoch() != node.session.epoch() {
            next.epoch_before = node.session.epoch();
        }
        next.remember(self, entry);
        Ok(next)
    }

    /// Nothing recorded is lost: the entries so far give an identical session.
    fn arrive(&self, history: &[&Act], node: &Node, met: &mut Met) -> Result<(), Broken> {
        let name = Invariant::RecordedIsNeverLost.name();
        met.note(name);
        let mut again = Desk::opened(self.options.clone()).session;
        for act in history {
            if let Act::Enter(entry) = act {
                let _ = again.step(entry);
                if !self.paints_holds {
                    for paint in paints(&again, entry.at, !self.shown) {
                        let _ = again.step(&paint);
                    }
                }
            }
        }
        if again != node.session {
            let how = "the same entries give another session";
            return Err(Broken { name, how });
        }
        if let Some(Act::Enter(entry)) = history.last() {
            let line = serde_json::to_string(entry).expect("an entry is written");
            let read: Entry = serde_json::from_str(&line).expect("and read");
            if read != *entry {
                let how = "an entry comes back from a journal as another";
                return Err(Broken { name, how });
            }
        }
        Ok(())
    }

    fn canonical(&self) -> Canonical {
        Canonical::new(&[250, 500, 5_000, 10_000, CHECK_IN_EVERY_MS])
    }

    fn key(&self, node: &Node, canonical: &mut Canonical) -> Key {
        use std::fmt::Write;
        canonical.text.clear();
        let counts = Counts {
            sent: node
                .sent
                .each_ref()
                .map(|sent| sent.as_ref().map(|it| (it.id, it.by, &it.what))),
            session: &node.session,
            people: &node.people,
        };
        write!(canonical.text, "{counts:?}").expect("a string takes all");
        let newest = Newest {
            epoch: node.session.epoch(),
            seq: node.session.seq(),
        };
        let state = node.session.state();
        let matters = Matters {
            phase: state.phase,
            asked: state.check_in.is_some(),
            asks: self.options.check_in_every_s > 0,
            by_thumb: self.options.hold_to_consent,
        };
        let treats = |of: &str, field: &str| treats(matters, of, field);
        canonical.key(&treats, node.now, newest)
    }

    fn describe(&self, act: &Act) -> String {
        match act {
            Act::Wait(until) => format!("{:>8} ms: time passes", until.since(OPENED)),
            Act::Enter(entry) => {
                let by = entry.by.map_or("the relay", Role::as_str);
                let at = entry.at.since(OPENED);
                let id = entry.id.as_u128() >> 16;
                format!("{at:>8} ms: {by}: {:?} (id {id})", entry.what)
            }
        }
    }
}

impl Node {
    fn remember(&mut self, alphabet: &Alphabet, entry: &Entry) {
        if let What::Thumb {
            down: false, lifts, ..
        } = entry.what
        {
            let [lift, late] = &mut self.sent;
            *lift = Some(entry.clone());
            if let Some(id) = lifts {
                let what = What::Thumb {
                    down: true,
                    epoch: Some(self.session.epoch()),
                    lifts: None,
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                let entry = entry.clone();
                *late = Some(Entry { id, what, ..entry });
            }
        }
        let What::Cue { cue, .. } = entry.what else {
            return;
        };
        if cue != Cue::Stop && !alphabet.hasty.contains(&cue) {
            self.now = self.now.plus(limits::DEBOUNCE_MS);
        }
        let [stop, ready] = &mut self.sent;
        if alphabet.repeats && cue == Cue::Stop {
            *stop = Some(entry.clone());
        }
        if alphabet.repeats && cue == Cue::Ready && entry.by == Some(Helper) {
            *ready = Some(entry.clone());
        }
    }
}
