//! The bounded model of a device: the helper's device machine, a session machine as its relay, and a
//! connection between them. The connection keeps the order, may delay frames for any time, and may break. Few
//! frames are in flight and the session changes a few times; within these bounds the search covers every
//! state.

mod world;

use std::collections::VecDeque;

use tapcue_rules::cue::Cue;
use tapcue_rules::entry::What;
use tapcue_rules::ids::Id;
use tapcue_rules::limits;
use tapcue_rules::link::{Input, Link};
use tapcue_rules::message::{StopNotice, ToRelay};
use tapcue_rules::session::Session;
use tapcue_rules::state::{Phase, State};
use tapcue_rules::time::Millis;

use super::canonical::{Canonical, Key, Newest, Treat};
use super::search::{Machine, Met, search};
use crate::desk::{Desk, OPENED, Receiver, id, waived};
use crate::invariants::{Broken, Invariant};

/// How many frames may be in flight, and how often the session may change.
struct Bounds {
    up: usize,
    down: usize,
    changes: u8,
    /// The number of connections, including the first.
    connections: u8,
    /// Whether the page may be hidden.
    hides: bool,
    /// Whether this device may say stop.
    stops: bool,
}

#[derive(Clone, Debug)]
enum Up {
    Hello,
    Beat { sent_at: Millis, trusted: bool },
    Cue { id: Id, cue: Cue },
}

#[derive(Clone, Debug)]
enum Down {
    Welcome(State),
    State(State),
    Stop(StopNotice),
    Beat {
        sent_at: Millis,
        trusted: bool,
        phase: Phase,
        epoch: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Cut,
    Dialling,
    Open,
}

/// A device, its relay, and the connection between them.
#[derive(Clone)]
pub(crate) struct Node {
    link: Link,
    session: Session,
    line: Line,
    up: VecDeque<Up>,
    down: VecDeque<Down>,
    now: Millis,
    entries: u64,
    changes: u8,
    opened: u8,
    hidden: bool,
    /// Whether this connection has its welcome.
    greeted: bool,
    /// The time from which answers count.
    trusted_from: Millis,
    answered: Option<Millis>,
    welcomed: Option<Millis>,
    live_at: Option<Millis>,
    unheard: Option<Id>,
}

/// The parts that make two nodes differ.
#[derive(Debug)]
#[expect(dead_code, reason = "read by its debug output")]
struct Counts<'a> {
    session: &'a Session,
    link: &'a Link,
    line: Line,
    up: &'a VecDeque<Up>,
    down: &'a VecDeque<Down>,
    changes: u8,
    opened: u8,
    hidden: bool,
    answered: Option<Millis>,
    welcomed: Option<Millis>,
    live_at: Option<Millis>,
    unheard: Option<Id>,
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Waits until this time; the device's timers run.
    Wait(Millis),
    Opened,
    /// The connection breaks, and the device is told.
    Closed,
    /// The relay takes the next frame.
    ToRelay,
    /// The device takes the next frame.
    ToDevice,
    ReceiverStops,
    /// Everything that is needed to go live, on the relay.
    GoLive,
    Stop,
    Hidden,
    Visible,
}

/// The ages with which a device's times are compared, including the heartbeat interval.
const AGES: &[u64] = &[500, 1_000, 1_500, 1_999, 2_000];

fn treats(of: &str, field: &str) -> Option<Treat> {
    Some(match field {
        // A kept stop does not expire, and its alarm may continue from its tap.
        "tapped" if of == "Kept" => Treat::Age(&[500]),
        // Once it has passed, only that fact counts.
        "again_at" => Treat::Age(&[0]),
        "options" | "opened_at" | "now" | "count" | "tally" | "names" | "screen" | "questions"
        | "repeats" => Treat::Drop,
        "hello" | "client" | "limits" | "clock" | "round_trips" | "beats" | "lamp" => Treat::Drop,
        "since" => Treat::Age(&[3_000]),
        "live_since" | "tapped_at" | "shown" | "acknowledged" | "ended" | "due_at" => {
            Treat::Age(&[])
        }
        "epoch" | "word" => Treat::Epoch,
        "seq" => Treat::Behind(4),
        "attempts" => Treat::Cap(2),
        // Going live paints and waits as long as needed each time.
        "began" | "hold_from" | "painted" | "hands_off" => Treat::Age(&[]),
        "ready" => Treat::Age(&[limits::READY_FOR_MS]),
        "last_tap" => Treat::Forget(&[250]),
        "stop_since" => Treat::Age(&[3_000]),
        "tapped" => Treat::Age(&[250, 499, 500]),
        "notice" | "state" | "down" => Treat::Age(&[]),
        "sent_at" | "last_word" | "trusted_from" => Treat::Age(AGES),
        "answered" | "welcomed" | "live_at" => Treat::Age(&[1_999, 2_000]),
        _ => return None,
    })
}

impl Machine for Bounds {
    type State = Node;
    type Act = Act;

    fn start(&self) -> Node {
        let hello = ToRelay::Join {
            code: None,
            secret: None,
            name: None,
            client: None,
        };
        let mut link = Link::new(hello);
        let _ = link.step(OPENED, Input::Start);
        Node {
            link,
            session: Desk::opened(waived()).session,
            line: Line::Dialling,
            up: VecDeque::new(),
            down: VecDeque::new(),
            now: OPENED,
            entries: 1,
            changes: 0,
            opened: 0,
            hidden: false,
            greeted: false,
            trusted_from: OPENED,
            answered: None,
            welcomed: None,
            live_at: None,
            unheard: None,
        }
    }

