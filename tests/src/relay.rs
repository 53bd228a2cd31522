//! The real relay as a child process: started, killed, and restarted on the same port and data.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::folder::folder;
use crate::lan::Station;
use crate::storage::Disk;
use crate::wait::{self, PATIENCE};

/// A free port of loopback.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The beginning of the line in which the relay prints its URL.
const READY: &str = "listening on ";

/// A relay that belongs to one test. Dropping it ends the process and removes the data.
#[derive(Debug)]
pub struct Relay {
    program: Vec<String>,
    envs: Vec<(String, String)>,
    addr: SocketAddr,
    child: Option<Running>,
    logs: Arc<Mutex<String>>,
    /// The file system of the data, if it has its own. It is unmounted before its folder is removed.
    disk: Option<Disk>,
    data: TempDir,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// The tasks that read both of its outputs to their ends.
    readers: [JoinHandle<()>; 2],
}

impl Relay {
    /// Starts a relay with its defaults, on a free port of loopback.
    pub async fn start() -> Self {
        Self::start_with(&[], &[]).await
    }

    /// Starts a relay with further arguments and environment variables.
    ///
    /// # Panics
    /// When it does not print that it listens.
    pub async fn start_with(args: &[&str], envs: &[(&str, &str)]) -> Self {
        Self::launched(LOOPBACK, &[], args, envs).await
    }

    /// Starts a relay whose data are on a disk of `kib` KiB. This needs root.
    pub async fn start_on_disk_of(kib: u64) -> Self {
        let mut relay = Self::prepared(LOOPBACK, &[], &[], &[]);
        relay.disk = Some(Disk::mount(relay.data.path(), kib));
        relay.launch().await;
        relay
    }

    /// Starts a relay on all addresses of `station`.
    pub async fn start_on(station: &Station, args: &[&str]) -> Self {
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let prefix = station.prefix();
        Self::launched(
            everywhere,
            &prefix.each_ref().map(String::as_str),
            args,
            &[],
        )
        .await
    }

    /// Starts a relay whose disk can be made full: see [`Relay::fill_disk`].
    pub async fn start_on_small_disk() -> Self {
        // A signal that the shell ignores stays ignored after `exec`. A write past the limit then fails
        // as on a full disk, instead of ending the process.
        let shell = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
        Self::start_behind(&shell, &[]).await
    }

    /// Starts a relay by `command`, to which the relay's program and arguments are appended.
    pub async fn start_behind(command: &[&str], args: &[&str]) -> Self {
        Self::launched(LOOPBACK, command, args, &[]).await
    }

    async fn launched(
        addr: SocketAddr,
        before: &[&str],
        args: &[&str],
        envs: &[(&str, &str)],
    ) -> Self {
        let mut relay = Self::prepared(addr, before, args, envs);
        relay.launch().await;
        relay
    }

    /// Prepares a relay without starting it.
    fn prepared(addr: SocketAddr, before: &[&str], args: &[&str], envs: &[(&str, &str)]) -> Self {
        let own = |text: &&str| (*text).to_owned();
        let envs = envs.iter().map(|(key, value)| (own(key), own(value)));
        let binary = binary("tapcue-server").display().to_string();
        let mut program: Vec<_> = before.iter().map(own).collect();
        program.push(binary);
        program.extend(args.iter().map(own));
        Self {
            program,
            envs: envs.collect(),
            addr,
            child: None,
            logs: Arc::default(),
            disk: None,
            data: folder(),
        }
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of its WebSocket.
    #[must_use]
    pub fn ws(&self) -> String {
        ws(self.addr)
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The disk that its data are on.
    ///
    /// # Panics
    /// When it has no disk of its own.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        self.disk.as_ref().expect("a disk of its own")
    }

    /// The path of its database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data().join("journal.db")
    }

    /// Sets the environment variables of its next start, in place of the earlier ones.
    pub fn set_envs(&mut self, envs: &[(&str, &str)]) {
        let own = |text: &str| text.to_owned();
        self.envs = envs
            .iter()
            .map(|(key, value)| (own(key), own(value)))
            .collect();
    }

    /// Everything that it has printed so far, on both outputs and in every run.
    #[must_use]
    pub fn logs(&self) -> String {
        self.logs.lock().expect("the logs").clone()
    }

