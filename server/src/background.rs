//! Work on past sessions, on a few threads of the lowest priority, so that it does not take the processor
//! from the live path.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

use crate::fail_points;

/// The most threads. Each may hold one session and its output, about 150 MB for the longest.
const AT_MOST: usize = 2;

/// The niceness of these threads: the lowest priority. Source: setpriority(2).
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

type Work = Box<dyn FnOnce() + Send>;

/// The threads' queue. Its callers bound it: the limit on readers of records, and retention.
static QUEUE: OnceLock<Sender<Work>> = OnceLock::new();

/// How many pieces of work run at once: one core stays free if there are two.
pub(crate) fn at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).clamp(1, AT_MOST)
}

/// Runs the work when a thread is free. None if it panics, or if the system gives no thread.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = oneshot::channel();
    let work = Box::new(move || {
        // The caller may have stopped waiting.
        let _unheard = done.send(work());
    });
    QUEUE.get_or_init(start).send(work).ok()?;
    result.await.ok()
}

fn start() -> Sender<Work> {
    let (queue, work) = channel();
    let work = Arc::new(Mutex::new(work));
    for _ in 0..at_once() {
        let work = Arc::clone(&work);
        let started = std::thread::Builder::new()
            .name("background".into())
            .spawn(move || {
                step_back();
                serve(&work);
            });
        if let Err(error) = started {
            tracing::error!(%error, "the system gave no thread for past sessions; raise its limits");
        }
    }
    queue
}

fn serve(queue: &Mutex<Receiver<Work>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else {
            return;
        };
        fail_points::stand(fail_points::IN_THE_BACKGROUND);
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("work on a past session panicked. Please report it");
        }
    }
}

/// Gives this thread the lowest priority. Where a thread cannot have its own, only the number of threads is
/// limited.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        let this = rustix::thread::gettid();
        if let Err(error) = rustix::process::setpriority_process(Some(this), NICE) {
            tracing::debug!(%error, "past sessions are read at ordinary priority");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_costs_no_thread() {
        for _ in 0..2 * at_once() {
            let nothing: Option<()> = run(|| panic!("on purpose")).await;
            assert_eq!(nothing, None);
        }
        assert_eq!(run(|| 7).await, Some(7));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn it_has_the_lowest_priority_and_nobody_else_has() {
        let of_this = || {
            let this = rustix::thread::gettid();
            rustix::process::getpriority_process(Some(this)).unwrap()
        };
        assert_eq!(run(of_this).await, Some(NICE));
        assert_ne!(of_this(), NICE);
    }
}
