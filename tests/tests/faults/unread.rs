//! Outputs without a reader: a stopped terminal, a full or closed pipe, a full disk. Heartbeats and stops go
//! on.

use std::fs::File;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use portable_pty::{PtySize, native_pty_system};
use rustix::process::Pid;
use serde_json::{Value, json};
use tapcue_tests::fault;
use tapcue_tests::folder::folder;
use tapcue_tests::http;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::wait::{PATIENCE, until};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

/// How many log lines fill a pipe of 64 KiB and a terminal's buffer.
const FILLS: usize = 1_000;

/// How many more lines overflow the relay's own queue of 4,096.
const OVERFLOWS: usize = 4_500;

/// A relay whose standard error goes where a shell's redirection points.
async fn relay_to(redirection: &str) -> Relay {
    let line = format!("exec \"$0\" \"$@\" 2{redirection}");
    Relay::start_behind(&["env", "TAPCUE_LOG=trace", "bash", "-c", &line], &[]).await
}

/// Waits until the thread that writes the log blocks in a write.
async fn log_stands(relay: Pid) {
    let threads = format!("/proc/{}/task", relay.as_raw_nonzero());
    until("a log that stands still", async || {
        let mut threads = std::fs::read_dir(&threads).expect("its threads").flatten();
        let read =
            |thread: &std::fs::DirEntry, what| std::fs::read_to_string(thread.path().join(what));
        let stands = |thread: std::fs::DirEntry| {
            let is_log = read(&thread, "comm").is_ok_and(|name| name.trim() == "log");
            // The number of the `write` call, and the descriptor of standard error.
            let call = read(&thread, "syscall").unwrap_or_default();
            is_log
                && ["1 0x2 ", "64 0x2 "]
                    .iter()
                    .any(|write| call.starts_with(write))
        };
        threads.any(stands).then_some(())
    })
    .await;
}

/// Two devices go live, stop and send heartbeats, and the relay serves pages.
async fn stop_passes(relay: &Relay) {
    let mut pair = Pair::live(&relay.ws()).await;
    for _ in 0..3 {
        let stop = pair.receiver.cue("stop");
        let held = |state: &Value| state["hold"]["id"] == json!(stop);
        pair.helper.until("the stop", held).await;
        pair.hands_off().await;
        pair.both_ready().await;
    }
    let before = pair.helper.last_beat();
    until("another beat", async || {
        (pair.helper.last_beat() > before).then_some(())
    })
    .await;
    assert_eq!(http::get(relay.addr(), "/healthz").await.status, 200);
}

