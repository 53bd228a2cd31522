//! Every short history over a small alphabet, each step checked against the oracle. It covers what random
//! histories may miss.
//!
//! `TAPCUE_DEPTH` sets the length (3 in the ordinary run).

use std::collections::HashSet;

use tapcue_rules::cue::{Cue, Role};
use tapcue_rules::entry::{Timer, What};
use tapcue_rules::session::Session;
use tapcue_rules::state::{LinkStatus, Options, Phase};

use crate::desk::{Desk, Helper, Receiver, waived};
use crate::oracle::{Before, Oracle};

#[derive(Clone)]
struct Node {
    desk: Desk,
    oracle: Oracle,
    /// The first epoch of this search; its cues become stale.
    epoch: u64,
}

impl Node {
    fn new(options: Options) -> Self {
        let mut desk = Desk::opened(options.clone());
        desk.paints = false;
        let oracle = Oracle::new(options, desk.now);
        Self {
            desk,
            oracle,
            epoch: 1,
        }
    }

    fn enter(&mut self, by: Option<Role>, what: What) {
        let before = Before::of(&self.desk.session);
        let effects = self.desk.enter(by, what);
        let entry = self.desk.entries.last().expect("it was entered");
        self.oracle
            .check(&before, entry, &effects, &self.desk.session);
        self.paint();
    }

    /// Both screens paint at once.
    fn paint(&mut self) {
        for by in Role::BOTH {
            let Some(of) = self.desk.state().hold.map(|hold| hold.id) else {
                return;
            };
            let what = What::Shown {
                of,
                painted_at: None,
                uncertainty_ms: None,
            };
            let before = Before::of(&self.desk.session);
            let effects = self.desk.enter(Some(by), what);
            let entry = self.desk.entries.last().expect("it was entered");
            self.oracle
                .check(&before, entry, &effects, &self.desk.session);
        }
    }

    fn cue(&mut self, by: Role, cue: Cue, epoch: u64) {
        let epoch = Some(epoch);
        let tapped_at = None;
        self.enter(
            Some(by),
            What::Cue {
                cue,
                epoch,
                tapped_at,
                uncertainty_ms: None,
            },
        );
    }

    fn joined(mut self) -> Self {
        let what = What::Joined {
            name: None,
            client: None,
        };
        self.enter(Some(Helper), what);
        self.epoch = self.desk.session.epoch();
        self
    }

    fn go_live(mut self) -> Self {
        self.desk.wait(600);
        for by in Role::BOTH {
            self.cue(by, Cue::Ready, self.desk.session.epoch());
        }
        assert_eq!(self.desk.phase(), Phase::Live);
        self.epoch = self.desk.session.epoch();
        self
    }

    /// Everything that can happen next.
    fn next(&self) -> Vec<Node> {
        let now = self.desk.session.epoch();
        let state = self.desk.state();
        let hold = state.hold.map(|hold| hold.id);
        let mut nodes = Vec::new();
        let mut then = |pause: u64, act: &dyn Fn(&mut Node)| {
            let mut node = self.clone();
            node.desk.wait(pause);
            act(&mut node);
            nodes.push(node);
        };
        for by in Role::BOTH {
            then(600, &|node| node.cue(by, Cue::Ready, now));
            then(600, &|node| node.cue(by, Cue::Ready, node.epoch));
            then(0, &|node| node.cue(by, Cue::Stop, now));
            for status in [LinkStatus::Here, LinkStatus::Lost, LinkStatus::Away] {
                then(0, &|node| node.enter(Some(by), What::Link { status }));
            }
            then(0, &|node| {
                node.enter(Some(by), What::Connected { client: None });
            });
            if let Some(of) = hold {
                for pause in [0, 450] {
                    then(pause, &|node| {
                        node.enter(Some(by), What::Acknowledged { of });
                    });
                }
            }
        }
        then(100, &|node| node.cue(Helper, Cue::Ready, now));
        then(300, &|node| node.cue(Receiver, Cue::Slower, now));
        then(300, &|node| node.cue(Receiver, Cue::Slower, node.epoch));
        then(300, &|node| node.cue(Receiver, Cue::MorePressure, now));
        then(0, &|node| node.cue(Helper, Cue::CheckIn, now));
        for timer in [Timer::CheckIn, Timer::CheckInAgain, Timer::NoAnswer] {
            then(15_000, &|node| node.enter(None, What::Due { timer }));
        }
        then(0, &|node| node.enter(None, What::Restarted));
        then(0, &|node| node.enter(Some(Helper), What::Ended));
        nodes
    }
}

/// Walks every history of `depth` steps. Returns the number of different sessions, and of live ones.
fn walk(root: Node, depth: usize) -> (usize, usize) {
    let mut met: HashSet<(Session, Oracle)> = HashSet::new();
    let mut live = 0;
    let mut edge = vec![root];
    for _ in 0..depth {
        let mut further = Vec::new();
        for node in edge.iter().flat_map(Node::next) {
            live += usize::from(node.desk.phase() == Phase::Live);
            if met.insert((node.desk.session.clone(), node.oracle.clone())) {
                further.push(node);
            }
        }
        edge = further;
    }
    (met.len(), live)
}

#[test]
fn no_short_history_breaks_a_rule() {
    let depth = std::env::var("TAPCUE_DEPTH")
        .ok()
        .and_then(|depth| depth.parse().ok())
        .unwrap_or(3);
    for root in [
        Node::new(waived()),
        Node::new(waived()).joined(),
        Node::new(Options {
            setup: false,
            ..Options::default()
        })
        .joined(),
        Node::new(waived()).joined().go_live(),
    ] {
        let (met, live) = walk(root, depth);
        println!("{met} sessions at depth {depth}, {live} times live");
        assert!(met > 100, "the alphabet leads nowhere");
    }
}
