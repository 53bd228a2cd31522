//! Pages in browsers, tabs and networks that are not as they should be, and with what people type,
//! paste and press.

mod heard;
mod invitations;
mod keys;
mod picture;
mod said;
mod senses;
mod typed;

use serde_json::{Value, json};
use tapcue_tests::browser::Page;

/// Runs a script before each of the page's documents from now on; what takes it back.
async fn before_each_document(page: &Page, script: &str) -> Value {
    let source = json!({"source": script});
    page.devtools("Page.addScriptToEvaluateOnNewDocument", source)
        .await
}

/// Takes back what [`before_each_document`] added.
async fn no_longer(page: &Page, added: Value) {
    page.devtools("Page.removeScriptToEvaluateOnNewDocument", added)
        .await;
}

/// Puts a text where the cursor is, in one go, as pasting does.
async fn paste(page: &Page, css: &str, text: &str) {
    page.tap(css).await;
    page.devtools("Input.insertText", json!({"text": text}))
        .await;
}

/// Waits until a visible element that matches says this.
async fn until_said(page: &Page, css: &str, words: &str) {
    page.until(words, async || {
        page.text(css)
            .await
            .is_some_and(|text| text.contains(words))
    })
    .await;
}
