//! How late a thread that sleeps is woken meanwhile: what the machine, and not the product, adds to
//! every time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the thread sleeps at a time.
const NAP: Duration = Duration::from_millis(10);

/// A thread that naps until it is asked.
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

    /// The worst that it was late by.
    pub(super) fn worst(self) -> Duration {
        self.over.store(true, Ordering::Relaxed);
        self.napping.join().expect("the control")
    }
}
