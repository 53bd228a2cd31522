//! Tells the service manager of Linux (systemd) that the relay is ready, still answers, and shuts down. The
//! protocol is sd_notify(3): datagrams to the socket that the environment names.
//!
//! Sending never blocks: the relay must serve people while its manager hangs.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// The variable with the socket: a path, or a name in the abstract namespace after `@`.
#[cfg(target_os = "linux")]
const SOCKET: &str = "NOTIFY_SOCKET";

/// The variables of the watchdog: after how many microseconds without a sign of life the manager ends the
/// relay, and for which process.
const WATCHDOG_USEC: &str = "WATCHDOG_USEC";
const WATCHDOG_PID: &str = "WATCHDOG_PID";

/// How many signs of life the relay sends in the watchdog's time. Two would be enough; with four, one may be
/// lost or late.
const SIGNS: u32 = 4;

/// A message to the service manager.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sign {
    /// The relay listens.
    Ready,
    /// The relay still answers.
    Alive,
    /// The relay shuts down.
    Stopping,
}

impl Sign {
    #[cfg(target_os = "linux")]
    fn text(self) -> &'static str {
        match self {
            Sign::Ready => "READY=1",
            Sign::Alive => "WATCHDOG=1",
            Sign::Stopping => "STOPPING=1",
        }
    }
}

/// The service manager, if this process has one.
#[derive(Debug)]
pub(crate) struct Manager {
    #[cfg(target_os = "linux")]
    socket: Option<std::os::unix::net::UnixDatagram>,
    watch: Option<Interval>,
}

impl Manager {
    /// The manager that the environment names, if any.
    #[must_use]
    pub(crate) fn of_environment() -> Self {
        let get = |name| std::env::var(name).ok();
        Self {
            #[cfg(target_os = "linux")]
            socket: std::env::var_os(SOCKET).and_then(|address| {
                connect(&address)
                    .inspect_err(|error| tracing::warn!(%error, "the service manager is not told"))
                    .ok()
            }),
            watch: every(get(WATCHDOG_USEC), get(WATCHDOG_PID)).map(|every| {
                let mut watch = interval(every);
                watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
                watch
            }),
        }
    }

    /// Resolves when a sign of life is due; never if no service manager waits for one. It runs on the threads
    /// of the devices' tasks, so it does not resolve while all of them are blocked.
    pub(crate) async fn due(&mut self) {
        match &mut self.watch {
            Some(watch) => {
                watch.tick().await;
            }
            None => std::future::pending().await,
        }
    }

    /// Sends a sign.
    pub(crate) fn tell(&self, sign: Sign) {
        #[cfg(target_os = "linux")]
        if let Some(socket) = &self.socket
            && let Err(error) = socket.send(sign.text().as_bytes())
        {
            tracing::warn!(%error, ?sign, "the service manager was not told");
        }
        #[cfg(not(target_os = "linux"))]
        let _ = sign;
    }
}

/// How often a sign of life is due, if the manager waits for one from this process.
fn every(usec: Option<String>, pid: Option<String>) -> Option<Duration> {
    let usec: u64 = usec?.parse().ok().filter(|usec| *usec > 0)?;
    let own = std::process::id().to_string();
    pid.is_none_or(|pid| pid == own)
        .then(|| (Duration::from_micros(usec) / SIGNS).max(Duration::from_millis(1)))
}

#[cfg(target_os = "linux")]
fn connect(address: &std::ffi::OsStr) -> std::io::Result<std::os::unix::net::UnixDatagram> {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    let address = match address.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(address)?,
    };
    socket.connect_addr(&address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_life_come_several_times_in_the_managers_time_and_for_this_process_alone() {
        let own = std::process::id().to_string();
        let of = |usec: &str, pid: Option<&str>| every(Some(usec.into()), pid.map(str::to_owned));
        assert_eq!(of("10000000", None), Some(Duration::from_millis(2_500)));
        assert_eq!(
            of("10000000", Some(&own)),
            Some(Duration::from_millis(2_500))
        );
        assert_eq!(of("1", Some(&own)), Some(Duration::from_millis(1)));
        for (usec, pid) in [("10000000", Some("1")), ("0", None), ("soon", None)] {
            assert_eq!(of(usec, pid), None, "{usec} {pid:?}");
        }
        assert_eq!(every(None, Some(own)), None);
    }
}
