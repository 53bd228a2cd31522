//! Devices find a relay on the same network without its address.

use mdns_sd::{HostnameResolutionEvent, ScopedIp, ServiceDaemon};
use serde_json::Value;
use tapcue_rules::discovery::HOST;
use tapcue_tests::client::Client;
use tapcue_tests::lan::two_stations;
use tapcue_tests::relay::Relay;
use tapcue_tests::wait::{PATIENCE, within};
use tokio::time::{Duration, Instant};

fn code(line: &Value) -> Option<&str> {
    line["code"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_terminals_meet_without_an_address() {
    let began = Instant::now();
    let [one, other] = two_stations();
    let relay = Relay::start_on(&one, &[]).await;
    let host = Client::start_on(&other, &["host", "--as", "receiver"]);
    let opened = host
        .until(began, "the code", |line| code(line).is_some())
        .await;
    let code = code(&opened.body).expect("the code");
    let joined = Client::start_on(&other, &["join", code]);
    let both = |line: &Value| line["phase"] == "held";
    joined.until(began, "both here", both).await;
    drop(relay);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_leads_to_the_relay() {
    let [one, other] = two_stations();
    let relay = Relay::start_on(&one, &[]).await;
    let addresses = other.within(|| {
        let daemon = ServiceDaemon::new().expect("multicast");
        let patience = u64::try_from(PATIENCE.as_millis()).expect("some seconds");
        let answers = daemon.resolve_hostname(HOST, Some(patience));
        let answers = answers.expect("a question").into_iter();
        let mut named = answers.filter_map(|answer| {
            let HostnameResolutionEvent::AddressesFound(_, addresses) = answer else {
                return None;
            };
            addresses.iter().any(ScopedIp::is_ipv4).then_some(addresses)
        });
        named.next().expect("an address")
    });
    let addresses = addresses.iter().map(|ip| ip.to_ip_addr().to_string());
    assert!(addresses.into_iter().any(|ip| ip == one.ip));
    drop(relay);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_relays_a_person_names_one() {
    let [one, other] = two_stations();
    let relays = [
        Relay::start_on(&one, &[]).await,
        Relay::start_on(&other, &[]).await,
    ];
    // A relay that has just started first checks that its name is free. A search takes 5 s.
    within(
        Duration::from_secs(60),
        "the choice left to a person",
        async || {
            let mut client = Client::start_on(&other, &["join", "K7M-2QX4R"]);
            (client.gone().await == Some(2)).then_some(())
        },
    )
    .await;
    drop(relays);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_announced_is_not_found() {
    let [one, other] = two_stations();
    let relay = Relay::start_on(&one, &["--discovery", "off"]).await;
    let mut client = Client::start_on(&other, &["join", "K7M-2QX4R"]);
    // No relay is announced on this machine either.
    assert_eq!(client.gone().await, Some(1));
    drop(relay);
}
