//! What a relay prints when it starts, for phones and people: the link and its QR code. What happens when no
//! reader takes the output.

use std::io::Read as _;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tapcue_tests::fault;
use tapcue_tests::folder::folder;
use tapcue_tests::http;
use tapcue_tests::lan::{Station, two_stations};
use tapcue_tests::relay::binary;
use tapcue_tests::wait::{PATIENCE, until};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use vt100::{Color, Parser};

/// The last line that a relay prints for phones.
const LAST: &str = "Ctrl-C ends it.";

/// What a relay prints up to `last`; the relay ends afterwards.
async fn printed(before: &[&str], args: &[&str], last: &str) -> String {
    let data = folder();
    let server = binary("tapcue-server").display().to_string();
    let words = [before, &[server.as_str()], args].concat();
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .arg("--data")
        .arg(data.path())
        .env("TAPCUE_DISCOVERY", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the relay's binary");
    let mut out = child.stdout.take().expect("its output");
    let mut text = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&text).contains(last) {
            let read = out.read_buf(&mut text).await.expect("its output");
            assert!(
                read > 0,
                "no {last:?} in {}",
                String::from_utf8_lossy(&text)
            );
        }
    };
    timeout(PATIENCE, reading).await.expect("a start page");
    String::from_utf8(text).expect("text")
}

/// The printed links in their order.
fn links(printed: &str) -> Vec<String> {
    let lines = printed
        .lines()
        .filter_map(|line| line.strip_prefix("    http://"));
    let hosts = lines.filter_map(|line| line.rsplit_once(':'));
    hosts.map(|(host, _)| host.to_owned()).collect()
}

