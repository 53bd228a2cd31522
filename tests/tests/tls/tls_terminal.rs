//! The terminal client by https: what it trusts, what it says otherwise, and that it remembers.

use std::path::Path;
use std::process::Stdio;

use tapcue_tests::client::Client;
use tapcue_tests::folder::folder;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::{Relay, binary};
use tapcue_tests::tls::Files;
use tapcue_tests::wait::PATIENCE;
use tokio::process::Command;
use tokio::time::timeout;

async fn tapcue(state: &Path, args: &[&str]) -> (Option<i32>, String) {
    let ran = Command::new(binary("tapcue"))
        .args(args)
        .current_dir(state)
        .env("TAPCUE_STATE_DIR", state)
        .env_remove("TAPCUE_RELAY")
        .env_remove("TAPCUE_CA")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ran = timeout(PATIENCE, ran).await.expect("an end");
    let ran = ran.expect("the client's binary");
    let said = [ran.stdout, ran.stderr].concat();
    (
        ran.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn it_joins_by_https_and_reads_the_session_later() {
    let relay = Relay::start_with(&["--tls", "local-ca"], &[]).await;
    let ca = relay.data().join("local-ca/ca.pem");
    let ca = ca.to_str().expect("a path");
    let url = format!("https://{}", relay.addr());
    let mut receiver = Peer::create(&relay.ws(), "receiver", waived()).await;
    let code = receiver.welcome_text("code");
    let mut helper = Client::join_with(&url, &code, &["--ca", ca]);
    receiver
        .until("the helper", |state| state["peers"]["helper"] == "here")
        .await;
    let _ = helper.say("end").await;
    assert_eq!(helper.gone().await, Some(0));
    // It knows the relay and its authority from the session.
    let (exit, said) = tapcue(helper.state(), &["sessions", "--check", "--json"]).await;
    assert_eq!(exit, Some(0), "{said}");
    assert!(
        said.contains(r#""state":"kept""#) && said.contains(&url),
        "{said}"
    );
    let (exit, said) = tapcue(helper.state(), &["show"]).await;
    assert_eq!(exit, Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_at_once_whom_it_does_not_believe_and_what_to_do() {
    let relay = Relay::start_with(&["--tls", "local-ca"], &[]).await;
    let dir = folder();
    let other = Files::write(dir.path(), &["127.0.0.1"], 90);
    let other = other.certificate.to_str().expect("a path");
    let own = relay.data().join("local-ca/ca.pem");
    let own = own.to_str().expect("a path");
    let url = format!("https://{}", relay.addr());
    let join = ["join", "K7M-2QX4R", "--relay", &url];
    let (exit, said) = tapcue(dir.path(), &join).await;
    assert_eq!(exit, Some(1), "{said}");
    let where_from = format!("http://{}/trust/tapcue-ca.crt", relay.addr());
    assert!(
        said.contains(&where_from) && said.contains("--ca FILE"),
        "{said}"
    );
    let (exit, said) = tapcue(dir.path(), &[&join[..], &["--ca", other]].concat()).await;
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("does not match"), "{said}");
    let (exit, said) = tapcue(dir.path(), &[&join[..], &["--ca", "none.pem"]].concat()).await;
    assert_eq!(exit, Some(1), "{said}");
    assert!(
        said.contains("can’t read the CA in none.pem (--ca)"),
        "{said}"
    );
    // With the right authority the relay itself answers.
    let (exit, said) = tapcue(dir.path(), &[&join[..], &["--ca", own]].concat()).await;
    assert_eq!(exit, Some(3), "{said}");

    let plain = Relay::start().await;
    let url = format!("https://{}", plain.addr());
    let (exit, said) = tapcue(dir.path(), &["join", "K7M-2QX4R", "--relay", &url]).await;
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("http://"), "{said}");

    let files = Files::write(dir.path(), &["127.0.0.1"], 90);
    let secure = Relay::start_with(&files.flags(), &[]).await;
    let url = format!("http://{}", secure.addr());
    let (exit, said) = tapcue(dir.path(), &["join", "K7M-2QX4R", "--relay", &url]).await;
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("https"), "{said}");
}
