//! The relays under test: each is a process on its own core.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tapcue_tests::usage::processor_time;
use tempfile::TempDir;

use crate::device::Kind;

/// The argument that makes this program the floor.
pub(crate) const FLOOR: &str = "floor";

/// The rate limit on cues for rows that raise it: more than any load here sends.
const RAISED: &str = "1000000";

/// The relay's rate limit on cues in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    Default,
    /// A limit that no load reaches.
    Raised,
}

/// A running relay. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Relay {
    child: Child,
    pub(crate) addr: SocketAddr,
    _data: TempDir,
}

impl Relay {
    /// Starts a relay on the relays' core.
    pub(crate) fn start(kind: Kind, limits: Limits) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let mut command = match kind {
            Kind::Floor => {
                let mut floor = Command::new(std::env::current_exe()?);
                floor.arg(FLOOR);
                floor
            }
            Kind::Tapcue => {
                let mut relay = Command::new(binary()?);
                relay.args(["--listen", "127.0.0.1:0", "--log", "warn", "--data"]);
                relay.arg(data.path());
                // The whole load comes from one address, unlike a real household.
                relay.args(["--connections-per-address", RAISED]);
                relay.args(["--sessions-per-minute", RAISED]);
                if limits == Limits::Raised {
                    relay.args(["--cues-per-second", RAISED]);
                }
                relay
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        // A child process inherits the cores of the thread that starts it.
        on_core(Core::Relay)?;
        let child = command.spawn();
        on_core(Core::Load)?;
        let mut child = child.with_context(|| format!("cannot start {command:?}"))?;
        let stdout = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let addr = line.trim().strip_prefix("listening on http://");
        let addr = addr.with_context(|| format!("the relay said {line:?}"))?;
        Ok(Self {
            addr: addr.parse()?,
            child,
            _data: data,
        })
    }

    /// Its resident memory, in bytes.
    pub(crate) fn resident(&self) -> anyhow::Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kib: u64 = kib.context("no VmRSS")?.trim().parse()?;
        Ok(kib * 1_024)
    }

    /// Its processor time, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let time = Pid::from_raw(self.child.id().try_into()?).and_then(processor_time);
        time.context("the relay is gone")
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processor time of this process, the load.
pub(crate) fn own_cpu() -> anyhow::Result<Duration> {
    processor_time(rustix::process::getpid()).context("no processor time")
}

#[derive(Clone, Copy)]
enum Core {
    Relay,
    Load,
}

/// Moves this thread to the load's core. With only one core, everything shares it.
pub(crate) fn take_load_core() -> anyhow::Result<()> {
    let cores = cores()?;
    ensure!(!cores.is_empty(), "no core to run on");
    on_core(Core::Load)
}

/// Moves this thread, and what it starts, back to all cores.
pub(crate) fn take_every_core() -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    for core in cores()? {
        set.set(core);
    }
    Ok(sched_setaffinity(None, &set)?)
}

/// The cores that this program may use: the relays get the first, the load the last.
pub(crate) fn cores() -> anyhow::Result<Vec<usize>> {
    static CORES: std::sync::OnceLock<Vec<usize>> = std::sync::OnceLock::new();
    if let Some(cores) = CORES.get() {
        return Ok(cores.clone());
    }
    let set = sched_getaffinity(None)?;
    let cores = (0..CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .collect();
    Ok(CORES.get_or_init(|| cores).clone())
}

fn on_core(core: Core) -> anyhow::Result<()> {
    let cores = cores()?;
    let cpu = match core {
        Core::Relay => cores.first(),
        Core::Load => cores.last(),
    };
    let mut set = CpuSet::new();
    set.set(*cpu.context("no core to run on")?);
    Ok(sched_setaffinity(None, &set)?)
}

/// Tapcue's relay, built in the release profile if needed; from the folder `TAPCUE_BIN_DIR` if it is set.
fn binary() -> anyhow::Result<PathBuf> {
    static BINARY: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    if let Some(binary) = BINARY.get() {
        return Ok(binary.clone());
    }
    let folder = match std::env::var_os("TAPCUE_BIN_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => build()?,
    };
    let binary = folder.join("tapcue-server");
    ensure!(binary.exists(), "there is no {}", binary.display());
    Ok(BINARY.get_or_init(|| binary).clone())
}

fn build() -> anyhow::Result<PathBuf> {
    // TARGET/release/bench
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).context("no target folder")?;
    let built = Command::new(env!("CARGO"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--quiet", "--release", "-p", "tapcue-server"])
        .arg("--target-dir")
        .arg(target)
        .status()?;
    ensure!(built.success(), "the relay does not build");
    Ok(target.join("release"))
}
