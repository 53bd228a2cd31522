//! Breadth-first search over everything that can happen to a machine. Each state is met once, by the shortest
//! history to it. If a property fails, that history is printed.
//!
//! The crate stateright does not fit. Its properties look at states, and these look at steps (the state
//! before, the input, the effects). States here are equal up to time, ids and epochs; stateright supports
//! that only in depth-first search, whose counterexamples are not the shortest. It also needs a web server
//! and some forty crates, which cannot be left out.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::canonical::{Canonical, Key};
use crate::invariants::{Broken, Invariant};

/// A machine that can be searched.
pub(crate) trait Machine {
    type State: Clone;
    type Act: Clone;

    fn start(&self) -> Self::State;

    /// Everything that can happen next.
    fn acts(&self, state: &Self::State) -> Vec<Self::Act>;

    /// Takes one act.
    fn take(
        &self,
        state: &Self::State,
        act: &Self::Act,
        met: &mut Met,
    ) -> Result<Self::State, Broken>;

    /// Checks a new state, with the history that led to it.
    fn arrive(
        &self,
        history: &[&Self::Act],
        state: &Self::State,
        met: &mut Met,
    ) -> Result<(), Broken>;

    fn canonical(&self) -> Canonical;

    fn key(&self, state: &Self::State, canonical: &mut Canonical) -> Key;

    /// One line of a history.
    fn describe(&self, act: &Self::Act) -> String;
}

/// How often each situation was met, and how often each property applied. A model without these proves
/// nothing.
#[derive(Default)]
pub(crate) struct Met(BTreeMap<&'static str, u64>);

impl Met {
    pub(crate) fn note(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn times(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }
}

/// The result of a search.
pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    /// The length of the longest of the shortest histories.
    pub(crate) depth: usize,
    /// Whether every state was searched.
    pub(crate) complete: bool,
    pub(crate) met: Met,
}

impl Found {
    /// Prints the figures. Fails if the search is incomplete, missed a situation, or found fewer than
    /// `states`. That bound is a tenth below the known number, so that a shrinking model is noticed.
    pub(crate) fn expect(&self, name: &str, states: usize, situations: &[&str], of: &[Invariant]) {
        let complete = if self.complete {
            "complete"
        } else {
            "not complete"
        };
        println!(
            "{name}: {} states, {} transitions, depth {}, {complete}",
            self.states, self.transitions, self.depth
        );
        for (what, times) in &self.met.0 {
            println!("  {times:>9} {what}");
        }
        assert!(self.complete, "{name}: the search was cut short");
        assert!(
            self.states >= states,
            "{name}: the model has shrunk to {} states",
            self.states
        );
        let missed = |what: &&&str| self.met.times(what) == 0;
        let missed: Vec<_> = situations.iter().filter(missed).collect();
        assert!(missed.is_empty(), "{name}: never met {missed:?}");
        for invariant in of {
            assert!(
                self.met.times(invariant.name()) > 0,
                "{name}: nothing to say about {}",
                invariant.name()
            );
        }
    }
}

struct Trail<A> {
    parent: usize,
    act: Option<A>,
    depth: usize,
}

fn history<A>(trail: &[Trail<A>], mut at: usize) -> Vec<&A> {
    let mut acts = Vec::new();
    while let Some(Trail {
        parent,
        act: Some(act),
        ..
    }) = trail.get(at)
    {
        acts.push(act);
        at = *parent;
    }
    acts.reverse();
    acts
}

/// Searches until no new state is left, or until there are `at_most` states. Panics with the property and the
/// shortest history if one is broken.
pub(crate) fn search<M: Machine>(machine: &M, at_most: usize) -> Found {
    let mut canonical = machine.canonical();
    let mut known: HashSet<Key> = HashSet::new();
    let start = machine.start();
    let _ = known.insert(machine.key(&start, &mut canonical));
    let mut trail = vec![Trail {
        parent: 0,
        act: None,
        depth: 0,
    }];
    let mut edge = VecDeque::from([(0, start)]);
    let mut found = Found {
        states: 1,
        transitions: 0,
        depth: 0,
        complete: true,
        met: Met::default(),
    };
    while let Some((at, state)) = edge.pop_front() {
        if known.len() >= at_most {
            found.complete = false;
            break;
        }
        let depth = trail.get(at).map_or(0, |here| here.depth) + 1;
        for act in machine.acts(&state) {
            found.transitions += 1;
            let next = machine
                .take(&state, &act, &mut found.met)
                .unwrap_or_else(|broken| fail(machine, &trail, at, &act, &broken));
            if !known.insert(machine.key(&next, &mut canonical)) {
                continue;
            }
            let place = trail.len();
            trail.push(Trail {
                parent: at,
                act: Some(act.clone()),
                depth,
            });
            found.depth = depth;
            machine
                .arrive(&history(&trail, place), &next, &mut found.met)
                .unwrap_or_else(|broken| fail(machine, &trail, at, &act, &broken));
            edge.push_back((place, next));
        }
    }
    found.states = known.len();
    found
}

fn fail<M: Machine, T>(
    machine: &M,
    trail: &[Trail<M::Act>],
    at: usize,
    last: &M::Act,
    broken: &Broken,
) -> T {
    let mut lines: Vec<String> = history(trail, at)
        .into_iter()
        .chain([last])
        .enumerate()
        .map(|(n, act)| format!("{:>3}. {}", n + 1, machine.describe(act)))
        .collect();
    lines.push(String::new());
    panic!("{broken}\nthe shortest history:\n{}", lines.join("\n"));
}
