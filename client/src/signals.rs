//! What the operating system says when this program is to stop, or to stand still for a while.

use std::io;

/// Waits for a request to stop.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// If the operating system does not allow it.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            signals: [
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
                signal(SignalKind::interrupt())?,
            ],
        })
    }

    /// Listens from now on.
    ///
    /// # Errors
    /// Never, on this system.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// The next request to stop. Cancelling loses nothing.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    /// The next request to stop. Cancelling loses nothing.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A turn in the life of a program that a shell may suspend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is to stand still.
    Suspend,
    /// It stood still, and goes on.
    Continued,
}

/// Waits for a shell to suspend this program, and to continue it.
#[derive(Debug)]
pub(crate) struct Suspension {
    #[cfg(unix)]
    suspend: tokio::signal::unix::Signal,
    #[cfg(unix)]
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Suspension {
    /// Listens from now on: the program is not suspended any more unless it does it itself.
    ///
    /// # Errors
    /// If the operating system does not allow it.
    pub(crate) fn listen() -> io::Result<Self> {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};
        let of = |which: Signal| signal(SignalKind::from_raw(which.as_raw()));
        Ok(Self {
            suspend: of(Signal::TSTP)?,
            continued: of(Signal::CONT)?,
        })
    }

    /// The next turn. Cancelling loses nothing.
    pub(crate) async fn next(&mut self) -> Turn {
        tokio::select! {
            _ = self.suspend.recv() => Turn::Suspend,
            _ = self.continued.recv() => Turn::Continued,
        }
    }
}

#[cfg(not(unix))]
impl Suspension {
    /// There are no such signals on this system.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Never.
    pub(crate) async fn next(&mut self) -> Turn {
        std::future::pending().await
    }
}

/// Stands still, with all threads, until this program is continued.
pub(crate) fn stand_still() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        // A process may always stop itself.
        let _ = kill_process(getpid(), Signal::STOP);
    }
}
