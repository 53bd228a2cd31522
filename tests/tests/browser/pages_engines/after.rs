//! The flows after a session has ended.

use serde_json::Value;
use tapcue_tests::pages::TwoPages;
use tapcue_tests::pages::past::{delete, export_all, look_back, until_drawn, until_says};

use super::looks::Looks;
use super::report::measured;

/// The helper ends the session; both pages show the figures.
pub(crate) async fn ended(pages: &TwoPages, looks: &Looks) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    helper.tap("[data-action=end]").await;
    looks.look(helper, "end-asked").await;
    helper.tap_to("[data-action=end-confirm]", "end").await;
    for page in [receiver, helper] {
        page.until_screen("end").await;
        until_says(page, ".figures", "Stops").await;
    }
    looks.look(receiver, "end").await;
}

/// The timeline, the figures and the entries of the review.
pub(crate) async fn reviewed(pages: &TwoPages, looks: &Looks) {
    let helper = &pages.helper;
    look_back(helper).await;
    until_drawn(helper, ".moment.stop").await;
    until_says(helper, ".cue-counts", "Receiver: Slower").await;
    looks.look(helper, "review").await;
    let choose = "document.querySelector('.moment.stop').focus();";
    let _ = helper.run(choose, vec![]).await;
    until_says(helper, ".told", "Receiver: Stop").await;
    helper.tap("[data-action=show-entry]").await;
    until_says(helper, ".entry.target", "confirmed after").await;
    looks.look(helper, "review-entry").await;
}

/// Each of the four files is offered for download, and its content fits its name.
pub(crate) async fn exported(pages: &TwoPages) {
    let files = export_all(&pages.helper).await;
    let file = |ending: &str| files[ending].as_str().unwrap_or_default();
    assert!(file("html").starts_with("<!DOCTYPE html>"), "{files}");
    assert!(file("csv").starts_with('\u{feff}'), "{files}");
    assert!(file("txt").contains("Slower"), "{files}");
    let transcript: Value = serde_json::from_str(file("json")).expect("JSON");
    assert_eq!(transcript["format"], "tapcue.transcript", "{transcript}");
}

/// The check finds the record complete and sealed by this relay. A browser without Ed25519 must say that it
/// could not check the signature.
pub(crate) async fn verified(pages: &TwoPages) {
    let helper = &pages.helper;
    helper.tap("[data-action=check]").await;
    let standing = async || helper.attribute(".found", "data-standing").await;
    helper
        .until("a verdict", async || standing().await.is_some())
        .await;
    // The first public key of RFC 8032, 7.1. The page imports keys and generates none. Once, generateKey failed in
    // WebKit while the page could verify.
    let knows = "
        const text = atob('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
        const key = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
        const imported = crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
        return imported.then(() => true, () => false);
    ";
    let knows = helper.run(knows, vec![]).await == true;
    let expected = if knows { "sealed" } else { "unsigned" };
    assert_eq!(standing().await.as_deref(), Some(expected));
    if knows {
        until_says(helper, ".found", "by this server’s own key").await;
    }
    measured("verdict of the check", expected);
}

/// One deletes the session, and the other is told who did. Neither page keeps a token, and both return to the
/// start.
pub(crate) async fn deleted(pages: &TwoPages) {
    let TwoPages {
        receiver, helper, ..
    } = pages;
    delete(helper).await;
    until_says(receiver, ".gone-line", "The helper deleted this session").await;
    helper.tap_to("[data-action=to-start]", "start").await;
    receiver.tap_to("[data-action=again]", "start").await;
    for page in [receiver, helper] {
        let kept = "return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);";
        let kept = page.run(kept, vec![]).await.to_string();
        assert!(!kept.contains("token"), "{}: {kept}", page.name());
    }
}
