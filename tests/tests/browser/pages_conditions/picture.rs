//! A camera can read the QR code from the screen in any colours of the page, the browser or the paper.

use rqrr::PreparedImage;
use serde_json::{Value, json};
use tapcue_tests::browser::{Browser, Page};
use tapcue_tests::fault;
use tapcue_tests::relay::Relay;

/// The page's pixels in 16 shades of grey, one digit each.
const GREYS: &str = "
    const image = new Image();
    image.src = `data:image/png;base64,${arguments[0]}`;
    return image.decode().then(() => {
        const { width, height } = image;
        const canvas = Object.assign(document.createElement('canvas'), { width, height });
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, width, height);
        let greys = '';
        for (let at = 0; at < data.length; at += 4) {
            const light = 0.3 * data[at] + 0.6 * data[at + 1] + 0.1 * data[at + 2];
            greys += Math.min(15, Math.floor(light / 16)).toString(16);
        }
        return { width, height, greys };
    });
";

/// Media types and features that change a page's colours.
fn conditions() -> [(&'static str, Value); 6] {
    let feature = |name: &str, value: &str| json!({"name": name, "value": value});
    let features = |features: &[Value]| json!({"media": "", "features": features});
    let forced = feature("forced-colors", "active");
    let dark = feature("prefers-color-scheme", "dark");
    let light = feature("prefers-color-scheme", "light");
    [
        ("light", features(std::slice::from_ref(&light))),
        ("dark", features(std::slice::from_ref(&dark))),
        ("forced colours, dark", features(&[forced.clone(), dark])),
        ("forced colours, light", features(&[forced, light])),
        (
            "more contrast",
            features(&[feature("prefers-contrast", "more")]),
        ),
        ("paper", json!({"media": "print", "features": []})),
    ]
}

/// The text of the QR code on the page's screen, if it can be read.
async fn read(page: &Page, reader: &Page) -> Option<String> {
    let shot = page
        .devtools("Page.captureScreenshot", json!({"format": "png"}))
        .await;
    let pixels = reader.run(GREYS, vec![shot["data"].clone()]).await;
    let size = |name: &str| usize::try_from(pixels[name].as_u64().expect("a size")).expect("small");
    let greys = pixels["greys"].as_str().expect("greys").as_bytes();
    let (width, height) = (size("width"), size("height"));
    let grey = |x: usize, y: usize| {
        let digit = char::from(greys[y * width + x]).to_digit(16);
        u8::try_from(digit.expect("a digit") * 17).expect("a byte")
    };
    let mut image = PreparedImage::prepare_from_greyscale(width, height, grey);
    let grids = image.detect_grids();
    grids
        .first()
        .and_then(|grid| grid.decode().ok())
        .map(|(_, text)| text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_of_the_link_is_read_in_any_colours() {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let reader = browser.open("reader", "about:blank").await;
    for role in ["receiver", "helper"] {
        let page = browser
            .open(role, &format!("http://{}/", relay.addr()))
            .await;
        page.tap(&format!("[data-action=create-{role}]")).await;
        page.until_screen("pair").await;
        let link = page.shared_link().await;
        for (what, media) in conditions() {
            page.devtools("Emulation.setEmulatedMedia", media).await;
            page.picture(&format!("qr-{role}-{what}")).await;
            let said = read(&page, &reader).await;
            assert_eq!(said.as_deref(), Some(link.as_str()), "{role}: {what}");
        }
        page.close().await;
    }
    fault::came(
        "pages_conditions::picture::the_picture_of_the_link_is_read_in_any_colours",
        "read from the screen in 6 ways on both people's pages",
    );
}
