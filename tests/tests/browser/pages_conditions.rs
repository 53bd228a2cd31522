//! Pages in faulty browsers, tabs and networks, and with unusual typed, pasted and pressed input.

mod heard;
mod invitations;
mod keys;
mod picture;
mod said;
mod senses;
mod typed;

use serde_json::{Value, json};
use tapcue_tests::browser::Page;

/// Runs a script before each of the page's documents from now on; returns the handle that removes it.
async fn before_each_document(page: &Page, script: &str) -> Value {
    let source = json!({"source": script});
    page.devtools("Page.addScriptToEvaluateOnNewDocument", source)
        .await
}

/// Removes a script that [`before_each_document`] added.
async fn no_longer(page: &Page, added: Value) {
    page.devtools("Page.removeScriptToEvaluateOnNewDocument", added)
        .await;
}

/// Inserts a text at the cursor in one step, as pasting does.
async fn paste(page: &Page, css: &str, text: &str) {
    page.tap(css).await;
    page.devtools("Input.insertText", json!({"text": text}))
        .await;
}

/// Waits until a visible element that matches contains these words.
async fn until_said(page: &Page, css: &str, words: &str) {
    page.until(words, async || {
        page.text(css)
            .await
            .is_some_and(|text| text.contains(words))
    })
    .await;
}
