//! What people and their programs do to an invitation.

use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::fault;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;

use super::{before_each_document, until_said};

const INVITED: &str = "[data-invited=true]";

async fn until_invited(page: &Page) {
    page.until("the invitation", async || page.sees(INVITED).await)
        .await;
}

async fn address(page: &Page) -> String {
    let address = page.run("return location.href;", vec![]).await;
    address.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_survives_a_reload_and_is_in_no_address() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let mut host = Peer::create(&relay.ws(), "receiver", waived()).await;
    let secret = host.link_secret();
    let page = browser.open("guest", &format!("{url}#join={secret}")).await;
    for _ in 0..2 {
        until_invited(&page).await;
        assert_eq!(address(&page).await, url);
        page.reload().await;
    }
    until_invited(&page).await;
    page.tap("[data-action=join]").await;
    host.until("the guest", |state| state["peers"]["helper"] == "here")
        .await;
    page.until_screen("held").await;
    let kept = page
        .run(
            "return sessionStorage.getItem('tapcue.invitation');",
            vec![],
        )
        .await;
    assert_eq!(kept, Value::Null, "it is used");

    // The session ends, and the same tab opens another invitation.
    host.send(json!({"type": "end"}));
    page.until_screen("end").await;
    let other = Peer::create(&relay.ws(), "receiver", waived()).await;
    let secret = other.link_secret();
    page.go_to(&format!("{url}#join={secret}")).await;
    until_invited(&page).await;
    assert_eq!(address(&page).await, url);
    page.tap("[data-action=join]").await;
    page.until_screen("held").await;

    // An invitation opened during a session changes nothing and does not stay in the address.
    page.go_to(&format!("{url}#join={secret}")).await;
    until_said(&page, "#toast", "You are in a session").await;
    assert_eq!(page.screen().await, "held");
    assert_eq!(address(&page).await, url);

    // A second tab says that another tab is in a session.
    page.go_to_second_tab(&format!("{url}#join={secret}")).await;
    until_invited(&page).await;
    until_said(&page, ".join", "Another tab here is in a session").await;
    page.tap("[data-action=join]").await;
    until_said(&page, ".join", "This invitation was used or has expired").await;
    assert!(!page.sees(INVITED).await, "it is no use any more");
    page.close().await;
    fault::came(
        "pages_conditions::invitations::it_survives_a_reload_and_is_in_no_address",
        "kept over two reloads, in no address, used once; read again after the end",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_read_as_chat_programs_change_it() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let page = browser.open("guest", &url).await;
    let host = Peer::create(&relay.ws(), "receiver", waived()).await;
    let secret = host.link_secret();
    for changed in [
        format!("#JOIN={secret}"),
        format!("#join={secret}."),
        format!("#join=%3C{secret}%3E"),
        format!("#join%3D{secret}%E2%80%8B"),
        format!("#join={secret}&utm_source=chat"),
    ] {
        page.go_to("about:blank").await;
        page.go_to(&format!("{url}{changed}")).await;
        until_invited(&page).await;
        assert_eq!(address(&page).await, url, "{changed}");
        page.tap("[data-action=back]").await;
        page.until_screen("start").await;
    }
    for broken in ["#join=S.", "#join=", "#join=%"] {
        page.go_to("about:blank").await;
        page.go_to(&format!("{url}{broken}")).await;
        page.until_screen("join").await;
        until_said(&page, ".join", "This invitation is incomplete").await;
        assert!(page.sees("#code-input").await, "the code can be typed");
        assert_eq!(address(&page).await, url, "{broken}");
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_kept_it_stays_in_the_address() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let host = Peer::create(&relay.ws(), "receiver", waived()).await;
    let page = browser.open("guest", "about:blank").await;
    let script =
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };";
    before_each_document(&page, script).await;
    let link = format!("http://{}/#join={}", relay.addr(), host.link_secret());
    page.go_to(&link).await;
    until_invited(&page).await;
    page.reload().await;
    until_invited(&page).await;
    page.tap("[data-action=join]").await;
    page.until_screen("held").await;
    assert!(!address(&page).await.contains('#'), "it is used");
    page.close().await;
}
