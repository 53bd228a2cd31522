//! What people do on a page after its session has ended.

use serde_json::Value;

use crate::browser::Page;

/// The button that opens the review.
pub const REVIEW: &str = "[data-action=review]";

/// Waits until an element is visible that has a class but no text of its own.
pub async fn until_drawn(page: &Page, css: &str) {
    page.until(css, async || page.attribute(css, "class").await.is_some())
        .await;
}

/// Waits until the element that matches contains these words.
pub async fn until_says(page: &Page, css: &str, words: &str) {
    page.until(&format!("{words:?} in {css}"), async || {
        let text = page.text(css).await;
        text.is_some_and(|text| text.contains(words))
    })
    .await;
}

/// Opens the review of the session that just ended.
pub async fn look_back(page: &Page) {
    page.tap_until(REVIEW, "the review", async || {
        page.sees(".review-page").await
    })
    .await;
}

/// Deletes the session from its review. Content that is filled in above may move the question, and a
/// button that moved takes no press for 450 ms.
pub async fn delete(page: &Page) {
    page.tap("[data-action=delete]").await;
    let confirm = "[data-action=delete-confirm]";
    page.tap_until(confirm, "the answer", async || !page.sees(confirm).await)
        .await;
    until_says(page, ".review-gone", "Deleted for both").await;
}

/// Takes all exports. Returns the content that each file would have been saved with, by its extension.
pub async fn export_all(page: &Page) -> Value {
    let catch = "
        window.saved = {};
        const make = URL.createObjectURL;
        URL.createObjectURL = (file) => (window.latest = file, make.call(URL, file));
        HTMLAnchorElement.prototype.click = function () { window.saved[this.download.split('.')[1]] = window.latest; };
    ";
    let _ = page.run(catch, vec![]).await;
    for (format, ending) in [
        ("html", "html"),
        ("csv", "csv"),
        ("json", "json"),
        ("text", "txt"),
    ] {
        page.tap(&format!("[data-export={format}]")).await;
        until_says(page, ".keep [role=status]", &format!(".{ending}")).await;
    }
    let read = "
        const read = async ([ending, file]) => [ending, new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer())];
        return Promise.all(Object.entries(window.saved).map(read)).then(Object.fromEntries);
    ";
    page.run(read, vec![]).await
}