fn ip(station: &Station, args: &str) {
    let [nsenter, rest @ ..] = station.prefix();
    let status = std::process::Command::new(nsenter)
        .args(rest)
        .arg("ip")
        .args(args.split(' '))
        .status();
    assert!(
        status.expect("`nsenter` of util-linux").success(),
        "ip {args}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_names_the_address_of_the_default_route() {
    let [one, _other] = two_stations();
    let prefix = one.prefix();
    let prefix = prefix.each_ref().map(String::as_str);
    let start = async |listen: &str| links(&printed(&prefix, &["--listen", listen], LAST).await);
    assert_eq!(start("0.0.0.0:0").await, std::slice::from_ref(&one.ip));
    // A bridge, a tunnel, a container's interface and a second network card, all with private addresses.
    for (name, kind, address) in [
        ("br0", "type bridge", "10.0.0.1"),
        ("tun0", "PEER", "10.8.0.2"),
        ("docker0", "type bridge", "10.2.0.1"),
        ("wlan0", "PEER", "192.168.1.20"),
    ] {
        // The card's other end is on the same machine, so it has no cable.
        let kind = kind.replace("PEER", &format!("type veth peer name {name}p"));
        ip(&one, &format!("link add {name} {kind}"));
        ip(&one, &format!("address add {address}/24 dev {name}"));
        ip(&one, &format!("link set {name} up"));
    }
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let expected = [one.ip.as_str(), "192.168.1.20", "10.0.0.1", "10.8.0.2"];
        let mut found = start(listen).await;
        // IPv6 links may stand between them.
        found.retain(|host| !host.starts_with('['));
        assert_eq!(found, expected, "{listen}");
    }
    ip(&one, "route replace default dev wlan0");
    assert_eq!(start("0.0.0.0:0").await[0], "192.168.1.20");
    // The default route is a tunnel, which no phone can reach.
    ip(&one, "route replace default dev tun0");
    assert_ne!(start("0.0.0.0:0").await[0], "10.8.0.2");
    assert_eq!(start("10.0.0.1:0").await, ["10.0.0.1"]);
    fault::came(
        "start::the_link_names_the_address_of_the_default_route",
        "the default route's address first, a bridge and a tunnel last, a container's never",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_means_this_machine() {
    for listen in ["127.0.0.1:0", "[::1]:0", "127.0.0.5:0"] {
        let text = printed(&[], &["--listen", listen], "For phones").await;
        assert!(text.contains("Only this machine can open"), "{text}");
        assert_eq!(links(&text), [""; 0], "{text}");
    }
    let alone = ["unshare", "--net", "--"];
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let text = printed(&alone, &["--listen", listen], "On this machine it is at").await;
        assert!(
            text.contains("No network") && text.contains("hotspot"),
            "{text}"
        );
        assert_eq!(links(&text), [""; 0], "{text}");
    }
}

/// The screen of a terminal in which a relay starts.
async fn screen(envs: &[(&str, &str)]) -> Parser {
    let size = PtySize {
        rows: 70,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    let data = folder();
    let pair = native_pty_system()
        .openpty(size)
        .expect("a pseudo terminal");
    let mut command = CommandBuilder::new(binary("tapcue-server"));
    command.args([
        "--listen",
        "0.0.0.0:0",
        "--public-url",
        "http://192.168.1.20:8080",
    ]);
    command.args(["--data", &data.path().display().to_string()]);
    command.env_remove("COLORTERM");
    command.env_remove("NO_COLOR");
    command.env("TAPCUE_DISCOVERY", "off");
    for (name, value) in envs {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).expect("the relay");
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().expect("its screen");
    let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
    let read = Arc::clone(&bytes);
    std::thread::spawn(move || {
        let mut some = [0; 4_096];
        while let Ok(n @ 1..) = output.read(&mut some) {
            read.lock()
                .expect("the bytes")
                .extend_from_slice(&some[..n]);
        }
    });
    let whole = until("the start page", async || {
        let bytes = bytes.lock().expect("the bytes").clone();
        String::from_utf8_lossy(&bytes)
            .contains(LAST)
            .then_some(bytes)
    })
    .await;
    child.kill().expect("its end");
    child.wait().expect("its end");
    let mut parser = Parser::new(
        size.rows.try_into().expect("rows"),
        size.cols.try_into().expect("columns"),
        0,
    );
    parser.process(&whole);
    parser
}

/// A colour's brightness on a terminal whose default colour has the brightness `own`.
fn brightness(colour: Color, own: u8) -> u8 {
    match colour {
        Color::Default => own,
        Color::Idx(0 | 16) => 0,
        Color::Idx(8) => 110,
        Color::Idx(7) => 200,
        Color::Idx(15 | 231) => 255,
        Color::Idx(_) => 128,
        Color::Rgb(r, ..) => r,
    }
}

/// The text that a camera reads off the screen.
fn scanned(screen: &Parser, ink: u8, paper: u8) -> Option<String> {
    const SIDE: usize = 6;
    let (rows, cols) = screen.screen().size();
    let (rows, cols) = (usize::from(rows.get()), usize::from(cols.get()));
    // A character is two modules, one above the other.
    let pixel = |x: usize, y: usize| {
        let (row, col) = ((y / SIDE / 2) as u16, (x / SIDE) as u16);
        let cell = screen.screen().cell(row, col).expect("a cell");
        let is_above = (y / SIDE).is_multiple_of(2);
        let is_inked = match cell.contents() {
            "▀" => is_above,
            "▄" => !is_above,
            "█" => true,
            _ => false,
        };
        match is_inked {
            true => brightness(cell.fgcolor(), ink),
            false => brightness(cell.bgcolor(), paper),
        }
    };
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(cols * SIDE, rows * 2 * SIDE, pixel);
    let grids = image.detect_grids();
    grids
        .into_iter()
        .find_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_qr_code_is_read_off_a_light_and_a_dark_terminal() {
    for (what, envs) in [
        ("256 colours", &[("TERM", "xterm-256color")][..]),
        ("16 colours", &[("TERM", "xterm")]),
        ("the console", &[("TERM", "linux")]),
    ] {
        let screen = screen(envs).await;
        for (theme, ink, paper) in [
            ("dark", 230, 20),
            ("light", 30, 250),
            ("black on black", 0, 0),
        ] {
            let read = scanned(&screen, ink, paper);
            assert_eq!(
                read.as_deref(),
                Some("http://192.168.1.20:8080"),
                "{what}, {theme}"
            );
        }
    }
    for (what, envs) in [
        (
            "no colours",
            &[("TERM", "xterm-256color"), ("NO_COLOR", "1")][..],
        ),
        ("a dumb terminal", &[("TERM", "dumb")]),
    ] {
        let text = screen(envs).await.screen().contents();
        assert!(text.contains("http://192.168.1.20:8080"), "{what}: {text}");
        assert!(!text.contains(['▀', '▄', '█']), "{what}: {text}");
    }
    fault::came(
        "start::the_qr_code_is_read_off_a_light_and_a_dark_terminal",
        "read off 3 kinds of terminal in 3 themes; without colours the link alone",
    );
}

/// Runs a shell command in which `$0` is the relay and `$1` the client. Returns the exit code and standard
/// error.
async fn shell(line: &str) -> (Option<i32>, String) {
    let data = folder();
    let ran = Command::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .args([binary("tapcue-server"), binary("tapcue")])
        .env("TAPCUE_DATA", data.path().join("data"))
        .env("TAPCUE_STATE_DIR", data.path())
        .current_dir(data.path())
        .env("LC_ALL", "C")
        .kill_on_drop(true)
        .output();
    let ran = timeout(PATIENCE, ran)
        .await
        .expect("an end")
        .expect("a shell");
    (
        ran.status.code(),
        String::from_utf8_lossy(&ran.stderr).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_is_full_is_no_success_and_a_closed_one_no_panic() {
    for line in [
        "$0 --help",
        "$0 --version",
        "$0 help backup",
        "$1 --help",
        "$1 --version",
        "$1 sessions",
        "$1 sessions --json",
    ] {
        let line = line.replace("$0", "\"$0\"").replace("$1", "\"$1\"");
        let (exit, errors) = shell(&format!("{line} > /dev/full")).await;
        assert_eq!(exit, Some(1), "{line}: {errors}");
        assert!(errors.contains("space"), "{line}: {errors}");
        let (exit, errors) = shell(&format!("{line} | true")).await;
        assert_eq!(exit, Some(0), "{line}: {errors}");
        assert!(!errors.contains("panicked"), "{line}: {errors}");
        let (exit, errors) = shell(&format!("{line} >&- 2>&-")).await;
        assert_ne!(exit, Some(101), "{line}: {errors}");
    }
    // Nothing is stored, so the command reports an error; with closed standard error it must not panic.
    let (exit, _) = shell("\"$0\" sessions 2>&-").await;
    assert_eq!(exit, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_is_like_one_that_is_not_set() {
    let names = [
        "LISTEN",
        "PUBLIC_URL",
        "TLS",
        "TLS_CERT",
        "TLS_KEY",
        "TLS_ONLY",
        "TRUSTED_PROXY",
        "DISCOVERY",
        "LINK_TIMEOUT",
        "CUES_PER_SECOND",
        "SESSIONS_PER_MINUTE",
        "CONNECTIONS",
        "CONNECTIONS_PER_ADDRESS",
        "LOG",
        "CONFIG",
    ];
    let empty: Vec<String> = names.iter().map(|name| format!("TAPCUE_{name}=")).collect();
    let empty: Vec<&str> = empty.iter().map(String::as_str).collect();
    let before = [&["env"], &empty[..]].concat();
    let text = printed(&before, &["--listen", "127.0.0.1:0"], "For phones").await;
    assert!(text.starts_with("listening on http://127.0.0.1:"), "{text}");
    for line in [
        "TAPCUE_DATA= HOME=$PWD XDG_DATA_HOME= \"$0\" sessions",
        "TAPCUE_CA= TAPCUE_RELAY= TAPCUE_STATE_DIR= HOME=$PWD \"$1\" sessions",
    ] {
        let (exit, errors) = shell(line).await;
        // No session exists yet, and the error does not mention the variables.
        assert!(
            exit.is_some_and(|exit| exit < 2),
            "{line}: {exit:?} {errors}"
        );
        assert!(!errors.contains("TAPCUE"), "{line}: {errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_reader_has_left_goes_on() {
    // Like `tapcue-server | head -1`: the pipe closes after the first line.
    let data = folder();
    let mut child = Command::new("bash")
        .args([
            "-c",
            "exec \"$0\" --listen 127.0.0.1:0 > >(head -1 > first)",
        ])
        .arg(binary("tapcue-server"))
        .env("TAPCUE_DATA", data.path().join("data"))
        .current_dir(data.path())
        .kill_on_drop(true)
        .spawn()
        .expect("a shell");
    let addr: SocketAddr = until("where it listens", async || {
        let line = std::fs::read_to_string(data.path().join("first")).ok()?;
        line.trim_end().split_once("://")?.1.parse().ok()
    })
    .await;
    assert_eq!(http::get(addr, "/healthz").await.status, 200);
    assert!(child.try_wait().expect("its state").is_none());
    child.kill().await.expect("its end");
}
