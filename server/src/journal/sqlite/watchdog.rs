//! A disk that takes a commit and gives no answer is away, too: a network file system whose server is
//! gone, a card that dies. No error says so, so a second thread looks at how long the writer waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After how long a commit without an end counts as one that fails. A busy disk may sync for a second;
/// past two, people are to know that nothing is recorded. As long as a link may be silent (safety.md).
const HUNG_AFTER: Duration = Duration::from_secs(2);

/// How often the writer looks at its files while it has nothing to do. As long as a disk may hang before
/// people are told.
const LOOK_EVERY: Duration = HUNG_AFTER;

/// What the two threads share.
#[derive(Debug, Default)]
pub(super) struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Since when the writer waits for the disk.
    begun: Option<Instant>,
    /// Whether the wait under way was said to be too long.
    hung: bool,
    /// Whether the watching thread waits for a wait to begin.
    idle: bool,
    closing: bool,
}

impl Watch {
    /// The writer begins to wait for the disk, if it does not already.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.begun.get_or_insert_with(Instant::now);
        if std::mem::take(&mut state.idle) {
            self.changed.notify_one();
        }
    }

    /// The disk has answered.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.begun = None;
        state.hung = false;
    }

    /// Nothing more is to be watched.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_one();
    }

    /// Whether the writer waits for a disk that gives no answer.
    pub(super) fn is_hung(&self) -> bool {
        self.lock().hung
    }

    /// Calls `hung` once for each wait that is too long, until [`close`](Self::close). The wait does not
    /// [`end`](Self::end) before that returns. Calls `idle` every [`LOOK_EVERY`] while nothing is waited
    /// for.
    pub(super) fn run(&self, hung: impl Fn(), idle: impl Fn()) {
        let mut state = self.lock();
        while !state.closing {
            let waited = state.begun.filter(|_| !state.hung).map(|at| at.elapsed());
            let left = waited.map(|waited| HUNG_AFTER.saturating_sub(waited));
            state = match left {
                Some(Duration::ZERO) => {
                    state.hung = true;
                    hung();
                    state
                }
                // Not woken when it ends: a look every two seconds costs less than one at each commit.
                Some(left) => {
                    let woken = self.changed.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    state.idle = true;
                    let woken = self.changed.wait_timeout(state, LOOK_EVERY);
                    let (state, waited) = woken.unwrap_or_else(PoisonError::into_inner);
                    if waited.timed_out() {
                        idle();
                    }
                    state
                }
            };
        }
    }

    /// Nothing panics under this lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Longer than anything here may take.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn each_wait_that_is_too_long_is_said_once() {
        let watch = Watch::default();
        let (said, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| watch.run(move || said.send(Instant::now()).unwrap(), || {}));
            for _ in 0..2 {
                // Short ones, over which it watches on.
                for _ in 0..1_000 {
                    watch.begin();
                    watch.end();
                }
                let begun = Instant::now();
                watch.begin();
                let at = heard.recv_timeout(PATIENCE).unwrap();
                assert!(at - begun >= HUNG_AFTER, "said after {:?}", at - begun);
                // Only once `hung` has returned.
                assert!(watch.is_hung());
                watch.end();
                assert!(!watch.is_hung());
            }
            watch.close();
        });
        assert!(heard.recv().is_err(), "nothing more was said");
    }
}
