//! How late a sleeping thread is woken during a run. The machine, not the product, adds this to every
//! time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the thread sleeps at a time.
const NAP: Duration = Duration::from_millis(10);

/// A thread that naps until its result is asked for.
#[derive(Debug)]
pub(super) struct Control {
    over: Arc<AtomicBool>,
    napping: JoinHandle<Duration>,
}

impl Control {
    pub(super) fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let napping = std::thread::spawn(move || {
            let mut worst = Duration::ZERO;
            while !until.load(Ordering::Relaxed) {
                let began = Instant::now();
                std::thread::sleep(NAP);
                worst = worst.max(began.elapsed().saturating_sub(NAP));
            }
            worst
        });
        Self { over, napping }
    }

    /// Ends the thread, and returns the longest delay that it measured.
    pub(super) fn worst(self) -> Duration {
        self.over.store(true, Ordering::Relaxed);
        self.napping.join().expect("the control")
    }
}
