//! Codes and names as people write and paste them.

use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::fault;
use tapcue_tests::pair::waived;
use tapcue_tests::peer::Peer;
use tapcue_tests::relay::Relay;

use super::{before_each_document, no_longer, paste, until_said};

const CODE: &str = "#code-input";

async fn at_the_code(page: &Page, url: &str) {
    page.run("sessionStorage.clear();", vec![]).await;
    page.go_to("about:blank").await;
    page.go_to(url).await;
    page.tap("[data-action=join]").await;
    page.until_screen("join").await;
}

/// A way in which people write a code.
type Way<'a> = &'a dyn Fn(&str) -> String;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_read_as_it_is_pasted() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let page = browser.open("guest", &url).await;
    let arabic = |code: &str| {
        let digit = |c: char| c.to_digit(10).and_then(|n| char::from_u32(0x660 + n));
        code.chars()
            .map(|c| digit(c).unwrap_or(c))
            .collect::<String>()
    };
    let wide = |code: &str| {
        let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c);
        code.chars().map(wide).collect::<String>()
    };
    let ways: [(&str, Way); 6] = [
        ("a label", &|code| format!("Code: {code}")),
        ("a sentence", &|code| {
            format!("Hi, the phone says {code}. Join me!")
        }),
        ("another dash", &|code| code.replace('-', " – ")),
        ("digits of Arabic", &arabic),
        ("full width", &wide),
        ("marks that nobody sees", &|code| {
            format!("\u{200f}{code}\u{200e}\u{feff}")
        }),
    ];
    for (what, write) in ways {
        let mut host = Peer::create(&relay.ws(), "receiver", waived()).await;
        at_the_code(&page, &url).await;
        paste(&page, CODE, &write(&host.welcome_text("code"))).await;
        // A name with marks that reverse its direction.
        page.run("document.querySelector('[name=name]').value = '';", vec![])
            .await;
        paste(&page, "[name=name]", "\u{202e}Anna\u{202c}\u{200f}").await;
        page.tap("[data-action=join]").await;
        page.until_screen("held").await;
        host.until(what, |state| state["names"]["helper"] == "Anna")
            .await;
    }

    at_the_code(&page, &url).await;
    paste(&page, CODE, "3CU-8V22Q").await;
    until_said(&page, "#code-hint", "“U” is in no code").await;
    page.tap("[data-action=join]").await;
    assert_eq!(page.screen().await, "join");

    let host = Peer::create(&relay.ws(), "receiver", waived()).await;
    let link = format!("Join me: {url}#join={} (soon)", host.link_secret());
    at_the_code(&page, &url).await;
    paste(&page, CODE, &link).await;
    page.until("the invitation", async || {
        page.sees("[data-invited=true]").await
    })
    .await;
    page.tap("[data-action=join]").await;
    page.until_screen("held").await;
    page.close().await;
    fault::came(
        "pages_conditions::typed::a_code_is_read_as_it_is_pasted",
        "6 ways of writing it and a link in its field lead in; a wrong letter is named",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_that_is_refused_leads_back_to_its_form() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = format!("http://{}/", relay.addr());
    let page = browser.open("guest", "about:blank").await;
    // The page cleans what it sends, so this script spoils the name after that.
    let spoil = "
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (text) {
            const message = JSON.parse(text);
            if ('role' in message || 'code' in message) message.name = '\\u0007'.repeat(60);
            return send.call(this, JSON.stringify(message));
        };
    ";
    let spoilt = before_each_document(&page, spoil).await;
    page.go_to(&url).await;
    page.tap("[data-action=create-receiver]").await;
    page.until("a refusal", async || {
        page.sees(".trouble[data-kind=error]").await
    })
    .await;
    assert_eq!(page.screen().await, "start");
    assert!(
        !page.sees("[data-action=cancel]").await,
        "it tries no longer"
    );
    no_longer(&page, spoilt).await;
    page.reload().await;
    page.tap("[data-action=create-receiver]").await;
    page.until_screen("pair").await;
    page.close().await;
}
