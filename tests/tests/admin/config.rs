//! The relay's settings: flags come before its environment, and the environment before a file. Its messages
//! about them.

use std::process::Output;

use tapcue_tests::folder::folder;
use tapcue_tests::relay::binary;
use tapcue_tests::tls::Files;
use tapcue_tests::wait::PATIENCE;
use tokio::process::Command;
use tokio::time::timeout;

/// Runs `tapcue-server` with an empty environment except `HOME` and `envs`.
async fn told(args: &[&str], envs: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary("tapcue-server"));
    command.args(args).env_clear().env("HOME", "/home/nobody");
    command.envs(envs.iter().copied()).kill_on_drop(true);
    timeout(PATIENCE, command.output())
        .await
        .expect("a command that ends by itself")
        .expect("the relay's binary")
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The lines of a printed configuration, with runs of spaces collapsed.
fn lines(text: &str) -> Vec<String> {
    let single = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(single).collect()
}

#[tokio::test]
async fn each_setting_is_printed_with_where_it_came_from() {
    let folder = folder();
    let file = folder.path().join("relay.toml");
    let text = "listen = \"127.0.0.1:1\"\nlog = \"warn\"\ndata = \"x\"\ntrusted-proxy = [\"10.0.0.0/8\"]\n";
    std::fs::write(&file, text).expect("a file");
    let path = file.to_str().expect("a path");
    let args = [
        "--config",
        path,
        "--listen",
        "127.0.0.1:2",
        "config",
        "print",
    ];
    let envs = [
        ("TAPCUE_LOG", "error"),
        ("TAPCUE_LISTEN", "127.0.0.1:3"),
        ("TAPCUE_METRICS", ""),
    ];
    let printed = out(&told(&args, &envs).await);
    let lines = lines(&printed);
    for wanted in [
        "listen = \"127.0.0.1:2\" # flag --listen",
        "log = \"error\" # environment TAPCUE_LOG",
        &format!("data = \"x\" # file {path}"),
        &format!("trusted-proxy = [\"10.0.0.0/8\"] # file {path}"),
        "link-timeout = 2.0 # default",
        "tls-only = false # default",
        "# metrics is not set",
    ] {
        assert!(
            lines.iter().any(|line| line == wanted),
            "{wanted}: {printed}"
        );
    }
    // The printed configuration is a valid file with the same values.
    std::fs::write(&file, &printed).expect("a file");
    let again = out(&told(&["--config", path, "config", "print"], &[]).await);
    let values = |text: &str| -> Vec<String> {
        let value = |line: &str| {
            line.split(" # ")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        text.lines().map(value).collect()
    };
    assert_eq!(values(&again), values(&printed));
}

#[tokio::test]
async fn an_error_names_the_setting_its_value_its_origin_and_what_is_allowed() {
    let folder = folder();
    let file = folder.path().join("relay.toml");
    let path = file.to_str().expect("a path");
    for (line, envs, said) in [
        (
            "link-timeout = 6",
            &[][..],
            &["link-timeout = 6", "file ", "1 to 5 seconds"][..],
        ),
        (
            "",
            &[("TAPCUE_LINK_TIMEOUT", "0.5")],
            &[
                "link-timeout = 0.5",
                "environment TAPCUE_LINK_TIMEOUT",
                "1 to 5",
            ],
        ),
        (
            "cues-per-second = 0",
            &[],
            &["cues-per-second = 0", "file ", "1 or more"],
        ),
        (
            "listen = \"here\"",
            &[],
            &["line 1", "\"here\"", "ADDRESS:PORT"],
        ),
        ("listen = 8080", &[], &["line 1", "8080", "ADDRESS:PORT"]),
        (
            "lisen = \"127.0.0.1:1\"",
            &[],
            &["lisen", "expected one of", "listen"],
        ),
        ("tls = \"yes\"", &[], &["\"yes\"", "off", "local-ca"]),
        (
            "log = \"a=b=c\"",
            &[],
            &["log = a=b=c", "a level such as info"],
        ),
        (
            "public-url = \"cue.example.org\"",
            &[],
            &["public-url = cue.example.org", "https://cue.example.org"],
        ),
        (
            "trusted-proxy = [\"home\"]",
            &[],
            &["trusted-proxy = home", "10.0.0.0/8"],
        ),
        (
            "",
            &[("TAPCUE_LISTEN", "here")],
            &["'here'", "--listen", "ADDRESS:PORT"],
        ),
        (
            "",
            &[("TAPCUE_TLS", "yes")],
            &["'yes'", "--tls", "local-ca"],
        ),
        (
            "tls-cert = \"cert.pem\"",
            &[],
            &["--tls-cert and --tls-key go together"],
        ),
    ] {
        std::fs::write(&file, format!("{line}\n")).expect("a file");
        for command in ["check", "print"] {
            let output = told(&["--config", path, "config", command], envs).await;
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success(), "{line} {envs:?}");
            for part in said {
                assert!(error.contains(part), "{part:?} of {line} {envs:?}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_check_looks_at_the_certificate_and_makes_nothing() {
    let folder = folder();
    let data = folder.path().join("data");
    let data = data.to_str().expect("a path");
    let files = Files::write(folder.path(), &["localhost"], 30);
    let check = ["--data", data, "config", "check"];
    let args = [&files.flags()[..], &check].concat();
    assert_eq!(
        out(&told(&args, &[]).await),
        "The configuration is right.\n"
    );
    std::fs::remove_file(&files.key).expect("a key");
    let error = told(&args, &[]).await;
    let said = String::from_utf8_lossy(&error.stderr).into_owned();
    assert!(
        !error.status.success() && said.contains("cannot read the key"),
        "{said}"
    );
    let args = [&["--tls", "local-ca"][..], &check].concat();
    assert_eq!(
        out(&told(&args, &[]).await),
        "The configuration is right.\n"
    );
    assert!(!std::path::Path::new(data).exists());
}
