//! What a host needs of a relay: watchdog messages for a service manager, a health check without a shell,
//! shell completions and man pages.

use std::net::SocketAddr;
use std::process::Output;
use std::time::Duration;

use serde_json::json;
use tapcue_tests::folder::folder;
use tapcue_tests::pair::{Pair, waived};
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::wait::{PATIENCE, until};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, UnixDatagram};
use tokio::process::Command;
use tokio::time::timeout;

/// The watchdog timeout: this manager would end a relay that stays silent for longer.
const WATCHDOG: Duration = Duration::from_secs(2);

/// The service manager's end of the notification socket.
struct Manager {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = folder();
        let socket = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
        Self { socket, folder }
    }

    /// Starts a relay under this manager, with a watchdog timeout of `watchdog`.
    async fn start(&self, watchdog: Duration, envs: &[(&str, &str)]) -> Relay {
        let path = self.folder.path().join("notify").display().to_string();
        let watchdog = watchdog.as_micros().to_string();
        let mut all = vec![
            ("NOTIFY_SOCKET", path.as_str()),
            ("WATCHDOG_USEC", &watchdog),
        ];
        all.extend(envs);
        Relay::start_with(&[], &all).await
    }

    /// The next datagram within `time`.
    async fn within(&self, time: Duration) -> Option<String> {
        let mut text = vec![0; 256];
        let length = timeout(time, self.socket.recv(&mut text)).await.ok()?;
        text.truncate(length.expect("a datagram"));
        Some(String::from_utf8(text).expect("text"))
    }

    async fn next(&self) -> String {
        self.within(PATIENCE).await.expect("a word of the relay")
    }
}

#[tokio::test]
async fn a_service_manager_hears_ready_then_signs_of_life_then_the_end() {
    let manager = Manager::new();
    let mut relay = manager.start(WATCHDOG, &[]).await;
    assert_eq!(manager.next().await, "READY=1");
    for _ in 0..3 {
        assert_eq!(manager.next().await, "WATCHDOG=1");
    }
    relay.ask_to_go();
    until("the end", async || {
        (manager.next().await == "STOPPING=1").then_some(())
    })
    .await;
    assert!(relay.gone().await.success());
}

#[tokio::test]
async fn without_a_watchdog_or_with_another_process_meant_no_sign_of_life_comes() {
    for (usec, pid) in [("0", None), ("400000", Some(("WATCHDOG_PID", "1")))] {
        let manager = Manager::new();
        let envs: Vec<_> = [("WATCHDOG_USEC", usec)].into_iter().chain(pid).collect();
        let mut relay = manager.start(WATCHDOG, &envs).await;
        assert_eq!(manager.next().await, "READY=1");
        relay.ask_to_go();
        assert_eq!(manager.next().await, "STOPPING=1");
        assert!(relay.gone().await.success());
    }
}

#[tokio::test]
async fn a_relay_whose_tasks_stand_still_gives_no_sign_of_life() {
    let manager = Manager::new();
    // One thread runs all tasks, and the first cue that is not a stop blocks it.
    let envs = [
        ("TOKIO_WORKER_THREADS", "1"),
        ("FAILPOINTS", "in-a-session=pause"),
    ];
    let relay = manager.start(WATCHDOG, &envs).await;
    let pair = Pair::open_at(&relay.ws(), &relay.ws(), waived()).await;
    assert_eq!(manager.next().await, "READY=1");
    pair.receiver.cue("ready");
    until("silence", async || {
        manager.within(WATCHDOG).await.is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_service_manager_that_reads_nothing_keeps_nobody_waiting() {
    let manager = Manager::new();
    // A watchdog message each millisecond fills the socket.
    let relay = manager.start(Duration::from_millis(4), &[]).await;
    let full = "was not told";
    until("a full socket", async || {
        relay.logs().contains(full).then_some(())
    })
    .await;
    let mut pair = Pair::live(&relay.ws()).await;
    let stop = pair.receiver.cue("stop");
    let held = |state: &serde_json::Value| state["hold"]["id"] == json!(stop);
    pair.helper.until("held by the stop", held).await;
    assert_eq!(manager.next().await, "READY=1");
    until("signs of life again", async || {
        (manager.next().await == "WATCHDOG=1").then_some(())
    })
    .await;
}

/// Runs `tapcue-server healthcheck` for a relay that should listen on `addr`.
async fn healthcheck(addr: SocketAddr) -> Output {
    let listen = addr.to_string();
    let mut command = Command::new(binary("tapcue-server"));
    command.args(["healthcheck", "--data", "nowhere"]);
    command.env("TAPCUE_LISTEN", &listen).kill_on_drop(true);
    timeout(PATIENCE, command.output())
        .await
        .expect("a health check ends by itself")
        .expect("the relay's binary")
}

#[tokio::test]
async fn a_health_check_says_alive_of_a_relay_that_answers_with_tls_or_without() {
    for args in [
        &[][..],
        &["--tls", "local-ca"],
        &["--tls", "local-ca", "--tls-only"],
    ] {
        let relay = Relay::start_with(args, &[]).await;
        let everywhere = SocketAddr::from(([0, 0, 0, 0], relay.addr().port()));
        for addr in [relay.addr(), everywhere] {
            let output = healthcheck(addr).await;
            assert!(output.status.success(), "{args:?} {addr}: {output:?}");
        }
    }
}

#[tokio::test]
async fn a_health_check_fails_where_a_relay_hangs_is_gone_or_another_program_is() {
    let mut relay = Relay::start().await;
    let addr = relay.addr();
    relay.freeze().await;
    assert_eq!(healthcheck(addr).await.status.code(), Some(1));
    relay.kill().await;
    let gone = healthcheck(addr).await;
    assert_eq!(gone.status.code(), Some(1));
    let said = String::from_utf8_lossy(&gone.stderr).into_owned();
    assert!(said.contains("no relay is alive at"), "{said}");

    let other = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let addr = other.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = other.accept().await {
            let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).await.expect("an answer");
        }
    });
    assert_eq!(healthcheck(addr).await.status.code(), Some(1));
    let unknown = healthcheck(SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("--listen ADDRESS:PORT"), "{said}");
}

#[tokio::test]
async fn both_programs_have_completions_for_each_shell_and_a_page_for_each_command() {
    for (program, commands) in [
        ("tapcue", &["host", "join", "verify", "completions"][..]),
        (
            "tapcue-server",
            &["sessions", "backup", "restore", "healthcheck"],
        ),
    ] {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let mut command = Command::new(binary(program));
            let output = command.args(["completions", shell]).output().await;
            let output = output.expect("the program");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{program} {shell}: {output:?}");
            for command in commands {
                assert!(text.contains(command), "{program} {shell} lacks {command}");
            }
        }
        let folder = folder();
        let pages = folder.path().join("made/by/it");
        let mut command = Command::new(binary(program));
        let status = command.arg("man").arg(&pages).status().await;
        assert!(status.expect("the program").success());
        for command in commands {
            let page = pages.join(format!("{program}-{command}.1"));
            let text = std::fs::read_to_string(&page).expect("a page");
            assert!(
                text.contains(".TH ") && text.contains(command),
                "{}",
                page.display()
            );
        }
    }
}