    /// Waits until it has logged these words. A log line may come after the work that it reports.
    pub async fn until_logged(&self, words: &str) {
        wait::until(&format!("{words:?} in the log"), async || {
            self.logs().contains(words).then_some(())
        })
        .await;
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it is not running.
    #[must_use]
    pub fn pid(&self) -> Pid {
        let running = self.child.as_ref().expect("a running relay");
        let id = running.child.id().expect("a relay that nobody waited for");
        Pid::from_raw(i32::try_from(id).expect("a process id")).expect("a process id above 0")
    }

    /// Kills it with SIGKILL and waits for its end.
    pub async fn kill(&mut self) {
        kill_process(self.pid(), Signal::KILL).expect("a kill");
        self.gone().await;
    }

    /// Freezes it with SIGSTOP, and waits until all its threads have stopped.
    pub async fn freeze(&self) {
        let pid = self.pid();
        kill_process(pid, Signal::STOP).expect("a SIGSTOP");
        let threads = format!("/proc/{}/task", pid.as_raw_nonzero());
        wait::until("all of it standing still", async || {
            let mut threads = std::fs::read_dir(&threads).expect("its threads");
            let stands = |thread: std::io::Result<std::fs::DirEntry>| {
                let stat =
                    thread.and_then(|thread| std::fs::read_to_string(thread.path().join("stat")));
                // The state follows the name, which stands in parentheses.
                stat.is_ok_and(|stat| {
                    stat.rsplit(')')
                        .next()
                        .is_some_and(|it| it.starts_with(" T"))
                })
            };
            threads.all(stands).then_some(())
        })
        .await;
    }

    /// Ends [`Relay::freeze`].
    pub fn thaw(&self) {
        kill_process(self.pid(), Signal::CONT).expect("a SIGCONT");
    }

    /// Sends SIGTERM, without waiting for its end.
    pub fn ask_to_go(&self) {
        kill_process(self.pid(), Signal::TERM).expect("a SIGTERM");
    }

    /// From now on none of its files can grow, as on a full disk.
    ///
    /// # Panics
    /// When the system does not allow it.
    pub fn fill_disk(&self) {
        self.limit(Resource::Fsize, Some(1));
    }

    /// Ends [`Relay::fill_disk`].
    pub fn free_disk(&self) {
        self.limit(Resource::Fsize, None);
    }

    /// Limits how many descriptors it may have open. `None` sets the limit of this test's own process.
    ///
    /// # Panics
    /// When the system does not allow it.
    pub fn limit_descriptors(&self, most: Option<u64>) {
        let own = rustix::process::getrlimit(Resource::Nofile).current;
        self.limit(Resource::Nofile, most.or(own));
    }

    fn limit(&self, what: Resource, current: Option<u64>) {
        let maximum = rustix::process::getrlimit(what).maximum;
        let limit = Rlimit { current, maximum };
        prlimit(Some(self.pid()), what, limit).expect("a limit");
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn gone(&mut self) -> ExitStatus {
        let Running { mut child, readers } = self.child.take().expect("a running relay");
        let status = timeout(PATIENCE, child.wait())
            .await
            .expect("the relay ends when it is told to")
            .expect("its exit status");
        for reader in readers {
            reader.await.expect("the end of its output");
        }
        status
    }

    /// Starts it again on the same port and data.
    pub async fn start_again(&mut self) {
        assert!(self.child.is_none(), "the relay is still running");
        self.launch().await;
    }

    /// Starts it again and kills it with SIGKILL after `moment`, whether it listens by then or not.
    pub async fn start_in_vain(&mut self, moment: Duration) {
        assert!(self.child.is_none(), "the relay is still running");
        let _ready = self.spawn();
        wait::at(Instant::now() + moment).await;
        self.kill().await;
    }

    async fn launch(&mut self) {
        let is_ready = self.spawn();
        let line = timeout(PATIENCE, is_ready).await;
        let Ok(Ok(addr)) = line else {
            panic!("the relay did not say \"{READY}…\"\n{}", self.logs());
        };
        self.addr = addr;
    }

    /// Starts its process. The receiver gets the address as soon as the relay listens.
    fn spawn(&mut self) -> oneshot::Receiver<SocketAddr> {
        let mut child = Command::new(&self.program[0])
            .args(&self.program[1..])
            .arg("--listen")
            .arg(self.addr.to_string())
            .arg("--data")
            .arg(self.data.path())
            .envs(self.envs.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the relay's binary");
        let (ready, is_ready) = oneshot::channel();
        let stdout = child.stdout.take().expect("its output");
        let stderr = child.stderr.take().expect("its errors");
        let readers = [
            tokio::spawn(collect(stdout, self.logs.clone(), Some(ready))),
            tokio::spawn(collect(stderr, self.logs.clone(), None)),
        ];
        self.child = Some(Running { child, readers });
        is_ready
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let logs = self.logs();
            let lines: Vec<_> = logs.lines().collect();
            let last = &lines[lines.len().saturating_sub(40)..];
            eprintln!("-- the relay's last lines --\n{}", last.join("\n"));
        }
    }
}

/// The URL of the WebSocket at `addr`.
#[must_use]
pub fn ws(addr: SocketAddr) -> String {
    format!("ws://{addr}/ws")
}

/// The path of one of the product's own binaries, or of `examples/` beside them. They are in the folder
/// `TAPCUE_BIN_DIR`, or else built in the profile of the running test.
///
/// # Panics
/// When they cannot be built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        std::env::var_os("TAPCUE_BIN_DIR").map_or_else(build, |folder| PathBuf::from(&folder))
    });
    folder
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// Builds the product's binaries beside this test's own, and returns their folder.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    // TARGET/PROFILE/deps/test-HASH, or TARGET/PROFILE/bench
    let folder = test.ancestors().skip(1);
    let folder = folder.into_iter().find(|it| !it.ends_with("deps"));
    let folder = folder.expect("the profile's folder");
    let target = folder.parent().expect("the target folder");
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--quiet", "-p", "tapcue-server", "-p", "tapcue"])
        .args(["-p", "tapcue-tests", "--bins", "--examples"])
        .arg("--target-dir")
        .arg(target);
    if folder.ends_with("release") {
        cargo.arg("--release");
    } else {
        cargo.args(["--features", "tapcue-server/fail-points"]);
    }
    let built = cargo.status().expect("cargo");
    assert!(built.success(), "the relay and the terminal client build");
    folder.to_owned()
}

/// Keeps what a child prints, and reports the address it listens on.
async fn collect(
    output: impl AsyncRead + Unpin,
    logs: Arc<Mutex<String>>,
    mut ready: Option<oneshot::Sender<SocketAddr>>,
) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let url = line.strip_prefix(READY).map(str::trim_end);
        let addr = url.and_then(|url| url.split_once("://"));
        if let Some(addr) = addr.and_then(|(_, addr)| addr.parse().ok())
            && let Some(ready) = ready.take()
        {
            // The receiver is gone if the start timed out.
            let _ = ready.send(addr);
        }
        let mut logs = logs.lock().expect("the logs");
        logs.push_str(&line);
        logs.push('\n');
    }
}
