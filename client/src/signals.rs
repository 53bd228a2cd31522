//! Signals of the operating system: to stop this program, or to suspend it.

use std::io;

/// Waits for a request to stop.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// The operating system does not allow it.
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

    /// Starts to listen.
    ///
    /// # Errors
    /// There is no error on this system.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next request to stop. Cancelling it loses no request.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    /// Waits for the next request to stop. Cancelling it loses no request.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A change in a program that a shell may suspend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The program is asked to suspend itself.
    Suspend,
    /// The program was suspended and continues.
    Continued,
}

/// Waits until a shell suspends or continues this program.
#[derive(Debug)]
pub(crate) struct Suspension {
    #[cfg(unix)]
    suspend: tokio::signal::unix::Signal,
    #[cfg(unix)]
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Suspension {
    /// Starts to listen. From then on a shell cannot suspend the program; the program suspends itself.
    ///
    /// # Errors
    /// The operating system does not allow it.
    pub(crate) fn listen() -> io::Result<Self> {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};
        let of = |which: Signal| signal(SignalKind::from_raw(which.as_raw()));
        Ok(Self {
            suspend: of(Signal::TSTP)?,
            continued: of(Signal::CONT)?,
        })
    }

    /// Waits for the next change. Cancelling it loses none.
    pub(crate) async fn next(&mut self) -> Turn {
        tokio::select! {
            _ = self.suspend.recv() => Turn::Suspend,
            _ = self.continued.recv() => Turn::Continued,
        }
    }
}

#[cfg(not(unix))]
impl Suspension {
    /// This system has no such signals.
    ///
    /// # Errors
    /// There is no error on this system.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Never returns.
    pub(crate) async fn next(&mut self) -> Turn {
        std::future::pending().await
    }
}

/// Suspends this program with all its threads, until a shell continues it.
pub(crate) fn stand_still() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        // A process may always stop itself.
        let _ = kill_process(getpid(), Signal::STOP);
    }
}
