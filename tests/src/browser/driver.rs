//! The programs behind a page: WebDriver servers and the virtual screen.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::usage::processor_time;
use crate::wait::PATIENCE;

/// A program of one test, with all processes that it started. Dropping it ends them all.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// The task that reads what it prints, so that it never waits for a reader.
    output: Option<AbortHandle>,
}

impl Process {
    /// Starts a program whose output is not needed.
    ///
    /// # Panics
    /// When it is not installed.
    pub(super) fn silent(mut command: Command) -> Self {
        command.stdout(Stdio::null());
        Self::spawn(command)
    }

    /// Starts a program and waits for the line in which it reports that it is ready. The error is what
    /// it printed instead.
    ///
    /// # Panics
    /// As [`Process::silent`].
    pub(super) async fn start<T>(
        mut command: Command,
        says: impl Fn(&str) -> Option<T>,
    ) -> Result<(Self, T), String> {
        command.stdout(Stdio::piped());
        let mut process = Self::spawn(command);
        let mut lines = BufReader::new(process.child.stdout.take().expect("its output")).lines();
        let mut said = String::new();
        let listening = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(found) = says(&line) {
                    return Some(found);
                }
                said.push_str(&line);
                said.push('\n');
            }
            None
        };
        let found = timeout(PATIENCE, listening).await.ok().flatten();
        let output =
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        process.output = Some(output.abort_handle());
        found.map(|found| (process, found)).ok_or(said)
    }

    fn spawn(mut command: Command) -> Self {
        let name = command.as_std().get_program().display().to_string();
        let child = command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let child = match child {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("{name} is not installed: `tests/run` installs it")
            }
            Err(error) => panic!("{name}: {error}"),
        };
        Self {
            child,
            output: None,
        }
    }

    /// The processor time that it and its descendants have used.
    pub(super) fn processor_time(&self) -> Duration {
        let all = self.child.id().map(with_descendants).unwrap_or_default();
        all.into_iter().filter_map(processor_time).sum()
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(output) = &self.output {
            output.abort();
        }
        // Its browsers end with it, and their profiles are removed only after that. They have no process
        // group of their own, so what ends the test's group ends them too.
        for process in self.child.id().map(with_descendants).unwrap_or_default() {
            let _ = kill_process(process, Signal::KILL);
        }
        let deadline = Instant::now() + PATIENCE;
        while !self.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A process and all its descendants, by the parents that the system reports.
fn with_descendants(id: u32) -> Vec<Pid> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let parents: Vec<(i32, i32)> = all
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in parentheses may contain anything; the state and the parent follow it.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((id, parent.parse().ok()?))
        })
        .collect();
    let mut found: Vec<i32> = i32::try_from(id).into_iter().collect();
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children = parents.iter().filter(|(_, of)| *of == parent);
        found.extend(children.map(|(child, _)| *child));
        next += 1;
    }
    found.into_iter().filter_map(Pid::from_raw).collect()
}

/// Opens a session with a WebDriver server.
///
/// # Panics
/// When the server gives none. The message contains its reason, such as a missing browser.
pub(super) async fn session(
    url: &str,
    capabilities: impl IntoIterator<Item = (&str, Value)>,
) -> Client {
    let owned = capabilities
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(Capabilities::from_iter(owned))
        .connect(url)
        .await;
    client.unwrap_or_else(|error| panic!("no browser (`tests/run` installs them): {error}"))
}

/// The path of a program: on the path, or where `tests/run` keeps programs that are in no package.
pub(super) fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    let own = cache.map(|cache| cache.join("tapcue/bin"));
    let mut folders = own.into_iter().chain(std::env::split_paths(&path));
    folders.find_map(|folder| {
        let file = folder.join(program);
        file.is_file().then_some(file)
    })
}
