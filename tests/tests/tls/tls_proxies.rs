//! The relay behind nginx and Caddy, with the exact configurations of docs/proxy.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tapcue_tests::folder::folder;
use tapcue_tests::http::request_over;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;
use tapcue_tests::tls::{Client, Files};
use tapcue_tests::wait::until;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// The host name in the configurations; the test connects to the proxies' own addresses.
const NAME: &str = "cue.example.org";

/// The document with each of these replaced; it must contain all of them.
fn adapted(document: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(document.to_owned(), |text, (is, to)| {
        assert!(
            text.contains(is),
            "{is:?} is not in the configuration any more"
        );
        text.replace(is, to)
    })
}

/// A port that was free a moment ago.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("its address").port()
}

fn start(program: &str, args: &[&str], home: &Path) -> Child {
    Command::new(program)
        .args(args)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_DATA_HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `tests/run` installs it"))
}

/// Loads the page and runs a session with a stop, by https through the proxy.
async fn works(client: &Client, proxy: SocketAddr) {
    let host = format!("{NAME}:{}", proxy.port());
    let page = until("the proxy", async || {
        let stream = client.try_connect(proxy, NAME).await.ok()?;
        let page = request_over(stream, "GET", "/", &[("Host", &host)], "").await;
        (page.status == 200).then_some(page)
    })
    .await;
    assert!(page.text().contains("main.js"));
    assert!(page.header("content-security-policy").is_some());
    let hsts = page.header("strict-transport-security");
    assert_eq!(hsts, Some("max-age=15552000"));

    let url = format!("wss://{host}/ws");
    let connect = async || client.connect(proxy, NAME).await;
    let create = json!({"type": "create", "role": "receiver", "options": waived()});
    let mut receiver = Peer::greet_over("receiver", &url, connect().await, create).await;
    let link = receiver.welcome_text("link");
    assert!(
        link.starts_with(&format!("https://{host}/#join=")),
        "no https in the link"
    );
    let join = json!({"type": "join", "code": receiver.welcome_text("code")});
    let mut helper = Peer::greet_over("helper", &url, connect().await, join).await;
    receiver
        .until("the helper", |state| state["peers"]["helper"] == "here")
        .await;
    helper.ready().await;
    receiver.ready().await;
    for peer in [&mut receiver, &mut helper] {
        peer.until_phase("live").await;
    }
    let stop = receiver.cue("stop");
    assert_eq!(helper.expect_kind("stop").await["id"], stop.as_str());
}

#[tokio::test]
async fn behind_nginx_as_documented() {
    let relay = Relay::start_with(&["--trusted-proxy", "127.0.0.1"], &[]).await;
    let dir = folder();
    let files = Files::write(dir.path(), &[NAME], 90);
    let (http, https) = (free_port().await, free_port().await);
    let path = |path: &Path| path.display().to_string();
    let site = adapted(
        include_str!("../../../docs/proxy/nginx.conf"),
        &[
            (
                "http://127.0.0.1:8080;",
                &format!("http://{};", relay.addr()),
            ),
            ("listen 80;", &format!("listen 127.0.0.1:{http};")),
            ("listen 443 ssl;", &format!("listen 127.0.0.1:{https} ssl;")),
            (
                "/etc/letsencrypt/live/cue.example.org/fullchain.pem",
                &path(&files.certificate),
            ),
            (
                "/etc/letsencrypt/live/cue.example.org/privkey.pem",
                &path(&files.key),
            ),
        ],
    );
    let own = path(dir.path());
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {own}/{kind};\n"))
        .concat();
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {own}/pid;\nerror_log {own}/error.log;\n\
         events {{}}\nhttp {{\naccess_log off;\n{places}{site}}}\n"
    );
    let file = dir.path().join("nginx.conf");
    std::fs::write(&file, whole).expect("a configuration");
    let _nginx = start("nginx", &["-c", &path(&file), "-p", &own], dir.path());
    let client = Client::trusting(&files.certificate);
    works(&client, SocketAddr::from(([127, 0, 0, 1], https))).await;
    let plain = tapcue_tests::http::get(SocketAddr::from(([127, 0, 0, 1], http)), "/x").await;
    assert_eq!(plain.status, 308);
}

#[tokio::test]
async fn behind_caddy_as_documented() {
    let relay = Relay::start_with(&["--trusted-proxy", "127.0.0.1"], &[]).await;
    let dir = folder();
    let files = Files::write(dir.path(), &[NAME], 90);
    let https = free_port().await;
    let site = adapted(
        include_str!("../../../docs/proxy/Caddyfile"),
        &[
            (
                "reverse_proxy 127.0.0.1:8080",
                &format!("reverse_proxy {}", relay.addr()),
            ),
            (
                "cue.example.org {",
                &format!(
                    "https://{NAME}:{https} {{\n\tbind 127.0.0.1\n\ttls {} {}",
                    files.certificate.display(),
                    files.key.display()
                ),
            ),
        ],
    );
    let whole = format!("{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}");
    let file = dir.path().join("Caddyfile");
    std::fs::write(&file, whole).expect("a configuration");
    let file = file.display().to_string();
    let args = ["run", "--adapter", "caddyfile", "--config", &file];
    let _caddy = start("caddy", &args, dir.path());
    let client = Client::trusting(&files.certificate);
    works(&client, SocketAddr::from(([127, 0, 0, 1], https))).await;
}