/// Makes the relay log this many lines: one for each connection that does not speak HTTP.
async fn flood(relay: &Relay, lines: usize) {
    let addr = relay.addr();
    let knocking = move || {
        for _ in 0..lines {
            let mut stream = TcpStream::connect(addr).expect("a connection");
            stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
            stream
                .write_all(b"\x01\r\n\r\n")
                .expect("a relay that reads");
            // Reads the answer or the end of the connection.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    };
    tokio::task::spawn_blocking(knocking)
        .await
        .expect("an answer to each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_stops_no_relay() {
    let home = folder();
    let fifo = home.path().join("log");
    let made = Command::new("mkfifo").arg(&fifo).status().await;
    assert!(made.expect("mkfifo").success());
    // The relay itself opens the pipe for reading but does not read.
    let mut relay = relay_to(&format!("<>{}", fifo.display())).await;
    let pid = relay.pid();
    flood(&relay, FILLS).await;
    log_stands(pid).await;
    flood(&relay, OVERFLOWS).await;
    stop_passes(&relay).await;
    // A reader opens the pipe again.
    let text: Arc<Mutex<String>> = Arc::default();
    let read = Arc::clone(&text);
    let mut reader = File::open(&fifo).expect("the pipe");
    std::thread::spawn(move || {
        let mut some = [0; 65_536];
        while let Ok(n @ 1..) = reader.read(&mut some) {
            let some = String::from_utf8_lossy(&some[..n]).into_owned();
            read.lock().expect("the text").push_str(&some);
        }
    });
    let said = until("how many lines were dropped", async || {
        let text = text.lock().expect("the text");
        let line = text
            .lines()
            .find(|line| line.contains("lines of log were dropped"))?;
        Some(line.to_owned())
    })
    .await;
    relay.ask_to_go();
    assert!(relay.gone().await.success());
    let said = said.split(':').next().unwrap_or_default().to_owned();
    fault::came(
        "unread::a_log_that_nobody_reads_stops_no_relay",
        &format!("stops and beats went on; {said}"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_a_stopped_terminal_stops_no_relay() {
    let size = PtySize {
        rows: 24,
        cols: 80,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system()
        .openpty(size)
        .expect("a pseudo terminal");
    let mut output = pair.master.try_clone_reader().expect("its screen");
    std::thread::spawn(move || {
        let mut some = [0; 4_096];
        while let Ok(1..) = output.read(&mut some) {}
    });
    let mut keys = pair.master.take_writer().expect("its keyboard");
    // Ctrl-S stops the terminal.
    keys.write_all(b"\x13").expect("a key");
    let tty = pair.master.tty_name().expect("its name");
    let mut relay = relay_to(&format!(">{}", tty.display())).await;
    flood(&relay, FILLS).await;
    log_stands(relay.pid()).await;
    flood(&relay, FILLS).await;
    stop_passes(&relay).await;
    // The relay ends although its terminal is stopped.
    relay.ask_to_go();
    assert!(relay.gone().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_stops_no_relay() {
    for redirection in [">/dev/full", ">&-"] {
        let mut relay = relay_to(redirection).await;
        stop_passes(&relay).await;
        relay.ask_to_go();
        assert!(relay.gone().await.success(), "{redirection}");
    }
}

/// The product's own helper, with standard output where a shell's redirection points.
struct Helper {
    child: tokio::process::Child,
    input: tokio::process::ChildStdin,
    _state: tempfile::TempDir,
}

impl Helper {
    fn join(relay: &Relay, code: &str, redirection: &str) -> Self {
        let state = folder();
        let line = format!("exec \"$0\" \"$@\" {redirection}");
        let mut child = Command::new("bash")
            .args(["-c", &line])
            .arg(binary("tapcue"))
            .args([
                "--json",
                "--relay",
                &format!("http://{}", relay.addr()),
                "join",
                code,
            ])
            .env("TAPCUE_STATE_DIR", state.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the client's binary");
        let input = child.stdin.take().expect("its input");
        Self {
            child,
            input,
            _state: state,
        }
    }

    async fn say(&mut self, command: &str) {
        let line = format!("{command}\n");
        self.input
            .write_all(line.as_bytes())
            .await
            .expect("a client that reads");
    }

    async fn gone(&mut self) -> Option<i32> {
        let status = timeout(PATIENCE, self.child.wait()).await;
        status.expect("an end").expect("its status").code()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_lines_nobody_reads_beats_and_stops() {
    let relay = Relay::start_with(&["--cues-per-second", "10000"], &[]).await;
    let mut receiver = Peer::create(&relay.ws(), "receiver", waived()).await;
    let mut helper = Helper::join(&relay, &receiver.welcome_text("code"), "");
    let here = |state: &Value| state["peers"]["helper"] == "here";
    receiver.until("the helper to be here", here).await;
    // More lines than its pipe and its own queue hold: 64 KiB, and 256 lines.
    for n in 0..800 {
        let id = receiver.cue(["slower", "ease_up", "left", "right"][n % 4]);
        let said = |state: &Value| state["cue"]["id"] == json!(id);
        receiver.until("the cue", said).await;
    }
    assert_eq!(receiver.state()["peers"]["helper"], "here");
    helper.say("stop").await;
    let stopped = |state: &Value| state["hold"]["by"] == "helper";
    receiver.until("the helper's stop", stopped).await;
    // A reader takes the output again.
    let mut output = helper.child.stdout.take().expect("its output");
    let mut lines = tokio::io::BufReader::new(&mut output);
    let counting = async {
        let (mut line, mut dropped) = (String::new(), 0);
        loop {
            line.clear();
            let read = tokio::io::AsyncBufReadExt::read_line(&mut lines, &mut line).await;
            assert!(read.expect("its output") > 0, "it ended");
            let line: Value = serde_json::from_str(&line).expect("a line of JSON");
            if line["type"] == "dropped" {
                dropped = line["lines"].as_u64().expect("a count");
            } else if dropped > 0 && line["type"] == "state" {
                return dropped;
            }
        }
    };
    let dropped = timeout(PATIENCE, counting)
        .await
        .expect("the count of lines");
    helper.say("leave").await;
    assert_eq!(helper.gone().await, Some(0));
    fault::came(
        "unread::a_client_whose_lines_nobody_reads_beats_and_stops",
        &format!("here all along, its stop passed; {dropped} lines were dropped and counted"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_output_is_closed_or_full_leaves_and_says_so() {
    let relay = Relay::start().await;
    for redirection in ["> >(true)", ">/dev/full"] {
        let mut receiver = Peer::create(&relay.ws(), "receiver", waived()).await;
        let mut helper = Helper::join(&relay, &receiver.welcome_text("code"), redirection);
        receiver
            .until("a lost link", |state| state["peers"]["helper"] == "lost")
            .await;
        assert_eq!(helper.gone().await, Some(1), "{redirection}");
    }
}