    fn acts(&self, node: &Node) -> Vec<Act> {
        let live = node.session.phase() == Phase::Live;
        let joined = !node.session.is_alone();
        let changes = node.changes < self.changes;
        let acts = [
            (
                node.line == Line::Dialling && node.opened < self.connections,
                Act::Opened,
            ),
            (node.line == Line::Open, Act::Closed),
            (!node.up.is_empty(), Act::ToRelay),
            (!node.down.is_empty(), Act::ToDevice),
            (changes && live, Act::ReceiverStops),
            (changes && joined && !live, Act::GoLive),
            (self.stops && changes && node.unheard.is_none(), Act::Stop),
            (self.hides && changes && !node.hidden, Act::Hidden),
            (node.hidden, Act::Visible),
        ];
        let acts = acts.into_iter().filter(|(can, _)| *can).map(|(_, act)| act);
        acts.chain(node.threshold().map(Act::Wait)).collect()
    }

    fn take(&self, node: &Node, act: &Act, met: &mut Met) -> Result<Node, Broken> {
        let mut next = node.clone();
        let tick = Input::Tick;
        match act {
            Act::Wait(until) => {
                next.now = *until;
                next.input(self, &tick, met)?;
            }
            Act::Opened => {
                next.opened += 1;
                next.line = Line::Open;
                next.input(self, &Input::Opened, met)?;
            }
            Act::Closed => {
                next.cut();
                next.input(self, &Input::Closed { code: None }, met)?;
            }
            Act::ToRelay => {
                next.relay_takes(self);
                next.look(&tick, &[], false, met)?;
            }
            Act::ToDevice => next.device_takes(self, met)?,
            Act::ReceiverStops => {
                next.changes += 1;
                let what = What::Cue {
                    cue: Cue::Stop,
                    epoch: None,
                    tapped_at: None,
                    uncertainty_ms: None,
                };
                next.enter(self, Receiver, next.fresh_id(), what);
                next.look(&tick, &[], false, met)?;
            }
            Act::GoLive => {
                next.changes += 1;
                next.go_live(self, met)?;
                next.look(&tick, &[], false, met)?;
            }
            Act::Stop => {
                next.changes += 1;
                let id = id(10_000 + u64::from(next.changes));
                next.unheard = Some(id);
                next.input(
                    self,
                    &Input::Tap {
                        id,
                        cue: Cue::Stop,
                        began: None,
                    },
                    met,
                )?;
            }
            Act::Hidden => {
                next.changes += 1;
                next.hidden = true;
                next.input(self, &Input::Hidden, met)?;
            }
            Act::Visible => {
                next.hidden = false;
                next.trusted_from = next.now;
                next.input(self, &Input::Visible, met)?;
            }
        }
        next.forget();
        Ok(next)
    }

    fn arrive(&self, _: &[&Act], _: &Node, _: &mut Met) -> Result<(), Broken> {
        Ok(())
    }

    fn canonical(&self) -> Canonical {
        Canonical::new(AGES)
    }

    fn key(&self, node: &Node, canonical: &mut Canonical) -> Key {
        use std::fmt::Write;
        canonical.text.clear();
        let counts = Counts {
            session: &node.session,
            link: &node.link,
            line: node.line,
            up: &node.up,
            down: &node.down,
            changes: node.changes,
            opened: node.opened,
            hidden: node.hidden,
            answered: node.answered,
            welcomed: node.welcomed,
            live_at: node.live_at,
            unheard: node.unheard,
        };
        write!(canonical.text, "{counts:?}").expect("a string takes all");
        let newest = Newest {
            epoch: node.session.epoch(),
            seq: node.session.seq(),
        };
        canonical.key(&treats, node.now, newest)
    }

    fn describe(&self, act: &Act) -> String {
        match act {
            Act::Wait(until) => format!("{:>8} ms: time passes", until.since(OPENED)),
            Act::Opened
            | Act::Closed
            | Act::ToRelay
            | Act::ToDevice
            | Act::ReceiverStops
            | Act::GoLive
            | Act::Stop
            | Act::Hidden
            | Act::Visible => format!("             {act:?}"),
        }
    }
}

/// More states than any of these models has; a search that reaches this is cut short and fails.
const AT_MOST: usize = 150_000;

#[test]
fn go_over_every_line() {
    let bounds = Bounds {
        up: 2,
        down: 2,
        changes: 3,
        connections: 2,
        hides: false,
        stops: false,
    };
    let met = [
        "go",
        "go for a moment longer than the relay is live",
        "alarm: hold",
        "alarm: stop",
        "alarm: the link is lost",
        "alarm: not acknowledged",
    ];
    let of = [
        Invariant::GreenIsProof,
        Invariant::SilenceStops,
        Invariant::StopLatches,
    ];
    search(&bounds, AT_MOST).expect("a line that delays and breaks", 21_000, &met, &of);
}

#[test]
fn go_over_a_page_that_hides() {
    let bounds = Bounds {
        up: 1,
        down: 1,
        changes: 3,
        connections: 1,
        hides: true,
        stops: false,
    };
    let met = ["go", "go for a moment longer than the relay is live"];
    let of = [Invariant::GreenIsProof, Invariant::SilenceStops];
    search(&bounds, AT_MOST).expect("a page that hides", 24_000, &met, &of);
}

#[test]
fn every_stop_of_a_device() {
    let bounds = Bounds {
        up: 1,
        down: 1,
        changes: 2,
        connections: 2,
        hides: false,
        stops: true,
    };
    let met = ["go", "alarm: not delivered", "alarm: stop"];
    let of = [Invariant::GreenIsProof, Invariant::AnyoneCanStop];
    search(&bounds, AT_MOST).expect("a device's stop", 108_000, &met, &of);
}
