//! Detects a disk that accepts a commit and never answers, such as a network file system whose server is gone
//! or a dying card. No error reports that, so a second thread measures how long the writer waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a commit may take before it counts as failed. A busy disk may sync for a second; after two,
/// people must know that nothing is recorded. The same time as for a silent link (safety.md).
const HUNG_AFTER: Duration = Duration::from_secs(2);

/// How often the idle writer checks its files: as often as a hung disk is reported.
const LOOK_EVERY: Duration = HUNG_AFTER;

/// State that the two threads share.
#[derive(Debug, Default)]
pub(super) struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// When the writer began to wait for the disk.
    begun: Option<Instant>,
    /// Whether the present wait was reported as too long.
    hung: bool,
    /// Whether the watchdog thread waits for a wait to begin.
    idle: bool,
    closing: bool,
}

impl Watch {
    /// Marks that the writer waits for the disk, unless it is marked already.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.begun.get_or_insert_with(Instant::now);
        if std::mem::take(&mut state.idle) {
            self.changed.notify_one();
        }
    }

    /// Marks that the disk has answered.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.begun = None;
        state.hung = false;
    }

    /// Ends the watchdog.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_one();
    }

    /// Whether the writer waits for a disk that does not answer.
    pub(super) fn is_hung(&self) -> bool {
        self.lock().hung
    }

    /// Calls `hung` once for each wait that is too long, until [`close`](Self::close). A wait cannot
    /// [`end`](Self::end) before `hung` returns. Calls `idle` every [`LOOK_EVERY`] while the writer does not
    /// wait.
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
                // The end of a wait wakes no thread: one wakeup every two seconds costs less than one per
                // commit.
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

    /// No code panics under this lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Longer than any step of these tests takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn each_wait_that_is_too_long_is_said_once() {
        let watch = Watch::default();
        let (said, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| watch.run(move || said.send(Instant::now()).unwrap(), || {}));
            for _ in 0..2 {
                // Short waits, during which the watchdog keeps watching.
                for _ in 0..1_000 {
                    watch.begin();
                    watch.end();
                }
                let begun = Instant::now();
                watch.begin();
                let at = heard.recv_timeout(PATIENCE).unwrap();
                assert!(at - begun >= HUNG_AFTER, "said after {:?}", at - begun);
                // This succeeds only after `hung` has returned.
                assert!(watch.is_hung());
                watch.end();
                assert!(!watch.is_hung());
            }
            watch.close();
        });
        assert!(heard.recv().is_err(), "nothing more was said");
    }
}
