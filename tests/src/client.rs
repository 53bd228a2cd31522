//! The product's client library, run as `tapcue --json`: it reads commands and prints a line of JSON for
//! every change. It is used to test what a device decides by its own clock.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use crate::folder::folder;
use crate::lan::Station;
use crate::relay::binary;
use crate::wait::PATIENCE;

/// One line that the client printed.
#[derive(Clone, Debug)]
pub struct Line {
    /// When this process read it.
    pub at: Instant,
    /// Its JSON.
    pub body: Value,
}

/// A running client. Dropping it ends the process.
#[derive(Debug)]
pub struct Client {
    input: ChildStdin,
    lines: Arc<Mutex<Vec<Line>>>,
    count: watch::Receiver<usize>,
    reader: AbortHandle,
    child: Child,
    /// The folder with its token.
    state: TempDir,
}

impl Client {
    /// Joins with `code` at the relay at `url`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn join(url: &str, code: &str) -> Self {
        Self::join_with(url, code, &[])
    }

    /// Like [`Client::join`], with further arguments.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn join_with(url: &str, code: &str, more: &[&str]) -> Self {
        Self::launched(&[], &[&["--relay", url, "join", code], more].concat())
    }

    /// Runs the client with these arguments on `station`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_on(station: &Station, args: &[&str]) -> Self {
        Self::launched(&station.prefix().each_ref().map(String::as_str), args)
    }

    fn launched(before: &[&str], args: &[&str]) -> Self {
        let state = folder();
        let mut child = command(before, state.path())
            .args(args)
            .spawn()
            .expect("the client's binary");
        let input = child.stdin.take().expect("its input");
        let output = child.stdout.take().expect("its output");
        let lines = Arc::default();
        let (news, count) = watch::channel(0);
        let reader = tokio::spawn(read(output, Arc::clone(&lines), news)).abort_handle();
        Self {
            input,
            lines,
            count,
            reader,
            child,
            state,
        }
    }

    /// Sends a command. Returns the time just before that.
    ///
    /// # Panics
    /// When the client is gone.
    pub async fn say(&mut self, command: &str) -> Instant {
        let at = Instant::now();
        let line = format!("{command}\n");
        let written = self.input.write_all(line.as_bytes()).await;
        written.expect("a client that reads");
        at
    }

    /// The folder with its token.
    #[must_use]
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Waits until the client has ended by itself, and returns its exit code.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn gone(&mut self) -> Option<i32> {
        let status = timeout(PATIENCE, self.child.wait()).await;
        status.expect("the client ends").expect("its status").code()
    }

    /// The first line from `from` on that satisfies `is`.
    ///
    /// # Panics
    /// When there is none in time; the message contains all lines.
    pub async fn until(&self, from: Instant, what: &str, is: impl Fn(&Value) -> bool) -> Line {
        let mut count = self.count.clone();
        let looking = async {
            loop {
                let lines = self.lines.lock().expect("the lines").clone();
                let found = lines.into_iter().find(|it| it.at >= from && is(&it.body));
                if let Some(found) = found {
                    return found;
                }
                count.changed().await.expect("a client that runs");
            }
        };
        match timeout(PATIENCE + Duration::from_secs(1), looking).await {
            Ok(line) => line,
            Err(_) => panic!("{what}, after {:#?}", self.lines.lock().expect("the lines")),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn command(before: &[&str], state: &Path) -> Command {
    let tapcue = binary("tapcue");
    let mut words = before.iter().map(OsStr::new).chain([tapcue.as_os_str()]);
    let mut command = Command::new(words.next().expect("a program"));
    command
        .args(words)
        .arg("--json")
        .env("TAPCUE_STATE_DIR", state)
        .env_remove("TAPCUE_RELAY")
        .env_remove("TAPCUE_CA")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn read(
    output: impl AsyncRead + Unpin,
    lines: Arc<Mutex<Vec<Line>>>,
    news: watch::Sender<usize>,
) {
    let mut output = BufReader::new(output).lines();
    while let Ok(Some(line)) = output.next_line().await {
        let at = Instant::now();
        let body = serde_json::from_str(&line).expect("every line is JSON");
        lines.lock().expect("the lines").push(Line { at, body });
        news.send_modify(|count| *count += 1);
    }
}
